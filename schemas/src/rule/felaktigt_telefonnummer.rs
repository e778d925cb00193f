//! Text that is no telephone number.
//!
//! ## What it checks
//!
//! One number, Swedish or with its country code, in digits, blanks, hyphens and brackets. It is stored
//! in international form (ITU-T E.164).
//!
//! ## Why
//!
//! A number that cannot be dialled is worse than none. Two numbers in one cell belong in two rows.
//!
//! ## Example
//!
//! `se hemsidan`, `12 34 56` without an area code. `0771-11 77 00` becomes `+46771117700`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "felaktigt_telefonnummer",
    severity: Severity::Reject,
    sv: "Värdet är inte ett telefonnummer.",
    mend_sv: "Skriv ett nummer med riktnummer, till exempel 031-12 34 56.",
    en: "The value is not a telephone number.",
    mend_en: "Write one number with its area code, for example 031-12 34 56.",
    why_sv: "Ett nummer som inte går att ringa är sämre än inget. Två nummer i en cell hör hemma i två rader.",
    example_sv: "`se hemsidan`, `12 34 56` utan riktnummer. `0771-11 77 00` blir `+46771117700`.",
    doc: super::documentation!("felaktigt_telefonnummer.rs"),
};
