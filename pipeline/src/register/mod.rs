//! The register: national rows with their whole history, in SQLite or PostgreSQL.
//!
//! History is bitemporal. *Valid time* `[giltig_fran, giltig_till)` is what a row says of the
//! world; *recorded time* `[reg_fran, reg_till)` is when the register believed it. A correction
//! never rewrites: it closes what was believed and adds what is believed now. The layout of the
//! tables is described in [`sluss_schemas::table::ddl`], what a change does to history in `sql.rs`.
//!
//! A run *stages* its new and changed rows and the keys that ended, then *publishes* all of it in
//! one transaction. Both databases behave alike; one test suite says so.
//!
//! ```text
//! begin_run → stage, stage_keys … → publish → (lake) pending_manifests → mark_projected
//!          ↘ end_run (held, failed)
//! ```

mod columns;
mod copy;
pub(crate) mod database;
mod erase;
mod error;
mod layout;
mod locks;
mod migrate;
pub(crate) mod postgres;
mod publish;
mod read;
mod rekey;
mod sql;
mod sqlite;
mod stage;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use futures::stream::BoxStream;
use sluss_schemas::clock::Clock;
use sluss_schemas::table::Table;
use sluss_schemas::table::ddl::Dialect;
use tokio::sync::Mutex;

pub use erase::{ErasedDelivery, ErasedRows, Erasure, Targets};
pub use error::{Actor, RegisterError, Result};
pub use layout::{CONTENT, KEY, STALE};
pub use locks::LakeLock;
pub use publish::{NewManifest, NewPartition, PartitionContent, Publication, Published, TableChange, TableOutcome};
pub use read::{Batches, Believed, KeyBatch, Question};
pub use rekey::Rekeying;
pub use stage::KeyKind;

use database::Database;
use layout::Layout;
use locks::Alive;
use sqlite::SqlitePools;

use crate::ledger::Ledger;

/// The register and its ledger.
#[async_trait]
pub trait Register: Ledger {
    /// Brings the database up to this version and these tables. Repeating it changes nothing.
    async fn migrate(&self) -> Result<()>;
    /// Ends runs whose process is gone as failed, and removes what runs that are no longer open left
    /// in staging. Gives how many had left something.
    async fn sweep(&self) -> Result<u64>;
    /// Waits until nobody else projects, sweeps or vacuums the lake, in this process or another.
    async fn lock_lake(&self) -> Result<LakeLock>;
    /// The last publish sequence number; 0 before the first.
    async fn base(&self) -> Result<u64>;

    /// The columns of a batch that is read: `columns` by name, or the national ones and the valid
    /// time. The register's own columns can be named too.
    fn schema(&self, table: &str, columns: Option<&[String]>) -> Result<SchemaRef>;
    /// Keys and content hashes of the rows that `owner`'s sources (or all) deliver now: what a
    /// delivery is compared with. In no order.
    async fn current_keys(&self, table: &str, owner: Option<&str>) -> Result<BoxStream<'static, Result<KeyBatch>>>;
    /// Which of `keys` another owner publishes. A publication with such a key is refused.
    async fn foreign_keys(&self, table: &str, owner: &str, keys: &[[u8; 16]]) -> Result<Vec<[u8; 16]>>;
    /// Which of `keys` a delivery after the one that `run` reads has published or ended: what a
    /// replay's publication will leave alone.
    async fn superseded_keys(&self, run: &str, table: &str, keys: &[[u8; 16]]) -> Result<Vec<[u8; 16]>>;
    /// The keys of `owner` whose rows are marked as stale.
    async fn stale_keys(&self, table: &str, owner: &str) -> Result<Vec<[u8; 16]>>;
    /// Answers any question to one table.
    async fn read(&self, question: &Question) -> Result<Batches>;
    /// Answers one SELECT, read-only and untyped, with at most `limit` rows.
    async fn query(&self, sql: &str, limit: u32) -> Result<RecordBatch>;

    /// Stages new and changed rows: the national columns, [`KEY`] (16 bytes), [`CONTENT`] (64-bit
    /// integer) and `_rad` (unsigned). Which rows are new, which changed and which neither is
    /// decided in the publication. A key may be staged once.
    async fn stage(&self, run: &str, table: &str, batch: &RecordBatch) -> Result<()>;
    /// Stages keys without rows.
    async fn stage_keys(&self, run: &str, table: &str, keys: &[[u8; 16]], kind: KeyKind) -> Result<()>;
    /// Removes what a run has staged, for a new plan.
    async fn unstage(&self, run: &str) -> Result<()>;
    /// Publishes a run in one transaction. Publishing it again gives the first result.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Moved`] if another run published one of the tables for the same owner
    /// after `base`: nothing has happened, and a new plan is wanted. [`RegisterError::Fenced`] if
    /// the lease has passed on.
    async fn publish(&self, publication: &Publication) -> Result<Published>;

