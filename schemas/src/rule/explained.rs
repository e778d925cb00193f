//! Values that have been found wrong already: they are not judged twice.

use super::reparerad;
use crate::finding::Findings;

/// The rows of one column whose value a reader or the normaliser could not take.
pub(super) struct Explained(Vec<u32>);

impl Explained {
    /// Those that `out` tells of for the column.
    pub(super) fn of(out: &Findings, column: u16) -> Self {
        let here = out.list.iter().filter(|f| f.column == Some(column) && f.rule != reparerad::RULE.id);
        let mut rows: Vec<u32> = here.map(|f| f.row).collect();
        rows.sort_unstable();
        Self(rows)
    }

    /// Whether the row's value is one of them.
    pub(super) fn has(&self, row: usize) -> bool {
        !self.0.is_empty() && u32::try_from(row).is_ok_and(|row| self.0.binary_search(&row).is_ok())
    }
}
