//! The receipt as a workbook, for the one who mends the rows: a summary, one line for each error,
//! and, where they are asked for, the region's own rejected rows with the errors marked.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Note, Workbook, Worksheet, XlsxError,
};
use sluss_schemas::rule::{Language, Severity};
use thiserror::Error;

use super::facts::{Example, Receipt, State};
use super::text::{answers, message, verdict};
use super::words::{Words, fill, words};
use crate::keys;
use crate::quarantine::{QuarantinedRow, StoredReason};

/// The rejected rows of the delivery, from [`crate::quarantine::Quarantine::read`]. They hold cell
/// values: give them only where the workbook goes to their owner.
pub type OwnRows<'a> = &'a mut dyn Iterator<Item = keys::Result<QuarantinedRow>>;

/// Errors and rows that a workbook takes; the rest is told of. Keeps memory and the file small.
const LINES: u32 = 20_000;
/// Sheets of own rows: one for each set of source columns.
const SHAPES: usize = 20;
/// Notes on marked cells; beyond them the colour, the border and the text beside the row remain.
const NOTES: u32 = 2000;
/// Excel's limits are 32 767 characters in a cell and 16 384 columns.
const CELL: usize = 32_000;
const COLUMNS: usize = 16_000;

/// A workbook that could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WorkbookError {
    /// Excel's format does not allow it.
    #[error("the receipt could not be written as a workbook")]
    Write(#[from] XlsxError),
    /// The rejected rows could not be read.
    #[error("the rejected rows could not be read")]
    Rows(#[from] keys::Error),
}

/// Renders the workbook's bytes. Without `own` the errors are the receipt's examples.
pub fn xlsx(receipt: &Receipt, language: Language, own: Option<OwnRows<'_>>) -> Result<Vec<u8>, WorkbookError> {
    let words = words(language);
    let style = Style::new();
    let mut errors = Errors::new(words, language, &style)?;
    let mut rows = Vec::new();
    if let Some(own) = own {
        own_rows(receipt, language, own, &style, &mut errors, &mut rows)?;
        errors.examples(receipt, |severity| severity != Severity::Reject)?;
    } else {
        errors.examples(receipt, |_| true)?;
    }
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(receipt, words)?);
    workbook.push_worksheet(summary(receipt, language, &style)?);
    workbook.push_worksheet(errors.finish()?);
    for shape in rows {
        workbook.push_worksheet(shape.finish()?);
    }
    Ok(workbook.save_to_buffer()?)
}

/// The delivery's date as the workbook's, so that the same receipt gives the same bytes.
fn properties(receipt: &Receipt, words: &Words) -> Result<DocProperties, XlsxError> {
    let date = ExcelDateTime::parse_from_str(&format!("{}T00:00:00", receipt.delivered))?;
    Ok(DocProperties::new()
        .set_title(fill(words.title, &[&receipt.delivered.to_string()]))
        .set_subject(&receipt.owner.name)
        .set_author("Sluss")
        .set_creation_datetime(&date))
}

struct Style {
    heading: Format,
    plain: Format,
    wrapped: Format,
    number: Format,
    share: Format,
    title: Format,
    marked: Format,
}

impl Style {
    fn new() -> Self {
        let top = Format::new().set_align(FormatAlign::Top);
        Self {
            heading: top
                .clone()
                .set_bold()
                .set_text_wrap()
                .set_background_color(0x00E7_E6E6)
                .set_border_bottom(FormatBorder::Thin),
            plain: top.clone(),
            wrapped: top.clone().set_text_wrap(),
            number: top.clone().set_num_format("#,##0"),
            share: top.clone().set_num_format("0.0%"),
            title: top.clone().set_bold().set_font_size(14),
            marked: top.set_bold().set_background_color(0x00FF_F2CC).set_border(FormatBorder::Medium),
        }
    }
}

/// A column's heading and width in characters.
type Head<'a> = (&'a str, f64);

