//! The end of a run: what came of it is noted, once, or its occasion waits for a new try.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::ledger::{Claimed, End, Occasion, RunState};
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
                self.end_run(claimed, &why).await;
                let trouble = Trouble::of(&PipelineError::operator(why.clone()).retryable());
                return Some(CameTo { end: End::HandedBack(why), outcome: None, trouble: Some(trouble) });
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
        // A run that ended by itself is noted already; then this changes nothing.
        let what = trouble.told();
        self.end_run(claimed, &what).await;
        let reason = what.told(Language::Swedish).to_owned();
        let end = match trouble.retry && occasion.failures < u64::from(job.file.when.retries) {
            true => {
                let doublings = u32::try_from(occasion.failures.min(16)).unwrap_or(16);
                let pause = job.file.when.backoff.delta().checked_mul(1 << doublings).unwrap_or(LONGEST).min(LONGEST);
                End::Again(reason, self.now() + pause)
            }
            false => End::Failed(reason),
        };
        Some(CameTo { end, outcome: None, trouble: Some(trouble) })
    }

    async fn end_run(&self, claimed: &Claimed, why: &Message) {
        let reason = Some(why.told(Language::Swedish));
        if let Err(error) = self.register.end_run(&claimed.run, RunState::Failed, reason, None).await {
            tracing::debug!(run = claimed.run, "its end is noted otherwise: {error}");
        }
    }

    /// Notes it, also through a short outage of the database. What cannot be noted is found by whoever
    /// recovers it: the run itself has been noted with what it published.
    async fn conclude(&self, job: &Arc<Job>, occasion: &Occasion, claimed: &Claimed, came: &CameTo) {
        let end = &came.end;
        let note = || async { self.register.end_occasion(claimed, end).await };
        let pauses = ExponentialBuilder::default().with_min_delay(Duration::from_millis(100)).with_max_times(8);
        match note.retry(pauses).when(sluss_pipeline::register::RegisterError::retry).await {
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
