//! A value that is none of the few allowed.
//!
//! ## What it checks
//!
//! Columns that list their values. They are compared letter by letter: mapping a source’s words to them
//! is the mapping’s work.
//!
//! ## Why
//!
//! A value that is spelled in its own way is counted as a group of its own.
//!
//! ## Example
//!
//! `Kvinna` in `kon`, where 2 is meant.

use arrow::array::builder::make_view;
use arrow::array::{Array, AsArray, RecordBatch};

use super::suggestions::Suggestions;
use super::{Context, Judge, RuleDoc, Severity};
use crate::finding::Findings;

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "utanfor_varden",
    severity: Severity::Reject,
    sv: "Värdet är inte något av dem som kolumnen {kolumn} får ha.",
    mend_sv: "Menade ni {forslag}? Välj ett av de värden som tabellens beskrivning räknar upp.",
    en: "The value is none of those that the column {kolumn} may have.",
    mend_en: "Did you mean {forslag}? Choose one of the values that the table’s description lists.",
    why_sv: "Ett värde som skrivs på sitt eget sätt räknas som en egen grupp.",
    example_sv: "`Kvinna` i `kon`, där 2 menas.",
    doc: super::documentation!("utanfor_varden.rs"),
};

/// Longest text that lies within its view (Arrow columnar format).
const INLINE: usize = 12;

/// A column with a few allowed values.
pub(super) struct OneOf {
    at: usize,
    column: u16,
    /// Views of the values that lie within their view: equal views are equal texts.
    short: Vec<u128>,
    values: Vec<String>,
}

impl OneOf {
    /// The column at `at`, whose values are `values`.
    pub(super) fn new(at: usize, column: u16, values: &[String]) -> Self {
        let short = values.iter().filter(|v| v.len() <= INLINE).map(|v| make_view(v.as_bytes(), 0, 0)).collect();
        Self { at, column, short, values: values.to_vec() }
    }

    /// The same word in another case, else the nearest.
    fn meant(&self, text: &str) -> Option<String> {
        let folded = text.trim().to_lowercase();
        let same = self.values.iter().find(|v| v.to_lowercase() == folded).map(String::as_str);
        same.or_else(|| crate::table::nearest(&folded, self.values.iter().map(String::as_str))).map(str::to_owned)
    }
}

impl Judge for OneOf {
    fn judge(&self, rows: &RecordBatch, _: &Context<'_>, out: &mut Findings) {
        let Some(texts) = rows.columns().get(self.at).and_then(|c| c.as_string_view_opt()) else { return };
        let mut suggestions = Suggestions::default();
        for (row, view) in texts.views().iter().enumerate() {
            if self.short.contains(view) || texts.is_null(row) {
                continue;
            }
            let text = texts.value(row);
            if !text.is_empty() && !self.values.iter().any(|v| v == text) {
                let suggestion = suggestions.get(text, RULE.id, || self.meant(text));
                out.suggest(row, RULE.id, Some(self.column), suggestion);
            }
        }
    }
}
