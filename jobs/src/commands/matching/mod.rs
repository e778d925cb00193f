//! `sluss match`: which organisation or unit is meant, what is doubtful, and people's decisions on it.

mod decide;
mod list;
mod row;
mod show;

use std::process::ExitCode;

use sluss_pipeline::error::PipelineError;
use sluss_schemas::say;

use crate::app::App;
use crate::cli::{Cli, MatchCommand, RunArgs};
use crate::derived;

/// `sluss match …`.
pub(crate) async fn matching(cli: &Cli, command: &MatchCommand) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    match command {
        MatchCommand::Run => run(cli, &app).await,
        MatchCommand::List(args) => list::list(cli, &app, args).await,
        MatchCommand::Show(row) => show::show(cli, &app, row).await,
        MatchCommand::Accept(verdict) => decide::decide(cli, &app, verdict, true).await,
        MatchCommand::Reject(verdict) => decide::decide(cli, &app, verdict, false).await,
        MatchCommand::Reopen(decision) => decide::reopen(cli, &app, decision).await,
    }
}

/// Runs the jobs whose source is matching, as `sluss run` does.
async fn run(cli: &Cli, app: &App) -> anyhow::Result<ExitCode> {
    let jobs = app.jobs.iter().filter(|job| job.file.source.connector == derived::MATCHNING);
    let jobs: Vec<String> = jobs.map(|job| job.name.clone()).collect();
    if jobs.is_empty() {
        return Err(PipelineError::configuration(say!(
            "projektet har inget jobb som kopplar",
            "the project has no job that matches"
        ))
        .hint(say!(
            "lägg till ett jobb med connector = \"matchning\": `sluss docs matchning`",
            "add a job with connector = \"matchning\": `sluss docs matchning`"
        ))
        .into());
    }
    super::run::run(cli, &RunArgs { jobs, all: false, full: false, believe: None, parallel: 1 }).await
}
