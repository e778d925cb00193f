//! An HSA-id that stands for nobody.
//!
//! ## What it checks
//!
//! Well-formed ids whose organisation number is all zeros.
//!
//! ## Why
//!
//! Opticians without an HSA-id refer patients under such ids. They can be counted, but not followed to
//! a unit.
//!
//! ## Example
//!
//! `SE0000000000-OPT001`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "hsa_pseudo",
    severity: Severity::Warn,
    sv: "HSA-id:t är ett platshållar-id och pekar inte ut någon enhet.",
    mend_sv: "Ange enhetens eget HSA-id om den har ett.",
    en: "The HSA-id is a stand-in and points at no unit.",
    mend_en: "Give the unit’s own HSA-id if it has one.",
    why_sv: "Optiker utan HSA-id remitterar under sådana id. De kan räknas, men inte följas till en enhet.",
    example_sv: "`SE0000000000-OPT001`.",
    doc: super::documentation!("hsa_pseudo.rs"),
};