/// A sheet with a heading row that stays in sight and can be filtered by.
fn sheet(name: &str, heads: &[Head<'_>], style: &Style) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?;
    for (column, (head, width)) in (0_u16..).zip(heads) {
        sheet.write_string_with_format(0, column, cut(head), &style.heading)?;
        sheet.set_column_width(column, *width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    Ok(sheet)
}

fn filter(sheet: &mut Worksheet, last_row: u32, columns: usize) -> Result<(), XlsxError> {
    if last_row > 0 {
        sheet.autofilter(0, 0, last_row, u16::try_from(columns.saturating_sub(1)).unwrap_or(u16::MAX))?;
    }
    Ok(())
}

/// Text that fits a cell.
fn cut(text: &str) -> String {
    if text.len() <= CELL {
        return text.to_owned();
    }
    // Excel counts UTF-16 units; a character has one or two.
    text.chars().take(CELL / 2).chain(['…']).collect()
}

fn summary(receipt: &Receipt, language: Language, style: &Style) -> Result<Worksheet, XlsxError> {
    let words = words(language);
    let mut page = Summary { sheet: Worksheet::new(), row: 0, style };
    page.sheet.set_name(words.summary_sheet)?;
    page.sheet.set_column_width(0, 44)?;
    for column in 1..=11 {
        page.sheet.set_column_width(column, 14)?;
    }
    page.sheet.set_print_fit_to_pages(1, 0).set_landscape();

    let delivered = receipt.delivered.to_string();
    page.sheet.write_string_with_format(0, 0, fill(words.title, &[&delivered]), &style.title)?;
    page.sheet.write_string_with_format(1, 0, verdict(receipt, language), &style.plain)?;
    page.row = 3;
    let state = match receipt.state {
        State::Done => words.status_done,
        State::Held { .. } => words.status_held,
        State::Failed { .. } => words.status_failed,
    };
    let owner = format!("{} {}", receipt.owner.code, receipt.owner.name);
    for (name, value) in [
        (words.status, state),
        (words.owner, &owner),
        (words.delivered, &delivered),
        (words.job, &receipt.job),
        (words.run, &receipt.run),
    ] {
        page.text(0, name)?;
        page.text(1, value)?;
        page.row += 1;
    }

    page.heads(&[words.rows_in_all, words.rows, words.share])?;
    let rows = receipt.rows;
    for (name, n) in [
        (words.read, rows.read),
        (words.accepted, rows.accepted),
        (words.rejected, rows.rejected),
        (words.withheld, rows.withheld),
        (words.filtered, rows.filtered),
    ] {
        page.text(0, name)?;
        page.number(1, n)?;
        if rows.read > 0 {
            page.share(2, n, rows.read)?;
        }
        page.row += 1;
    }

    page.heads(&[words.file, words.sheet, words.rows])?;
    for file in &receipt.files {
        page.text(0, &file.name)?;
        let told = file.part.iter().cloned().chain(answers(file, words, language));
        page.text(1, &told.collect::<Vec<_>>().join(", "))?;
        page.number(2, file.rows)?;
        page.row += 1;
    }

    page.heads(&[
        words.table,
        words.mapped,
        words.accepted_short,
        words.repaired_short,
        words.rejected_short,
        words.withheld_short,
        words.new,
        words.changed,
        words.ended,
        words.unchanged,
        words.stale,
    ])?;
    for t in &receipt.tables {
        page.text(0, &t.table)?;
        let figures =
            [t.mapped, t.accepted, t.repaired, t.rejected, t.withheld, t.new, t.changed, t.ended, t.unchanged, t.stale];
        for (column, figure) in (1..).zip(figures) {
            page.number(column, figure)?;
        }
        page.row += 1;
    }

    page.heads(&[words.what, words.meaning, words.count, words.table, words.rule])?;
    for rule in &receipt.rules {
        page.sheet.write_string_with_format(page.row, 0, message(&rule.rule, None, language).0, &style.wrapped)?;
        page.text(1, severity(rule.severity, words))?;
        page.number(2, rule.count)?;
        page.text(3, rule.table.as_deref().unwrap_or_default())?;
        page.text(4, &rule.rule)?;
        page.row += 1;
    }

    page.heads(&[words.published, words.rows])?;
    for table in &receipt.published.tables {
        page.text(0, &table.table)?;
        page.number(1, table.rows)?;
        page.row += 1;
    }

    if !receipt.warnings.is_empty() {
        page.heads(&[words.warnings])?;
        for warning in &receipt.warnings {
            page.text(0, warning.in_language(language))?;
            page.row += 1;
        }
    }
    Ok(page.sheet)
}

struct Summary<'a> {
    sheet: Worksheet,
    row: u32,
    style: &'a Style,
}

impl Summary<'_> {
    fn heads(&mut self, heads: &[&str]) -> Result<(), XlsxError> {
        self.row += 1;
        for (column, head) in (0..).zip(heads) {
            self.sheet.write_string_with_format(self.row, column, *head, &self.style.heading)?;
        }
        self.row += 1;
        Ok(())
    }

    fn text(&mut self, column: u16, text: &str) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(self.row, column, cut(text), &self.style.plain)?;
        Ok(())
    }

    fn number(&mut self, column: u16, n: u64) -> Result<(), XlsxError> {
        self.sheet.write_number_with_format(self.row, column, float(n), &self.style.number)?;
        Ok(())
    }

    fn share(&mut self, column: u16, part: u64, whole: u64) -> Result<(), XlsxError> {
        self.sheet.write_number_with_format(self.row, column, float(part) / float(whole), &self.style.share)?;
        Ok(())
    }
}

