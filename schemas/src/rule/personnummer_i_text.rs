//! A personal number in a text.
//!
//! ## What it checks
//!
//! Every column of free text, and the columns of ids that the table names. Personal numbers and
//! samordningsnummer in all notations, with a date that can be and a check digit that holds. Ten bare digits
//! that fill a cell are judged by the cells around them: in a column of telephone or invoice numbers a few
//! have a date and a check digit by chance. The value itself is never shown.
//!
//! ## Why
//!
//! No patient data may enter the register. Free text is where it has slipped in before.
//!
//! ## Example
//!
//! A remark such as `ring pat 811218-9876`.

use arrow::array::{AsArray, RecordBatch};

use super::{Context, Judge, RuleDoc, Severity};
use crate::finding::Findings;
use crate::personnummer::Column;

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "personnummer_i_text",
    severity: Severity::Reject,
    sv: "Texten innehåller något som ser ut som ett personnummer.",
    mend_sv: "Ta bort personnumret ur texten och skicka raden igen.",
    en: "The text holds what looks like a personal number.",
    mend_en: "Remove the personal number from the text, and send the row again.",
    why_sv: "Inga patientuppgifter får komma in i registret. Fritext är där de har slunkit in förut.",
    example_sv: "En anmärkning som `ring pat 811218-9876`.",
    doc: super::documentation!("personnummer_i_text.rs"),
};

/// Columns of text that hold no personal number.
pub(super) struct NoPerson {
    pub(super) columns: Vec<(usize, u16)>,
}

impl Judge for NoPerson {
    fn judge(&self, rows: &RecordBatch, _: &Context<'_>, out: &mut Findings) {
        for (at, column) in &self.columns {
            let Some(texts) = rows.columns().get(*at).and_then(|c| c.as_string_view_opt()) else { continue };
            let name = rows.schema_ref().fields().get(*at).map_or("", |field| field.name().as_str());
            let mut seen = Column::named(name);
            let cells = texts.iter().enumerate();
            let found: Vec<_> = cells.filter_map(|(row, text)| Some((row, seen.look(text?, 1)?))).collect();
            for (row, _) in found.into_iter().filter(|(_, form)| seen.holds(*form)) {
                out.add(row, RULE.id, Some(*column));
            }
        }
    }
}
