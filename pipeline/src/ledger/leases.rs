//! Leases: several processes share the jobs, and each job has one at a time.
//!
//! A holder that is paused may wake after its lease has passed on. Therefore each taking has a
//! number, the *fence*, that only grows; a publication states its fence, and the database refuses
//! one that is no longer the last.

use chrono::{DateTime, TimeDelta, Utc};

use super::now;
use crate::register::database::Tx;
use crate::register::{Result, Store};

/// A job's lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job: String,
    /// Who holds it.
    pub holder: String,
    /// Its fence.
    pub fence: u64,
    /// Until when.
    pub until: DateTime<Utc>,
}

pub(super) async fn take(store: &Store, job: &str, holder: &str, time: TimeDelta) -> Result<Option<Lease>> {
    let mut tx = store.database.begin().await?;
    let lease = take_in(store, &mut tx, job, holder, time).await?;
    tx.commit().await?;
    Ok(lease)
}

/// The same, in a transaction that does more.
pub(super) async fn take_in(
    store: &Store,
    tx: &mut Tx,
    job: &str,
    holder: &str,
    time: TimeDelta,
) -> Result<Option<Lease>> {
    let now = now(store);
    let until = now + time;
    // The same holder takes it again after a crash; the fence grows all the same.
    let sql = "INSERT INTO lan (job, holder, fence, until) VALUES ($1, $2, 1, $4) \
               ON CONFLICT (job) DO UPDATE SET holder = excluded.holder, fence = lan.fence + 1, until = excluded.until \
               WHERE lan.until <= $3 OR lan.holder = excluded.holder RETURNING fence";
    let taken = tx.first("take a lease", sql, &[job.into(), holder.into(), now.into(), until.into()]).await?;
    let fence = taken.map(|mut row| row.count()).transpose()?;
    Ok(fence.map(|fence| Lease { job: job.to_owned(), holder: holder.to_owned(), fence, until }))
}

pub(super) async fn renew(store: &Store, lease: &Lease, time: TimeDelta) -> Result<Option<Lease>> {
    let until = now(store) + time;
    let sql = "UPDATE lan SET until = $3 WHERE job = $1 AND fence = $2";
    let args = [lease.job.as_str().into(), lease.fence.into(), until.into()];
    let renewed = store.database.execute("renew a lease", sql, &args).await?;
    Ok((renewed > 0).then(|| Lease { until, ..lease.clone() }))
}

pub(super) async fn release(store: &Store, lease: &Lease) -> Result<()> {
    // The row stays, so that its fence goes on growing.
    let sql = "UPDATE lan SET until = $3 WHERE job = $1 AND fence = $2";
    let args = [lease.job.as_str().into(), lease.fence.into(), now(store).into()];
    store.database.execute("release a lease", sql, &args).await.map(drop)
}
