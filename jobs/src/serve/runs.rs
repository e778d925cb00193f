//! Runs of what was handed in: begun, waited for, and taken up again where a process died over them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sluss_pipeline::error::{Actor, PipelineError, Result};
use sluss_pipeline::job::Job;
use sluss_pipeline::keys::Delivery;
use sluss_pipeline::ledger::{Begun, HandedIn, Kept, NewRun, RunState};
use sluss_pipeline::run::{Engine, Outcome, RunOptions, Silent, new_run};
use sluss_schemas::rule::Language;
use sluss_schemas::say;
use tokio::sync::{Semaphore, watch};
use tokio_util::task::TaskTracker;

use super::problem::Problem;
use crate::own_thread::on_its_own_thread;
use crate::push::{self, Received, Target};
use crate::watch::{Trouble, Watch};

/// The runs that this process has at work.
pub(super) struct Runs {
    engine: Arc<Engine>,
    /// What may run at a time.
    turns: Arc<Semaphore>,
    tasks: TaskTracker,
    /// By what the sender was told: closed when the run has ended.
    at_work: Arc<Mutex<HashMap<String, watch::Receiver<()>>>>,
    told: Arc<Watch>,
}

impl Runs {
    pub(super) fn new(engine: Arc<Engine>, parallel: usize, told: Arc<Watch>) -> Self {
        let turns = Arc::new(Semaphore::new(parallel.min(Semaphore::MAX_PERMITS)));
        Self { engine, turns, tasks: TaskTracker::new(), at_work: Arc::default(), told }
    }

    /// Begins the run of a delivery that has landed, or tells that it is known. What is known needs its
    /// bytes no second time: they are given back.
    pub(super) async fn begin(&self, target: Target, received: Received, handed: &HandedIn) -> Result<Begun> {
        let run = NewRun {
            id: received.delivery.run().to_owned(),
            job: target.job.name.clone(),
            owner: received.delivery.owner().to_owned(),
            mode: target.job.file.job.mode.name().to_owned(),
            state: RunState::Running,
            input_digest: Some(received.content.to_string()),
            replay_of: None,
        };
        let mut begun = self.engine.register.begin_handed_in(&run, handed).await?;
        if let Begun::Before { first_run, run: latest } = &begun
            && !self.is_at_work(first_run)
            && self.engine.register.run(latest).await?.is_some_and(|r| r.state == RunState::Running)
        {
            // Another process has it, or had it and is gone: then it is taken up here.
            self.engine.register.sweep().await?;
            begun = self.engine.register.begin_handed_in(&run, handed).await?;
        }
        match &begun {
            Begun::New { first_run } => self.start(target, received, run.id, first_run),
            Begun::Before { .. } | Begun::Other { .. } => drop(self.engine.zone.erase(&received.delivery)?),
        }
        Ok(begun)
    }

    /// Sets the run to work. It goes on whether or not anybody waits for it.
    fn start(&self, target: Target, received: Received, run: String, first_run: &str) {
        let (ended, waiting) = watch::channel(());
        self.lock().insert(first_run.to_owned(), waiting);
        let (engine, turns) = (Arc::clone(&self.engine), Arc::clone(&self.turns));
        let (at_work, first_run) = (Arc::clone(&self.at_work), first_run.to_owned());
        let told = Arc::clone(&self.told);
        self.tasks.spawn(async move {
            // The semaphore is never closed.
            let _turn = turns.acquire().await;
            let (following, job) = (told.began(&engine, &run, &target.job, None), target.job.name.clone());
            match on_a_thread(&engine, target, received, &run).await {
                Some(Ok(outcome)) => {
                    tracing::info!(run, job = outcome.job, state = ?outcome.state, "a delivery has been run");
                    following.came_to(&outcome);
                }
                Some(Err(error)) => {
                    failed(&engine, &run, &first_run, &error).await;
                    following.failed(Trouble::of(&error), None);
                }
                None => {
                    crashed(&engine, &run).await;
                    following.failed(Trouble::panicked(&job), None);
                }
            }
            at_work.lock().unwrap_or_else(PoisonError::into_inner).remove(&first_run);
            drop(ended);
        });
    }

    /// Waits until the run has ended, at most so long. At once where this process does not have it.
    pub(super) async fn wait(&self, first_run: &str, most: Duration) {
        let waiting = self.lock().get(first_run).cloned();
        if let Some(mut waiting) = waiting {
            // An error says that the run has ended: it dropped its end.
            let _ = tokio::time::timeout(most, async { while waiting.changed().await.is_ok() {} }).await;
        }
    }

