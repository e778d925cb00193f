//! An organisation number whose check digit is wrong.
//!
//! ## What it checks
//!
//! The check digit of a number of ten digits (Luhn, ISO/IEC 7812-1 annex B). Where one digit too many
//! was changed and a known number is near, it is suggested.
//!
//! ## Why
//!
//! A mistyped number points at nobody, or at another company.
//!
//! ## Example
//!
//! `2331000180` is rejected; `2321000180`, Region Dalarna, is suggested.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "orgnr_luhn",
    severity: Severity::Reject,
    sv: "Organisationsnumret har fel kontrollsiffra.",
    mend_sv: "Menade ni {forslag}? Rätta numret i er källa.",
    en: "The organisation number has a wrong check digit.",
    mend_en: "Did you mean {forslag}? Correct the number in your source.",
    why_sv: "Ett felskrivet nummer pekar på ingen, eller på ett annat företag.",
    example_sv: "`2331000180` avvisas. `2321000180`, Region Dalarna, föreslås.",
    doc: super::documentation!("orgnr_luhn.rs"),
};
