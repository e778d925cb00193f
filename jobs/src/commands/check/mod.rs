//! `sluss check`: what is wrong with jobs, all of it, before they run.

mod compare;
mod examples;

use std::process::ExitCode;

use serde::Serialize;
use sluss_connectors::connect::Stream;
use sluss_connectors::error::ConnectorError;
use sluss_pipeline::job::Job;
use sluss_pipeline::run::SourceColumn;
use sluss_schemas::message::Message;
use sluss_schemas::say;

use self::compare::Compared;
use crate::app::{App, Broken};
use crate::bridge;
use crate::cli::{CheckArgs, Cli};
use crate::failure::Failure;
use crate::output::{self, Grid, column, counted, figures, number};

/// A job and what is wrong with it.
#[derive(Serialize)]
struct Checked {
    job: String,
    problems: Vec<Failure>,
    /// Streams that the mapping was planned against; none where the source was not reached for.
    streams: usize,
    examples: Vec<Compared>,
}

impl Checked {
    fn new(job: &str) -> Self {
        Self { job: job.to_owned(), problems: Vec::new(), streams: 0, examples: Vec::new() }
    }

    fn broken(broken: &Broken, cli: &Cli) -> Self {
        Self { problems: vec![Failure::pipeline(&broken.error, cli)], ..Self::new(&broken.name) }
    }

    fn faults(&self) -> usize {
        self.problems.len() + self.examples.iter().filter(|e| !e.differences.is_empty()).count()
    }
}

/// `sluss check`.
pub(crate) async fn check(cli: &Cli, args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let mut all = Vec::new();
    if args.jobs.is_empty() {
        all.extend(app.broken.iter().map(|broken| Checked::broken(broken, cli)));
        for job in &app.jobs {
            all.push(one(cli, &app, job, args).await);
        }
    }
    for name in &args.jobs {
        match app.broken(name) {
            Some(broken) => all.push(Checked::broken(broken, cli)),
            None => all.push(one(cli, &app, app.job(name)?, args).await),
        }
    }
    all.sort_by(|a, b| a.job.cmp(&b.job));
    output::grid(cli, &all, || grid(cli, &all, args))?;
    Ok(if all.iter().all(|c| c.faults() == 0) { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

async fn one(cli: &Cli, app: &App, job: &Job, args: &CheckArgs) -> Checked {
    let mut checked = Checked::new(&job.name);
    match bridge::open(&app.engine, job) {
        Err(error) => checked.problems.push(Failure::of(&error, cli)),
        Ok(source) if !args.offline => {
            let wrong = |e: ConnectorError| Failure::pipeline(&bridge::translate(e, &job.name), cli);
            let streams = match source.check().await {
                Ok(()) => source.discover().await,
                Err(error) => Err(error),
            };
            match streams {
                Ok(streams) => {
                    checked.streams = streams.len();
                    plan(cli, app, job, &streams, &mut checked).await;
                }
                Err(error) => checked.problems.push(wrong(error)),
            }
        }
        Ok(_) => {}
    }
    if args.examples {
        for example in &job.file.example {
            match examples::run(app, job, example).await {
                Ok(compared) => checked.examples.push(compared),
                Err(error) => checked.problems.push(Failure::of(&error, cli)),
            }
        }
    }
    checked
}

/// Streams mostly have the same columns: each set of columns is planned once.
async fn plan(cli: &Cli, app: &App, job: &Job, streams: &[Stream], checked: &mut Checked) {
    let mut planned: Vec<Vec<SourceColumn>> = Vec::new();
    for stream in streams {
        let columns: Vec<SourceColumn> =
            stream.columns.iter().map(|column| (column.name.clone(), column.arrow.clone())).collect();
        if planned.contains(&columns) {
            continue;
        }
        for error in app.engine.check_mapping(job, &columns).await {
            let mut failure = Failure::pipeline(&error, cli);
            if streams.len() > 1 {
                failure.place = Some(format!("{} ({})", failure.place.unwrap_or_default(), stream.name));
            }
            checked.problems.push(failure);
        }
        planned.push(columns);
    }
}

fn grid(cli: &Cli, all: &[Checked], args: &CheckArgs) -> Grid {
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    for checked in all {
        let word = match (checked.faults() as u64, args.offline) {
            (0, false) => cli.word(("rätt", "right")).to_owned(),
            (0, true) => cli.word(("läst", "read")).to_owned(),
            (faults, _) => format!("{} {}", number(faults), cli.word(("FEL", "WRONG"))),
        };
        let figures = [checked.streams, checked.examples.len()].map(|n| number(n as u64));
        rows.push(std::iter::once(checked.job.clone()).chain([word]).chain(figures).collect());
        for problem in &checked.problems {
            lines.push(Message::from(&checked.job));
            let mut problem = problem.clone();
            problem.place = problem.place.filter(|place| *place != checked.job);
            lines.extend(problem.lines(cli.lang).into_iter().map(|line| Message::from(format!("  {line}"))));
        }
        for example in checked.examples.iter().filter(|e| !e.differences.is_empty()) {
            lines.push(Message::from(&checked.job));
            lines.extend(example.lines());
        }
    }
    if !lines.is_empty() {
        lines.push(Message::from(""));
    }
    let jobs = counted(all.len() as u64, ("jobb", "jobb"), ("job", "jobs"));
    let jobs = cli.told(&jobs);
    let wrong = number(all.iter().filter(|c| c.faults() > 0).count() as u64);
    lines.push(match (all.len(), wrong.as_str()) {
        (0, _) => say!("Projektet har inga jobb.", "The project has no jobs."),
        (_, "0") => say!("{jobs} prövade, inget fel.", "{jobs} checked, nothing wrong."),
        (_, wrong) => say!("{wrong} av {jobs} har fel.", "{wrong} of {jobs} are wrong."),
    });
    Grid {
        headings: vec![
            column("jobb", "job"),
            column("utfall", "outcome"),
            figures("källor", "sources"),
            figures("exempel", "examples"),
        ],
        rows,
        closing: Some(Message::join(&lines, "\n")),
    }
}
