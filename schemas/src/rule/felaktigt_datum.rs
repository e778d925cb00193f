//! Text that is no calendar date.
//!
//! ## What it checks
//!
//! Every value that the mapping reads as a date. The day must exist, and the form must be one that the
//! mapping allows.
//!
//! ## Why
//!
//! A date that is moved to the nearest real one, or left out, changes a waiting time or a contract’s
//! validity without a trace.
//!
//! ## Example
//!
//! `2026-02-30`, `2026-13-01` and `okänt` are rejected; `tills vidare` is an open end and is no error.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "felaktigt_datum",
    severity: Severity::Reject,
    sv: "Värdet är inte ett datum i kalendern.",
    mend_sv: "Skriv datumet som ÅÅÅÅ-MM-DD.",
    en: "The value is not a date of the calendar.",
    mend_en: "Write the date as YYYY-MM-DD.",
    why_sv: "Ett datum som flyttas till närmaste riktiga, eller utelämnas, ändrar en väntetid eller ett avtals giltighet utan spår.",
    example_sv: "`2026-02-30`, `2026-13-01` och `okänt` avvisas. `tills vidare` är ett öppet slut och inget fel.",
    doc: super::documentation!("felaktigt_datum.rs"),
};
