//! A code that was no longer valid on the row’s date.
//!
//! ## What it checks
//!
//! The code on the date that the column names; without one, on the date of the delivery. A row whose
//! date is missing is only asked whether the code exists. The successor is suggested where the store
//! knows one.
//!
//! ## Why
//!
//! Lists change every year. A retired code that is let through disappears from statistics that count
//! the new one.
//!
//! ## Example
//!
//! A code of KVÅ 2010 that the list of 2020 lacks, on a row from 2026.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "kod_utgangen",
    severity: Severity::Reject,
    sv: "Koden gällde inte längre på radens datum.",
    mend_sv: "Menade ni {forslag}? Använd en kod som gällde då.",
    en: "The code was no longer valid on the date of the row.",
    mend_en: "Did you mean {forslag}? Use a code that was valid then.",
    why_sv: "Listorna ändras varje år. En utgången kod som släpps igenom försvinner ur statistik som räknar den nya.",
    example_sv: "En kod ur KVÅ 2010 som saknas i listan från 2020, på en rad från 2026.",
    doc: super::documentation!("kod_utgangen.rs"),
};
