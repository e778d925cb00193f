//! The end of a run: what came of it is noted, once, or its occasion waits for a new try.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
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
            if let Some((end, outcome)) = scheduler.end_of(&job, &occasion, &claimed, task.await).await {
                scheduler.conclude(&job, &occasion, &claimed, &end, outcome.as_deref()).await;
            }
            scheduler.at_work().remove(&claimed.nr);
            scheduler.ended.notify_waiters();
        });
    }

    /// What becomes of the occasion; none where it is no longer this process's.
    async fn end_of(
        &self,
        job: &Job,
        occasion: &Occasion,
        claimed: &Claimed,
        ran: Result<Result<Ran, Elapsed>, JoinError>,
    ) -> Option<(End, Option<Box<Outcome>>)> {
        let (what, retry) = match ran {
            Ok(Ok(Ran::Done(outcome))) => return Some((End::Done, outcome)),
            Ok(Ok(Ran::Held(outcome, why))) => return Some((End::Held(why), outcome)),
            Ok(Ok(Ran::Failed { what, retry })) => (what, retry),
            Ok(Err(_)) => {
                let most = humantime::format_duration(job.file.when.timeout.std());
                (say!("körningen tog längre tid än {most}", "the run took longer than {most}"), true)
            }
            Err(error) if error.is_cancelled() && self.stopping.load(Ordering::SeqCst) => {
                let why = say!("lämnad tillbaka: programmet stoppas", "handed back: the program is stopping");
                return match self.end_run(claimed, &why).await {
                    Noted::Failed => Some((End::HandedBack(why), None)),
                    Noted::Before(end) => Some((end, None)),
                    Noted::Nowhere => None,
                };
            }
            Err(error) if error.is_cancelled() => {
                // Another process has it now, and has ended this run.
                tracing::warn!(job = claimed.job, run = claimed.run, "broken off: the lease has passed on");
                return None;
            }
            Err(_) => {
                tracing::error!(job = claimed.job, run = claimed.run, "a run panicked");
                (say!("sluss gick fel under körningen", "sluss failed during the run"), false)
            }
        };
        match self.end_run(claimed, &what).await {
            Noted::Failed => {}
            Noted::Before(end) => return Some((end, None)),
            Noted::Nowhere => return None,
        }
        let reason = what.told(Language::Swedish).to_owned();
        let end = match retry && occasion.failures < u64::from(job.file.when.retries) {
            true => {
                let doublings = u32::try_from(occasion.failures.min(16)).unwrap_or(16);
                let pause = job.file.when.backoff.delta().checked_mul(1 << doublings).unwrap_or(LONGEST).min(LONGEST);
                End::Again(reason, self.now() + pause)
            }
            false => End::Failed(reason),
        };
        Some((end, None))
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
    async fn conclude(
        &self,
        job: &Arc<Job>,
        occasion: &Occasion,
        claimed: &Claimed,
        end: &End,
        outcome: Option<&Outcome>,
    ) {
        let note = || async { self.register.end_occasion(claimed, end).await };
        match note.retry(pauses()).when(RegisterError::retry).await {
            Ok(true) => {
                tracing::info!(job = claimed.job, run = claimed.run, ?end, "ended");
                self.observer.hear(&Happening::Ended { job, occasion, claimed, end, outcome });
            }
            Ok(false) => tracing::warn!(job = claimed.job, run = claimed.run, "ended by another process"),
            Err(error) => tracing::error!(job = claimed.job, run = claimed.run, "the end cannot be noted: {error}"),
        }
    }
}
