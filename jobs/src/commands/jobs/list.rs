//! `sluss jobs`: when each job runs next, how it stands, and how it last went.

use std::collections::HashMap;
use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sluss_pipeline::job::{Environment, Job};
use sluss_pipeline::ledger::{JobState, LastRun, Occasion, OccasionKind, OccasionState, RunState};
use sluss_schemas::message::Message;
use sluss_schemas::say;

use crate::app::App;
use crate::cli::Cli;
use crate::commands::{mode, state, time, took};
use crate::failure::Failure;
use crate::output::{self, Grid, column, counted, figures};

/// A job that waits longer than its time and this is late.
const PATIENCE: TimeDelta = TimeDelta::minutes(15);

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
    /// How it stands now.
    standing: Standing,
    /// Why: of a pause, of a failure, of a broken file.
    why: Option<String>,
    /// When it runs next, by its schedule or since it was asked for.
    next: Option<DateTime<Utc>>,
    last_run: Option<String>,
    last_state: Option<RunState>,
    last_started: Option<DateTime<Utc>>,
    last_seconds: Option<f64>,
}

/// How a job stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    /// It has nothing to do.
    Idle,
    /// Its time has come, and it waits for its turn.
    Waiting,
    /// It has waited for long, or nobody runs jobs here.
    Late,
    /// It is at work.
    Running,
    /// A person has paused it.
    Paused,
    /// Its file cannot be read; the last one that could goes on.
    Broken,
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
pub(super) async fn list(cli: &Cli) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let register = &app.engine.register;
    let states: HashMap<String, JobState> =
        register.job_states().await?.into_iter().map(|state| (state.job.clone(), state)).collect();
    let last: HashMap<String, LastRun> =
        register.last_runs().await?.into_iter().map(|run| (run.job.clone(), run)).collect();
    let mut open: HashMap<String, Vec<Occasion>> = HashMap::new();
    for occasion in register.open_occasions().await? {
        open.entry(occasion.job.clone()).or_default().push(occasion);
    }
    let now = app.engine.clock.now();
    let lines = app.jobs.iter().map(|job| {
        let open = open.get(&job.name).map(Vec::as_slice).unwrap_or_default();
        line(job, states.get(&job.name), last.get(&job.name), open, now)
    });
    let jobs = lines.collect();
    let broken = app
        .broken
        .iter()
        .map(|broken| Broken { job: broken.name.clone(), error: Failure::pipeline(&broken.error, cli) });
    let answer = Answer { jobs, broken: broken.collect() };
    output::grid(cli, &answer, || grid(cli, &answer))?;
    Ok(if answer.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

fn line(job: &Job, known: Option<&JobState>, last: Option<&LastRun>, open: &[Occasion], now: DateTime<Utc>) -> Line {
    let head = &job.file.job;
    let waiting = || open.iter().filter(|o| o.state == OccasionState::Planned && o.kind != OccasionKind::Backfill);
    // Without anybody who plans, its times pass.
    let planned_until = known.map_or(now, |state| state.planned_until);
    let by_schedule = job.times.as_ref().and_then(|times| times.next(planned_until));
    let next = waiting().map(|o| o.ready).chain(by_schedule).min();
    let paused = known.and_then(|state| state.paused.as_ref());
    let standing = if open.iter().any(|o| o.state == OccasionState::Running) {
        Standing::Running
    } else if paused.is_some() {
        Standing::Paused
    } else if known.is_some_and(|state| state.broken.is_some()) {
        Standing::Broken
    } else {
        match next {
            Some(next) if next + PATIENCE < now => Standing::Late,
            Some(next) if next <= now => Standing::Waiting,
            _ => Standing::Idle,
        }
    };
    let why = match standing {
        Standing::Paused => paused.and_then(|paused| paused.reason.clone()),
        Standing::Broken => known.and_then(|state| state.broken.as_ref()).map(|(what, _)| what.clone()),
        _ => waiting().find_map(|o| o.reason.clone()),
    };
    Line {
        job: job.name.clone(),
        owner: head.owner.clone(),
        feeds: head.feeds.clone(),
        connector: job.file.source.connector.clone(),
        mode: head.mode.name(),
        schedule: head.schedule.clone(),
        environment: if head.environment == Environment::Test { "test" } else { "prod" },
        description: head.description.clone(),
        standing,
        why,
        next,
        last_run: last.map(|run| run.id.clone()),
        last_state: last.map(|run| run.state),
        last_started: last.map(|run| run.started),
        last_seconds: last.and_then(|run| Some((run.ended? - run.started).as_seconds_f64())),
    }
}

fn grid(cli: &Cli, answer: &Answer) -> Grid {
    let mut rows: Vec<_> = answer.jobs.iter().map(|line| row(cli, line)).collect();
    for broken in &answer.broken {
        let mut row = vec![broken.job.clone()];
        row.resize(7, String::new());
        row.push(cli.word(("OLÄSLIG", "UNREADABLE")).to_owned());
        row.resize(11, String::new());
        rows.push(row);
    }
    Grid {
        headings: vec![
            column("jobb", "job"),
            column("ägare", "owner").csv_only(),
            column("matar", "feeds").csv_only(),
            column("koppling", "connector").csv_only(),
            column("leverans", "delivery").csv_only(),
            column("schema", "schedule").csv_only(),
            column("nästa", "next"),
            column("nu", "now"),
            column("senast", "last"),
            column("gick", "went"),
            figures("tog", "took"),
        ],
        rows,
        closing: Some(closing(cli, answer)),
    }
}

fn row(cli: &Cli, line: &Line) -> Vec<String> {
    let standing = cli.word(match line.standing {
        Standing::Idle => ("", ""),
        Standing::Waiting => ("på tur", "next"),
        Standing::Late => ("SEN", "LATE"),
        Standing::Running => ("pågår", "running"),
        Standing::Paused => ("pausat", "paused"),
        Standing::Broken => ("GAMMAL FIL", "OLD FILE"),
    });
    vec![
        line.job.clone(),
        line.owner.clone(),
        line.feeds.join(", "),
        line.connector.clone(),
        mode(cli, line.mode),
        line.schedule.as_deref().map(|cron| cli.told(&schedule(cron))).unwrap_or_default(),
        line.next.map(time).unwrap_or_default(),
        standing.to_owned(),
        line.last_started.map(time).unwrap_or_default(),
        line.last_state.map(|last| state(cli, last).to_owned()).unwrap_or_default(),
        line.last_seconds.map(|seconds| cli.told(&took(seconds))).unwrap_or_default(),
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
    let late = answer.jobs.iter().filter(|line| line.standing == Standing::Late).count() as u64;
    let mut lines: Vec<Message> = Vec::new();
    if late > 0 {
        lines.push(
            counted(late, ("jobb är sent.", "jobb är sena."), ("job is late.", "jobs are late."))
                .then(&say!(" Körs `sluss serve`?", " Is `sluss serve` running?")),
        );
    }
    if answer.broken.is_empty() {
        lines.push(total);
        return Message::join(&lines, "\n");
    }
    lines.extend(answer.broken.iter().flat_map(|b| b.error.lines(cli.lang)).map(Message::from));
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
