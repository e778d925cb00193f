//! What is known of a job beside its file: how far it is planned, whether it is paused, whether its file can
//! be read.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::ledger::now;
use crate::register::database::Row;
use crate::register::{Result, Store};

/// A job's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JobState {
    /// The job.
    pub job: String,
    /// Its schedule as it was last planned.
    pub schedule: Option<String>,
    /// Every time up to here is planned.
    pub planned_until: DateTime<Utc>,
    /// Since when it is paused, by whom and why.
    pub paused: Option<Paused>,
    /// What is wrong with its file, and since when; the last one that could be read goes on.
    pub broken: Option<(String, DateTime<Utc>)>,
}

/// That a job is paused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Paused {
    /// Since when.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
}

pub(super) async fn all(store: &Store) -> Result<Vec<JobState>> {
    let sql = "SELECT job, schedule, planned_until, paused_at, paused_by, paused_reason, broken, broken_since \
               FROM jobblage ORDER BY job";
    let read = |mut row: Row| {
        let (job, schedule, planned_until) = (row.text()?, row.text_or_none()?, row.instant()?);
        let (at, by, reason) = (row.instant_or_none()?, row.text_or_none()?, row.text_or_none()?);
        let paused = at.map(|at| Paused { at, by: by.unwrap_or_default(), reason });
        let broken = row.text_or_none()?.zip(row.instant_or_none()?);
        Ok(JobState { job, schedule, planned_until, paused, broken })
    };
    store.database.fetch("list the jobs' states", sql, &[]).await?.into_iter().map(read).collect()
}

pub(super) async fn enter(store: &Store, jobs: &[(String, Option<String>)], since: DateTime<Utc>) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let mut tx = store.database.begin().await?;
    let sql = "INSERT INTO jobblage (job, schedule, planned_until) VALUES ($1, $2, $3) ON CONFLICT (job) DO NOTHING";
    for (job, schedule) in jobs {
        tx.execute("enter a job", sql, &[job.as_str().into(), schedule.as_deref().into(), since.into()]).await?;
    }
    tx.commit().await
}

pub(super) async fn pause(store: &Store, job: &str, by: &str, reason: Option<&str>) -> Result<bool> {
    enter(store, &[(job.to_owned(), None)], now(store)).await?;
    let sql = "UPDATE jobblage SET paused_at = $2, paused_by = $3, paused_reason = $4 \
               WHERE job = $1 AND paused_at IS NULL";
    let args = [job.into(), now(store).into(), by.into(), reason.into()];
    Ok(store.database.execute("pause a job", sql, &args).await? > 0)
}

pub(super) async fn resume(store: &Store, job: &str) -> Result<bool> {
    let sql = "UPDATE jobblage SET paused_at = NULL, paused_by = NULL, paused_reason = NULL \
               WHERE job = $1 AND paused_at IS NOT NULL";
    Ok(store.database.execute("resume a job", sql, &[job.into()]).await? > 0)
}

pub(super) async fn broken(store: &Store, job: &str, what: Option<&str>) -> Result<()> {
    let now = now(store);
    if what.is_some() {
        enter(store, &[(job.to_owned(), None)], now).await?;
    }
    // The time at which it broke stays while it is broken.
    let sql = "UPDATE jobblage SET broken = $2, broken_since = CASE WHEN $2 IS NULL THEN NULL \
               ELSE COALESCE(broken_since, $3) END WHERE job = $1";
    store.database.execute("note a job's file", sql, &[job.into(), what.into(), now.into()]).await.map(drop)
}
