//! A value that is none of the few allowed.
//!
//! ## What it checks
//!
//! Columns that list their values. They are compared letter by letter: mapping a source’s words to them
//! is the mapping’s work.
//!
//! ## Why
//!
//! A value that is spelled in its own way is counted as a group of its own.
//!
//! ## Example
//!
//! `Kvinna` in `kon`, where 2 is meant.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "utanfor_varden",
    severity: Severity::Reject,
    sv: "Värdet är inte något av dem som kolumnen {kolumn} får ha.",
    mend_sv: "Menade ni {forslag}? Välj ett av de värden som tabellens beskrivning räknar upp.",
    en: "The value is none of those that the column {kolumn} may have.",
    mend_en: "Did you mean {forslag}? Choose one of the values that the table’s description lists.",
    doc: super::documentation!("utanfor_varden.rs"),
};
