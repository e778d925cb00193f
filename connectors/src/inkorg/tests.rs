//! The connector `inkorg`: what has arrived, what is known again, and where files go.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::AsArray;
use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use sluss_schemas::chunk::{Chunk, Cursor};
use sluss_schemas::landing::NoLanding;

use crate::compliance::{Case, Kept, check};
use crate::connect::{Ended, Source};
use crate::error::{Actor, Result};
use crate::registry;
use crate::testing::io;

/// A job's folder with an empty `in`.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("in")).unwrap();
    dir
}

fn put(base: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = base.join("in").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn age(base: &Path, name: &str, seconds: u64) {
    let file = File::options().write(true).open(base.join("in").join(name)).unwrap();
    let written = file.metadata().unwrap().modified().unwrap();
    file.set_modified(written - Duration::from_secs(seconds)).unwrap();
}

/// Options that do not wait.
fn options(arrival: Value) -> Value {
    let mut arrival = arrival;
    if arrival.get("marker").is_none() && arrival.get("stable_seconds").is_none() {
        arrival["stable_seconds"] = json!(0);
    }
    json!({ "folder": "in", "pattern": "*.csv", "format": "csv", "arrival": arrival })
}

fn open(base: &Path, options: Value) -> Box<dyn Source> {
    registry::open("inkorg", options, &io(base, 100)).unwrap()
}

async fn read(source: &dyn Source, after: Option<Cursor>) -> Result<Vec<Chunk>> {
    source.read(after, Arc::new(NoLanding)).try_collect().await
}

/// One run that publishes: rows of the first column, and the cursor after it.
async fn run(base: &Path, arrival: Value, cursor: &mut Option<Cursor>) -> Vec<String> {
    let source = open(base, options(arrival));
    let chunks = read(source.as_ref(), cursor.clone()).await.unwrap();
    if let Some(last) = chunks.last() {
        cursor.clone_from(&last.cursor);
    }
    if let Some(cursor) = cursor {
        source.ended(Ended::Published(cursor)).await.unwrap();
    }
    values(&chunks)
}

fn values(chunks: &[Chunk]) -> Vec<String> {
    let texts = chunks.iter().flat_map(|chunk| chunk.rows.column(0).as_string_view().iter());
    texts.map(|text| text.unwrap_or("~").to_owned()).collect()
}

fn names(base: &Path, folder: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(base.join("in").join(folder)) else { return Vec::new() };
    let files = entries.flatten().filter(|entry| entry.file_type().unwrap().is_file());
    let mut names: Vec<_> = files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suite() {
    let dir = folder();
    let rows = |from: usize| (from..from + 4000).map(|i| format!("{i};åäö {i}\n")).collect::<Vec<_>>().concat();
    let files = [("a.csv", format!("id;namn\n{}", rows(0))), ("b.csv", format!("id;namn\n{}kort\n", rows(9000)))];
    for (name, text) in &files {
        put(dir.path(), &[(name, text), (&format!("{name}.klar"), "")]);
    }
    put(dir.path(), &[("c.csv", "id;namn\n1;2\n"), ("d.csv.part", "id;na")]);
    let landed = files.into_iter().map(|(name, text)| (format!("in/{name}"), text.into_bytes()));
    let working = options(json!({ "marker": "*.klar", "done": "klart", "failed": "fel" }));
    let with = |name: &str, value: Value| {
        let mut options = working.clone();
        options[name] = value;
        options
    };
    let case = Case {
        connector: "inkorg",
        options: working.clone(),
        io: io(dir.path(), 50),
        rows: 8000,
        unread: 1,
        landed: Some(landed.collect::<BTreeMap<_, _>>()),
        secrets: vec![],
        broken: vec![
            (with("folder", json!("finns-inte")), Actor::Configuration),
            (with("folder", json!("./")), Actor::Configuration),
            (with("arrival", json!({ "marker": "klar" })), Actor::Configuration),
            (with("arrival", json!({ "done": "./" })), Actor::Configuration),
            (with("arrival", json!({ "done": "x/", "failed": "x" })), Actor::Configuration),
        ],
    };
    check(&case).await;
    assert_eq!(names(dir.path(), "").len(), 6, "reading moves nothing");
    assert!(names(dir.path(), "klart").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_read_when_its_marker_is_there() {
    let dir = folder();
    let marker = json!({ "marker": ".ok", "done": "klart" });
    put(dir.path(), &[("a.csv", "x\n1\n"), ("b.csv", "x\n2\n"), ("b.ok", "")]);
    let mut cursor = None;
    assert_eq!(run(dir.path(), marker.clone(), &mut cursor).await, ["2"]);
    assert_eq!(names(dir.path(), "klart"), ["b.csv", "b.ok"]);
    put(dir.path(), &[("a.csv.ok", "")]);
    assert_eq!(run(dir.path(), marker.clone(), &mut cursor).await, ["1"]);
    assert_eq!(names(dir.path(), "klart"), ["a.csv", "a.csv.ok", "b.csv", "b.ok"]);
    // A marker that was left from an earlier file of the name says nothing of this one.
    put(dir.path(), &[("a.csv.ok", ""), ("a.csv", "x\n3\n")]);
    age(dir.path(), "a.csv.ok", 60);
    assert!(run(dir.path(), marker, &mut cursor).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_grows_between_two_looks_is_left_for_later() {
    let dir = folder();
    put(dir.path(), &[("klar.csv", "x\n1\n"), ("halv.csv", "x\n2")]);
    let growing = dir.path().join("in/halv.csv");
    let writer = tokio::spawn(async move {
        for _ in 0..30 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            File::options().append(true).open(&growing).unwrap().write_all(b"2").unwrap();
        }
    });
    let mut cursor = None;
    assert_eq!(run(dir.path(), json!({ "stable_seconds": 1 }), &mut cursor).await, ["1"]);
    writer.abort();
    let _ = writer.await;
    // Whole now; the other file is not waited for again.
    let rows = run(dir.path(), json!({ "stable_seconds": 1 }), &mut cursor).await;
    assert!(rows.len() == 1 && rows[0].starts_with("22"), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_somebody_has_open_for_writing_is_left_for_later() {
    if !Path::new("/proc/self/fdinfo").is_dir() {
        println!("skipped: this system does not tell which files are open");
        return;
    }
    let dir = folder();
    put(dir.path(), &[("a.csv", "x\n1\n"), ("b.csv", "x\n2\n")]);
    let open = File::options().append(true).open(dir.path().join("in/b.csv")).unwrap();
    let mut cursor = None;
    assert_eq!(run(dir.path(), json!({}), &mut cursor).await, ["1"]);
    drop(open);
    assert_eq!(run(dir.path(), json!({}), &mut cursor).await, ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_under_way_hidden_files_and_what_was_put_away_are_no_deliveries() {
    let dir = folder();
    put(
        dir.path(),
        &[("a.csv", "x\n1\n"), ("b.csv.part", "x\n"), ("c.tmp", "x\n"), (".d.csv", "x\n"), ("~$e.csv", "")],
    );
    put(dir.path(), &[("klart/f.csv", "x\n2\n"), ("fel/g.csv", "x\n3\n"), ("under/h.csv", "x\n4\n")]);
    let mut all = options(json!({ "done": "klart", "failed": "fel" }));
    all["pattern"] = json!("**/*");
    let source = open(dir.path(), all);
    assert_eq!(values(&read(source.as_ref(), None).await.unwrap()), ["1", "4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_read_by_name_or_by_time() {
    let dir = folder();
    put(dir.path(), &[("a.csv", "x\na\n"), ("b.csv", "x\nb\n"), ("c.csv", "x\nc\n")]);
    age(dir.path(), "b.csv", 100);
    age(dir.path(), "a.csv", 50);
    assert_eq!(run(dir.path(), json!({}), &mut None).await, ["a", "b", "c"]);
    assert_eq!(run(dir.path(), json!({ "order": "time" }), &mut None).await, ["b", "a", "c"]);
    assert_eq!(run(dir.path(), json!({ "take": "latest" }), &mut None).await, ["c"]);
    age(dir.path(), "c.csv", 200);
    assert_eq!(run(dir.path(), json!({ "take": "latest", "order": "time" }), &mut None).await, ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_comes_again_gives_no_rows() {
    let dir = folder();
    put(dir.path(), &[("a.csv", "x\n1\n"), ("igen.csv", "x\n1\n")]);
    let mut cursor = None;
    // The second file of the same content is a copy of the first.
    assert_eq!(run(dir.path(), json!({ "done": "klart" }), &mut cursor).await, ["1"]);
    assert_eq!(names(dir.path(), "klart"), ["a.csv", "igen.csv"]);
    put(dir.path(), &[("a.csv", "x\n1\n"), ("b.csv", "x\n2\n")]);
    assert_eq!(run(dir.path(), json!({ "done": "klart" }), &mut cursor).await, ["2"]);
    // A name that is taken is no reason to lose a file.
    let away = names(dir.path(), "klart");
    assert_eq!((away.len(), names(dir.path(), "").len()), (4, 0), "{away:?}");
    assert!(away.iter().any(|name| name.starts_with("a.") && name.len() > "a.csv".len()));
    // Without folders to move to they stay, and are known as they are.
    put(dir.path(), &[("c.csv", "x\n3\n"), ("d.csv", "x\n1\n")]);
    assert_eq!(run(dir.path(), json!({}), &mut cursor).await, ["3"]);
    assert!(run(dir.path(), json!({}), &mut cursor).await.is_empty());
    // What is written anew under a known name is new.
    put(dir.path(), &[("c.csv", "x\n4\n")]);
    assert_eq!(run(dir.path(), json!({}), &mut cursor).await, ["4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_each_file_is_a_whole_the_last_one_counts() {
    let dir = folder();
    let arrival = json!({ "take": "latest", "done": "klart" });
    put(dir.path(), &[("1.csv", "x\nold\n"), ("2.csv", "x\nnew\n")]);
    let mut cursor = None;
    assert_eq!(run(dir.path(), arrival.clone(), &mut cursor).await, ["new"]);
    assert_eq!(names(dir.path(), "klart"), ["1.csv", "2.csv"], "what was replaced is put away with it");
    // The same again is nothing new, but what was before it may come back.
    put(dir.path(), &[("3.csv", "x\nnew\n")]);
    assert!(run(dir.path(), arrival.clone(), &mut cursor).await.is_empty());
    put(dir.path(), &[("4.csv", "x\nold\n")]);
    assert_eq!(run(dir.path(), arrival, &mut cursor).await, ["old"]);
    assert!(names(dir.path(), "").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_run_published_is_only_moved() {
    let dir = folder();
    put(dir.path(), &[("a.csv", "x\n1\n"), ("b.csv", "x\n2\n")]);
    let arrival = json!({ "done": "klart" });
    let source = open(dir.path(), options(arrival.clone()));
    let chunks = read(source.as_ref(), None).await.unwrap();
    let mut cursor = chunks.last().unwrap().cursor.clone();
    // Killed after the first of its moves.
    drop(source);
    fs::create_dir(dir.path().join("in/klart")).unwrap();
    fs::rename(dir.path().join("in/a.csv"), dir.path().join("in/klart/a.csv")).unwrap();
    assert!(run(dir.path(), arrival, &mut cursor).await.is_empty());
    assert_eq!(names(dir.path(), "klart"), ["a.csv", "b.csv"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_published_and_as_it_was_is_moved() {
    let dir = folder();
    put(dir.path(), &[("a.csv", "x\n1\n"), ("b.csv", "x\n2\n")]);
    let source = open(dir.path(), options(json!({ "done": "klart" })));
    let chunks = read(source.as_ref(), None).await.unwrap();
    // The ledger's cursor is that after the first file; the second was held back.
    let first = chunks[0].cursor.clone().unwrap();
    source.ended(Ended::Failed).await.unwrap();
    assert!(names(dir.path(), "klart").is_empty());
    put(dir.path(), &[("a.csv", "x\nnytt\n")]);
    source.ended(Ended::Published(&first)).await.unwrap();
    assert!(names(dir.path(), "klart").is_empty(), "what has been written since is another delivery");
    let source = open(dir.path(), options(json!({ "done": "klart" })));
    assert_eq!(values(&read(source.as_ref(), Some(first)).await.unwrap()), ["nytt", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_read_is_put_aside_with_the_reason() {
    let dir = folder();
    put(dir.path(), &[("a.csv", "x\n1\n"), ("b.csv", "<!DOCTYPE html><p>503</p>"), ("c.csv", "x\n3\n")]);
    let arrival = json!({ "done": "klart", "failed": "fel" });
    let source = open(dir.path(), options(arrival.clone()));
    let error = read(source.as_ref(), None).await.unwrap_err();
    assert_eq!((error.actor, error.place.as_deref()), (Actor::Source, Some("in/b.csv")));
    source.ended(Ended::Failed).await.unwrap();
    assert_eq!(names(dir.path(), "fel"), ["b.csv", "b.csv.fel.txt"]);
    let note = fs::read_to_string(dir.path().join("in/fel/b.csv.fel.txt")).unwrap();
    for told in ["webbsida", "web page", "in/b.csv", "gör så här"] {
        assert!(note.contains(told), "{note}");
    }
    assert!(!note.contains("503"));
    assert_eq!(run(dir.path(), arrival.clone(), &mut None).await, ["1", "3"]);
    // Without a folder for it the file stays where it is.
    put(dir.path(), &[("b.csv", "<!DOCTYPE html>")]);
    let source = open(dir.path(), options(json!({ "done": "klart" })));
    assert!(read(source.as_ref(), None).await.is_err());
    source.ended(Ended::Failed).await.unwrap();
    assert_eq!(names(dir.path(), ""), ["b.csv"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_or_vanishes_while_it_is_read_fails_the_run_and_stays() {
    let dir = folder();
    let long = (0..300_000).map(|i| format!("{i}\n")).collect::<Vec<_>>().concat();
    put(dir.path(), &[("a.csv", &format!("x\n{long}")), ("b.csv", "x\n2\n")]);
    let source = open(dir.path(), options(json!({ "failed": "fel" })));
    let mut stream = source.read(None, Arc::new(Kept::default()));
    assert!(stream.next().await.unwrap().is_ok());
    File::options().append(true).open(dir.path().join("in/a.csv")).unwrap().write_all(b"mer\n").unwrap();
    let mut error = None;
    while let Some(chunk) = stream.next().await {
        error = chunk.err();
    }
    let error = error.expect("a file that grew was taken for whole");
    assert!(error.retry && error.actor == Actor::Source, "{error}");

    let mut stream = source.read(None, Arc::new(Kept::default()));
    assert!(stream.next().await.unwrap().is_ok());
    fs::remove_file(dir.path().join("in/b.csv")).unwrap();
    let mut error = None;
    while let Some(chunk) = stream.next().await {
        error = chunk.err();
    }
    let error = error.expect("a file that vanished was passed over");
    assert!(error.retry && error.place.as_deref() == Some("in/b.csv"), "{error}");
    source.ended(Ended::Failed).await.unwrap();
    assert_eq!(names(dir.path(), "fel"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_folder_is_no_fault_and_a_missing_one_is() {
    let dir = folder();
    let source = open(dir.path(), options(json!({ "done": "klart" })));
    source.check().await.unwrap();
    assert!(source.discover().await.unwrap().is_empty());
    assert!(read(source.as_ref(), None).await.unwrap().is_empty());
    assert!(source.arrives());
    fs::remove_dir(dir.path().join("in")).unwrap();
    let error = source.check().await.unwrap_err();
    assert_eq!((error.actor, error.place.as_deref()), (Actor::Configuration, Some("in")));
    assert!(error.hint.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_files() {
    let dir = folder();
    for nth in 0..3000 {
        put(dir.path(), &[(&format!("{nth:05}.csv"), &format!("x\n{nth}\n"))]);
    }
    let mut cursor = None;
    let rows = run(dir.path(), json!({ "done": "klart" }), &mut cursor).await;
    assert_eq!((rows.len(), rows[2999].as_str()), (3000, "2999"));
    assert_eq!((names(dir.path(), "klart").len(), names(dir.path(), "").len()), (3000, 0));
    assert!(cursor.unwrap().0.len() < 200_000);
}
