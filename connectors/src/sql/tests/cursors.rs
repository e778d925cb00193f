//! What is read again, what is not, and what must never be lost.

use serde_json::{Value, json};

use super::{last_cursor, lines, make, open_file, read};
use crate::error::Actor;

const TABLE: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, andrad TEXT);
    INSERT INTO t VALUES (1, '2026-01-01 10:00:00'), (2, '2026-01-01 11:00:00'), (3, '2026-01-01 12:00:00'), (4, NULL)";

fn job(overlap: Option<&str>) -> Value {
    let mut options = json!({ "table": "t", "cursor": { "column": "andrad" } });
    if let Some(overlap) = overlap {
        options["cursor"]["overlap"] = json!(overlap);
    }
    options
}

#[tokio::test]
async fn only_what_is_new_comes_and_rows_without_a_value_always() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), TABLE).await;
    let source = open_file(folder.path(), job(None));
    let first = read(source.as_ref(), None).await.unwrap();
    assert_eq!(lines(&first).len(), 4);
    make(
        folder.path(),
        "INSERT INTO t VALUES (5, '2026-01-01 12:30:00'); UPDATE t SET andrad = '2026-01-01 13:00:00' WHERE id = 1",
    )
    .await;
    let second = read(source.as_ref(), Some(last_cursor(&first))).await.unwrap();
    assert_eq!(lines(&second), ["4|~", "5|2026-01-01 12:30:00", "1|2026-01-01 13:00:00"]);
    let third = read(source.as_ref(), Some(last_cursor(&second))).await.unwrap();
    assert_eq!(lines(&third), ["4|~"], "nothing new");
}

#[tokio::test]
async fn late_rows_within_the_overlap_are_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), TABLE).await;
    let source = open_file(folder.path(), job(Some("90 minutes")));
    let first = read(source.as_ref(), None).await.unwrap();
    // A transaction that began before the first reading and ended after it.
    make(folder.path(), "INSERT INTO t VALUES (5, '2026-01-01 11:59:00'), (6, '2026-01-01 09:00:00')").await;
    let second = read(source.as_ref(), Some(last_cursor(&first))).await.unwrap();
    assert_eq!(lines(&second), ["4|~", "2|2026-01-01 11:00:00", "5|2026-01-01 11:59:00", "3|2026-01-01 12:00:00"]);
    let third = read(source.as_ref(), Some(last_cursor(&second))).await.unwrap();
    assert_eq!(lines(&third), lines(&second), "the same stretch again, and the cursor stays");
    assert_eq!(lines(&third).len(), 4);
}

#[tokio::test]
async fn a_restored_backup_is_not_nothing_new() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), TABLE).await;
    let source = open_file(folder.path(), job(None));
    let cursor = last_cursor(&read(source.as_ref(), None).await.unwrap());
    make(folder.path(), "DELETE FROM t WHERE id = 3").await;
    let error = read(source.as_ref(), Some(cursor.clone())).await.unwrap_err();
    assert_eq!(error.actor, Actor::Source);
    assert!(error.what.contains("lies before") && error.hint.unwrap().contains("--full"));
    // An emptied table has nothing new: what it ends is not the connector's to say.
    make(folder.path(), "DELETE FROM t").await;
    let chunks = read(source.as_ref(), Some(cursor.clone())).await.unwrap();
    assert_eq!((lines(&chunks).len(), last_cursor(&chunks)), (0, cursor));
}

#[tokio::test]
async fn a_number_can_be_the_cursor() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), TABLE).await;
    let source = open_file(
        folder.path(),
        json!({ "query": "SELECT id, andrad FROM t -- alla", "cursor": { "column": "id", "overlap": 1 } }),
    );
    let first = read(source.as_ref(), None).await.unwrap();
    make(folder.path(), "INSERT INTO t VALUES (7, NULL)").await;
    assert_eq!(
        lines(&read(source.as_ref(), Some(last_cursor(&first))).await.unwrap()),
        ["3|2026-01-01 12:00:00", "4|~", "7|~"]
    );
}

#[tokio::test]
async fn a_cursor_of_another_kind_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), TABLE).await;
    let first = read(open_file(folder.path(), job(None)).as_ref(), None).await.unwrap();
    let other = open_file(folder.path(), json!({ "table": "t", "cursor": { "column": "id" } }));
    for cursor in [
        last_cursor(&first),
        sluss_schemas::chunk::Cursor("files1:00".into()),
        sluss_schemas::chunk::Cursor("sql1:{".into()),
    ] {
        let error = read(other.as_ref(), Some(cursor)).await.unwrap_err();
        assert_eq!(error.actor, Actor::Configuration);
        assert!(error.hint.unwrap().contains("--full"));
    }
    // A number's overlap for a time.
    let wrong = open_file(folder.path(), json!({ "table": "t", "cursor": { "column": "andrad", "overlap": 5 } }));
    let error = read(wrong.as_ref(), Some(last_cursor(&first))).await.unwrap_err();
    assert!(error.what.contains("does not fit"), "{error}");
}

#[tokio::test]
async fn one_percent_changed_is_one_percent_read() {
    let folder = tempfile::tempdir().unwrap();
    make(
        folder.path(),
        "CREATE TABLE t (id INTEGER PRIMARY KEY, andrad INTEGER NOT NULL);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) INSERT INTO t SELECT i, i FROM n",
    )
    .await;
    let source = open_file(folder.path(), json!({ "table": "t", "cursor": { "column": "andrad" } }));
    let first = read(source.as_ref(), None).await.unwrap();
    make(folder.path(), "UPDATE t SET andrad = 10000 + id WHERE id % 100 = 0").await;
    let second = read(source.as_ref(), Some(last_cursor(&first))).await.unwrap();
    assert_eq!((lines(&first).len(), lines(&second).len()), (10_000, 100));
}
