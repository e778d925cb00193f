//! Occasions as they are read.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::register::database::{Arg, Row};
use crate::register::{RegisterError, Result, Store};

/// Why a job is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OccasionKind {
    /// A person asked.
    Manual,
    /// Something has arrived.
    Arrival,
    /// Its schedule.
    Schedule,
    /// A past period is read, when nothing else is to be done.
    Backfill,
}

impl OccasionKind {
    const ALL: [Self; 4] = [Self::Manual, Self::Arrival, Self::Schedule, Self::Backfill];

    /// As the ledger writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Arrival => "arrival",
            Self::Schedule => "schedule",
            Self::Backfill => "backfill",
        }
    }

    fn read(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| RegisterError::table("tillfalle", "has a kind that is not known"))
    }
}

/// What has become of an occasion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OccasionState {
    /// It waits.
    Planned,
    /// It is at work.
    Running,
    /// It published, perhaps nothing new.
    Done,
    /// It published nothing: a person is to look.
    Held,
    /// It failed, and is not tried again.
    Failed,
    /// It was not run.
    Skipped,
}

impl OccasionState {
    const ALL: [Self; 6] = [Self::Planned, Self::Running, Self::Done, Self::Held, Self::Failed, Self::Skipped];

    /// As the ledger writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Done => "done",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    pub(super) fn read(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|state| state.name() == name);
        found.ok_or_else(|| RegisterError::table("tillfalle", "has a state that is not known"))
    }
}

/// A time at which a job is to run, and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Occasion {
    /// Its number.
    pub nr: u64,
    /// The job.
    pub job: String,
    /// Why it is to run.
    pub kind: OccasionKind,
    /// Its time.
    pub due: DateTime<Utc>,
    /// A backfill's days, the second one not included.
    pub window: Option<(NaiveDate, NaiveDate)>,
    /// What has become of it.
    pub state: OccasionState,
    /// It begins no earlier than this.
    pub ready: DateTime<Utc>,
    /// The pool that its run counts in.
    pub pool: Option<String>,
    /// Runs of it that failed.
    pub failures: u64,
    /// Runs of it whose process was lost.
    pub lost: u64,
    /// Its latest run.
    pub run: Option<String>,
    /// The process that has it, or had it last.
    pub holder: Option<String>,
    /// The fence of that process's lease.
    pub fence: Option<u64>,
    /// When its latest run began.
    pub began: Option<DateTime<Utc>>,
    /// When it came to its end.
    pub ended: Option<DateTime<Utc>>,
    /// Why it is as it is.
    pub reason: Option<String>,
    /// Who asked for it.
    pub asked_by: Option<String>,
}

/// Which occasions to list. The default lists all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OccasionFilter {
    /// Of this job only.
    pub job: Option<String>,
    /// In this state only.
    pub state: Option<OccasionState>,
    /// Of this run only.
    pub run: Option<String>,
    /// Due at or after this.
    pub since: Option<DateTime<Utc>>,
    /// At most so many; none: all.
    pub limit: Option<u32>,
}

/// One change of an occasion's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// When.
    pub at: DateTime<Utc>,
    /// From which state; none when it was added.
    pub from: Option<OccasionState>,
    /// To which.
    pub to: OccasionState,
    /// Why.
    pub reason: Option<String>,
    /// The process, or the person.
    pub holder: Option<String>,
    /// The run.
    pub run: Option<String>,
}

pub(super) const OCCASION: &str = "nr, job, kind, due, window_from, window_to, state, ready, pool, failures, lost, run, \
                                   holder, fence, began, ended, reason, asked_by";

pub(super) fn read(mut row: Row) -> Result<Occasion> {
    Ok(Occasion {
        nr: row.count()?,
        job: row.text()?,
        kind: OccasionKind::read(&row.text()?)?,
        due: row.instant()?,
        window: window(&row.text()?, &row.text()?)?,
        state: OccasionState::read(&row.text()?)?,
        ready: row.instant()?,
        pool: row.text_or_none()?,
        failures: row.count()?,
        lost: row.count()?,
        run: row.text_or_none()?,
        holder: row.text_or_none()?,
        fence: row.count_or_none()?,
        began: row.instant_or_none()?,
        ended: row.instant_or_none()?,
        reason: row.text_or_none()?,
        asked_by: row.text_or_none()?,
    })
}

fn window(from: &str, to: &str) -> Result<Option<(NaiveDate, NaiveDate)>> {
    if from.is_empty() {
        return Ok(None);
    }
    let day = |text: &str| {
        text.parse::<NaiveDate>().map_err(|_| RegisterError::table("tillfalle", "has a window that is no period"))
    };
    Ok(Some((day(from)?, day(to)?)))
}

pub(super) async fn open(store: &Store) -> Result<Vec<Occasion>> {
    let sql = format!("SELECT {OCCASION} FROM tillfalle WHERE state IN ('planned', 'running') ORDER BY due, nr");
    store.database.fetch("list open occasions", &sql, &[]).await?.into_iter().map(read).collect()
}

pub(super) async fn list(store: &Store, filter: &OccasionFilter) -> Result<Vec<Occasion>> {
    let sql = format!(
        "SELECT {OCCASION} FROM tillfalle WHERE ($1 IS NULL OR job = $1) AND ($2 IS NULL OR state = $2) \
         AND ($3 IS NULL OR run = $3) AND ($4 IS NULL OR due >= $4) ORDER BY nr DESC LIMIT $5"
    );
    let args: [Arg; 5] = [
        filter.job.as_deref().into(),
        filter.state.map(OccasionState::name).into(),
        filter.run.as_deref().into(),
        Arg::Instant(filter.since),
        filter.limit.map_or(i64::MAX, i64::from).into(),
    ];
    store.database.fetch("list occasions", &sql, &args).await?.into_iter().map(read).collect()
}

pub(super) async fn last(store: &Store) -> Result<Vec<Occasion>> {
    // Each job's own index entry is walked to from its end; jobs are few beside occasions.
    let sql = format!(
        "SELECT {OCCASION} FROM tillfalle WHERE nr IN (SELECT (SELECT t.nr FROM tillfalle t WHERE t.job = j.job \
         AND t.state IN ('done', 'held', 'failed') ORDER BY t.nr DESC LIMIT 1) FROM jobblage j) ORDER BY job"
    );
    store.database.fetch("list the latest occasions", &sql, &[]).await?.into_iter().map(read).collect()
}

pub(super) async fn steps(store: &Store, nr: u64) -> Result<Vec<Step>> {
    let sql =
        "SELECT at, from_state, to_state, reason, holder, run FROM tillfalle_steg WHERE tillfalle = $1 ORDER BY id";
    let read = |mut row: Row| {
        Ok(Step {
            at: row.instant()?,
            from: row.text_or_none()?.map(|name| OccasionState::read(&name)).transpose()?,
            to: OccasionState::read(&row.text()?)?,
            reason: row.text_or_none()?,
            holder: row.text_or_none()?,
            run: row.text_or_none()?,
        })
    };
    store.database.fetch("list an occasion's steps", sql, &[nr.into()]).await?.into_iter().map(read).collect()
}
