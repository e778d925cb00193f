//! How far an incremental reading asks from, and how far it has come.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType;
use sluss_schemas::say;

use super::cursor::State;
use super::mark::{Mark, MarkForm};
use crate::error::{ConnectorError, Result};

/// The marks of one reading.
#[derive(Clone, Debug)]
pub(crate) struct Increment {
    form: MarkForm,
    /// The column that holds each row's mark.
    column: String,
    /// What is asked from.
    since: Option<Mark>,
    /// The latest that has been seen, in this reading or before. It never goes back.
    high: Option<Mark>,
}

impl Increment {
    /// Goes on where `state` ended: within a reading, or `overlap` before its latest mark.
    pub(crate) fn new(
        form: MarkForm,
        column: &str,
        start: Option<&str>,
        overlap: u32,
        state: Option<&State>,
    ) -> Result<Self> {
        let start = match start {
            Some(text) => Some(form.read(text).ok_or_else(|| {
                ConnectorError::configuration(say!(
                    "`incremental.start` är inte skriven som `incremental.form` säger",
                    "`incremental.start` is not written as `incremental.form` says"
                ))
                .hint(say!(
                    "skriv en tid som 2026-01-01T00:00:00Z, en dag som 2026-01-01",
                    "write a time as 2026-01-01T00:00:00Z, a day as 2026-01-01"
                ))
            })?),
            None => None,
        };
        let read = |text: &Option<String>| text.as_deref().and_then(|text| form.read(text));
        let high = state.and_then(|state| read(&state.high));
        let since = match state {
            Some(state) if state.at.is_some() => read(&state.since),
            _ => high.map(|high| high.earlier(overlap)).or(start),
        };
        Ok(Self { form, column: column.to_owned(), since, high })
    }

    /// What to ask from, as the source writes it.
    pub(crate) fn since(&self) -> Option<String> {
        self.since.map(|mark| self.form.write(mark))
    }

    /// The latest that has been seen.
    pub(crate) fn high(&self) -> Option<String> {
        self.high.map(|mark| self.form.write(mark))
    }

    /// Looks at rows. Marks that cannot be read, and rows older than asked for, are errors: what is new
    /// could be missed.
    pub(crate) fn look(&mut self, rows: &RecordBatch) -> Result<()> {
        let Some(column) = rows.column_by_name(&self.column).filter(|c| c.data_type() == &DataType::Utf8View) else {
            return Err(ConnectorError::source(say!(
                "raderna har ingen kolumn {}",
                "the rows have no column {}",
                self.column
            ))
            .hint(say!("ange den i `columns`", "name it in `columns`")));
        };
        for text in column.as_string_view().iter().flatten() {
            let mark = self.form.read(text).ok_or_else(|| {
                ConnectorError::source(say!(
                    "kolumnen {} innehåller något som inte är ett märke av sin form",
                    "the column {} holds what is no mark of its form",
                    self.column
                ))
                .hint(say!(
                    "jämför `incremental.form` med hur källan skriver",
                    "compare `incremental.form` with what the source writes"
                ))
            })?;
            if self.since.is_some_and(|since| mark < since) {
                return Err(ConnectorError::source(say!(
                    "källan ger rader som är äldre än vi frågade efter",
                    "the source gives rows that are older than asked for"
                ))
                .hint(say!(
                    "kontrollera parameterns namn; kör en gång med --full om källan har återställts",
                    "check the parameter's name; if the source has been restored, run once with --full"
                )));
            }
            self.high = self.high.max(Some(mark));
        }
        Ok(())
    }
}
