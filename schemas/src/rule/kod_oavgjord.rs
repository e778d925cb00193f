//! A code that cannot be judged.
//!
//! ## What it checks
//!
//! Rows dated before the first version of the code system in the store. Where the store has no version
//! at all, that is told once for the run, not on each row.
//!
//! ## Why
//!
//! What cannot be known is neither right nor wrong. The row is accepted, and the doubt stays visible.
//!
//! ## Example
//!
//! A row from 2005, when the oldest list of the store is from 2007.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "kod_oavgjord",
    severity: Severity::Warn,
    sv: "Koden kan inte prövas: datumet ligger före den första version av kodverket som vi har.",
    mend_sv: "Ni behöver inte göra något.",
    en: "The code cannot be judged: the date is before the first version that we have.",
    mend_en: "Nothing needs to be done.",
    why_sv: "Det som inte går att veta är varken rätt eller fel. Raden godtas, och tvivlet syns.",
    example_sv: "En rad från 2005, när den äldsta listan är från 2007.",
    doc: super::documentation!("kod_oavgjord.rs"),
};
