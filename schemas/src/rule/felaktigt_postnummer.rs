//! Text that is no Swedish post code.
//!
//! ## What it checks
//!
//! Five digits, the first not 0. Blanks, and `S-` or `SE-` in front, are taken away and counted as
//! repaired.
//!
//! ## Why
//!
//! The post code is part of a place’s identity: two spellings would be two places.
//!
//! ## Example
//!
//! `4134` and `00000` are rejected; `413 45` becomes `41345`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "felaktigt_postnummer",
    severity: Severity::Reject,
    sv: "Värdet är inte ett svenskt postnummer.",
    mend_sv: "Skriv postnumret med fem siffror.",
    en: "The value is not a Swedish post code.",
    mend_en: "Write the post code with five digits.",
    why_sv: "Postnumret är en del av platsens identitet: två skrivsätt skulle bli två platser.",
    example_sv: "`4134` och `00000` avvisas. `413 45` blir `41345`.",
    doc: super::documentation!("felaktigt_postnummer.rs"),
};
