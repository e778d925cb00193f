//! An HSA-id whose organisation number is a personal number.
//!
//! ## What it checks
//!
//! The ten digits of a well-formed HSA-id: a sole trader’s organisation number, which is a personal
//! number or samordningsnummer.
//!
//! ## Why
//!
//! The id is shown everywhere that the unit is. Unlike an organisation number it cannot be replaced by
//! a hash, since every other register knows the unit by it.
//!
//! ## Example
//!
//! An id of the shape `SE8112189876-1001`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "hsa_personnummer",
    severity: Severity::Reject,
    sv: "HSA-id:t innehåller ett personnummer.",
    mend_sv: "Ange ett HSA-id som inte är bildat av ett personnummer. HSA-förvaltningen kan ge ett nytt.",
    en: "The HSA-id holds a personal number.",
    mend_en: "Give an HSA-id that is not made of a personal number. The HSA office can issue a new one.",
    why_sv: "Id:t visas överallt där enheten visas. Till skillnad från ett organisationsnummer kan det inte bytas mot ett hashvärde, eftersom alla andra register känner enheten vid det.",
    example_sv: "Ett id av formen `SE8112189876-1001`.",
    doc: super::documentation!("hsa_personnummer.rs"),
};
