//! Adding occasions: those that fell due, and those that somebody asks for.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Change, OccasionKind, OccasionState};
use crate::ledger::now;
use crate::register::database::{Arg, Tx, iso};
use crate::register::{Result, Store};

/// What fell due of one job.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The job.
    pub job: String,
    /// Its schedule from here on.
    pub schedule: Option<String>,
    /// Up to where it was planned: where that is no longer so, another process has planned it.
    pub from: DateTime<Utc>,
    /// Up to where it is planned now.
    pub until: DateTime<Utc>,
    /// The pool that its runs count in.
    pub pool: Option<String>,
    /// The times, in order.
    pub times: Vec<Planned>,
}

/// A time that fell due.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The time.
    pub due: DateTime<Utc>,
    /// When it may begin.
    pub ready: DateTime<Utc>,
    /// Why it is not run; none where it is.
    pub skipped: Option<String>,
}

/// An occasion that no schedule asks for.
#[derive(Clone, Debug)]
pub struct NewOccasion {
    /// The job.
    pub job: String,
    /// Why it is to run.
    pub kind: OccasionKind,
    /// Its time.
    pub due: DateTime<Utc>,
    /// A backfill's days, the second one not included.
    pub window: Option<(NaiveDate, NaiveDate)>,
    /// The pool that its run counts in.
    pub pool: Option<String>,
    /// Who asks.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

pub(super) async fn plan(store: &Store, plans: &[Plan]) -> Result<Vec<String>> {
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    let (mut tx, at) = (store.database.begin().await?, now(store));
    let mut planned = Vec::new();
    for plan in plans {
        let sql = "UPDATE jobblage SET planned_until = $3, schedule = $4 WHERE job = $1 AND planned_until = $2";
        let args = [plan.job.as_str().into(), plan.from.into(), plan.until.into(), plan.schedule.as_deref().into()];
        if tx.execute("move a job's plan", sql, &args).await? == 0 {
            continue;
        }
        for time in &plan.times {
            let occasion = Insert {
                job: &plan.job,
                kind: OccasionKind::Schedule,
                due: time.due,
                ready: time.ready,
                window: None,
                pool: plan.pool.as_deref(),
                skipped: time.skipped.as_deref(),
                by: None,
                reason: None,
            };
            occasion.into(&mut tx, at).await?;
        }
        planned.push(plan.job.clone());
    }
    tx.commit().await?;
    Ok(planned)
}

pub(super) async fn ask(store: &Store, occasions: &[NewOccasion]) -> Result<u64> {
    let (mut tx, at) = (store.database.begin().await?, now(store));
    let mut added = 0;
    for new in occasions {
        let occasion = Insert {
            job: &new.job,
            kind: new.kind,
            due: new.due,
            ready: new.due,
            window: new.window,
            pool: new.pool.as_deref(),
            skipped: None,
            by: new.by.as_deref(),
            reason: new.reason.as_deref(),
        };
        added += u64::from(occasion.into(&mut tx, at).await?);
    }
    tx.commit().await?;
    Ok(added)
}

/// A row of `tillfalle`.
struct Insert<'a> {
    job: &'a str,
    kind: OccasionKind,
    due: DateTime<Utc>,
    ready: DateTime<Utc>,
    window: Option<(NaiveDate, NaiveDate)>,
    pool: Option<&'a str>,
    skipped: Option<&'a str>,
    by: Option<&'a str>,
    reason: Option<&'a str>,
}

impl Insert<'_> {
    /// Adds it with its first step, if it is not there. Whether it is new.
    async fn into(self, tx: &mut Tx, at: DateTime<Utc>) -> Result<bool> {
        let state = if self.skipped.is_some() { OccasionState::Skipped } else { OccasionState::Planned };
        let (from, to) = self.window.map(|(from, to)| (iso(from), iso(to))).unwrap_or_default();
        let reason = self.skipped.or(self.reason);
        let ended = Arg::Instant(self.skipped.map(|_| at));
        let sql = "INSERT INTO tillfalle (job, kind, due, window_from, window_to, state, ready, pool, ended, reason, \
                   asked_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
                   ON CONFLICT (job, kind, due, window_from) DO NOTHING RETURNING nr";
        let args = [
            self.job.into(),
            self.kind.name().into(),
            self.due.into(),
            from.as_str().into(),
            to.as_str().into(),
            state.name().into(),
            self.ready.into(),
            self.pool.into(),
            ended,
            reason.into(),
            self.by.into(),
        ];
        let Some(mut row) = tx.first("add an occasion", sql, &args).await? else { return Ok(false) };
        let nr = row.count()?;
        Change { nr, from: None, to: state, reason, holder: self.by, run: None, at }.note(tx).await?;
        Ok(true)
    }
}
