//! A code outside the column’s value set.
//!
//! ## What it checks
//!
//! Columns that name a value set of their code system.
//!
//! ## Why
//!
//! A whole code system answers more questions than a column asks.
//!
//! ## Example
//!
//! A finding in SNOMED CT, where the column takes care services.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "kod_utanfor_urval",
    severity: Severity::Reject,
    sv: "Koden finns i kodverket, men får inte användas i den här kolumnen.",
    mend_sv: "Välj en kod ur urvalet.",
    en: "The code is in the code system, but not in the value set of this column.",
    mend_en: "Choose a code of the value set.",
    why_sv: "Ett helt kodverk svarar på fler frågor än kolumnen ställer.",
    example_sv: "Ett fynd i SNOMED CT, där kolumnen tar vårdtjänster.",
    doc: super::documentation!("kod_utanfor_urval.rs"),
};
