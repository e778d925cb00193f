//! The publishing transaction: the only commit point of a run.
//!
//! It locks the counter row first, so publications come one after the other, and everything that
//! they number (publish sequence, recorded time, events) grows in the order of their commits. It is
//! all or nothing, and publishing a run a second time only tells the first result again.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluss_schemas::table::ddl::{Dialect, quoted};

use super::database::{Arg, Database, Tx};
use super::error::{RegisterError, Result};
use super::layout::Layout;
use super::sql::{Publish, staged_keys, staged_table, work_tables};
use super::stage::KeyKind;
use super::{Store, sql};
use crate::fail;
use crate::ledger::{
    LakePartition, QuarantineRow, Receipt, RunState, insert_quarantine, outdate_quarantine, resolve_quarantine,
    supersede_quarantine, transition,
};

/// Everything that one run publishes, but its staged rows.
#[derive(Clone, Debug, Default)]
pub struct Publication {
    /// The run. Its rows and keys have been staged.
    pub run: String,
    /// The job.
    pub job: String,
    /// Whose rows these are: a länskod, or a national job's name. Nothing of another owner's changes.
    pub owner: String,
    /// The register's sequence number when the plan was made ([`super::Register::base`]).
    pub base: u64,
    /// The lease's fence, where the job runs under a lease.
    pub fence: Option<u64>,
    /// From which day changes without a date of their own take effect: the delivery's date.
    pub effective: NaiveDate,
    /// Hash of the mapping that made the rows.
    pub mapping: String,
    /// The register tables that the job feeds: those with staged rows or keys, and those without.
    pub tables: Vec<TableChange>,
    /// Lake files to add and to remove, one for each lake table.
    pub manifests: Vec<NewManifest>,
    /// Lake partitions as they will be.
    pub partitions: Vec<NewPartition>,
    /// Where the source goes on next time.
    pub cursor: Option<String>,
    /// Row counts of the run, as its accounting has them.
    pub counts: Value,
    /// The receipt.
    pub receipt: Receipt,
    /// Rejected rows.
    pub quarantine: Vec<QuarantineRow>,
    /// The run whose delivery this one reads again, for a replay. Keys that a later delivery
    /// published are left alone and reported; rows that wait in that run's quarantine wait no
    /// longer, since what is still wrong with them stands in this run's.
    pub replay_of: Option<String>,
    /// A replay of a delivery after which the job's whole source has come: what it publishes was the
    /// latest that could be read, and stays stale; what it rejects waits under the later one.
    pub outdated: bool,
    /// The delivery is the job's whole source: rows that wait from its earlier deliveries wait no
    /// longer, since what is still wrong with them stands in this run's.
    pub complete: bool,
}

/// One register table of a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableChange {
    /// The table.
    pub table: String,
    /// Whether the delivery held all of the owner's rows, so that a key is stale only if this
    /// delivery says so.
    pub complete: bool,
}

/// What is to be done in one lake table.
#[derive(Clone, Debug, PartialEq)]
pub struct NewManifest {
    /// The table.
    pub table: String,
    /// Files to add and to remove, in the projector's own form.
    pub actions: Value,
}

/// A lake partition after the publication.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPartition {
    /// The table.
    pub table: String,
    /// The partition's values, in the projector's own form.
    pub partition: String,
    /// Digest of its content; none: the partition is gone.
    pub content: Option<PartitionContent>,
}

/// What a lake partition holds.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionContent {
    /// Digest of the rows, independent of their order and of file names.
    pub digest: String,
    /// Number of rows.
    pub rows: u64,
    /// Its files.
    pub files: Value,
}

/// What came of a publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Its sequence number; none where nothing changed.
    pub seq: Option<u64>,
    /// Recorded time of its rows; none where nothing changed.
    pub reg_at: Option<DateTime<Utc>>,
    /// Number of events.
    pub events: u64,
    /// What changed in each register table, in the publication's order.
    pub tables: Vec<TableOutcome>,
}

