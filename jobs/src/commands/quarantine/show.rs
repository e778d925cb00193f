//! `sluss quarantine show`: a run's rejected rows, with what is wrong in each.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::keys::Delivery;
use sluss_pipeline::quarantine::QuarantinedRow;
use sluss_schemas::rule::{self, Language};

use super::open::settled;
use crate::app::App;
use crate::cli::Cli;
use crate::commands::{find_run, language};
use crate::output::{self, Grid, number};

/// The source's own cells stand in this one as JSON, where they were at hand.
const SOURCE_CELLS: &str = "_kalla";

#[derive(Serialize)]
struct Answer {
    run: String,
    job: String,
    rows: Vec<Row>,
    /// Rows that wait, shown or not.
    waiting: u64,
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
    let mut answer = Answer { run: run.id.clone(), job: run.job.clone(), rows: Vec::new(), waiting: 0 };
    let delivery = Delivery::new(&run.owner, &run.id)?;
    for row in app.engine.quarantine.read(&delivery)?.into_iter().flatten() {
        let row = row?;
        if !settled.is_empty() && settled.contains(&(row.table.clone().unwrap_or_default(), row.row.0)) {
            continue;
        }
        answer.waiting += 1;
        if answer.rows.len() < limit {
            answer.rows.push(shown(row, language(cli)));
        }
    }
    if cli.format == crate::cli::Format::Table {
        output::text(&text(&answer))?;
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

fn text(answer: &Answer) -> String {
    let mut out = String::new();
    for row in &answer.rows {
        // Writing to a string cannot fail.
        let part = row.part.as_ref().map(|part| format!(", {part}")).unwrap_or_default();
        let table = row.table.as_ref().map(|table| format!("  → {table}")).unwrap_or_default();
        let _ = writeln!(out, "{}{part}, rad {}{table}", row.file, number(row.row));
        for finding in &row.findings {
            let _ = writeln!(out, "  {}: {} {}", finding.rule, finding.what, finding.mend);
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
    let shown = answer.rows.len() as u64;
    match answer.waiting {
        0 => out.push_str("Inga rader från körningen väntar i karantän."),
        waiting if waiting > shown => {
            let _ = write!(out, "{} av {} rader visade; fler med -n.", number(shown), number(waiting));
        }
        waiting => {
            let _ = write!(
                out,
                "{} rader väntar. Rätta källan eller mappningen och kör `sluss quarantine replay {}`.",
                number(waiting),
                answer.run
            );
        }
    }
    out
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
        headings: vec!["fil", "del", ">rad", "tabell", "regel", "kolumn", "förslag", "text", "celler"],
        rows,
        closing: None,
    }
}
