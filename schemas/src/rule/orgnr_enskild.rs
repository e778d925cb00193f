//! A sole trader’s number, which is a personal number.
//!
//! ## What it checks
//!
//! Organisation numbers whose third digit is below 2 and whose first six digits are a date, also with
//! 60 added to the day (samordningsnummer).
//!
//! ## Why
//!
//! A sole trader’s organisation number is a personal number. It may be compared, but neither stored nor
//! shown.
//!
//! ## Example
//!
//! A number of the shape `811218-9876`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "orgnr_enskild",
    severity: Severity::Warn,
    sv: "Numret är en enskild näringsidkares och därmed ett personnummer. Det är ersatt med ett nyckelat hashvärde.",
    mend_sv: "Ni behöver inte göra något. Numret lagras inte.",
    en: "The number is a sole trader’s and thus a personal number. A keyed hash stands in its place.",
    mend_en: "Nothing needs to be done. The number is not stored.",
    doc: super::documentation!("orgnr_enskild.rs"),
};