/// What a publication changed in one table, in keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableOutcome {
    /// The table.
    pub table: String,
    /// Keys that were not there, or had ended.
    pub new: u64,
    /// Keys with new values from the effective day.
    pub changed: u64,
    /// Keys whose period or corrections changed.
    pub corrected: u64,
    /// Keys that ended.
    pub ended: u64,
    /// Keys that became stale.
    pub stale: u64,
    /// Keys that are no longer stale.
    pub fresh: u64,
    /// Rows of a replay that a later delivery supersedes.
    pub superseded: Vec<u64>,
}

impl Published {
    /// A publication that changed nothing.
    pub(crate) const fn nothing() -> Self {
        Self { seq: None, reg_at: None, events: 0, tables: Vec::new() }
    }
}

impl TableOutcome {
    fn changes(&self) -> u64 {
        self.new + self.changed + self.corrected + self.ended + self.stale + self.fresh
    }
}

/// The counter row.
struct Counters {
    seq: u64,
    event: u64,
    recorded: DateTime<Utc>,
}

impl Store {
    pub(crate) async fn publish_run(&self, publication: &Publication) -> Result<Published> {
        if let Some(published) = self.published_before(&publication.run).await? {
            return Ok(published);
        }
        match self.publish_staged(publication).await {
            Ok(published) => Ok(published),
            // Another process may have published this very run meanwhile, and removed its staging.
            Err(error) => self.published_before(&publication.run).await?.ok_or(error),
        }
    }

    async fn publish_staged(&self, publication: &Publication) -> Result<Published> {
        let number = self.open_run(&publication.run).await?;
        let mut layouts: Vec<Arc<Layout>> = vec![];
        for change in &publication.tables {
            if layouts.iter().any(|l| l.name() == change.table) {
                return Err(RegisterError::table(&change.table, "stands twice in a publication"));
            }
            layouts.push(self.layout(&change.table)?.clone());
        }
        self.prepare_staging(number, &layouts).await?;
        fail::point("publish.before");
        // One at a time within this process: the connection that SQLite attaches staging to is one.
        let guard = self.publishing.lock().await;
        let attached = self.ready_staging(number, &layouts).await?;
        fail::point("publish.staged");
        let published = self.publish_in_one_transaction(publication, number, &layouts, attached.as_deref()).await?;
        if let Database::Sqlite(pools) = self.database.as_ref() {
            pools.detach().await?;
        }
        drop(guard);
        fail::point("publish.committed");
        // What is left over now is swept later.
        if let Err(error) = self.discard(number).await {
            tracing::warn!(error = %error, "a published run's staging could not be removed");
        }
        self.let_go_of_run(number).await;
        self.refresh_statistics(&published).await;
        fail::point("publish.after");
        Ok(published)
    }

    /// The result of a run that has been published.
    async fn published_before(&self, run: &str) -> Result<Option<Published>> {
        let sql = "SELECT result FROM korning WHERE id = $1 AND state = 'done'";
        let rows = self.database.fetch("find a run's result", sql, &[run.into()]).await?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
        let result = row.document_or_none()?;
        // A run that ended without publishing has no result: open_run says so.
        Ok(result.and_then(|r| serde_json::from_value(r).ok()))
    }

    /// Makes staged rows quick to join with. Gives the file that SQLite is to attach.
    async fn ready_staging(&self, run: i64, layouts: &[Arc<Layout>]) -> Result<Option<String>> {
        match self.database.as_ref() {
            Database::Sqlite(pools) => {
                pools.index_staging(run, layouts).await?;
                pools.detach().await?;
                let file = pools.close_staging(run).await?;
                let file = file.to_str().ok_or(RegisterError::Address("the path is not UTF-8"))?;
                Ok(Some(file.to_owned()))
            }
            Database::Postgres(_) => {
                let mut tx = self.database.begin().await?;
                for layout in layouts {
                    let table = staged_table(Dialect::Postgres, run, layout.name());
                    tx.define("look at staged rows", &format!("ANALYZE {table}")).await?;
                }
                let keys = staged_keys(Dialect::Postgres, run);
                tx.define("look at staged keys", &format!("ANALYZE {keys}")).await?;
                tx.commit().await?;
                Ok(None)
            }
        }
    }

