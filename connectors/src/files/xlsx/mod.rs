//! Excel workbooks: `.xlsx`, `.xlsm` and the older `.xls`.
//!
//! # What it reads
//!
//! One sheet, or several of the same shape, each an origin of its own. Cells become canonical text:
//! dates `2026-01-05`, with a time `2026-01-05T08:00:00`; times of day and lengths of time
//! `08:00:00`; numbers without exponent or trailing `.0`; a number whose format is only zeros (`00`)
//! with them; truth values `true` and `false`; formulas as the value that was saved with them;
//! texts exactly as they stand, with blanks and line breaks. An empty cell is null. Of merged cells
//! only the first has a value.
//!
//! # Quirks
//!
//! - A row in which a wanted cell is an error (`#N/A`) is not read: rule `olasbar_rad`, naming the
//!   cells. A value beside the headings is `fel_antal_kolumner`, unless `range` ends before it or
//!   `columns` says what is wanted.
//! - A heading without text is named after its column: `kolumn_e`. Line breaks in headings become
//!   blanks. The second heading of a name gets `_2`.
//! - A number in a date format that is no date (0 from a formula over an empty cell) stays a number.
//! - Numbers that are not whole keep the 15 digits that a workbook vouches for.
//! - The old format does not tell number formats: `00` gives no leading zeros there.
//! - Memory: the file as it is, its table of texts, and one row. An `.xls` is held whole.
//! - `max_bytes` limits the size of the unpacked workbook, which is measured and not believed.

mod area;
mod book;
mod cell;
mod compound;
mod guard;
mod head;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::ops::ControlFlow;

use globset::GlobBuilder;
use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::message::Message;
use sluss_schemas::say;

use self::area::{Area, address};
use self::book::{Book, Line};
use self::head::{Columns, Found, Rule, Search};
use super::cells::{Cells, text_fields};
use super::format::{Emit, Format, Input};
use crate::connect::Field;
use crate::error::{ConnectorError, Result};

/// Unpacked size up to which a workbook is read unless the job says otherwise: 512 MiB.
const MAX_BYTES: u64 = 512 << 20;
/// Cells that a message names at most.
const NAMED_CELLS: usize = 5;

/// How to read workbooks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The sheet: its name, or its number from 1. Without it, the first that is not hidden.
    pub sheet: Option<SheetChoice>,
    /// Several sheets: a pattern on their names (`Avtal*`). Hidden sheets are left out. All of them
    /// have the same columns.
    pub sheets: Option<String>,
    /// The part of the sheet where the table lies: `B4:Q`, `B4:Q200`, `B:Q` or `B4`.
    pub range: Option<String>,
    /// The row of the headings, from 1; 0 when there are none and `columns` names them. Without it,
    /// the first row that is not empty.
    pub header_row: Option<u32>,
    /// The headings are in the first row that has all of these: for title rows above the table.
    pub header_contains: Vec<String>,
    /// Rows that the headings take: 1, or 2 when groups of columns have a merged heading above them.
    /// The two are joined: `Period / Från`. The upper row is the one that is looked for.
    pub header_rows: Option<u8>,
    /// The columns that are wanted, by their headings. A missing one is an error. Without it, all.
    pub columns: Option<Vec<String>>,
    /// Leave out rows with nothing in them. On unless it is switched off.
    pub skip_empty_rows: Option<bool>,
    /// The table ends at the first empty row.
    pub stop_at_empty: bool,
    /// Largest unpacked size in bytes; 536870912 unless something else is said.
    pub max_bytes: Option<u64>,
}

/// A sheet by its name or by its number.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SheetChoice {
    /// From 1, hidden ones included.
    Number(usize),
    /// As the tab shows it.
    Name(String),
}

/// The format, ready to read.
#[derive(Clone, Debug)]
pub(crate) struct Xlsx {
    options: Options,
    rule: Rule,
    max_bytes: u64,
    skip_empty_rows: bool,
}

