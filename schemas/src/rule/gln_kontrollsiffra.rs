//! A global location number whose check digit is wrong.
//!
//! ## What it checks
//!
//! The last of the 13 digits (GS1 General Specifications, weights 1 and 3).
//!
//! ## Why
//!
//! A mistyped number points at another place, or at none.
//!
//! ## Example
//!
//! `7321800000011`, if its last digit should be another.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "gln_kontrollsiffra",
    severity: Severity::Reject,
    sv: "GLN-numret har fel kontrollsiffra.",
    mend_sv: "Jämför numret med GS1 och rätta det.",
    en: "The GLN has a wrong check digit.",
    mend_en: "Compare the number with GS1, and correct it.",
    why_sv: "Ett felskrivet nummer pekar på en annan plats, eller på ingen.",
    example_sv: "`7321800000011`, om sista siffran ska vara en annan.",
    doc: super::documentation!("gln_kontrollsiffra.rs"),
};
