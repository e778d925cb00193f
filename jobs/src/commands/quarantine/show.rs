//! `sluss quarantine show`: a run's rejected rows, with what is wrong in each.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::keys::Delivery;
use sluss_pipeline::ledger::{Act, Note};
use sluss_pipeline::quarantine::QuarantinedRow;
use sluss_schemas::message::Message;
use sluss_schemas::rule::{self, Language};
use sluss_schemas::say;

use super::open::settled;
use crate::app::App;
use crate::cli::Cli;
use crate::commands::{find_run, short};
use crate::output::{self, Grid, column, counted, figures, number, wrapped};

/// Characters in a line.
const WIDTH: usize = 95;

/// The source's own cells stand in this one as JSON, where they were at hand.
const SOURCE_CELLS: &str = "_kalla";

#[derive(Serialize)]
struct Answer {
    run: String,
    job: String,
    rows: Vec<Row>,
    /// National rows that wait, shown or not.
    waiting: u64,
    /// Source rows that they come from.
    source_rows: u64,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names of the answer's fields are its contract")]
struct Row {
    file: String,
    part: Option<String>,
    row: u64,
    table: Option<String>,
    findings: Vec<Finding>,
    /// The source's own cells where they were at hand, else the national ones.
    cells: serde_json::Map<String, serde_json::Value>,
    /// A row that could not be read, as far as it is text.
    raw: Option<String>,
    detail: Option<String>,
}

#[derive(Serialize)]
struct Finding {
    rule: String,
    column: Option<String>,
    suggestion: Option<String>,
    what: String,
    mend: String,
}

pub(super) async fn show(cli: &Cli, app: &App, run: &str, limit: usize) -> anyhow::Result<ExitCode> {
    let run = find_run(app, run).await?;
    let settled = settled(app, &run.id).await?;
    let mut answer = Answer { run: run.id.clone(), job: run.job.clone(), rows: Vec::new(), waiting: 0, source_rows: 0 };
    let mut sources = BTreeSet::new();
    let delivery = Delivery::new(&run.owner, &run.id)?;
    for row in app.engine.quarantine.read(&delivery)?.into_iter().flatten() {
        let row = row?;
        if !settled.is_empty() && settled.contains(&(row.table.clone().unwrap_or_default(), row.row.0)) {
            continue;
        }
        answer.waiting += 1;
        sources.insert(row.row.0);
        if answer.rows.len() < limit {
            answer.rows.push(shown(row, cli.language()));
        }
    }
    answer.source_rows = sources.len() as u64;
    let outcome = format!("done rows={}", answer.rows.len());
    let seen = Note { who: None, act: Act::QuarantineShown, object: &run.job, outcome: &outcome, run: Some(&run.id) };
    app.engine.register.note(&seen).await?;
    if cli.format == crate::cli::Format::Table {
        output::text(&text(cli, &answer))?;
    } else {
        output::grid(cli, &answer, || grid(&answer))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn shown(row: QuarantinedRow, language: Language) -> Row {
    let own = row.cells.iter().find(|(name, _)| name == SOURCE_CELLS).and_then(|(_, value)| value.as_deref());
    let own = own.and_then(|json| serde_json::from_str(json).ok());
    let cells = own.unwrap_or_else(|| {
        let national = row.cells.iter().filter(|(name, value)| name != SOURCE_CELLS && value.is_some());
        national.map(|(name, value)| (name.clone(), value.clone().into())).collect()
    });
    let findings = row.reasons.into_iter().map(|reason| {
        let rule = rule::find(&reason.rule);
        let (column, suggestion) = (reason.column.as_deref(), reason.suggestion.as_deref());
        Finding {
            what: rule.map(|r| r.what(language, column)).unwrap_or_default(),
            mend: rule.map(|r| r.mend(language, column, suggestion)).unwrap_or_default(),
            rule: reason.rule,
            column: reason.column,
            suggestion: reason.suggestion,
        }
    });
    Row {
        file: row.origin,
        part: row.part,
        row: row.row.row(),
        table: row.table,
        findings: findings.collect(),
        cells,
        raw: row.raw.filter(|raw| !raw.is_empty()).map(|raw| String::from_utf8_lossy(&raw).into_owned()),
        detail: row.detail.filter(|detail| !detail.is_empty()),
    }
}

fn text(cli: &Cli, answer: &Answer) -> String {
    let mut out = String::new();
    let row_word = cli.word(("rad", "row"));
    for row in &answer.rows {
        // Writing to a string cannot fail.
        let part = row.part.as_ref().map(|part| format!(", {part}")).unwrap_or_default();
        let table = row.table.as_ref().map(|table| format!(" → {table}")).unwrap_or_default();
        let _ = writeln!(out, "{}{part}, {row_word} {}{table}", row.file, number(row.row));
        for finding in &row.findings {
            let text = format!("{}: {} {}", finding.rule, finding.what, finding.mend);
            let _ = writeln!(out, "  {}", wrapped(&text, WIDTH, 4));
        }
        for detail in row.detail.iter().chain(&row.raw) {
            let _ = writeln!(out, "    {}", detail.escape_debug());
        }
        for (column, value) in &row.cells {
            let value = value.as_str().map_or_else(|| value.to_string(), |text| text.escape_debug().to_string());
            let _ = writeln!(out, "    {column} = {value}");
        }
        out.push('\n');
    }
    out.push_str(cli.told(&closing(cli, answer)).as_str());
    out
}

fn closing(cli: &Cli, answer: &Answer) -> Message {
    let shown = number(answer.rows.len() as u64);
    let waiting =
        cli.told(&counted(answer.waiting, ("avvisad rad", "avvisade rader"), ("rejected row", "rejected rows")));
    let sources = cli.told(&counted(answer.source_rows, ("källrad", "källrader"), ("source row", "source rows")));
    let run = short(&answer.run);
    if answer.waiting == 0 {
        return say!("Inga rader från körningen väntar i karantän.", "No rows of the run wait in quarantine.");
    }
    let next = say!(
        "Rätta källan och skicka den igen, eller rätta mappningen och kör `sluss quarantine replay {run}`.",
        "Mend the source and send it again, or mend the mapping and run `sluss quarantine replay {run}`."
    );
    let told = if answer.waiting > answer.rows.len() as u64 {
        say!(
            "{shown} av {waiting} ur {sources} visas; fler med -n.",
            "{shown} of {waiting} from {sources} are shown; more with -n."
        )
    } else {
        say!("{waiting} ur {sources}.", "{waiting} from {sources}.")
    };
    Message::join([&told, &next], "\n")
}

fn grid(answer: &Answer) -> Grid {
    let mut rows = Vec::new();
    for row in &answer.rows {
        for finding in &row.findings {
            rows.push(vec![
                row.file.clone(),
                row.part.clone().unwrap_or_default(),
                row.row.to_string(),
                row.table.clone().unwrap_or_default(),
                finding.rule.clone(),
                finding.column.clone().unwrap_or_default(),
                finding.suggestion.clone().unwrap_or_default(),
                format!("{} {}", finding.what, finding.mend),
                serde_json::Value::Object(row.cells.clone()).to_string(),
            ]);
        }
    }
    Grid {
        headings: vec![
            column("fil", "file"),
            column("del", "part"),
            figures("rad", "row"),
            column("tabell", "table"),
            column("regel", "rule"),
            column("kolumn", "column"),
            column("förslag", "suggestion"),
            column("text", "text"),
            column("celler", "cells"),
        ],
        rows,
        closing: None,
    }
}
