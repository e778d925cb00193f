//! Text that cannot be a code of its kind.
//!
//! ## What it checks
//!
//! The characters of a code, before any list is asked: a KVÅ code is three letters and two digits, or
//! two letters and three digits.
//!
//! ## Why
//!
//! Two codes in one cell, or a code with its label, must be split by the mapping; nothing is cut off
//! silently.
//!
//! ## Example
//!
//! `CJE20, CJE15` in one cell.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "kod_felformat",
    severity: Severity::Reject,
    sv: "Värdet har inte den form som koden ska ha.",
    mend_sv: "Menade ni {forslag}? Rätta koden i er källa.",
    en: "The value does not have the form of such a code.",
    mend_en: "Did you mean {forslag}? Correct the code in your source.",
    why_sv: "Två koder i en cell, eller en kod med sin text, ska delas av mappningen. Inget klipps bort i tysthet.",
    example_sv: "`CJE20, CJE15` i en cell.",
    doc: super::documentation!("kod_felformat.rs"),
};
