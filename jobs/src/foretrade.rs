//! `connector = "foretrade"`: a job whose source is what several sources say, and whose word counts.

use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use schemars::JsonSchema;
use serde::Deserialize;
use sluss_connectors::connect::{Field, Source, Stream};
use sluss_connectors::error::Result;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::matching::precedence::{self, CONNECTOR, Order, SAID, golden, said_of};
use sluss_pipeline::register::Register;
use sluss_pipeline::run::Engine;
use sluss_schemas::chunk::{Chunk, Cursor, Origin};
use sluss_schemas::landing::Landing;
use sluss_schemas::rule::Language;
use sluss_schemas::say;
use sluss_schemas::table::Table;

use crate::derived::translate;

/// The connector's name in a job.
pub(crate) const NAME: &str = CONNECTOR;
/// What its reference page tells.
pub(crate) const DOC: &str = include_str!("foretrade.md");

/// `[source.options]`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Options {
    /// The table that everybody reads: `organisation` or `enhet`. What its sources say stands in the table with
    /// `_uppgift` after its name.
    table: String,
}

fn options(job: &Job) -> Option<Options> {
    job.file.source.options.clone().try_into().ok()
}

/// Opens such a job's source.
pub(crate) fn open(engine: &Engine, job: &Job) -> anyhow::Result<Box<dyn Source>> {
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

/// The tables that such a job reads; none where its source is another.
pub(crate) fn reads(job: &Job) -> Vec<String> {
    if job.file.source.connector != NAME {
        return Vec::new();
    }
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
        let part = say!("publicering {}", "publication {}", self.register.base().await?);
        let part = part.told(Language::Swedish).to_owned();
        let rows = golden(self.register.as_ref(), &self.table, &self.order).await?;
        let origin = Arc::new(Origin { index: 0, name: NAME.to_owned(), part: Some(part) });
        Ok(Chunk { origin, rows, unread: Vec::new(), cursor: None })
    }
}

#[async_trait]
impl Source for Preceding {
    async fn check(&self) -> Result<()> {
        self.register.base().await.map(drop).map_err(|e| translate(e.into()))
    }

    async fn discover(&self) -> Result<Vec<Stream>> {
        let field = |f: &arrow::datatypes::FieldRef| Field {
            name: f.name().clone(),
            kind: f.data_type().to_string(),
            arrow: f.data_type().clone(),
        };
        let columns = precedence::schema(&self.table).fields().iter().map(field).collect();
        Ok(vec![Stream { name: NAME.to_owned(), columns }])
    }

    /// There is nothing to land: what is computed from lies in the register.
    fn read(&self, _after: Option<Cursor>, _landing: Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>> {
        let preceding = self.clone();
        stream::once(async move { preceding.chunk().await.map_err(translate) }).boxed()
    }
}
