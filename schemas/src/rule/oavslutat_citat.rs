//! A quotation mark that is never closed.
//!
//! ## What it checks
//!
//! A quoted field that runs to the end of the file, or past the largest record that the job allows (RFC
//! 4180, section 2).
//!
//! ## Why
//!
//! One lost quotation mark would swallow the rest of the file into a single cell. The row is given up,
//! and reading goes on after it.
//!
//! ## Example
//!
//! `17;"väntar på svar;2026-01-05` with no further quotation mark.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "oavslutat_citat",
    severity: Severity::Reject,
    sv: "Ett citattecken öppnas på raden men avslutas aldrig.",
    mend_sv: "Avsluta citatet, eller skriv citattecken inuti text dubbelt, och skicka raden igen.",
    en: "A quotation mark is opened in the row and never closed.",
    mend_en: "Close it, or double the quotation marks inside the text, and send the row again.",
    why_sv: "Ett tappat citattecken skulle svälja resten av filen i en enda cell. Raden ges upp, och läsningen fortsätter efter den.",
    example_sv: "`17;\"väntar på svar;2026-01-05` utan ett citattecken till.",
    doc: super::documentation!("oavslutat_citat.rs"),
};
