//! What a run does: the engine, by the one path that every job goes.

use std::sync::Arc;

use async_trait::async_trait;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::ledger::{Claimed, Occasion, OccasionKind};
use sluss_pipeline::run::{Engine, Intent, Outcome, RunOptions, RunState, Silent};

use super::window::for_window;
use crate::commands::through;
use crate::own_thread::on_its_own_thread;
use crate::watch::Trouble;

/// What a run came to.
#[derive(Clone, Debug)]
pub enum Ran {
    /// It published, or had nothing to publish.
    Done(Option<Box<Outcome>>),
    /// It is held: a person is to look.
    Held(Option<Box<Outcome>>, Option<String>),
    /// It failed.
    Failed(Trouble),
}

/// Runs jobs.
#[async_trait]
pub trait Runner: Send + Sync {
    /// Runs one, under a lease whose fence its publication states. Dropping the future breaks it off.
    async fn run(&self, job: &Job, occasion: &Occasion, claimed: &Claimed) -> Ran;
}

/// Runs jobs through the engine.
pub struct EngineRunner(pub Arc<Engine>);

#[async_trait]
impl Runner for EngineRunner {
    async fn run(&self, job: &Job, occasion: &Occasion, claimed: &Claimed) -> Ran {
        let is_past = occasion.kind == OccasionKind::Backfill;
        let job = match occasion.window.map(|window| for_window(job, window)).transpose() {
            Ok(windowed) => windowed.unwrap_or_else(|| job.clone()),
            Err(error) => return Ran::Failed(Trouble::of(&error)),
        };
        let options = RunOptions {
            begun: Some(claimed.run.clone()),
            fence: Some(claimed.fence),
            full: is_past,
            keep_cursor: is_past,
            ..RunOptions::default()
        };
        let engine = Arc::clone(&self.0);
        let work = move || async move { through(&engine, &job, Intent::Publish, options, &Silent).await };
        match on_its_own_thread("jobb", work).await {
            Ok(Some(Ok((outcome, _)))) if outcome.state == RunState::Held => {
                let why = outcome.held.first().map(|held| held.sv.clone());
                Ran::Held(Some(Box::new(outcome)), why)
            }
            Ok(Some(Ok((outcome, _)))) => Ran::Done(Some(Box::new(outcome))),
            Ok(Some(Err(error))) => Ran::Failed(Trouble::of_any(&error, &claimed.job)),
            Ok(None) => {
                tracing::error!(job = claimed.job, run = claimed.run, "a run panicked");
                Ran::Failed(Trouble::panicked(&claimed.job))
            }
            Err(error) => Ran::Failed(Trouble::of(&PipelineError::from(error).retryable())),
        }
    }
}
