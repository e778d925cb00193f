//! `sluss jobs`: the project's jobs and how they last went.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sluss_pipeline::ledger::{RunFilter, RunState};

use crate::app::App;
use crate::cli::Cli;
use crate::commands::{state, time};
use crate::output::{self, Grid, number};

#[derive(Serialize)]
struct Line {
    job: String,
    owner: String,
    feeds: Vec<String>,
    connector: String,
    mode: &'static str,
    schedule: Option<String>,
    environment: &'static str,
    description: Option<String>,
    last_run: Option<String>,
    last_state: Option<RunState>,
    last_started: Option<DateTime<Utc>>,
}

/// `sluss jobs`.
pub(crate) async fn jobs(cli: &Cli) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let mut lines = Vec::with_capacity(app.jobs.len());
    for job in &app.jobs {
        let filter = RunFilter { job: Some(job.name.clone()), limit: Some(1), ..RunFilter::default() };
        let last = app.engine.register.runs(&filter).await?.pop();
        let head = &job.file.job;
        lines.push(Line {
            job: job.name.clone(),
            owner: head.owner.clone(),
            feeds: head.feeds.clone(),
            connector: job.file.source.connector.clone(),
            mode: head.mode.name(),
            schedule: head.schedule.clone(),
            environment: if head.environment == sluss_pipeline::job::Environment::Test { "test" } else { "prod" },
            description: head.description.clone(),
            last_run: last.as_ref().map(|run| run.id.clone()),
            last_state: last.as_ref().map(|run| run.state),
            last_started: last.map(|run| run.started),
        });
    }
    output::grid(cli, &lines, || grid(&lines))?;
    Ok(ExitCode::SUCCESS)
}

fn grid(lines: &[Line]) -> Grid {
    let rows = lines.iter().map(|line| {
        vec![
            line.job.clone(),
            line.owner.clone(),
            line.feeds.join(", "),
            line.connector.clone(),
            line.mode.to_owned(),
            line.schedule.clone().unwrap_or_default(),
            line.last_state.map(|s| state(s).to_owned()).unwrap_or_default(),
            line.last_started.map(time).unwrap_or_default(),
        ]
    });
    let closing = match lines.len() {
        0 => "Projektet har inga jobb: `sluss init region LÄNSKOD` gör en regions mapp.".to_owned(),
        jobs => format!("{} jobb.", number(jobs as u64)),
    };
    Grid {
        headings: vec!["jobb", "ägare", "matar", "koppling", "leverans", "schema", "senast", "började"],
        rows: rows.collect(),
        closing: Some(closing),
    }
}
