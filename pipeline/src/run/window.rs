//! The last source batches, so that a row that is rejected can be kept with its own cells.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::UInt64Type;
use sluss_schemas::chunk::ROW_ID;

/// Batches that are kept: more than can wait in a mapping's channel and operators.
const BATCHES: usize = 8;

/// A window over the source, shared by extraction and the tables.
#[derive(Clone, Debug)]
pub(super) struct Window {
    batches: Arc<Mutex<VecDeque<RecordBatch>>>,
    /// Whether anything may be seen through it.
    is_open: bool,
}

impl Window {
    /// A window; where the source's rows are persons', one that shows nothing.
    pub(super) fn new(is_open: bool) -> Self {
        Self { batches: Arc::default(), is_open }
    }

    /// The source has come this far.
    pub(super) fn push(&self, batch: &RecordBatch) {
        if !self.is_open {
            return;
        }
        let mut batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        if batches.len() == BATCHES {
            batches.pop_front();
        }
        batches.push_back(batch.clone());
    }

    /// The source row `row` as a batch of one row, if it is still in the window.
    pub(super) fn find(&self, row: u64) -> Option<RecordBatch> {
        let batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        batches.iter().rev().find_map(|batch| {
            let ids = batch.column_by_name(ROW_ID)?.as_primitive_opt::<UInt64Type>()?;
            let position = ids.values().binary_search(&row).ok()?;
            Some(batch.slice(position, 1))
        })
    }
}
