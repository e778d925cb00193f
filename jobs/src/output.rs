//! Answers on standard output: aligned tables for people, JSON for programs, CSV for spreadsheets.

use std::fmt::Write as _;
use std::io::Write as _;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use serde::Serialize;
use sluss_schemas::message::Message;
use sluss_schemas::say;
use unicode_width::UnicodeWidthStr;

use crate::cli::{Cli, Format};

/// Characters that a line of an answer has room for.
const WIDE: usize = 100;

/// A column's heading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heading {
    words: (&'static str, &'static str),
    figures: bool,
    csv_only: bool,
}

/// A column of words.
pub(crate) const fn column(sv: &'static str, en: &'static str) -> Heading {
    Heading { words: (sv, en), figures: false, csv_only: false }
}

/// A column of figures, set to the right.
pub(crate) const fn figures(sv: &'static str, en: &'static str) -> Heading {
    Heading { words: (sv, en), figures: true, csv_only: false }
}

impl Heading {
    /// Only in CSV: a screen has no room for it.
    pub(crate) const fn csv_only(mut self) -> Self {
        self.csv_only = true;
        self
    }
}

/// A table as people see it.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    /// Headings; a table without any is a list of names and values.
    pub(crate) headings: Vec<Heading>,
    /// Cells.
    pub(crate) rows: Vec<Vec<String>>,
    /// The line that matters, last.
    pub(crate) closing: Option<Message>,
}

/// Shows `answer`: as it is in JSON, as a grid otherwise.
pub(crate) fn grid<T: Serialize>(cli: &Cli, answer: &T, make: impl FnOnce() -> Grid) -> anyhow::Result<()> {
    match cli.format {
        Format::Json => json(answer),
        Format::Csv => text(make().csv(cli).trim_end()),
        Format::Table => {
            let grid = make();
            let mut parts = Vec::new();
            if !grid.rows.is_empty() {
                parts.push(grid.table(cli));
            }
            parts.extend(grid.closing.as_ref().map(|closing| cli.told(closing)));
            text(&parts.join("\n\n"))
        }
    }
}

impl Grid {
    fn csv(&self, cli: &Cli) -> String {
        let line = |cells: Vec<String>| cells.join(";") + "\n";
        let mut out = String::new();
        if !self.headings.is_empty() {
            out.push_str(&line(self.headings.iter().map(|h| csv_cell(cli.word(h.words))).collect()));
        }
        for row in &self.rows {
            out.push_str(&line(row.iter().map(|cell| csv_cell(cell)).collect()));
        }
        out
    }

    /// The table without its closing line.
    pub(crate) fn table(&self, cli: &Cli) -> String {
        let shown = |index: usize| self.headings.get(index).is_none_or(|h| !h.csv_only);
        let cells = |row: &[String]| -> Vec<String> {
            row.iter().enumerate().filter(|(index, _)| shown(*index)).map(|(_, cell)| cell.clone()).collect()
        };
        let headings: Vec<_> = self.headings.iter().filter(|h| !h.csv_only).collect();
        let mut table = plain_table();
        if !headings.is_empty() {
            table.set_header(headings.iter().map(|h| cli.word(h.words)));
        }
        for row in &self.rows {
            table.add_row(cells(row));
        }
        let right = headings.iter().enumerate().filter(|(_, h)| h.figures).map(|(index, _)| index);
        aligned(&mut table, right)
    }
}

/// Shows `answer`: as it is in JSON, as text otherwise.
pub(crate) fn said<T: Serialize>(cli: &Cli, answer: &T, make: impl FnOnce() -> Message) -> anyhow::Result<()> {
    match cli.format {
        Format::Json => json(answer),
        Format::Table | Format::Csv => text(make().told(cli.language())),
    }
}

/// Shows query results: a table, or blocks of column and value where a table would be too wide.
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
            drop(out);
            let Some(first) = batches.first() else { return Ok(()) };
            let mut table = plain_table();
            table.set_header(first.schema().fields().iter().map(|f| f.name().clone()));
            let options = FormatOptions::default().with_null("");
            let mut rows = 0;
            for batch in batches {
                let columns = formatters(batch, &options)?;
                for row in 0..batch.num_rows() {
                    table.add_row(columns.iter().map(|c| c.value(row).to_string()));
                }
                rows += batch.num_rows();
            }
            let schema = first.schema();
            let right = schema.fields().iter().enumerate().filter(|(_, f)| f.data_type().is_numeric());
            let shown = aligned(&mut table, right.map(|(index, _)| index));
            if rows > 0 && shown.lines().any(|line| line.width() > WIDE) {
                return text(&blocks(batches, |name| Some(name.to_owned()), cli)?);
            }
            text(&format!("{shown}\n\n{}", cli.told(&rows_text(rows as u64))))?;
        }
    }
    Ok(())
}

