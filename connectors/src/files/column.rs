//! A text column in the making.
//!
//! The builder takes text that is known to be UTF-8, so the window's one check suffices. (Views
//! built by hand into the window's block were measured: their second check, cell by cell, costs
//! more than copying the long cells, and they keep the whole block in memory.)

use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewBuilder};
use arrow::error::ArrowError;

/// Bytes that a view holds itself; longer cells lie in a block.
const INLINE: usize = 12;

/// Smallest and largest block for long cells.
const BLOCKS: (usize, usize) = (4 << 10, 1 << 20);

/// Gathers one column's cells.
#[derive(Default)]
pub(super) struct Column {
    cells: StringViewBuilder,
    /// Bytes in long cells.
    long: usize,
}

impl Column {
    /// Adds a cell.
    #[inline]
    pub(super) fn push(&mut self, cell: &str) -> Result<(), ArrowError> {
        if cell.len() > INLINE {
            self.long += cell.len();
        }
        self.cells.try_append_value(cell)
    }

    /// Adds an absent cell.
    pub(super) fn push_absent(&mut self) {
        self.cells.append_null();
    }

    /// The column so far. The next is expected to be of the same size, in rows and in bytes.
    pub(super) fn finish(&mut self) -> ArrayRef {
        let array = self.cells.finish();
        let block = (self.long + self.long / 16).clamp(BLOCKS.0, BLOCKS.1);
        self.cells = StringViewBuilder::with_capacity(arrow::array::Array::len(&array))
            .with_fixed_block_size(u32::try_from(block).unwrap_or_default());
        self.long = 0;
        Arc::new(array)
    }
}
