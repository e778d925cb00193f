//! Errors as the user sees them: what, where, what to do.

use std::error::Error as StdError;
use std::io::ErrorKind;
use std::process::ExitCode;

use serde::Serialize;
use sluss_connectors::error::{Actor as ConnectorActor, ConnectorError};
use sluss_pipeline::error::{Actor, PipelineError};
use sluss_pipeline::register::{Actor as RegisterActor, RegisterError};
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
            if let Some(e) = cause.downcast_ref::<RegisterError>() {
                return Self::register(e, cli);
            }
            if let Some(e) = cause.downcast_ref::<sluss_pipeline::keys::Error>() {
                let (what, hint) = (e.message(), e.hint());
                return Self::new((&what, None, hint.as_ref()), "operator", e.retryable(), e.source(), cli);
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

    /// What an error of the register says to the user, where a command passes it on as it is.
    fn register(e: &RegisterError, cli: &Cli) -> Self {
        let actor = match e.actor() {
            RegisterActor::Configuration => "configuration",
            RegisterActor::Database => "operator",
            RegisterActor::Us => "us",
        };
        let (what, hint) = (e.message(), e.hint());
        Self::new((&what, None, hint.as_ref()), actor, e.retry(), e.source(), cli)
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
    if let Some(e) = cause.downcast_ref::<RegisterError>() {
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn what_the_register_says_keeps_its_hint_and_its_code_however_it_is_passed_on() {
        let cli = Cli::parse_from(["sluss", "jobs"]);
        let errors =
            || [RegisterError::NoRoles, RegisterError::UnknownSnapshot("x".into()), RegisterError::Fenced("j".into())];
        for (bare, known, code) in errors().into_iter().zip(errors()).zip([2, 2, 1]).map(|((a, b), c)| (a, b, c)) {
            let hint = known.hint().unwrap().told(cli.language()).to_owned();
            let passed_on = anyhow::Error::from(bare);
            let converted = anyhow::Error::from(PipelineError::from(known));
            for failure in [Failure::of(&passed_on, &cli), Failure::of(&passed_on.context("on the way"), &cli)] {
                assert_eq!(failure.hint.as_deref(), Some(hint.as_str()));
                assert_eq!(failure.exit(), ExitCode::from(code));
                // As an error of the pipeline's, which names the register's as its cause, says it.
                let other = Failure::of(&converted, &cli);
                assert_eq!((&failure.what, failure.actor, failure.retry), (&other.what, other.actor, other.retry));
            }
        }
    }

    #[test]
    fn what_the_keys_say_keeps_its_hint() {
        let cli = Cli::parse_from(["sluss", "jobs"]);
        let error = anyhow::Error::from(sluss_pipeline::keys::Error::Exists { path: "nyckel".into() });
        let failure = Failure::of(&error, &cli);
        assert!(failure.hint.is_some(), "{failure:?}");
        assert_eq!(failure.exit(), ExitCode::from(1));
    }
}