    /// After a load that multiplied a table, the planner must know before the next one.
    async fn refresh_statistics(&self, published: &Published) {
        const MANY: u64 = 20_000;
        if self.database.dialect() == Dialect::Sqlite {
            return;
        }
        let grown = published.tables.iter().filter(|t| t.new + t.changed > MANY).map(|t| t.table.as_str());
        let events = (published.events > MANY).then_some("handelse");
        for table in grown.chain(events) {
            let sql = format!("ANALYZE {}", quoted(table));
            let done = async {
                let mut tx = self.database.begin().await?;
                tx.define("look at a table", &sql).await?;
                tx.commit().await
            };
            if let Err(error) = done.await {
                tracing::warn!(table, error = %error, "statistics could not be refreshed");
            }
        }
    }

    async fn publish_in_one_transaction(
        &self,
        publication: &Publication,
        number: i64,
        layouts: &[Arc<Layout>],
        attach: Option<&str>,
    ) -> Result<Published> {
        let mut tx = self.database.begin().await?;
        if let Some(file) = attach {
            tx.define("attach staged rows", &format!("ATTACH {} AS steg", sql::literal(file))).await?;
        }
        let before = lock_counters(&mut tx, self.database.dialect()).await?;
        fail::point("publish.locked");
        // Another process may have published this very run while this one waited for the lock.
        if let Some(published) = published_already(&mut tx, publication).await? {
            return Ok(published);
        }
        check_fence(&mut tx, publication).await?;
        check_base(&mut tx, publication).await?;
        fail::point("publish.checked");

        for statement in work_tables(self.database.dialect()) {
            tx.define("prepare a publication", &statement).await?;
        }
        let now = self.clock.now();
        // Recorded time never stands still, whatever the clock does.
        let reg_at = whole_micros(now).max(before.recorded + TimeDelta::microseconds(1));
        let seq = before.seq + 1;
        let mut event = before.event;
        let later = if publication.replay_of.is_some() { mark_later_deliveries(&mut tx, number).await? } else { false };
        let mut tables = vec![];
        for (change, layout) in publication.tables.iter().zip(layouts) {
            let mut step = Step { publication, layout, number, seq, reg_at, event, dialect: self.database.dialect() };
            let outcome = step.apply(&mut tx, change, later).await.map_err(|e| e.in_table(layout.name()))?;
            event = step.event;
            tables.push(outcome);
            fail::point("publish.table");
        }
        fail::point("publish.rows");

        let changes: u64 = tables.iter().map(TableOutcome::changes).sum();
        let anything = changes > 0 || !publication.manifests.is_empty() || !publication.partitions.is_empty();
        let published = Published {
            seq: anything.then_some(seq),
            reg_at: anything.then_some(reg_at),
            events: event - before.event,
            tables,
        };
        if anything {
            let sql = "UPDATE sekvens SET publish_seq = $1, event_no = $2, recorded = $3 WHERE id = 1";
            tx.execute("advance the counters", sql, &[seq.into(), event.into(), reg_at.into()]).await?;
        }
        write_lake(&mut tx, publication, &published, seq).await?;
        fail::point("publish.manifests");
        self.write_ledger(&mut tx, publication, &published, now).await?;
        fail::point("publish.ledger");
        fail::point("publish.commit");
        tx.commit().await?;
        Ok(published)
    }

