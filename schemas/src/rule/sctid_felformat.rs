//! Text that is no SNOMED CT identifier.
//!
//! ## What it checks
//!
//! 6–18 digits, the first not 0, and a partition that says *concept* (SNOMED CT Release File
//! Specification, SCTID).
//!
//! ## Why
//!
//! Descriptions and relationships have ids of the same looks. Only a concept says what care it is.
//!
//! ## Example
//!
//! `Ögonsjukvård`, and the id of a description.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "sctid_felformat",
    severity: Severity::Reject,
    sv: "Värdet är inte en SNOMED CT-kod.",
    mend_sv: "Ange begreppets id med 6–18 siffror.",
    en: "The value is not a SNOMED CT identifier.",
    mend_en: "Give the concept’s id, 6–18 digits.",
    why_sv: "Beskrivningar och relationer har id som ser likadana ut. Bara ett begrepp säger vilken vård det gäller.",
    example_sv: "`Ögonsjukvård`, och en beskrivnings id.",
    doc: super::documentation!("sctid_felformat.rs"),
};
