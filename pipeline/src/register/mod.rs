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

mod changes;
mod columns;
mod copy;
pub(crate) mod database;
mod erase;
mod error;
mod layout;
mod locks;
mod matches;
mod migrate;
pub(crate) mod postgres;
mod publish;
mod read;
mod rekey;
mod roles;
mod secrecy;
mod snapshot;
pub(crate) mod sql;
mod sqlite;
mod stage;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use futures::stream::BoxStream;
use sluss_schemas::clock::Clock;
use sluss_schemas::secrecy::{Bond, Decision, Rules};
use sluss_schemas::table::Table;
use sluss_schemas::table::ddl::Dialect;
use tokio::sync::Mutex;

pub use changes::{Altered, Difference, differences, timeline};
pub use erase::{ErasedDelivery, ErasedRows, Erasure, Targets};
pub use error::{Actor, RegisterError, Result};
pub use layout::{CONTENT, KEY, STALE};
pub use locks::LakeLock;
pub use publish::{NewManifest, NewPartition, PartitionContent, Publication, Published, TableChange, TableOutcome};
pub use read::{Batches, Believed, DeliveredBy, KeyBatch, Question};
pub use rekey::Rekeying;
pub use roles::Roles;
pub use secrecy::{Mirrored, Standing};
pub use snapshot::Snapshot;
pub use stage::KeyKind;

