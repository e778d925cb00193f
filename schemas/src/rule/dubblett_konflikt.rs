//! Different rows with the same key.
//!
//! ## What it checks
//!
//! Rows of one delivery with the same key whose content differs. All of them are rejected, and what the
//! register has stays. Raised by the pipeline.
//!
//! ## Why
//!
//! Choosing the first or the last would be a guess about whose figure is right.
//!
//! ## Example
//!
//! The contract `150459-A054` twice, with different end dates.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "dubblett_konflikt",
    severity: Severity::Reject,
    sv: "Flera rader har samma nyckel men olika innehåll. Ingen av dem är med.",
    mend_sv: "Avgör vilken rad som är rätt och skicka den.",
    en: "Several rows have the same key and different content. None of them is kept.",
    mend_en: "Decide which row is right, and send it.",
    why_sv: "Att välja den första eller den sista vore en gissning om vems uppgift som är rätt.",
    example_sv: "Avtalet `150459-A054` två gånger, med olika slutdatum.",
    doc: super::documentation!("dubblett_konflikt.rs"),
};
