//! The landing zone's promises, on a real folder.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use sluss_schemas::chunk::Origin;
use sluss_schemas::landing::Landing;

use super::*;
use crate::keys::{Delivery, Error, Kept, KeySet, KeyStore};

struct Place {
    home: tempfile::TempDir,
    zone: Zone,
}

fn store(home: &Path, master: &str) -> KeyStore {
    let masters = Arc::new(KeySet::parse("master", master).unwrap());
    KeyStore::open(home.join("keys"), masters)
}

fn master(byte: u8) -> String {
    format!("{:0>64}", format!("{byte:x}"))
}

fn place() -> Place {
    let home = tempfile::tempdir().unwrap();
    let zone = Zone::open(home.path().join("landing"), store(home.path(), &master(1)));
    Place { home, zone }
}

fn now() -> DateTime<Utc> {
    "2026-11-22T02:15:00Z".parse().unwrap()
}

fn delivery(run: &str) -> Delivery {
    Delivery::new("22", run).unwrap()
}

fn origin(index: u32, name: &str) -> Origin {
    Origin { index, name: name.to_owned(), part: None }
}

fn land(incoming: &Incoming, index: u32, name: &str, bytes: &[u8]) {
    let mut writer = incoming.begin(&origin(index, name)).unwrap();
    writer.write(bytes).unwrap();
    writer.finish().unwrap();
}

fn read(zone: &Zone, delivery: &Delivery, content: ContentId) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    match zone.read(delivery, content)?.read_to_end(&mut out) {
        Ok(_) => Ok(out),
        Err(e) => Err(*e.into_inner().unwrap().downcast().unwrap()),
    }
}

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { out.extend(all_files(&path)) } else { out.push(path) }
    }
    out
}

#[test]
fn bytes_come_back_and_lie_encrypted() {
    let place = place();
    let incoming = place.zone.begin(&delivery("r1"), Kept::default(), now()).unwrap();
    let text = "avtals_id;orgnr\nSN143-2012;232100-0206\n".repeat(5000);
    land(&incoming, 0, "in/avtal.csv", text.as_bytes());
    let objects = incoming.objects();
    assert_eq!(objects.len(), 1);
    assert_eq!((objects[0].name.as_str(), objects[0].bytes), ("in/avtal.csv", u64::try_from(text.len()).unwrap()));
    assert_eq!(read(&place.zone, &delivery("r1"), objects[0].content).unwrap(), text.as_bytes());
    assert_eq!(place.zone.objects(&delivery("r1")).unwrap(), [objects[0].content]);
    for path in all_files(place.home.path()) {
        let bytes = fs::read(path).unwrap();
        assert!(!bytes.windows(10).any(|w| w == b"SN143-2012"));
    }
    // The address is the one that everybody computes.
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    land(&incoming, 1, "tom.csv", b"");
    assert_eq!(incoming.objects()[1].content.to_string(), empty);
    assert_eq!(read(&place.zone, &delivery("r1"), empty.parse().unwrap()).unwrap(), b"");
}

#[test]
fn a_content_is_kept_once_in_a_delivery_and_apart_between_deliveries() {
    let place = place();
    let (one, two) = (delivery("r1"), delivery("r2"));
    let first = place.zone.begin(&one, Kept::default(), now()).unwrap();
    land(&first, 0, "a.csv", b"samma");
    land(&first, 1, "b.csv", b"samma");
    assert_eq!(first.objects().len(), 2);
    assert_eq!(place.zone.objects(&one).unwrap().len(), 1);

    let second = place.zone.begin(&two, Kept::default(), now()).unwrap();
    land(&second, 0, "a.csv", b"samma");
    let content = second.objects()[0].content;
    assert_eq!(place.zone.copies("22", content).unwrap(), [one.clone(), two.clone()]);
    place.zone.erase(&one).unwrap();
    assert_eq!(read(&place.zone, &two, content).unwrap(), b"samma");
    assert_eq!(place.zone.copies("22", content).unwrap(), [two]);
}

