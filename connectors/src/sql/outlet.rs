//! What drivers read, on its way to the pipeline: addressed, kept, times in UTC, cut into chunks.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, UInt64Array};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use chrono_tz::Tz;
use sluss_schemas::chunk::{Chunk, Cursor, Origin, ROW_ID, RowId, Unread};
use sluss_schemas::landing::Landing;
use sluss_schemas::say;
use tokio::sync::mpsc;

use super::batch::Batch;
use super::column::{self, Column, Target};
use super::cursor::Position;
use super::cut::{Cutter, Stretch};
use super::driver::Message;
use super::fault;
use super::land::Kept;
use super::zone;
use crate::error::{ConnectorError, Result};

/// What a reading needs to know on its way out.
pub(super) struct Plan {
    /// What the rows come from.
    pub(super) origin: Origin,
    /// Zone of times without one.
    pub(super) zone: Tz,
    /// The cursor's column.
    pub(super) cursor: Option<String>,
    /// Where this reading begins.
    pub(super) after: Option<Position>,
    /// Rows per chunk.
    pub(super) chunk_rows: usize,
}

/// Leads batches out until the driver says that it has come to its end. Runs on a thread of its own.
pub(super) fn run(
    plan: Plan,
    landing: &dyn Landing,
    batches: &mut mpsc::Receiver<Result<Message>>,
    chunks: &mpsc::Sender<Result<Chunk>>,
) -> Result<()> {
    let (columns, before) = match batches.blocking_recv() {
        Some(Ok(Message::Columns(columns, before))) => (columns, before),
        Some(Err(error)) => return Err(error),
        Some(Ok(Message::Batch(_) | Message::End)) | None => {
            return Err(fault::ours(&say!("fråga efter kolumnerna", "asking for the columns")));
        }
    };
    let mut outlet = Outlet::new(plan, &columns, before, landing, chunks)?;
    loop {
        match batches.blocking_recv() {
            Some(Ok(Message::Batch(batch))) => outlet.batch(&batch)?,
            Some(Ok(Message::End)) => return outlet.finish(),
            Some(Err(error)) => return Err(error),
            // Half a result must not pass for a whole one.
            Some(Ok(Message::Columns(..))) | None => return Err(fault::ours(&say!("läsa rader", "reading rows"))),
        }
    }
}

struct Outlet<'a> {
    origin: Arc<Origin>,
    zone: Tz,
    cursor: Option<String>,
    /// As drivers give them, with the row's address.
    schema: SchemaRef,
    /// As they go out.
    out: SchemaRef,
    kept: Kept,
    cutter: Cutter,
    rows: u64,
    unread: Vec<Unread>,
    /// The latest cursor.
    last: Option<Cursor>,
    sent: bool,
    chunk_rows: usize,
    chunks: &'a mpsc::Sender<Result<Chunk>>,
}

impl<'a> Outlet<'a> {
    fn new(
        plan: Plan,
        columns: &[Column],
        before: u64,
        landing: &dyn Landing,
        chunks: &'a mpsc::Sender<Result<Chunk>>,
    ) -> Result<Self> {
        let schema = with_id(column::schema(columns).fields().iter().map(|field| field.as_ref().clone()));
        let given = |column: &Column| column.target.unwrap_or(Target::Text).given();
        let out = with_id(columns.iter().map(|column| Field::new(&column.name, given(column), true)));
        let place = plan.cursor.as_ref().and_then(|name| columns.iter().position(|column| column.name == *name));
        Ok(Self {
            kept: Kept::begin(landing, &plan.origin, &schema)?,
            origin: Arc::new(plan.origin),
            zone: plan.zone,
            schema,
            out,
            cutter: Cutter::new(place, plan.chunk_rows),
            cursor: plan.cursor,
            rows: before,
            unread: Vec::new(),
            last: plan.after.as_ref().map(Position::cursor).transpose()?,
            sent: false,
            chunk_rows: plan.chunk_rows,
            chunks,
        })
    }

