//! Text that is no global location number.
//!
//! ## What it checks
//!
//! 13 digits (GS1 General Specifications, GLN). Blanks are taken away and counted as repaired.
//!
//! ## Why
//!
//! The number joins deliveries and invoices to a place.
//!
//! ## Example
//!
//! `73218000000`, two digits short.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "gln_felformat",
    severity: Severity::Reject,
    sv: "Värdet är inte ett GLN.",
    mend_sv: "Skriv numret med 13 siffror.",
    en: "The value is not a GLN.",
    mend_en: "Write the number with 13 digits.",
    why_sv: "Numret binder leveranser och fakturor till en plats.",
    example_sv: "`73218000000`, två siffror för kort.",
    doc: super::documentation!("gln_felformat.rs"),
};
