//! Rows of text formats on their way into Arrow columns.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};
use memchr::memchr;
use sluss_schemas::chunk::{Chunk, Origin, ROW_ID, RowId, Unread};
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::column::Column;
use super::format::Emit;
use crate::connect::Field;
use crate::error::{ConnectorError, Result};

/// A chunk is handed over when its cells, or the raw bytes of its rejected rows, have grown to this.
const MAX_BYTES: usize = 16 << 20;

/// A field within a text: where its bytes start and how many they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    /// Length; the uppermost bit says that doubled quotes stand in it.
    len: u32,
}

impl Span {
    const DOUBLED: u32 = 1 << 31;

    /// Bytes `start..end` of a text that is shorter than 2 GiB.
    #[inline]
    pub(super) fn new(start: usize, end: usize, doubled: bool) -> Self {
        let narrow = |n: usize| u32::try_from(n).unwrap_or_default();
        Self { start: narrow(start), len: narrow(end - start) | if doubled { Self::DOUBLED } else { 0 } }
    }

    /// The bytes' range.
    #[inline]
    pub(super) fn range(self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + (self.len & !Self::DOUBLED) as usize
    }

    /// Whether doubled quotes stand in it.
    #[inline]
    pub(super) fn doubled(self) -> bool {
        self.len & Self::DOUBLED != 0
    }
}

/// Gathers one origin's rows and hands over a chunk whenever one is full.
pub(super) struct Rows {
    origin: Arc<Origin>,
    schema: SchemaRef,
    columns: Vec<Column>,
    ids: Vec<u64>,
    unread: Vec<Unread>,
    bytes: usize,
    null: Vec<String>,
    /// Rows per chunk.
    aim: usize,
    begun: bool,
}

impl Rows {
    /// Starts on `origin`, with a text column for each of `names`; cells that equal one of `null`
    /// are absent.
    pub(super) fn new(origin: Origin, names: &[String], null: &[String], chunk_rows: usize) -> Self {
        let mut fields: Vec<_> = names.iter().map(|name| ArrowField::new(name, DataType::Utf8View, true)).collect();
        fields.push(ArrowField::new(ROW_ID, DataType::UInt64, false));
        let mut rows = Self {
            origin: Arc::new(origin),
            schema: Arc::new(Schema::new(fields)),
            columns: Vec::new(),
            ids: Vec::new(),
            unread: Vec::new(),
            bytes: 0,
            null: null.to_vec(),
            aim: chunk_rows.max(1),
            begun: false,
        };
        rows.columns.resize_with(names.len(), Column::default);
        rows
    }

    /// The origin's ordinal.
    pub(super) fn origin(&self) -> u32 {
        self.origin.index
    }

    /// How many rows more the chunk should take.
    pub(super) fn room(&self) -> usize {
        if self.bytes >= MAX_BYTES { 0 } else { self.aim.saturating_sub(self.ids.len() + self.unread.len()) }
    }

    /// Adds rows whose cells are `spans` of `text`, row after row, one column at a time.
    pub(super) fn add(&mut self, text: &str, quote: Option<u8>, spans: &[Span], ids: &[u64]) -> Result<()> {
        let width = self.columns.len();
        for (nth, column) in self.columns.iter_mut().enumerate() {
            for span in spans.iter().skip(nth).step_by(width) {
                let cell = text.get(span.range()).unwrap_or_default();
                if !self.null.is_empty() && self.null.iter().any(|null| null == cell) {
                    column.push_absent();
                } else if span.doubled() {
                    column.push(&undoubled(cell, quote)).map_err(too_large)?;
                } else {
                    column.push(cell).map_err(too_large)?;
                }
            }
        }
        self.bytes += text.len();
        self.ids.extend_from_slice(ids);
        Ok(())
    }

    /// Adds a row that could not be read.
    pub(super) fn reject(&mut self, line: u64, rule: &'static str, detail: String, raw: Vec<u8>) {
        self.bytes += raw.len();
        self.unread.push(Unread { row: RowId::new(self.origin.index, line), rule, detail, raw });
    }

    /// Whether the chunk takes no more rows.
    pub(super) fn is_full(&self) -> bool {
        self.room() == 0
    }

    /// Hands over what is left: at least one chunk comes out of an origin, so that its columns are
    /// known even where it has no rows.
    pub(super) fn finish(mut self, emit: &mut dyn Emit) -> Result<()> {
        if self.begun && self.ids.is_empty() && self.unread.is_empty() { Ok(()) } else { self.emit(emit) }
    }

