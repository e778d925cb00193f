//! Counts per rule and column.

use std::collections::BTreeMap;

use sluss_schemas::rule::Severity;

/// How often each rule was broken, by rule and national column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: BTreeMap<(&'static str, Option<u16>), (Severity, u64)>,
}

/// One line of a tally.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RuleCount {
    /// The national table.
    pub table: String,
    /// The rule's id.
    pub rule: String,
    /// The national column, where the rule concerns one.
    pub column: Option<String>,
    /// `reject`, `repair` or `warn`.
    pub severity: String,
    /// Rows.
    pub rows: u64,
}

impl Tally {
    /// One more row.
    pub fn add(&mut self, rule: &'static str, column: Option<u16>, severity: Severity) {
        self.counts.entry((rule, column)).or_insert((severity, 0)).1 += 1;
    }

    /// A row less.
    pub fn take_away(&mut self, rule: &'static str, column: Option<u16>) {
        if let Some((_, rows)) = self.counts.get_mut(&(rule, column)) {
            *rows = rows.saturating_sub(1);
        }
        self.counts.retain(|_, (_, rows)| *rows > 0);
    }

    /// All counts, by rule and column.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Option<u16>, Severity, u64)> {
        self.counts.iter().map(|((rule, column), (severity, rows))| (*rule, *column, *severity, *rows))
    }
}
