//! Text that is no HSA-id.
//!
//! ## What it checks
//!
//! `SE`, ten digits, a hyphen, and 1–18 letters a–z or digits, at most 31 characters; a table may ask
//! for fewer. The ids of test environments have a rule of their own (`hsa_test`).
//!
//! ## Why
//!
//! The HSA-id joins contracts, units and waiting times. Half an id joins nothing.
//!
//! ## Example
//!
//! `2321000016-1A01` lacks `SE`, `SE2321000016` lacks the unit’s part.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "hsa_felformat",
    severity: Severity::Reject,
    sv: "Värdet är inte ett HSA-id.",
    mend_sv: "Menade ni {forslag}? Skriv id:t som i HSA: SE, tio siffror, bindestreck och enhetens del.",
    en: "The value is not an HSA-id.",
    mend_en: "Did you mean {forslag}? Write the id as in HSA: SE, ten digits, a hyphen, and the unit’s part.",
    why_sv: "HSA-id:t binder ihop avtal, enheter och väntetider. Ett halvt id binder inte ihop något.",
    example_sv: "`2321000016-1A01` saknar `SE`, `SE2321000016` saknar enhetens del.",
    doc: super::documentation!("hsa_felformat.rs"),
};