    /// Receipt, cursor, quarantine, the run's own row.
    async fn write_ledger(
        &self,
        tx: &mut Tx,
        publication: &Publication,
        published: &Published,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let run = publication.run.as_str();
        let receipt = &publication.receipt;
        let sql = "INSERT INTO kvittens (run, receipt, text) VALUES ($1, $2, $3)";
        tx.execute("write the receipt", sql, &[run.into(), (&receipt.document).into(), receipt.text.as_str().into()])
            .await?;
        fail::point("publish.receipt");
        if let Some(cursor) = &publication.cursor {
            let sql = "INSERT INTO markor (job, cursor, run, advanced) VALUES ($1, $2, $3, $4) \
                       ON CONFLICT (job) DO UPDATE SET cursor = excluded.cursor, run = excluded.run, \
                       advanced = excluded.advanced";
            let args = [publication.job.as_str().into(), cursor.as_str().into(), run.into(), now.into()];
            tx.execute("advance the cursor", sql, &args).await?;
        }
        fail::point("publish.cursor");
        insert_quarantine(tx, run, &publication.quarantine).await?;
        if publication.replay_of.is_some() {
            resolve_quarantine(tx, run).await?;
            if publication.outdated {
                outdate_quarantine(tx, run).await?;
            }
        } else if publication.complete {
            supersede_quarantine(tx, run, &publication.job).await?;
        }
        fail::point("publish.quarantine");
        let versions: serde_json::Map<String, Value> = publication
            .tables
            .iter()
            .filter_map(|c| Some((c.table.clone(), Value::from(self.layouts.get(&c.table)?.table.version.as_str()))))
            .collect();
        let result = serde_json::to_value(published).unwrap_or_default();
        let sql = "UPDATE korning SET state = 'done', ended = $2, counts = $3, mapping_hash = $4, \
                   schema_versions = $5, publish_seq = $6, result = $7 WHERE id = $1";
        let seq = published.seq.map_or(Arg::Int(None), Arg::from);
        let args = [
            run.into(),
            published.reg_at.unwrap_or(now).into(),
            (&publication.counts).into(),
            publication.mapping.as_str().into(),
            (&Value::from(versions)).into(),
            seq,
            (&result).into(),
        ];
        tx.execute("end the run", sql, &args).await?;
        transition(tx, run, Some(RunState::Running), RunState::Done, None, now).await
    }
}

fn whole_micros(instant: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(instant.timestamp_micros()).unwrap_or(instant)
}

async fn lock_counters(tx: &mut Tx, dialect: Dialect) -> Result<Counters> {
    // SQLite's transaction holds the only write lock already.
    let lock = if dialect == Dialect::Postgres { " FOR UPDATE" } else { "" };
    let sql = format!("SELECT publish_seq, event_no, recorded FROM sekvens WHERE id = 1{lock}");
    let row = tx.first("lock the counters", &sql, &[]).await?;
    let mut row = row.ok_or_else(|| RegisterError::table("sekvens", "is empty"))?;
    Ok(Counters { seq: row.count()?, event: row.count()?, recorded: row.instant()? })
}

async fn published_already(tx: &mut Tx, publication: &Publication) -> Result<Option<Published>> {
    let run = publication.run.as_str();
    let sql = "SELECT state, result, job, owner FROM korning WHERE id = $1";
    let row = tx.first("find the run", sql, &[run.into()]).await?;
    let mut row = row.ok_or_else(|| RegisterError::UnknownRun(run.to_owned()))?;
    let state = RunState::read(&row.text()?)?;
    let result = row.document_or_none()?;
    if state == RunState::Done
        && let Some(published) = result.and_then(|r| serde_json::from_value(r).ok())
    {
        return Ok(Some(published));
    }
    if state != RunState::Running {
        return Err(RegisterError::RunState { run: run.to_owned(), state: state.name().to_owned() });
    }
    if row.text()? != publication.job || row.text()? != publication.owner {
        return Err(RegisterError::RunState { run: run.to_owned(), state: "another job's".to_owned() });
    }
    Ok(None)
}

