//! A row whose form is broken.
//!
//! ## What it checks
//!
//! A record that breaks the grammar of its format in another way than those with a rule of their own:
//! an XML element without its end, a JSON object that is cut off, a fixed-width line that is too short.
//!
//! ## Why
//!
//! What cannot be read is kept as it came, in quarantine, so that it can be mended and read again.
//!
//! ## Example
//!
//! The NDJSON line `{"id": 17, "enhet": `.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "olasbar_rad",
    severity: Severity::Reject,
    sv: "Raden går inte att läsa.",
    mend_sv: "Jämför raden med formatets beskrivning och skicka den igen.",
    en: "The row cannot be read.",
    mend_en: "Compare the row with the description of the format, and send it again.",
    why_sv: "Det som inte går att läsa sparas som det kom, i karantän, så att det kan rättas och läsas om.",
    example_sv: "NDJSON-raden `{\"id\": 17, \"enhet\": `.",
    doc: super::documentation!("olasbar_rad.rs"),
};
