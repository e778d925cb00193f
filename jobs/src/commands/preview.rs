//! `sluss preview`: a job's first rows as they would become national rows.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use sluss_pipeline::run::{Preview, PreviewRow, PreviewTable, Verdict};
use sluss_schemas::landing::NoLanding;
use sluss_schemas::rule;
use sluss_schemas::say;

use crate::app::App;
use crate::bridge;
use crate::cli::{Cli, Format, PreviewArgs};
use crate::output::{self, Grid, column, counted, figures, number, rows_text, wrapped};

/// `sluss preview`.
pub(crate) async fn preview(cli: &Cli, args: &PreviewArgs) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let job = app.job(&args.job)?;
    let source = bridge::open(&app.engine, job)?;
    let chunks = bridge::read(source.as_ref(), &job.name, None, Arc::new(NoLanding));
    let preview = app.engine.preview(job, chunks, args.rows).await?;
    if cli.format == Format::Table {
        output::text(&text(cli, &preview))?;
    } else {
        output::grid(cli, &preview, || grid(cli, &preview))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn word(cli: &Cli, verdict: Verdict) -> &'static str {
    cli.word(match verdict {
        Verdict::Accepted => ("godkänd", "accepted"),
        Verdict::Repaired => ("rättad", "repaired"),
        Verdict::Rejected => ("AVVISAD", "REJECTED"),
    })
}

/// A row has more columns than a line has room for: each row is a small block.
fn text(cli: &Cli, preview: &Preview) -> String {
    let mut out = String::new();
    for table in &preview.tables {
        for row in &table.rows {
            block(&mut out, cli, table, row);
        }
    }
    let all = || preview.tables.iter().flat_map(|table| &table.rows);
    // Readers read ahead: rows far beyond those that are looked at are no answer to the question.
    let last = all().map(|row| row.row).max().unwrap_or(u64::MAX);
    // Writing to a string cannot fail.
    for (file, row, id) in preview.unread.iter().filter(|(_, row, _)| *row <= last) {
        let what = rule::find(id).map(|rule| rule.what(cli.language(), None)).unwrap_or_default();
        let row = number(*row);
        let told = say!("{file}, rad {row}: gick inte att läsa", "{file}, row {row}: could not be read");
        let _ = writeln!(out, "{}\n  {id}: {what}\n", cli.told(&told));
    }
    for (name, rows) in &preview.filtered {
        let rows = cli.told(&rows_text(*rows));
        let told = say!("{rows} valdes bort av filtret {name}", "{rows} left out by the filter {name}");
        let _ = writeln!(out, "{}", cli.told(&told));
    }
    let rejected = number(all().filter(|row| row.verdict == Verdict::Rejected).count() as u64);
    let source = cli.told(&counted(preview.rows_in, ("källrad", "källrader"), ("source row", "source rows")));
    let national =
        counted(all().count() as u64, ("nationell rad", "nationella rader"), ("national row", "national rows"));
    let national = cli.told(&national);
    out.push_str(&cli.told(&say!(
        "{source} gav {national}, varav {rejected} skulle avvisas. Inget har skrivits.",
        "{source} gave {national}, {rejected} of which would be rejected. Nothing has been written."
    )));
    out
}

fn block(out: &mut String, cli: &Cli, table: &PreviewTable, row: &PreviewRow) {
    let word = word(cli, row.verdict);
    let (file, number, name) = (&row.file, number(row.row), &table.table);
    let head = say!("{file}, rad {number} → {name}: {word}", "{file}, row {number} → {name}: {word}");
    let _ = writeln!(out, "{}", cli.told(&head));
    for (column, value) in table.columns.iter().zip(&row.values) {
        if let Some(value) = value {
            let _ = writeln!(out, "    {column} = {}", value.escape_debug());
        }
    }
    for finding in &row.findings {
        let Some(rule) = rule::find(&finding.rule) else { continue };
        let (language, column) = (cli.language(), finding.column.as_deref());
        let (what, mend) = (rule.what(language, column), rule.mend(language, column, finding.suggestion.as_deref()));
        let _ = writeln!(out, "  {}", wrapped(&format!("{}: {what} {mend}", rule.id), 95, 4));
    }
    out.push('\n');
}

fn grid(cli: &Cli, preview: &Preview) -> Grid {
    let mut rows = Vec::new();
    for table in &preview.tables {
        for row in &table.rows {
            let rules: Vec<_> = row.findings.iter().map(|f| f.rule.as_str()).collect();
            let values = table
                .columns
                .iter()
                .zip(&row.values)
                .filter_map(|(name, value)| Some((name.clone(), value.clone()?.into())));
            let values: serde_json::Map<String, serde_json::Value> = values.collect();
            rows.push(vec![
                row.file.clone(),
                row.row.to_string(),
                table.table.clone(),
                word(cli, row.verdict).to_owned(),
                rules.join(" "),
                serde_json::Value::Object(values).to_string(),
            ]);
        }
    }
    Grid {
        headings: vec![
            column("fil", "file"),
            figures("rad", "row"),
            column("tabell", "table"),
            column("utfall", "verdict"),
            column("regler", "rules"),
            column("värden", "values"),
        ],
        rows,
        closing: None,
    }
}
