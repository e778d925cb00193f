//! Taking rows out of the register for good: whole keys, with their history, and what the ledger says of
//! them. The one place where history is removed; who asks must have a ground ([`crate::erasure`]).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluss_schemas::table::ddl::{Dialect, quoted};

use super::Store;
use super::database::{Database, Row, Tx};
use super::error::{Cause, RegisterError, Result};
use super::roles::{lower, raise};
use super::sql::key_literal;

/// Keys in one statement.
const AT_ONCE: usize = 2_000;

/// A delivery whose landed bytes and rejected rows go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ErasedDelivery {
    /// Whose.
    pub owner: String,
    /// The run that read it.
    pub run: String,
}

/// What shall be erased. Written down before anything is removed, so that it can be carried through
/// after a crash, and done again in a restored backup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Targets {
    /// Key hashes by table, in hexadecimal digits.
    pub rows: BTreeMap<String, Vec<String>>,
    /// Partitions of lake tables.
    pub partitions: BTreeMap<String, Vec<String>>,
    /// Deliveries.
    pub deliveries: Vec<ErasedDelivery>,
}

impl Targets {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.rows.values().all(Vec::is_empty)
            && self.partitions.values().all(Vec::is_empty)
            && self.deliveries.is_empty()
    }

    /// The tables that lose rows.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().chain(self.partitions.keys()).map(String::as_str)
    }
}

/// An erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Its id.
    pub id: String,
    /// `person` or `retention`.
    pub kind: String,
    /// Why it may be done.
    pub ground: String,
    /// What goes.
    pub targets: Targets,
}

/// What the register lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedRows {
    /// Rows of history.
    pub rows: u64,
    /// Events that no longer say of which key they are.
    pub events: u64,
    /// Rejected rows that are dropped.
    pub rejected: u64,
    /// Partitions of lake tables.
    pub partitions: u64,
}

