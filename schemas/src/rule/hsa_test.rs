//! An HSA-id of a test environment.
//!
//! ## What it checks
//!
//! Ids that begin with a test prefix (`TSTNMT`, `IFV` …) instead of `SE`.
//!
//! ## Why
//!
//! A test unit in the register is a clinic that no patient can be sent to.
//!
//! ## Example
//!
//! `TSTNMT2321000156-ALFA`, `IFV1239877878-1043`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "hsa_test",
    severity: Severity::Reject,
    sv: "HSA-id:t hör till en testmiljö.",
    mend_sv: "Skicka enhetens verkliga HSA-id. Testenheter publiceras aldrig.",
    en: "The HSA-id belongs to a test environment.",
    mend_en: "Send the unit’s real HSA-id. Test units are never published.",
    why_sv: "En testenhet i registret är en mottagning som ingen patient kan skickas till.",
    example_sv: "`TSTNMT2321000156-ALFA`, `IFV1239877878-1043`.",
    doc: super::documentation!("hsa_test.rs"),
};
