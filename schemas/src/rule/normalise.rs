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

use super::hsa_common::is_canonical;
use super::period::{read_month, read_week};
use super::reparerad;
use super::suggestions::Suggestions;
use crate::finding::Findings;
use crate::identifier::hsa_id::{self, HsaOptions};
use crate::identifier::lanskod::{self, LanSystem};
use crate::identifier::{code, gln, orgnr, postnummer, sctid, telefon};
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
        Some(Identifier::Orgnr) => canonical(values, name, out, orgnr::read, region_meant),
        Some(Identifier::HsaId { fold_case, suffix, .. }) => {
            let options = HsaOptions { fold_case: *fold_case, suffix: *suffix, ..HsaOptions::default() };
            canonical(values, name, out, |text| hsa(text, options), |text| hsa_id::meant(text, &options))
        }
        Some(Identifier::Lanskod) => {
            canonical(values, name, out, |text| lanskod::read(text, LanSystem::Lanskod), unknown)
        }
        Some(Identifier::Manad) => canonical(values, name, out, read_month, unknown),
        Some(Identifier::Vecka) => canonical(values, name, out, read_week, unknown),
        Some(Identifier::Sctid) => canonical(values, name, out, sctid::read, unknown),
        Some(Identifier::Gln) => canonical(values, name, out, gln::read, unknown),
        Some(Identifier::Postnummer) => canonical(values, name, out, postnummer::read, unknown),
        Some(Identifier::Telefon) => canonical(values, name, out, telefon::read, unknown),
        Some(Identifier::Code) => canonical(values, name, out, code::read, unknown),
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

