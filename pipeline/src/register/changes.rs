//! What differs between two beliefs: of one key, or of the whole register between two recorded times.
//!
//! A belief is a function of valid time. Two of them are compared where either changes: for each
//! period and column the value before and after. So a correction shows for the whole period that it
//! corrects, and a change from the day on which it takes effect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Int64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::NaiveDate;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use serde::Serialize;
use sluss_schemas::table::{Table, VALID_FROM, VALID_TO};

use super::Register;
use super::error::{Cause, RegisterError, Result};
use super::layout::KEY;
use super::read::{Believed, Question};
use crate::ledger::EventKind;

/// Keys that are compared at a time.
const AT_ONCE: usize = 4096;

/// What became another in a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Altered {
    /// The column.
    pub column: String,
    /// What was believed.
    pub before: Option<String>,
    /// What is believed now.
    pub after: Option<String>,
    /// The first day of which this is so; none: unbounded.
    pub valid_from: Option<NaiveDate>,
    /// The first day of which it no longer is; none: unbounded.
    pub valid_till: Option<NaiveDate>,
}

/// What became another with a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The table.
    pub table: String,
    /// The key's columns.
    pub key: Vec<(String, String)>,
    /// Whose row it is.
    pub owner: String,
    /// What happened to it, all in all.
    pub kind: EventKind,
    /// The period that is believed: of the source's last word, or up to its end.
    pub valid_from: Option<NaiveDate>,
    /// Its end.
    pub valid_till: Option<NaiveDate>,
    /// What differs, where the key was there before and is there after. A period whose end has moved
    /// stands here as its columns, without days.
    pub columns: Vec<Altered>,
}

/// One slice, its values as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    key: [u8; 16],
    values: Vec<Option<String>>,
    from: Option<NaiveDate>,
    till: Option<NaiveDate>,
    live: bool,
    owner: String,
    first: i64,
    last: Option<i64>,
}

/// The national columns that say something of a row: all but its valid time.
fn saying(table: &Table) -> impl Iterator<Item = &str> {
    let names = table.column.iter().map(|column| column.name.as_str());
    names.filter(|name| !matches!(*name, VALID_FROM | VALID_TO))
}

/// What is asked for, in the order in which [`slices`] reads it.
fn question(table: &Table) -> Question {
    let own = [KEY, VALID_FROM, VALID_TO, "_aktuell", "_agare", "_seq_fran", "_seq_till"];
    let columns = own.into_iter().chain(saying(table)).map(str::to_owned).collect();
    Question { table: table.name.clone(), columns: Some(columns), ..Question::default() }
}

fn slices(batch: &RecordBatch) -> Result<Vec<Slice>> {
    let damaged = || RegisterError::Database { doing: "compare rows", cause: Cause("unexpected columns".to_owned()) };
    let options = FormatOptions::default();
    let [key, from, till, live, owner, first, last, values @ ..] = batch.columns() else { return Err(damaged()) };
    let keys = key.as_fixed_size_binary_opt().ok_or_else(damaged)?;
    let (keys, _) = keys.value_data().as_chunks::<16>();
    let date = |column: &Arc<dyn Array>, row: usize| -> Result<Option<NaiveDate>> {
        let dates = column.as_primitive_opt::<Date32Type>().ok_or_else(damaged)?;
        Ok((!dates.is_null(row)).then(|| dates.value_as_date(row)).flatten())
    };
    let texts: Vec<ArrayFormatter> =
        values.iter().map(|column| ArrayFormatter::try_new(column, &options)).collect::<std::result::Result<_, _>>()?;
    let live = live.as_boolean_opt().ok_or_else(damaged)?;
    let owner = owner.as_string_view_opt().ok_or_else(damaged)?;
    let first = first.as_primitive_opt::<Int64Type>().ok_or_else(damaged)?;
    let last = last.as_primitive_opt::<Int64Type>().ok_or_else(damaged)?;
    (0..batch.num_rows())
        .map(|row| {
            let texts = texts.iter().zip(values);
            Ok(Slice {
                key: *keys.get(row).ok_or_else(damaged)?,
                values: texts
                    .map(|(text, column)| (!column.is_null(row)).then(|| text.value(row).to_string()))
                    .collect(),
                from: date(from, row)?,
                till: date(till, row)?,
                live: live.value(row),
                owner: owner.value(row).to_owned(),
                first: first.value(row),
                last: (!last.is_null(row)).then(|| last.value(row)),
            })
        })
        .collect()
}

