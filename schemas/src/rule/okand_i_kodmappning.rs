//! A value that the crosswalk does not have.
//!
//! ## What it checks
//!
//! Values that the mapping leads through a crosswalk with `kod()`. Everything that is not found is
//! counted on the unmapped list.
//!
//! ## Why
//!
//! A local word that nobody has mapped has no national meaning yet.
//!
//! ## Example
//!
//! A region’s own activity `ÖGON-7`, when its crosswalk ends at `ÖGON-6`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "okand_i_kodmappning",
    severity: Severity::Reject,
    sv: "Värdet finns inte i kodmappningen.",
    mend_sv: "Lägg till värdet i regionens kodmappning, eller rätta det.",
    en: "The value is not in the crosswalk.",
    mend_en: "Add the value to the region’s crosswalk, or correct it.",
    why_sv: "Ett lokalt ord som ingen har mappat har ännu ingen nationell betydelse.",
    example_sv: "Regionens egen åtgärd `ÖGON-7`, när kodmappningen slutar vid `ÖGON-6`.",
    doc: super::documentation!("okand_i_kodmappning.rs"),
};