/// A process that lost its lease must not publish, however late it wakes.
async fn check_fence(tx: &mut Tx, publication: &Publication) -> Result<()> {
    let Some(fence) = publication.fence else { return Ok(()) };
    let sql = "SELECT fence FROM lan WHERE job = $1";
    let row = tx.first("check the lease", sql, &[publication.job.as_str().into()]).await?;
    match row.map(|mut r| r.count()).transpose()? {
        Some(held) if held == fence => Ok(()),
        _ => Err(RegisterError::Fenced(publication.job.clone())),
    }
}

/// The tables that a publication changes, each once.
fn touched(publication: &Publication) -> Vec<&str> {
    let register = publication.tables.iter().map(|t| t.table.as_str());
    let lake = publication.manifests.iter().map(|m| m.table.as_str());
    let mut names: Vec<&str> = register.chain(lake).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The plan compared with what was believed at `base`: that must still be so.
async fn check_base(tx: &mut Tx, publication: &Publication) -> Result<()> {
    for table in touched(publication) {
        let sql = "SELECT seq FROM senast WHERE table_name = $1 AND owner = $2";
        let args = [table.into(), publication.owner.as_str().into()];
        let seq = tx.first("check the base", sql, &args).await?.map(|mut r| r.count()).transpose()?;
        if seq.is_some_and(|seq| seq > publication.base) {
            return Err(RegisterError::Moved { table: table.to_owned(), owner: publication.owner.clone() });
        }
    }
    Ok(())
}

/// Notes the publications of deliveries that came after the one that this run replays. Gives
/// whether there are any.
async fn mark_later_deliveries(tx: &mut Tx, run: i64) -> Result<bool> {
    let sql = "INSERT INTO publ_senare (seq) SELECT publish_seq FROM korning WHERE publish_seq IS NOT NULL \
               AND delivery_nr > (SELECT delivery_nr FROM korning WHERE nr = $1)";
    Ok(tx.execute("find later deliveries", sql, &[run.into()]).await? > 0)
}

async fn write_lake(tx: &mut Tx, publication: &Publication, published: &Published, seq: u64) -> Result<()> {
    let (run, owner) = (publication.run.as_str(), publication.owner.as_str());
    for manifest in &publication.manifests {
        let sql = "INSERT INTO manifest (seq, table_name, owner, run, actions, state) \
                   VALUES ($1, $2, $3, $4, $5, 'pending')";
        let args = [seq.into(), manifest.table.as_str().into(), owner.into(), run.into(), (&manifest.actions).into()];
        tx.execute("write a manifest", sql, &args).await?;
    }
    for partition in &publication.partitions {
        let key = [partition.table.as_str().into(), partition.partition.as_str().into()];
        let Some(content) = &partition.content else {
            let sql = "DELETE FROM lake_partition WHERE table_name = $1 AND partition = $2";
            tx.execute("remove a partition", sql, &key).await?;
            continue;
        };
        let sql = "INSERT INTO lake_partition (table_name, partition, digest, row_count, files, seq) \
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (table_name, partition) DO UPDATE SET \
                   digest = excluded.digest, row_count = excluded.row_count, files = excluded.files, seq = excluded.seq";
        let [table, name] = key;
        let args =
            [table, name, content.digest.as_str().into(), content.rows.into(), (&content.files).into(), seq.into()];
        tx.execute("write a partition", sql, &args).await?;
    }
    // A table that this publication left as it was has not moved.
    let changed = published.tables.iter().filter(|t| t.changes() > 0).map(|t| t.table.as_str());
    let lake = publication.manifests.iter().map(|m| m.table.as_str());
    for table in changed.chain(lake) {
        let sql = "INSERT INTO senast (table_name, owner, seq) VALUES ($1, $2, $3) \
                   ON CONFLICT (table_name, owner) DO UPDATE SET seq = excluded.seq";
        tx.execute("move the base", sql, &[table.into(), owner.into(), seq.into()]).await?;
    }
    Ok(())
}

/// One table's part of the transaction.
struct Step<'a> {
    publication: &'a Publication,
    layout: &'a Layout,
    number: i64,
    seq: u64,
    reg_at: DateTime<Utc>,
    /// The last event number given.
    event: u64,
    dialect: Dialect,
}

