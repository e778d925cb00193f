//! Text that is no month.
//!
//! ## What it checks
//!
//! Columns whose identifier is `manad`: four digits, a hyphen, and 01–12 (ISO 8601-1, 5.2.2.2).
//!
//! ## Why
//!
//! Months are partition names and keys: one month must have one spelling.
//!
//! ## Example
//!
//! `2026-13`, `feb 2026`. `202602` is read as `2026-02` and counted as repaired.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "felaktig_manad",
    severity: Severity::Reject,
    sv: "Värdet är inte en månad.",
    mend_sv: "Skriv månaden som ÅÅÅÅ-MM.",
    en: "The value is not a month.",
    mend_en: "Write the month as YYYY-MM.",
    why_sv: "Månader är nycklar: en månad måste ha ett enda skrivsätt.",
    example_sv: "`2026-13`, `feb 2026`. `202602` läses som `2026-02` och räknas som rättat.",
    doc: super::documentation!("felaktig_manad.rs"),
};
