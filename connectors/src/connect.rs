//! The two traits that a connector implements, and what it is given.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::DataType;
use async_trait::async_trait;
use futures::stream::BoxStream;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use sluss_schemas::chunk::{Chunk, Cursor};
use sluss_schemas::clock::Clock;
use sluss_schemas::landing::Landing;
use sluss_schemas::secret::Secrets;

use crate::error::Result;

/// Written by a connector's author. `NAME` = its folder = `connector = "…"` in a job.
pub trait Connect: Send + Sync + 'static {
    /// The connector's name.
    const NAME: &'static str;
    /// Its reference page (Markdown, Swedish): one sentence, then *Vad den läser*, *Åtkomst*, *Markör*,
    /// *Egenheter* and *Exempel*. The options' table is made from their schema.
    const DOC: &'static str;
    /// `[source.options]`: parser, editor help, console form and reference page in one.
    type Options: DeserializeOwned + JsonSchema;
    /// Makes a source from its options. No I/O yet.
    fn open(options: Self::Options, io: &Io) -> Result<Box<dyn Source>>;
}

/// A source that has been configured.
#[async_trait]
pub trait Source: Send + Sync {
    /// Can it be reached and read? Reads as little as possible.
    async fn check(&self) -> Result<()>;
    /// The streams that it has, with their columns.
    async fn discover(&self) -> Result<Vec<Stream>>;
    /// Reads everything after `after`, in order. Dropping the stream cancels the reading.
    ///
    /// The first error ends the stream; rows that cannot be read are not errors.
    fn read(&self, after: Option<Cursor>, landing: Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>>;

    /// Whether the source gives what has arrived since the cursor and nothing else: then the cursor is
    /// given also where each delivery is a whole, and that nothing has arrived is no empty delivery.
    fn arrives(&self) -> bool {
        false
    }

    /// Whether something has arrived that was not read before `after`: a number that is another when
    /// something else has. Looks, and reads nothing; a file that is still being written counts too.
    async fn waiting(&self, _after: Option<&Cursor>) -> Result<Option<u64>> {
        Ok(None)
    }

    /// A run that was meant to publish has ended: a source that keeps its deliveries in order may do so
    /// now. Never called for a plan, a preview or a check, and never by a run that is held.
    ///
    /// It is called again for what an earlier call did not come to, or is never called where the process
    /// is killed: what it does must be right either way. Its failure does not undo the run.
    async fn ended(&self, _ended: Ended<'_>) -> Result<()> {
        Ok(())
    }
}

/// How a run has ended.
#[derive(Clone, Copy, Debug)]
pub enum Ended<'c> {
    /// Everything up to the cursor is published.
    Published(&'c Cursor),
    /// Nothing of it is published.
    Failed,
}

/// A named stream of rows within a source: a table, a sheet, a set of files.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Stream {
    /// Name, as a person knows it.
    pub name: String,
    /// Columns in order.
    pub columns: Vec<Field>,
}

/// A source column.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Field {
    /// Name in the source, as SQL will see it.
    pub name: String,
    /// Type in the source's own words (`text` for text formats).
    pub kind: String,
    /// Type of its arrays, which mappings are planned over.
    #[serde(skip)]
    pub arrow: DataType,
}

impl Field {
    /// A column that comes as text, whatever the source calls its type.
    pub fn text(name: impl Into<String>, kind: impl Into<String>) -> Self {
        Self { name: name.into(), kind: kind.into(), arrow: DataType::Utf8View }
    }
}

/// What a connector is given of the world.
#[derive(Clone)]
pub struct Io {
    /// Relative paths start here: the folder of the job.
    pub base: PathBuf,
    /// Secrets by name.
    pub secrets: Arc<dyn Secrets>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Rows per chunk to aim at.
    pub chunk_rows: usize,
}
