//! An open workbook: its sheets, and their rows one after the other.

use std::io::Cursor;
use std::ops::ControlFlow;

use bytes::Bytes;
use calamine::{Data, DataRef, Dimensions, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsx, XlsxError};
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::area::{Area, address};
use super::cell::{self, Look};
use super::guard::{self, Kind};
use crate::caught::caught;
use crate::error::{ConnectorError, Result};

/// A workbook. The new format is read as a stream: only its table of texts and one row are in
/// memory besides the file's own bytes. The old format is held whole by its reader.
pub(super) enum Book {
    /// `.xlsx`.
    New(Box<Xlsx<Cursor<Bytes>>>),
    /// `.xls`.
    Old(Box<Xls<Cursor<Bytes>>>),
}

/// A sheet's name and whether it is shown.
pub(super) struct Sheet {
    /// Name.
    pub(super) name: String,
    /// Shown, rather than hidden.
    pub(super) visible: bool,
}

/// One row's filled cells, in order of column.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// The sheet's row number, from 1.
    pub(super) number: u32,
    text: String,
    cells: Vec<Cell>,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    column: u32,
    from: usize,
    to: usize,
    error: bool,
}

impl Line {
    /// Starts anew with row `number`.
    fn begin(&mut self, number: u32) {
        self.number = number;
        self.text.clear();
        self.cells.clear();
    }

    /// Adds a cell whose text has been written to the end of `text`.
    fn add(&mut self, column: u32, from: usize, error: bool) -> Result<()> {
        if self.cells.last().is_some_and(|last| last.column >= column) {
            return Err(guard::damaged().at(address(column, self.number)));
        }
        self.cells.push(Cell { column, from, to: self.text.len(), error });
        Ok(())
    }

    /// The cells: column from 0, text, whether it is an error.
    pub(super) fn cells(&self) -> impl Iterator<Item = (u32, &str, bool)> {
        self.cells.iter().map(|c| (c.column, self.text.get(c.from..c.to).unwrap_or_default(), c.error))
    }

    /// The text in `column`, where the cell is filled.
    pub(super) fn get(&self, column: u32) -> Option<&str> {
        let at = self.cells.binary_search_by_key(&column, |c| c.column).ok()?;
        self.cells.get(at).and_then(|c| self.text.get(c.from..c.to))
    }

    /// Nothing but blanks.
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The row as a JSON list, for quarantine.
    pub(super) fn raw(&self) -> Vec<u8> {
        let end = self.cells.last().map_or(0, |c| c.column + 1);
        let values: Vec<_> = (0..end).map(|column| self.get(column)).collect();
        serde_json::to_vec(&values).unwrap_or_default()
    }
}

impl Book {
    /// Opens a workbook of at most `max_bytes`, packed or unpacked.
    pub(super) fn open(bytes: Bytes, max_bytes: u64) -> Result<Self> {
        let kind = guard::kind(&bytes, max_bytes)?;
        let cursor = Cursor::new(bytes);
        match kind {
            Kind::Xlsx => calm(|| Xlsx::new(cursor).map_err(new_error)).map(|book| Self::New(Box::new(book))),
            Kind::Xls => calm(|| Xls::new(cursor).map_err(old_error)).map(|book| Self::Old(Box::new(book))),
        }
    }

    /// The work sheets in the workbook's order, without charts and macros.
    pub(super) fn sheets(&self) -> Vec<Sheet> {
        let sheets = match self {
            Self::New(book) => book.sheets_metadata(),
            Self::Old(book) => book.sheets_metadata(),
        };
        let sheets = sheets.iter().filter(|s| s.typ == SheetType::WorkSheet);
        sheets.map(|s| Sheet { name: s.name.clone(), visible: s.visible == SheetVisible::Visible }).collect()
    }

    /// Cells of a sheet that are merged into one.
    pub(super) fn merged(&mut self, sheet: &str) -> Result<Vec<Dimensions>> {
        match self {
            Self::New(book) => calm(|| book.merge_cells_by_sheet_name(sheet).map_err(new_error)),
            Self::Old(book) => calm(|| book.merge_cells_by_sheet_name(sheet).map_err(old_error)),
        }
    }

    /// Gives the rows of `area` that have any cell, in order, until `each` breaks off.
    pub(super) fn rows(
        &mut self,
        sheet: &str,
        area: Area,
        each: &mut dyn FnMut(&Line) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        match self {
            Self::New(book) => new_rows(book, sheet, area, each),
            Self::Old(book) => old_rows(book, sheet, area, each),
        }
    }
}

