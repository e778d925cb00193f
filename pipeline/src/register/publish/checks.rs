//! What must hold before a publication writes anything: the lock, the run, the lease, the base.

use chrono::{DateTime, Utc};
use sluss_schemas::table::ddl::Dialect;

use super::publication::{Publication, Published};
use crate::ledger::RunState;
use crate::register::database::Tx;
use crate::register::error::{RegisterError, Result};

/// The counter row.
pub(in crate::register) struct Counters {
    pub(super) seq: u64,
    pub(in crate::register) event: u64,
    pub(in crate::register) recorded: DateTime<Utc>,
}

pub(in crate::register) async fn lock_counters(tx: &mut Tx, dialect: Dialect) -> Result<Counters> {
    // SQLite's transaction holds the only write lock already.
    let lock = if dialect == Dialect::Postgres { " FOR UPDATE" } else { "" };
    let sql = format!("SELECT publish_seq, event_no, recorded FROM sekvens WHERE id = 1{lock}");
    let row = tx.first("lock the counters", &sql, &[]).await?;
    let mut row = row.ok_or_else(|| RegisterError::table("sekvens", "is empty"))?;
    Ok(Counters { seq: row.count()?, event: row.count()?, recorded: row.instant()? })
}

pub(super) async fn published_already(tx: &mut Tx, publication: &Publication) -> Result<Option<Published>> {
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

/// A process that lost its lease must not publish, however late it wakes. From here to the commit nobody can
/// take the lease over: whoever does later finds what this published.
pub(super) async fn check_fence(tx: &mut Tx, publication: &Publication, dialect: Dialect) -> Result<()> {
    let Some(fence) = publication.fence else { return Ok(()) };
    let lock = if dialect == Dialect::Postgres { " FOR SHARE" } else { "" };
    let sql = format!("SELECT fence FROM lan WHERE job = $1{lock}");
    let row = tx.first("check the lease", &sql, &[publication.job.as_str().into()]).await?;
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
pub(super) async fn check_base(tx: &mut Tx, publication: &Publication) -> Result<()> {
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
pub(super) async fn mark_later_deliveries(tx: &mut Tx, run: i64) -> Result<bool> {
    let sql = "INSERT INTO publ_senare (seq) SELECT publish_seq FROM korning WHERE publish_seq IS NOT NULL \
               AND delivery_nr > (SELECT delivery_nr FROM korning WHERE nr = $1)";
    Ok(tx.execute("find later deliveries", sql, &[run.into()]).await? > 0)
}
