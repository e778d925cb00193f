//! Contracts that open, by a day that comes, by a decision or by their region's word: whoever follows the
//! cleared events is told then of all that hangs on them.
//!
//! What was published while a contract was closed has numbers that such a reader has passed already. So what
//! is closed is noted, in the transaction that publishes it, and when it no longer is, each of its current
//! rows gets one more event, *new*, numbered under the counters' lock like all others.

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use sluss_schemas::secrecy::{Bond, CONTRACT, Status, sql};
use sluss_schemas::table::Table;

use super::Store;
use super::database::{Row, Tx};
use super::error::Result;
use super::layout::Layout;
use super::publish::lock_counters;
use super::roles::{leave_role, publishing_role, take_role};
use super::secrecy::of_contracts;
use super::sql::{date_literal, key_document, literal};
use crate::fail;
use crate::ledger::CHANNEL;

/// A contract: its region, and its id there.
type Contract = (String, String);

/// Contracts in one statement.
const AT_ONCE: usize = 500;

const NOTED: &str = "SELECT lanskod, avtals_id FROM sekretess_stangd";

impl Store {
    /// Tells of the contracts that have opened since the last time, and notes those that have closed. Gives
    /// how many events that were.
    pub(super) async fn tell_of_openings(&self, today: NaiveDate) -> Result<u64> {
        if !self.has_status() {
            return Ok(0);
        }
        let doing = "look for contracts that have opened";
        let closed = contracts(self.database.fetch(doing, &self.closed(today), &[]).await?)?;
        if closed == contracts(self.database.fetch(doing, NOTED, &[]).await?)? {
            return Ok(0);
        }
        let mut tx = self.database.begin().await?;
        let before = lock_counters(&mut tx, self.database.dialect()).await?;
        // Again, now that nobody else can be telling of the same.
        let closed = contracts(tx.fetch(doing, &self.closed(today), &[]).await?)?;
        let noted = contracts(tx.fetch(doing, NOTED, &[]).await?)?;
        let open = contracts(tx.fetch(doing, &self.with_status(today, &[Status::Open]), &[]).await?)?;
        let gone: Vec<Contract> = noted.difference(&closed).cloned().collect();
        let opened: Vec<Contract> = gone.iter().filter(|contract| open.contains(*contract)).cloned().collect();

        let told_at = self.clock.now().max(before.recorded + TimeDelta::microseconds(1));
        let mut event = before.event;
        for layout in self.in_order_of_telling() {
            for owner in self.owners_of(&mut tx, layout, &opened).await? {
                event += self.tell(&mut tx, layout, &owner, &opened, event, told_at).await?;
            }
        }
        fail::point("oppnad-handelser");
        for part in gone.chunks(AT_ONCE) {
            let sql = format!("DELETE FROM sekretess_stangd WHERE (lanskod, avtals_id) IN (VALUES {})", pairs(part));
            tx.execute("forget what was closed", &sql, &[]).await?;
        }
        let new: Vec<Contract> = closed.difference(&noted).cloned().collect();
        for part in new.chunks(AT_ONCE) {
            let sql = format!("INSERT INTO sekretess_stangd (lanskod, avtals_id) VALUES {}", pairs(part));
            tx.execute("note what is closed", &sql, &[]).await?;
        }
        if event > before.event {
            let sql = "UPDATE sekvens SET event_no = $1, recorded = $2 WHERE id = 1";
            tx.execute("advance the counters", sql, &[event.into(), told_at.into()]).await?;
            if matches!(tx, Tx::Postgres(_)) {
                let number = event.to_string();
                let args = [CHANNEL.into(), number.as_str().into()];
                tx.execute("tell listeners", "SELECT pg_notify($1, $2)", &args).await?;
            }
        }
        tx.commit().await?;
        Ok(event - before.event)
    }

    /// Notes those of the contracts that a publication brought which are closed: however soon they open, it
    /// will be told.
    pub(super) async fn note_closed(&self, tx: &mut Tx, seq: u64) -> Result<()> {
        if !self.has_status() {
            return Ok(());
        }
        let today = self.clock.now().with_timezone(&chrono_tz::Europe::Stockholm).date_naive();
        let sql = format!(
            "INSERT INTO sekretess_stangd (lanskod, avtals_id) SELECT c.lanskod, c.avtals_id FROM ({}) c \
             WHERE EXISTS (SELECT 1 FROM {CONTRACT} t WHERE t._seq_fran = $1 AND t.lanskod = c.lanskod \
             AND t.avtals_id = c.avtals_id) ON CONFLICT DO NOTHING",
            self.closed(today)
        );
        tx.execute("note what is closed", &sql, &[seq.into()]).await.map(drop)
    }

