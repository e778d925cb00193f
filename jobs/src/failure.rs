//! Errors as the user sees them: what, where, what to do.

use std::process::ExitCode;

use sluss_connectors::error::{Actor as ConnectorActor, ConnectorError};
use sluss_pipeline::error::{Actor, PipelineError};

use crate::cli::{Cli, Format, Lang};

/// Shows an error on standard error (or as JSON) and gives the exit code that fits it.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is where errors reach the user")]
pub(crate) fn show(error: &anyhow::Error, cli: &Cli) -> ExitCode {
    let shown = Shown::of(error);
    if cli.format == Format::Json {
        println!("{}", serde_json::json!({ "error": shown }));
        return shown.exit();
    }
    let (what, place, hint) = match cli.lang {
        Lang::Sv => ("fel", "var", "gör så här"),
        Lang::En => ("error", "where", "do this"),
    };
    eprintln!("{what}: {}", shown.what);
    for cause in &shown.because {
        eprintln!("  - {cause}");
    }
    if let Some(text) = &shown.place {
        eprintln!("{place}: {text}");
    }
    if let Some(text) = &shown.hint {
        eprintln!("{hint}: {text}");
    }
    shown.exit()
}

#[derive(serde::Serialize)]
struct Shown {
    what: String,
    because: Vec<String>,
    place: Option<String>,
    hint: Option<String>,
    actor: &'static str,
    retry: bool,
}

impl Shown {
    fn of(error: &anyhow::Error) -> Self {
        let mut because: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
        because.dedup();
        for cause in error.chain() {
            if let Some(e) = cause.downcast_ref::<PipelineError>() {
                let actor = match e.actor {
                    Actor::Configuration => "configuration",
                    Actor::Source => "source",
                    Actor::Operator => "operator",
                    Actor::Us => "us",
                };
                return Self {
                    what: e.what.clone(),
                    because,
                    place: e.place.clone(),
                    hint: e.hint.clone(),
                    actor,
                    retry: e.retry,
                };
            }
            if let Some(e) = cause.downcast_ref::<ConnectorError>() {
                let actor = match e.actor {
                    ConnectorActor::Configuration => "configuration",
                    ConnectorActor::Source => "source",
                    ConnectorActor::Us => "us",
                };
                return Self {
                    what: e.what.clone(),
                    because,
                    place: e.place.clone(),
                    hint: e.hint.clone(),
                    actor,
                    retry: e.retry,
                };
            }
        }
        Self { what: error.to_string(), because, place: None, hint: None, actor: "operator", retry: false }
    }

    fn exit(&self) -> ExitCode {
        ExitCode::from(if self.actor == "configuration" { 2 } else { 1 })
    }
}
