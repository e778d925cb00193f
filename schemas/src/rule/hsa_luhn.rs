//! An HSA-id whose organisation number has a wrong check digit.
//!
//! ## What it checks
//!
//! The ten digits of a well-formed HSA-id (Luhn). A warning; a table may declare that it rejects.
//!
//! ## Why
//!
//! Real catalogues hold such ids, so nationally it is no ground for refusal. It is still the commonest
//! sign of a mistyped id.
//!
//! ## Example
//!
//! `SE2321000017-1A01`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "hsa_luhn",
    severity: Severity::Warn,
    sv: "Organisationsnumret i HSA-id:t har fel kontrollsiffra.",
    mend_sv: "Jämför id:t med HSA och rätta det om det är fel skrivet.",
    en: "The organisation number in the HSA-id has a wrong check digit.",
    mend_en: "Compare the id with HSA, and correct it if it is mistyped.",
    why_sv: "Verkliga kataloger innehåller sådana id, så nationellt är det inget skäl att avvisa. Det är ändå det vanligaste tecknet på ett felskrivet id.",
    example_sv: "`SE2321000017-1A01`.",
    doc: super::documentation!("hsa_luhn.rs"),
};
