//! Snapshots: the whole register as it was at a recorded time, as views under a name.
//!
//! History is never rewritten, so a view that asks for what was believed after a publication shows
//! the same for ever, and costs nothing to keep. In PostgreSQL a snapshot is a schema
//! `ogonblick_<name>` with a view for each national table; in SQLite, which has no schemas, the views
//! are `ogonblick_<name>_<table>`. What is erased from history is gone from its snapshots too.
//!
//! Beside each view `<table>`, which shows what the reader's own rights show, stands `oppen_<table>`: what
//! may be seen today, by everybody with a role.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sluss_schemas::secrecy::sql;
use sluss_schemas::table::ddl::{Dialect, quoted};

use super::Store;
use super::database::Tx;
use super::error::{RegisterError, Result};
use super::layout::Layout;
use super::publish::lock_counters;
use super::read::{Believed, column};

/// Longest name.
const LONGEST: usize = 30;

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// Its name.
    pub name: String,
    /// The instant whose beliefs it shows.
    pub recorded: DateTime<Utc>,
    /// The last publication at that instant.
    pub seq: u64,
    /// When it was made.
    pub made: DateTime<Utc>,
    /// The tables' schema versions when it was made.
    pub versions: Value,
}

impl Snapshot {
    /// The schema of its views.
    pub fn schema(&self) -> String {
        schema_of(&self.name)
    }
}

fn schema_of(name: &str) -> String {
    format!("ogonblick_{name}")
}

fn is_name(name: &str) -> bool {
    name.len() <= LONGEST
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// A view's name, with its schema where there are schemas.
fn view(dialect: Dialect, snapshot: &str, table: &str) -> String {
    match dialect {
        Dialect::Sqlite => quoted(&format!("{}_{table}", schema_of(snapshot))),
        Dialect::Postgres => format!("{}.{}", quoted(&schema_of(snapshot)), quoted(table)),
    }
}

impl Store {
    pub(crate) async fn snapshot_at(&self, name: &str, recorded: DateTime<Utc>) -> Result<Snapshot> {
        if !is_name(name) {
            return Err(RegisterError::SnapshotName(name.to_owned()));
        }
        let made = self.clock.now();
        if recorded > made {
            return Err(RegisterError::SnapshotAhead);
        }
        let dialect = self.database.dialect();
        let mut tx = self.database.begin().await?;
        // A publication that is under way has its recorded time already: what it says is waited for.
        lock_counters(&mut tx, dialect).await?;
        let known = "SELECT seq FROM ogonblick WHERE name = $1";
        if tx.first("find a snapshot", known, &[name.into()]).await?.is_some() {
            return Err(RegisterError::SnapshotExists(name.to_owned()));
        }
        let sql = "SELECT COALESCE(MAX(publish_seq), 0) FROM korning WHERE publish_seq IS NOT NULL AND ended <= $1";
        let row = tx.first("find a publication", sql, &[recorded.into()]).await?;
        let seq = row.map_or(Ok(0), |mut row| row.count())?;
        let versions = self.layouts.iter().map(|(name, layout)| (name.clone(), layout.table.version.clone().into()));
        let versions = Value::Object(versions.collect());
        let snapshot = Snapshot { name: name.to_owned(), recorded, seq, made, versions };
        let sql = "INSERT INTO ogonblick (name, recorded, seq, made, versions) VALUES ($1, $2, $3, $4, $5)";
        let args = [name.into(), recorded.into(), seq.into(), made.into(), (&snapshot.versions).into()];
        tx.execute("note a snapshot", sql, &args).await?;
        if dialect == Dialect::Postgres {
            tx.define("make a snapshot", &format!("CREATE SCHEMA {}", quoted(&snapshot.schema()))).await?;
        }
        for layout in self.layouts.values() {
            tx.define("make a snapshot", &definition(dialect, name, layout, seq)).await?;
            tx.define("make a snapshot", &self.cleared(name, layout, seq)).await?;
        }
        self.renew_rights(&mut tx, false).await?;
        tx.commit().await?;
        Ok(snapshot)
    }

    pub(crate) async fn known_snapshots(&self) -> Result<Vec<Snapshot>> {
        let sql = "SELECT name, recorded, seq, made, versions FROM ogonblick ORDER BY name";
        let rows = self.database.fetch("list snapshots", sql, &[]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(Snapshot {
                    name: row.text()?,
                    recorded: row.instant()?,
                    seq: row.count()?,
                    made: row.instant()?,
                    versions: row.document()?,
                })
            })
            .collect()
    }

    pub(crate) async fn remove_snapshot(&self, name: &str) -> Result<()> {
        let mut tx = self.database.begin().await?;
        let sql = "SELECT versions FROM ogonblick WHERE name = $1";
        let row = tx.first("find a snapshot", sql, &[name.into()]).await?;
        let versions = row.ok_or_else(|| RegisterError::UnknownSnapshot(name.to_owned()))?.document()?;
        match self.database.dialect() {
            Dialect::Postgres => {
                let sql = format!("DROP SCHEMA IF EXISTS {} CASCADE", quoted(&schema_of(name)));
                tx.define("remove a snapshot", &sql).await?;
            }
            Dialect::Sqlite => {
                for table in versions.as_object().into_iter().flat_map(|versions| versions.keys()) {
                    for shown in [table.clone(), open(table)] {
                        let sql = format!("DROP VIEW IF EXISTS {}", view(Dialect::Sqlite, name, &shown));
                        tx.define("remove a snapshot", &sql).await?;
                    }
                }
            }
        }
        tx.execute("forget a snapshot", "DELETE FROM ogonblick WHERE name = $1", &[name.into()]).await?;
        tx.commit().await
    }

    /// Makes the snapshots' cleared views anew: what may leave is another, or the view of how contracts stand
    /// that they ask has been made anew.
    pub(super) async fn clear_snapshots(&self, tx: &mut Tx) -> Result<()> {
        let dialect = self.database.dialect();
        let mut snapshots = Vec::new();
        let sql = "SELECT name, seq, versions FROM ogonblick ORDER BY name";
        for mut row in tx.fetch("list snapshots", sql, &[]).await? {
            snapshots.push((row.text()?, row.count()?, row.document()?));
        }
        for (name, seq, versions) in snapshots {
            // A table that has come since was not there.
            for layout in self.layouts.values().filter(|layout| versions.get(layout.name()).is_some()) {
                let shown = view(dialect, &name, &open(layout.name()));
                tx.define("make a cleared view", &format!("DROP VIEW IF EXISTS {shown}")).await?;
                tx.define("make a cleared view", &self.cleared(&name, layout, seq)).await?;
            }
        }
        Ok(())
    }

    /// A view of what may be seen today of a table as it was after a publication.
    fn cleared(&self, snapshot: &str, layout: &Layout, seq: u64) -> String {
        format!(
            "CREATE VIEW {} AS {}",
            view(self.database.dialect(), snapshot, &open(layout.name())),
            sql::as_it_was(&layout.table, &self.bond(&layout.table), seq)
        )
    }
}