    fn batch(&mut self, batch: &Batch) -> Result<()> {
        let first = self.rows + 1;
        let count = batch.rows.num_rows();
        self.rows += count as u64;
        let ids = UInt64Array::from_iter_values((first..=self.rows).map(|row| RowId::new(self.origin.index, row).0));
        let mut columns: Vec<ArrayRef> = batch.rows.columns().to_vec();
        columns.push(Arc::new(ids));
        let mut rows = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(mismatch)?;
        self.kept.write(&rows, &batch.bad)?;
        if !batch.bad.is_empty() {
            let mut good = vec![true; count];
            for bad in &batch.bad {
                if let Some(good) = good.get_mut(bad.row) {
                    *good = false;
                }
                let row = RowId::new(self.origin.index, first + bad.row as u64);
                let (rule, detail, raw) = (bad.rule, bad.detail.clone(), bad.raw.clone());
                self.unread.push(Unread { row, rule, detail, raw });
            }
            rows = filter_record_batch(&rows, &BooleanArray::from(good)).map_err(mismatch)?;
        }
        match self.cutter.push(rows)? {
            Some(stretch) => self.send(stretch, false),
            // Where hardly a row can be read, those that cannot must not heap up.
            None if self.unread.len() >= self.chunk_rows => {
                let unread = std::mem::take(&mut self.unread);
                self.chunk(&RecordBatch::new_empty(Arc::clone(&self.schema)), unread, None)
            }
            None => Ok(()),
        }
    }

    fn send(&mut self, (rows, key): Stretch, last: bool) -> Result<()> {
        let upto = rows.columns().last().and_then(|ids| {
            let ids = ids.as_any().downcast_ref::<UInt64Array>()?;
            ids.values().last().copied()
        });
        // Those after the cursor's row come with the rows that follow it.
        let held = |unread: &Unread| !last && self.cursor.is_some() && upto.is_some_and(|upto| unread.row.0 > upto);
        let later = self.unread.iter().position(held);
        let rest = self.unread.split_off(later.unwrap_or(self.unread.len()));
        let unread = std::mem::replace(&mut self.unread, rest);
        let cursor = match (key, &self.cursor, upto) {
            (Some(key), Some(column), Some(upto)) => {
                let position = Position { column: column.clone(), key, rows: RowId(upto).row() };
                self.last = Some(position.cursor()?);
                self.last.clone()
            }
            _ => None,
        };
        self.chunk(&rows, unread, cursor)
    }

    fn chunk(&mut self, rows: &RecordBatch, unread: Vec<Unread>, cursor: Option<Cursor>) -> Result<()> {
        let arrays = rows.columns().iter().map(|column| match column.data_type() {
            DataType::Timestamp(TimeUnit::Microsecond, None) => zone::instants(column, self.zone),
            _ => Arc::clone(column),
        });
        let rows = RecordBatch::try_new(Arc::clone(&self.out), arrays.collect()).map_err(mismatch)?;
        self.sent = true;
        self.chunks
            .blocking_send(Ok(Chunk { origin: Arc::clone(&self.origin), rows, unread, cursor }))
            .map_err(|_| fault::cancelled())
    }

    fn finish(mut self) -> Result<()> {
        let cutter = std::mem::replace(&mut self.cutter, Cutter::new(None, 1));
        if let Some(stretch) = cutter.finish() {
            self.send(stretch, true)?;
        }
        // What could not be read where no row followed, and the columns where there was no row at all.
        if !self.unread.is_empty() || !self.sent {
            let unread = std::mem::take(&mut self.unread);
            let (rows, cursor) = (RecordBatch::new_empty(Arc::clone(&self.schema)), self.last.clone());
            self.chunk(&rows, unread, cursor)?;
        }
        self.kept.finish()
    }
}

fn with_id(fields: impl Iterator<Item = Field>) -> SchemaRef {
    Arc::new(Schema::new(fields.chain([Field::new(ROW_ID, DataType::UInt64, false)]).collect::<Vec<_>>()))
}

fn mismatch(error: ArrowError) -> ConnectorError {
    fault::ours(&say!("sätta ihop ett stycke av rader", "putting a chunk together")).because(error)
}
