//! Coordinates outside Sweden, or none.
//!
//! ## What it checks
//!
//! Coordinates in RT 90, SWEREF 99 TM or WGS 84: both numbers, and within the country.
//!
//! ## Why
//!
//! Exchanged axes put a clinic into the sea, and a distance search then misses it.
//!
//! ## Example
//!
//! `X: 1270642, Y: 6402006`, where X and Y have changed places.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "felaktig_position",
    severity: Severity::Reject,
    sv: "Koordinaterna går inte att läsa eller ligger inte i Sverige.",
    mend_sv: "Kontrollera att nord och öst inte är omkastade och att rätt koordinatsystem är angivet.",
    en: "The coordinates cannot be read, or are not in Sweden.",
    mend_en: "Check that north and east are not exchanged, and that the right coordinate system is named.",
    why_sv: "Omkastade axlar lägger en mottagning i havet, och då missas den när någon söker nära sig.",
    example_sv: "`X: 1270642, Y: 6402006`, där X och Y har bytt plats.",
    doc: super::documentation!("felaktig_position.rs"),
};
