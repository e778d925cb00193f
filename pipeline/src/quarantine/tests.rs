//! What goes into quarantine comes out again, for its owner only.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringViewArray, UInt64Array};
use chrono::{DateTime, Duration, Utc};
use sluss_schemas::chunk::{Origin, ROW_ID, RowId, Unread};
use sluss_schemas::landing::Landing;

use super::*;
use crate::keys::{Delivery, Error, Kept, KeySet, KeyStore};
use crate::landing::Zone;

fn keys(home: &Path) -> KeyStore {
    let masters = KeySet::parse("master", &format!("{:0>64}", "1")).unwrap();
    KeyStore::open(home.join("keys"), Arc::new(masters))
}

fn open(home: &Path) -> (Quarantine, Zone) {
    (Quarantine::open(home.join("quarantine"), keys(home)), Zone::open(home.join("landing"), keys(home)))
}

fn now() -> DateTime<Utc> {
    "2026-11-22T02:15:00Z".parse().unwrap()
}

fn run() -> Delivery {
    Delivery::new("22", "r1").unwrap()
}

fn origin() -> Origin {
    Origin { index: 3, name: "in/avtal 19811218-9876.xlsx".to_owned(), part: Some("Blad1".to_owned()) }
}

/// Rows `from..from + count` with a text, a number and a null here and there.
fn source(from: u64, count: u64) -> RecordBatch {
    let ids = from..from + count;
    let text: StringViewArray =
        ids.clone().map(|i| (i % 5 != 0).then(|| format!("värde nummer {i}; \"\r\n"))).collect();
    let number = Int64Array::from_iter_values(ids.clone().map(|i| i64::try_from(i).unwrap()));
    let id = UInt64Array::from_iter_values(ids.map(|i| RowId::new(3, i).0));
    RecordBatch::try_from_iter_with_nullable([
        ("Avtals-id", Arc::new(text) as ArrayRef, true),
        ("Belopp", Arc::new(number), true),
        (ROW_ID, Arc::new(id), false),
    ])
    .unwrap()
}

fn reason(rule: &str) -> Reason<'_> {
    Reason { rule, column: Some("Avtals-id"), suggestion: None }
}

fn unread() -> Unread {
    Unread {
        row: RowId::new(3, 99),
        rule: "fel_antal_kolumner",
        detail: "13 i stället för 14".into(),
        raw: vec![0xff, b'x'],
    }
}

fn fill(writer: &mut QuarantineWriter, rows: u64) {
    let batch = source(1, rows);
    let rejected: Vec<_> = (0..batch.num_rows())
        .map(|row| Rejected { row, reasons: vec![reason("orgnr_luhn"), reason("kod_okand")] })
        .collect();
    writer.reject(&origin(), "avtal", &batch, &rejected).unwrap();
}

#[test]
fn rows_come_back_with_every_cell_and_reason() {
    let home = tempfile::tempdir().unwrap();
    let (quarantine, _) = open(home.path());
    let mut writer = quarantine.begin(&run(), Kept::default(), now()).unwrap();
    let batch = source(1, 6);
    let suggestion = Reason { rule: "orgnr_luhn", column: Some("Org.nr"), suggestion: Some("232100-0180") };
    let rejected = [
        Rejected { row: 4, reasons: vec![suggestion, suggestion] },
        Rejected { row: 1, reasons: vec![reason("kod_okand")] },
    ];
    let index = writer.reject(&origin(), "avtal", &batch, &rejected).unwrap();
    let expected = |row, rules: &[&str], table: Option<&str>| IndexRow {
        row: RowId::new(3, row),
        table: table.map(str::to_owned),
        rules: rules.iter().map(|r| (*r).to_owned()).collect(),
    };
    assert_eq!(index, [expected(5, &["orgnr_luhn"], Some("avtal")), expected(2, &["kod_okand"], Some("avtal"))]);
    assert_eq!(writer.unread(&origin(), &unread()).unwrap(), expected(99, &["fel_antal_kolumner"], None));
    assert!(quarantine.read(&run()).unwrap().is_none(), "nothing is there before the end");
    assert_eq!(writer.finish().unwrap().rows, 3);

    let rows: Vec<_> = quarantine.read(&run()).unwrap().unwrap().collect::<Result<_, _>>().unwrap();
    let cell = |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
    assert_eq!(rows[0].cells, [cell("Avtals-id", None), cell("Belopp", Some("5"))]);
    assert_eq!(rows[1].cells, [cell("Avtals-id", Some("värde nummer 2; \"\r\n")), cell("Belopp", Some("2"))]);
    assert_eq!(rows[0].reasons.len(), 2);
    assert_eq!(rows[0].reasons[0].suggestion.as_deref(), Some("232100-0180"));
    assert_eq!(rows[0].origin, "in/avtal [personnummer].xlsx");
    assert_eq!(rows[0].part.as_deref(), Some("Blad1"));
    assert_eq!((rows[2].raw.as_deref(), rows[2].table.as_deref()), (Some(&[0xff, b'x'][..]), None));
    assert!(!format!("{rows:?}").contains("värde"));
    let file = fs::read(home.path().join("quarantine/22/r1.rows")).unwrap();
    assert!(!String::from_utf8_lossy(&file).contains("Avtals-id"));
}

