//! The same row twice.
//!
//! ## What it checks
//!
//! Rows of one delivery with the same key and the same content. The first in reading order stays.
//! Raised by the pipeline, independent of the other rules.
//!
//! ## Why
//!
//! Two rows are counted twice, whoever wrote them.
//!
//! ## Example
//!
//! The same contact in the files of two months.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "dubblett_exakt",
    severity: Severity::Reject,
    sv: "Raden finns redan i leveransen, likadan. Den första är med.",
    mend_sv: "Ni behöver inte göra något. Ta gärna bort dubbletten i er källa.",
    en: "The delivery has the same row already. The first one is kept.",
    mend_en: "Nothing needs to be done. Preferably remove the duplicate from your source.",
    why_sv: "Två rader räknas två gånger, vem som än skrev dem.",
    example_sv: "Samma kontakt i två månaders filer.",
    doc: super::documentation!("dubblett_exakt.rs"),
};
