//! `sluss check`: what is wrong with jobs, all of it, before they run.

mod examples;

use std::process::ExitCode;

use serde::Serialize;
use sluss_connectors::error::ConnectorError;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::{self, Job};

use crate::app::{self, App};
use crate::bridge;
use crate::cli::{CheckArgs, Cli};
use crate::output::{self, Grid, number};

/// A job and what is wrong with it.
#[derive(Serialize)]
struct Checked {
    job: String,
    problems: Vec<Problem>,
    /// Streams that the mapping was planned against; none where the source was not reached for.
    streams: usize,
    examples: usize,
}

/// One thing that is wrong.
#[derive(Serialize)]
struct Problem {
    what: String,
    place: Option<String>,
    hint: Option<String>,
}

impl From<&PipelineError> for Problem {
    fn from(error: &PipelineError) -> Self {
        Self { what: error.what.clone(), place: error.place.clone(), hint: error.hint.clone() }
    }
}

/// `sluss check`.
pub(crate) async fn check(cli: &Cli, args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let mut all = broken(cli)?;
    if !all.is_empty() {
        // A project opens only with all its jobs: the others are looked at when these can be read.
        output::grid(cli, &all, || grid(&all, args))?;
        return Ok(ExitCode::from(2));
    }
    let app = App::open(cli).await?;
    for job in app.jobs(&args.jobs)? {
        all.push(one(&app, job, args).await);
    }
    output::grid(cli, &all, || grid(&all, args))?;
    Ok(if all.iter().all(|c| c.problems.is_empty()) { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// Job files that cannot be read, with what is wrong with each.
fn broken(cli: &Cli) -> anyhow::Result<Vec<Checked>> {
    let project = app::project(cli)?;
    let files = job::load_each(&project)?.into_iter();
    let broken = files.filter_map(|(path, job)| {
        let name = path.strip_prefix(&project.root).unwrap_or(&path).display().to_string();
        let problems = vec![Problem::from(&job.err()?)];
        Some(Checked { job: name, problems, streams: 0, examples: 0 })
    });
    Ok(broken.collect())
}

async fn one(app: &App, job: &Job, args: &CheckArgs) -> Checked {
    let mut checked = Checked { job: job.name.clone(), problems: Vec::new(), streams: 0, examples: 0 };
    match bridge::open(&app.engine, job) {
        Err(error) => checked.problems.push(problem(&error)),
        Ok(source) if !args.offline => {
            let wrong = |e: ConnectorError| Problem::from(&bridge::translate(e, &job.name));
            let streams = match source.check().await {
                Ok(()) => source.discover().await,
                Err(error) => Err(error),
            };
            match streams {
                Ok(streams) => {
                    checked.streams = streams.len();
                    plan(app, job, &streams, &mut checked).await;
                }
                Err(error) => checked.problems.push(wrong(error)),
            }
        }
        Ok(_) => {}
    }
    if args.examples {
        for example in &job.file.example {
            checked.examples += 1;
            match examples::run(app, job, example).await {
                Ok(problems) => checked.problems.extend(problems),
                Err(error) => checked.problems.push(problem(&error)),
            }
        }
    }
    checked
}

/// Streams mostly have the same columns: each set of columns is planned once.
async fn plan(app: &App, job: &Job, streams: &[sluss_connectors::connect::Stream], checked: &mut Checked) {
    let mut planned: Vec<Vec<String>> = Vec::new();
    for stream in streams {
        let columns: Vec<String> = stream.columns.iter().map(|c| c.name.clone()).collect();
        if planned.contains(&columns) {
            continue;
        }
        let wrong = app.engine.check_mapping(job, &columns).await;
        checked.problems.extend(wrong.iter().map(|error| {
            let mut problem = Problem::from(error);
            if streams.len() > 1 {
                problem.place = Some(format!("{} ({})", problem.place.unwrap_or_default(), stream.name));
            }
            problem
        }));
        planned.push(columns);
    }
}

fn problem(error: &anyhow::Error) -> Problem {
    match error.chain().find_map(|cause| cause.downcast_ref::<PipelineError>()) {
        Some(error) => Problem::from(error),
        None => Problem { what: error.to_string(), place: None, hint: None },
    }
}

fn grid(all: &[Checked], args: &CheckArgs) -> Grid {
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    for checked in all {
        let word = match (checked.problems.len(), args.offline) {
            (0, false) => "rätt".to_owned(),
            (0, true) => "läst".to_owned(),
            (problems, _) => format!("{} FEL", number(problems as u64)),
        };
        rows.push(vec![checked.job.clone(), word, number(checked.streams as u64), number(checked.examples as u64)]);
        for problem in &checked.problems {
            lines.push(format!("fel: {}", problem.what));
            lines.push(format!("var: {}", problem.place.as_deref().unwrap_or(&checked.job)));
            lines.extend(problem.hint.iter().map(|hint| format!("gör så här: {hint}")));
        }
    }
    let wrong = all.iter().filter(|c| !c.problems.is_empty()).count();
    lines.push(match (all.len(), wrong) {
        (0, _) => "Projektet har inga jobb.".to_owned(),
        (jobs, 0) => format!("{} jobb prövade, inget fel.", number(jobs as u64)),
        (jobs, wrong) => format!("{} av {} jobb har fel.", number(wrong as u64), number(jobs as u64)),
    });
    Grid { headings: vec!["jobb", "utfall", ">källor", ">exempel"], rows, closing: Some(lines.join("\n")) }
}