    /// Notes an erasure and removes its rows, with their history, in one transaction. Repeating it removes
    /// what has come back.
    async fn erase(&self, erasure: &Erasure) -> Result<ErasedRows>;
    /// Erasures that were begun and not carried through, the earliest first.
    async fn unfinished_erasures(&self) -> Result<Vec<Erasure>>;
    /// Notes that an erasure has been carried through, with counts.
    async fn finish_erasure(&self, erasure: &Erasure, removed: &serde_json::Value) -> Result<()>;
    /// Lets readers of the lake have this version of a table: earlier ones are gone.
    async fn repin(&self, table: &str, version: u64) -> Result<()>;
    /// Keys of which nothing has been valid since before `day`, or believed since before `recorded`.
    async fn ended_keys(&self, table: &str, day: NaiveDate, recorded: DateTime<Utc>) -> Result<Vec<String>>;
    /// Changes receipts for which `clean` gives another text. Gives how many.
    async fn clean_receipts(&self, clean: &(dyn for<'t> Fn(&'t str) -> Option<String> + Send + Sync)) -> Result<u64>;
    /// The version of the pseudonym key that the keyed hashes have; `current` where none has been noted.
    async fn pseudonym_version(&self, current: u32) -> Result<u32>;
    /// Brings every keyed hash of a sole trader's number to `to.version`, with the keys, ids and content hashes
    /// that are made of it, in one transaction. What is left to do in the lake comes back as an erasure.
    async fn rekey(&self, to: &Rekeying<'_>) -> Result<Option<Erasure>>;
    /// Writes the database anew, so that its pages hold nothing of removed rows. Whether it has a log that
    /// may hold them still (PostgreSQL's write-ahead log, until it is recycled).
    async fn scrub(&self, tables: &[String]) -> Result<bool>;

    /// The current rows of `keys`: national columns and valid time, and the register's own.
    async fn load_current(&self, table: &str, owner: Option<&str>, keys: &[[u8; 16]]) -> Result<Batches> {
        self.read(&Question {
            table: table.to_owned(),
            columns: Some(all_columns(&self.schema(table, None)?)),
            owner: owner.map(str::to_owned),
            believed: Believed::Current,
            keys: Some(keys.to_vec()),
            ..Question::default()
        })
        .await
    }

    /// What was believed after publication `at_seq`: every slice, with the register's own columns.
    async fn current_rows(&self, table: &str, owner: Option<&str>, at_seq: u64) -> Result<Batches> {
        self.read(&Question {
            table: table.to_owned(),
            columns: Some(all_columns(&self.schema(table, None)?)),
            owner: owner.map(str::to_owned),
            believed: Believed::AtSeq(at_seq),
            ..Question::default()
        })
        .await
    }

    /// What is believed now: every slice.
    async fn scan(&self, table: &str, columns: Option<&[String]>, owner: Option<&str>) -> Result<Batches> {
        self.read(&Question {
            table: table.to_owned(),
            columns: columns.map(<[String]>::to_vec),
            owner: owner.map(str::to_owned),
            ..Question::default()
        })
        .await
    }

    /// What the register says of the rows whose key columns have these values: now or at
    /// `recorded`, about every day or about `valid_on`.
    async fn show(
        &self,
        table: &str,
        key: &[(String, String)],
        valid_on: Option<NaiveDate>,
        recorded: Option<DateTime<Utc>>,
    ) -> Result<Batches> {
        self.read(&Question {
            table: table.to_owned(),
            columns: Some(all_columns(&self.schema(table, None)?)),
            believed: recorded.map_or(Believed::Now, Believed::At),
            valid_on,
            equal: key.to_vec(),
            ..Question::default()
        })
        .await
    }

    /// Everything that the register ever believed of the rows whose key columns have these values.
    async fn history(&self, table: &str, key: &[(String, String)]) -> Result<Batches> {
        self.read(&Question {
            table: table.to_owned(),
            columns: Some(all_columns(&self.schema(table, None)?)),
            believed: Believed::Ever,
            equal: key.to_vec(),
            ..Question::default()
        })
        .await
    }
}

/// The shown columns and all of the register's own.
fn all_columns(shown: &SchemaRef) -> Vec<String> {
    let own = layout::own_names();
    shown.fields().iter().map(|f| f.name().clone()).chain(own.map(str::to_owned)).collect()
}

/// Opens the register that `url` names (`sqlite://path` or `postgres://…`) for these national
/// tables, brings it up to date, ends dead runs and removes what they left in staging.
pub async fn open(url: &str, tables: &[Table], clock: Arc<dyn Clock>) -> Result<Arc<dyn Register>> {
    let store = Store::open(url, tables, clock).await?;
    store.migrate().await?;
    store.sweep().await?;
    Ok(Arc::new(store))
}

/// The register in either database.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) database: Arc<Database>,
    pub(crate) layouts: Arc<BTreeMap<String, Arc<Layout>>>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Held while publishing.
    pub(crate) publishing: Arc<Mutex<()>>,
    pub(crate) alive: Arc<Alive>,
}

