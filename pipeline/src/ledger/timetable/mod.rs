//! The timetable: when jobs are to run, who runs them now, and what became of every time.
//!
//! An *occasion* is a time at which a job is to run. It is planned once, whatever number of processes
//! plans ([`plan`]); one process claims it, with the job's lease and a new run in the same transaction
//! ([`claim`]); and it ends once ([`end`]). A process that is lost on the way loses nothing: what it had is
//! recovered by the others, who first see whether its run published ([`recover`]).
//!
//! ```text
//! plan ─▶ planned ─▶ running ─▶ done │ held │ failed
//!            │  ▲        │
//!            │  └────────┘ a new try, handed back, recovered
//!            └─▶ skipped
//! ```

mod claim;
mod end;
mod plan;
mod read;
mod recover;
mod state;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

pub use claim::{Claim, Claimed};
pub use end::End;
pub use plan::{NewOccasion, Plan, Planned};
pub use read::{Occasion, OccasionFilter, OccasionKind, OccasionState, Step};
pub use recover::{Recovered, Recovery};
pub use state::{JobState, Paused};

use crate::register::database::Tx;
use crate::register::{Result, Store};

/// Runs that may be lost in a row before an occasion is given up: a job that kills its process must not do
/// so for ever.
pub const MOST_LOST: u64 = 3;

/// Occasions and the jobs' states.
#[async_trait]
pub trait Timetable: Send + Sync {
    /// What is known of each job, by name.
    async fn job_states(&self) -> Result<Vec<JobState>>;
    /// Notes jobs that are new: what falls due from `since` on is theirs. Known ones stay as they are.
    async fn enter_jobs(&self, jobs: &[(String, Option<String>)], since: DateTime<Utc>) -> Result<()>;
    /// Adds what fell due of several jobs, each once whoever else plans it too. Gives the names of those that
    /// were planned: of the others another process has been faster.
    async fn plan(&self, plans: &[Plan]) -> Result<Vec<String>>;
    /// Adds occasions that no schedule asks for. One that is there already stays. Gives how many are new.
    async fn ask(&self, occasions: &[NewOccasion]) -> Result<u64>;
    /// Plans no more of the job until it is resumed. Whether it was not paused before.
    async fn pause_job(&self, job: &str, by: &str, reason: Option<&str>) -> Result<bool>;
    /// Plans it again, from where it was paused. Whether it was paused.
    async fn resume_job(&self, job: &str) -> Result<bool>;
    /// Notes that the job's file cannot be read, or can again.
    async fn note_broken(&self, job: &str, what: Option<&str>) -> Result<()>;

    /// What is planned or at work, in the order of its times.
    async fn open_occasions(&self) -> Result<Vec<Occasion>>;
    /// Occasions, the latest first.
    async fn occasions(&self, filter: &OccasionFilter) -> Result<Vec<Occasion>>;
    /// The latest occasion of each job that has come to an end by running.
    async fn last_occasions(&self) -> Result<Vec<Occasion>>;
    /// Every change of an occasion's state.
    async fn occasion_steps(&self, nr: u64) -> Result<Vec<Step>>;

    /// Takes an occasion for this process, with the job's lease, and begins its run. None where it is no
    /// longer to be had: another has it, or one that it must not meet is at work.
    async fn claim(&self, claim: &Claim) -> Result<Option<Claimed>>;
    /// Prolongs the leases that `holder` has for these occasions. Gives jobs and fences that it still has.
    async fn renew_leases(&self, holder: &str, at_work: &[u64], time: TimeDelta) -> Result<Vec<(String, u64)>>;
    /// Ends a claimed occasion and gives the lease back. Whether it was still this process's to end.
    async fn end_occasion(&self, claimed: &Claimed, end: &End) -> Result<bool>;
    /// Ends an occasion that waits, without a run. Whether it still waited.
    async fn skip_occasion(&self, nr: u64, reason: &str) -> Result<bool>;
    /// Takes back what lost processes had: those whose lease has run out, and those whose run has ended as
    /// dead at least `grace` ago.
    async fn recover(&self, by: &str, grace: TimeDelta) -> Result<Vec<Recovered>>;
}

#[async_trait]
impl Timetable for Store {
    async fn job_states(&self) -> Result<Vec<JobState>> {
        state::all(self).await
    }
    async fn enter_jobs(&self, jobs: &[(String, Option<String>)], since: DateTime<Utc>) -> Result<()> {
        state::enter(self, jobs, since).await
    }
    async fn plan(&self, plans: &[Plan]) -> Result<Vec<String>> {
        plan::plan(self, plans).await
    }
    async fn ask(&self, occasions: &[NewOccasion]) -> Result<u64> {
        plan::ask(self, occasions).await
    }
    async fn pause_job(&self, job: &str, by: &str, reason: Option<&str>) -> Result<bool> {
        state::pause(self, job, by, reason).await
    }
    async fn resume_job(&self, job: &str) -> Result<bool> {
        state::resume(self, job).await
    }
    async fn note_broken(&self, job: &str, what: Option<&str>) -> Result<()> {
        state::broken(self, job, what).await
    }
    async fn open_occasions(&self) -> Result<Vec<Occasion>> {
        read::open(self).await
    }
    async fn occasions(&self, filter: &OccasionFilter) -> Result<Vec<Occasion>> {
        read::list(self, filter).await
    }
    async fn last_occasions(&self) -> Result<Vec<Occasion>> {
        read::last(self).await
    }
    async fn occasion_steps(&self, nr: u64) -> Result<Vec<Step>> {
        read::steps(self, nr).await
    }
    async fn claim(&self, claim: &Claim) -> Result<Option<Claimed>> {
        claim::claim(self, claim).await
    }
    async fn renew_leases(&self, holder: &str, at_work: &[u64], time: TimeDelta) -> Result<Vec<(String, u64)>> {
        claim::renew(self, holder, at_work, time).await
    }
    async fn end_occasion(&self, claimed: &Claimed, end: &End) -> Result<bool> {
        end::end(self, claimed, end).await
    }
    async fn skip_occasion(&self, nr: u64, reason: &str) -> Result<bool> {
        end::skip(self, nr, reason).await
    }
    async fn recover(&self, by: &str, grace: TimeDelta) -> Result<Vec<Recovered>> {
        recover::recover(self, by, grace).await
    }
}

/// A change of an occasion's state, as it is noted.
struct Change<'a> {
    nr: u64,
    from: Option<OccasionState>,
    to: OccasionState,
    reason: Option<&'a str>,
    holder: Option<&'a str>,
    run: Option<&'a str>,
    at: DateTime<Utc>,
}

impl Change<'_> {
    async fn note(&self, tx: &mut Tx) -> Result<()> {
        let sql = "INSERT INTO tillfalle_steg (tillfalle, at, from_state, to_state, reason, holder, run) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let args = [
            self.nr.into(),
            self.at.into(),
            self.from.map(OccasionState::name).into(),
            self.to.name().into(),
            self.reason.into(),
            self.holder.into(),
            self.run.into(),
        ];
        tx.execute("note an occasion's state", sql, &args).await.map(drop)
    }
}
