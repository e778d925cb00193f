//! Rows on their way out: gathered into chunks of the shape's columns.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringViewBuilder, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use chrono::{Datelike, NaiveDate};
use sluss_schemas::chunk::{Chunk, Origin, ROW_ID, RowId, Unread};
use sluss_schemas::say;

use super::notice::{NoticeKind, Notices};
use super::shape::Gives;
use crate::error::{Actor, ConnectorError, Result};

/// Gathers rows and hands over chunks.
pub(super) struct Out<'a> {
    gives: Gives,
    /// Per column: what a row without a text of its own gets.
    constants: Vec<Option<String>>,
    chunk_rows: usize,
    send: &'a mut dyn FnMut(Chunk) -> Result<()>,
    notices: &'a Notices,
    origin: Arc<Origin>,
    origins: u32,
    schema: SchemaRef,
    columns: Vec<StringViewBuilder>,
    ids: Vec<u64>,
    unread: Vec<Unread>,
    sent: bool,
    /// Whether `giltig_till` comes as the last day of validity: it goes on as the first day after.
    pub end_inclusive: bool,
    end: Option<usize>,
}

impl<'a> Out<'a> {
    pub(super) fn new(
        gives: Gives,
        constants: Vec<Option<String>>,
        chunk_rows: usize,
        name: &str,
        notices: &'a Notices,
        send: &'a mut dyn FnMut(Chunk) -> Result<()>,
    ) -> Self {
        Self {
            gives,
            constants,
            chunk_rows: chunk_rows.max(1),
            send,
            notices,
            origin: Arc::new(Origin { index: 0, name: name.to_owned(), part: None }),
            origins: 1,
            schema: schema(gives),
            columns: builders(gives),
            ids: Vec::new(),
            unread: Vec::new(),
            sent: false,
            end_inclusive: false,
            end: gives.place("giltig_till"),
        }
    }

    /// Counts origins from `index` instead of 0.
    pub(super) fn begin_at(&mut self, index: u32) {
        self.origins = index + 1;
        self.origin = Arc::new(Origin { index, ..Origin::clone(&self.origin) });
    }

    pub(super) fn gives(&self) -> Gives {
        self.gives
    }

    /// Names the part of the file that the rows now come from: a sheet, a resource. The first part
    /// keeps the ordinal of the file.
    pub(super) fn part(&mut self, part: &str) -> Result<()> {
        if self.origin.part.is_some() {
            self.flush(true)?;
            self.origins += 1;
        }
        let index = self.origins - 1;
        self.origin = Arc::new(Origin { index, name: self.origin.name.clone(), part: Some(part.to_owned()) });
        self.sent = false;
        Ok(())
    }

    /// Adds a row: one cell per column, in the shape's order.
    pub(super) fn row(&mut self, number: u64, cells: &[Option<&str>]) -> Result<()> {
        for (i, column) in self.columns.iter_mut().enumerate() {
            let cell = cells.get(i).copied().flatten();
            let after = if self.end_inclusive && self.end == Some(i) { cell.and_then(day_after) } else { None };
            let cell = after.as_deref().or(cell);
            let constant = self.constants.get(i).and_then(Option::as_deref);
            // A constant also fills a cell that is there but blank: a list that dates some codes only.
            match (cell, constant) {
                (Some(text), Some(_)) if !text.trim().is_empty() => column.append_value(text),
                (Some(text), None) | (_, Some(text)) => column.append_value(text),
                (None, None) => column.append_null(),
            }
        }
        self.ids.push(RowId::new(self.origin.index, number).0);
        if self.ids.len() >= self.chunk_rows { self.flush(false) } else { Ok(()) }
    }

    /// Adds a row that could not be read.
    pub(super) fn unread(&mut self, number: u64, rule: &'static str, detail: String, raw: &[u8]) -> Result<()> {
        let row = RowId::new(self.origin.index, number);
        self.unread.push(Unread { row, rule, detail, raw: raw.to_vec() });
        if self.unread.len() >= self.chunk_rows { self.flush(false) } else { Ok(()) }
    }

    /// Tells something of the file, or of the part that is being read.
    pub(super) fn notice(&self, kind: NoticeKind, detail: impl Into<String>) {
        let place = match &self.origin.part {
            Some(part) => format!("{}: {part}", self.origin.name),
            None => self.origin.name.clone(),
        };
        self.notices.add(kind, place, detail);
    }

    /// Hands over what is left. A part without rows gives an empty chunk: it was there.
    pub(super) fn finish(mut self) -> Result<()> {
        self.flush(true)
    }

    fn flush(&mut self, last: bool) -> Result<()> {
        if self.ids.is_empty() && self.unread.is_empty() && (self.sent || !last) {
            return Ok(());
        }
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len() + 1);
        for column in &mut self.columns {
            arrays.push(Arc::new(column.finish()));
        }
        arrays.push(Arc::new(UInt64Array::from(std::mem::take(&mut self.ids))));
        let rows = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(|e| ConnectorError {
            what: say!("ett paket med rader kunde inte sättas ihop", "a chunk could not be put together"),
            place: Some(self.origin.name.clone().into()),
            hint: None,
            actor: Actor::Us,
            retry: false,
            source: Some(Box::new(e)),
        })?;
        self.sent = true;
        let unread = std::mem::take(&mut self.unread);
        (self.send)(Chunk { origin: Arc::clone(&self.origin), rows, unread, cursor: None })
    }
}

/// The day after one written as `2026-12-31` or `20261231`, as the first; the last day that can be
/// written means no end. None for anything else, which goes on as it stands.
fn day_after(text: &str) -> Option<String> {
    let text = text.trim();
    let day = ["%Y-%m-%d", "%Y%m%d"].iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok())?;
    if day.year() >= 9999 { Some(String::new()) } else { day.succ_opt().map(|d| d.to_string()) }
}

fn builders(gives: Gives) -> Vec<StringViewBuilder> {
    // Texts and constants repeat within and between rows.
    gives.columns().iter().map(|_| StringViewBuilder::new().with_deduplicate_strings()).collect()
}

/// The columns of a chunk: text, and the row's place last.
fn schema(gives: Gives) -> SchemaRef {
    let text = gives.columns().iter().map(|name| Field::new(*name, DataType::Utf8View, true));
    let id = Field::new(ROW_ID, DataType::UInt64, false);
    Arc::new(Schema::new(text.chain([id]).collect::<Vec<_>>()))
}
