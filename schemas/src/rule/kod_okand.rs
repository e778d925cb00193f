//! A code that no version of the code system has.
//!
//! ## What it checks
//!
//! Every column with a code system, against all versions that the store has. The nearest code is
//! suggested, by distance and by look-alike characters (O and 0).
//!
//! ## Why
//!
//! A code that nobody defined says nothing of what care it is.
//!
//! ## Example
//!
//! `CJEZ0`. `CJE2O`, with a letter O, gets the suggestion `CJE20`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "kod_okand",
    severity: Severity::Reject,
    sv: "Koden finns inte i kodverket.",
    mend_sv: "Menade ni {forslag}? Rätta koden i er källa.",
    en: "The code is not in the code system.",
    mend_en: "Did you mean {forslag}? Correct the code in your source.",
    why_sv: "En kod som ingen har definierat säger inget om vilken vård det gäller.",
    example_sv: "`CJEZ0`. `CJE2O`, med bokstaven O, ger förslaget `CJE20`.",
    doc: super::documentation!("kod_okand.rs"),
};
