//! Source rows of one group that disagree.
//!
//! ## What it checks
//!
//! Mappings that declare `one_per`: several source rows become one national row, and every value that
//! is taken from them must agree. Raised by the pipeline.
//!
//! ## Why
//!
//! A contract that is repeated for each of its services must be the same contract on each line.
//!
//! ## Example
//!
//! Two lines of one contract with different end dates.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "motstridig_grupp",
    severity: Severity::Reject,
    sv: "Raderna i gruppen skiljer sig åt i {kolumn}, som ska vara lika för hela gruppen.",
    mend_sv: "Gör uppgiften lika på alla gruppens rader.",
    en: "The rows of the group differ in {kolumn}, which must be the same for the whole group.",
    mend_en: "Make it the same on all rows of the group.",
    why_sv: "Ett avtal som upprepas för var och en av sina tjänster måste vara samma avtal på varje rad.",
    example_sv: "Två rader om ett avtal, med olika slutdatum.",
    doc: super::documentation!("motstridig_grupp.rs"),
};