    /// Hands over the rows as a chunk.
    pub(super) fn emit(&mut self, emit: &mut dyn Emit) -> Result<()> {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len() + 1);
        for column in &mut self.columns {
            arrays.push(column.finish());
        }
        arrays.push(Arc::new(UInt64Array::from(std::mem::take(&mut self.ids))));
        let rows = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(too_large)?;
        self.begun = true;
        self.bytes = 0;
        let unread = std::mem::take(&mut self.unread);
        emit.chunk(Chunk { origin: Arc::clone(&self.origin), rows, unread, cursor: None })
    }
}

/// A cell with its doubled quotes made single.
pub(super) fn undoubled(cell: &str, quote: Option<u8>) -> String {
    let quote = char::from(quote.unwrap_or_default());
    let doubled: String = [quote, quote].iter().collect();
    cell.replace(&doubled, quote.encode_utf8(&mut [0; 4]))
}

/// The byte that ends a line: a file without a single line feed comes from where the carriage
/// return does.
pub(super) fn line_end(head: &[u8]) -> u8 {
    if memchr(b'\n', head).is_none() && memchr(b'\r', head).is_some() { b'\r' } else { b'\n' }
}

/// The text of many rows, where it is text throughout; else each row needs a look of its own.
pub(super) fn clean(rows: &[u8]) -> Option<&str> {
    simdutf8::basic::from_utf8(rows).ok().filter(|_| memchr(0, rows).is_none())
}

/// A text with a question mark for each byte that is no character, so that nothing moves.
pub(super) fn blanked(rows: &[u8]) -> String {
    let mut text = String::with_capacity(rows.len());
    for chunk in rows.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

/// A row's bytes as text, or where they are none. A zero byte is no character of any text: it comes
/// from damaged files, and databases refuse it.
pub(super) fn characters(row: &[u8]) -> std::result::Result<&str, String> {
    let text =
        simdutf8::compat::from_utf8(row).map_err(|error| format!("byte {} på raden", error.valid_up_to() + 1))?;
    match memchr(0, row) {
        None => Ok(text),
        Some(offset) => Err(format!("nolltecken, byte {} på raden", offset + 1)),
    }
}

/// Text columns as `discover` shows them.
pub(super) fn fields(names: &[String]) -> Vec<Field> {
    names.iter().map(|name| Field::text(name, "text")).collect()
}

/// The name of a column without one, by its position from 0.
pub(super) fn unnamed(index: usize) -> String {
    format!("kolumn_{}", index + 1)
}

/// An error of the file system, the network or an archive, on the way to the text.
pub(super) fn unreadable(error: io::Error) -> ConnectorError {
    // An archive's and a connector's own errors travel through `Read` inside an `io::Error`.
    match error.downcast::<ConnectorError>() {
        Ok(error) => error,
        Err(error) => {
            ConnectorError::source(say!("filen går inte att läsa till slutet", "the file cannot be read to its end"))
                .because(error)
                .retryable()
        }
    }
}

fn too_large(error: arrow::error::ArrowError) -> ConnectorError {
    ConnectorError::source(say!("raderna ryms inte", "the rows do not fit into a chunk")).because(error)
}

/// Names must differ, and not be the name that the row's address has.
pub(super) fn check_names(names: &[String]) -> std::result::Result<(), Message> {
    if names.is_empty() {
        return Err(say!("det finns ingen kolumn", "there is no column"));
    }
    let mut doubled: Vec<String> = Vec::new();
    let mut seen = BTreeMap::new();
    for (i, name) in names.iter().enumerate() {
        if name == ROW_ID {
            return Err(say!(
                "kolumn {} heter `{name}`, som är ett reserverat namn",
                "column {} is called `{name}`, which is reserved",
                i + 1
            ));
        }
        if let Some(first) = seen.insert(name.as_str(), i) {
            doubled.push(format!("{} ({}, {})", shown(name, i), first + 1, i + 1));
        }
    }
    if doubled.is_empty() {
        return Ok(());
    }
    Err(say!("flera kolumner har samma namn: {}", "several columns have the same name: {}", doubled.join(", ")))
}

/// A name as it may be shown: what looks like a value (digits, addresses, long text) is not.
pub(super) fn shown(name: &str, index: usize) -> String {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    if digits > 5 || name.contains('@') || name.chars().count() > 60 { unnamed(index) } else { format!("`{name}`") }
}