/// Shows rows as blocks of column and value. `name` gives a column's name to people, or nothing
/// where it is of no use to them.
pub(crate) fn records(cli: &Cli, rows: &[RecordBatch], name: impl Fn(&str) -> Option<String>) -> anyhow::Result<()> {
    if cli.format != Format::Table {
        return batches(cli, rows);
    }
    text(&blocks(rows, name, cli)?)
}

fn blocks(rows: &[RecordBatch], name: impl Fn(&str) -> Option<String>, cli: &Cli) -> anyhow::Result<String> {
    let options = FormatOptions::default();
    let (mut out, mut count) = (String::new(), 0);
    for batch in rows {
        let schema = batch.schema();
        let columns = formatters(batch, &options)?;
        let names: Vec<_> = schema.fields().iter().map(|f| name(f.name())).collect();
        let width = names.iter().flatten().map(|n| n.width()).max().unwrap_or_default();
        for row in 0..batch.num_rows() {
            for ((name, values), column) in names.iter().zip(batch.columns()).zip(&columns) {
                if let Some(name) = name
                    && !values.is_null(row)
                {
                    let shown = moment(values, row).unwrap_or_else(|| column.value(row).to_string());
                    let _ = writeln!(out, "{name:width$}  {shown}");
                }
            }
            out.push('\n');
        }
        count += batch.num_rows();
    }
    Ok(format!("{out}{}", cli.told(&rows_text(count as u64))))
}

/// A point in time as people in Sweden read it.
fn moment(values: &dyn Array, row: usize) -> Option<String> {
    let values = values.as_primitive_opt::<TimestampMicrosecondType>()?;
    values.timezone()?;
    Some(crate::commands::time(chrono::DateTime::from_timestamp_micros(values.value(row))?))
}

fn formatters<'a>(batch: &'a RecordBatch, options: &FormatOptions<'a>) -> anyhow::Result<Vec<ArrayFormatter<'a>>> {
    Ok(batch.columns().iter().map(|c| ArrayFormatter::try_new(c, options)).collect::<Result<_, _>>()?)
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

/// The table's lines, from the left edge on, two blanks between columns.
fn aligned(table: &mut Table, right: impl Iterator<Item = usize>) -> String {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for index in right {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Text in lines of at most `width` characters; those after the first stand behind `indent` blanks.
pub(crate) fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let begin = text.len() - text.trim_start_matches(' ').len();
    let (mut out, mut at) = (" ".repeat(begin), 0);
    // No-break spaces hold figures together.
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let length = word.width();
        if at > 0 && at + 1 + length > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            at = 0;
        } else if at > 0 {
            out.push(' ');
            at += 1;
        }
        out.push_str(word);
        at += length;
    }
    out
}

/// Cells as one line of CSV.
pub(crate) fn csv_line(cells: impl IntoIterator<Item = String>) -> String {
    cells.into_iter().map(|cell| csv_cell(&cell)).collect::<Vec<_>>().join(";")
}

fn csv_cell(cell: &str) -> String {
    if cell.contains([';', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// `1 rad`, `2 rader`.
pub(crate) fn rows_text(rows: u64) -> Message {
    counted(rows, ("rad", "rader"), ("row", "rows"))
}

/// A number with what it counts: one, or several.
pub(crate) fn counted(count: u64, sv: (&str, &str), en: (&str, &str)) -> Message {
    let figure = number(count);
    let (sv, en) = if count == 1 { (sv.0, en.0) } else { (sv.1, en.1) };
    say!("{figure} {sv}", "{figure} {en}")
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

#[cfg(test)]
mod tests {
    use super::*;
    use sluss_schemas::rule::Language;

    #[test]
    fn numbers_have_no_break_spaces() {
        assert_eq!(number(0), "0");
        let rows = |n| rows_text(n).told(Language::Swedish).to_owned();
        assert_eq!((rows(1), rows(0)), ("1 rad".to_owned(), "0 rader".to_owned()));
        assert_eq!(number(1234), "1\u{a0}234");
        assert_eq!(number(123_456), "123\u{a0}456");
    }

    #[test]
    fn long_text_is_wrapped() {
        assert_eq!(wrapped("avtal, uppdrag, tjanst", 15, 2), "avtal, uppdrag,\n  tjanst");
    }
}