/// A bound that compares, with the unbounded past before all and the unbounded future after.
fn lo(date: Option<NaiveDate>) -> NaiveDate {
    date.unwrap_or(NaiveDate::MIN)
}

fn hi(date: Option<NaiveDate>) -> NaiveDate {
    date.unwrap_or(NaiveDate::MAX)
}

fn bound(date: NaiveDate) -> Option<NaiveDate> {
    (date != NaiveDate::MIN && date != NaiveDate::MAX).then_some(date)
}

fn at(slices: &[&Slice], day: NaiveDate) -> Option<usize> {
    slices.iter().position(|slice| lo(slice.from) <= day && day < hi(slice.till))
}

/// What differs between two beliefs of one key; none where they are the same.
fn compare(table: &Table, before: &[&Slice], after: &[&Slice]) -> Option<Difference> {
    let says = |slices: &[&Slice]| -> BTreeSet<_> {
        slices.iter().map(|s| (lo(s.from), hi(s.till), s.live, s.values.clone(), s.owner.clone())).collect()
    };
    if says(before) == says(after) {
        return None;
    }
    let live = |slices: &[&Slice]| slices.iter().position(|slice| slice.live);
    let last = |slices: &[&Slice]| (0..slices.len()).max_by_key(|i| slices.get(*i).map(|slice| lo(slice.from)));
    let (was, is) = (live(before), live(after));
    // The slice that speaks for the key: its source's last word, or what is left.
    let speaks = is.or_else(|| last(after)).and_then(|i| after.get(i));
    let speaks = speaks.or_else(|| was.or_else(|| last(before)).and_then(|i| before.get(i)))?;
    let columns = if was.is_some() && is.is_some() { altered(table, before, after) } else { Vec::new() };
    let names: Vec<&str> = saying(table).collect();
    let correction = |name: &str| table.column.iter().any(|c| c.name == name && c.correction);
    let kind = match (was.and_then(|i| before.get(i)), is.and_then(|i| after.get(i))) {
        (None, Some(_)) => EventKind::New,
        (_, None) => EventKind::Ended,
        // As its event says: a change is one of what the source says, beside corrections and the period.
        (Some(was), Some(is)) => {
            let mut words = names.iter().zip(was.values.iter().zip(&is.values));
            let changed = words.any(|(name, (was, is))| was != is && !correction(name));
            if changed { EventKind::Changed } else { EventKind::Corrected }
        }
    };
    let value = |name: &str| {
        let place = names.iter().position(|known| *known == name)?;
        speaks.values.get(place).cloned().flatten()
    };
    // A key's columns may be its period's own.
    let of_period = |name: &str| if name == VALID_FROM { speaks.from } else { speaks.till };
    let key = table.key.iter().map(|name| {
        let value = value(name).or_else(|| of_period(name).map(|day| day.to_string()));
        (name.clone(), value.unwrap_or_default())
    });
    Some(Difference {
        table: table.name.clone(),
        key: key.collect(),
        owner: speaks.owner.clone(),
        kind,
        valid_from: speaks.from,
        valid_till: speaks.till,
        columns,
    })
}

/// What differs where both believe something; and the bounds of the whole, where they have moved.
fn altered(table: &Table, before: &[&Slice], after: &[&Slice]) -> Vec<Altered> {
    let mut days: Vec<NaiveDate> =
        before.iter().chain(after).flat_map(|slice| [lo(slice.from), hi(slice.till)]).collect();
    days.sort_unstable();
    days.dedup();
    let names: Vec<&str> = saying(table).collect();
    let mut out: Vec<Altered> = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let value = |slices: &[&Slice], day| {
            at(slices, day).and_then(|i| slices.get(i)).map(|slice| slice.values.get(place).cloned().flatten())
        };
        let mut open: Option<Altered> = None;
        for (from, till) in days.iter().zip(days.iter().skip(1)) {
            let (Some(old), Some(new)) = (value(before, *from), value(after, *from)) else {
                out.extend(open.take());
                continue;
            };
            match &mut open {
                _ if old == new => out.extend(open.take()),
                Some(run) if run.before == old && run.after == new => run.valid_till = bound(*till),
                _ => {
                    out.extend(open.take());
                    open = Some(Altered {
                        column: (*name).to_owned(),
                        before: old,
                        after: new,
                        valid_from: bound(*from),
                        valid_till: bound(*till),
                    });
                }
            }
        }
        out.extend(open);
        // Of no day that both speak of, and yet another: the period has moved away.
        let word =
            |slices: &[&Slice]| slices.iter().find(|slice| slice.live).and_then(|s| s.values.get(place).cloned());
        if let (Some(old), Some(new)) = (word(before), word(after))
            && old != new
            && out.last().is_none_or(|altered| altered.column != *name)
        {
            let column = (*name).to_owned();
            out.push(Altered { column, before: old, after: new, valid_from: None, valid_till: None });
        }
    }
    let begins = |slices: &[&Slice]| slices.iter().map(|slice| lo(slice.from)).min().and_then(bound);
    let ends = |slices: &[&Slice]| slices.iter().map(|slice| hi(slice.till)).max().and_then(bound);
    for (name, old, new) in [(VALID_FROM, begins(before), begins(after)), (VALID_TO, ends(before), ends(after))] {
        if old != new {
            let text = |day: Option<NaiveDate>| day.map(|day| day.to_string());
            out.push(Altered {
                column: name.to_owned(),
                before: text(old),
                after: text(new),
                valid_from: None,
                valid_till: None,
            });
        }
    }
    out
}