#[test]
fn a_replay_gives_each_row_once_as_a_connector_would() {
    let home = tempfile::tempdir().unwrap();
    let (quarantine, _) = open(home.path());
    let mut writer = quarantine.begin(&run(), Kept::default(), now()).unwrap();
    fill(&mut writer, 10_000);
    fill(&mut writer, 5);
    writer.unread(&origin(), &unread()).unwrap();
    writer.finish().unwrap();
    let chunks: Vec<_> =
        quarantine.replay(&run(), |row| row.row() != 7).unwrap().unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(chunks.iter().map(|c| c.rows.num_rows()).sum::<usize>(), 9_999, "row 7 is not wanted");
    let whole = source(1, 1);
    assert_eq!(chunks[0].rows.schema().field(0).name(), whole.schema().field(0).name());
    assert_eq!(chunks[0].rows.column(1).as_string_view().value(0), "1");
    assert_eq!(chunks[0].origin.index, 3);
    assert!(chunks.iter().all(|c| c.unread.is_empty()));
    let only: Vec<_> =
        quarantine.replay(&run(), |row| row.row() == 99).unwrap().unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(only.len(), 1);
}

#[test]
fn unread_rows_are_replayed_with_their_bytes() {
    let home = tempfile::tempdir().unwrap();
    let (quarantine, _) = open(home.path());
    let mut writer = quarantine.begin(&run(), Kept::default(), now()).unwrap();
    fill(&mut writer, 2);
    writer.unread(&origin(), &unread()).unwrap();
    writer.finish().unwrap();
    let chunks: Vec<_> = quarantine.replay(&run(), |_| true).unwrap().unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(chunks.len(), 2);
    assert_eq!(chunks[1].unread[0].raw, [0xff, b'x']);
}

#[test]
fn dropping_rows_destroys_them_and_dropping_all_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let (quarantine, zone) = open(home.path());
    let mut writer = quarantine.begin(&run(), Kept::default(), now()).unwrap();
    fill(&mut writer, 100);
    writer.finish().unwrap();
    assert_eq!(quarantine.drop_rows(&run(), |row| row.row() <= 90).unwrap(), 10);
    let left: Vec<_> = quarantine.read(&run()).unwrap().unwrap().map(|row| row.unwrap().row.row()).collect();
    assert_eq!(left, (91..=100).collect::<Vec<_>>());
    assert!(!quarantine.release(&run(), &zone).unwrap());
    assert_eq!(quarantine.drop_rows(&run(), |_| true).unwrap(), 0);
    assert!(quarantine.read(&run()).unwrap().is_none());
    assert!(quarantine.release(&run(), &zone).unwrap());
    assert!(matches!(keys(home.path()).get(&run()), Err(Error::Erased { .. })));
    assert!(fs::read_dir(home.path().join("quarantine/22")).unwrap().next().is_none());
}

#[test]
fn a_writer_that_breaks_off_or_gets_no_rows_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let (quarantine, _) = open(home.path());
    let mut writer = quarantine.begin(&run(), Kept::default(), now()).unwrap();
    fill(&mut writer, 5000);
    drop(writer);
    assert!(fs::read_dir(home.path().join("quarantine/22")).unwrap().next().is_none());
    assert_eq!(quarantine.begin(&run(), Kept::default(), now()).unwrap().finish().unwrap(), Sealed::default());
    assert!(quarantine.read(&run()).unwrap().is_none());
}

