//! `sluss quarantine list`: what is wrong, the most frequent first, and where it waits.

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::ledger::{Cause, QuarantineFilter, QuarantineState};
use sluss_schemas::message::Message;
use sluss_schemas::rule::{self, Severity};
use sluss_schemas::say;

use super::open::{OpenRun, open_runs};
use crate::app::App;
use crate::cli::{Cli, Format};
use crate::commands::{find_run, short};
use crate::output::{self, Grid, column, counted, figures, number, wrapped};

/// Characters that the tables of one cause get in a line.
const TABLES: usize = 20;
/// Characters that a cause's text gets.
const TEXT: usize = 44;

#[derive(Serialize)]
struct Answer {
    causes: Vec<Cause>,
    runs: Vec<OpenRun>,
}

pub(super) async fn list(cli: &Cli, app: &App, run: Option<&str>, limit: usize) -> anyhow::Result<ExitCode> {
    let run = match run {
        Some(text) => Some(find_run(app, text).await?.id),
        None => None,
    };
    let filter =
        QuarantineFilter { run: run.clone(), state: Some(QuarantineState::Open), ..QuarantineFilter::default() };
    let mut causes = app.engine.register.quarantine_causes(&filter).await?;
    // What was repaired in a rejected row is no cause of its rejection.
    causes.retain(|cause| rule::find(&cause.rule).is_none_or(|rule| rule.severity != Severity::Repair));
    let mut runs = open_runs(app).await?;
    runs.retain(|open| run.as_ref().is_none_or(|run| open.run == *run));
    let answer = Answer { causes, runs };
    match cli.format {
        Format::Table => screen(cli, &answer, limit)?,
        _ => output::grid(cli, &answer, || whole(cli, &answer))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// On a screen: causes over all tables, and the runs whose rows wait.
fn screen(cli: &Cli, answer: &Answer, limit: usize) -> anyhow::Result<()> {
    if answer.runs.is_empty() {
        return output::text(cli.word(("Inga rader väntar i karantän.", "No rows wait in quarantine.")));
    }
    let causes = by_rule(&answer.causes);
    let left_out = causes.len().saturating_sub(limit) as u64;
    let causes = Grid {
        headings: vec![
            figures("rader", "rows"),
            column("regel", "rule"),
            column("vad som är fel", "what is wrong"),
            column("i", "in"),
        ],
        rows: causes.into_iter().take(limit).map(|cause| cause.row(cli)).collect(),
        closing: None,
    };
    let runs = Grid {
        headings: vec![figures("källrader", "source rows"), column("körning", "run"), column("jobb", "job")],
        rows: answer
            .runs
            .iter()
            .map(|open| vec![number(open.rows), short(&open.run).to_owned(), open.job.clone()])
            .collect(),
        closing: None,
    };
    let mut parts = vec![causes.table(cli)];
    if left_out > 0 {
        let more = counted(left_out, ("orsak till", "orsaker till"), ("more cause", "more causes"));
        parts.push(cli.told(&say!("… och {}: fler med -n.", "… and {}: more with -n.", cli.told(&more))));
    }
    parts.push(runs.table(cli));
    parts.push(cli.told(&closing(cli, &answer.runs)));
    output::text(&parts.join("\n\n"))
}

/// One rule over all tables.
struct Total<'a> {
    rule: &'a str,
    rows: u64,
    tables: Vec<&'a str>,
}

fn by_rule(causes: &[Cause]) -> Vec<Total<'_>> {
    let mut totals: BTreeMap<&str, Total<'_>> = BTreeMap::new();
    for cause in causes {
        let total = totals.entry(&cause.rule).or_insert(Total { rule: &cause.rule, rows: 0, tables: Vec::new() });
        total.rows += cause.rows;
        if !cause.table.is_empty() {
            total.tables.push(&cause.table);
        }
    }
    let mut totals: Vec<_> = totals.into_values().collect();
    totals.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.rule.cmp(b.rule)));
    totals
}

impl Total<'_> {
    fn row(&self, cli: &Cli) -> Vec<String> {
        let what = rule::find(self.rule).map(|rule| rule.what(cli.language(), None)).unwrap_or_default();
        vec![
            number(self.rows),
            self.rule.to_owned(),
            wrapped(&what, TEXT, 0),
            wrapped(&self.tables.join(", "), TABLES, 0),
        ]
    }
}

/// For spreadsheets: each cause in each table.
fn whole(cli: &Cli, answer: &Answer) -> Grid {
    let what = |id: &str| rule::find(id).map(|rule| rule.what(cli.language(), None)).unwrap_or_default();
    let rows = answer
        .causes
        .iter()
        .map(|cause| vec![cause.table.clone(), cause.rule.clone(), cause.rows.to_string(), what(&cause.rule)]);
    Grid {
        headings: vec![
            column("tabell", "table"),
            column("regel", "rule"),
            figures("rader", "rows"),
            column("vad som är fel", "what is wrong"),
        ],
        rows: rows.collect(),
        closing: None,
    }
}

fn closing(cli: &Cli, runs: &[OpenRun]) -> Message {
    let rows: u64 = runs.iter().map(|open| open.rows).sum();
    let rows = cli.told(&counted(rows, ("källrad", "källrader"), ("source row", "source rows")));
    let runs = cli.told(&counted(runs.len() as u64, ("körning", "körningar"), ("run", "runs")));
    say!(
        "Raderna: `sluss quarantine show KÖRNING`. En regel: `sluss explain REGEL`.\n{rows} väntar från {runs}.",
        "The rows: `sluss quarantine show RUN`. A rule: `sluss explain RULE`.\n{rows} wait from {runs}."
    )
}
