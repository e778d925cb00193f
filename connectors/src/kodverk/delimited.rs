//! Delimited text (RFC 4180, with any delimiter): records, and rows from them.

use std::collections::BTreeMap;
use std::io::Read;

use csv_core::ReadRecordResult;
use sluss_schemas::say;

use super::columns::{Filling, ends_on_last_day};
use super::lines::{Line, Lines, refuse_html, without_end};
use super::options::{ColumnRef, Encoding};
use super::out::Out;
use crate::error::{ConnectorError, Result};

/// Lines that one record may take: a quotation mark that is not closed by then never will be.
const LONGEST_RECORD: usize = 200;

/// How a delimited file is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    /// None: whichever of `;`, tab and `,` the first line has most of.
    pub delimiter: Option<u8>,
    /// None: quotation marks mean nothing.
    pub quote: Option<u8>,
    pub encoding: Encoding,
}

/// What was read as one record.
pub(super) enum Record {
    /// The cells' bytes, without quotation marks.
    Cells(Cells),
    /// A line whose quotation mark is never closed.
    Unclosed(Line),
}

/// A record's cells.
pub(super) struct Cells {
    /// Number of its first line.
    pub line: u64,
    /// Its bytes as they stood.
    pub raw: Vec<u8>,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Cells {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, i: usize) -> Option<&[u8]> {
        let end = *self.ends.get(i)?;
        let start = i.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(start..end)
    }
}

/// Records of a file, one at a time.
pub(super) struct Records<R> {
    lines: Lines<R>,
    reader: csv_core::Reader,
}

impl<R: Read> Records<R> {
    /// `dialect.delimiter` is settled by the first line where it is open.
    pub(super) fn new(mut lines: Lines<R>, dialect: Dialect, name: &str) -> Result<Self> {
        let first = lines.next()?;
        if let Some(first) = &first {
            refuse_html(&first.bytes, name)?;
        }
        let delimiter = dialect.delimiter.unwrap_or_else(|| commonest(first.as_ref().map_or(&[], |l| &l.bytes)));
        lines.give_back(first.into_iter().collect());
        let reader = csv_core::ReaderBuilder::new()
            .delimiter(delimiter)
            .quoting(dialect.quote.is_some())
            .quote(dialect.quote.unwrap_or(b'"'))
            .build();
        Ok(Self { lines, reader })
    }

    /// The next record that is not a blank line.
    pub(super) fn next(&mut self) -> Result<Option<Record>> {
        while let Some(line) = self.lines.next()? {
            if !without_end(&line.bytes).is_empty() {
                return self.record(line).map(Some);
            }
        }
        Ok(None)
    }

    fn record(&mut self, first: Line) -> Result<Record> {
        self.reader.reset();
        let mut cells =
            Cells { line: first.number, raw: Vec::new(), text: vec![0; first.bytes.len().max(64)], ends: vec![0; 32] };
        let (mut text, mut ends) = (0, 0);
        let mut taken = vec![first];
        while let Some(line) = taken.last() {
            // A last line without an end still ends its record, unless it stands within quotes.
            let mut input = line.bytes.clone();
            if input.last() != Some(&b'\n') {
                input.push(b'\n');
            }
            let mut rest = input.as_slice();
            let ended = loop {
                let room = cells.text.get_mut(text..).unwrap_or_default();
                let slots = cells.ends.get_mut(ends..).unwrap_or_default();
                let (result, read, written, ended) = self.reader.read_record(rest, room, slots);
                rest = rest.get(read..).unwrap_or_default();
                text += written;
                ends += ended;
                match result {
                    ReadRecordResult::OutputFull => cells.text.resize(cells.text.len() * 2 + rest.len(), 0),
                    ReadRecordResult::OutputEndsFull => cells.ends.resize(cells.ends.len() * 2, 0),
                    ReadRecordResult::InputEmpty => break false,
                    ReadRecordResult::Record | ReadRecordResult::End => break true,
                }
            };
            if ended {
                // A carriage return alone ended the record: what follows it is a record of its own.
                let left = rest.iter().any(|b| !matches!(b, b'\r' | b'\n'));
                if left && let Some(last) = taken.last_mut() {
                    let bytes = rest.to_vec();
                    last.bytes.truncate(last.bytes.len().saturating_sub(bytes.len()));
                    let number = last.number;
                    self.lines.give_back(vec![Line { number, bytes }]);
                }
                break;
            }
            let next = if taken.len() < LONGEST_RECORD { self.lines.next()? } else { None };
            match next {
                Some(line) => taken.push(line),
                None => return Ok(self.unclosed(taken)),
            }
        }
        cells.text.truncate(text);
        cells.ends.truncate(ends);
        cells.raw = taken.into_iter().flat_map(|line| line.bytes).collect();
        Ok(Record::Cells(cells))
    }

