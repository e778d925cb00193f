//! Rows that share a key within one delivery.

use std::collections::HashMap;

use crate::merge::KeyHash;

/// What to make of rows that share a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// One source row is one national row: an equal copy and a conflict are both rejections.
    OneRowEach,
    /// Declared with `one_per`: equal rows become one, a conflict is a rejection.
    OnePerGroup,
}

/// What a row that shares its key with another is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    /// Equal to an earlier row, and rejected for that.
    Copy,
    /// Equal to an earlier row of its declared group, and folded into it.
    Folded,
    /// Another row with the key says something else: none of them is believed.
    Conflict,
    /// Another row of the declared group says something else: none of them is believed.
    GroupConflict,
}

/// Collects every row's key and content, and tells at the end which rows share a key.
///
/// Memory: 32 bytes a row. The rows themselves need not be there.
#[derive(Debug, Default)]
pub struct Duplicates {
    rows: Vec<(KeyHash, i64, u64)>,
}

impl Duplicates {
    /// A row with its key, content and order of arrival.
    pub fn add(&mut self, key: KeyHash, content: i64, order: u64) {
        self.rows.push((key, content, order));
    }

    /// The rows that share a key, by order of arrival.
    ///
    /// Each comes with its content, so that sums over contents can be corrected.
    pub fn finish(mut self, policy: Policy) -> HashMap<u64, (Shared, i64)> {
        self.rows.sort_unstable_by_key(|(key, _, order)| (*key, *order));
        let mut shared = HashMap::new();
        for group in self.rows.chunk_by(|a, b| a.0 == b.0).filter(|g| g.len() > 1) {
            let Some(((_, content, _), rest)) = group.split_first() else { continue };
            let grouped = policy == Policy::OnePerGroup;
            if rest.iter().all(|(_, c, _)| c == content) {
                let verdict = if grouped { Shared::Folded } else { Shared::Copy };
                shared.extend(rest.iter().map(|(_, content, order)| (*order, (verdict, *content))));
            } else {
                let verdict = if grouped { Shared::GroupConflict } else { Shared::Conflict };
                shared.extend(group.iter().map(|(_, content, order)| (*order, (verdict, *content))));
            }
        }
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equal_rows_stays_and_conflicts_all_go() {
        let mut rows = Duplicates::default();
        for (key, content, order) in [(1, 5, 0), (2, 5, 1), (1, 5, 2), (3, 1, 3), (3, 2, 4), (3, 1, 5)] {
            rows.add(key, content, order);
        }
        let mut shared: Vec<_> =
            rows.finish(Policy::OneRowEach).into_iter().map(|(order, (shared, _))| (order, shared)).collect();
        shared.sort_unstable_by_key(|(order, _)| *order);
        assert_eq!(
            shared,
            vec![(2, Shared::Copy), (3, Shared::Conflict), (4, Shared::Conflict), (5, Shared::Conflict)]
        );
    }
}