    fn is_at_work(&self, first_run: &str) -> bool {
        self.lock().contains_key(first_run)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, watch::Receiver<()>>> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes up what was received before and came to no end: an accepted delivery is not lost.
    pub(super) async fn take_up(&self, jobs: &[Job]) -> Result<usize> {
        let mut taken = 0;
        for kept in self.engine.register.left_lying().await? {
            match self.take_up_one(jobs, &kept).await {
                Ok(true) => taken += 1,
                Ok(false) => {}
                Err(error) => tracing::error!(run = kept.first_run, "a delivery cannot be taken up: {error}"),
            }
        }
        Ok(taken)
    }

    async fn take_up_one(&self, jobs: &[Job], kept: &Kept) -> Result<bool> {
        let Some(target) = push::target_of_run(&self.engine.project, jobs, &kept.job) else {
            return Err(PipelineError::configuration(say!("jobbet finns inte längre", "the job is gone"))
                .at(kept.job.clone())
                .hint(say!(
                    "lägg tillbaka jobbet, eller be avsändaren skicka igen",
                    "put the job back, or ask the sender to send again"
                )));
        };
        // A run that died early had not landed what it took up: the first one had.
        let mut found = None;
        for run in [&kept.run, &kept.first_run] {
            let delivery = Delivery::new(&kept.owner, run)?;
            found = found.or(Received::again(&self.engine, delivery, kept.name.clone())?);
        }
        let Some(landed) = found else {
            let gone = PipelineError::source(say!("leveransen finns inte kvar", "the delivery is gone"))
                .hint(say!("skicka den igen, med en ny Idempotency-Key", "send it again, with a new Idempotency-Key"));
            let answer = Problem::of(&gone).about(&kept.first_run);
            self.engine.register.answer_handed_in(&kept.run, &answer.kept()).await?;
            return Ok(false);
        };
        let run = NewRun {
            id: new_run(),
            job: kept.job.clone(),
            owner: kept.owner.clone(),
            mode: target.job.file.job.mode.name().to_owned(),
            state: RunState::Running,
            input_digest: Some(landed.content.to_string()),
            replay_of: None,
        };
        let handed = HandedIn {
            sender: kept.sender.clone(),
            key: kept.key.clone(),
            digest: kept.digest.clone(),
            name: kept.name.clone(),
        };
        let Begun::New { first_run } = self.engine.register.begin_handed_in(&run, &handed).await? else {
            return Ok(false);
        };
        self.start(target, landed, run.id, &first_run);
        Ok(true)
    }

    /// Waits for the runs at work, at most so long. What is left is taken up at the next start.
    pub(super) async fn stop(&self, most: Duration) -> bool {
        self.tasks.close();
        tokio::time::timeout(most, self.tasks.wait()).await.is_ok()
    }
}

/// Runs on a thread of its own, which keeps nobody who stops from stopping; none where it panicked.
async fn on_a_thread(engine: &Arc<Engine>, target: Target, received: Received, run: &str) -> Option<Result<Outcome>> {
    let engine = Arc::clone(engine);
    let options = RunOptions { begun: Some(run.to_owned()), full: true, ..RunOptions::default() };
    let work = move || async move { push::run(&engine, &target, &received, options, &Silent).await };
    match on_its_own_thread("inlamning", work).await {
        Ok(ran) => ran,
        Err(error) => Some(Err(error.into())),
    }
}

/// Ends a run whose thread panicked: that is the run's failure, and no more.
async fn crashed(engine: &Engine, run: &str) {
    tracing::error!(run, "a run panicked");
    let reason = Some("sluss gick fel under körningen");
    if let Err(error) = engine.register.end_run(run, RunState::Failed, reason, None).await {
        tracing::error!(run, "its end cannot be noted: {error}");
    }
}

/// Notes why a run failed, where that is for the sender to mend.
async fn failed(engine: &Engine, run: &str, first_run: &str, error: &PipelineError) {
    let place = error.place.as_ref().map(|place| place.told(Language::English).to_owned());
    tracing::warn!(run, place, "a delivery was not published: {}", error.what);
    if error.actor != Actor::Source || error.retry {
        return;
    }
    let answer = Problem::of(error).about(first_run);
    if let Err(error) = engine.register.answer_handed_in(run, &answer.kept()).await {
        tracing::error!(run, "the answer cannot be kept: {error}");
    }
}
