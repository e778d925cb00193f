//! `connector = "lake"`: a job whose source is a query over what its owner has published.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use schemars::JsonSchema;
use serde::Deserialize;
use sluss_connectors::connect::{Source, Stream};
use sluss_connectors::error::Result;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::lake::{Derivation, tables_read};
use sluss_pipeline::run::Engine;
use sluss_schemas::chunk::{Chunk, Cursor};
use sluss_schemas::landing::Landing;
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::{stream_of, translate};

/// The connector's name in a job.
pub(super) const NAME: &str = "lake";
/// What its reference page tells beside the options.
pub(super) const DOC: &str = include_str!("lake.md");

/// `[source.options]` of a derived job.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    /// File with the query, relative to the job's folder. It sees the tables of the lake; of those
    /// that have owners, the job's owner's rows.
    query: String,
}

/// Opens a derived job's source. The query's file is read; nothing else is.
pub(super) fn open(engine: &Engine, job: &Job) -> anyhow::Result<Box<dyn Source>> {
    let sql = query(job)?;
    Ok(Box::new(Derived {
        derivation: Derivation {
            lake: engine.lake.clone(),
            register: Arc::clone(&engine.register),
            tables: engine.project.tables.clone(),
            owner: job.file.job.owner.clone(),
            today: engine.today(),
            sql,
        },
    }))
}

/// The tables that the query reads. One that cannot be read names none here; running it tells why.
pub(super) fn reads(job: &Job) -> Vec<String> {
    query(job).ok().and_then(|sql| tables_read(&sql).ok()).unwrap_or_default()
}

fn query(job: &Job) -> std::result::Result<String, PipelineError> {
    let refuse = |what: Message| PipelineError::configuration(what).at(format!("{}: [source.options]", job.name));
    let options: Options = job.file.source.options.clone().try_into().map_err(|e: toml::de::Error| {
        refuse(say!("källans inställningar kan inte läsas", "the source's options cannot be read"))
            .hint(say!("skriv query = \"<fil>.sql\" och inget annat", "write query = \"<file>.sql\" and nothing else"))
            .because(e.message().to_owned())
    })?;
    let path = job.folder.join(Path::new(&options.query));
    std::fs::read_to_string(&path).map_err(|e| {
        refuse(say!("filen med frågan kan inte läsas", "the file with the query cannot be read"))
            .hint(say!("det ska finnas en fil {}", "there should be a file {}", path.display()))
            .because(e)
    })
}

struct Derived {
    derivation: Derivation,
}

#[async_trait]
impl Source for Derived {
    async fn check(&self) -> Result<()> {
        self.derivation.schema().await.map(|_| ()).map_err(translate)
    }

    async fn discover(&self) -> Result<Vec<Stream>> {
        let schema = self.derivation.schema().await.map_err(translate)?;
        Ok(stream_of(NAME, &schema))
    }

    /// There is nothing to land: the originals of derived rows are published rows.
    fn read(&self, _after: Option<Cursor>, _landing: Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>> {
        self.derivation.clone().read().map(|chunk| chunk.map_err(translate)).boxed()
    }
}
