//! Answers on standard output: aligned tables for people, JSON for programs, CSV for spreadsheets.

use std::io::Write;

use arrow::array::{Array, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use serde::Serialize;

use crate::cli::{Cli, Format};

/// A table as people see it.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    /// Headings; those that begin with `>` are figures, set to the right.
    pub(crate) headings: Vec<&'static str>,
    /// Cells.
    pub(crate) rows: Vec<Vec<String>>,
    /// The line that matters, last.
    pub(crate) closing: Option<String>,
}

/// Shows `answer`: as it is in JSON, as a grid otherwise.
pub(crate) fn grid<T: Serialize>(cli: &Cli, answer: &T, make: impl FnOnce() -> Grid) -> anyhow::Result<()> {
    match cli.format {
        Format::Json => json(answer),
        Format::Csv => {
            let grid = make();
            let mut out = std::io::stdout().lock();
            writeln!(
                out,
                "{}",
                grid.headings.iter().map(|h| csv_cell(h.trim_start_matches('>'))).collect::<Vec<_>>().join(";")
            )?;
            for row in grid.rows {
                writeln!(out, "{}", row.iter().map(|c| csv_cell(c)).collect::<Vec<_>>().join(";"))?;
            }
            Ok(())
        }
        Format::Table => {
            let grid = make();
            let mut table = plain_table();
            table.set_header(grid.headings.iter().map(|h| h.trim_start_matches('>')));
            for row in grid.rows {
                table.add_row(row);
            }
            for (index, heading) in grid.headings.iter().enumerate() {
                if heading.starts_with('>')
                    && let Some(column) = table.column_mut(index)
                {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
            text(&table.trim_fmt())?;
            match grid.closing {
                Some(closing) => text(&format!("\n{closing}")),
                None => Ok(()),
            }
        }
    }
}

/// Shows `answer`: as it is in JSON, as text otherwise.
pub(crate) fn said<T: Serialize>(cli: &Cli, answer: &T, make: impl FnOnce() -> String) -> anyhow::Result<()> {
    match cli.format {
        Format::Json => json(answer),
        Format::Table | Format::Csv => text(&make()),
    }
}

/// Shows query results.
pub(crate) fn batches(cli: &Cli, batches: &[RecordBatch]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match cli.format {
        Format::Json => {
            let mut writer = arrow::json::ArrayWriter::new(&mut out);
            writer.write_batches(&batches.iter().collect::<Vec<_>>())?;
            writer.finish()?;
            writeln!(out)?;
        }
        Format::Csv => {
            for (index, batch) in batches.iter().enumerate() {
                let builder = arrow::csv::WriterBuilder::new().with_header(index == 0).with_delimiter(b';');
                builder.build(&mut out).write(batch)?;
            }
        }
        Format::Table => {
            let Some(first) = batches.first() else { return Ok(()) };
            let mut table = plain_table();
            table.set_header(first.schema().fields().iter().map(|f| f.name().clone()));
            let options = FormatOptions::default().with_null("");
            let mut rows = 0;
            for batch in batches {
                let columns = batch
                    .columns()
                    .iter()
                    .map(|c| ArrayFormatter::try_new(c, &options))
                    .collect::<Result<Vec<_>, _>>()?;
                for row in 0..batch.num_rows() {
                    table.add_row(columns.iter().map(|c| c.value(row).to_string()));
                }
                rows += batch.num_rows();
            }
            for (index, field) in first.schema().fields().iter().enumerate() {
                if field.data_type().is_numeric()
                    && let Some(column) = table.column_mut(index)
                {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
            writeln!(out, "{}\n\n{}", table.trim_fmt(), rows_text(rows as u64))?;
        }
    }
    Ok(())
}

/// Writes text and a line end.
pub(crate) fn text(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        // The reader has seen enough (`| head`).
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

fn json<T: Serialize>(answer: &T) -> anyhow::Result<()> {
    text(&serde_json::to_string_pretty(answer)?)
}

fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}

fn csv_cell(cell: &str) -> String {
    if cell.contains([';', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// `1 rad`, `2 rader`.
pub(crate) fn rows_text(rows: u64) -> String {
    if rows == 1 { "1 rad".to_owned() } else { format!("{} rader", number(rows)) }
}

/// `1 234 567`, with no-break spaces.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

/// Shows rows that are wider than a screen: on a terminal each as a block of column and value.
pub(crate) fn records(cli: &Cli, rows: &[RecordBatch]) -> anyhow::Result<()> {
    if cli.format != Format::Table {
        return batches(cli, rows);
    }
    let options = FormatOptions::default();
    let (mut out, mut count) = (String::new(), 0);
    for batch in rows {
        let schema = batch.schema();
        let columns =
            batch.columns().iter().map(|c| ArrayFormatter::try_new(c, &options)).collect::<Result<Vec<_>, _>>()?;
        let width = schema.fields().iter().map(|f| f.name().chars().count()).max().unwrap_or_default();
        for row in 0..batch.num_rows() {
            for ((field, values), column) in schema.fields().iter().zip(batch.columns()).zip(&columns) {
                if !values.is_null(row) {
                    let _ = std::fmt::Write::write_fmt(
                        &mut out,
                        format_args!("{:width$}  {}\n", field.name(), column.value(row)),
                    );
                }
            }
            out.push('\n');
        }
        count += batch.num_rows();
    }
    text(&format!("{out}{}", rows_text(count as u64)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_break_spaces() {
        assert_eq!(number(0), "0");
        assert_eq!((rows_text(1), rows_text(0)), ("1 rad".to_owned(), "0 rader".to_owned()));
        assert_eq!(number(1234), "1\u{a0}234");
        assert_eq!(number(123_456), "123\u{a0}456");
    }
}