use database::Database;
use layout::Layout;
use locks::Alive;
pub(crate) use roles::Capacity;
pub(crate) use sql::hex;
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
    async fn current_keys(&self, table: &str, owner: Option<&str>) -> Result<BoxStream<'static, Result<KeyBatch>>> {
        self.current_keys_by(table, owner, None).await
    }
    /// Of them, those that came with such a delivery.
    async fn current_keys_by(
        &self,
        table: &str,
        owner: Option<&str>,
        delivered_by: Option<DeliveredBy>,
    ) -> Result<BoxStream<'static, Result<KeyBatch>>>;
    /// Which of `keys` another owner publishes. A publication with such a key is refused.
    async fn foreign_keys(&self, table: &str, owner: &str, keys: &[[u8; 16]]) -> Result<Vec<[u8; 16]>>;
    /// Which of `keys` a delivery after the one that `run` reads has published or ended: what a
    /// replay's publication will leave alone.
    async fn superseded_keys(&self, run: &str, table: &str, keys: &[[u8; 16]]) -> Result<Vec<[u8; 16]>>;
    /// The keys of `owner` whose rows are marked as stale.
    async fn stale_keys(&self, table: &str, owner: &str) -> Result<Vec<[u8; 16]>>;
    /// When a key was marked as stale: from which publication to before which.
    async fn stale_times(&self, table: &str, key: &[u8; 16]) -> Result<Vec<(u64, Option<u64>)>>;
    /// The last publication that had been recorded at this instant; 0 before the first.
    async fn publication_at(&self, instant: DateTime<Utc>) -> Result<u64>;
    /// The keys, of an owner or of all, that publications after `after` and up to `to` touched. In the
    /// keys' order.
    async fn touched_keys(
        &self,
        table: &str,
        owner: Option<&str>,
        after: u64,
        to: u64,
    ) -> Result<BoxStream<'static, Result<Vec<[u8; 16]>>>>;
    /// Makes views under `name` that show the register as it was at `recorded`, for whoever reads the
    /// database.
    async fn make_snapshot(&self, name: &str, recorded: DateTime<Utc>) -> Result<Snapshot>;
    /// The snapshots, by name.
    async fn snapshots(&self) -> Result<Vec<Snapshot>>;
    /// Removes a snapshot's views. History is not touched.
    async fn drop_snapshot(&self, name: &str) -> Result<()>;
    /// Answers any question to one table.
    async fn read(&self, question: &Question) -> Result<Batches>;
    /// The statements that would make these roles, and those that would give them their rights.
    async fn roles_script(&self, roles: &Roles) -> Result<(Vec<String>, Vec<String>)>;
    /// Makes these roles and gives them their rights. Repeating it changes nothing.
    async fn set_roles(&self, roles: &Roles) -> Result<()>;
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

    /// Lets statuses and views follow the project's choices.
    async fn set_secrecy(&self, rules: &Rules) -> Result<()>;
    /// How contracts stand on a day: all, or those that are not open.
    async fn secrecy(&self, today: NaiveDate, closed_only: bool) -> Result<Vec<Standing>>;
    /// Adds a decision on a contract, which ends the one before it. The views follow at once.
    async fn decide_secrecy(&self, decision: &Decision) -> Result<()>;
    /// Every decision on a contract, in the order in which they were recorded.
    async fn secrecy_decisions(&self, lanskod: &str, avtals_id: &str) -> Result<Vec<Decision>>;
    /// Adds a decision on a row of `koppling`, or with none ends all: those that stood before it end, and the
    /// audit log says so, in one transaction.
    async fn decide_match(&self, key: [u8; 16], added: Option<&crate::matching::Decision>, who: &str) -> Result<()>;
    /// Decisions on matches in the order in which they were recorded: on one row, or all that stand.
    async fn match_decisions(&self, key: Option<&[u8; 16]>) -> Result<Vec<crate::matching::Decision>>;
    /// The keys of the rows of `table` that are believed of these contracts of `owner`, which it hangs on
    /// by `bond`.
    async fn contract_keys(
        &self,
        table: &str,
        bond: &Bond,
        owner: &str,
        contracts: &[(String, String)],
    ) -> Result<Vec<[u8; 16]>>;
    /// What was kept back when the lake was last written.
    async fn mirrored_secrecy(&self) -> Result<Vec<Mirrored>>;
    /// Notes what was kept back now; with `version`, the lake table's last publication stands there.
    async fn note_mirrored_secrecy(&self, mirrored: &Mirrored, version: Option<u64>) -> Result<()>;
    /// Notes an erasure and removes its rows, with their history, in one transaction. Repeating it removes
    /// what has come back.
    async fn erase(&self, erasure: &Erasure) -> Result<ErasedRows>;
    /// Erasures that were begun and not carried through, the earliest first.
    async fn unfinished_erasures(&self) -> Result<Vec<Erasure>>;
    /// Keys whose region has decided that they are not to be registered, and whose history still is: what a
    /// retention erases.
    async fn refused_keys(&self) -> Result<BTreeMap<String, Vec<String>>>;
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
    match store.capacity().await? {
        Capacity::Keeper => store.migrate().await?,
        Capacity::Pipeline | Capacity::Reader => store.check_up_to_date().await?,
    }
    if store.capacity().await? != Capacity::Reader {
        store.sweep().await?;
    }
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
    /// On whose behalf the program acts.
    pub(crate) who: Arc<OnceLock<String>>,
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
            who: Arc::default(),
        })
    }

    /// On whose behalf the program acts, as the audit log has it.
    pub(crate) fn who(&self) -> &str {
        self.who.get().map_or("sluss", String::as_str)
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
    async fn current_keys_by(
        &self,
        table: &str,
        owner: Option<&str>,
        delivered_by: Option<DeliveredBy>,
    ) -> Result<BoxStream<'static, Result<KeyBatch>>> {
        self.current(table, owner, delivered_by).await
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
    async fn stale_times(&self, table: &str, key: &[u8; 16]) -> Result<Vec<(u64, Option<u64>)>> {
        self.times_stale(table, key).await
    }
    async fn publication_at(&self, instant: DateTime<Utc>) -> Result<u64> {
        self.seq_at(instant).await
    }
    async fn touched_keys(
        &self,
        table: &str,
        owner: Option<&str>,
        after: u64,
        to: u64,
    ) -> Result<BoxStream<'static, Result<Vec<[u8; 16]>>>> {
        self.touched(table, owner, after, to)
    }
    async fn make_snapshot(&self, name: &str, recorded: DateTime<Utc>) -> Result<Snapshot> {
        self.snapshot_at(name, recorded).await
    }
    async fn snapshots(&self) -> Result<Vec<Snapshot>> {
        self.known_snapshots().await
    }
    async fn drop_snapshot(&self, name: &str) -> Result<()> {
        self.remove_snapshot(name).await
    }
    async fn read(&self, question: &Question) -> Result<Batches> {
        self.answer(question).await
    }
    async fn roles_script(&self, roles: &Roles) -> Result<(Vec<String>, Vec<String>)> {
        Store::roles_script(self, roles).await
    }
    async fn set_roles(&self, roles: &Roles) -> Result<()> {
        Store::set_roles(self, roles).await
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
    async fn set_secrecy(&self, rules: &Rules) -> Result<()> {
        self.follow_rules(rules).await
    }
    async fn secrecy(&self, today: NaiveDate, closed_only: bool) -> Result<Vec<Standing>> {
        self.standings(today, closed_only).await
    }
    async fn decide_secrecy(&self, decision: &Decision) -> Result<()> {
        self.add_decision(decision).await
    }
    async fn secrecy_decisions(&self, lanskod: &str, avtals_id: &str) -> Result<Vec<Decision>> {
        self.list_decisions(lanskod, avtals_id).await
    }
    async fn decide_match(&self, key: [u8; 16], added: Option<&crate::matching::Decision>, who: &str) -> Result<()> {
        self.add_match(key, added, who).await
    }
    async fn match_decisions(&self, key: Option<&[u8; 16]>) -> Result<Vec<crate::matching::Decision>> {
        self.list_matches(key).await
    }
    async fn contract_keys(
        &self,
        table: &str,
        bond: &Bond,
        owner: &str,
        contracts: &[(String, String)],
    ) -> Result<Vec<[u8; 16]>> {
        self.keys_of_contracts(table, bond, owner, contracts).await
    }
    async fn mirrored_secrecy(&self) -> Result<Vec<Mirrored>> {
        self.list_mirrored().await
    }
    async fn note_mirrored_secrecy(&self, mirrored: &Mirrored, version: Option<u64>) -> Result<()> {
        self.note_mirrored(mirrored, version).await
    }
    async fn erase(&self, erasure: &Erasure) -> Result<ErasedRows> {
        self.erase_rows(erasure).await
    }
    async fn unfinished_erasures(&self) -> Result<Vec<Erasure>> {
        self.unfinished().await
    }
    async fn refused_keys(&self) -> Result<BTreeMap<String, Vec<String>>> {
        self.keys_refused().await
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
