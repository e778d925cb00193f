//! `sluss runs`: what has run, or all that is known of one run.

use std::process::ExitCode;

use serde::Serialize;
use serde_json::Value;
use sluss_pipeline::ledger::{DeliveredOrigin, Run, RunFilter, Transition};

use crate::app::App;
use crate::cli::{Cli, Format, RunsArgs};
use crate::commands::{find_run, state, time};
use crate::output::{self, Grid, number};

/// Characters of a run's id that a list shows.
const SHOWN: usize = 12;

/// One run with everything that the ledger has of it.
#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    run: Run,
    transitions: Vec<Transition>,
    origins: Vec<DeliveredOrigin>,
}

/// `sluss runs`.
pub(crate) async fn runs(cli: &Cli, args: &RunsArgs) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let register = &app.engine.register;
    if let Some(text) = &args.run {
        let run = find_run(&app, text).await?;
        let (transitions, origins) = (register.transitions(&run.id).await?, register.origins(&run.id).await?);
        let whole = Whole { run, transitions, origins };
        output::grid(cli, &whole, || one(&whole))?;
        return Ok(ExitCode::SUCCESS);
    }
    let runs = register.runs(&RunFilter { limit: Some(args.limit), ..RunFilter::default() }).await?;
    output::grid(cli, &runs, || list(cli, &runs))?;
    Ok(ExitCode::SUCCESS)
}

/// A figure of the balance in a run's counts.
pub(crate) fn balance(run: &Run, name: &str) -> Option<u64> {
    run.counts.as_ref()?.get("balance")?.get(name).and_then(Value::as_u64)
}

fn list(cli: &Cli, runs: &[Run]) -> Grid {
    let figure = |run: &Run, name| balance(run, name).map(number).unwrap_or_default();
    let rows = runs.iter().map(|run| {
        vec![
            shown_id(cli, &run.id),
            run.job.clone(),
            state(run.state).to_owned(),
            time(run.started),
            figure(run, "rows_in"),
            figure(run, "rejected"),
            run.seq.map(number).unwrap_or_default(),
        ]
    });
    let closing = match runs.len() {
        0 => "Inget har körts: `sluss run JOBB`.",
        _ => "En körning i sin helhet: `sluss runs KÖRNING`; kvittensen: `sluss receipt KÖRNING`.",
    };
    Grid {
        headings: vec!["körning", "jobb", "läge", "började", ">rader in", ">avvisade", ">publicering"],
        rows: rows.collect(),
        closing: Some(closing.to_owned()),
    }
}

/// On a screen the end of the id, which is all that tells runs apart and all that a command needs.
fn shown_id(cli: &Cli, id: &str) -> String {
    let end = id.len().checked_sub(SHOWN).and_then(|from| id.get(from..));
    match (cli.format, end) {
        (Format::Table, Some(end)) => end.to_owned(),
        _ => id.to_owned(),
    }
}

fn one(whole: &Whole) -> Grid {
    let run = &whole.run;
    let mut rows = Vec::new();
    let mut add = |name: &str, value: String| rows.push(vec![name.to_owned(), value]);
    add("körning", run.id.clone());
    add("jobb", run.job.clone());
    add("ägare", run.owner.clone());
    add("leverans", run.mode.clone());
    add("läge", state(run.state).to_owned());
    for step in &whole.transitions {
        let reason = step.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        add("", format!("{}  {}{reason}", time(step.at), state(step.to)));
    }
    for (name, field) in
        [("rader in", "rows_in"), ("godtagna", "accepted"), ("avvisade", "rejected"), ("undantagna", "withheld")]
    {
        if let Some(figure) = balance(run, field) {
            add(name, number(figure));
        }
    }
    if let Some(first) = &run.replay_of {
        add("läser om", first.clone());
    }
    if let Some(seq) = run.seq {
        add("publicering", number(seq));
    }
    for file in &whole.origins {
        let part = file.origin.part.as_ref().map(|part| format!(", {part}")).unwrap_or_default();
        let figures = file.rows.map(|rows| format!("  {} rader", number(rows))).unwrap_or_default();
        add("fil", format!("{}{part}{figures}", file.origin.name));
    }
    Grid { headings: vec!["", ""], rows, closing: run.reason.clone() }
}
