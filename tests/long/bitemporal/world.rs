//! The register that is asked: tables of four kinds, batches for it, and its answers read as days.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

use arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, FixedSizeBinaryArray, Int64Array, RecordBatch, StringViewArray, UInt64Array,
};
use arrow::datatypes::{DataType, Date32Type, Field, Int64Type, Schema, TimestampMicrosecondType};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures::TryStreamExt;
use sluss_pipeline::register::{Believed, Question, Register};
use sluss_schemas::clock::Clock;
use sluss_schemas::table::Table;

use super::model::{Bounds, DAYS, Day, Row, Seen, Values};

/// A clock that the test moves, also backwards.
pub(super) struct Hands(pub(super) Mutex<DateTime<Utc>>);

impl Clock for Hands {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// A table: which ends of its valid time it has of its own, and whether its rows name their owner.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) bounds: Bounds,
    pub(super) owned: bool,
}

pub(super) const KINDS: [Kind; 4] = [
    Kind { name: "prov_period", bounds: Bounds { from: true, till: true }, owned: true },
    Kind { name: "prov_utan", bounds: Bounds { from: false, till: false }, owned: false },
    Kind { name: "prov_fran", bounds: Bounds { from: true, till: false }, owned: false },
    Kind { name: "prov_till", bounds: Bounds { from: false, till: true }, owned: true },
];

impl Kind {
    fn columns(&self) -> Vec<(&'static str, DataType)> {
        let mut columns = vec![("agare", DataType::Utf8View), ("id", DataType::Utf8View), ("text", DataType::Utf8View)];
        columns.extend([("antal", DataType::Int64), ("diarienummer", DataType::Utf8View)]);
        columns.extend(self.bounds.from.then_some(("giltig_fran", DataType::Date32)));
        columns.extend(self.bounds.till.then_some(("giltig_till", DataType::Date32)));
        columns
    }

    pub(super) fn table(&self) -> Table {
        let owner = if self.owned { "owner = \"agare\"\n" } else { "" };
        let mut text =
            format!("name = {0:?}\nversion = \"1.0\"\nmeaning = \"prov\"\nkey = [\"id\"]\n{owner}", self.name);
        for (name, kind) in self.columns() {
            let kind = match kind {
                DataType::Int64 => "integer",
                DataType::Date32 => "date",
                _ => "text",
            };
            let more = match name {
                "diarienummer" => "correction = true\n",
                "id" => "required = true\n",
                _ => "",
            };
            let _ = write!(text, "[[column]]\nname = {name:?}\ntype = {kind:?}\nmeaning = {name:?}\n{more}");
        }
        toml::from_str(&text).unwrap()
    }

    /// Rows as they are staged.
    pub(super) fn batch(&self, owner: &str, rows: &[(String, Row)]) -> RecordBatch {
        let text = |of: &dyn Fn(&(String, Row)) -> Option<String>| -> ArrayRef {
            Arc::new(rows.iter().map(of).collect::<StringViewArray>())
        };
        let date = |of: fn(&Row) -> Option<Day>| -> ArrayRef {
            let days = rows.iter().map(|(_, row)| of(row).map(|day| date(day).to_epoch_days()));
            Arc::new(days.collect::<Date32Array>())
        };
        let mut fields: Vec<Field> =
            self.columns().into_iter().map(|(name, kind)| Field::new(name, kind, name != "id")).collect();
        let mut columns = vec![
            text(&|_| Some(owner.to_owned())),
            text(&|(id, _)| Some(id.clone())),
            text(&|(_, row)| row.values.text.map(str::to_owned)),
            Arc::new(rows.iter().map(|(_, row)| row.values.number).collect::<Int64Array>()),
            text(&|(_, row)| row.values.corrected.map(str::to_owned)),
        ];
        columns.extend(self.bounds.from.then(|| date(|row| row.from)));
        columns.extend(self.bounds.till.then(|| date(|row| row.till)));
        fields.push(Field::new("_nyckel", DataType::FixedSizeBinary(16), false));
        columns.push(Arc::new(FixedSizeBinaryArray::try_from_iter(rows.iter().map(|(id, _)| key(id))).unwrap()));
        fields.push(Field::new("_innehall", DataType::Int64, false));
        columns.push(Arc::new(rows.iter().map(|(_, row)| Some(content(row))).collect::<Int64Array>()));
        fields.push(Field::new("_rad", DataType::UInt64, false));
        columns.push(Arc::new((1..).take(rows.len()).map(Some).collect::<UInt64Array>()));
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
    }
}