#[test]
fn an_erased_delivery_cannot_be_read_even_from_a_copy() {
    let place = place();
    let gone = delivery("r1");
    let incoming = place.zone.begin(&gone, Kept::default(), now()).unwrap();
    land(&incoming, 0, "a.csv", b"hemligt avtal");
    let content = incoming.objects()[0].content;
    let landing = place.home.path().join("landing");
    let copies: Vec<_> = all_files(&landing).into_iter().map(|p| (p.clone(), fs::read(p).unwrap())).collect();
    assert_eq!(place.zone.erase(&gone).unwrap(), 1);
    assert!(all_files(&landing).is_empty());
    for (path, bytes) in copies {
        fs::write(path, bytes).unwrap();
    }
    assert!(matches!(read(&place.zone, &gone, content), Err(Error::Erased { .. })));
    // Not even a new key of the same name opens it.
    place.zone.begin(&gone, Kept::default(), now()).unwrap();
    assert!(matches!(read(&place.zone, &gone, content), Err(Error::Altered { .. })));
}

#[test]
fn a_writer_dropped_midway_leaves_nothing() {
    let place = place();
    let incoming = place.zone.begin(&delivery("r1"), Kept::default(), now()).unwrap();
    let mut writer = incoming.begin(&origin(0, "a.csv")).unwrap();
    writer.write(&vec![7; 300_000]).unwrap();
    assert_eq!(all_files(&place.home.path().join("landing")).len(), 1);
    drop(writer);
    assert!(all_files(&place.home.path().join("landing")).is_empty());
    assert!(incoming.objects().is_empty());
}

#[test]
fn changed_cut_and_misplaced_objects_are_refused() {
    let place = place();
    let run = delivery("r1");
    let incoming = place.zone.begin(&run, Kept::default(), now()).unwrap();
    land(&incoming, 0, "a.csv", &vec![1; 200_000]);
    land(&incoming, 1, "b.csv", b"en annan fil");
    let (a, b) = (incoming.objects()[0].content, incoming.objects()[1].content);
    let path = |c: ContentId| place.home.path().join(format!("landing/22/{:02x}/{c}.r1", c.0[0]));
    let whole = fs::read(path(a)).unwrap();

    fs::write(path(a), &whole[..40 + 65_552]).unwrap();
    assert!(matches!(read(&place.zone, &run, a), Err(Error::Truncated { whole: 1 })));
    let mut changed = whole.clone();
    changed[70_000] ^= 1;
    fs::write(path(a), &changed).unwrap();
    assert!(matches!(read(&place.zone, &run, a), Err(Error::Altered { frame: 1 })));
    fs::copy(path(b), path(a)).unwrap();
    assert!(matches!(read(&place.zone, &run, a), Err(Error::Misplaced)));
    fs::write(path(a), whole).unwrap();
    assert_eq!(read(&place.zone, &run, a).unwrap(), vec![1; 200_000]);

    let wrong = Zone::open(place.home.path().join("landing"), store(place.home.path(), &master(2)));
    assert!(matches!(read(&wrong, &run, a), Err(Error::Unwrap { .. })));
}

#[test]
fn rotation_leaves_objects_alone_and_readable() {
    let place = place();
    let run = delivery("r1");
    let incoming = place.zone.begin(&run, Kept::default(), now()).unwrap();
    land(&incoming, 0, "a.csv", b"hej");
    let content = incoming.objects()[0].content;
    let before = fs::read(&all_files(&place.home.path().join("landing"))[0]).unwrap();
    let both = format!("1:{} 2:{}", master(1), master(2));
    assert_eq!(store(place.home.path(), &both).rotate().unwrap().rewrapped, 1);
    let new = Zone::open(place.home.path().join("landing"), store(place.home.path(), &format!("2:{}", master(2))));
    assert_eq!(read(&new, &run, content).unwrap(), b"hej");
    assert_eq!(fs::read(&all_files(&place.home.path().join("landing"))[0]).unwrap(), before);
}

#[test]
fn personal_numbers_in_file_names_are_masked() {
    let place = place();
    let incoming = place.zone.begin(&delivery("r1"), Kept::default(), now()).unwrap();
    // A number that authorities use as an example.
    land(&incoming, 0, "avtal 19811218-9876.csv", b"x");
    assert_eq!(incoming.objects()[0].name, "avtal [personnummer].csv");
}