    /// The line that opens a quotation is given up, what follows it is read again.
    fn unclosed(&mut self, mut taken: Vec<Line>) -> Record {
        let rest = taken.split_off(1.min(taken.len()));
        self.lines.give_back(rest);
        Record::Unclosed(taken.pop().unwrap_or(Line { number: 0, bytes: Vec::new() }))
    }

    pub(super) fn into_inner(self) -> R {
        self.lines.into_inner()
    }
}

/// Whichever delimiter the line has most of.
fn commonest(line: &[u8]) -> u8 {
    let count = |delimiter: u8| memchr::memchr_iter(delimiter, line).count();
    [b';', b',', b'\t'].into_iter().max_by_key(|d| count(*d)).unwrap_or(b'\t')
}

/// Which columns of a delimited list mean what.
pub(super) struct Layout<'a> {
    pub columns: &'a BTreeMap<String, ColumnRef>,
    /// The row with the headings, from 1; 0 for none.
    pub header_row: u32,
}

/// Reads a delimited list. Gives the file back for what is left to do with it.
pub(super) fn read<R: Read>(
    lines: Lines<R>,
    dialect: Dialect,
    layout: &Layout<'_>,
    name: &str,
    out: &mut Out<'_>,
) -> Result<R> {
    let mut records = Records::new(lines, dialect, name)?;
    let headings = headings(&mut records, dialect.encoding, layout.header_row, name)?;
    let mut known: Option<(usize, Filling)> = match &headings {
        Some(h) => {
            let filling = Filling::resolve(out.gives(), layout.columns, Some(h), h.len(), name)?;
            out.end_inclusive |= ends_on_last_day(out.gives(), &filling, h);
            Some((h.len(), filling))
        }
        None => None,
    };
    while let Some(record) = records.next()? {
        let cells = match record {
            Record::Cells(cells) => cells,
            Record::Unclosed(line) => {
                let detail = "a quotation mark that is never closed".to_owned();
                out.unread(line.number, "oavslutat_citat", detail, &line.bytes)?;
                continue;
            }
        };
        let (width, filling) = match &mut known {
            Some(known) => known,
            none => {
                let width = cells.len();
                let filling = Filling::resolve(out.gives(), layout.columns, None, width, name)?;
                none.insert((width, filling))
            }
        };
        if cells.len() != *width {
            let detail = format!("{} columns instead of {width}", cells.len());
            out.unread(cells.line, "fel_antal_kolumner", detail, &cells.raw)?;
            continue;
        }
        let mut texts = Vec::with_capacity(*width);
        let mut bad = None;
        for i in 0..*width {
            match dialect.encoding.decode(cells.get(i).unwrap_or_default()) {
                Ok(text) => texts.push(text),
                Err(offset) => bad = bad.or(Some((i, offset))),
            }
        }
        if let Some((column, offset)) = bad {
            let detail = format!("column {}, byte {}: not {}", column + 1, offset + 1, dialect.encoding.name());
            out.unread(cells.line, "ogiltiga_tecken", detail, &cells.raw)?;
            continue;
        }
        out.row(cells.line, &filling.pick(|i| texts.get(i).map(AsRef::as_ref)))?;
    }
    Ok(records.into_inner())
}

/// Skips to the row with the headings and reads it.
fn headings<R: Read>(
    records: &mut Records<R>,
    encoding: Encoding,
    header_row: u32,
    name: &str,
) -> Result<Option<Vec<String>>> {
    for row in 1..=header_row {
        let Some(record) = records.next()? else { return Ok(None) };
        if row < header_row {
            continue;
        }
        let Record::Cells(cells) = record else {
            return Err(ConnectorError::source(say!(
                "rubrikerna har ett citattecken som aldrig stängs",
                "the headings have a quotation mark that is never closed"
            ))
            .at(name));
        };
        let decode = |i| encoding.decode(cells.get(i).unwrap_or_default()).map(std::borrow::Cow::into_owned);
        let headings: std::result::Result<Vec<String>, usize> = (0..cells.len()).map(decode).collect();
        return headings.map(Some).map_err(|_| {
            ConnectorError::source(say!("rubrikerna är inte {}", "the headings are not {}", encoding.name()))
                .at(name)
                .hint(say!(
                    "ange `encoding = \"iso-8859-1\"` om listan är äldre än UTF-8",
                    "say `encoding = \"iso-8859-1\"` if the list is older than UTF-8"
                ))
        });
    }
    Ok(None)
}
