//! A row with too few or too many fields.
//!
//! ## What it checks
//!
//! The number of fields of a record, against the heading row. Raised by the reader: no other rule
//! judges such a row, and it takes no part in the search for duplicates.
//!
//! ## Why
//!
//! A missing or extra separator shifts every value after it. Guessing which field is missing would put
//! values into the wrong columns.
//!
//! ## Example
//!
//! With the heading `id;enhet;datum`, the row `17;SE2321000016-1A01` is rejected, and so is `17;väntar;
//! ringt ej;SE2321000016-1A01;2026-01-05`.

use super::{RuleDoc, Severity};

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "fel_antal_kolumner",
    severity: Severity::Reject,
    sv: "Raden har inte lika många fält som rubrikraden.",
    mend_sv: "Kontrollera att text med skiljetecken står inom citattecken, och skicka raden igen.",
    en: "The row does not have as many fields as the heading.",
    mend_en: "Check that text with separators is quoted, and send the row again.",
    why_sv: "Ett skiljetecken för mycket eller för lite flyttar alla värden efter det. Att gissa vilket fält som saknas skulle lägga värden i fel kolumn.",
    example_sv: "Med rubrikerna `id;enhet;datum` avvisas raden `17;SE2321000016-1A01`.",
    doc: super::documentation!("fel_antal_kolumner.rs"),
};