    /// Forgets contracts of which the register has nothing any more.
    pub(super) async fn forget_closed(&self, tx: &mut Tx) -> Result<()> {
        if !self.has_status() {
            return Ok(());
        }
        let sql = format!(
            "DELETE FROM sekretess_stangd WHERE NOT EXISTS (SELECT 1 FROM {CONTRACT} t \
             WHERE t.lanskod = sekretess_stangd.lanskod AND t.avtals_id = sekretess_stangd.avtals_id)"
        );
        tx.execute("forget what was closed", &sql, &[]).await.map(drop)
    }

    /// Contracts of which nothing leaves, and which the register may tell of one day.
    fn closed(&self, today: NaiveDate) -> String {
        self.with_status(today, &[Status::Undecided, Status::Secret])
    }

    fn with_status(&self, today: NaiveDate, wanted: &[Status]) -> String {
        let dialect = self.database.dialect();
        let all = sql::standing(dialect, &date_literal(dialect, today));
        let wanted: Vec<String> = wanted.iter().map(|status| literal(status.name())).collect();
        format!("SELECT l.lanskod, l.avtals_id FROM ({all}) l WHERE l.status IN ({})", wanted.join(", "))
    }

    /// The tables that hang on contracts: contracts first, then what has the shorter keys.
    fn in_order_of_telling(&self) -> Vec<&Layout> {
        let mut layouts: Vec<&Layout> = self.layouts.values().map(AsRef::as_ref).collect();
        layouts.sort_by_key(|layout| (layout.name() != CONTRACT, layout.table.key.len()));
        layouts
    }

    pub(super) fn bond(&self, table: &Table) -> Bond {
        Bond::of(table, &|name| self.layouts.get(name).map(|layout| &layout.table))
    }

    /// Whose rows hang on these contracts.
    async fn owners_of(&self, tx: &mut Tx, layout: &Layout, opened: &[Contract]) -> Result<Vec<String>> {
        let mut owners = BTreeSet::new();
        for part in opened.chunks(AT_ONCE) {
            let Some(condition) = of_contracts(&self.bond(&layout.table), part) else { break };
            let sql = format!(
                "SELECT DISTINCT t._agare FROM {} t WHERE t.reg_till IS NULL AND t._aktuell = TRUE AND {condition}",
                layout.sql_name()
            );
            for mut row in tx.fetch("find a contract's rows", &sql, &[]).await? {
                owners.insert(row.text()?);
            }
        }
        Ok(owners.into_iter().collect())
    }

    /// Writes the events of one owner's rows in one table, in the owner's role where there are roles.
    async fn tell(
        &self,
        tx: &mut Tx,
        layout: &Layout,
        owner: &str,
        opened: &[Contract],
        last: u64,
        told_at: chrono::DateTime<chrono::Utc>,
    ) -> Result<u64> {
        // One statement, however many there are: a row that names two of them is told of once.
        let Some(condition) = of_contracts(&self.bond(&layout.table), opened) else { return Ok(0) };
        let sql = format!(
            "INSERT INTO handelse (no, seq, table_name, owner, kind, key_hash, key, oppnad) \
             SELECT $1 + ROW_NUMBER() OVER (ORDER BY t._nyckel), t._seq_fran, {name}, t._agare, 'new', t._nyckel, {key}, $2 \
             FROM {table} t WHERE t.reg_till IS NULL AND t._aktuell = TRUE AND t._agare = $3 AND {condition}",
            name = literal(layout.name()),
            key = key_document(layout, self.database.dialect(), "t"),
            table = layout.sql_name(),
        );
        let role = publishing_role(tx, owner).await?;
        if let Some(role) = &role {
            take_role(tx, role).await?;
        }
        let told = tx.execute("tell of an opening", &sql, &[last.into(), told_at.into(), owner.into()]).await?;
        if role.is_some() {
            leave_role(tx).await?;
        }
        Ok(told)
    }
}

fn contracts(rows: Vec<Row>) -> Result<BTreeSet<Contract>> {
    rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
}

fn pairs(contracts: &[Contract]) -> String {
    let pairs: Vec<String> = contracts.iter().map(|(a, b)| format!("({}, {})", literal(a), literal(b))).collect();
    pairs.join(", ")
}
