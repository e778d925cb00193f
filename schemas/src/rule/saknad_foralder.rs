//! A row whose parent is nowhere.
//!
//! ## What it checks
//!
//! Tables that have a parent: the row that the parent's columns point at, in the same delivery and in the
//! register. Rejects or warns, as the table's `parent` declares. Raised by the pipeline.
//!
//! ## Why
//!
//! A commission without its contract is nobody's. The most common causes are that the contracts come in a
//! file of their own that has not been sent, and that the id is written differently in the two files.
//!
//! ## Example
//!
//! A commission of the contract `MT162`, where neither the delivery nor the register has `MT162`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "saknad_foralder",
    severity: Severity::Reject,
    sv: "Raden hör till en rad som varken finns i leveransen eller i registret.",
    mend_sv: "Skicka den överordnade raden, eller rätta id:t så att det är skrivet likadant på båda ställena.",
    en: "The row belongs to a row that neither the delivery nor the register has.",
    mend_en: "Send the row that it belongs to, or write its id the same in both places.",
    why_sv: "Ett uppdrag utan sitt avtal är ingens. Oftast kommer avtalen i en egen fil som inte har skickats, eller så skrivs id:t olika i de två filerna.",
    example_sv: "Ett uppdrag till avtalet `MT162`, som varken leveransen eller registret har.",
    doc: super::documentation!("saknad_foralder.rs"),
};
