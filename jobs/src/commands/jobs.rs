//! `sluss jobs`: the project's jobs and how they last went.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sluss_pipeline::job::Environment;
use sluss_pipeline::ledger::{RunFilter, RunState};
use sluss_schemas::message::Message;
use sluss_schemas::say;

use crate::app::App;
use crate::cli::Cli;
use crate::commands::{mode, state, time};
use crate::failure::Failure;
use crate::output::{self, Grid, column, counted};

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

#[derive(Serialize)]
struct Answer {
    jobs: Vec<Line>,
    /// Job files that cannot be read.
    broken: Vec<Broken>,
}

#[derive(Serialize)]
struct Broken {
    job: String,
    error: Failure,
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
            environment: if head.environment == Environment::Test { "test" } else { "prod" },
            description: head.description.clone(),
            last_run: last.as_ref().map(|run| run.id.clone()),
            last_state: last.as_ref().map(|run| run.state),
            last_started: last.map(|run| run.started),
        });
    }
    let broken = app
        .broken
        .iter()
        .map(|broken| Broken { job: broken.name.clone(), error: Failure::pipeline(&broken.error, cli) });
    let answer = Answer { jobs: lines, broken: broken.collect() };
    output::grid(cli, &answer, || grid(cli, &answer))?;
    Ok(if answer.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

fn grid(cli: &Cli, answer: &Answer) -> Grid {
    let mut rows: Vec<_> = answer.jobs.iter().map(|line| row(cli, line)).collect();
    for broken in &answer.broken {
        let mut row = vec![broken.job.clone()];
        row.resize(6, String::new());
        row.push(cli.word(("OLÄSLIG", "UNREADABLE")).to_owned());
        row.push(String::new());
        rows.push(row);
    }
    Grid {
        headings: vec![
            column("jobb", "job"),
            column("ägare", "owner").csv_only(),
            column("matar", "feeds").csv_only(),
            column("koppling", "connector"),
            column("leverans", "delivery").csv_only(),
            column("schema", "schedule"),
            column("senast", "last"),
            column("började", "began"),
        ],
        rows,
        closing: Some(closing(cli, answer)),
    }
}

fn row(cli: &Cli, line: &Line) -> Vec<String> {
    vec![
        line.job.clone(),
        line.owner.clone(),
        line.feeds.join(", "),
        line.connector.clone(),
        mode(cli, line.mode),
        line.schedule.as_deref().map(|cron| cli.told(&schedule(cron))).unwrap_or_default(),
        line.last_state.map(|last| state(cli, last).to_owned()).unwrap_or_default(),
        line.last_started.map(time).unwrap_or_default(),
    ]
}

fn closing(cli: &Cli, answer: &Answer) -> Message {
    let jobs = answer.jobs.len() as u64;
    let total = match jobs {
        0 => say!(
            "Projektet har inga jobb: `sluss init region LÄNSKOD` gör en regions mapp.",
            "The project has no jobs: `sluss init region CODE` makes a region's folder."
        ),
        _ => counted(jobs, ("jobb.", "jobb."), ("job.", "jobs.")),
    };
    if answer.broken.is_empty() {
        return total;
    }
    let mut lines: Vec<Message> =
        answer.broken.iter().flat_map(|b| b.error.lines(cli.lang)).map(Message::from).collect();
    lines.push(Message::from(""));
    lines.push(total);
    lines.push(counted(
        answer.broken.len() as u64,
        ("jobbfil går inte att läsa.", "jobbfiler går inte att läsa."),
        ("job file cannot be read.", "job files cannot be read."),
    ));
    Message::join(&lines, "\n")
}

/// `0 15 2 * * *` → `varje dag 02.15`. What is not as plain stays as it is written.
fn schedule(cron: &str) -> Message {
    let parts: Vec<&str> = cron.split_whitespace().collect();
    let [_, minute, hour, day, month, weekday] = parts.as_slice() else { return cron.into() };
    let (Ok(minute), Ok(hour)) = (minute.parse::<u8>(), hour.parse::<u8>()) else { return cron.into() };
    if *month != "*" || *weekday != "*" {
        return cron.into();
    }
    match (*day, day.parse::<u8>()) {
        ("*", _) => say!("varje dag {hour:02}.{minute:02}", "daily {hour:02}.{minute:02}"),
        (_, Ok(day @ (1 | 2 | 21 | 22 | 31))) => {
            say!("den {day}:a {hour:02}.{minute:02}", "day {day} {hour:02}.{minute:02}")
        }
        (_, Ok(day)) => say!("den {day}:e {hour:02}.{minute:02}", "day {day} {hour:02}.{minute:02}"),
        _ => cron.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluss_schemas::rule::Language::Swedish;

    #[test]
    fn plain_schedules_are_said_in_words() {
        assert_eq!(schedule("0 15 2 * * *").told(Swedish), "varje dag 02.15");
        assert_eq!(schedule("0 0 6 20 * *").told(Swedish), "den 20:e 06.00");
        assert_eq!(schedule("0 0 6 1 * *").told(Swedish), "den 1:a 06.00");
        assert_eq!(schedule("0 0 6 * * MON").told(Swedish), "0 0 6 * * MON");
    }
}
