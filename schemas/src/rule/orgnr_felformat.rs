//! Text that is no organisation number.
//!
//! ## What it checks
//!
//! Ten digits, with or without hyphen, century or the form of a VAT number (lagen 1974:174). Foreign
//! numbers are not organisation numbers.
//!
//! ## Why
//!
//! The number is the key of every provider: another form is another provider.
//!
//! ## Example
//!
//! `0145076-7`, which is Finnish, and `saknas`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "orgnr_felformat",
    severity: Severity::Reject,
    sv: "Värdet är inte ett organisationsnummer.",
    mend_sv: "Skriv numret med tio siffror.",
    en: "The value is not an organisation number.",
    mend_en: "Write the number with ten digits.",
    why_sv: "Numret är nyckeln till varje vårdgivare: en annan form är en annan vårdgivare.",
    example_sv: "`0145076-7`, som är finskt, och `saknas`.",
    doc: super::documentation!("orgnr_felformat.rs"),
};
