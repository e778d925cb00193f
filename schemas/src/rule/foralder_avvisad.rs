//! The row that this one belongs to was rejected.
//!
//! ## What it checks
//!
//! Children whose parent in the same delivery was rejected. A rejected child does not hold its parent.
//! Raised by the pipeline.
//!
//! ## Why
//!
//! A service without its contract would stand in the register and belong to nobody.
//!
//! ## Example
//!
//! The commissions of a contract whose start date could not be read.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "foralder_avvisad",
    severity: Severity::Reject,
    sv: "Raden hör till en rad som är avvisad, och väntar på den.",
    mend_sv: "Rätta den överordnade raden. Den här följer då med.",
    en: "The row belongs to a row that was rejected, and waits for it.",
    mend_en: "Correct the row that it belongs to. This one then follows.",
    why_sv: "En tjänst utan sitt avtal skulle stå i registret och inte höra till någon.",
    example_sv: "Uppdragen till ett avtal vars startdatum inte gick att läsa.",
    doc: super::documentation!("foralder_avvisad.rs"),
};
