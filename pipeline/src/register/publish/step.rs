//! One table's part of the publishing transaction: history, events, stale marks.

use chrono::{DateTime, Utc};
use sluss_schemas::table::ddl::Dialect;

use super::publication::{Publication, TableChange, TableOutcome};
use crate::fail;
use crate::register::database::{Arg, Tx};
use crate::register::error::{RegisterError, Result};
use crate::register::layout::Layout;
use crate::register::sql::{Publish, literal, staged_keys, staged_table};
use crate::register::stage::KeyKind;

/// One table's part of the transaction.
pub(super) struct Step<'a> {
    pub(super) publication: &'a Publication,
    pub(super) layout: &'a Layout,
    pub(super) number: i64,
    pub(super) seq: u64,
    pub(super) reg_at: DateTime<Utc>,
    /// The last event number given.
    pub(super) event: u64,
    pub(super) dialect: Dialect,
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

    /// Moves the table from what it was to what the run staged. Gives what changed.
    pub(super) async fn apply(&mut self, tx: &mut Tx, change: &TableChange, later: bool) -> Result<TableOutcome> {
        let sql = Publish {
            layout: self.layout,
            dialect: self.dialect,
            run: self.number,
            skip_superseded: later,
            replay: self.publication.replay_of.is_some(),
        };
        let mut outcome = TableOutcome { table: change.table.clone(), ..TableOutcome::default() };
        let staged = staged_table(self.dialect, self.number, self.layout.name());
        let any_rows = Self::exists(tx, &format!("SELECT 1 FROM {staged}")).await?;
        let name = literal(self.layout.name());
        let keys = staged_keys(self.dialect, self.number);
        let any_keys = Self::exists(tx, &format!("SELECT 1 FROM {keys} WHERE tabell = {name}")).await?;
        if any_rows {
            self.check_owners(tx, &sql).await?;
        }
        if later {
            tx.execute("find superseded keys", &sql.find_superseded(), &[]).await?;
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
        let jobs = self.publication.jobs();
        let whole_of = (change.complete && !later).then_some(jobs.as_slice());
        self.move_stale(tx, &sql, whole_of, any_keys, &mut outcome).await?;
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
        whole_of: Option<&[String]>,
        any_keys: bool,
        outcome: &mut TableOutcome,
    ) -> Result<()> {
        let (owner, seq): (Arg, Arg) = (self.publication.owner.as_str().into(), self.seq.into());
        let name = literal(self.layout.name());
        let any = format!("SELECT 1 FROM inaktuell WHERE table_name = {name} AND seq_to IS NULL");
        if !self.publication.outdated && Self::exists(tx, &any).await? {
            let end = sql.end_stale(whole_of, KeyKind::Stale.code(), KeyKind::Fresh.code());
            outcome.fresh = tx.execute("end stale marks", &end, &[owner.clone(), seq.clone()]).await?;
        }
        if any_keys {
            let renew = sql.renew_stale(KeyKind::Stale.code());
            tx.execute("renew stale marks", &renew, std::slice::from_ref(&owner)).await?;
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
