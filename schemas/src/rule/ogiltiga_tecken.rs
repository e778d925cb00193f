//! Bytes that are no text in the declared encoding.
//!
//! ## What it checks
//!
//! Every record is decoded with the encoding that the job declares. A byte sequence that the encoding
//! does not have rejects its row.
//!
//! ## Why
//!
//! Reading Latin-1 as UTF-8, or replacing what cannot be read by a question mark, would store names
//! that nobody has.
//!
//! ## Example
//!
//! A file declared as UTF-8 where `Växjö` was written in ISO-8859-1: the byte `E4` stands alone.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "ogiltiga_tecken",
    severity: Severity::Reject,
    sv: "Raden innehåller tecken som inte stämmer med filens teckenkodning.",
    mend_sv: "Spara filen i den teckenkodning som jobbet anger, eller be oss ändra jobbet.",
    en: "The row holds bytes that are no characters in the file’s encoding.",
    mend_en: "Save the file in the encoding that the job declares, or have the job changed.",
    why_sv: "Att läsa filen med fel teckenkodning, eller byta det oläsliga mot frågetecken, skulle lagra namn som ingen har.",
    example_sv: "En fil som anges som UTF-8, där `Växjö` är skrivet i ISO-8859-1.",
    doc: super::documentation!("ogiltiga_tecken.rs"),
};
