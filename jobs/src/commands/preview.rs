//! `sluss preview`: a job's first rows as they would become national rows.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use sluss_pipeline::run::{Preview, PreviewRow, PreviewTable, Verdict};
use sluss_schemas::landing::NoLanding;
use sluss_schemas::rule::{self, Language};

use crate::app::App;
use crate::bridge;
use crate::cli::{Cli, Format, PreviewArgs};
use crate::commands::language;
use crate::output::{self, Grid, number};

/// `sluss preview`.
pub(crate) async fn preview(cli: &Cli, args: &PreviewArgs) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let job = app.job(&args.job)?;
    let source = bridge::open(&app.engine, job)?;
    let chunks = bridge::read(source.as_ref(), &job.name, None, Arc::new(NoLanding));
    let preview = app.engine.preview(job, chunks, args.rows).await?;
    if cli.format == Format::Table {
        output::text(&text(&preview, language(cli)))?;
    } else {
        output::grid(cli, &preview, || grid(&preview))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "godtagen",
        Verdict::Repaired => "lagad",
        Verdict::Rejected => "AVVISAD",
    }
}

/// A row has more columns than a line has room for: each row is a small block.
fn text(preview: &Preview, language: Language) -> String {
    let mut out = String::new();
    for table in &preview.tables {
        for row in &table.rows {
            block(&mut out, table, row, language);
        }
    }
    // Writing to a string cannot fail.
    for (file, row, id) in &preview.unread {
        let what = rule::find(id).map(|rule| rule.what(language, None)).unwrap_or_default();
        let _ = writeln!(out, "{file}, rad {}: gick inte att läsa\n  {id}: {what}\n", number(*row));
    }
    for (name, rows) in &preview.filtered {
        let _ = writeln!(out, "{} rader undantagna av filtret {name}", number(*rows));
    }
    let all = || preview.tables.iter().flat_map(|table| &table.rows);
    let rejected = all().filter(|row| row.verdict == Verdict::Rejected).count();
    let _ = write!(
        out,
        "{} källrader gav {} nationella rader, varav {} skulle avvisas. Inget har skrivits.",
        number(preview.rows_in),
        number(all().count() as u64),
        number(rejected as u64)
    );
    out
}

fn block(out: &mut String, table: &PreviewTable, row: &PreviewRow, language: Language) {
    let _ = writeln!(out, "{}, rad {} → {}: {}", row.file, number(row.row), table.table, word(row.verdict));
    for (column, value) in table.columns.iter().zip(&row.values) {
        if let Some(value) = value {
            let _ = writeln!(out, "    {column} = {}", value.escape_debug());
        }
    }
    for finding in &row.findings {
        let Some(rule) = rule::find(&finding.rule) else { continue };
        let column = finding.column.as_deref();
        let (what, mend) = (rule.what(language, column), rule.mend(language, column, finding.suggestion.as_deref()));
        let _ = writeln!(out, "  {}: {what} {mend}", rule.id);
    }
    out.push('\n');
}

fn grid(preview: &Preview) -> Grid {
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
                word(row.verdict).to_owned(),
                rules.join(" "),
                serde_json::Value::Object(values).to_string(),
            ]);
        }
    }
    Grid { headings: vec!["fil", ">rad", "tabell", "utfall", "regler", "värden"], rows, closing: None }
}
