//! One file for each command.

mod alerts;
mod audit;
mod backup;
mod check;
mod codes;
mod completions;
mod coverage;
mod discover;
mod docs;
mod doctor;
mod explain;
mod init;
mod jobs;
mod keys;
mod matching;
mod person;
mod preview;
mod project;
mod quarantine;
mod receipt;
mod register;
mod restore;
mod retention;
mod run;
mod runs;
mod secrecy;
mod sql;
mod status;
mod submit;
mod suggest;
mod summary;
mod sweep;
mod template;

pub(crate) use register::moment;
pub(crate) use run::through;

use std::process::ExitCode;

use sluss_pipeline::error::PipelineError;
use sluss_pipeline::ledger::{Run, RunFilter, RunState};
use sluss_schemas::message::Message;
use sluss_schemas::say;

use crate::app::App;
use crate::cli::{Cli, Command};
use crate::serve;

/// Does what the command line asks.
pub(crate) async fn dispatch(cli: &Cli) -> anyhow::Result<ExitCode> {
    match &cli.command {
        Command::Init(args) => init::init(cli, args),
        Command::Check(args) => check::check(cli, args).await,
        Command::Discover(args) => discover::discover(cli, args).await,
        Command::Preview(args) => preview::preview(cli, args).await,
        Command::Plan(args) => run::plan(cli, args).await,
        Command::Run(args) => Box::pin(run::run(cli, args)).await,
        Command::Submit(args) => Box::pin(submit::submit(cli, args)).await,
        Command::Status => status::status(cli).await,
        Command::Serve(args) => serve::serve(cli, args).await,
        Command::Jobs { command } => jobs::jobs(cli, command.as_ref()).await,
        Command::Runs(args) => runs::runs(cli, args).await,
        Command::Quarantine(command) => Box::pin(quarantine::quarantine(cli, command)).await,
        Command::Coverage(args) => coverage::coverage(cli, args).await,
        Command::Receipt(args) => receipt::receipt(cli, args).await,
        Command::Codes(command) => codes::codes(cli, command).await,
        Command::Register(command) => register::register(cli, command).await,
        Command::Secrecy(command) => secrecy::secrecy(cli, command).await,
        Command::Alerts(command) => alerts::alerts(cli, command).await,
        Command::Match(command) => matching::matching(cli, command).await,
        Command::Audit(command) => audit::audit(cli, command).await,
        Command::Sql(args) => sql::sql(cli, args).await,
        Command::Template(args) => template::template(cli, args).await,
        Command::Explain(args) => explain::explain(cli, args),
        Command::Docs(args) => docs::docs(cli, args),
        Command::Doctor(args) => doctor::doctor(cli, args).await,
        Command::Project => project::project(cli).await,
        Command::Backup { folder } => backup::backup(cli, folder).await,
        Command::Restore { folder } => restore::restore(cli, folder).await,
        Command::Sweep(args) => sweep::sweep(cli, args).await,
        Command::Retention(command) => retention::retention(cli, command).await,
        Command::Person(command) => person::person(cli, command).await,
        Command::Keys(command) => keys::keys(cli, command).await,
        Command::Completions { shell } => completions::completions(cli, *shell),
    }
}

/// The run that `text` means: its id, or a beginning or an end of it that no other run has.
pub(crate) async fn find_run(app: &App, text: &str) -> anyhow::Result<Run> {
    let register = &app.engine.register;
    if let Some(run) = register.run(text).await? {
        return Ok(run);
    }
    let mut like = register.runs(&RunFilter::default()).await?;
    like.retain(|run| text.len() >= 4 && (run.id.starts_with(text) || run.id.ends_with(text)));
    if like.len() > 1 {
        return Err(PipelineError::configuration(say!(
            "`{text}` kan betyda flera körningar",
            "`{text}` may mean several runs"
        ))
        .hint(say!("skriv mer av körningens id", "write more of the id"))
        .into());
    }
    like.pop().ok_or_else(|| {
        PipelineError::configuration(say!("det finns ingen körning `{text}`", "there is no run `{text}`"))
            .hint(say!("`sluss runs` visar alla", "`sluss runs` lists them"))
            .into()
    })
}

/// A time as people in Sweden read it.
pub(crate) fn time(time: chrono::DateTime<chrono::Utc>) -> String {
    time.with_timezone(&chrono_tz::Europe::Stockholm).format("%Y-%m-%d %H.%M").to_string()
}

/// How long something took.
pub(crate) fn took(seconds: f64) -> Message {
    match seconds {
        s if s < 10.0 => Message::new(format!("{s:.1} s").replace('.', ","), format!("{s:.1} s")),
        s if s < 120.0 => Message::from(format!("{s:.0} s")),
        s => Message::from(format!("{:.0} min", s / 60.0)),
    }
}

/// The word for a run's state.
pub(crate) fn state(cli: &Cli, state: RunState) -> &'static str {
    cli.word(match state {
        RunState::Planned => ("prövad", "judged"),
        RunState::Running => ("pågår", "running"),
        RunState::Done => ("klar", "done"),
        RunState::Held => ("HÅLLS", "HELD"),
        RunState::Failed => ("FEL", "FAILED"),
    })
}

/// What a delivery holds, in words.
pub(crate) fn mode(cli: &Cli, mode: &str) -> String {
    let words = match mode {
        "snapshot" => ("hela beståndet", "everything"),
        "incremental" => ("nytt och ändrat", "changes"),
        "append" => ("bara nytt", "additions"),
        other => return other.to_owned(),
    };
    cli.word(words).to_owned()
}

/// A run's id on a screen: its end, which is all that tells runs apart and all that a command needs.
pub(crate) fn short(id: &str) -> &str {
    const SHOWN: usize = 12;
    id.len().checked_sub(SHOWN).and_then(|from| id.get(from..)).unwrap_or(id)
}
