//! `sluss runs`: what has run, or all that is known of one run.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sluss_pipeline::ledger::{
    DeliveredOrigin, LogLine, Occasion, OccasionFilter, OccasionKind, OccasionState, Run, RunFilter, Step, Transition,
};
use sluss_pipeline::run::FileOutcome;
use sluss_schemas::message::Message;
use sluss_schemas::say;

use crate::app::App;
use crate::cli::{Cli, Format, RunsArgs};
use crate::commands::{find_run, mode, short, state, time};
use crate::output::{self, Grid, column, counted, figures, number, rows_text};

/// One run with everything that the ledger has of it.
#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    run: Run,
    transitions: Vec<Transition>,
    origins: Vec<DeliveredOrigin>,
    /// The time that it ran for, where a scheduler began it, with every change of that time's state.
    #[serde(skip_serializing_if = "Option::is_none")]
    occasion: Option<Occasion>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<Step>,
    /// Whether there is a receipt: `sluss receipt RUN`.
    has_receipt: bool,
    /// What the log said of it.
    log: Vec<LogLine>,
}

/// `sluss runs`.
pub(crate) async fn runs(cli: &Cli, args: &RunsArgs) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let register = &app.engine.register;
    if let Some(text) = &args.run {
        let run = find_run(&app, text).await?;
        let (transitions, origins) = (register.transitions(&run.id).await?, register.origins(&run.id).await?);
        let of_run = OccasionFilter { run: Some(run.id.clone()), ..OccasionFilter::default() };
        let occasion = register.occasions(&of_run).await?.pop();
        let steps = match &occasion {
            Some(occasion) => register.occasion_steps(occasion.nr).await?,
            None => Vec::new(),
        };
        let log = register.log_of(&run.id).await?;
        let has_receipt = register.receipt(&run.id).await?.is_some();
        let whole = Whole { run, transitions, origins, occasion, steps, has_receipt, log };
        output::grid(cli, &whole, || one(cli, &whole))?;
        return Ok(ExitCode::SUCCESS);
    }
    let runs = register.runs(&RunFilter { limit: Some(args.limit), ..RunFilter::default() }).await?;
    output::grid(cli, &runs, || list(cli, &runs))?;
    Ok(ExitCode::SUCCESS)
}

/// A figure of the balance in a run's counts.
fn balance(run: &Run, name: &str) -> Option<u64> {
    run.counts.as_ref()?.get("balance")?.get(name).and_then(Value::as_u64)
}

/// What came in: a line for each file, one for all answers of an address.
fn files(run: &Run) -> Vec<FileOutcome> {
    let files = run.counts.as_ref().and_then(|counts| counts.get("files")).cloned();
    files.and_then(|files| serde_json::from_value(files).ok()).unwrap_or_default()
}

fn list(cli: &Cli, runs: &[Run]) -> Grid {
    let figure = |run: &Run, name| balance(run, name).map(number).unwrap_or_default();
    let rows = runs.iter().map(|run| {
        vec![
            if cli.format == Format::Table { short(&run.id).to_owned() } else { run.id.clone() },
            run.job.clone(),
            state(cli, run.state).to_owned(),
            time(run.started),
            figure(run, "rows_in"),
            figure(run, "rejected"),
            run.seq.map(number).unwrap_or_default(),
        ]
    });
    let closing = match runs.len() {
        0 => say!("Inget har körts: `sluss run JOBB`.", "Nothing has run: `sluss run JOB`."),
        _ => say!(
            "En körning i sin helhet: `sluss runs KÖRNING`. Kvittot: `sluss receipt KÖRNING`.",
            "A run as a whole: `sluss runs RUN`. Its receipt: `sluss receipt RUN`."
        ),
    };
    Grid {
        headings: vec![
            column("körning", "run"),
            column("jobb", "job"),
            column("läge", "state"),
            column("började", "began"),
            figures("rader in", "rows in"),
            figures("avvisade", "rejected"),
            figures("publicering", "publication").csv_only(),
        ],
        rows: rows.collect(),
        closing: Some(closing),
    }
}