fn hash(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

pub(super) fn key(id: &str) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&hash(id).to_be_bytes());
    key[8..].copy_from_slice(&hash((id, 1)).to_be_bytes());
    key
}

pub(super) fn content(row: &Row) -> i64 {
    hash(row).cast_signed()
}

/// A day as the calendar has it.
pub(super) fn date(day: Day) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + TimeDelta::days(i64::try_from(day).unwrap())
}

/// One slice of an answer.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    pub(super) id: String,
    pub(super) values: (Option<String>, Option<i64>, Option<String>),
    pub(super) from: Day,
    pub(super) till: Day,
    pub(super) live: bool,
    stale: bool,
    /// First publication and instant of its being believed, and the last ones.
    pub(super) began: (i64, i64),
    pub(super) ended: Option<(i64, i64)>,
}

/// What the register answers about these keys.
pub(super) async fn ask(
    register: &dyn Register,
    table: &str,
    keys: &[[u8; 16]],
    believed: Believed,
    valid_on: Option<Day>,
) -> Vec<Slice> {
    let columns = ["id", "text", "antal", "diarienummer", "giltig_fran", "giltig_till", "_aktuell", "_inaktuell"];
    let own = ["reg_fran", "reg_till", "_seq_fran", "_seq_till"];
    let question = Question {
        table: table.to_owned(),
        columns: Some(columns.iter().chain(&own).map(|&name| name.to_owned()).collect()),
        believed,
        valid_on: valid_on.map(date),
        keys: Some(keys.to_vec()),
        ..Question::default()
    };
    let batches: Vec<RecordBatch> = register.read(&question).await.unwrap().try_collect().await.unwrap();
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(|row| slice(batch, row))).collect()
}

fn slice(batch: &RecordBatch, row: usize) -> Slice {
    let there = |column: usize| !batch.column(column).is_null(row);
    let text = |c: usize| there(c).then(|| batch.column(c).as_string_view().value(row).to_owned());
    let number = |c: usize| there(c).then(|| batch.column(c).as_primitive::<Int64Type>().value(row));
    let instant = |c: usize| there(c).then(|| batch.column(c).as_primitive::<TimestampMicrosecondType>().value(row));
    let day = |c: usize| {
        there(c).then(|| {
            let days = batch.column(c).as_primitive::<Date32Type>().value(row) - date(0).to_epoch_days();
            usize::try_from(days).unwrap()
        })
    };
    assert_eq!(instant(9).is_some(), number(11).is_some(), "the ends of recorded time disagree");
    Slice {
        id: text(0).unwrap(),
        values: (text(1), number(2), text(3)),
        from: day(4).unwrap_or(0),
        till: day(5).unwrap_or(DAYS),
        live: batch.column(6).as_boolean().value(row),
        stale: batch.column(7).as_boolean().value(row),
        began: (number(10).unwrap(), instant(8).unwrap()),
        ended: number(11).zip(instant(9)),
    }
}

/// Slices as days, by key. No day is claimed twice, and one slice at most is the source's last word.
pub(super) fn days(slices: &[Slice], when: &str) -> BTreeMap<String, Seen> {
    let mut all: BTreeMap<String, Seen> = BTreeMap::new();
    for slice in slices {
        let seen = all.entry(slice.id.clone()).or_insert_with(|| Seen { days: vec![None; DAYS], ..Seen::default() });
        for day in &mut seen.days[slice.from..slice.till] {
            assert!(day.is_none(), "{when}: {} is believed twice of one day", slice.id);
            *day = Some(values(slice));
        }
        if slice.live {
            assert!(seen.live.is_none(), "{when}: {} has two last words", slice.id);
            seen.live = Some((slice.from, slice.till));
            seen.stale = slice.stale;
        }
    }
    all
}

pub(super) const TEXTS: [&str; 3] = ["a", "b", "c"];

pub(super) fn values(slice: &Slice) -> Values {
    let known =
        |text: &Option<String>| text.as_ref().map(|t| *TEXTS.iter().find(|known| **known == t.as_str()).unwrap());
    Values { text: known(&slice.values.0), number: slice.values.1, corrected: known(&slice.values.2) }
}
