//! Text that is no time of day.
//!
//! ## What it checks
//!
//! Every value that the mapping reads as a time of day: hours 00–24, minutes 00–59, and nothing after
//! 24:00.
//!
//! ## Why
//!
//! Opening hours that are wrong send people to a closed door.
//!
//! ## Example
//!
//! `25:00`, `24:30`, `kl 8`. `24:00` is right: it ends a day.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "felaktig_tid",
    severity: Severity::Reject,
    sv: "Värdet är inte ett klockslag.",
    mend_sv: "Skriv klockslaget som TT:MM. Dygnets slut är 24:00.",
    en: "The value is not a time of day.",
    mend_en: "Write the time as HH:MM. The end of the day is 24:00.",
    why_sv: "Fel öppettider skickar människor till en stängd dörr.",
    example_sv: "`25:00`, `24:30`, `kl 8`. `24:00` är rätt: det avslutar en dag.",
    doc: super::documentation!("felaktig_tid.rs"),
};
