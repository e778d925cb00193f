//! Validated rows waiting for the verdicts that need the whole delivery: in memory up to a budget,
//! then on disk in an unlinked temporary file that no other process can open.

use std::fs::File;
use std::io::{BufReader, BufWriter, Seek};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;

use crate::error::{PipelineError, Result};

/// Bytes of waiting rows that one table of one job may hold in memory.
pub const MEMORY_BUDGET: usize = 16 << 20;

/// Batches in the order in which they came.
pub struct Waiting {
    schema: SchemaRef,
    budget: usize,
    held: Vec<RecordBatch>,
    held_bytes: usize,
    spill: Option<StreamWriter<BufWriter<File>>>,
    rows: u64,
}

impl Waiting {
    /// Waits in at most `budget` bytes of memory.
    pub fn new(schema: SchemaRef, budget: usize) -> Self {
        Self { schema, budget, held: Vec::new(), held_bytes: 0, spill: None, rows: 0 }
    }

    /// Rows that wait.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds a batch.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.rows += batch.num_rows() as u64;
        let batch = compact(batch)?;
        if let Some(spill) = &mut self.spill {
            return Ok(spill.write(&batch)?);
        }
        self.held_bytes += batch.get_array_memory_size();
        self.held.push(batch);
        if self.held_bytes > self.budget {
            let file = BufWriter::with_capacity(1 << 20, tempfile::tempfile()?);
            let mut spill = StreamWriter::try_new(file, &self.schema)?;
            for batch in self.held.drain(..) {
                spill.write(&batch)?;
            }
            self.held_bytes = 0;
            self.spill = Some(spill);
        }
        Ok(())
    }

    /// No more rows will come: gives them back in order.
    pub fn into_batches(self) -> Result<Batches> {
        let Some(mut spill) = self.spill else { return Ok(Batches::Held(self.held.into_iter())) };
        spill.finish()?;
        let writer = spill.into_inner()?;
        let mut file = writer.into_inner().map_err(|e| PipelineError::from(e.into_error()))?;
        file.rewind()?;
        Ok(Batches::Spilled(Box::new(StreamReader::try_new(BufReader::with_capacity(1 << 20, file), None)?)))
    }
}

/// The batches of a [`Waiting`], in order.
pub enum Batches {
    /// All were in memory.
    Held(std::vec::IntoIter<RecordBatch>),
    /// They were on disk.
    Spilled(Box<StreamReader<BufReader<File>>>),
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Held(batches) => batches.next().map(Ok),
            Self::Spilled(reader) => reader.next().map(|b| b.map_err(PipelineError::from)),
        }
    }
}

/// Lets go of the blocks of source bytes that text views point into: without it, a few kept rows
/// would hold a whole file in memory, and a spill would write each block once per column.
fn compact(batch: &RecordBatch) -> Result<RecordBatch> {
    let columns: Vec<ArrayRef> = batch
        .columns()
        .iter()
        .map(|column| match column.data_type() {
            DataType::Utf8View => Arc::new(column.as_string_view().gc()) as ArrayRef,
            _ => Arc::clone(column),
        })
        .collect();
    Ok(RecordBatch::try_new(batch.schema(), columns)?)
}

#[cfg(test)]
mod tests {
    use arrow::array::StringViewArray;

    use super::*;

    #[test]
    fn what_goes_in_comes_out_in_order_whether_it_fits_or_not() {
        for budget in [usize::MAX, 0] {
            let column = |n: i32| -> ArrayRef {
                Arc::new(StringViewArray::from_iter_values((0..100).map(|i| format!("ett ganska långt värde {n} {i}"))))
            };
            let batches: Vec<_> = (0..5).map(|n| RecordBatch::try_from_iter([("a", column(n))]).unwrap()).collect();
            let mut waiting = Waiting::new(batches[0].schema(), budget);
            for batch in &batches {
                waiting.push(batch).unwrap();
            }
            assert_eq!(waiting.rows(), 500);
            let out: Vec<_> = waiting.into_batches().unwrap().map(Result::unwrap).collect();
            assert_eq!(out, batches);
        }
    }
}