impl Xlsx {
    /// Checks the options against each other.
    pub(crate) fn new(options: Options) -> Result<Self> {
        let area = match options.range.as_deref() {
            None => Area::ALL,
            Some(text) => Area::parse(text).ok_or_else(|| {
                ConnectorError::configuration(say!("range {text} är inget område", "range {text} is not a range"))
                    .hint(say!("skriv det som B4:Q, B4:Q200, B:Q eller B4", "write it as B4:Q, B4:Q200, B:Q or B4"))
            })?,
        };
        let problem = if options.sheet.is_some() && options.sheets.is_some() {
            Some(say!("ange sheet eller sheets, inte båda", "give sheet or sheets, not both"))
        } else if options.sheet == Some(SheetChoice::Number(0)) {
            Some(say!("blad räknas från 1", "sheets are numbered from 1"))
        } else if options.header_row.is_some() && !options.header_contains.is_empty() {
            Some(say!(
                "ange header_row eller header_contains, inte båda",
                "give header_row or header_contains, not both"
            ))
        } else if !matches!(options.header_rows, None | Some(1 | 2)) {
            Some(say!("header_rows är 1 eller 2", "header_rows is 1 or 2"))
        } else if options.header_row == Some(0) && options.columns.is_none() {
            Some(say!(
                "utan rubriker (header_row = 0) måste columns namnge kolumnerna",
                "without headings (header_row = 0) columns must name the columns"
            ))
        } else if options.header_row.is_some_and(|row| row > 0 && row < area.first_row) {
            Some(say!("header_row ligger ovanför range", "header_row lies above range"))
        } else if options.columns.as_ref().is_some_and(Vec::is_empty) {
            Some(say!("columns är tom", "columns is empty"))
        } else if options.columns.as_ref().is_some_and(|c| super::cells::distinct(c.clone()) != *c) {
            Some(say!("columns nämner en kolumn två gånger", "columns names a column twice"))
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(ConnectorError::configuration(problem));
        }
        let rule = Rule {
            area,
            row: options.header_row,
            contains: options.header_contains.clone(),
            double: options.header_rows == Some(2),
            wanted: options.columns.clone(),
        };
        let max_bytes = options.max_bytes.unwrap_or(MAX_BYTES);
        let skip_empty_rows = options.skip_empty_rows.unwrap_or(true);
        Ok(Self { options, rule, max_bytes, skip_empty_rows })
    }

    fn open(&self, input: Input) -> Result<(Book, Vec<String>)> {
        let bytes = guard::fill(input.bytes, input.size, self.max_bytes)?;
        let book = Book::open(bytes, self.max_bytes)?;
        let sheets = self.choose(&book)?;
        Ok((book, sheets))
    }

    /// Names of the sheets to read.
    fn choose(&self, book: &Book) -> Result<Vec<String>> {
        let sheets = book.sheets();
        let count = sheets.len();
        let chosen: Vec<String> = match (&self.options.sheet, &self.options.sheets) {
            (Some(SheetChoice::Name(name)), _) => {
                let exact = sheets.iter().find(|s| s.name == *name);
                let found = exact.or_else(|| sheets.iter().find(|s| s.name.to_lowercase() == name.to_lowercase()));
                found.map(|s| s.name.clone()).into_iter().collect()
            }
            (Some(SheetChoice::Number(number)), _) => {
                sheets.get(number.saturating_sub(1)).map(|s| s.name.clone()).into_iter().collect()
            }
            (None, Some(pattern)) => {
                let glob = GlobBuilder::new(pattern)
                    .case_insensitive(true)
                    .build()
                    .map_err(|e| {
                        ConnectorError::configuration(say!("sheets är inget mönster", "sheets is not a pattern"))
                            .because(e)
                    })?
                    .compile_matcher();
                sheets.into_iter().filter(|s| s.visible && glob.is_match(&s.name)).map(|s| s.name).collect()
            }
            (None, None) => sheets.into_iter().find(|s| s.visible).map(|s| s.name).into_iter().collect(),
        };
        if chosen.is_empty() {
            return Err(ConnectorError::source(say!(
                "arbetsboken saknar bladet som ska läsas",
                "the workbook does not have the sheet that is to be read"
            ))
            .hint(say!(
                "den har {count} blad: jämför deras namn med sheet eller sheets i jobbfilen",
                "it has {count} sheets: compare their names with sheet or sheets in the job file"
            )));
        }
        Ok(chosen)
    }

