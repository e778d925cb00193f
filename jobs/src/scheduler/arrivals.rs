//! What has arrived: sources that deliveries come to are looked at, and run when something new is there.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, DurationRound, Utc};
use sluss_pipeline::error::{PipelineError, Result};
use sluss_pipeline::job::Job;
use sluss_pipeline::ledger::{NewOccasion, OccasionKind, OccasionState};
use sluss_pipeline::run::Engine;
use sluss_pipeline::schedule::Span;
use sluss_schemas::chunk::Cursor;
use sluss_schemas::say;

use super::Scheduler;
use crate::bridge;

/// Looks for arrivals, and remembers what it has seen.
pub struct Arrivals {
    engine: Arc<Engine>,
    seen: HashMap<String, Seen>,
}

/// What was there at the last look.
struct Seen {
    looked: DateTime<Utc>,
    /// A file that cannot be read and stays where it is brings no run after run.
    waiting: Option<u64>,
}

impl Arrivals {
    /// Looks through the engine's sources. Nothing is read yet.
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { engine, seen: HashMap::new() }
    }

    /// Asks for a run of each job to which something has come that it has not read. Gives how many.
    pub async fn look(&mut self, scheduler: &Scheduler) -> Result<u64> {
        let (catalogue, now) = (scheduler.catalogue(), scheduler.now());
        let mut asked = Vec::new();
        for job in catalogue.jobs() {
            let Some(every) = job.file.when.arrival else { continue };
            if self.seen.get(&job.name).is_some_and(|seen| now < seen.looked + every.delta()) {
                continue;
            }
            let before = self.seen.get(&job.name).and_then(|seen| seen.waiting);
            let waiting = match self.waiting(job).await {
                Ok(waiting) => waiting,
                Err(error) => {
                    tracing::warn!(job = job.name, "it cannot be seen what has arrived: {error}");
                    before
                }
            };
            self.seen.insert(job.name.clone(), Seen { looked: now, waiting });
            if waiting.is_some() && waiting != before {
                asked.push(occasion(job, every, now));
            }
        }
        if asked.is_empty() {
            return Ok(0);
        }
        let open = scheduler.register.open_occasions().await?;
        let is_asked = |new: &NewOccasion| {
            let waits = |o: &&sluss_pipeline::ledger::Occasion| o.job == new.job && o.state == OccasionState::Planned;
            open.iter().filter(waits).any(|o| o.kind == OccasionKind::Arrival)
        };
        asked.retain(|new| !is_asked(new));
        Ok(scheduler.register.ask(&asked).await?)
    }

    async fn waiting(&self, job: &Job) -> Result<Option<u64>> {
        let cursor = self.engine.register.cursor(&job.name).await?.map(Cursor);
        let source = bridge::open(&self.engine, job).map_err(pipeline)?;
        source.waiting(cursor.as_ref()).await.map_err(|error| bridge::translate(error, &job.name))
    }
}

/// What cannot be opened says why.
fn pipeline(error: anyhow::Error) -> PipelineError {
    let opened = say!("källan går inte att öppna", "the source cannot be opened");
    error.downcast().unwrap_or_else(|other| PipelineError::us(opened).because(other))
}

/// Several processes that look at the same time ask for the same occasion.
fn occasion(job: &Job, every: Span, now: DateTime<Utc>) -> NewOccasion {
    NewOccasion {
        job: job.name.clone(),
        kind: OccasionKind::Arrival,
        due: now.duration_trunc(every.delta()).unwrap_or(now),
        window: None,
        pool: job.file.when.pool.clone(),
        by: None,
        reason: None,
    }
}
