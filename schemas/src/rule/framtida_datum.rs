//! A date after the delivery, for what has already happened.
//!
//! ## What it checks
//!
//! The columns that the table names, against the date of the delivery. Columns of planned dates are not
//! named.
//!
//! ## Why
//!
//! Mistyped years are the commonest fault of dates, and they make waiting times that are negative or
//! endless.
//!
//! ## Example
//!
//! An operation done on `2062-03-01`.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, TimestampMicrosecondType};

use super::{Context, Judge, RuleDoc, Severity};
use crate::code::day;
use crate::finding::Findings;

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "framtida_datum",
    severity: Severity::Reject,
    sv: "Datumet ligger i framtiden, men uppgiften gäller något som redan har hänt.",
    mend_sv: "Rätta datumet.",
    en: "The date lies in the future, but tells of something that has happened.",
    mend_en: "Correct the date.",
    why_sv: "Felskrivna år är det vanligaste felet i datum, och de ger väntetider som är negativa eller ändlösa.",
    example_sv: "En operation gjord `2062-03-01`.",
    doc: super::documentation!("framtida_datum.rs"),
};

const MICROSECONDS_A_DAY: i64 = 86_400_000_000;

/// Columns of dates and instants that have happened.
pub(super) struct Past {
    pub(super) columns: Vec<(usize, u16)>,
}

impl Judge for Past {
    fn judge(&self, rows: &RecordBatch, cx: &Context<'_>, out: &mut Findings) {
        let today = day(cx.today);
        let tomorrow = (i64::from(today) + 1) * MICROSECONDS_A_DAY;
        for (at, column) in &self.columns {
            let Some(values) = rows.columns().get(*at) else { continue };
            let mut late = |row: usize| {
                if values.is_valid(row) {
                    out.add(row, RULE.id, Some(*column));
                }
            };
            if let Some(days) = values.as_primitive_opt::<Date32Type>() {
                days.values().iter().enumerate().filter(|(_, d)| **d > today).for_each(|(row, _)| late(row));
            } else if let Some(instants) = values.as_primitive_opt::<TimestampMicrosecondType>() {
                let after = instants.values().iter().enumerate().filter(|(_, t)| **t >= tomorrow);
                after.for_each(|(row, _)| late(row));
            }
        }
    }
}
