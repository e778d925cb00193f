//! The publishing transaction: the only commit point of a run.
//!
//! It locks the counter row first, so publications come one after the other, and everything that
//! they number (publish sequence, recorded time, events) grows in the order of their commits. It is
//! all or nothing, and publishing a run a second time only tells the first result again.

mod checks;
mod publication;
mod step;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sluss_schemas::secrecy::CONTRACT;
use sluss_schemas::table::ddl::{Dialect, quoted};

pub(super) use self::checks::lock_counters;
use self::checks::{check_base, check_fence, mark_later_deliveries, published_already};
pub use self::publication::{
    NewManifest, NewPartition, PartitionContent, Publication, Published, TableChange, TableOutcome,
};
use self::step::Step;
use super::database::{Arg, Database, Tx};
use super::error::{RegisterError, Result};
use super::layout::Layout;
use super::roles::{leave_role, publishing_role, take_role};
use super::sql::{staged_keys, staged_table, work_tables};
use super::{Store, postgres, sql};
use crate::fail;
use crate::ledger::{
    Act, CHANNEL, Note, RunState, insert_quarantine, note, outdate_quarantine, resolve_quarantine,
    supersede_quarantine, transition,
};

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
        check_fence(&mut tx, publication, self.database.dialect()).await?;
        check_base(&mut tx, publication).await?;
        if self.database.dialect() == Dialect::Postgres {
            postgres::check_staging(&mut tx, number).await?;
        }
        fail::point("publish.checked");

        // From here to the end of the ledger's part the database itself refuses other owners' rows.
        let role = publishing_role(&mut tx, &publication.owner).await?;
        if let Some(role) = &role {
            Self::show_staging(&mut tx, number, layouts, role).await?;
            // Left on this connection from the time before there were roles.
            tx.define("prepare a publication", sql::DROP_WORK_TABLES).await?;
            take_role(&mut tx, role).await?;
        }
        for statement in work_tables(self.database.dialect(), role.is_some()) {
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
        self.note_withheld(&mut tx, &publication.run, &publication.owner, &publication.withheld).await?;
        fail::point("publish.rows");

        let changes: u64 = tables.iter().map(TableOutcome::changes).sum();
        let anything = changes > 0 || !publication.manifests.is_empty() || !publication.partitions.is_empty();
        let published = Published {
            seq: anything.then_some(seq),
            reg_at: anything.then_some(reg_at),
            events: event - before.event,
            tables,
        };
        self.write_ledger(&mut tx, publication, &published, seq, now).await?;
        fail::point("publish.ledger");
        if role.is_some() {
            leave_role(&mut tx).await?;
        }
        if anything {
            let sql = "UPDATE sekvens SET publish_seq = $1, event_no = $2, recorded = $3 WHERE id = 1";
            tx.execute("advance the counters", sql, &[seq.into(), event.into(), reg_at.into()]).await?;
        }
        if published.events > 0 && self.database.dialect() == Dialect::Postgres {
            // Told to listeners with the commit, and only then.
            let sql = "SELECT pg_notify($1, $2)";
            tx.execute("tell listeners", sql, &[CHANNEL.into(), event.to_string().as_str().into()]).await?;
        }
        write_partitions(&mut tx, publication, seq).await?;
        if published.tables.iter().any(|table| table.table == CONTRACT && table.changes() > 0) {
            self.note_closed(&mut tx, seq).await?;
        }
        self.note_publication(&mut tx, publication, &published).await?;
        fail::point("publish.commit");
        tx.commit().await?;
        Ok(published)
    }

    /// Lets the owner's role read what is staged, and no other owner's.
    async fn show_staging(tx: &mut Tx, number: i64, layouts: &[Arc<Layout>], role: &str) -> Result<()> {
        let mut tables = vec![staged_keys(Dialect::Postgres, number)];
        tables.extend(layouts.iter().map(|l| staged_table(Dialect::Postgres, number, l.name())));
        let sql = format!("GRANT SELECT ON {} TO {}", tables.join(", "), quoted(role));
        tx.define("show what is staged", &sql).await
    }

    /// The audit log's entry of a publication.
    async fn note_publication(&self, tx: &mut Tx, publication: &Publication, published: &Published) -> Result<()> {
        let seq = published.seq.map_or_else(|| "-".to_owned(), |seq| seq.to_string());
        let outcome = format!("done owner={} seq={seq} events={}", publication.owner, published.events);
        let act = match (publication.believed, &publication.replay_of) {
            (true, _) => Act::Believe,
            (false, Some(_)) => Act::Replay,
            (false, None) => Act::Run,
        };
        let (object, run) = (publication.job.as_str(), Some(publication.run.as_str()));
        note(self, tx, &Note { who: None, act, object, outcome: &outcome, run }).await.map(drop)
    }

    /// Manifests, receipt, cursor, quarantine, the run's own row.
    async fn write_ledger(
        &self,
        tx: &mut Tx,
        publication: &Publication,
        published: &Published,
        seq: u64,
        now: DateTime<Utc>,
    ) -> Result<()> {
        write_manifests(tx, publication, published, seq).await?;
        fail::point("publish.manifests");
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

async fn write_manifests(tx: &mut Tx, publication: &Publication, published: &Published, seq: u64) -> Result<()> {
    let (run, owner) = (publication.run.as_str(), publication.owner.as_str());
    for manifest in &publication.manifests {
        let sql = "INSERT INTO manifest (seq, table_name, owner, run, actions, state) \
                   VALUES ($1, $2, $3, $4, $5, 'pending')";
        let args = [seq.into(), manifest.table.as_str().into(), owner.into(), run.into(), (&manifest.actions).into()];
        tx.execute("write a manifest", sql, &args).await?;
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

/// The lake's partitions, which are all owners' together.
async fn write_partitions(tx: &mut Tx, publication: &Publication, seq: u64) -> Result<()> {
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
    Ok(())
}