/// Slices by key, in the order of their periods.
fn by_key(slices: &[Slice]) -> BTreeMap<[u8; 16], Vec<&Slice>> {
    let mut out: BTreeMap<[u8; 16], Vec<&Slice>> = BTreeMap::new();
    for slice in slices {
        out.entry(slice.key).or_default().push(slice);
    }
    for slices in out.values_mut() {
        slices.sort_by_key(|slice| lo(slice.from));
    }
    out
}

async fn believed(register: &dyn Register, table: &Table, keys: &[[u8; 16]], seq: u64) -> Result<Vec<Slice>> {
    let question = Question { believed: Believed::AtSeq(seq), keys: Some(keys.to_vec()), ..question(table) };
    let mut batches = register.read(&question).await?;
    let mut out = Vec::new();
    while let Some(batch) = batches.try_next().await? {
        out.extend(slices(&batch)?);
    }
    Ok(out)
}

/// What differs in a table between two publications, of an owner's rows or of all. The register is
/// asked for a few thousand keys at a time: memory does not grow with the difference.
pub async fn differences(
    register: Arc<dyn Register>,
    table: &Table,
    owner: Option<&str>,
    from: u64,
    to: u64,
) -> Result<BoxStream<'static, Result<Difference>>> {
    let touched = register.touched_keys(&table.name, owner, from, to).await?;
    let pages = touched.map_ok(|keys| {
        stream::iter(keys.chunks(AT_ONCE).map(<[_]>::to_vec).map(Ok::<_, RegisterError>).collect::<Vec<_>>())
    });
    let table = Arc::new(table.clone());
    let compared = pages.try_flatten().and_then(move |keys: Vec<[u8; 16]>| {
        let (register, table) = (Arc::clone(&register), Arc::clone(&table));
        async move {
            let before = believed(register.as_ref(), &table, &keys, from).await?;
            let after = believed(register.as_ref(), &table, &keys, to).await?;
            let (before, after) = (by_key(&before), by_key(&after));
            let none = Vec::new();
            let mut found: Vec<Difference> = keys
                .iter()
                .filter_map(|key| compare(&table, before.get(key).unwrap_or(&none), after.get(key).unwrap_or(&none)))
                .collect();
            found.sort_by(|a, b| a.key.cmp(&b.key));
            Ok(stream::iter(found.into_iter().map(Ok)))
        }
    });
    Ok(compared.try_flatten().boxed())
}

/// A key's history: for each publication that changed it, in their order, what became another. The
/// batches are those of [`super::Ask::history`], read anew for the comparison.
pub async fn timeline(
    register: &dyn Register,
    table: &Table,
    key: &[(String, String)],
) -> Result<Vec<([u8; 16], u64, Difference)>> {
    let question = Question { believed: Believed::Ever, equal: key.to_vec(), ..question(table) };
    let mut batches = register.read(&question).await?;
    let mut all = Vec::new();
    while let Some(batch) = batches.try_next().await? {
        all.extend(slices(&batch)?);
    }
    let mut out = Vec::new();
    for (key, slices) in by_key(&all) {
        let moments: BTreeSet<i64> =
            slices.iter().flat_map(|slice| [Some(slice.first), slice.last]).flatten().collect();
        let held = |after: i64| -> Vec<&Slice> {
            slices.iter().copied().filter(|s| s.first <= after && s.last.is_none_or(|last| last > after)).collect()
        };
        for moment in moments {
            if let Some(difference) = compare(table, &held(moment - 1), &held(moment)) {
                out.push((key, moment.cast_unsigned(), difference));
            }
        }
    }
    out.sort_by_key(|(_, seq, _)| *seq);
    Ok(out)
}
