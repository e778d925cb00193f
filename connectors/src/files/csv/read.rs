//! Reads a CSV file: window by window, first split, then checked, then one column at a time.

use memchr::memchr;
use sluss_schemas::chunk::RowId;
use sluss_schemas::say;

use super::header;
use super::split::{Found, Splitter};
use super::{CsvFormat, Header};
use crate::connect::Field;
use crate::error::{ConnectorError, Result};
use crate::files::encoding::Encoding;
use crate::files::format::{Emit, Format, Input};
use crate::files::refuse;
use crate::files::text::{self, Rows, Span};
use crate::files::window::Window;

/// Longest record: beyond it the file is no table.
const MAX_RECORD: usize = 32 << 20;

impl Format for CsvFormat {
    fn read(&self, input: Input, chunk_rows: usize, emit: &mut dyn Emit) -> Result<()> {
        let origin = emit.origin(&input.name, input.member.as_deref());
        let Some((mut reading, names)) = self.begin(input)? else { return Ok(()) };
        let mut rows = Rows::new(origin, &names, &self.null, chunk_rows);
        while reading.step(&mut rows)? {
            if rows.is_full() {
                rows.emit(emit)?;
            }
        }
        rows.finish(emit)
    }

    fn columns(&self, input: Input) -> Result<Vec<Field>> {
        let names = self.begin(input)?.map(|(_, names)| names).unwrap_or_default();
        Ok(text::fields(&names))
    }
}

impl CsvFormat {
    /// Reads up to the first row. None: the file holds nothing at all.
    fn begin(&self, input: Input) -> Result<Option<(Reading, Vec<String>)>> {
        let window = Window::new(input.bytes, self.encoding).map_err(text::unreadable)?;
        refuse::non_text(window.text())?;
        let mut splitter = self.splitter.clone();
        splitter.line_end = text::line_end(window.text());
        let mut reading = Reading {
            window,
            splitter,
            encoding: self.encoding,
            line: 1,
            width: 0,
            spans: Vec::new(),
            rows: Vec::new(),
            ids: Vec::new(),
        };
        let names = match self.header {
            Header::Flag(false) => match &self.columns {
                Some(columns) => Some(columns.clone()),
                None => reading.first(false)?.map(|cells| (0..cells.len()).map(text::unnamed).collect()),
            },
            Header::Flag(true) | Header::Line(_) => {
                if let Header::Line(line) = self.header {
                    reading.skip_to(u64::from(line))?;
                }
                let found = reading.first(true)?.map(|cells| header::names(cells.into_iter())).transpose()?;
                if let (Some(declared), Some(found)) = (&self.columns, &found) {
                    header::freeze(declared, found)?;
                }
                found
            }
        };
        // An empty file has the columns that were declared and no rows.
        let Some(names) = names.or_else(|| self.columns.clone()) else { return Ok(None) };
        reading.width = names.len();
        Ok(Some((reading, names)))
    }
}

/// A file half read.
struct Reading {
    window: Window,
    splitter: Splitter,
    encoding: Encoding,
    /// Physical line that the window starts on.
    line: u64,
    width: usize,
    /// Fields of the accepted records of one step, row after row.
    spans: Vec<Span>,
    /// Where those records stand in the window.
    rows: Vec<(usize, usize)>,
    ids: Vec<u64>,
}

impl Reading {
    /// Moves to the start of physical line `line`.
    fn skip_to(&mut self, line: u64) -> Result<()> {
        while self.line < line {
            match memchr(self.splitter.line_end, self.window.text()) {
                Some(offset) => {
                    self.window.consume(offset + 1);
                    self.line += 1;
                }
                None if self.window.done() => {
                    return Err(ConnectorError::source(say!(
                        "rubrikraden ska stå på rad {line}, men filen slutar på rad {}",
                        "the header should stand on line {line} but the file ends on line {}",
                        self.line
                    ))
                    .hint(say!("kontrollera `header` i jobbfilen", "check `header` in the job file")));
                }
                None => {
                    self.window.consume(self.window.text().len());
                    self.window.more().map_err(text::unreadable)?;
                }
            }
        }
        Ok(())
    }

    /// The cells of the first record; `take`: moves past it.
    fn first(&mut self, take: bool) -> Result<Option<Vec<String>>> {
        loop {
            if self.window.text().is_empty() {
                if self.window.done() {
                    return Ok(None);
                }
                self.more()?;
                continue;
            }
            self.spans.clear();
            match self.splitter.record(self.window.text(), 0, self.window.done(), &mut self.spans) {
                Found::Nothing { end } => {
                    self.window.consume(end);
                    self.line += 1;
                }
                Found::Incomplete => self.more()?,
                Found::StrayQuote { .. } => {
                    return Err(ConnectorError::source(say!(
                        "ett citattecken i rubrikraden stängs aldrig",
                        "a quote in the header is not closed"
                    ))
                    .at(say!("rad {}", "line {}", self.line))
                    .hint(say!(
                        "be avsändaren rätta rubrikraden, eller ange `quote = \"\"`",
                        "ask the sender to mend the header, or declare `quote = \"\"`"
                    )));
                }
                Found::Record { end, lines } => {
                    let cells = self.cells()?;
                    if take {
                        self.window.consume(end);
                        self.line += lines;
                    }
                    return Ok(Some(cells));
                }
            }
        }
    }