/// Workbooks know no other numbers. Exact up to 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2⁵³")]
fn float(n: u64) -> f64 {
    n as f64
}

fn severity(severity: Severity, words: &Words) -> &'static str {
    match severity {
        Severity::Reject => words.severity_reject,
        Severity::Warn => words.severity_warn,
        Severity::Repair => words.severity_repair,
    }
}

/// The sheet with one line for each error.
struct Errors<'a> {
    sheet: Worksheet,
    words: &'static Words,
    language: Language,
    style: &'a Style,
    row: u32,
    full: bool,
    /// Whether the receipt's examples stand for more errors than they are.
    partial: bool,
}

/// Columns of the sheet of errors.
const ERROR_COLUMNS: usize = 10;

impl<'a> Errors<'a> {
    fn new(words: &'static Words, language: Language, style: &'a Style) -> Result<Self, XlsxError> {
        let heads: [Head<'_>; ERROR_COLUMNS] = [
            (words.file, 32.0),
            (words.sheet, 14.0),
            (words.row, 9.0),
            (words.column, 20.0),
            (words.table, 12.0),
            (words.rule, 22.0),
            (words.meaning, 14.0),
            (words.what, 48.0),
            (words.mend, 48.0),
            (words.suggestion, 22.0),
        ];
        let sheet = sheet(words.errors_sheet, &heads, style)?;
        Ok(Self { sheet, words, language, style, row: 0, full: false, partial: false })
    }

    fn add(&mut self, rule: &str, meaning: Severity, table: Option<&str>, place: &Example) -> Result<(), XlsxError> {
        if self.row >= LINES {
            self.full = true;
            return Ok(());
        }
        self.row += 1;
        let (what, mend) = message(rule, Some(place), self.language);
        let none = String::new();
        let texts = [
            (0, place.file.as_str()),
            (1, place.part.as_ref().unwrap_or(&none)),
            (3, place.column.as_ref().unwrap_or(&none)),
            (4, table.unwrap_or_default()),
            (5, rule),
            (6, severity(meaning, self.words)),
            (7, &what),
            (8, &mend),
            (9, place.suggestion.as_ref().unwrap_or(&none)),
        ];
        for (column, text) in texts {
            let format = if matches!(column, 7 | 8) { &self.style.wrapped } else { &self.style.plain };
            self.sheet.write_string_with_format(self.row, column, cut(text), format)?;
        }
        self.sheet.write_number_with_format(self.row, 2, float(place.row), &self.style.plain)?;
        Ok(())
    }

    fn examples(&mut self, receipt: &Receipt, wanted: impl Fn(Severity) -> bool) -> Result<(), XlsxError> {
        for rule in receipt.rules.iter().filter(|r| wanted(r.severity)) {
            for example in &rule.examples {
                self.add(&rule.rule, rule.severity, rule.table.as_deref(), example)?;
            }
            self.partial |= u64::try_from(rule.examples.len()).unwrap_or(u64::MAX) < rule.count;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Worksheet, XlsxError> {
        filter(&mut self.sheet, self.row, ERROR_COLUMNS)?;
        let note = match (self.row, self.full, self.partial) {
            (0, ..) => self.words.no_errors,
            (_, true, _) => self.words.cut,
            (_, false, true) => self.words.examples_only,
            (_, false, false) => return Ok(self.sheet),
        };
        // Apart from the list, so that sorting leaves it alone.
        self.sheet.write_string_with_format(self.row + 2, 0, note, &self.style.plain)?;
        Ok(self.sheet)
    }
}

/// A sheet of the region's own rows that have the same columns.
struct Shape<'a> {
    columns: Vec<String>,
    sheet: Worksheet,
    style: &'a Style,
    row: u32,
}

/// Columns before the region's own.
const LEAD: u16 = 4;

impl<'a> Shape<'a> {
    fn new(number: usize, columns: Vec<String>, words: &Words, style: &'a Style) -> Result<Self, XlsxError> {
        let lead = [(words.file, 32.0), (words.sheet, 14.0), (words.row, 9.0), (words.what, 48.0)];
        let own = columns.iter().take(COLUMNS).map(|column| (column.as_str(), 20.0));
        let heads: Vec<Head<'_>> = lead.into_iter().chain(own).collect();
        let mut sheet = sheet(&fill(words.rows_sheet, &[&number.to_string()]), &heads, style)?;
        sheet.set_freeze_panes(1, LEAD)?;
        Ok(Self { columns, sheet, style, row: 0 })
    }

