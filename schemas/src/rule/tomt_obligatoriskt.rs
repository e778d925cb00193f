//! A required value is missing.
//!
//! ## What it checks
//!
//! Every column that its table calls required. A value that is there but could not be read is told by
//! the rule that says why, not by this one.
//!
//! ## Why
//!
//! What the table requires, its readers rely on: a contract without an id can neither be changed nor
//! ended.
//!
//! ## Example
//!
//! A waiting-time row without a decision date.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};

use super::explained::Explained;
use super::{Context, Judge, RuleDoc, Severity};
use crate::finding::Findings;

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "tomt_obligatoriskt",
    severity: Severity::Reject,
    sv: "Kolumnen {kolumn} måste ha ett värde, men är tom.",
    mend_sv: "Fyll i värdet i er källa.",
    en: "The column {kolumn} must have a value and is empty.",
    mend_en: "Fill in the value in your source.",
    why_sv: "Det som tabellen kräver litar dess läsare på: ett avtal utan id kan varken ändras eller avslutas.",
    example_sv: "En rad om väntetid utan beslutsdatum.",
    doc: super::documentation!("tomt_obligatoriskt.rs"),
};

/// The required columns of a table.
pub(super) struct Required {
    pub(super) columns: Vec<(usize, u16)>,
}

impl Judge for Required {
    fn judge(&self, rows: &RecordBatch, _: &Context<'_>, out: &mut Findings) {
        for (at, column) in &self.columns {
            let Some(values) = rows.columns().get(*at) else { continue };
            let mut explained = None;
            each_missing(values, |row| {
                if !explained.get_or_insert_with(|| Explained::of(out, *column)).has(row) {
                    out.add(row, RULE.id, Some(*column));
                }
            });
        }
    }
}

/// Nulls, and empty text.
fn each_missing(values: &ArrayRef, mut found: impl FnMut(usize)) {
    // A view's low 32 bits are its length (Arrow columnar format).
    let empty = |view: &u128| view & u128::from(u32::MAX) == 0;
    if let Some(text) = values.as_string_view_opt() {
        if text.null_count() == 0 && !text.views().iter().any(empty) {
            return;
        }
        let missing = text.views().iter().enumerate().filter(|(row, view)| empty(view) || text.is_null(*row));
        missing.for_each(|(row, _)| found(row));
    } else if let Some(nulls) = values.nulls().filter(|n| n.null_count() > 0) {
        (!nulls.inner()).set_indices().for_each(found);
    }
}
