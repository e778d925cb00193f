//! A code of another code system.
//!
//! ## What it checks
//!
//! Codes that the column’s system lacks and another system of the store has.
//!
//! ## Why
//!
//! Two columns have most often changed places: diagnosis in the column of the procedure.
//!
//! ## Example
//!
//! `H251` (ICD-10-SE) in a column of KVÅ.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "kod_fel_system",
    severity: Severity::Reject,
    sv: "Koden hör till ett annat kodverk än det som kolumnen ska ha.",
    mend_sv: "Flytta koden till rätt kolumn, eller rätta den.",
    en: "The code belongs to another code system than the column’s.",
    mend_en: "Move the code to its own column, or correct it.",
    why_sv: "Oftast har två kolumner bytt plats: diagnosen står i åtgärdens kolumn.",
    example_sv: "`H251` (ICD-10-SE) i en kolumn för KVÅ.",
    doc: super::documentation!("kod_fel_system.rs"),
};
