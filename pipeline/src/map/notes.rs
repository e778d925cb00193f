//! What national functions found in cells, by source row: a side channel of the mapping.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// One cell that was repaired or could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The national column whose expression read the cell.
    pub column: Arc<str>,
    /// Rule id: `reparerad`, or what made the cell unreadable.
    pub rule: &'static str,
    /// Hash of the cell, so that two rows that differ only in an unreadable cell stay different.
    pub raw: u64,
}

/// Notes waiting for their rows to come out of the mapping. Sparse: most cells are clean.
#[derive(Debug, Default)]
pub struct Notes {
    waiting: Mutex<HashMap<u64, Vec<Note>>>,
}

impl Notes {
    /// Notes something about a cell of source row `row`.
    pub fn add(&self, row: u64, note: Note) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let notes = waiting.entry(row).or_default();
        // One cell may be read by several operators of a plan: one note is enough.
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// Whether nothing has been noted.
    pub fn is_empty(&self) -> bool {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// The notes on those of `rows` (rising or not) that have any, with the row's position.
    ///
    /// They stay until [`Notes::forget_before`]: a row may come out several times (`unnest`).
    pub fn of_rows(&self, rows: &[u64]) -> Vec<(usize, Vec<Note>)> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.is_empty() {
            return Vec::new();
        }
        rows.iter().enumerate().filter_map(|(i, row)| Some((i, waiting.get(row)?.clone()))).collect()
    }

    /// Drops notes on rows before `row`, which cannot come out again.
    pub fn forget_before(&self, row: u64) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() > 4096 {
            waiting.retain(|noted, _| *noted >= row);
        }
    }
}