impl Store {
    /// Notes an erasure and removes the register's rows in one transaction. Doing it again removes what
    /// has come back.
    pub(crate) async fn erase_rows(&self, erasure: &Erasure) -> Result<ErasedRows> {
        let doing = "erase rows";
        let dialect = self.database.dialect();
        let mut tx = self.database.begin().await?;
        let targets = serde_json::to_value(&erasure.targets).map_err(|_| unwritable())?;
        let sql = "INSERT INTO gallring (id, kind, ground, begun, targets) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (id) DO UPDATE SET ended = NULL";
        let args = [
            erasure.id.as_str().into(),
            erasure.kind.as_str().into(),
            erasure.ground.as_str().into(),
            self.clock.now().into(),
            (&targets).into(),
        ];
        tx.execute(doing, sql, &args).await?;
        let mut done = ErasedRows::default();
        let lowered = lower(&mut tx, erasure.targets.rows.keys().map(String::as_str)).await?;
        for (table, keys) in &erasure.targets.rows {
            let layout = self.layout(table)?;
            let keys = keys.iter().map(|key| parse(key)).collect::<Result<Vec<_>>>()?;
            for part in keys.chunks(AT_ONCE) {
                let list: Vec<String> = part.iter().map(|key| key_literal(dialect, key)).collect();
                let list = list.join(",");
                let sql = format!("DELETE FROM {} WHERE _nyckel IN ({list})", layout.sql_name());
                done.rows += tx.execute(doing, &sql, &[]).await?;
                let nobody = key_literal(dialect, &[0; 16]);
                // The event stays, or the numbers would have gaps: it no longer says of what.
                let sql = format!(
                    "UPDATE handelse SET key = '{{}}', key_hash = {nobody} WHERE table_name = $1 AND key_hash IN ({list})"
                );
                done.events += tx.execute(doing, &sql, &[table.as_str().into()]).await?;
                Self::forget_matches(&mut tx, table, &list).await?;
                for ledger in ["inaktuell", "sekretess_undantag"] {
                    let sql = format!("DELETE FROM {ledger} WHERE table_name = $1 AND key_hash IN ({list})");
                    tx.execute(doing, &sql, &[table.as_str().into()]).await?;
                }
            }
        }
        self.forget_closed(&mut tx).await?;
        for delivery in &erasure.targets.deliveries {
            let sql = "UPDATE karantan SET state = 'dropped' WHERE run = $1 AND state = 'open'";
            done.rejected += tx.execute(doing, sql, &[delivery.run.as_str().into()]).await?;
        }
        for (table, partitions) in &erasure.targets.partitions {
            done.partitions += drop_partitions(&mut tx, table, partitions).await?;
        }
        raise(&mut tx, &lowered).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// Erasures that were begun and not carried through.
    pub(crate) async fn unfinished(&self) -> Result<Vec<Erasure>> {
        let sql = "SELECT id, kind, ground, targets FROM gallring WHERE ended IS NULL ORDER BY begun, id";
        let read = |mut row: Row| -> Result<Erasure> {
            let (id, kind, ground) = (row.text()?, row.text()?, row.text()?);
            let targets = serde_json::from_value(row.document()?).map_err(|_| unwritable())?;
            Ok(Erasure { id, kind, ground, targets })
        };
        self.database.fetch("list erasures", sql, &[]).await?.into_iter().map(read).collect()
    }

    /// Notes that an erasure has been carried through. Of what a retention removed only counts stay: it
    /// is found again by its age.
    pub(crate) async fn erasure_done(&self, erasure: &Erasure, removed: &Value) -> Result<()> {
        let kept = if erasure.kind == "retention" { Targets::default() } else { erasure.targets.clone() };
        let targets = serde_json::to_value(&kept).map_err(|_| unwritable())?;
        let sql = "UPDATE gallring SET ended = $2, removed = $3, targets = $4 WHERE id = $1";
        let args = [erasure.id.as_str().into(), self.clock.now().into(), removed.into(), (&targets).into()];
        self.database.execute("finish an erasure", sql, &args).await.map(drop)
    }

    /// Lets readers of the lake have this version of the table: earlier ones are gone.
    pub(crate) async fn repin_table(&self, table: &str, version: u64) -> Result<()> {
        let sql = "UPDATE manifest SET delta_version = $2 WHERE table_name = $1 AND state = 'projected' AND seq = \
                   (SELECT MAX(seq) FROM manifest WHERE table_name = $1 AND state = 'projected')";
        self.database.execute("repin a table", sql, &[table.into(), version.into()]).await.map(drop)
    }

    /// Keys of which nothing is valid any more since before `day`, and of which nothing has been believed
    /// since before `recorded`.
    pub(crate) async fn keys_ended(&self, table: &str, day: NaiveDate, recorded: DateTime<Utc>) -> Result<Vec<String>> {
        let layout = self.layout(table)?;
        let sql = format!(
            "SELECT _nyckel FROM {} GROUP BY _nyckel HAVING \
             MAX(CASE WHEN reg_till IS NULL AND giltig_till IS NULL THEN 1 ELSE 0 END) = 0 \
             AND COALESCE(MAX(CASE WHEN reg_till IS NULL THEN giltig_till END) <= $1, MAX(reg_till) <= $2)",
            layout.sql_name()
        );
        let rows = self.database.fetch("find ended rows", &sql, &[day.into(), recorded.into()]).await?;
        rows.into_iter().map(|mut row| Ok(super::sql::hex(&row.key()?))).collect()
    }

    /// Keys that ended since their region refuses to register them. One that was registered again is no
    /// longer refused.
    pub(crate) async fn keys_refused(&self) -> Result<BTreeMap<String, Vec<String>>> {
        let mut refused = BTreeMap::new();
        for layout in self.layouts.values() {
            let sql = format!(
                "SELECT u.key_hash FROM sekretess_undantag u WHERE u.table_name = $1 AND NOT EXISTS (SELECT 1 FROM {} t \
                 WHERE t._nyckel = u.key_hash AND t.reg_till IS NULL AND t._aktuell = TRUE) ORDER BY u.key_hash",
                layout.sql_name()
            );
            let rows = self.database.fetch("find refused rows", &sql, &[layout.name().into()]).await?;
            let keys = rows.into_iter().map(|mut row| Ok(super::sql::hex(&row.key()?))).collect::<Result<Vec<_>>>()?;
            if !keys.is_empty() {
                refused.insert(layout.name().to_owned(), keys);
            }
        }
        refused.extend(self.keys_naming_refused().await?);
        Ok(refused)
    }

    /// Texts of the ledger that a person's number could have come into: receipts. `clean` gives a text
    /// without it, where it holds it. Gives how many were changed.
    pub(crate) async fn mask_receipts(
        &self,
        clean: &(dyn for<'t> Fn(&'t str) -> Option<String> + Send + Sync),
    ) -> Result<u64> {
        let rows = self.database.fetch("read receipts", "SELECT run, receipt, text FROM kvittens", &[]).await?;
        let mut changed = 0;
        for mut row in rows {
            let (run, receipt, text) = (row.text()?, row.text()?, row.text()?);
            let (document, plain) = (clean(&receipt), clean(&text));
            if document.is_none() && plain.is_none() {
                continue;
            }
            let document: Value =
                serde_json::from_str(document.as_deref().unwrap_or(&receipt)).map_err(|_| unwritable())?;
            let sql = "UPDATE kvittens SET receipt = $2, text = $3 WHERE run = $1";
            let args = [run.as_str().into(), (&document).into(), plain.as_deref().unwrap_or(&text).into()];
            changed += self.database.execute("clean a receipt", sql, &args).await?;
        }
        Ok(changed)
    }

