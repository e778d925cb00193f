//! `connector = "tackning"`: a job whose source is the register's own coverage, region by region.

use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use schemars::JsonSchema;
use serde::Deserialize;
use sluss_connectors::connect::{Field, Source, Stream};
use sluss_connectors::error::Result;
use sluss_pipeline::coverage::{self, Coverage, Expectations};
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::register::Register;
use sluss_pipeline::run::Engine;
use sluss_schemas::chunk::{Chunk, Cursor, Origin};
use sluss_schemas::clock::Clock;
use sluss_schemas::landing::Landing;
use sluss_schemas::say;
use sluss_schemas::table::Tables;

use crate::derived::translate;

/// The connector's name in a job.
pub(crate) const NAME: &str = "tackning";
/// What its reference page tells.
pub(crate) const DOC: &str = include_str!("tackning.md");

/// `[source.options]`: there are none.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Options {}

/// Opens such a job's source.
pub(crate) fn open(engine: &Engine, job: &Job) -> anyhow::Result<Box<dyn Source>> {
    if !job.file.source.options.is_empty() {
        return Err(PipelineError::configuration(say!("källan har inga inställningar", "the source has no options"))
            .at(format!("{}: [source.options]", job.name))
            .hint(say!("ta bort [source.options]", "take [source.options] away"))
            .into());
    }
    Ok(Box::new(Counting {
        register: Arc::clone(&engine.register),
        tables: engine.project.tables.clone(),
        expectations: engine.project.file.coverage.clone(),
        clock: Arc::clone(&engine.clock),
        day: engine.today(),
    }))
}

/// The tables that such a job counts; none where its source is another.
pub(crate) fn reads(job: &Job, tables: &Tables) -> Vec<String> {
    let counted = tables.iter().filter(|table| job.file.source.connector == NAME && table.owner.is_some());
    counted.map(|table| table.name.clone()).collect()
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
        let part = say!("publicering {}", "publication {}", self.register.base().await?);
        let part = part.told(sluss_schemas::rule::Language::Swedish).to_owned();
        let origin = Arc::new(Origin { index: 0, name: NAME.to_owned(), part: Some(part) });
        Ok(Chunk { origin, rows: coverage::rows(&all)?, unread: Vec::new(), cursor: None })
    }
}

#[async_trait]
impl Source for Counting {
    async fn check(&self) -> Result<()> {
        self.register.base().await.map(drop).map_err(|e| translate(e.into()))
    }

    async fn discover(&self) -> Result<Vec<Stream>> {
        let field = |f: &arrow::datatypes::FieldRef| Field {
            name: f.name().clone(),
            kind: f.data_type().to_string(),
            arrow: f.data_type().clone(),
        };
        Ok(vec![Stream { name: NAME.to_owned(), columns: coverage::schema().fields().iter().map(field).collect() }])
    }

    /// There is nothing to land: what is counted lies in the register.
    fn read(&self, _after: Option<Cursor>, _landing: Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>> {
        let counting = self.clone();
        stream::once(async move { counting.chunk().await.map_err(translate) }).boxed()
    }
}
