//! SQLite: types that are wishes, read-only files, what is no database.

use std::collections::BTreeMap;
use std::fs;

use serde_json::json;

use super::{fails, io, lines, make, open_file, read, types};
use crate::compliance::{self, Case};
use crate::error::Actor;

#[tokio::test]
async fn complies() {
    let folder = tempfile::tempdir().unwrap();
    make(
        folder.path(),
        "CREATE TABLE avtal (id INTEGER PRIMARY KEY, titel TEXT, belopp DECIMAL(10,2), andrad TEXT NOT NULL);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
         INSERT INTO avtal SELECT i, 'avtal åäö ' || i, i * 1.25, datetime('2026-01-01', (i / 7) || ' minutes') FROM n;
         UPDATE avtal SET belopp = 'mycket' WHERE id % 1000 = 0",
    )
    .await;
    let base = json!({ "path": "avtal.db", "table": "avtal", "cursor": { "column": "andrad" }, "order_by": ["id"] });
    let with = |key: &str, value: serde_json::Value| {
        let mut options = base.clone();
        options[key] = value;
        options
    };
    compliance::check(&Case {
        connector: "sql",
        options: base.clone(),
        io: io(folder.path(), "", 50),
        rows: 3996,
        unread: 4,
        landed: None,
        secrets: vec!["mycket".into()],
        broken: vec![
            (with("path", json!("saknas.db")), Actor::Source),
            (with("table", json!("avtla")), Actor::Configuration),
            (with("query", json!("SELECT 1 AS andrad")), Actor::Configuration),
            (with("cursor", json!({ "column": "andrat" })), Actor::Configuration),
            (with("cursor", json!({ "column": "andrad", "overlap": "två timmar" })), Actor::Configuration),
            (with("time_zone", json!("Europe/Stokholm")), Actor::Configuration),
            (with("timeout", json!("snart")), Actor::Configuration),
            (with("url", json!("postgresql://a/b")), Actor::Configuration),
        ],
    })
    .await;
}

#[tokio::test]
async fn declared_types_hold_or_the_row_is_unread() {
    let folder = tempfile::tempdir().unwrap();
    make(
        folder.path(),
        "CREATE TABLE t (i INTEGER, d DECIMAL(6,2), n NUMERIC, f REAL, b BOOLEAN, dag DATE, s VARCHAR(20), fri);
         INSERT INTO t VALUES (1, 12.5, 7, 2, 1, '2026-01-31', 'å', 'x'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
            (2, 3, 1.5, 0.1, 0, '31/1 2026', 17, 4.0), ('tre', 1.234, 'a', 'b', 2, 'c', x'00', 5)",
    )
    .await;
    let source = open_file(folder.path(), json!({ "table": "t" }));
    let chunks = read(source.as_ref(), None).await.unwrap();
    assert_eq!(
        types(&chunks),
        ["Int64", "Decimal128(6, 2)", "Utf8View", "Float64", "Boolean", "Utf8View", "Utf8View", "Utf8View"]
    );
    assert_eq!(
        lines(&chunks),
        ["1|12.50|7|2.0|true|2026-01-31|å|x", "~|~|~|~|~|~|~|~", "2|3.00|1.5|0.1|false|31/1 2026|17|4.0",]
    );
    let unread = &chunks[0].unread[0];
    assert_eq!((unread.row.row(), unread.rule), (4, "olasbar_rad"));
    assert!(unread.detail.starts_with("kolumnen i: värdet är inte ett heltal; kolumnen d: "), "{}", unread.detail);
    assert!(!unread.detail.contains("tre"), "a cell's value in a message");
    let raw = String::from_utf8(unread.raw.clone()).unwrap();
    assert!(raw.starts_with("i: tre\nd: 1.234\nn: a\n") && raw.ends_with("fri: 5\n"), "{raw}");
    let kinds: Vec<_> = source.discover().await.unwrap().remove(0).columns.into_iter().map(|c| c.kind).collect();
    assert_eq!(kinds, ["integer", "decimal(6,2)", "numeric", "real", "boolean", "date", "varchar(20)", "any"]);
}

#[tokio::test]
async fn old_encodings_are_declared() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), "CREATE TABLE t (s TEXT); INSERT INTO t VALUES (CAST(x'4EE4737369F6' AS TEXT))").await;
    let source = open_file(folder.path(), json!({ "table": "t", "encoding": "windows-1252" }));
    assert_eq!(lines(&read(source.as_ref(), None).await.unwrap()), ["Nässiö"]);
    let chunks = read(open_file(folder.path(), json!({ "table": "t" })).as_ref(), None).await.unwrap();
    assert_eq!(
        (chunks[0].unread[0].rule, chunks[0].unread[0].detail.as_str()),
        ("ogiltiga_tecken", "kolumnen s: byte 2")
    );
}

