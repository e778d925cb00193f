//! Taking an occasion: one transaction gives it to one process, with the job's lease and a new run.

use chrono::{DateTime, TimeDelta, Utc};
use sluss_schemas::table::ddl::Dialect;

use super::{Change, OccasionState};
use crate::ledger::{NewRun, leases, now, runs};
use crate::register::database::{Database, Row, Tx};
use crate::register::{Result, Store};

/// PostgreSQL's advisory lock under which occasions are claimed: limits are counted, and what is counted
/// must not change meanwhile.
const LOCK: i64 = 0x534C_0003;

/// What a process wants to take.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The occasion.
    pub nr: u64,
    /// The run that begins with it.
    pub run: NewRun,
    /// The process.
    pub holder: String,
    /// How long the lease holds.
    pub time: TimeDelta,
    /// The pool and how many of it may be at work.
    pub pool: Option<(String, u32)>,
    /// Jobs that must not be at work at the same time.
    pub beside: Vec<String>,
    /// Whether it is taken though the job is paused.
    pub even_paused: bool,
}

/// An occasion that this process has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The occasion.
    pub nr: u64,
    /// The job.
    pub job: String,
    /// Its run.
    pub run: String,
    /// The process.
    pub holder: String,
    /// The lease's fence: a publication states it.
    pub fence: u64,
    /// When it was taken.
    pub began: DateTime<Utc>,
}

/// One at a time, in all processes.
pub(super) async fn alone(database: &Database) -> Result<Tx> {
    let mut tx = database.begin().await?;
    if database.dialect() == Dialect::Postgres {
        tx.define("take turns", &format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    }
    Ok(tx)
}

pub(super) async fn claim(store: &Store, claim: &Claim) -> Result<Option<Claimed>> {
    let mut tx = alone(&store.database).await?;
    let (job, run) = (claim.run.job.as_str(), claim.run.id.as_str());
    let sql = "SELECT job, pool FROM tillfalle WHERE state = 'running'";
    let at_work = tx.fetch("count what is at work", sql, &[]).await?;
    let at_work: Result<Vec<(String, Option<String>)>> =
        at_work.into_iter().map(|mut row: Row| Ok((row.text()?, row.text_or_none()?))).collect();
    let at_work = at_work?;
    if at_work.iter().any(|(other, _)| other == job || claim.beside.contains(other)) {
        return Ok(None);
    }
    if let Some((pool, most)) = &claim.pool {
        let taken = at_work.iter().filter(|(_, other)| other.as_ref() == Some(pool)).count();
        if u32::try_from(taken).unwrap_or(u32::MAX) >= *most {
            return Ok(None);
        }
    }
    if !claim.even_paused {
        let sql = "SELECT job FROM jobblage WHERE job = $1 AND paused_at IS NOT NULL";
        if tx.first("see whether the job is paused", sql, &[job.into()]).await?.is_some() {
            return Ok(None);
        }
    }
    let Some(lease) = leases::take_in(store, &mut tx, job, &claim.holder, claim.time).await? else { return Ok(None) };
    let at = now(store);
    let sql = "UPDATE tillfalle SET state = 'running', run = $2, holder = $3, fence = $4, began = $5, reason = NULL \
               WHERE nr = $1 AND state = 'planned'";
    let args = [claim.nr.into(), run.into(), claim.holder.as_str().into(), lease.fence.into(), at.into()];
    if tx.execute("take an occasion", sql, &args).await? == 0 {
        return Ok(None);
    }
    let change = Change {
        nr: claim.nr,
        from: Some(OccasionState::Planned),
        to: OccasionState::Running,
        reason: None,
        holder: Some(&claim.holder),
        run: Some(run),
        at,
    };
    change.note(&mut tx).await?;
    let number = runs::insert(&mut tx, &claim.run, at).await?;
    // Before others can see the run, so that none takes it for dead.
    store.hold_run(number).await?;
    tx.commit().await?;
    Ok(Some(Claimed {
        nr: claim.nr,
        job: job.to_owned(),
        run: run.to_owned(),
        holder: claim.holder.clone(),
        fence: lease.fence,
        began: at,
    }))
}

pub(super) async fn renew(store: &Store, holder: &str, at_work: &[u64], time: TimeDelta) -> Result<Vec<(String, u64)>> {
    if at_work.is_empty() {
        return Ok(Vec::new());
    }
    store.hold_again().await?;
    let mut tx = store.database.begin().await?;
    let until = now(store) + time;
    // Only those at work: a lease that was given back stays free. In the order of their names, as everybody
    // else takes them.
    let numbers: Vec<String> = at_work.iter().map(u64::to_string).collect();
    let sql = format!(
        "SELECT lan.job, lan.fence FROM lan JOIN tillfalle t ON t.job = lan.job AND t.fence = lan.fence \
         WHERE lan.holder = $1 AND t.state = 'running' AND t.nr IN ({}) ORDER BY lan.job",
        numbers.join(", ")
    );
    let mine = tx.fetch("find this process's leases", &sql, &[holder.into()]).await?;
    let mut kept = Vec::new();
    for mut row in mine {
        let (job, fence) = (row.text()?, row.count()?);
        // A publication holds its lease's row until it has committed: that one is kept without this.
        let sql = match store.database.dialect() {
            Dialect::Postgres => {
                "UPDATE lan SET until = $3 WHERE job = (SELECT job FROM lan WHERE job = $1 AND fence = $2 \
                 FOR UPDATE SKIP LOCKED)"
            }
            Dialect::Sqlite => "UPDATE lan SET until = $3 WHERE job = $1 AND fence = $2",
        };
        tx.execute("renew a lease", sql, &[job.as_str().into(), fence.into(), until.into()]).await?;
        kept.push((job, fence));
    }
    tx.commit().await?;
    Ok(kept)
}
