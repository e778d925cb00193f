//! The end of a run: what came of it is noted, once, or its occasion waits for a new try.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::ledger::{Claimed, End, Occasion, RunState};
use sluss_pipeline::register::RegisterError;
use sluss_pipeline::run::Outcome;
use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;
use sluss_schemas::say;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::error::Elapsed;

use super::{Happening, Ran, Scheduler};
use crate::watch::Trouble;

/// The longest pause between two tries of a run.
const LONGEST: chrono::TimeDelta = chrono::TimeDelta::hours(1);

/// What the ledger has of a run that broke.
enum Noted {
    /// That it failed.
    Failed,
    /// How it had ended before it broke.
    Before(End),
    /// It does not answer: whoever recovers the occasion finds out.
    Nowhere,
}

impl Noted {
    /// What the run came to: this, if the ledger has nothing else.
    fn or(self, failed: CameTo) -> Option<CameTo> {
        match self {
            Self::Failed => Some(failed),
            Self::Before(end) => Some(CameTo { end, outcome: None, trouble: None }),
            Self::Nowhere => None,
        }
    }
}

/// Between tries to note something. Without end: what this process has and nobody notes would be nobody's, since it
/// shows itself alive. When it stops it does not wait for this.
fn pauses() -> ExponentialBuilder {
    let builder = ExponentialBuilder::default().with_min_delay(Duration::from_millis(100));
    builder.with_max_delay(Duration::from_secs(15)).without_max_times()
}

impl Scheduler {
    /// Waits for a run, in a task of its own, and notes what came of it.
    pub(super) fn attend(
        self: &Arc<Self>,
        job: Arc<Job>,
        occasion: Occasion,
        claimed: Claimed,
        task: JoinHandle<Result<Ran, Elapsed>>,
    ) {
        let scheduler = Arc::clone(self);
        self.tasks.spawn(async move {
            if let Some(came) = scheduler.came_to(&job, &occasion, &claimed, task.await).await {
                scheduler.conclude(&job, &occasion, &claimed, &came).await;
            }
            scheduler.at_work().remove(&claimed.nr);
            scheduler.ended.notify_waiters();
        });
    }

    /// What a run came to; none where it is no longer this process's.
    async fn came_to(
        &self,
        job: &Job,
        occasion: &Occasion,
        claimed: &Claimed,
        ran: Result<Result<Ran, Elapsed>, JoinError>,
    ) -> Option<CameTo> {
        let trouble = match ran {
            Ok(Ok(Ran::Done(outcome))) => return Some(CameTo { end: End::Done, outcome, trouble: None }),
            Ok(Ok(Ran::Held(outcome, why))) => return Some(CameTo { end: End::Held(why), outcome, trouble: None }),
            Ok(Ok(Ran::Failed(trouble))) => trouble,
            Ok(Err(_)) => {
                let most = humantime::format_duration(job.file.when.timeout.std());
                let long = say!("körningen tog längre tid än {most}", "the run took longer than {most}");
                Trouble::of(&PipelineError::operator(long).retryable())
            }
            Err(error) if error.is_cancelled() && self.stopping.load(Ordering::SeqCst) => {
                let why = say!("lämnad tillbaka: programmet stoppas", "handed back: the program is stopping");
                let noted = self.end_run(claimed, &why).await;
                let trouble = Trouble::of(&PipelineError::operator(why.clone()).retryable());
                return noted.or(CameTo { end: End::HandedBack(why), outcome: None, trouble: Some(trouble) });
            }
            Err(error) if error.is_cancelled() => {
                // Another process has it now, and has ended this run.
                tracing::warn!(job = claimed.job, run = claimed.run, "broken off: the lease has passed on");
                return None;
            }
            Err(_) => {
                tracing::error!(job = claimed.job, run = claimed.run, "a run panicked");
                Trouble::panicked(&claimed.job)
            }
        };
        let what = trouble.told();
        let noted = self.end_run(claimed, &what).await;
        let reason = what.told(Language::Swedish).to_owned();
        let end = match trouble.retry && occasion.failures < u64::from(job.file.when.retries) {
            true => {
                let doublings = u32::try_from(occasion.failures.min(16)).unwrap_or(16);
                let pause = job.file.when.backoff.delta().checked_mul(1 << doublings).unwrap_or(LONGEST).min(LONGEST);
                End::Again(reason, self.now() + pause)
            }
            false => End::Failed(reason),
        };
        noted.or(CameTo { end, outcome: None, trouble: Some(trouble) })
    }

    /// Notes that the run has failed, unless it is noted otherwise: a run whose database went away in its commit
    /// may have published all the same, and must not be run again.
    async fn end_run(&self, claimed: &Claimed, why: &Message) -> Noted {
        let reason = Some(why.told(Language::Swedish));
        let note = || async {
            match self.register.end_run(&claimed.run, RunState::Failed, reason, None).await {
                Err(RegisterError::RunState { .. }) => Ok(self.register.run(&claimed.run).await?.map(|run| run.state)),
                noted => noted.map(|()| Some(RunState::Failed)),
            }
        };
        match note.retry(pauses()).when(RegisterError::retry).await {
            Ok(Some(RunState::Done | RunState::Planned)) => {
                tracing::warn!(job = claimed.job, run = claimed.run, "it had published before it broke");
                Noted::Before(End::Done)
            }
            Ok(Some(RunState::Held)) => Noted::Before(End::Held(None)),
            Ok(_) => Noted::Failed,
            Err(error) => {
                tracing::error!(job = claimed.job, run = claimed.run, "its end cannot be noted: {error}");
                Noted::Nowhere
            }
        }
    }

    /// Notes it, also through an outage of the database. What this process does not live to note is found by
    /// whoever recovers it: the run itself has been noted with what it published.
    async fn conclude(&self, job: &Arc<Job>, occasion: &Occasion, claimed: &Claimed, came: &CameTo) {
        let end = &came.end;
        let note = || async { self.register.end_occasion(claimed, end).await };
        match note.retry(pauses()).when(RegisterError::retry).await {
            Ok(true) => {
                tracing::info!(job = claimed.job, run = claimed.run, ?end, "ended");
                let (outcome, trouble) = (came.outcome.as_deref(), came.trouble.as_ref());
                self.observer.hear(&Happening::Ended { job, occasion, claimed, end, outcome, trouble });
            }
            Ok(false) => tracing::warn!(job = claimed.job, run = claimed.run, "ended by another process"),
            Err(error) => tracing::error!(job = claimed.job, run = claimed.run, "the end cannot be noted: {error}"),
        }
    }
}

/// What a run came to.
struct CameTo {
    end: End,
    outcome: Option<Box<Outcome>>,
    trouble: Option<Trouble>,
}
