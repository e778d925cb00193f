//! A number of days, or a count, below zero.
//!
//! ## What it checks
//!
//! The number columns that the table names. `limit` is the least value allowed, 0 if left out.
//!
//! ## Why
//!
//! Nobody waits for less than no time. One such row moves a median and hides what went wrong.
//!
//! ## Example
//!
//! A waiting time of −14 days.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Decimal128Type, Float64Type, Int64Type};

use super::{Context, Judge, RuleDoc, Severity};
use crate::finding::Findings;

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "negativ_tid",
    severity: Severity::Reject,
    sv: "Värdet i {kolumn} är mindre än noll.",
    mend_sv: "Rätta datumen eller antalet som värdet är räknat från.",
    en: "The value in {kolumn} is below zero.",
    mend_en: "Correct the dates or the count that it was computed from.",
    why_sv: "Ingen väntar kortare tid än ingen alls. En enda sådan rad flyttar en median och döljer vad som gick fel.",
    example_sv: "En väntetid på −14 dagar.",
    doc: super::documentation!("negativ_tid.rs"),
};

/// Columns of numbers that have a least value.
pub(super) struct AtLeast {
    pub(super) columns: Vec<(usize, u16)>,
    pub(super) least: i64,
}

impl Judge for AtLeast {
    fn judge(&self, rows: &RecordBatch, _: &Context<'_>, out: &mut Findings) {
        for (at, column) in &self.columns {
            let Some(values) = rows.columns().get(*at) else { continue };
            let mut low = |row: usize| {
                if values.is_valid(row) {
                    out.add(row, RULE.id, Some(*column));
                }
            };
            if let Some(numbers) = values.as_primitive_opt::<Int64Type>() {
                numbers.values().iter().enumerate().filter(|(_, n)| **n < self.least).for_each(|(row, _)| low(row));
            } else if let Some(numbers) = values.as_primitive_opt::<Float64Type>() {
                #[expect(clippy::cast_precision_loss, reason = "limits are small whole numbers")]
                let least = self.least as f64;
                // What is no number is no number of days either.
                let below = numbers.values().iter().enumerate().filter(|(_, n)| n.is_nan() || **n < least);
                below.for_each(|(row, _)| low(row));
            } else if let Some(numbers) = values.as_primitive_opt::<Decimal128Type>() {
                let scale = 10i128.saturating_pow(u32::try_from(numbers.scale()).unwrap_or(0));
                let least = i128::from(self.least).saturating_mul(scale);
                numbers.values().iter().enumerate().filter(|(_, n)| **n < least).for_each(|(row, _)| low(row));
            }
        }
    }
}
