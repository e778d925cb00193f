//! Errors as the user sees them: what, where, what to do.

use std::error::Error as StdError;
use std::io::ErrorKind;
use std::process::ExitCode;

use serde::Serialize;
use sluss_connectors::error::{Actor as ConnectorActor, ConnectorError};
use sluss_pipeline::error::{Actor, PipelineError};
use sluss_schemas::message::Message;
use sluss_schemas::say;

use crate::cli::{Cli, Format, Lang};
use crate::output::wrapped;

/// Characters in a line.
const LINE: usize = 94;

/// Shows an error on standard error (or as JSON) and gives the exit code that fits it.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is where errors reach the user")]
pub(crate) fn show(error: &anyhow::Error, cli: &Cli) -> ExitCode {
    let failure = Failure::of(error, cli);
    if cli.format == Format::Json {
        println!("{}", serde_json::json!({ "error": failure }));
    } else {
        for line in failure.lines(cli.lang) {
            eprintln!("{line}");
        }
    }
    failure.exit()
}

/// One thing that is wrong, in the language of the one who reads it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Failure {
    pub(crate) what: String,
    pub(crate) because: Vec<String>,
    pub(crate) place: Option<String>,
    pub(crate) hint: Option<String>,
    pub(crate) actor: &'static str,
    pub(crate) retry: bool,
}

impl Failure {
    /// What an error says to the user.
    pub(crate) fn of(error: &anyhow::Error, cli: &Cli) -> Self {
        for cause in error.chain() {
            if let Some(e) = cause.downcast_ref::<PipelineError>() {
                return Self::pipeline(e, cli);
            }
            if let Some(e) = cause.downcast_ref::<ConnectorError>() {
                let actor = match e.actor {
                    ConnectorActor::Configuration => "configuration",
                    ConnectorActor::Source => "source",
                    ConnectorActor::Operator => "operator",
                    ConnectorActor::Us => "us",
                };
                return Self::new((&e.what, e.place.as_ref(), e.hint.as_ref()), actor, e.retry, e.source(), cli);
            }
        }
        let first = error.chain().next();
        let what = first.map_or_else(|| error.to_string().into(), said_by);
        let cause = first.and_then(StdError::source);
        Self::new((&what, None, None), "operator", false, cause, cli)
    }

    /// What an error of the pipeline says to the user.
    pub(crate) fn pipeline(e: &PipelineError, cli: &Cli) -> Self {
        let actor = match e.actor {
            Actor::Configuration => "configuration",
            Actor::Source => "source",
            Actor::Operator => "operator",
            Actor::Us => "us",
        };
        Self::new((&e.what, e.place.as_ref(), e.hint.as_ref()), actor, e.retry, e.source(), cli)
    }

    fn new(
        (what, place, hint): (&Message, Option<&Message>, Option<&Message>),
        actor: &'static str,
        retry: bool,
        cause: Option<&(dyn StdError + 'static)>,
        cli: &Cli,
    ) -> Self {
        let told = |message: &Message| message.told(cli.language()).to_owned();
        let what = told(what);
        let mut because: Vec<String> = Vec::new();
        let mut next = cause;
        while let Some(cause) = next {
            next = cause.source();
            let text = told(&said_by(cause));
            let first = text.lines().next().unwrap_or_default().trim();
            if !first.is_empty() && !what.contains(first) && !because.iter().any(|b| b.contains(first)) {
                because.push(first.to_owned());
            }
        }
        let own = match actor {
            "us" => Some(say!(
                "rapportera felet till Sluss förvaltning, med kommandot och det som står här",
                "report this to the maintainers of Sluss, with the command and what stands here"
            )),
            _ => None,
        };
        Self {
            place: place.map(|place| within(&told(place), cli)),
            hint: hint.or(own.as_ref()).map(told),
            what,
            because,
            actor,
            retry,
        }
    }

    /// The lines on a screen.
    pub(crate) fn lines(&self, lang: Lang) -> Vec<String> {
        let (what, place, hint) = match lang {
            Lang::Sv => ("fel", "var", "gör så här"),
            Lang::En => ("error", "where", "do this"),
        };
        let mut lines = vec![format!("{what}: {}", self.what)];
        lines.extend(self.because.iter().map(|cause| format!("  - {cause}")));
        lines.extend(self.place.iter().map(|text| format!("{place}: {text}")));
        lines.extend(self.hint.iter().map(|text| format!("{hint}: {text}")));
        lines.iter().flat_map(|line| wrapped(line, LINE, 4).lines().map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    fn exit(&self) -> ExitCode {
        ExitCode::from(if self.actor == "configuration" { 2 } else { 1 })
    }
}

/// A place within the project, without the way to the project.
fn within(place: &str, cli: &Cli) -> String {
    let root = std::path::absolute(&cli.project).unwrap_or_else(|_| cli.project.clone());
    let start = format!("{}/", root.components().collect::<std::path::PathBuf>().display());
    place.strip_prefix(&start).unwrap_or(place).to_owned()
}

/// What a cause says. What operating systems say is known by its kind; other programs speak for themselves.
fn said_by(cause: &(dyn StdError + 'static)) -> Message {
    if let Some(e) = cause.downcast_ref::<PipelineError>() {
        return e.what.clone();
    }
    if let Some(e) = cause.downcast_ref::<ConnectorError>() {
        return e.what.clone();
    }
    if let Some(e) = cause.downcast_ref::<sluss_pipeline::register::RegisterError>() {
        return e.message();
    }
    if let Some(e) = cause.downcast_ref::<sluss_pipeline::keys::Error>() {
        return e.message();
    }
    let text = cause.to_string();
    let kind = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    let sv = match kind {
        Some(ErrorKind::NotFound) => "finns inte",
        Some(ErrorKind::AlreadyExists) => "något annat finns redan där",
        Some(ErrorKind::PermissionDenied) => "åtkomst nekas",
        Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => "disken är full",
        Some(ErrorKind::ReadOnlyFilesystem) => "disken går bara att läsa",
        Some(ErrorKind::IsADirectory) => "det är en mapp",
        Some(ErrorKind::NotADirectory) => "en del av sökvägen är ingen mapp",
        Some(ErrorKind::InvalidData) => "innehållet är inte UTF-8",
        Some(ErrorKind::UnexpectedEof) => "den slutar för tidigt",
        Some(ErrorKind::ConnectionRefused) => "anslutningen nekades",
        Some(ErrorKind::TimedOut) => "svaret dröjde för länge",
        _ => return text.into(),
    };
    Message::new(sv, text)
}