/// The name of a table's cleared view.
fn open(table: &str) -> String {
    format!("oppen_{table}")
}

/// A view of every slice of a table that was believed after a publication.
fn definition(dialect: Dialect, snapshot: &str, layout: &Layout, seq: u64) -> String {
    let columns: Vec<String> = layout.readable.iter().map(|slot| column(layout, slot, Believed::AtSeq(seq))).collect();
    // Who reads it sees what its own rights show: the view lends it none.
    let rights = if dialect == Dialect::Postgres { " WITH (security_invoker = true)" } else { "" };
    // PostgreSQL would write through a view of one table: not where it has a common table expression.
    let read_only = if dialect == Dialect::Postgres { "WITH lasbar AS (SELECT 1) " } else { "" };
    format!(
        "CREATE VIEW {}{rights} AS {read_only}SELECT {} FROM {} t WHERE t._seq_fran <= {seq} \
         AND (t._seq_till IS NULL OR t._seq_till > {seq})",
        view(dialect, snapshot, layout.name()),
        columns.join(", "),
        layout.sql_name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for (name, good) in [
            ("arsskifte_2026", true),
            ("a", true),
            ("", false),
            ("2026", false),
            ("_a", false),
            ("Arsskifte", false),
            ("årsskifte", false),
            ("a\"; DROP TABLE avtal; --", false),
            ("a.b", false),
            ("abcdefghijklmnopqrstuvwxyz01234", false),
        ] {
            assert_eq!(is_name(name), good, "{name}");
        }
    }
}