    fn merged(&self, book: &mut Book, sheet: &str) -> Result<Vec<calamine::Dimensions>> {
        if self.rule.double { book.merged(sheet) } else { Ok(Vec::new()) }
    }
}

impl Format for Xlsx {
    fn read(&self, input: Input, chunk_rows: usize, emit: &mut dyn Emit) -> Result<()> {
        let (name, member) = (input.name.clone(), input.member.clone());
        let (mut book, sheets) = self.open(input)?;
        let mut shape: Option<Vec<String>> = None;
        for sheet in &sheets {
            let part = member.as_ref().map_or_else(|| sheet.clone(), |member| format!("{member} / {sheet}"));
            let origin = emit.origin(&name, Some(&part));
            let merged = self.merged(&mut book, sheet)?;
            let mut table = Table {
                search: Some(Search::new(&self.rule, &merged)),
                columns: None,
                cells: None,
                origin: Some(origin),
                shape: shape.as_deref(),
                sheet,
                chunk_rows,
                next_row: 0,
                skip_empty_rows: self.skip_empty_rows,
                stop_at_empty: self.options.stop_at_empty,
            };
            if let Err(error) = book.rows(sheet, self.rule.area, &mut |line| table.line(line, emit)) {
                // What stands before the damage is handed over first.
                table.cells.map_or(Ok(()), |cells| cells.finish(emit))?;
                return Err(error);
            }
            let names = table.finish(emit)?;
            shape.get_or_insert(names);
        }
        Ok(())
    }

    fn columns(&self, input: Input) -> Result<Vec<Field>> {
        let (mut book, sheets) = self.open(input)?;
        let sheet = sheets.first().map(String::as_str).unwrap_or_default();
        let merged = self.merged(&mut book, sheet)?;
        let mut search = Search::new(&self.rule, &merged);
        let mut found = None;
        book.rows(sheet, self.rule.area, &mut |line| match search.offer(line)? {
            Found::Not => Ok(ControlFlow::Continue(())),
            Found::Here(columns) | Found::Before(columns) => {
                found = Some(columns);
                Ok(ControlFlow::Break(()))
            }
        })?;
        let columns = match found {
            Some(columns) => columns,
            None => search.end().map_err(|e| in_sheet(e, sheet))?,
        };
        Ok(text_fields(&columns.names))
    }
}

/// One sheet on its way into chunks.
struct Table<'a> {
    search: Option<Search<'a>>,
    columns: Option<Columns>,
    cells: Option<Cells>,
    origin: Option<sluss_schemas::chunk::Origin>,
    /// The columns of the sheets before.
    shape: Option<&'a [String]>,
    sheet: &'a str,
    chunk_rows: usize,
    next_row: u32,
    skip_empty_rows: bool,
    stop_at_empty: bool,
}