impl Store {
    pub(crate) async fn open(url: &str, tables: &[Table], clock: Arc<dyn Clock>) -> Result<Self> {
        let mut layouts = BTreeMap::new();
        for table in tables {
            if let Some(layout) = Layout::of(table)?
                && layouts.insert(table.name.clone(), Arc::new(layout)).is_some()
            {
                return Err(RegisterError::table(&table.name, "is declared twice"));
            }
        }
        let database = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Database::Sqlite(SqlitePools::open(url).await?),
            Some("postgres" | "postgresql") => Database::Postgres(postgres::open(url).await?),
            _ => return Err(RegisterError::Address("neither sqlite: nor postgres:")),
        };
        Ok(Self {
            database: Arc::new(database),
            layouts: Arc::new(layouts),
            clock,
            publishing: Arc::default(),
            alive: Arc::default(),
        })
    }

    /// What locks the rows of a SELECT. SQLite's writing transactions hold the only lock.
    pub(crate) fn row_lock(&self) -> &'static str {
        if self.database.dialect() == Dialect::Postgres { " FOR UPDATE" } else { "" }
    }
}

#[async_trait]
impl Register for Store {
    async fn migrate(&self) -> Result<()> {
        self.bring_up_to_date().await
    }
    async fn sweep(&self) -> Result<u64> {
        self.end_dead_runs().await?;
        self.sweep_staging().await
    }
    async fn lock_lake(&self) -> Result<LakeLock> {
        self.lock_the_lake().await
    }
    async fn base(&self) -> Result<u64> {
        let rows = self.database.fetch("find the base", "SELECT publish_seq FROM sekvens WHERE id = 1", &[]).await?;
        rows.into_iter().next().map_or(Ok(0), |mut row| row.count())
    }
    fn schema(&self, table: &str, columns: Option<&[String]>) -> Result<SchemaRef> {
        Ok(Layout::schema(&self.layout(table)?.select(columns)?))
    }
    async fn current_keys(&self, table: &str, owner: Option<&str>) -> Result<BoxStream<'static, Result<KeyBatch>>> {
        self.current(table, owner).await
    }
    async fn foreign_keys(&self, table: &str, owner: &str, keys: &[[u8; 16]]) -> Result<Vec<[u8; 16]>> {
        self.foreign(table, owner, keys).await
    }
    async fn superseded_keys(&self, run: &str, table: &str, keys: &[[u8; 16]]) -> Result<Vec<[u8; 16]>> {
        self.superseded(run, table, keys).await
    }
    async fn stale_keys(&self, table: &str, owner: &str) -> Result<Vec<[u8; 16]>> {
        self.stale(table, owner).await
    }
    async fn read(&self, question: &Question) -> Result<Batches> {
        self.answer(question).await
    }
    async fn query(&self, sql: &str, limit: u32) -> Result<RecordBatch> {
        self.ask(sql, limit).await
    }
    async fn stage(&self, run: &str, table: &str, batch: &RecordBatch) -> Result<()> {
        self.stage_rows(run, table, batch).await
    }
    async fn stage_keys(&self, run: &str, table: &str, keys: &[[u8; 16]], kind: KeyKind) -> Result<()> {
        self.stage_some_keys(run, table, keys, kind).await
    }
    async fn unstage(&self, run: &str) -> Result<()> {
        let number = self.open_run(run).await?;
        self.discard(number).await
    }
    async fn publish(&self, publication: &Publication) -> Result<Published> {
        self.publish_run(publication).await
    }
    async fn erase(&self, erasure: &Erasure) -> Result<ErasedRows> {
        self.erase_rows(erasure).await
    }
    async fn unfinished_erasures(&self) -> Result<Vec<Erasure>> {
        self.unfinished().await
    }
    async fn finish_erasure(&self, erasure: &Erasure, removed: &serde_json::Value) -> Result<()> {
        self.erasure_done(erasure, removed).await
    }
    async fn repin(&self, table: &str, version: u64) -> Result<()> {
        self.repin_table(table, version).await
    }
    async fn ended_keys(&self, table: &str, day: NaiveDate, recorded: DateTime<Utc>) -> Result<Vec<String>> {
        self.keys_ended(table, day, recorded).await
    }
    async fn clean_receipts(&self, clean: &(dyn for<'t> Fn(&'t str) -> Option<String> + Send + Sync)) -> Result<u64> {
        self.mask_receipts(clean).await
    }
    async fn pseudonym_version(&self, current: u32) -> Result<u32> {
        self.noted_version(current).await
    }
    async fn rekey(&self, to: &Rekeying<'_>) -> Result<Option<Erasure>> {
        self.rekey_rows(to).await
    }
    async fn scrub(&self, tables: &[String]) -> Result<bool> {
        self.scrub_pages(tables).await?;
        Ok(self.keeps_a_log())
    }
}
