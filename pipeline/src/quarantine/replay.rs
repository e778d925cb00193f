//! Rejected source rows as a connector would give them, for a run with a mended mapping.

use std::collections::HashSet;
use std::iter::Peekable;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringViewBuilder, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema};
use sluss_schemas::chunk::{Chunk, Origin, ROW_ID, RowId, Unread};

use super::read::Rows;
use super::row::QuarantinedRow;
use crate::keys::{Error, Result};

/// Rows in a chunk at most.
const ROWS: usize = 8192;

/// Chunks of rejected rows. All columns are text (`Utf8View`) and [`ROW_ID`], as text formats give
/// them; neighbours with the same origin and columns share a chunk. After an error it ends.
///
/// Remembers the address of each row that it has given: 16 bytes or so for each.
pub struct Replay {
    rows: Peekable<Rows>,
    wanted: Box<dyn Fn(RowId) -> bool + Send>,
    given: HashSet<u64>,
}

impl Replay {
    pub(super) fn new(rows: Rows, wanted: Box<dyn Fn(RowId) -> bool + Send>) -> Self {
        Self { rows: rows.peekable(), wanted, given: HashSet::new() }
    }

    fn chunk(&mut self) -> Result<Option<Chunk>> {
        let mut rows: Vec<QuarantinedRow> = Vec::new();
        while rows.len() < ROWS {
            match self.rows.peek() {
                None => break,
                Some(Ok(next)) => {
                    if !(self.wanted)(next.row) || self.given.contains(&next.row.0) {
                        self.rows.next();
                        continue;
                    }
                    if rows.first().is_some_and(|first| !alike(first, next)) {
                        break;
                    }
                }
                // Taken out below.
                Some(Err(_)) => {}
            }
            if let Some(row) = self.rows.next() {
                let row = row?;
                self.given.insert(row.row.0);
                rows.push(row);
            }
        }
        if rows.is_empty() { Ok(None) } else { chunk(rows).map(Some) }
    }
}

impl Iterator for Replay {
    type Item = Result<Chunk>;

    fn next(&mut self) -> Option<Self::Item> {
        self.chunk().transpose()
    }
}

fn alike(one: &QuarantinedRow, other: &QuarantinedRow) -> bool {
    one.row.origin() == other.row.origin()
        && one.part == other.part
        && one.raw.is_some() == other.raw.is_some()
        && one.cells.len() == other.cells.len()
        && one.cells.iter().zip(&other.cells).all(|((a, _), (b, _))| a == b)
}

fn chunk(rows: Vec<QuarantinedRow>) -> Result<Chunk> {
    let first = rows.first();
    let origin = Arc::new(Origin {
        index: first.and_then(|row| u32::try_from(row.row.origin()).ok()).unwrap_or_default(),
        name: first.map(|row| row.origin.clone()).unwrap_or_default(),
        part: first.and_then(|row| row.part.clone()),
    });
    let names: Vec<String> =
        first.map(|row| row.cells.iter().map(|(name, _)| name.clone()).collect()).unwrap_or_default();
    let mut columns: Vec<StringViewBuilder> =
        names.iter().map(|_| StringViewBuilder::with_capacity(rows.len())).collect();
    let (mut ids, mut unread) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        if let Some(raw) = row.raw {
            // The rule that the row broke is what the new run is to find out.
            unread.push(Unread { row: row.row, rule: "olasbar_rad", detail: row.detail.unwrap_or_default(), raw });
            continue;
        }
        ids.push(row.row.0);
        for (column, (_, value)) in columns.iter_mut().zip(&row.cells) {
            column.append_option(value.as_deref());
        }
    }
    let mut fields: Vec<Field> = names.iter().map(|name| Field::new(name, DataType::Utf8View, true)).collect();
    fields.push(Field::new(ROW_ID, DataType::UInt64, false));
    let mut arrays: Vec<ArrayRef> = columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
    arrays.push(Arc::new(UInt64Array::from(ids)));
    let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|source| Error::Rows { act: "read", source })?;
    Ok(Chunk { origin, rows, unread, cursor: None })
}
