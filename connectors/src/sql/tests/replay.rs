//! What landed, read again: the same rows at the same addresses, and the same that could not be read.

use std::fs;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::UInt64Type;
use futures::StreamExt;
use serde_json::json;

use super::{fails, io, last_cursor, lines, make, open_file, read, types};
use crate::compliance::Kept;
use crate::error::Actor;
use crate::registry;

#[tokio::test]
async fn what_landed_is_read_again_without_the_database() {
    let folder = tempfile::tempdir().unwrap();
    make(
        folder.path(),
        "CREATE TABLE t (id INTEGER, belopp DECIMAL(6,2), s TEXT, b BOOLEAN);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
         INSERT INTO t SELECT i, i / 4.0, 'åäö', i % 2 FROM n;
         UPDATE t SET belopp = 'oklart' WHERE id IN (7, 1000); UPDATE t SET s = CAST(x'4EE4' AS TEXT) WHERE id = 500",
    )
    .await;
    let source = open_file(folder.path(), json!({ "table": "t", "cursor": { "column": "id" } }));
    let first = read(source.as_ref(), None).await.unwrap();
    let second = read(source.as_ref(), first[2].cursor.clone()).await.unwrap();
    for (after, wanted) in [(None, &first), (first[2].cursor.clone(), &second)] {
        let kept = Kept::default();
        let chunks: Vec<_> = source.read(after, Arc::new(kept.clone())).collect().await;
        assert!(chunks.iter().all(Result::is_ok));
        let (name, bytes) = kept.sealed().pop_first().unwrap();
        assert_eq!(name, "avtal.db");
        fs::write(folder.path().join("landat.arrow"), bytes).unwrap();
        let again = registry::open("sql", json!({ "landed": "landat.arrow" }), &io(folder.path(), "", 100)).unwrap();
        again.check().await.unwrap();
        assert_eq!(again.discover().await.unwrap()[0].columns.len(), 4);
        let again = read(again.as_ref(), None).await.unwrap();
        assert_eq!((types(&again), lines(&again)), (types(wanted), lines(wanted)));
        let unread =
            |chunks: &[sluss_schemas::chunk::Chunk]| chunks.iter().flat_map(|c| c.unread.clone()).collect::<Vec<_>>();
        assert_eq!(unread(&again), unread(wanted));
        let ids = |chunks: &[sluss_schemas::chunk::Chunk]| -> Vec<u64> {
            let ids = chunks.iter().map(|chunk| chunk.rows.columns().last().unwrap().as_primitive::<UInt64Type>());
            ids.flat_map(|ids| ids.values().to_vec()).collect()
        };
        assert_eq!(ids(&again), ids(wanted));
    }
    assert!(last_cursor(&second).0.contains("999"));
}

#[tokio::test]
async fn what_is_cut_off_or_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), "CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1), (2)").await;
    let kept = Kept::default();
    let source = open_file(folder.path(), json!({ "table": "t" }));
    let _: Vec<_> = source.read(None, Arc::new(kept.clone())).collect().await;
    let (_, whole) = kept.sealed().pop_first().unwrap();
    for bytes in [b"avtals_id;titel\n".to_vec(), Vec::new(), whole[..whole.len() / 2].to_vec()] {
        fs::write(folder.path().join("landat.arrow"), bytes).unwrap();
        let again = registry::open("sql", json!({ "landed": "landat.arrow" }), &io(folder.path(), "", 100)).unwrap();
        assert_eq!(fails(again.as_ref()).await.actor, Actor::Source);
    }
    let both = json!({ "landed": "landat.arrow", "table": "t" });
    assert!(registry::open("sql", both, &io(folder.path(), "", 100)).is_err());
}