#[tokio::test]
async fn nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2)").await;
    let before = fs::read(folder.path().join("avtal.db")).unwrap();
    for query in ["DELETE FROM t RETURNING a", "SELECT a FROM t; DELETE FROM t", "INSERT INTO t VALUES (3) RETURNING a"]
    {
        let source = open_file(folder.path(), json!({ "query": query }));
        if let Err(error) = read(source.as_ref(), None).await {
            assert_eq!(error.actor, Actor::Configuration, "{error}");
        }
        assert!(before == fs::read(folder.path().join("avtal.db")).unwrap(), "{query}");
    }
}

#[tokio::test]
async fn what_is_no_database_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("avtal.db");
    for (bytes, what) in
        [(b"avtals_id;titel\n1;ett\n".repeat(200), "no SQLite database"), (Vec::new(), "no such table")]
    {
        fs::write(&path, bytes).unwrap();
        let error = fails(open_file(folder.path(), json!({ "table": "t" })).as_ref()).await;
        assert!(error.what.contains(what), "{error}");
        assert_eq!(error.place.as_deref(), Some("avtal.db"));
    }
    make(
        folder.path(),
        "CREATE TABLE t (a INTEGER, b TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
         WHERE i < 5000) INSERT INTO t SELECT i, hex(randomblob(40)) FROM n",
    )
    .await;
    let whole = fs::read(&path).unwrap();
    let mut damaged = whole.clone();
    damaged[whole.len() / 2..].fill(0xA5);
    fs::write(&path, damaged).unwrap();
    let error = fails(open_file(folder.path(), json!({ "table": "t" })).as_ref()).await;
    assert_eq!((error.actor, &*error.what), (Actor::Source, "the database file is damaged"));
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = fails(open_file(folder.path(), json!({ "table": "t" })).as_ref()).await;
    assert_eq!(error.actor, Actor::Source, "{error}");
}

#[tokio::test]
async fn tables_are_listed_and_columns_checked() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), "CREATE TABLE b (x BLOB, y INT); CREATE TABLE a (z TEXT); CREATE VIEW v AS SELECT y FROM b")
        .await;
    let source = open_file(folder.path(), json!({}));
    let streams = source.discover().await.unwrap();
    let streams: BTreeMap<_, _> = streams.into_iter().map(|stream| (stream.name, stream.columns.len())).collect();
    assert_eq!(streams, BTreeMap::from([("a".into(), 1), ("b".into(), 2), ("v".into(), 1)]));
    let error = source.check().await.unwrap_err();
    assert!(error.hint.unwrap().contains("sluss discover"));

    let error = fails(open_file(folder.path(), json!({ "table": "b" })).as_ref()).await;
    assert!(error.what.contains("`x` is of the type blob"), "{error}");
    let error = fails(open_file(folder.path(), json!({ "query": "SELECT 1 AS a, 2 AS a" })).as_ref()).await;
    assert!(error.what.contains("another column is"), "{error}");
}