/// The column in canonical form, as `read` gives it; the same column where nothing changes. For what
/// cannot be read, `meant` says what the sender probably meant.
fn canonical<'v>(
    values: &'v StringViewArray,
    name: u16,
    out: &mut Findings,
    read: impl Fn(&'v str) -> Reading<Cow<'v, str>>,
    meant: impl Fn(&str) -> Option<String>,
) -> Result<StringViewArray, ArrowError> {
    let mut changes: Vec<(usize, Change)> = Vec::new();
    let mut repaired: Vec<Cow<'v, str>> = Vec::new();
    let mut suggestions = Suggestions::default();
    // Equal views of one array are equal texts, and many columns repeat a value row after row.
    let mut clean = None;
    for (row, view) in values.views().iter().enumerate() {
        if clean == Some(view) || values.is_null(row) {
            continue;
        }
        let text = values.value(row);
        match read(text) {
            Reading::Clean(_) => clean = Some(view),
            Reading::Empty => changes.push((row, Change::Null)),
            Reading::Repaired(value) => {
                changes.push((row, Change::Repaired));
                repaired.push(value);
                out.add(row, reparerad::RULE.id, Some(name));
            }
            Reading::Unreadable(rule) => {
                let suggestion = suggestions.get(text, rule, || meant(text));
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

/// The common form is told by its bytes; the rest is read.
fn hsa(text: &str, options: HsaOptions) -> Reading<Cow<'_, str>> {
    if is_canonical(text.as_bytes(), options) {
        return Reading::Clean(Cow::Borrowed(text));
    }
    hsa_id::read(text, &options)
}

/// The region whose organisation number is a single slip away.
fn region_meant(text: &str) -> Option<String> {
    let known: Vec<&str> = REGIONS.iter().map(|r| r.orgnr).collect();
    orgnr::suggest(text, &known)
}

fn unknown(_: &str) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn declared(identifier: Option<&str>) -> Column {
        let identifier = identifier.map_or_else(String::new, |i| format!("identifier = {i}"));
        let text = format!("name = \"x\"\ntype = \"text\"\nmeaning = \"X.\"\n{identifier}");
        toml::from_str(&text).expect("a column")
    }

    fn read(identifier: Option<&str>, values: &[Option<&str>]) -> (Vec<Option<String>>, Vec<(u32, &'static str)>) {
        let mut out = Findings::default();
        let array: StringViewArray = values.iter().copied().collect();
        let result = column(&declared(identifier), 0, &array, &mut out).expect("normalises");
        let values = result.iter().map(|v| v.map(str::to_owned)).collect();
        (values, out.list.iter().map(|f| (f.row, f.rule)).collect())
    }

    #[test]
    fn what_is_right_is_not_copied() {
        let array = StringViewArray::from_iter_values(["SE2321000016-1A01", "SE2321000131-E000000007303"]);
        let mut out = Findings::default();
        let result = column(&declared(Some("\"hsa_id\"")), 0, &array, &mut out).expect("normalises");
        assert!(out.list.is_empty() && result.views().ptr_eq(array.views()));
        let result = column(&declared(None), 0, &array, &mut out).expect("normalises");
        assert!(result.views().ptr_eq(array.views()));
    }

    #[test]
    fn repaired_empty_and_unreadable_stand_side_by_side() {
        let given = [Some("232100-0016"), None, Some(""), Some("2321000180"), Some("2331000180"), Some(" 2321000131")];
        let (values, found) = read(Some("\"orgnr\""), &given);
        let expected = [Some("2321000016"), None, None, Some("2321000180"), Some("2331000180"), Some("2321000131")];
        assert_eq!(values, expected.map(|v| v.map(str::to_owned)));
        assert_eq!(found, [(0, "reparerad"), (4, "orgnr_luhn"), (5, "reparerad")]);
    }

    #[test]
    fn a_mistyped_region_is_suggested() {
        let mut out = Findings::default();
        let array = StringViewArray::from_iter_values(["2331000180", "2331000180"]);
        let _ = column(&declared(Some("\"orgnr\"")), 3, &array, &mut out).expect("normalises");
        for finding in &out.list {
            assert_eq!((finding.column, finding.suggestion.as_deref()), (Some(3), Some("2321000180")));
        }
    }

    #[test]
    fn every_kind_of_identifier_is_read() {
        for (kind, given, canonical) in [
            ("sctid", " 73211009", "73211009"),
            ("gln", "950 6000 14044 5", "9506000140445"),
            ("postnummer", "413 45", "41345"),
            ("telefon", "0771-11 77 00", "+46771117700"),
            ("lanskod", " 14", "14"),
            ("manad", "202602", "2026-02"),
            ("vecka", "2026w47", "2026-W47"),
            ("hsa_id", " SE2321000016-1A01", "SE2321000016-1A01"),
            ("code", "cje20", "CJE20"),
        ] {
            let (values, found) = read(Some(&format!("\"{kind}\"")), &[Some(given)]);
            assert_eq!((values, found), (vec![Some(canonical.to_owned())], vec![(0, "reparerad")]), "{kind}");
        }
    }

    #[test]
    fn plain_text_is_kept_but_empty_text_is_nothing() {
        let (values, found) = read(None, &[Some(" a "), Some(""), None, Some(" ")]);
        assert_eq!(values, [Some(" a ".to_owned()), None, None, Some(" ".to_owned())]);
        assert_eq!(found, []);
    }

    proptest! {
        #[test]
        fn as_reading_value_by_value(values in prop::collection::vec(prop::option::of(" ?[a-z]{0,3}[0-9]{0,16} ?"), 0..50)) {
            let (result, found) = read(Some("\"code\""), &values.iter().map(|v| v.as_deref()).collect::<Vec<_>>());
            for (row, (given, got)) in values.iter().zip(&result).enumerate() {
                let expected = given.as_deref().map_or(Reading::Empty, code::read);
                let repaired = found.iter().any(|(r, _)| usize::try_from(*r).is_ok_and(|r| r == row));
                prop_assert_eq!(repaired, matches!(expected, Reading::Repaired(_)));
                prop_assert_eq!(expected.value().map(Cow::into_owned), got.clone());
            }
        }
    }
}
