//! Normalises the text columns of a typed batch: identifiers to their canonical form, empty text to
//! null. What was repaired is counted; what could not be read stays as it is, for quarantine.
//!
//! Plain text is not trimmed: what a person wrote is not ours to change.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, MutableArrayData, RecordBatch, StringViewArray};
use arrow::buffer::BooleanBuffer;
use arrow::compute::nullif;
use arrow::error::ArrowError;

use super::period::{read_month, read_week};
use super::suggestions::Suggestions;
use super::{orgnr_luhn, reparerad};
use crate::finding::Findings;
use crate::identifier::hsa_id::{self, HsaOptions};
use crate::identifier::lanskod::{self, LanSystem};
use crate::identifier::{code, orgnr};
use crate::reading::Reading;
use crate::region::REGIONS;
use crate::table::{Column, Identifier, Kind, Table};

/// Normalises every text column of a batch of the table. Columns in which nothing changes are the
/// same arrays afterwards.
///
/// # Errors
///
/// Those of Arrow, where the batch does not have the table's schema.
pub fn batch(table: &Table, rows: &RecordBatch, out: &mut Findings) -> Result<RecordBatch, ArrowError> {
    let mut columns = Vec::with_capacity(rows.num_columns());
    for (i, array) in rows.columns().iter().enumerate() {
        let text = table.column.get(i).filter(|c| c.kind == Kind::Text).zip(array.as_string_view_opt());
        columns.push(match (text, u16::try_from(i)) {
            (Some((declared, text)), Ok(name)) => Arc::new(column(declared, name, text, out)?),
            _ => Arc::clone(array),
        });
    }
    RecordBatch::try_new(rows.schema(), columns)
}

/// Normalises one text column, which stands at `name` in its table.
///
/// # Errors
///
/// Those of Arrow; none that values can cause.
pub fn column(
    declared: &Column,
    name: u16,
    values: &StringViewArray,
    out: &mut Findings,
) -> Result<StringViewArray, ArrowError> {
    match &declared.identifier {
        None => empty_to_null(values),
        Some(Identifier::Orgnr) => canonical(values, name, out, orgnr::read),
        Some(Identifier::HsaId { fold_case, suffix, .. }) => {
            let options = HsaOptions { fold_case: *fold_case, suffix: *suffix, ..HsaOptions::default() };
            canonical(values, name, out, |text| hsa_id::read(text, options))
        }
        Some(Identifier::Lanskod) => {
            canonical(values, name, out, |text| lanskod::read(text, LanSystem::Lanskod).map(Cow::Borrowed))
        }
        Some(Identifier::Manad) => canonical(values, name, out, read_month),
        Some(Identifier::Vecka) => canonical(values, name, out, read_week),
        Some(_) => canonical(values, name, out, code::read),
    }
}

/// The column with null for every empty text; the same column where there is none.
fn empty_to_null(values: &StringViewArray) -> Result<StringViewArray, ArrowError> {
    // A view's low 32 bits are its length (Arrow columnar format). Null slots may be of any length.
    let empty = |view: &u128| view & u128::from(u32::MAX) == 0;
    let empties = values.views().iter().filter(|view| empty(view)).count();
    if empties == 0 || empties <= values.null_count() && all_null_where_empty(values, empty) {
        return Ok(values.clone());
    }
    let mask: BooleanBuffer = values.views().iter().map(empty).collect();
    let nulled = nullif(values, &BooleanArray::new(mask, None))?;
    Ok(nulled.as_string_view().clone())
}

fn all_null_where_empty(values: &StringViewArray, empty: impl Fn(&u128) -> bool) -> bool {
    values.views().iter().enumerate().all(|(row, view)| !empty(view) || values.is_null(row))
}

/// What becomes of a value that does not stay as it is.
enum Change {
    Null,
    /// The next of the repaired values.
    Repaired,
}

/// The column in canonical form, as `read` gives it; the same column where nothing changes.
fn canonical<'v>(
    values: &'v StringViewArray,
    name: u16,
    out: &mut Findings,
    read: impl Fn(&'v str) -> Reading<Cow<'v, str>>,
) -> Result<StringViewArray, ArrowError> {
    let mut changes: Vec<(usize, Change)> = Vec::new();
    let mut repaired: Vec<Cow<'v, str>> = Vec::new();
    let mut suggestions = Suggestions::default();
    for (row, text) in values.iter().enumerate() {
        let Some(text) = text else { continue };
        match read(text) {
            Reading::Clean(_) => {}
            Reading::Empty => changes.push((row, Change::Null)),
            Reading::Repaired(value) => {
                changes.push((row, Change::Repaired));
                repaired.push(value);
                out.add(row, reparerad::RULE.id, Some(name));
            }
            Reading::Unreadable(rule) => {
                let suggestion = suggestions.get(text, rule, || meant(text, rule));
                out.suggest(row, rule, Some(name), suggestion);
            }
        }
    }
    if changes.is_empty() {
        return Ok(values.clone());
    }
    changed(values, &changes, &repaired)
}

/// Copies runs of unchanged views between the changes; no text is copied but the repaired.
fn changed(
    values: &StringViewArray,
    changes: &[(usize, Change)],
    repaired: &[Cow<'_, str>],
) -> Result<StringViewArray, ArrowError> {
    let repaired = StringViewArray::from_iter_values(repaired).to_data();
    let original = values.to_data();
    let mut result = MutableArrayData::new(vec![&original, &repaired], true, values.len());
    let (mut next, mut taken) = (0, 0);
    for (row, change) in changes {
        result.try_extend(0, next, *row)?;
        match change {
            Change::Null => result.try_extend_nulls(1)?,
            Change::Repaired => {
                result.try_extend(1, taken, taken + 1)?;
                taken += 1;
            }
        }
        next = row + 1;
    }
    result.try_extend(0, next, values.len())?;
    Ok(StringViewArray::from(result.freeze()))
}

/// What the sender of an unreadable identifier probably meant.
fn meant(text: &str, rule: &str) -> Option<String> {
    if rule != orgnr_luhn::RULE.id {
        return None;
    }
    let known: Vec<&str> = REGIONS.iter().map(|r| r.orgnr).collect();
    orgnr::suggest(text, &known)
}
