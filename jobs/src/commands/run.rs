//! `sluss run` and `sluss plan`: jobs in the order of what they feed, a few at a time.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use futures::stream::{self, StreamExt};
use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::run::{Intent, Outcome, RunOptions, RunState};
use sluss_schemas::table::Tables;

use crate::app::App;
use crate::bridge;
use crate::cli::{Cli, JobsArg, RunArgs};
use crate::derived;
use crate::output::{self, Grid, number};
use crate::progress::Bars;

/// What a set of runs came to.
#[derive(Serialize)]
struct Answer {
    runs: Vec<Outcome>,
    failed: Vec<Failed>,
}

/// A job that could not be run.
#[derive(Serialize)]
struct Failed {
    job: String,
    error: String,
    hint: Option<String>,
}

/// `sluss run`.
pub(crate) async fn run(cli: &Cli, args: &RunArgs) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    if args.jobs.is_empty() && !args.all {
        return Err(PipelineError::configuration("which job?")
            .hint("name jobs, or write --all; `sluss jobs` lists them")
            .into());
    }
    let options = RunOptions { full: args.full, believe: args.believe.clone(), replay_of: None };
    let jobs = app.jobs(&args.jobs)?;
    several(cli, &app, jobs, Intent::Publish, &options, args.parallel.max(1)).await
}

/// `sluss plan`.
pub(crate) async fn plan(cli: &Cli, args: &JobsArg) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let jobs = app.jobs(&args.jobs)?;
    several(cli, &app, jobs, Intent::Plan, &RunOptions { full: true, ..RunOptions::default() }, 1).await
}

async fn several(
    cli: &Cli,
    app: &App,
    jobs: Vec<&Job>,
    intent: Intent,
    options: &RunOptions,
    parallel: usize,
) -> anyhow::Result<ExitCode> {
    let bars = Bars::new();
    let mut answer = Answer { runs: Vec::new(), failed: Vec::new() };
    let mut first_error = None;
    for station in stations(&app.engine.project.tables, &jobs) {
        let results: Vec<_> = stream::iter(station)
            .map(|job| {
                let bar = bars.begin(&job.name);
                async move { (job, one(app, job, intent, options.clone(), &bar).await) }
            })
            .buffered(parallel)
            .collect()
            .await;
        for (job, result) in results {
            match result {
                Ok(outcome) => answer.runs.push(outcome),
                Err(error) => {
                    let hint = error.downcast_ref::<PipelineError>().and_then(|e| e.hint.clone());
                    answer.failed.push(Failed { job: job.name.clone(), error: error.to_string(), hint });
                    first_error.get_or_insert(error);
                }
            }
        }
    }
    // One job: its error is the answer.
    if let ([job], Some(error)) = (jobs.as_slice(), first_error.take()) {
        return Err(error.context(format!("{} kunde inte köras", job.name)));
    }
    output::grid(cli, &answer, || grid(&answer, intent))?;
    let held = answer.runs.iter().any(|r| r.state == RunState::Held);
    Ok(match (answer.failed.is_empty(), held) {
        (false, _) => ExitCode::from(1),
        (true, true) => ExitCode::from(3),
        (true, false) => ExitCode::SUCCESS,
    })
}

/// Runs one job. Its source is opened first, so that what is wrong there leaves no run behind.
pub(crate) async fn one(
    app: &App,
    job: &Job,
    intent: Intent,
    options: RunOptions,
    bar: &crate::progress::Bar,
) -> anyhow::Result<Outcome> {
    let source = bridge::open(&app.engine, job)?;
    let deliver = |after, landing: Arc<_>| bridge::read(source.as_ref(), &job.name, after, landing);
    Ok(app.engine.run(job, intent, deliver, options, bar).await?)
}

/// Shows what one run came to, as `sluss run` does.
pub(crate) fn answer(cli: &Cli, outcome: Outcome) -> anyhow::Result<ExitCode> {
    let held = outcome.state == RunState::Held;
    let answer = Answer { runs: vec![outcome], failed: Vec::new() };
    output::grid(cli, &answer, || grid(&answer, Intent::Publish))?;
    Ok(if held { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

/// Jobs by what they feed: a table comes after those that it points at or is derived from, all after
/// the code systems.
fn stations<'a>(tables: &Tables, jobs: &[&'a Job]) -> Vec<Vec<&'a Job>> {
    let mut stations: BTreeMap<usize, Vec<&Job>> = BTreeMap::new();
    for job in jobs {
        let feeds = job.file.job.feeds.iter().map(|table| level(tables, table, 0));
        let reads = derived::reads(job);
        let level = feeds.chain(reads.iter().map(|table| 1 + level(tables, table, 0))).max().unwrap_or_default();
        stations.entry(level).or_default().push(job);
    }
    stations.into_values().collect()
}

/// How many tables must come before this one. References in a circle are cut.
fn level(tables: &Tables, name: &str, depth: usize) -> usize {
    if ["kod", "kodmappning", "vardomrade"].contains(&name) || depth > 8 {
        return 0;
    }
    let Some(table) = tables.get(name) else { return 1 };
    let pointed = table.column.iter().filter_map(|c| c.references.as_ref()).chain(&table.parent);
    let before = pointed.filter(|r| r.table != name).map(|r| level(tables, &r.table, depth + 1)).max();
    1 + before.unwrap_or_default()
}

fn grid(answer: &Answer, intent: Intent) -> Grid {
    let mut rows = Vec::new();
    for outcome in &answer.runs {
        let word = match outcome.state {
            RunState::Done => "klar",
            RunState::Held => "HÅLLS",
            RunState::Planned => "prövad",
        };
        let sum = |of: fn(&sluss_pipeline::run::TableOutcome) -> u64| number(outcome.tables.iter().map(of).sum());
        rows.push(vec![
            outcome.job.clone(),
            word.to_owned(),
            number(outcome.balance.rows_in),
            number(outcome.balance.accepted),
            number(outcome.balance.rejected),
            sum(|t| t.changes.new),
            sum(|t| t.changes.changed),
            sum(|t| t.changes.ended),
        ]);
    }
    for failed in &answer.failed {
        let mut row = vec![failed.job.clone(), "FEL".to_owned()];
        row.resize(8, String::new());
        rows.push(row);
    }
    Grid {
        headings: vec!["jobb", "läge", ">rader in", ">godtagna", ">avvisade", ">nya", ">ändrade", ">avslutade"],
        rows,
        closing: Some(closing(answer, intent)),
    }
}

/// The line that matters: what is wrong, or that nothing is.
fn closing(answer: &Answer, intent: Intent) -> String {
    let mut lines = Vec::new();
    for failed in &answer.failed {
        lines.push(format!("fel: {}: {}", failed.job, failed.error));
        lines.extend(failed.hint.iter().map(|hint| format!("gör så här: {hint}")));
    }
    for outcome in answer.runs.iter().filter(|r| r.state == RunState::Held) {
        for held in &outcome.held {
            lines.push(format!("hålls: {}: {}", outcome.job, held.sv));
        }
    }
    let rejected: u64 = answer.runs.iter().map(|r| r.balance.rejected).sum();
    let done = answer.runs.iter().filter(|r| r.state == RunState::Done).count();
    lines.push(match intent {
        Intent::Plan => "Inget har skrivits: detta är vad en körning skulle göra.".to_owned(),
        Intent::Publish if rejected > 0 => {
            format!("{done} jobb publicerade. {} rader väntar i karantän: `sluss quarantine list`.", number(rejected))
        }
        Intent::Publish => format!("{done} jobb publicerade."),
    });
    lines.join("\n")
}
