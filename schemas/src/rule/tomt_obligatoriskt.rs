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

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "tomt_obligatoriskt",
    severity: Severity::Reject,
    sv: "Kolumnen {kolumn} måste ha ett värde, men är tom.",
    mend_sv: "Fyll i värdet i er källa.",
    en: "The column {kolumn} must have a value and is empty.",
    mend_en: "Fill in the value in your source.",
    doc: super::documentation!("tomt_obligatoriskt.rs"),
};
