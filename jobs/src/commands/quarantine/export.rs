//! `sluss quarantine export`: every waiting row in one Parquet file.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::keys::Delivery;
use sluss_pipeline::ledger::{Act, Note, QuarantineFilter};
use sluss_pipeline::quarantine::ExportWriter;
use sluss_schemas::say;

use super::open::{OpenRun, open_runs, settled};
use crate::app::App;
use crate::cli::Cli;
use crate::output::{self, number};

#[derive(Serialize)]
struct Answer {
    file: String,
    rows: u64,
    runs: usize,
}

pub(super) async fn export(cli: &Cli, app: &App, out: &Path, table: Option<&str>) -> anyhow::Result<ExitCode> {
    if let Some(name) = table {
        app.engine.table(name)?;
    }
    let runs = open_runs(app).await?;
    let mut done = Vec::with_capacity(runs.len());
    for run in &runs {
        done.push(settled(app, &run.run).await?);
    }
    let mut columns = columns(app, table).await?;
    let rows = loop {
        match attempt(app, out, table, &runs, &done, &columns)? {
            Attempt::Done(rows) => break rows,
            // Written under another version of a table: its own columns come along.
            Attempt::Unknown(column) => columns.push(column),
        }
    };
    let outcome = format!("done rows={rows} runs={}", runs.len());
    let object = table.unwrap_or("karantan");
    let exported = Note { who: None, act: Act::QuarantineExported, object, outcome: &outcome, run: None };
    app.engine.register.note(&exported).await?;
    let answer = Answer { file: out.display().to_string(), rows, runs: runs.len() };
    output::said(cli, &answer, || {
        if rows == 0 {
            return say!(
                "Inga rader väntar i karantän: {} har bara kolumnerna.",
                "No rows wait in quarantine: {} has the columns only.",
                answer.file
            );
        }
        let (rows, runs) = (number(rows), number(answer.runs as u64));
        say!(
            "{rows} rader ur {runs} körningar skrevs till {}.\nFilen innehåller cellvärden: skicka den bara till den som äger raderna.",
            "{rows} rows of {runs} runs were written to {}.\nThe file holds cell values: send it to the rows' owner only.",
            answer.file
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

enum Attempt {
    Done(u64),
    Unknown(String),
}

/// The columns of the tables that rows wait for, and the source's own cells.
async fn columns(app: &App, table: Option<&str>) -> anyhow::Result<Vec<String>> {
    let mut tables: BTreeSet<String> = match table {
        Some(table) => BTreeSet::from([table.to_owned()]),
        None => app
            .engine
            .register
            .quarantine_causes(&QuarantineFilter::default())
            .await?
            .into_iter()
            .map(|c| c.table)
            .collect(),
    };
    if tables.is_empty() {
        // Nothing waits: the file still has the columns that it would have.
        tables = app.jobs.iter().flat_map(|job| job.file.job.feeds.iter().cloned()).collect();
    }
    let (mut columns, mut known): (Vec<String>, HashSet<String>) = (Vec::new(), HashSet::new());
    for table in tables.iter().filter_map(|name| app.engine.project.tables.get(name)) {
        for column in &table.column {
            if known.insert(column.name.clone()) {
                columns.push(column.name.clone());
            }
        }
    }
    columns.push("_kalla".to_owned());
    Ok(columns)
}

fn attempt(
    app: &App,
    out: &Path,
    table: Option<&str>,
    runs: &[OpenRun],
    done: &[HashSet<(String, u64)>],
    columns: &[String],
) -> anyhow::Result<Attempt> {
    let mut writer = ExportWriter::create(out, columns)?;
    for (run, done) in runs.iter().zip(done) {
        let delivery = Delivery::new(&run.owner, &run.run)?;
        let rows = app.engine.quarantine.read(&delivery)?.ok_or_else(|| {
            PipelineError::operator(say!("körningens karantän saknas", "the run's quarantine is missing"))
                .at(delivery.to_string())
                .hint(say!(
                    "återställ den ur en säkerhetskopia av landningszonen",
                    "bring it back from a backup of the landing folder"
                ))
        })?;
        for row in rows {
            let row = row?;
            if table.is_some_and(|wanted| row.table.as_deref() != Some(wanted)) {
                continue;
            }
            if !done.is_empty() && done.contains(&(row.table.clone().unwrap_or_default(), row.row.0)) {
                continue;
            }
            if let Some(column) = writer.unknown(&row) {
                return Ok(Attempt::Unknown(column.to_owned()));
            }
            writer.add(&run.run, &row)?;
        }
    }
    Ok(Attempt::Done(writer.finish(out)?))
}
