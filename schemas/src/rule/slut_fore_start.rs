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

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "slut_fore_start",
    severity: Severity::Reject,
    sv: "Slutdatumet ligger före startdatumet.",
    mend_sv: "Rätta det av datumen som är fel.",
    en: "The end lies before the start.",
    mend_en: "Correct whichever date is wrong.",
    doc: super::documentation!("slut_fore_start.rs"),
};
