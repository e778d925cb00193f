//! An end before its start.
//!
//! ## What it checks
//!
//! Pairs of columns that the table names (start, end), and valid time wherever a table has it. `limit`
//! is the fewest days from start to end, 0 if left out. Valid time has 1: `giltig_till` is the first
//! day after, so a row valid for no day at all is wrong too.
//!
//! ## Why
//!
//! A contract that ends before it begins is never in force, and a negative waiting time spoils every
//! mean.
//!
//! ## Example
//!
//! Decided on `2026-03-02`, done on `2026-03-01`.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Date32Type;

use super::{Context, Judge, RuleDoc, Severity};
use crate::finding::Findings;

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "slut_fore_start",
    severity: Severity::Reject,
    sv: "Slutdatumet ligger före startdatumet.",
    mend_sv: "Rätta det av datumen som är fel.",
    en: "The end lies before the start.",
    mend_en: "Correct whichever date is wrong.",
    why_sv: "Ett avtal som slutar innan det börjar gäller aldrig, och en negativ väntetid förstör varje medelvärde.",
    example_sv: "Beslutat `2026-03-02`, utfört `2026-03-01`.",
    doc: super::documentation!("slut_fore_start.rs"),
};

/// A start and an end.
pub(super) struct Period {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The end's column, which the finding names.
    pub(super) column: u16,
    /// Fewest days from start to end.
    pub(super) least: i64,
}

impl Judge for Period {
    fn judge(&self, rows: &RecordBatch, _: &Context<'_>, out: &mut Findings) {
        let dates = |at: usize| rows.columns().get(at).and_then(|c| c.as_primitive_opt::<Date32Type>());
        let (Some(starts), Some(ends)) = (dates(self.start), dates(self.end)) else { return };
        let days = starts.values().iter().zip(ends.values());
        let short = days.enumerate().filter(|(_, (s, e))| i64::from(**e) - i64::from(**s) < self.least);
        for (row, _) in short {
            if starts.is_valid(row) && ends.is_valid(row) {
                out.add(row, RULE.id, Some(self.column));
            }
        }
    }
}
