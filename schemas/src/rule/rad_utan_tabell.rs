//! A row that the mapping did not take.
//!
//! ## What it checks
//!
//! Source rows that no table and no named filter of the job accounts for. Raised by the pipeline.
//!
//! ## Why
//!
//! Nothing that came in may disappear: rows are left out on purpose and counted, or not at all.
//!
//! ## Example
//!
//! A join in the mapping that drops rows without a partner.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "rad_utan_tabell",
    severity: Severity::Reject,
    sv: "Raden blev inte till någon nationell rad, och inget namngivet filter tog den.",
    mend_sv: "Rätta mappningen, eller ge den ett filter med namn.",
    en: "The row became no national row, and no named filter took it.",
    mend_en: "Correct the mapping, or give it a filter with a name.",
    why_sv: "Inget som kom in får försvinna: rader utelämnas med avsikt och räknas, eller inte alls.",
    example_sv: "En sammanfogning i mappningen som tappar rader utan motpart.",
    doc: super::documentation!("rad_utan_tabell.rs"),
};