fn one(cli: &Cli, whole: &Whole) -> Grid {
    let run = &whole.run;
    let mut rows = Vec::new();
    let mut add = |name: (&'static str, &'static str), value: String| {
        rows.push(vec![cli.word(name).to_owned(), value]);
    };
    add(("körning", "run"), run.id.clone());
    add(("jobb", "job"), run.job.clone());
    add(("ägare", "owner"), run.owner.clone());
    add(("leverans", "delivery"), mode(cli, &run.mode));
    add(("läge", "state"), state(cli, run.state).to_owned());
    for step in &whole.transitions {
        let reason = step.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        add(("", ""), format!("{}  {}{reason}", time(step.at), state(cli, step.to)));
    }
    if let Some(occasion) = &whole.occasion {
        add(("för", "for"), cli.told(&occasion_text(occasion)));
        for step in &whole.steps {
            let by = step.holder.as_ref().map(|holder| format!("  ({holder})")).unwrap_or_default();
            let reason = step.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            add(("", ""), format!("{}  {}{reason}{by}", time(step.at), cli.told(&occasion_state(step.to))));
        }
    }
    for (name, field) in [
        (("rader in", "rows in"), "rows_in"),
        (("godkända", "accepted"), "accepted"),
        (("avvisade", "rejected"), "rejected"),
        (("undantagna", "withheld"), "withheld"),
    ] {
        if let Some(figure) = balance(run, field) {
            add(name, number(figure));
        }
    }
    if let Some(first) = &run.replay_of {
        add(("läser om", "reads again"), first.clone());
    }
    if let Some(seq) = run.seq {
        add(("publicering", "publication"), number(seq));
    }
    for file in files(run) {
        let answers = file.answers.map(|n| cli.told(&counted(n, ("svar", "svar"), ("answer", "answers"))));
        let size = file.bytes.map(|bytes| format!("{} kB", number(bytes.div_ceil(1000))));
        let rows = cli.told(&rows_text(file.rows));
        let told: Vec<String> = [Some(file.name), file.part, answers, size, Some(rows)].into_iter().flatten().collect();
        add(("fil", "file"), told.join(", "));
    }
    if whole.has_receipt {
        add(("kvitto", "receipt"), format!("`sluss receipt {}`", short(&run.id)));
    }
    for (nth, line) in whole.log.iter().enumerate() {
        let level = if line.level == "info" { String::new() } else { format!("{}: ", line.level.to_uppercase()) };
        let name = if nth == 0 { ("logg", "log") } else { ("", "") };
        add(name, format!("{}  {level}{}", clock(line.at), line.message));
    }
    Grid { headings: Vec::new(), rows, closing: run.reason.clone().map(Message::from) }
}

/// The time of a line, to the second: stations follow closely.
fn clock(at: DateTime<Utc>) -> String {
    at.with_timezone(&chrono_tz::Europe::Stockholm).format("%H.%M.%S").to_string()
}

/// What a run was begun for.
fn occasion_text(occasion: &Occasion) -> Message {
    let due = time(occasion.due);
    let asked = occasion.asked_by.as_deref().unwrap_or_default();
    match (occasion.kind, occasion.window) {
        (OccasionKind::Schedule, _) => say!("tiden {due}", "the time {due}"),
        (OccasionKind::Arrival, _) => say!("det som hade kommit {due}", "what had come by {due}"),
        (OccasionKind::Manual, _) => say!("begäran {due} av {asked}", "the request of {due} by {asked}"),
        (OccasionKind::Backfill, Some((from, to))) => {
            say!("perioden {from} till {to}, på begäran av {asked}", "the window {from} to {to}, asked for by {asked}")
        }
        (OccasionKind::Backfill, None) => say!("en gången period", "a past window"),
    }
}

fn occasion_state(state: OccasionState) -> Message {
    match state {
        OccasionState::Planned => say!("på tur", "next"),
        OccasionState::Running => say!("pågår", "running"),
        OccasionState::Done => say!("klar", "done"),
        OccasionState::Held => say!("HÅLLS", "HELD"),
        OccasionState::Failed => say!("FEL", "FAILED"),
        OccasionState::Skipped => say!("överhoppad", "skipped"),
    }
}