    /// Writes the database anew, so that pages hold nothing of removed rows. In PostgreSQL these tables
    /// and the ledger's: what its write-ahead log and backups hold goes when they are recycled.
    pub(crate) async fn scrub_pages(&self, tables: &[String]) -> Result<()> {
        let doing = "write the database anew";
        let failed = |e| RegisterError::from_sqlx(e, doing);
        match self.database.as_ref() {
            Database::Sqlite(pools) => {
                pools.detach().await?;
                let mut connection = pools.write.acquire().await.map_err(failed)?;
                sqlx::raw_sql("VACUUM").execute(&mut *connection).await.map_err(failed)?;
                let busy: (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
                    .fetch_one(&mut *connection)
                    .await
                    .map_err(failed)?;
                if busy.0 == 0 {
                    return Ok(());
                }
                Err(RegisterError::Database {
                    doing,
                    cause: Cause("somebody reads the database: the log still holds removed pages".to_owned()),
                })
            }
            Database::Postgres(pool) => {
                let own = ["handelse", "inaktuell", "kvittens", "karantan", "manifest", "lake_partition"];
                for table in tables.iter().map(String::as_str).chain(own) {
                    let sql = format!("VACUUM (FULL, ANALYZE) {}", quoted(table));
                    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(pool).await.map_err(failed)?;
                }
                // Frequent values and bounds stood there, and the lines that are no longer believed with them.
                let sql = "VACUUM (FULL) pg_catalog.pg_statistic";
                sqlx::raw_sql(sql).execute(pool).await.map_err(failed)?;
                // Pages that are no longer anybody's are let go of at a checkpoint. Whoever may not ask for one
                // waits for the server's own.
                if let Err(error) = sqlx::raw_sql("CHECKPOINT").execute(pool).await {
                    let error = RegisterError::from_sqlx(error, doing);
                    tracing::info!(error = %error, "the database's own checkpoint is waited for");
                }
                Ok(())
            }
        }
    }

    /// Whether this is PostgreSQL, whose log outlives what is removed.
    pub(crate) fn keeps_a_log(&self) -> bool {
        self.database.dialect() == Dialect::Postgres
    }
}

/// Takes partitions out of what the ledger says that a lake table holds: also the statistics of their
/// files, which are values.
async fn drop_partitions(tx: &mut Tx, table: &str, partitions: &[String]) -> Result<u64> {
    let doing = "erase partitions";
    let mut dropped = 0;
    for partition in partitions {
        let sql = "DELETE FROM lake_partition WHERE table_name = $1 AND partition = $2";
        dropped += tx.execute(doing, sql, &[table.into(), partition.as_str().into()]).await?;
    }
    let rows = tx.fetch(doing, "SELECT seq, actions FROM manifest WHERE table_name = $1", &[table.into()]).await?;
    for mut row in rows {
        let (seq, mut actions) = (row.count()?, row.document()?);
        if !crate::lake::without_partitions(&mut actions, partitions) {
            continue;
        }
        let sql = "UPDATE manifest SET actions = $3 WHERE table_name = $1 AND seq = $2";
        tx.execute(doing, sql, &[table.into(), seq.into(), (&actions).into()]).await?;
    }
    Ok(dropped)
}

fn parse(hex: &str) -> Result<[u8; 16]> {
    crate::keys::text::from_hex(hex).ok_or_else(unwritable)
}

fn unwritable() -> RegisterError {
    RegisterError::Database { doing: "read an erasure", cause: Cause("it is of another form".to_owned()) }
}
