//! *New*, *changed*, *unchanged*, *ended*: a delivery against the register's current rows.

use std::collections::HashMap;

use super::hash::KeyHash;

/// What a delivered row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// No current row has its key.
    New,
    /// The current row has another content.
    Changed,
    /// The current row is the same.
    Unchanged,
}

/// How many rows of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KeyCounts {
    /// Rows with a key that the register had not.
    pub new: u64,
    /// Rows whose content changed.
    pub changed: u64,
    /// Rows that are as they were.
    pub unchanged: u64,
    /// Rows that the complete delivery lacks.
    pub ended: u64,
    /// Rows kept because their successor was rejected or withheld.
    pub stale: u64,
    /// For a replay: rows that stay as a later delivery left them.
    #[serde(default)]
    pub superseded: u64,
}

#[derive(Clone, Copy)]
struct Current {
    content: i64,
    /// Whether this job delivered it: its absence from the job's whole source ends it.
    own: bool,
    seen: bool,
}

/// Compares one owner's rows of one table.
pub struct Diff {
    current: HashMap<KeyHash, Current>,
    before: u64,
    own: u64,
    /// The counts so far.
    pub counts: KeyCounts,
}

impl Diff {
    /// Against the current rows that this job delivered, and those that the owner's other jobs did.
    pub fn against(
        own: impl IntoIterator<Item = (KeyHash, i64)>,
        others: impl IntoIterator<Item = (KeyHash, i64)>,
    ) -> Self {
        let current = |own| move |(key, content)| (key, Current { content, own, seen: false });
        let mut rows: HashMap<_, _> = own.into_iter().map(current(true)).collect();
        let own = rows.len() as u64;
        rows.extend(others.into_iter().map(current(false)));
        Self { before: rows.len() as u64, current: rows, own, counts: KeyCounts::default() }
    }

    /// Rows that the owner had before this delivery.
    pub fn before(&self) -> u64 {
        self.before
    }

    /// Those of them that this job delivered.
    pub fn own_before(&self) -> u64 {
        self.own
    }

    /// An accepted row. Call once per key.
    pub fn accepted(&mut self, key: KeyHash, content: i64) -> Change {
        match self.current.get_mut(&key) {
            None => {
                self.counts.new += 1;
                Change::New
            }
            Some(current) => {
                current.seen = true;
                if current.content == content {
                    self.counts.unchanged += 1;
                    Change::Unchanged
                } else {
                    self.counts.changed += 1;
                    Change::Changed
                }
            }
        }
    }

    /// The row of a contract that is not to be registered any longer: it ends, whether or not the delivery
    /// is complete.
    pub fn withheld(&mut self, key: KeyHash) -> bool {
        self.current.get_mut(&key).is_some_and(|current| !std::mem::replace(&mut current.seen, true))
    }

    /// A row that came but was rejected or withheld: its predecessor stays, marked stale.
    pub fn kept_back(&mut self, key: KeyHash) -> bool {
        match self.current.get_mut(&key) {
            Some(current) if !current.seen => {
                current.seen = true;
                self.counts.stale += 1;
                true
            }
            _ => false,
        }
    }

    /// A row that came stays as a later delivery left it: it was not this change after all.
    pub fn superseded(&mut self, change: Change) {
        let counted = match change {
            Change::New => &mut self.counts.new,
            Change::Changed => &mut self.counts.changed,
            Change::Unchanged => return,
        };
        *counted = counted.saturating_sub(1);
        self.counts.superseded += 1;
    }

    /// The job's keys that a complete delivery lacks, in a stable order.
    pub fn absent(&self) -> Vec<KeyHash> {
        let mut absent: Vec<_> = self.current.iter().filter(|(_, c)| c.own && !c.seen).map(|(key, _)| *key).collect();
        absent.sort_unstable();
        absent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absence_ends_a_row() {
        let mut diff = Diff::against([(1, 10), (2, 20), (3, 30), (4, 40)], [(5, 50), (6, 60)]);
        assert_eq!(diff.accepted(1, 10), Change::Unchanged);
        assert_eq!(diff.accepted(2, 21), Change::Changed);
        assert_eq!(diff.accepted(9, 90), Change::New);
        assert_eq!(diff.accepted(5, 50), Change::Unchanged, "another job has brought it already");
        assert!(diff.kept_back(3));
        assert!(!diff.kept_back(8));
        assert_eq!(diff.absent(), vec![4]);
        assert_eq!(diff.counts, KeyCounts { new: 1, changed: 1, unchanged: 2, stale: 1, ..KeyCounts::default() });
        assert_eq!((diff.before(), diff.own_before()), (6, 4));
        diff.superseded(Change::New);
        assert_eq!((diff.counts.new, diff.counts.superseded), (0, 1));
    }
}
