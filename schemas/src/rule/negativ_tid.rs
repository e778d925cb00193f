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

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "negativ_tid",
    severity: Severity::Reject,
    sv: "Värdet i {kolumn} är mindre än noll.",
    mend_sv: "Rätta datumen eller antalet som värdet är räknat från.",
    en: "The value in {kolumn} is below zero.",
    mend_en: "Correct the dates or the count that it was computed from.",
    doc: super::documentation!("negativ_tid.rs"),
};