    /// The fields of the record that was just split.
    fn cells(&self) -> Result<Vec<String>> {
        let window = self.window.text();
        self.spans
            .iter()
            .map(|span| {
                let bytes = window.get(span.range()).unwrap_or_default();
                let cell = std::str::from_utf8(bytes).map_err(|_| {
                    ConnectorError::configuration(say!(
                        "första raden är inte giltig UTF-8",
                        "the first row is not valid UTF-8"
                    ))
                    .at(say!("rad {}", "line {}", self.line))
                    .hint(say!(
                        "ange teckenkodningen: `encoding = \"windows-1252\"` eller `\"iso-8859-1\"`",
                        "declare the encoding: `encoding = \"windows-1252\"` or `\"iso-8859-1\"`"
                    ))
                })?;
                Ok(if span.doubled() { text::undoubled(cell, self.splitter.quote) } else { cell.to_owned() })
            })
            .collect()
    }

    fn more(&mut self) -> Result<()> {
        if self.window.text().len() > MAX_RECORD {
            return Err(ConnectorError::source(say!(
                "en rad är längre än {} MiB",
                "a row is longer than {} MiB",
                MAX_RECORD >> 20
            ))
            .at(say!("rad {}", "line {}", self.line))
            .hint(say!(
                "kontrollera att filen är text och att `delimiter` och `quote` stämmer",
                "check that the file is text and that `delimiter` and `quote` are right"
            )));
        }
        self.window.more().map_err(text::unreadable)
    }

    /// Takes what the window holds, or as much as there is room for. False at the file's end.
    fn step(&mut self, rows: &mut Rows) -> Result<bool> {
        self.spans.clear();
        self.rows.clear();
        self.ids.clear();
        let (text, done) = (self.window.text(), self.window.done());
        let (mut at, mut incomplete) = (0, false);
        let origin = rows.origin();
        while self.rows.len() < rows.room() && at < text.len() {
            let before = self.spans.len();
            match self.splitter.record(text, at, done, &mut self.spans) {
                Found::Record { end, lines } => {
                    let found = self.spans.len() - before;
                    if found == self.width {
                        self.rows.push((at, end));
                        self.ids.push(RowId::new(origin, self.line).0);
                    } else {
                        self.spans.truncate(before);
                        let detail = format!("{found} fält, {} väntade", self.width);
                        let raw = self.raw(text, at, end);
                        rows.reject(self.line, "fel_antal_kolumner", detail, raw);
                    }
                    self.line += lines;
                    at = end;
                }
                Found::Nothing { end } => {
                    self.line += 1;
                    at = end;
                }
                Found::StrayQuote { end, lines } => {
                    let detail = format!("citattecknet öppnas på rad {}", self.line + lines - 1);
                    let raw = self.raw(text, at, end);
                    rows.reject(self.line, "oavslutat_citat", detail, raw);
                    self.line += lines;
                    at = end;
                }
                Found::Incomplete => {
                    incomplete = true;
                    break;
                }
            }
        }
        self.columns(at, rows)?;
        self.window.consume(at);
        if incomplete || self.window.text().is_empty() {
            if self.window.done() {
                return Ok(false);
            }
            self.more()?;
        }
        Ok(true)
    }

    /// Turns the accepted records among the first `end` bytes into columns.
    fn columns(&mut self, end: usize, rows: &mut Rows) -> Result<()> {
        let text = self.window.text().get(..end).unwrap_or_default();
        let quote = self.splitter.quote;
        if let Some(text) = text::clean(text) {
            return rows.add(text, quote, &self.spans, &self.ids);
        }
        self.reject_bad_characters(rows);
        // The rows that are left are valid, and where they stand stays the same.
        let text = text::blanked(self.window.text().get(..end).unwrap_or_default());
        rows.add(&text, quote, &self.spans, &self.ids)
    }

    /// Rejects those of the accepted records that hold bytes which are no characters.
    fn reject_bad_characters(&mut self, rows: &mut Rows) {
        let text = self.window.text();
        let mut kept = 0;
        for (i, (start, end)) in self.rows.iter().copied().enumerate() {
            if let Err(detail) = text::characters(text.get(start..end).unwrap_or_default()) {
                let row = RowId(self.ids.get(i).copied().unwrap_or_default()).row();
                rows.reject(row, "ogiltiga_tecken", detail, self.raw(text, start, end));
                continue;
            }
            self.ids.copy_within(i..=i, kept);
            self.spans.copy_within(i * self.width..(i + 1) * self.width, kept * self.width);
            kept += 1;
        }
        self.ids.truncate(kept);
        self.spans.truncate(kept * self.width);
    }

    /// A record's own bytes, less the line end.
    fn raw(&self, text: &[u8], start: usize, end: usize) -> Vec<u8> {
        let record = text.get(start..end).unwrap_or_default();
        let record = record.strip_suffix(&[self.splitter.line_end]).unwrap_or(record);
        let record = record.strip_suffix(b"\r").unwrap_or(record);
        self.encoding.original(record)
    }
}
