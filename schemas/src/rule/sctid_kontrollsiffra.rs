//! A SNOMED CT identifier whose check digit is wrong.
//!
//! ## What it checks
//!
//! The last digit of the id (Verhoeff; SNOMED CT Release File Specification, SCTID check digit).
//!
//! ## Why
//!
//! Workbooks store long ids as numbers and lose their last digits: the check digit tells.
//!
//! ## Example
//!
//! `424144003`, where the id is `424144002`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "sctid_kontrollsiffra",
    severity: Severity::Reject,
    sv: "SNOMED CT-koden har fel kontrollsiffra.",
    mend_sv: "Menade ni {forslag}? Kopiera koden från kodverket.",
    en: "The SNOMED CT identifier has a wrong check digit.",
    mend_en: "Did you mean {forslag}? Copy the code from the code system.",
    why_sv: "Kalkylblad lagrar långa id som tal och tappar de sista siffrorna. Kontrollsiffran avslöjar det.",
    example_sv: "`424144003`, när id:t är `424144002`.",
    doc: super::documentation!("sctid_kontrollsiffra.rs"),
};
