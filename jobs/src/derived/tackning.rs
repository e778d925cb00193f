//! `connector = "tackning"`: a job whose source is the register's own coverage, region by region.

use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use sluss_connectors::connect::{Source, Stream};
use sluss_connectors::error::Result;
use sluss_pipeline::coverage::{self, Coverage, Expectations};
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::register::Register;
use sluss_pipeline::run::Engine;
use sluss_schemas::chunk::{Chunk, Cursor};
use sluss_schemas::clock::Clock;
use sluss_schemas::landing::Landing;
use sluss_schemas::say;
use sluss_schemas::table::Tables;

use super::{computed, no_options, origin, reaches, stream_of, translate};

/// The connector's name in a job.
pub(super) const NAME: &str = "tackning";
/// What its reference page tells.
pub(super) const DOC: &str = include_str!("tackning.md");

/// Opens such a job's source.
pub(super) fn open(engine: &Engine, job: &Job) -> anyhow::Result<Box<dyn Source>> {
    no_options(job, say!("ta bort [source.options]", "take [source.options] away"))?;
    Ok(Box::new(Counting {
        register: Arc::clone(&engine.register),
        tables: engine.project.tables.clone(),
        expectations: engine.project.file.coverage.clone(),
        clock: Arc::clone(&engine.clock),
        day: engine.today(),
    }))
}

/// The coverage of the engine's register now.
pub(crate) async fn now(engine: &Engine) -> std::result::Result<Vec<Coverage>, PipelineError> {
    let project = &engine.project;
    let (now, today) = (engine.clock.now(), engine.today());
    coverage::coverage(&engine.register, &project.tables, &project.file.coverage, now, today).await
}

#[derive(Clone)]
struct Counting {
    register: Arc<dyn Register>,
    tables: Tables,
    expectations: Expectations,
    clock: Arc<dyn Clock>,
    day: chrono::NaiveDate,
}

impl Counting {
    async fn chunk(self) -> std::result::Result<Chunk, PipelineError> {
        let now = self.clock.now();
        let all = coverage::coverage(&self.register, &self.tables, &self.expectations, now, self.day).await?;
        Ok(computed(origin(NAME, self.register.as_ref()).await?, coverage::rows(&all)?))
    }
}

#[async_trait]
impl Source for Counting {
    async fn check(&self) -> Result<()> {
        reaches(self.register.as_ref()).await
    }

    async fn discover(&self) -> Result<Vec<Stream>> {
        Ok(stream_of(NAME, &coverage::schema()))
    }

    /// There is nothing to land: what is counted lies in the register.
    fn read(&self, _after: Option<Cursor>, _landing: Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>> {
        let counting = self.clone();
        stream::once(async move { counting.chunk().await.map_err(translate) }).boxed()
    }
}
