//! Text that is no week.
//!
//! ## What it checks
//!
//! Columns whose identifier is `vecka`: a year, `W`, and a week that the year has (ISO 8601-1, 5.2.4).
//!
//! ## Why
//!
//! Only some years have a week 53. A week that does not exist would be counted nowhere.
//!
//! ## Example
//!
//! `2026-W54`, and `2025-W53`, since 2025 has 52 weeks.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "felaktig_vecka",
    severity: Severity::Reject,
    sv: "Värdet är inte en vecka.",
    mend_sv: "Skriv veckan som ÅÅÅÅ-Wvv, till exempel 2026-W47.",
    en: "The value is not a week.",
    mend_en: "Write the week as YYYY-Www, for example 2026-W47.",
    why_sv: "Bara vissa år har en vecka 53. En vecka som inte finns skulle inte räknas någonstans.",
    example_sv: "`2026-W54`, och `2025-W53`, eftersom 2025 har 52 veckor.",
    doc: super::documentation!("felaktig_vecka.rs"),
};
