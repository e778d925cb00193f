//! A code that was not yet valid on the row’s date.
//!
//! ## What it checks
//!
//! The code on the date that the column names, where only a later version has it.
//!
//! ## Why
//!
//! Either the code or the date is wrong, and each changes what is counted.
//!
//! ## Example
//!
//! A code that was introduced on 1 January 2026, on a row from 2025.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "kod_inte_an_giltig",
    severity: Severity::Reject,
    sv: "Koden hade inte börjat gälla på radens datum.",
    mend_sv: "Använd en kod som gällde då, eller rätta datumet.",
    en: "The code was not yet valid on the date of the row.",
    mend_en: "Use a code that was valid then, or correct the date.",
    why_sv: "Antingen är koden fel eller datumet, och båda ändrar det som räknas.",
    example_sv: "En kod som infördes den 1 januari 2026, på en rad från 2025.",
    doc: super::documentation!("kod_inte_an_giltig.rs"),
};
