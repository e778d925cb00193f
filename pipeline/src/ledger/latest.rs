//! How every job's latest runs ended, and what waits: the ground for status, metrics and alerts.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use sluss_schemas::table::ddl::Dialect;

use super::runs::RunState;
use crate::register::database::Row;
use crate::register::{Result, Store};

/// How a job's latest runs ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// The job.
    pub job: String,
    /// Whose rows it publishes.
    pub owner: String,
    /// The latest run that has ended: ids grow with it.
    pub number: i64,
    /// How it ended.
    pub state: RunState,
    /// When.
    pub ended: Option<DateTime<Utc>>,
    /// When its source last gave what it had, and that was published; for one that was replayed, when it came.
    pub delivered: Option<DateTime<Utc>>,
}

/// What waits for somebody or something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Rejected rows that nobody has dealt with.
    pub quarantine_rows: u64,
    /// Manifests that the lake does not have yet.
    pub manifests: u64,
    /// Runs that are at work.
    pub running: u64,
    /// Leases that are held.
    pub leases: u64,
}

/// One row for each job, way of ending, and run that was replayed or none: the latest of that kind. Grouped as the
/// index is ordered, so that 100,000 runs need no sorting.
struct Last {
    job: String,
    owner: String,
    number: i64,
    state: RunState,
    ended: Option<DateTime<Utc>>,
    came: Option<DateTime<Utc>>,
    /// Something of its source was landed, or the source was asked and had nothing new: then it is as fresh as it
    /// can be.
    gave: bool,
}

pub(super) async fn latest(store: &Store) -> Result<Vec<Latest>> {
    let asked = match store.database.dialect() {
        Dialect::Sqlite => "json_extract(k.counts, '$.asked') = 1",
        Dialect::Postgres => "k.counts ->> 'asked' = 'true'",
    };
    let sql = format!(
        "SELECT k.job, k.owner, k.nr, k.state, k.ended, COALESCE(o.started, k.ended), \
         CASE WHEN EXISTS (SELECT 1 FROM leverans v WHERE v.run = k.id) OR {asked} THEN 1 ELSE 0 END \
         FROM (SELECT MAX(nr) AS nr FROM korning WHERE state IN ('done', 'held', 'failed') \
               GROUP BY job, state, replay_of) l \
         JOIN korning k ON k.nr = l.nr LEFT JOIN korning o ON o.id = k.replay_of ORDER BY k.nr"
    );
    let read = |mut row: Row| -> Result<Last> {
        Ok(Last {
            job: row.text()?,
            owner: row.text()?,
            number: row.int()?,
            state: RunState::read(&row.text()?)?,
            ended: row.instant_or_none()?,
            came: row.instant_or_none()?,
            gave: row.int()? != 0,
        })
    };
    let rows = store.database.fetch("find every job's latest runs", &sql, &[]).await?;
    let mut out: BTreeMap<String, Latest> = BTreeMap::new();
    let mut waited: BTreeSet<String> = BTreeSet::new();
    for row in rows {
        let last = read(row)?;
        let done = last.state == RunState::Done;
        if done && !last.gave {
            waited.insert(last.job.clone());
        }
        let delivered = last.came.filter(|_| done && last.gave);
        // Rows come in the order of runs: the last one is the latest.
        let entry = out.entry(last.job.clone()).or_insert_with(|| Latest {
            job: last.job.clone(),
            owner: last.owner.clone(),
            number: last.number,
            state: last.state,
            ended: last.ended,
            delivered: None,
        });
        entry.delivered = entry.delivered.max(delivered);
        (entry.number, entry.state, entry.ended) = (last.number, last.state, last.ended);
    }
    if !waited.is_empty() {
        for (job, came) in last_came(store).await?.into_iter().filter(|(job, _)| waited.contains(job)) {
            if let Some(entry) = out.get_mut(&job) {
                entry.delivered = entry.delivered.max(came);
            }
        }
    }
    Ok(out.into_values().collect())
}

/// When something of each job's source last came and was published: asked where its latest run found nothing and
/// did not ask for it. PostgreSQL joins both tables sooner than it looks up one job; SQLite goes through each job's
/// runs from the latest on, until one has something.
async fn last_came(store: &Store) -> Result<Vec<(String, Option<DateTime<Utc>>)>> {
    let latest = match store.database.dialect() {
        Dialect::Sqlite => {
            "SELECT (SELECT x.nr FROM korning x WHERE x.job = j.job AND x.state = 'done' \
             AND EXISTS (SELECT 1 FROM leverans v WHERE v.run = x.id) ORDER BY x.nr DESC LIMIT 1) \
             FROM (SELECT DISTINCT job FROM korning) j"
        }
        Dialect::Postgres => {
            "SELECT MAX(x.nr) FROM korning x JOIN leverans v ON v.run = x.id WHERE x.state = 'done' GROUP BY x.job"
        }
    };
    let sql = format!(
        "SELECT k.job, COALESCE(o.started, k.ended) FROM korning k LEFT JOIN korning o ON o.id = k.replay_of \
         WHERE k.nr IN ({latest})"
    );
    let read = |mut row: Row| Ok((row.text()?, row.instant_or_none()?));
    store.database.fetch("find what last came", &sql, &[]).await?.into_iter().map(read).collect()
}

/// Runs of one owner that ended in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunCount {
    /// Whose rows they publish.
    pub owner: String,
    /// How they ended.
    pub state: RunState,
    /// How many there are.
    pub runs: u64,
}

pub(super) async fn run_counts(store: &Store, since: DateTime<Utc>) -> Result<Vec<RunCount>> {
    let sql =
        "SELECT owner, state, COUNT(*) FROM korning WHERE ended >= $1 GROUP BY owner, state ORDER BY owner, state";
    let read =
        |mut row: Row| Ok(RunCount { owner: row.text()?, state: RunState::read(&row.text()?)?, runs: row.count()? });
    store.database.fetch("count runs", sql, &[since.into()]).await?.into_iter().map(read).collect()
}

pub(super) async fn waiting(store: &Store) -> Result<Waiting> {
    let sql = "SELECT (SELECT COUNT(*) FROM karantan WHERE state = 'open'), \
               (SELECT COUNT(*) FROM manifest WHERE state = 'pending'), \
               (SELECT COUNT(*) FROM korning WHERE state = 'running'), \
               (SELECT COUNT(*) FROM lan WHERE until > $1)";
    let rows = store.database.fetch("count what waits", sql, &[super::now(store).into()]).await?;
    let Some(mut row) = rows.into_iter().next() else { return Ok(Waiting::default()) };
    Ok(Waiting { quarantine_rows: row.count()?, manifests: row.count()?, running: row.count()?, leases: row.count()? })
}
