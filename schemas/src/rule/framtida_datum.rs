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

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "framtida_datum",
    severity: Severity::Reject,
    sv: "Datumet ligger i framtiden, men uppgiften gäller något som redan har hänt.",
    mend_sv: "Rätta datumet.",
    en: "The date lies in the future, but tells of something that has happened.",
    mend_en: "Correct the date.",
    doc: super::documentation!("framtida_datum.rs"),
};