impl Table<'_> {
    fn line(&mut self, line: &Line, emit: &mut dyn Emit) -> Result<ControlFlow<()>> {
        if let Some(search) = &mut self.search {
            let columns = match search.offer(line).map_err(|e| in_sheet(e, self.sheet))? {
                Found::Not => return Ok(ControlFlow::Continue(())),
                Found::Here(columns) => {
                    self.next_row = line.number + 1;
                    self.begin(columns)?;
                    return Ok(ControlFlow::Continue(()));
                }
                Found::Before(columns) => columns,
            };
            self.next_row = line.number;
            self.begin(columns)?;
        }
        let (Some(columns), Some(cells)) = (&self.columns, &mut self.cells) else {
            return Ok(ControlFlow::Continue(()));
        };
        let blank = line.is_blank();
        let gap = line.number > self.next_row;
        if self.stop_at_empty && (gap || blank) {
            return Ok(ControlFlow::Break(()));
        }
        if !self.skip_empty_rows {
            for row in self.next_row..line.number {
                cells.row(u64::from(row), std::iter::empty(), emit)?;
            }
        }
        self.next_row = line.number + 1;
        if blank && self.skip_empty_rows {
            return Ok(ControlFlow::Continue(()));
        }
        let row = u64::from(line.number);
        if let Some(detail) = columns.beside(line) {
            cells.unread(row, "fel_antal_kolumner", detail, line.raw(), emit)?;
        } else if let Some(detail) = columns.errors(line) {
            cells.unread(row, "olasbar_rad", detail, line.raw(), emit)?;
        } else {
            cells.row(row, columns.at.iter().map(|column| line.get(*column)), emit)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The headings are found.
    fn begin(&mut self, columns: Columns) -> Result<()> {
        self.search = None;
        let columns = match self.shape {
            Some(shape) if shape.len() != columns.names.len() => return Err(self.unlike()),
            Some(shape) => {
                let span = columns.span;
                Columns { span, ..columns.choose(shape).map_err(|e| self.unlike().because(e))? }
            }
            None => columns,
        };
        if let Some(origin) = self.origin.take() {
            self.cells = Some(Cells::new(origin, &columns.names, self.chunk_rows));
        }
        self.columns = Some(columns);
        Ok(())
    }

    fn unlike(&self) -> ConnectorError {
        ConnectorError::source(say!("bladen har inte samma kolumner", "the sheets do not have the same columns"))
            .at(say!("blad {}", "sheet {}", self.sheet))
            .hint(say!(
                "namnge de kolumner som alla blad har i columns",
                "name the columns that all of them have in columns"
            ))
    }

    /// Hands over what is left; the column names.
    fn finish(mut self, emit: &mut dyn Emit) -> Result<Vec<String>> {
        if let Some(search) = self.search.take() {
            let columns = search.end().map_err(|e| in_sheet(e, self.sheet))?;
            self.begin(columns)?;
        }
        if let Some(cells) = self.cells {
            cells.finish(emit)?;
        }
        Ok(self.columns.map(|c| c.names).unwrap_or_default())
    }
}

impl Columns {
    /// Says where a row has values beside the headings.
    fn beside(&self, line: &Line) -> Option<String> {
        let (first, last) = self.span?;
        let outside = line.cells().filter(|(c, text, _)| (*c < first || *c > last) && !text.trim().is_empty());
        name_cells(outside.map(|(c, ..)| address(c, line.number)))
    }

    /// Says which wanted cells of a row are errors.
    fn errors(&self, line: &Line) -> Option<String> {
        let errors = line.cells().filter(|(column, _, error)| *error && self.at.contains(column));
        name_cells(errors.map(|(column, text, _)| format!("{} {text}", address(column, line.number))))
    }
}

/// A list of the first few cells; none where there are none.
fn name_cells(mut cells: impl Iterator<Item = String>) -> Option<String> {
    let mut text = cells.next()?;
    for cell in cells.by_ref().take(NAMED_CELLS - 1) {
        text.push_str(", ");
        text.push_str(&cell);
    }
    let more = cells.count();
    if more > 0 {
        let _ = write!(text, " (+{more})");
    }
    Some(text)
}

fn in_sheet(error: ConnectorError, sheet: &str) -> ConnectorError {
    let here = say!("blad {sheet}", "sheet {sheet}");
    let place = match &error.place {
        Some(place) => Message::join([&here, place], ", "),
        None => here,
    };
    error.at(place)
}

/// Reads any bytes, for the fuzz target.
#[cfg(feature = "compliance")]
pub fn fuzz(data: &[u8]) {
    for options in [
        Options::default(),
        Options {
            header_rows: Some(2),
            skip_empty_rows: Some(false),
            sheets: Some("*".to_owned()),
            ..Options::default()
        },
    ] {
        let options = Options { max_bytes: Some(64 << 20), ..options };
        let _ = Xlsx::new(options).and_then(|xlsx| super::cells::drain(&xlsx, data));
    }
}
