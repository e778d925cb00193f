//! Excel workbooks, old and new.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Range, Reader, open_workbook_auto_from_rs};
use sluss_schemas::say;

use super::columns::{Filling, ends_on_last_day};
use super::options::ColumnRef;
use super::out::Out;
use crate::caught::caught;
use crate::error::{ConnectorError, Result};

/// Rows among which the headings are looked for: lists begin with titles and remarks.
const HEADING_ROWS: usize = 30;
/// Above this a binary float no longer tells neighbouring whole numbers apart (Excel keeps 15 digits).
const EXACT: f64 = 1e15;

/// What the job says of the workbook.
pub(super) struct Layout<'a> {
    pub sheet: Option<&'a str>,
    pub columns: &'a BTreeMap<String, ColumnRef>,
    pub header_row: Option<u32>,
}

/// Reads one sheet of a workbook.
pub(super) fn read(bytes: Vec<u8>, layout: &Layout<'_>, name: &str, out: &mut Out<'_>) -> Result<()> {
    let broken = |e: calamine::Error| {
        ConnectorError::source(say!("arbetsboken kunde inte läsas", "the workbook could not be read"))
            .at(name)
            .because(e)
    };
    let panicked = |_| {
        ConnectorError::source(say!("arbetsboken är skadad", "the workbook is damaged")).at(name).hint(say!(
            "öppna den, spara den igen som .xlsx och försök på nytt",
            "open it, save it again as .xlsx and try anew"
        ))
    };
    let mut workbook = caught(|| open_workbook_auto_from_rs(Cursor::new(bytes))).map_err(panicked)?.map_err(broken)?;
    let sheets = workbook.sheet_names();
    let sheet = match layout.sheet {
        Some(wanted) => sheets.iter().find(|s| s.trim() == wanted.trim()).ok_or_else(|| {
            ConnectorError::configuration(say!(
                "arbetsboken har inget blad som heter {wanted}",
                "the workbook has no sheet called {wanted}"
            ))
            .at(name)
            .hint(say!("den har {}", "it has {}", sheets.join(", ")))
        })?,
        None => sheets.first().ok_or_else(|| {
            ConnectorError::source(say!("arbetsboken har inget blad", "the workbook has no sheet")).at(name)
        })?,
    };
    let range = caught(|| workbook.worksheet_range(sheet)).map_err(panicked)?.map_err(broken)?;
    out.part(sheet)?;
    rows(&range, layout, &format!("{name}: {sheet}"), out)
}

fn rows(range: &Range<Data>, layout: &Layout<'_>, place: &str, out: &mut Out<'_>) -> Result<()> {
    // The range begins at the first cell that is used: sheet rows and columns are counted from there.
    let (top, left) = range.start().map_or((0, 0), |(row, column)| (row as usize, column as usize));
    let width = left + range.width();
    if range.is_empty() {
        return Ok(());
    }
    let headings_at = |index: usize| -> Option<Vec<String>> {
        let row = range.rows().nth(index)?;
        Some((0..width).map(|i| cell(row, i, left).ok().flatten().map(Cow::into_owned).unwrap_or_default()).collect())
    };
    let gives = out.gives();
    let resolve = |h: Option<&[String]>| Filling::resolve(gives, layout.columns, h, width, place);
    let (filling, headings, first) = match layout.header_row {
        Some(0) => (resolve(None)?, None, 0),
        Some(row) => {
            let index = (row as usize - 1).checked_sub(top);
            let headings = index.and_then(headings_at).ok_or_else(|| {
                ConnectorError::configuration(say!(
                    "bladet har inget på rad {row}",
                    "the sheet has nothing in row {row}"
                ))
                .at(place)
            })?;
            (resolve(Some(&headings))?, Some(headings), index.unwrap_or(0) + 1)
        }
        None => {
            let found = (0..HEADING_ROWS.min(range.height())).find_map(|i| {
                let headings = headings_at(i)?;
                let filling = resolve(Some(&headings)).ok()?;
                Some((filling, Some(headings), i + 1))
            });
            match found {
                Some(found) => found,
                // The first row's own error says what is missing.
                None => (resolve(headings_at(0).as_deref())?, None, 1),
            }
        }
    };
    out.end_inclusive |= headings.is_some_and(|h| ends_on_last_day(gives, &filling, &h));
    for (index, row) in range.rows().enumerate().skip(first) {
        let number = (top + index + 1) as u64;
        let mut cells = Vec::with_capacity(width);
        let mut inexact = None;
        for i in 0..width {
            let text = cell(row, i, left);
            if text.is_err() {
                inexact = inexact.or(Some(i + 1));
            }
            cells.push(text.ok().flatten());
        }
        if cells.iter().all(|c| c.as_deref().is_none_or(|t| t.trim().is_empty())) && inexact.is_none() {
            continue;
        }
        if let Some(column) = inexact.filter(|c| filling.0.contains(&Some(c - 1))) {
            let detail = format!("column {column}: a number of more than 15 digits, of which Excel keeps 15");
            out.unread(number, "oprecist_tal", detail, &raw(&cells))?;
            continue;
        }
        out.row(number, &filling.pick(|i| cells.get(i)?.as_deref()))?;
    }
    Ok(())
}

/// The cell in a column of the sheet, of a row whose first cell stands in column `left`.
fn cell(row: &[Data], column: usize, left: usize) -> std::result::Result<Option<Cow<'_, str>>, Inexact> {
    column.checked_sub(left).and_then(|i| row.get(i)).map_or(Ok(None), text)
}

/// A number with more digits than the sheet can hold.
struct Inexact;

/// A cell as a person sees it; none where it is empty.
fn text(cell: &Data) -> std::result::Result<Option<Cow<'_, str>>, Inexact> {
    Ok(Some(match cell {
        Data::Empty | Data::Error(_) => return Ok(None),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Cow::Borrowed(text.as_str()),
        Data::Int(number) => Cow::Owned(number.to_string()),
        Data::Float(number) if number.abs() >= EXACT => return Err(Inexact),
        Data::Float(number) => Cow::Owned(number.to_string()),
        Data::Bool(yes) => Cow::Borrowed(if *yes { "ja" } else { "nej" }),
        Data::DateTime(date) => match date.as_datetime() {
            Some(date) if date.time() == chrono::NaiveTime::MIN => Cow::Owned(date.date().to_string()),
            Some(date) => Cow::Owned(date.to_string()),
            None => Cow::Owned(date.as_f64().to_string()),
        },
    }))
}

/// A row's cells as text, for the quarantine.
fn raw(cells: &[Option<Cow<'_, str>>]) -> Vec<u8> {
    cells.iter().map(|c| c.as_deref().unwrap_or_default()).collect::<Vec<_>>().join("\t").into_bytes()
}
