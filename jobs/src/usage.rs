//! What clap says of a command line that it cannot take, in the user's language.

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Shows help, the version, or what is wrong with the command line; the exit code that fits it.
#[expect(clippy::print_stderr, reason = "this is where errors reach the user")]
pub(crate) fn show(error: &clap::Error, swedish: bool) -> ExitCode {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let help = asked || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if help || !swedish {
        // Where the reader has gone away there is nobody to tell.
        let _ = error.print();
        return ExitCode::from(if asked { 0 } else { 2 });
    }
    let (what, hint) = told(error);
    eprintln!("fel: {what}");
    eprintln!("gör så här: {hint}");
    ExitCode::from(2)
}

/// What is wrong, and the next step.
fn told(error: &clap::Error) -> (String, String) {
    let text = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(list)) => list.join(", "),
        _ => String::new(),
    };
    let (arg, value) = (text(ContextKind::InvalidArg), text(ContextKind::InvalidValue));
    let what = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            format!("det finns inget kommando `{}`", text(ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => format!("`{arg}` hör inte hit"),
        ErrorKind::InvalidValue if value.is_empty() => format!("`{arg}` behöver ett värde"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("`{value}` är inget värde för {arg}"),
        ErrorKind::MissingRequiredArgument => format!("det saknas något: {arg}"),
        ErrorKind::MissingSubcommand => "det saknas ett kommando".to_owned(),
        ErrorKind::ArgumentConflict => {
            format!("`{arg}` går inte att ange tillsammans med `{}`", text(ContextKind::PriorArg))
        }
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("`{arg}` har fel antal värden")
        }
        ErrorKind::InvalidUtf8 => "kommandoraden är inte UTF-8".to_owned(),
        _ => "kommandoraden går inte att förstå".to_owned(),
    };
    let suggested = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let near = suggested.into_iter().map(text).find(|near| !near.is_empty());
    let possible = text(ContextKind::ValidValue);
    let hint = match near {
        Some(near) => format!("menade ni `{near}`? `--help` visar vad som finns"),
        None if !possible.is_empty() => format!("skriv något av: {possible}"),
        None if arg.contains("--clock") => "skriv en tidpunkt som 2026-11-22T08:00:00Z".to_owned(),
        None if matches!(error.kind(), ErrorKind::ValueValidation) && is_day(&arg) => {
            "skriv ett datum som 2026-11-22".to_owned()
        }
        None => "`sluss KOMMANDO --help` visar hur kommandot skrivs".to_owned(),
    };
    (what, hint)
}

/// Arguments that take a day.
fn is_day(arg: &str) -> bool {
    ["--on", "--as-of", "--recorded", "--valid-from"].iter().any(|day| arg.starts_with(day))
}
