//! `connector = "foretrade"`: a job whose source is what several sources say, and whose word counts.

use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use schemars::JsonSchema;
use serde::Deserialize;
use sluss_connectors::connect::{Source, Stream};
use sluss_connectors::error::Result;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::matching::precedence::{self, CONNECTOR, Order, SAID, golden, said_of};
use sluss_pipeline::register::Register;
use sluss_pipeline::run::Engine;
use sluss_schemas::chunk::{Chunk, Cursor};
use sluss_schemas::landing::Landing;
use sluss_schemas::say;
use sluss_schemas::table::Table;

use super::{computed, origin, reaches, stream_of, translate};

/// The connector's name in a job.
pub(super) const NAME: &str = CONNECTOR;
/// What its reference page tells.
pub(super) const DOC: &str = include_str!("foretrade.md");

/// `[source.options]`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    /// The table that everybody reads: `organisation` or `enhet`. What its sources say stands in the table with
    /// `_uppgift` after its name.
    table: String,
}

fn options(job: &Job) -> Option<Options> {
    job.file.source.options.clone().try_into().ok()
}

/// Opens such a job's source.
pub(super) fn open(engine: &Engine, job: &Job) -> anyhow::Result<Box<dyn Source>> {
    let tables = &engine.project.tables;
    let table = options(job).and_then(|options| tables.get(&options.table));
    let Some(table) = table.filter(|table| said_of(tables, &table.name).is_some()) else {
        return Err(PipelineError::configuration(say!(
            "källan anger ingen tabell som flera källor har uppgifter till",
            "the source names no table that several sources speak of"
        ))
        .at(format!("{}: [source.options]", job.name))
        .hint(say!("skriv table = \"organisation\" eller \"enhet\"", "write table = \"organisation\" or \"enhet\""))
        .into());
    };
    Ok(Box::new(Preceding {
        register: Arc::clone(&engine.register),
        table: Arc::new(table.clone()),
        order: engine.project.file.precedence.get(&table.name).cloned().unwrap_or_default(),
    }))
}

/// The tables that such a job reads.
pub(super) fn reads(job: &Job) -> Vec<String> {
    options(job).map(|options| format!("{}{SAID}", options.table)).into_iter().collect()
}

#[derive(Clone)]
struct Preceding {
    register: Arc<dyn Register>,
    table: Arc<Table>,
    order: Order,
}

impl Preceding {
    async fn chunk(self) -> sluss_pipeline::error::Result<Chunk> {
        let rows = golden(self.register.as_ref(), &self.table, &self.order).await?;
        Ok(computed(origin(NAME, self.register.as_ref()).await?, rows))
    }
}

#[async_trait]
impl Source for Preceding {
    async fn check(&self) -> Result<()> {
        reaches(self.register.as_ref()).await
    }

    async fn discover(&self) -> Result<Vec<Stream>> {
        Ok(stream_of(NAME, &precedence::schema(&self.table)))
    }

    /// There is nothing to land: what is computed from lies in the register.
    fn read(&self, _after: Option<Cursor>, _landing: Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>> {
        let preceding = self.clone();
        stream::once(async move { preceding.chunk().await.map_err(translate) }).boxed()
    }
}