    fn add(
        &mut self,
        row: &QuarantinedRow,
        messages: &[(Option<&str>, String)],
        notes: &mut u32,
    ) -> Result<(), XlsxError> {
        self.row += 1;
        let at = self.row;
        self.sheet.write_string_with_format(at, 0, cut(&row.origin), &self.style.plain)?;
        self.sheet.write_string_with_format(at, 1, cut(row.part.as_deref().unwrap_or_default()), &self.style.plain)?;
        self.sheet.write_number_with_format(at, 2, float(row.row.row()), &self.style.plain)?;
        let all: Vec<&str> = messages.iter().map(|(_, text)| text.as_str()).collect();
        self.sheet.write_string_with_format(at, 3, cut(&all.join("\n")), &self.style.wrapped)?;
        let raw = row.raw.as_deref().map(|bytes| (String::new(), Some(String::from_utf8_lossy(bytes).into_owned())));
        for (column, (name, value)) in (LEAD..).zip(row.cells.iter().chain(&raw).take(COLUMNS)) {
            let about = messages.iter().filter(|(c, _)| c.is_some_and(|c| c == name)).map(|(_, text)| text.as_str());
            let about: Vec<&str> = about.collect();
            let format = if about.is_empty() { &self.style.plain } else { &self.style.marked };
            self.sheet.write_string_with_format(at, column, cut(value.as_deref().unwrap_or_default()), format)?;
            if !about.is_empty() && *notes < NOTES {
                *notes += 1;
                self.sheet.insert_note(at, column, &Note::new(about.join("\n")).add_author_prefix(false))?;
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Worksheet, XlsxError> {
        filter(&mut self.sheet, self.row, self.columns.len().min(COLUMNS) + usize::from(LEAD))?;
        Ok(self.sheet)
    }
}

fn own_rows<'a>(
    receipt: &Receipt,
    language: Language,
    own: OwnRows<'_>,
    style: &'a Style,
    errors: &mut Errors<'_>,
    shapes: &mut Vec<Shape<'a>>,
) -> Result<(), WorkbookError> {
    let words = words(language);
    let (mut lines, mut notes) = (0, 0);
    for row in own {
        let row = row?;
        if lines >= LINES {
            errors.full = true;
            break;
        }
        lines += 1;
        let mut messages = Vec::with_capacity(row.reasons.len());
        for reason in &row.reasons {
            let place = place(&row, reason);
            errors.add(&reason.rule, meaning(receipt, reason, &row), row.table.as_deref(), &place)?;
            let (what, mend) = message(&reason.rule, Some(&place), language);
            messages.push((reason.column.as_deref(), format!("{what} {mend}").trim_end().to_owned()));
        }
        let columns: Vec<String> = match row.raw {
            Some(_) => vec![words.raw.to_owned()],
            None => row.cells.iter().map(|(name, _)| name.clone()).collect(),
        };
        let mut at = shapes.iter().position(|shape| shape.columns == columns);
        if at.is_none() && shapes.len() < SHAPES {
            at = Some(shapes.len());
            shapes.push(Shape::new(shapes.len() + 1, columns, words, style)?);
        }
        // A row of one shape too many still has its lines among the errors.
        if let Some(shape) = at.and_then(|at| shapes.get_mut(at)) {
            shape.add(&row, &messages, &mut notes)?;
        }
    }
    Ok(())
}

fn place(row: &QuarantinedRow, reason: &StoredReason) -> Example {
    Example {
        file: row.origin.clone(),
        part: row.part.clone(),
        row: row.row.row(),
        column: reason.column.clone(),
        suggestion: reason.suggestion.clone(),
    }
}

/// What breaking the rule meant: as the receipt says, else a rejection, since the row is in quarantine.
fn meaning(receipt: &Receipt, reason: &StoredReason, row: &QuarantinedRow) -> Severity {
    let of_table = receipt.rules.iter().find(|rule| rule.rule == reason.rule && rule.table == row.table);
    of_table.map_or(Severity::Reject, |rule| rule.severity)
}
