//! Judges a column of codes: the kernel of the rules `kod_okand`, `kod_utgangen`,
//! `kod_inte_an_giltig`, `kod_fel_system`, `kod_utanfor_urval` and `kod_oavgjord`.
//!
//! A code breaks one of them at most. One that exists is asked for its validity on the row's own
//! date, where the row has one.

use arrow::array::{Array, AsArray, Date32Array, RecordBatch};
use arrow::datatypes::Date32Type;
use chrono::NaiveDate;

use super::explained::Explained;
use super::period::{month_end, month_starts};
use super::suggestions::Suggestions;
use super::{
    Context, Judge, kod_fel_system, kod_inte_an_giltig, kod_oavgjord, kod_okand, kod_utanfor_urval, kod_utgangen,
};
use crate::code::{Verdict, day};
use crate::finding::Findings;
use crate::table::{CodeUse, Kind, Table};

/// A column of codes of one system.
pub(super) struct CodeColumn {
    at: usize,
    column: u16,
    code: CodeUse,
    on: Option<On>,
}

/// Where a row's date stands.
enum On {
    Date(usize),
    Month(usize),
}

impl CodeColumn {
    /// The column at `at` of the table, which uses `code`.
    pub(super) fn new(table: &Table, at: usize, column: u16, code: &CodeUse) -> Self {
        let on = code.on.as_deref().filter(|_| code.dated).and_then(|name| {
            let at = table.position(name)?;
            Some(if table.column(name)?.kind == Kind::Date { On::Date(at) } else { On::Month(at) })
        });
        Self { at, column, code: code.clone(), on }
    }

    fn dates(&self, rows: &RecordBatch) -> Option<Date32Array> {
        let at = match self.on.as_ref()? {
            On::Date(at) | On::Month(at) => *at,
        };
        let column = rows.columns().get(at)?;
        if let Some(months) = column.as_string_view_opt() {
            return Some(month_starts(months));
        }
        column.as_primitive_opt::<Date32Type>().cloned()
    }
}

impl Judge for CodeColumn {
    fn judge(&self, rows: &RecordBatch, cx: &Context<'_>, out: &mut Findings) {
        let Some(codes) = rows.columns().get(self.at).and_then(|c| c.as_string_view_opt()) else { return };
        // A system that the store lacks is told once for the run (`Table::code_systems`), not here.
        if !cx.codes.has_system(&self.code.system) {
            return;
        }
        let dates = self.dates(rows);
        let explained = Explained::of(out, self.column);
        let checker = cx.codes.checker(&self.code.system, self.code.value_set.as_deref(), self.code.dated);
        let mut suggestions = Suggestions::default();
        checker.column(codes, dates.as_ref(), day(cx.today), &mut |row, verdict| {
            let own = dates.as_ref().and_then(|d| d.is_valid(row).then(|| d.value(row)));
            let verdict = match (verdict, &self.on, own) {
                // A code that begins within the month is valid for the month.
                (Verdict::NotYet, Some(On::Month(_)), Some(start)) => {
                    checker.check(codes.value(row), Some(month_end(start)))
                }
                (verdict, ..) => verdict,
            };
            let rule = match verdict {
                Verdict::Valid => return,
                Verdict::Unknown => &kod_okand::RULE,
                Verdict::Retired => &kod_utgangen::RULE,
                Verdict::NotYet => &kod_inte_an_giltig::RULE,
                Verdict::WrongSystem => &kod_fel_system::RULE,
                Verdict::NotInValueSet => &kod_utanfor_urval::RULE,
                Verdict::Undecidable => &kod_oavgjord::RULE,
            };
            let code = codes.value(row);
            if code.is_empty() || explained.has(row) {
                return;
            }
            let suggestion = suggestions.get(code, rule.id, || {
                let date = own.and_then(NaiveDate::from_epoch_days).unwrap_or(cx.today);
                cx.codes.suggestion(verdict, &self.code.system, code, date).map(str::to_owned)
            });
            out.suggest(row, rule.id, Some(self.column), suggestion);
        });
    }
}
