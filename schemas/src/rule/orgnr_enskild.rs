//! A sole trader’s number, which is a personal number.
//!
//! ## What it checks
//!
//! Organisation numbers whose third digit is below 2 and whose first six digits are a date, also with
//! 60 added to the day (samordningsnummer).
//!
//! ## Why
//!
//! A sole trader’s organisation number is a personal number. It may be compared, but neither stored nor
//! shown.
//!
//! ## Example
//!
//! A number of the shape `811218-9876`.

use arrow::array::{AsArray, RecordBatch};

use super::{Context, Judge, RuleDoc, Severity};
use crate::finding::Findings;
use crate::identifier::orgnr;

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "orgnr_enskild",
    severity: Severity::Warn,
    sv: "Numret är en enskild näringsidkares och därmed ett personnummer. Det är ersatt med ett nyckelat hashvärde.",
    mend_sv: "Ni behöver inte göra något. Numret lagras inte.",
    en: "The number is a sole trader’s and thus a personal number. A keyed hash stands in its place.",
    mend_en: "Nothing needs to be done. The number is not stored.",
    why_sv: "En enskild näringsidkares organisationsnummer är ett personnummer. Det får jämföras, men varken lagras eller visas.",
    example_sv: "Ett nummer av formen `811218-9876`.",
    doc: super::documentation!("orgnr_enskild.rs"),
};

/// A column of organisation numbers.
pub(super) struct SoleTrader {
    pub(super) at: usize,
    pub(super) column: u16,
}

impl Judge for SoleTrader {
    fn judge(&self, rows: &RecordBatch, _: &Context<'_>, out: &mut Findings) {
        let Some(numbers) = rows.columns().get(self.at).and_then(|c| c.as_string_view_opt()) else { return };
        for (row, number) in numbers.iter().enumerate() {
            // A number with a wrong check digit is nobody's, and has been rejected.
            let person = |n: &str| orgnr::is_sole_trader(n) && crate::identifier::luhn::holds(n.as_bytes());
            if number.is_some_and(person) {
                out.add(row, RULE.id, Some(self.column));
            }
        }
    }
}
