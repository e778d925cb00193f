//! `sluss quarantine list`: what is wrong, the most frequent first, and where it waits.

use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::ledger::{Cause, QuarantineFilter, QuarantineState};
use sluss_schemas::rule;

use super::open::{OpenRun, open_runs};
use crate::app::App;
use crate::cli::Cli;
use crate::commands::{find_run, language};
use crate::output::{self, Grid, number, rows_text};

#[derive(Serialize)]
struct Answer {
    causes: Vec<Cause>,
    runs: Vec<OpenRun>,
}

pub(super) async fn list(cli: &Cli, app: &App, run: Option<&str>) -> anyhow::Result<ExitCode> {
    let run = match run {
        Some(text) => Some(find_run(app, text).await?.id),
        None => None,
    };
    let filter =
        QuarantineFilter { run: run.clone(), state: Some(QuarantineState::Open), ..QuarantineFilter::default() };
    let causes = app.engine.register.quarantine_causes(&filter).await?;
    let mut runs = open_runs(app).await?;
    runs.retain(|open| run.as_ref().is_none_or(|run| open.run == *run));
    let answer = Answer { causes, runs };
    output::grid(cli, &answer, || grid(cli, &answer))?;
    Ok(ExitCode::SUCCESS)
}

fn grid(cli: &Cli, answer: &Answer) -> Grid {
    let what = |id: &str| rule::find(id).map(|rule| rule.what(language(cli), None)).unwrap_or_default();
    let rows = answer.causes.iter().map(|cause| {
        let table = if cause.table.is_empty() { "–".to_owned() } else { cause.table.clone() };
        vec![table, cause.rule.clone(), number(cause.rows), what(&cause.rule)]
    });
    Grid {
        headings: vec!["tabell", "regel", ">rader", "vad som är fel"],
        rows: rows.collect(),
        closing: Some(closing(&answer.runs)),
    }
}

fn closing(runs: &[OpenRun]) -> String {
    if runs.is_empty() {
        return "Inga rader väntar i karantän.".to_owned();
    }
    let mut lines: Vec<String> =
        runs.iter().map(|open| format!("{}  {}  {}", open.run, open.job, rows_text(open.rows))).collect();
    let rows: u64 = runs.iter().map(|open| open.rows).sum();
    lines.push(format!(
        "{} rader väntar i {} körningar: `sluss quarantine show KÖRNING`.",
        number(rows),
        number(runs.len() as u64)
    ));
    lines.join("\n")
}
