//! What the lake is to hold, and how far it has come.

use serde::Serialize;
use serde_json::Value;

use crate::register::database::Row;
use crate::register::{RegisterError, Result, Store};

/// What is to be done in one lake table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Manifest {
    /// The publication's sequence number: the table's transaction version in Delta.
    pub seq: u64,
    /// The table.
    pub table: String,
    /// Whose rows.
    pub owner: String,
    /// The run that published it.
    pub run: String,
    /// Files to add and to remove, in the projector's own form.
    pub actions: Value,
}

/// One partition of a lake table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LakePartition {
    /// The table.
    pub table: String,
    /// The partition's values, in the projector's own form.
    pub partition: String,
    /// Digest of its rows, independent of their order and of file names.
    pub digest: String,
    /// Number of rows.
    pub rows: u64,
    /// Its files.
    pub files: Value,
    /// The publication that last changed it.
    pub seq: u64,
}

pub(super) async fn pending(store: &Store) -> Result<Vec<Manifest>> {
    let sql =
        "SELECT seq, table_name, owner, run, actions FROM manifest WHERE state = 'pending' ORDER BY seq, table_name";
    let read = |mut row: Row| {
        Ok(Manifest {
            seq: row.count()?,
            table: row.text()?,
            owner: row.text()?,
            run: row.text()?,
            actions: row.document()?,
        })
    };
    store.database.fetch("list manifests", sql, &[]).await?.into_iter().map(read).collect()
}

pub(super) async fn of_table(store: &Store, table: &str) -> Result<Vec<(Manifest, Option<u64>)>> {
    let sql = "SELECT seq, table_name, owner, run, actions, CASE WHEN state = 'projected' THEN delta_version END \
               FROM manifest WHERE table_name = $1 ORDER BY seq";
    let read = |mut row: Row| {
        let manifest = Manifest {
            seq: row.count()?,
            table: row.text()?,
            owner: row.text()?,
            run: row.text()?,
            actions: row.document()?,
        };
        Ok((manifest, row.count_or_none()?))
    };
    store.database.fetch("list a table's manifests", sql, &[table.into()]).await?.into_iter().map(read).collect()
}

pub(super) async fn mark_projected(store: &Store, seq: u64, table: &str, delta_version: u64) -> Result<()> {
    // Marked twice, it keeps the first version: a repeated projection finds its work done.
    let sql = "UPDATE manifest SET state = 'projected', delta_version = COALESCE(delta_version, $3) \
               WHERE seq = $1 AND table_name = $2";
    let marked =
        store.database.execute("mark a manifest", sql, &[seq.into(), table.into(), delta_version.into()]).await?;
    if marked == 0 { Err(RegisterError::table(table, format!("has no manifest {seq}"))) } else { Ok(()) }
}

pub(super) async fn last_change(store: &Store, tables: &[&str]) -> Result<u64> {
    let places: Vec<_> = (1..=tables.len()).map(|n| format!("${n}")).collect();
    let sql = format!("SELECT COALESCE(MAX(seq), 0) FROM manifest WHERE table_name IN ({})", places.join(", "));
    let names: Vec<_> = tables.iter().map(|name| (*name).into()).collect();
    let rows = store.database.fetch("find a table's last change", &sql, &names).await?;
    rows.into_iter().next().map_or(Ok(0), |mut row| row.count())
}

pub(super) async fn versions(store: &Store) -> Result<Vec<(String, u64)>> {
    // A view: whoever may read the lake needs its versions, and nothing else of other owners' manifests.
    let sql = "SELECT table_name, version FROM lake_version ORDER BY table_name";
    let read = |mut row: Row| Ok((row.text()?, row.count()?));
    store.database.fetch("list lake versions", sql, &[]).await?.into_iter().map(read).collect()
}

pub(super) async fn partitions(store: &Store, table: &str) -> Result<Vec<LakePartition>> {
    let sql = "SELECT table_name, partition, digest, row_count, files, seq FROM lake_partition \
               WHERE table_name = $1 ORDER BY partition";
    let read = |mut row: Row| {
        Ok(LakePartition {
            table: row.text()?,
            partition: row.text()?,
            digest: row.text()?,
            rows: row.count()?,
            files: row.document()?,
            seq: row.count()?,
        })
    };
    store.database.fetch("list partitions", sql, &[table.into()]).await?.into_iter().map(read).collect()
}