#[test]
fn changed_and_erased_quarantine_is_told_as_such() {
    let home = tempfile::tempdir().unwrap();
    let (quarantine, zone) = open(home.path());
    let mut writer = quarantine.begin(&run(), Kept::default(), now()).unwrap();
    fill(&mut writer, 5000);
    writer.finish().unwrap();
    let path = home.path().join("quarantine/22/r1.rows");
    let whole = fs::read(&path).unwrap();
    let failure = || match quarantine.read(&run()) {
        Err(error) => Some(error),
        Ok(rows) => rows.unwrap().find_map(Result::err),
    };
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    fs::write(&path, changed).unwrap();
    assert!(matches!(failure(), Some(Error::Altered { .. })), "{:?}", failure());
    fs::write(&path, &whole[..40 + 65_552]).unwrap();
    assert!(matches!(failure(), Some(Error::Truncated { .. })), "{:?}", failure());
    fs::write(&path, &whole).unwrap();
    assert!(failure().is_none());
    zone.erase(&run()).unwrap();
    assert!(matches!(quarantine.read(&run()), Err(Error::Erased { .. })));
}

#[test]
fn sweeping_ends_both_and_the_key() {
    let home = tempfile::tempdir().unwrap();
    let (quarantine, zone) = open(home.path());
    let kept =
        Kept { landing_until: Some(now() + Duration::days(30)), quarantine_until: Some(now() + Duration::days(90)) };
    let incoming = zone.begin(&run(), kept, now()).unwrap();
    let mut file = incoming.begin(&origin()).unwrap();
    file.write(b"rader").unwrap();
    file.finish().unwrap();
    let mut writer = quarantine.begin(&run(), kept, now()).unwrap();
    fill(&mut writer, 3);
    writer.finish().unwrap();
    let sweep = |days: i64, live: &BTreeSet<String>| {
        let at = now() + Duration::days(days);
        let looked = quarantine.sweep(at, live, &zone, true).unwrap();
        let objects = zone.sweep(at, live, false).unwrap().objects;
        let swept = quarantine.sweep(at, live, &zone, false).unwrap();
        assert_eq!(looked, swept);
        (objects, swept.expired.len())
    };
    let none = BTreeSet::new();
    assert_eq!(sweep(29, &none), (0, 0));
    assert_eq!(sweep(30, &none), (1, 0));
    assert!(quarantine.read(&run()).unwrap().is_some());
    assert_eq!(sweep(90, &none), (0, 1));
    assert!(keys(home.path()).deliveries().unwrap().is_empty());
    // A run that has begun and written nothing yet keeps its key.
    zone.begin(&run(), kept, now()).unwrap();
    assert_eq!(sweep(0, &BTreeSet::from(["r1".to_owned()])), (0, 0));
    assert_eq!(keys(home.path()).deliveries().unwrap().len(), 1);
    assert_eq!(sweep(0, &none), (0, 0));
    assert!(keys(home.path()).deliveries().unwrap().is_empty());
}

/// Prints what a rejected row costs.
#[test]
#[ignore = "a measurement"]
fn what_quarantine_costs() {
    let home = tempfile::tempdir().unwrap();
    let (quarantine, _) = open(home.path());
    let columns = 14;
    let cells: StringViewArray = (0..8192).map(|i| Some(format!("värde {i}"))).collect();
    let cells = Arc::new(cells) as ArrayRef;
    let mut fields: Vec<(String, ArrayRef)> =
        (0..columns).map(|i| (format!("kolumn_{i}"), Arc::clone(&cells))).collect();
    fields.push((ROW_ID.to_owned(), Arc::new(UInt64Array::from_iter_values(0..8192))));
    let batch = RecordBatch::try_from_iter(fields).unwrap();
    let rejected: Vec<_> = (0..8192).map(|row| Rejected { row, reasons: vec![reason("kod_okand")] }).collect();
    let start = std::time::Instant::now();
    let mut writer = quarantine.begin(&run(), Kept::default(), now()).unwrap();
    for _ in 0..20 {
        writer.reject(&origin(), "avtal", &batch, &rejected).unwrap();
    }
    let rows = u32::try_from(writer.rows()).unwrap();
    writer.finish().unwrap();
    let each = start.elapsed().as_secs_f64() / f64::from(rows) * 1e6;
    println!("{each:.2} µs per rejected row of {columns} columns");
    let start = std::time::Instant::now();
    let count = quarantine.read(&run()).unwrap().unwrap().flatten().count();
    println!("{:.2} µs to read one back ({count})", start.elapsed().as_secs_f64() / f64::from(rows) * 1e6);
}