fn new_rows(
    book: &mut Xlsx<Cursor<Bytes>>,
    sheet: &str,
    area: Area,
    each: &mut dyn FnMut(&Line) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let is_1904 = book.has_1904_epoch();
    let mut reader = calm(|| book.worksheet_cells_reader(sheet).map_err(new_error))?;
    let format = |style: &calamine::Style| style.number_format.as_ref().map(|f| Look::of(&f.format_code));
    let looks: Vec<Look> = reader.styles().iter().map(|style| format(style).unwrap_or_default()).collect();
    let mut line = Line::default();
    loop {
        let next = calm(|| reader.next_cell_with_style_id().map_err(new_error)).map_err(|e| {
            e.at(say!("blad {sheet}, rad {} eller senare", "sheet {sheet}, row {} or after", line.number.max(1)))
        })?;
        let Some((cell, style)) = next else { break };
        let (row, column) = cell.get_position();
        let row = row + 1;
        if row < line.number {
            return Err(guard::damaged().at(say!("blad {sheet}, rad {row}", "sheet {sheet}, row {row}")));
        }
        if row > line.number {
            if !line.cells.is_empty() && each(&line)?.is_break() {
                return Ok(());
            }
            line.begin(row);
        }
        if row < area.first_row || !area.has_column(column) {
            continue;
        }
        if area.last_row.is_some_and(|last| row > last) {
            line.cells.clear();
            break;
        }
        let from = line.text.len();
        let look = looks.get(style).copied().unwrap_or_default();
        let error = match cell.get_value() {
            DataRef::Empty => continue,
            value => write_new(&mut line.text, value, look, is_1904),
        };
        line.add(column, from, error).map_err(|e| at_sheet(e, sheet))?;
    }
    if !line.cells.is_empty() {
        let _ = each(&line)?;
    }
    Ok(())
}

/// Writes a cell's text; whether it is an error.
fn write_new(out: &mut String, value: &DataRef<'_>, look: Look, is_1904: bool) -> bool {
    match value {
        DataRef::Int(v) => cell::integer(out, *v, look),
        DataRef::Float(v) => cell::number(out, *v, look),
        DataRef::String(v) => out.push_str(v),
        DataRef::SharedString(v) => out.push_str(v),
        DataRef::Bool(v) => out.push_str(if *v { "true" } else { "false" }),
        DataRef::DateTime(v) => cell::date(out, *v, is_1904, look),
        DataRef::DateTimeIso(v) | DataRef::DurationIso(v) => cell::iso(out, v),
        DataRef::Error(kind) => {
            out.push_str(cell::error(kind));
            return true;
        }
        DataRef::Empty => {}
    }
    false
}

fn old_rows(
    book: &mut Xls<Cursor<Bytes>>,
    sheet: &str,
    area: Area,
    each: &mut dyn FnMut(&Line) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let is_1904 = book.has_1904_epoch();
    let range = calm(|| book.worksheet_range(sheet).map_err(old_error))?;
    let Some((first_row, first_column)) = range.start() else { return Ok(()) };
    let mut line = Line::default();
    for (number, cells) in (first_row + 1..).zip(range.rows()) {
        if number < area.first_row {
            continue;
        }
        if area.last_row.is_some_and(|last| number > last) {
            break;
        }
        line.begin(number);
        for (column, value) in (first_column..).zip(cells) {
            if !area.has_column(column) || *value == Data::Empty {
                continue;
            }
            let from = line.text.len();
            let error = write_old(&mut line.text, value, is_1904);
            line.add(column, from, error).map_err(|e| at_sheet(e, sheet))?;
        }
        if !line.cells.is_empty() && each(&line)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// As [`write_new`]; the old format's reader does not tell number formats but for dates.
fn write_old(out: &mut String, value: &Data, is_1904: bool) -> bool {
    match value {
        Data::Int(v) => cell::integer(out, *v, Look::Plain),
        Data::Float(v) => cell::number(out, *v, Look::Plain),
        Data::String(v) => out.push_str(v),
        Data::Bool(v) => out.push_str(if *v { "true" } else { "false" }),
        Data::DateTime(v) => cell::date(out, *v, is_1904, Look::Plain),
        Data::DateTimeIso(v) | Data::DurationIso(v) => cell::iso(out, v),
        Data::Error(kind) => {
            out.push_str(cell::error(kind));
            return true;
        }
        Data::Empty => {}
    }
    false
}

fn at_sheet(mut error: ConnectorError, sheet: &str) -> ConnectorError {
    error.place = error.place.map(|place| Message::join([&say!("blad {sheet}", "sheet {sheet}"), &place], ", "));
    error
}

/// Calls the workbook reader; should it panic on damaged bytes, that is this file's failure.
fn calm<T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    caught(call).unwrap_or_else(|_| Err(guard::damaged()))
}

/// Causes that could carry a cell's text are left out.
fn new_error(error: XlsxError) -> ConnectorError {
    match error {
        XlsxError::Password => guard::encrypted(),
        XlsxError::CellError(_) => ConnectorError::source(say!(
            "en cell har ett okänt felvärde",
            "a cell holds an error value that is not known"
        ))
        .hint(say!(
            "be avsändaren rätta de celler som visar ett fel, till exempel #VÄRDEFEL!",
            "ask the sender to mend the cells that show an error such as #VALUE!"
        )),
        XlsxError::Io(_) | XlsxError::Zip(_) | XlsxError::Xml(_) | XlsxError::FileNotFound(_) => {
            guard::damaged().because(error)
        }
        _ => guard::damaged(),
    }
}

fn old_error(error: XlsError) -> ConnectorError {
    match error {
        XlsError::Password => guard::encrypted(),
        error => guard::damaged().because(error),
    }
}
