//! Text that is neither yes nor no.
//!
//! ## What it checks
//!
//! Every value that the mapping reads as yes or no. Known spellings (`J`, `Ja`, `1`, `true`, `2` for no
//! in RIV-TA) are read; others are not.
//!
//! ## Why
//!
//! An unknown spelling taken as *no* would move a patient out of the care guarantee.
//!
//! ## Example
//!
//! `kanske`, `X`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "felaktigt_ja_nej",
    severity: Severity::Reject,
    sv: "Värdet är varken ja eller nej.",
    mend_sv: "Skriv JA eller NEJ.",
    en: "The value is neither yes nor no.",
    mend_en: "Write JA or NEJ.",
    why_sv: "Ett okänt skrivsätt som läses som nej kan ta en patient ur vårdgarantin.",
    example_sv: "`kanske`, `X`.",
    doc: super::documentation!("felaktigt_ja_nej.rs"),
};
