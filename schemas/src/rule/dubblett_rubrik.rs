//! Two columns with the same heading.
//!
//! ## What it checks
//!
//! The heading row, after blanks at the ends are taken away. The file’s rows are not read.
//!
//! ## Why
//!
//! A mapping that names the heading would take one of the two columns, and nobody would know which.
//!
//! ## Example
//!
//! A workbook with `Giltig från` in both column F and column J.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "dubblett_rubrik",
    severity: Severity::Reject,
    sv: "Två kolumner har samma rubrik.",
    mend_sv: "Ge kolumnerna olika rubriker, eller ta bort den ena.",
    en: "Two columns have the same heading.",
    mend_en: "Give the columns different headings, or remove one of them.",
    why_sv: "En mappning som nämner rubriken skulle ta en av de två kolumnerna, och ingen skulle veta vilken.",
    example_sv: "En arbetsbok med `Giltig från` i både kolumn F och kolumn J.",
    doc: super::documentation!("dubblett_rubrik.rs"),
};
