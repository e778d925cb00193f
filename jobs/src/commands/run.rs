//! `sluss run` and `sluss plan`: jobs in the order of what they feed, a few at a time.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use futures::stream::{self, StreamExt};
use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::matching::precedence::SAID;
use sluss_pipeline::run::{Held, Intent, Outcome, RunOptions, RunState};
use sluss_schemas::message::Message;
use sluss_schemas::say;
use sluss_schemas::table::Tables;

use super::summary;
use crate::app::App;
use crate::bridge;
use crate::cli::{Cli, JobsArg, RunArgs};
use crate::failure::Failure;
use crate::output;
use crate::progress::Bars;
use crate::push;
use crate::{derived, foretrade, matchning, tackning};

/// What a set of runs came to.
#[derive(Serialize)]
pub(super) struct Answer {
    /// Those that ran, in their order.
    pub(super) runs: Vec<Outcome>,
    /// Those that could not.
    pub(super) failed: Vec<Failed>,
    /// What went wrong after a run that stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) warnings: Vec<Failed>,
}

/// A job that could not be run.
#[derive(Serialize)]
pub(super) struct Failed {
    /// Its name.
    pub(super) job: String,
    /// Why.
    pub(super) error: Failure,
}

/// `sluss run`.
pub(crate) async fn run(cli: &Cli, args: &RunArgs) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    if args.jobs.is_empty() && !args.all {
        return Err(PipelineError::configuration(say!("vilket jobb?", "which job?"))
            .hint(say!(
                "ange jobb, eller skriv --all; `sluss jobs` visar vilka som finns",
                "name jobs, or write --all; `sluss jobs` lists them"
            ))
            .into());
    }
    let options = RunOptions { full: args.full, believe: args.believe.clone(), ..RunOptions::default() };
    several(cli, &app, &args.jobs, Intent::Publish, &options, args.parallel.max(1)).await
}

/// `sluss plan`.
pub(crate) async fn plan(cli: &Cli, args: &JobsArg) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let options = RunOptions { full: true, ..RunOptions::default() };
    several(cli, &app, &args.jobs, Intent::Plan, &options, 1).await
}

/// Runs the named jobs; all of them, and tells of those that cannot be read, where none is named.
async fn several(
    cli: &Cli,
    app: &App,
    names: &[String],
    intent: Intent,
    options: &RunOptions,
    parallel: usize,
) -> anyhow::Result<ExitCode> {
    let jobs = app.jobs(names)?;
    let bars = Bars::new(cli);
    let mut answer = Answer { runs: Vec::new(), failed: Vec::new(), warnings: Vec::new() };
    if names.is_empty() {
        answer.failed = app.broken.iter().map(|b| Failed::new(&b.name, Failure::pipeline(&b.error, cli))).collect();
    }
    // What is handed in comes when its sender wants: there is nothing to fetch.
    let jobs: Vec<&Job> =
        jobs.into_iter().filter(|job| !names.is_empty() || job.file.source.connector != push::NAME).collect();
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
                Ok((outcome, warning)) => {
                    answer.runs.push(outcome);
                    let warned = warning.map(|error| Failed::new(&job.name, Failure::pipeline(&error, cli)));
                    answer.warnings.extend(warned);
                }
                // One job that was named: its error is the answer.
                Err(error) if names.len() == 1 => return Err(error),
                Err(error) => answer.failed.push(Failed::new(&job.name, Failure::of(&error, cli))),
            }
        }
    }
    output::grid(cli, &answer, || summary::grid(cli, &answer, intent))?;
    let held = answer.runs.iter().any(|r| r.state == RunState::Held);
    Ok(match (answer.failed.is_empty(), held) {
        (false, _) => ExitCode::from(1),
        (true, true) => ExitCode::from(3),
        (true, false) => ExitCode::SUCCESS,
    })
}

impl Failed {
    fn new(job: &str, error: Failure) -> Self {
        Self { job: job.to_owned(), error }
    }
}

/// Runs one job. Its source is opened first, so that what is wrong there leaves no run behind. The error
/// beside an outcome is what went wrong with the source's deliveries afterwards.
pub(crate) async fn one(
    app: &App,
    job: &Job,
    intent: Intent,
    options: RunOptions,
    bar: &crate::progress::Bar,
) -> anyhow::Result<(Outcome, Option<PipelineError>)> {
    if job.file.source.connector == push::NAME && intent == Intent::Publish {
        return Err(PipelineError::configuration(say!(
            "jobbet läser det som lämnas in: det finns inget att hämta",
            "the job reads what is handed in: there is nothing to fetch"
        ))
        .at(job.name.clone())
        .hint(say!(
            "lämna in en fil med `sluss submit FIL`, eller ta emot med `sluss serve --push`",
            "hand in a file with `sluss submit FILE`, or take deliveries with `sluss serve --push`"
        ))
        .into());
    }
    let source = bridge::open(&app.engine, job)?;
    let arrivals = source.arrives();
    // A plan reads everything; of what arrives that is what a run would read.
    let full = options.full && !(arrivals && intent == Intent::Plan);
    let options = RunOptions { full, arrivals, ..options };
    let deliver = |after, landing: Arc<_>| bridge::read(source.as_ref(), &job.name, after, landing);
    let outcome = app.engine.run(job, intent, deliver, options, bar).await;
    let mut warning = None;
    if intent == Intent::Publish {
        let state = outcome.as_ref().ok().map(|outcome| outcome.state);
        warning = bridge::ended(&app.engine, source.as_ref(), job, state).await;
        if let Some(error) = &warning {
            tracing::warn!(job = job.name, "deliveries were not put away: {error}");
        }
    }
    Ok((outcome?, warning))
}

/// Shows what one run came to, as `sluss run` does.
pub(crate) fn answer(cli: &Cli, outcome: Outcome) -> anyhow::Result<ExitCode> {
    let held = outcome.state == RunState::Held;
    let answer = Answer { runs: vec![outcome], failed: Vec::new(), warnings: Vec::new() };
    output::grid(cli, &answer, || summary::grid(cli, &answer, Intent::Publish))?;
    Ok(if held { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

/// Jobs by what they feed: a table comes after those that it points at or is derived from, all after
/// the code systems.
fn stations<'a>(tables: &Tables, jobs: &[&'a Job]) -> Vec<Vec<&'a Job>> {
    let mut stations: BTreeMap<usize, Vec<&Job>> = BTreeMap::new();
    for job in jobs {
        let feeds = job.file.job.feeds.iter().map(|table| level(tables, table, 0));
        let mut reads = derived::reads(job);
        reads.extend(tackning::reads(job, tables));
        reads.extend(matchning::reads(job, tables));
        reads.extend(foretrade::reads(job));
        let level = feeds.chain(reads.iter().map(|table| 1 + level(tables, table, 0))).max().unwrap_or_default();
        stations.entry(level).or_default().push(job);
    }
    stations.into_values().collect()
}

/// How many tables must come before this one. References in a circle are cut.
fn level(tables: &Tables, name: &str, depth: usize) -> usize {
    if ["kod", "kodmappning", "vardomrade"].contains(&name) || name.ends_with(SAID) || depth > 8 {
        return 0;
    }
    let Some(table) = tables.get(name) else { return 1 };
    let pointed = table.column.iter().filter_map(|c| c.references.as_ref()).chain(&table.parent);
    let before = pointed.filter(|r| r.table != name).map(|r| level(tables, &r.table, depth + 1)).max();
    1 + before.unwrap_or_default()
}

/// Why a delivery is held.
pub(crate) fn held(held: &Held) -> Message {
    Message::new(held.sv.clone(), held.en.clone())
}
