//! A row of another region.
//!
//! ## What it checks
//!
//! The owner column of the table, against the owner of the job.
//!
//! ## Why
//!
//! A region updates and ends its own contracts only. One wrong code in one row must not reach into
//! another region’s register.
//!
//! ## Example
//!
//! A row with `lanskod` 12 in a job of the owner 13.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "fel_agare",
    severity: Severity::Reject,
    sv: "Raden hör till en annan region än den som lämnar den.",
    mend_sv: "Skicka bara er egen regions rader.",
    en: "The row belongs to another region than the one that sends it.",
    mend_en: "Send only your own region’s rows.",
    doc: super::documentation!("fel_agare.rs"),
};