#[test]
fn the_input_digest_tells_the_same_input_and_nothing_else() {
    let digest = |files: &[(&str, &[u8])]| {
        let place = place();
        let incoming = place.zone.begin(&delivery("r1"), Kept::default(), now()).unwrap();
        for (i, (name, bytes)) in files.iter().enumerate() {
            land(&incoming, u32::try_from(i).unwrap(), name, bytes);
        }
        incoming.input_digest()
    };
    let two: [(&str, &[u8]); 2] = [("a", b"1"), ("b", b"2")];
    let turned = [two[1], two[0]];
    assert_eq!(digest(&two), digest(&turned));
    for other in [&[("a", &b"2"[..]), ("b", b"1")][..], &[("a", b"1")], &[("a", b"1"), ("b", b"2"), ("c", b"2")], &[]] {
        assert_ne!(digest(&two), digest(other));
    }
}

#[test]
fn a_sweep_removes_what_has_expired_and_what_nobody_finishes() {
    let place = place();
    let until = now() + chrono::Duration::days(30);
    let short = Kept { landing_until: Some(until), quarantine_until: None };
    for (run, kept) in [("short", short), ("long", Kept::default()), ("lost", Kept::default())] {
        land(&place.zone.begin(&delivery(run), kept, now()).unwrap(), 0, "a.csv", run.as_bytes());
    }
    fs::remove_file(place.home.path().join("keys/22/lost.key")).unwrap();
    let partial = |run: &str| fs::write(place.home.path().join(format!("landing/22/.{run}.0a.part")), "x").unwrap();
    partial("dead");
    partial("alive");
    let live = BTreeSet::from(["alive".to_owned()]);

    // Looking removes nothing.
    let looked = place.zone.sweep(until, &live, true).unwrap();
    assert_eq!((looked.objects, looked.unfinished, looked.expired.len()), (2, 1, 1));
    let swept = place.zone.sweep(until - chrono::Duration::seconds(1), &live, false).unwrap();
    assert_eq!((swept.objects, swept.unfinished, swept.expired.len()), (1, 1, 0));
    let swept = place.zone.sweep(until, &live, false).unwrap();
    assert_eq!((swept.objects, swept.unfinished), (1, 0));
    assert_eq!(swept.expired, [delivery("short")]);
    let names: Vec<_> = all_files(&place.home.path().join("landing"));
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(place.zone.objects(&delivery("long")).unwrap().len(), 1);
    assert_eq!(place.zone.sweep(until, &live, false).unwrap(), Swept::default());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn any_bytes_in_any_pieces_come_back(
        bytes in proptest::collection::vec(any::<u8>(), 0..200_000),
        piece in 1_usize..100_000,
    ) {
        let place = place();
        let incoming = place.zone.begin(&delivery("r1"), Kept::default(), now()).unwrap();
        let mut writer = incoming.begin(&origin(0, "a")).unwrap();
        for piece in bytes.chunks(piece) {
            writer.write(piece).unwrap();
        }
        writer.finish().unwrap();
        prop_assert_eq!(read(&place.zone, &delivery("r1"), incoming.objects()[0].content).unwrap(), bytes);
    }
}

/// Prints what landing costs; `--release --run-ignored all --no-capture` for figures that mean something.
#[test]
#[ignore = "a measurement"]
fn what_landing_costs() {
    let place = place();
    let run = delivery("r1");
    let bytes: Vec<u8> = (0..64_u32 << 20).map(|i| i.to_le_bytes()[usize::from(i % 3 == 0)]).collect();
    let incoming = place.zone.begin(&run, Kept::default(), now()).unwrap();
    let report = |what: &str, seconds: f64| {
        let megabytes = f64::from(u32::try_from(bytes.len()).unwrap()) / 1e6;
        println!("{what}: {:.0} MB/s, {:.3} µs per 117 bytes", megabytes / seconds, seconds / megabytes * 117.0);
    };
    for round in 0..3 {
        let start = std::time::Instant::now();
        let mut writer = incoming.begin(&origin(round, "a")).unwrap();
        for piece in bytes.chunks(1 << 20) {
            writer.write(piece).unwrap();
        }
        report("hash, encrypt, write", start.elapsed().as_secs_f64());
        writer.finish().unwrap();
        report("… and reach the disk", start.elapsed().as_secs_f64());
    }
    let start = std::time::Instant::now();
    let mut reader = place.zone.read(&run, incoming.objects()[0].content).unwrap();
    std::io::copy(&mut reader, &mut std::io::sink()).unwrap();
    report("read, decrypt, verify", start.elapsed().as_secs_f64());
}
