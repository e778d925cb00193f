//! HSA-ids that differ only in case.
//!
//! ## What it checks
//!
//! Ids that are equal once case is folded and differ as written, within a delivery and against the
//! register. Raised by the pipeline. A table may declare that case is folded; then it cannot happen.
//!
//! ## Why
//!
//! The id is kept as written, since sources disagree. Two spellings are two keys, and most often one
//! unit.
//!
//! ## Example
//!
//! `SE2321000016-1a01` beside `SE2321000016-1A01`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "hsa_skiftlage",
    severity: Severity::Warn,
    sv: "Samma HSA-id finns med annan blandning av stora och små bokstäver.",
    mend_sv: "Skriv id:t likadant överallt, som i HSA.",
    en: "The same HSA-id occurs with other capital and small letters.",
    mend_en: "Write the id the same everywhere, as in HSA.",
    why_sv: "Id:t lagras som det är skrivet, eftersom källor skiljer sig åt. Två skrivsätt är två nycklar, och oftast en enhet.",
    example_sv: "`SE2321000016-1a01` bredvid `SE2321000016-1A01`.",
    doc: super::documentation!("hsa_skiftlage.rs"),
};
