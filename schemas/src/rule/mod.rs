//! Rules: what a national row must be, one file each.
//!
//! A rule's file holds its documentation (*What it checks, Why, Example*, as its `//!` comment,
//! which is the reference page), its texts and, where rows are judged by it alone, its kernel.

use arrow::array::RecordBatch;
use chrono::NaiveDate;

use crate::code::CodeIndex;
use crate::finding::Findings;

/// What a broken rule means for the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Accepted, with a remark on the receipt.
    Warn,
    /// Accepted after a repair that loses nothing.
    Repair,
    /// Rejected to quarantine.
    Reject,
}

/// A rule's texts. In the messages `{kolumn}` stands for the column and `{forslag}` for the suggestion.
#[derive(Debug, PartialEq, Eq, serde::Serialize)]
pub struct RuleDoc {
    /// Lower-case ASCII id, stable for ever: `hsa_luhn`.
    pub id: &'static str,
    /// What breaking it means.
    pub severity: Severity,
    /// What is wrong, to a contract administrator.
    pub sv: &'static str,
    /// How to mend it: one action.
    pub mend_sv: &'static str,
    /// What is wrong, in English.
    pub en: &'static str,
    /// How to mend it, in English.
    pub mend_en: &'static str,
    /// The reference page (Markdown).
    pub doc: &'static str,
}

/// What a rule may look at besides the rows.
pub struct Context<'a> {
    /// Code systems, indexed.
    pub codes: &'a CodeIndex,
    /// The delivery's date: what *today* means in this run.
    pub today: NaiveDate,
    /// The owner's länskod, where the job has one.
    pub owner: Option<&'a str>,
}

/// A rule bound to the columns of one table. Judges typed national batches (the table's Arrow
/// schema, with nulls where a value was missing or unreadable), vectorised.
pub trait Judge: Send + Sync {
    /// Adds what is wrong to `out`. A bad row is data, never an error.
    fn judge(&self, rows: &RecordBatch, cx: &Context<'_>, out: &mut Findings);
}
