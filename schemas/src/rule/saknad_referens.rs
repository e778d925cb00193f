//! A reference to a row that there is not.
//!
//! ## What it checks
//!
//! Columns that refer to another table, against the register and the same delivery. Warns or rejects,
//! as the column declares. Not raised where another rule has rejected the value. Raised by the
//! pipeline.
//!
//! ## Why
//!
//! A unit that the catalogue does not know may be new, so nationally it is a warning.
//!
//! ## Example
//!
//! An HSA-id that is well formed and is not in `enhet`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "saknad_referens",
    severity: Severity::Warn,
    sv: "Värdet i {kolumn} pekar på något som inte finns i registret.",
    mend_sv: "Menade ni {forslag}? Kontrollera att det som pekas ut är inskickat.",
    en: "The value in {kolumn} points at something that the register does not have.",
    mend_en: "Did you mean {forslag}? Check that what it points at has been sent.",
    why_sv: "En enhet som katalogen inte känner kan vara ny, så nationellt är det en varning.",
    example_sv: "Ett rätt format HSA-id som inte finns i `enhet`.",
    doc: super::documentation!("saknad_referens.rs"),
};