impl Step<'_> {
    fn args(&self) -> [Arg; 8] {
        [
            self.publication.owner.as_str().into(),
            self.publication.effective.into(),
            self.reg_at.into(),
            self.seq.into(),
            self.publication.run.as_str().into(),
            self.publication.mapping.as_str().into(),
            self.layout.table.version.as_str().into(),
            self.event.into(),
        ]
    }

    async fn count(tx: &mut Tx, sql: &str, args: &[Arg]) -> Result<u64> {
        Ok(tx.first("count rows", sql, args).await?.map(|mut r| r.count()).transpose()?.unwrap_or(0))
    }

    async fn exists(tx: &mut Tx, sql: &str) -> Result<bool> {
        Ok(tx.first("look for rows", &format!("{sql} LIMIT 1"), &[]).await?.is_some())
    }

    /// Lets PostgreSQL see how large its work has become, where the plan of a join hangs on it.
    async fn look_at(&self, tx: &mut Tx, tables: &[&str], rows: u64) -> Result<()> {
        const MANY: u64 = 500;
        if self.dialect == Dialect::Postgres && rows > MANY {
            for table in tables {
                tx.define("look at changes", &format!("ANALYZE {table}")).await?;
            }
        }
        Ok(())
    }

    async fn apply(&mut self, tx: &mut Tx, change: &TableChange, later: bool) -> Result<TableOutcome> {
        let sql = Publish { layout: self.layout, dialect: self.dialect, run: self.number, skip_superseded: later };
        let mut outcome = TableOutcome { table: change.table.clone(), ..TableOutcome::default() };
        let staged = staged_table(self.dialect, self.number, self.layout.name());
        let any_rows = Self::exists(tx, &format!("SELECT 1 FROM {staged}")).await?;
        let name = sql::literal(self.layout.name());
        let keys = staged_keys(self.dialect, self.number);
        let any_keys = Self::exists(tx, &format!("SELECT 1 FROM {keys} WHERE tabell = {name}")).await?;
        if any_rows {
            self.check_owners(tx, &sql).await?;
        }
        if later {
            tx.execute("find superseded keys", &sql.find_superseded(KeyKind::Ended.code()), &[]).await?;
            for mut row in tx.fetch("find superseded rows", &sql.superseded_rows(), &[]).await? {
                outcome.superseded.push(row.int()?.cast_unsigned());
            }
        }
        if any_rows || any_keys {
            let before = self.event;
            self.move_history(tx, &sql, any_rows, any_keys).await?;
            Self::count_events(tx, &[before.into(), self.event.into()], &mut outcome).await?;
        }
        // A later delivery's stale marks are not an older one's to end.
        self.move_stale(tx, &sql, change.complete && !later, any_keys, &mut outcome).await?;
        for table in ["publ_andrad", "publ_avslutad", "publ_del", "publ_ersatt"] {
            tx.execute("end a table", &format!("DELETE FROM {table}"), &[]).await?;
        }
        Ok(outcome)
    }

    async fn check_owners(&self, tx: &mut Tx, sql: &Publish<'_>) -> Result<()> {
        let owner = [self.publication.owner.as_str().into()];
        // A national job's rows may name any region.
        if is_region(&self.publication.owner)
            && let Some(misowned) = sql.misowned()
        {
            let rows = Self::count(tx, &misowned, &owner).await?;
            if rows > 0 {
                let table = self.layout.name().to_owned();
                return Err(RegisterError::Owner { table, owner: self.publication.owner.clone(), rows });
            }
        }
        let rows = Self::count(tx, &sql.foreign(), &owner).await?;
        if rows > 0 { Err(RegisterError::Foreign { table: self.layout.name().to_owned(), rows }) } else { Ok(()) }
    }

    async fn move_history(&mut self, tx: &mut Tx, sql: &Publish<'_>, any_rows: bool, any_keys: bool) -> Result<()> {
        let args = self.args();
        let table = self.layout.sql_name();
        let believed = Self::exists(tx, &format!("SELECT 1 FROM {table} WHERE reg_till IS NULL")).await?;
        let mut planned = 0;
        if any_rows && believed {
            planned += tx.execute("plan changes", &sql.plan_changed(), &args).await?;
        }
        if any_keys && believed {
            planned += tx.execute("plan ends", &sql.plan_ended(KeyKind::Ended.code()), &args).await?;
        }
        fail::point("publish.planned");
        // Before the changed keys are closed: a changed key must not look like a new one.
        if any_rows {
            tx.execute("insert new rows", &sql.insert_new(), &args).await?;
        }
        fail::point("publish.inserted");
        if planned > 0 {
            self.look_at(tx, &["publ_andrad", "publ_avslutad"], planned).await?;
            tx.execute("plan changes", &sql.plan_changed_parts(), &args).await?;
            tx.execute("plan ends", &sql.plan_ended_parts(), &args).await?;
            self.look_at(tx, &["publ_del"], planned).await?;
            tx.execute("close slices", &sql.close(), &args).await?;
            fail::point("publish.closed");
            tx.execute("insert slices", &sql.insert_parts(), &args).await?;
            tx.execute("insert changes", &sql.insert_changed(), &args).await?;
        }
        fail::point("publish.changed");
        self.event += tx.execute("write events", &sql.insert_events(), &args).await?;
        fail::point("publish.events");
        Ok(())
    }

    async fn count_events(tx: &mut Tx, range: &[Arg], outcome: &mut TableOutcome) -> Result<()> {
        for mut row in tx.fetch("count events", Publish::count_events(), range).await? {
            let (kind, count) = (row.text()?, row.count()?);
            match kind.as_str() {
                "new" => outcome.new = count,
                "changed" => outcome.changed = count,
                "corrected" => outcome.corrected = count,
                _ => outcome.ended = count,
            }
        }
        Ok(())
    }

    async fn move_stale(
        &self,
        tx: &mut Tx,
        sql: &Publish<'_>,
        complete: bool,
        any_keys: bool,
        outcome: &mut TableOutcome,
    ) -> Result<()> {
        let (owner, seq): (Arg, Arg) = (self.publication.owner.as_str().into(), self.seq.into());
        let name = sql::literal(self.layout.name());
        let any = format!("SELECT 1 FROM inaktuell WHERE table_name = {name} AND seq_to IS NULL");
        if !self.publication.outdated && Self::exists(tx, &any).await? {
            let end = sql.end_stale(complete, KeyKind::Stale.code(), KeyKind::Fresh.code());
            outcome.fresh = tx.execute("end stale marks", &end, &[owner.clone(), seq.clone()]).await?;
        }
        if any_keys {
            let begin = sql.begin_stale(KeyKind::Stale.code());
            let args = [owner, seq, self.publication.run.as_str().into()];
            outcome.stale = tx.execute("mark stale rows", &begin, &args).await?;
        }
        fail::point("publish.stale");
        Ok(())
    }
}

/// Whether an owner is a region (a länskod), and not a national job.
fn is_region(owner: &str) -> bool {
    owner.len() == 2 && owner != "00" && owner.bytes().all(|b| b.is_ascii_digit())
}

impl From<&LakePartition> for NewPartition {
    fn from(partition: &LakePartition) -> Self {
        let content =
            PartitionContent { digest: partition.digest.clone(), rows: partition.rows, files: partition.files.clone() };
        Self { table: partition.table.clone(), partition: partition.partition.clone(), content: Some(content) }
    }
}
