//! Text that is no number.
//!
//! ## What it checks
//!
//! Every value that the mapping reads as a number: its characters, its size, and its decimals, which
//! are never rounded away.
//!
//! ## Why
//!
//! Rounding an amount, or reading `1.234` as either of two numbers, would be a guess.
//!
//! ## Example
//!
//! `cirka 400`, and `12,345` in a column of two decimals.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "felaktigt_tal",
    severity: Severity::Reject,
    sv: "Värdet är inte ett tal som kolumnen kan hålla.",
    mend_sv: "Skriv talet med siffror, och decimaler efter komma.",
    en: "The value is not a number that the column can hold.",
    mend_en: "Write the number in digits, with a comma before decimals.",
    why_sv: "Att avrunda ett belopp, eller läsa `1.234` som ett av två möjliga tal, vore en gissning.",
    example_sv: "`cirka 400`, och `12,345` i en kolumn med två decimaler.",
    doc: super::documentation!("felaktigt_tal.rs"),
};
