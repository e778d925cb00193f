//! Staging: what a run is about to publish, where no reader sees it.
//!
//! Staged rows belong to a run. They survive a failed publication, so that it can be tried again,
//! and are removed when the run ends; [`Store::sweep`] removes what a dead process left.

use std::sync::Arc;

use arrow::array::RecordBatch;

use super::columns::Columns;
use super::database::Database;
use super::error::{RegisterError, Result};
use super::layout::Layout;
use super::{Store, postgres};
use crate::ledger::RunState;

/// Name of the table of staged keys.
pub(crate) const KEYS: &str = "_nycklar";

/// Why a key without a row is staged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// It is absent from a complete snapshot: what is believed of it ends.
    Ended,
    /// It came, but its row was rejected or withheld: its predecessor stays, marked as stale.
    Stale,
    /// It came and is accepted, unchanged: it is not stale, if it was. Needed in deliveries that
    /// are not complete; a complete one ends every stale mark that it does not repeat.
    Fresh,
}

impl KeyKind {
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Ended => 0,
            Self::Stale => 1,
            Self::Fresh => 2,
        }
    }
}

impl Store {
    /// The number of a run that may stage and publish.
    pub(crate) async fn open_run(&self, run: &str) -> Result<i64> {
        let sql = "SELECT nr, state FROM korning WHERE id = $1";
        let rows = self.database.fetch("find a run", sql, &[run.into()]).await?;
        let mut row = rows.into_iter().next().ok_or_else(|| RegisterError::UnknownRun(run.to_owned()))?;
        let (number, state) = (row.int()?, RunState::read(&row.text()?)?);
        if state.is_final() {
            return Err(RegisterError::RunState { run: run.to_owned(), state: state.name().to_owned() });
        }
        Ok(number)
    }

    pub(crate) fn layout(&self, table: &str) -> Result<&Arc<Layout>> {
        self.layouts.get(table).ok_or_else(|| RegisterError::UnknownTable(table.to_owned()))
    }

    pub(crate) async fn prepare_staging(&self, run: i64, layouts: &[Arc<Layout>]) -> Result<()> {
        match self.database.as_ref() {
            Database::Sqlite(pools) => pools.prepare_staging(run, layouts).await,
            Database::Postgres(pool) => postgres::prepare_staging(pool, run, layouts).await,
        }
    }

    pub(crate) async fn stage_rows(&self, run: &str, table: &str, batch: &RecordBatch) -> Result<()> {
        let layout = self.layout(table)?;
        let columns = Columns::of(layout, batch)?;
        let number = self.open_run(run).await?;
        self.prepare_staging(number, std::slice::from_ref(layout)).await?;
        match self.database.as_ref() {
            Database::Sqlite(pools) => pools.stage(number, layout, &columns).await,
            Database::Postgres(pool) => postgres::stage(pool, number, layout, &columns).await,
        }
    }

    pub(crate) async fn stage_some_keys(&self, run: &str, table: &str, keys: &[[u8; 16]], kind: KeyKind) -> Result<()> {
        let layout = self.layout(table)?;
        let number = self.open_run(run).await?;
        self.prepare_staging(number, std::slice::from_ref(layout)).await?;
        match self.database.as_ref() {
            Database::Sqlite(pools) => pools.stage_keys(number, table, keys, kind).await,
            Database::Postgres(pool) => postgres::stage_keys(pool, number, table, keys, kind).await,
        }
    }

    pub(crate) async fn discard(&self, run: i64) -> Result<()> {
        match self.database.as_ref() {
            Database::Sqlite(pools) => pools.discard_staging(run).await,
            Database::Postgres(pool) => postgres::discard_staging(pool, run).await,
        }
    }

    /// Removes the staging of every run that has ended or never was. Gives how many there were.
    pub(crate) async fn sweep_staging(&self) -> Result<u64> {
        let mut runs: Vec<i64> = match self.database.as_ref() {
            Database::Sqlite(pools) => pools.staged_runs().await?,
            Database::Postgres(pool) => postgres::staged_tables(pool).await?.into_iter().map(|(run, _)| run).collect(),
        };
        runs.sort_unstable();
        runs.dedup();
        let mut open = vec![];
        let sql = "SELECT nr FROM korning WHERE state IN ('planned', 'running')";
        for mut row in self.database.fetch("list open runs", sql, &[]).await? {
            open.push(row.int()?);
        }
        let mut swept = 0;
        for run in runs.into_iter().filter(|run| !open.contains(run)) {
            self.discard(run).await?;
            swept += 1;
        }
        Ok(swept)
    }
}
