//! Sources within Sluss itself: jobs that are derived from what has been published already.
//!
//! `lake` asks a query, `tackning` counts each region's coverage, `matchning` says which organisation or unit is
//! meant, `foretrade` whose word counts where several sources speak of the same.

mod foretrade;
mod lake;
mod matchning;
mod tackning;

use std::sync::Arc;

use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;
use schemars::schema_for;
use sluss_connectors::connect::{Field, Source, Stream};
use sluss_connectors::error::{Actor as ConnectorActor, ConnectorError};
use sluss_pipeline::error::{Actor, PipelineError};
use sluss_pipeline::job::Job;
use sluss_pipeline::register::Register;
use sluss_pipeline::run::Engine;
use sluss_schemas::chunk::{Chunk, Origin};
use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;
use sluss_schemas::say;
use sluss_schemas::table::Tables;

pub(crate) use self::matchning::NAME as MATCHNING;
pub(crate) use self::tackning::now as coverage_now;
use crate::sources::SourceKind;

/// Opens a job's source, where it is one of these.
pub(crate) fn open(engine: &Engine, job: &Job) -> Option<anyhow::Result<Box<dyn Source>>> {
    Some(match job.file.source.connector.as_str() {
        lake::NAME => lake::open(engine, job),
        tackning::NAME => tackning::open(engine, job),
        matchning::NAME => matchning::open(engine, job),
        foretrade::NAME => foretrade::open(engine, job),
        _ => return None,
    })
}

/// The tables that a job's source reads: none where its source is outside.
pub(crate) fn reads(job: &Job, tables: &Tables) -> Vec<String> {
    match job.file.source.connector.as_str() {
        lake::NAME => lake::reads(job),
        tackning::NAME => regional(tables).collect(),
        matchning::NAME => matchning::reads(),
        foretrade::NAME => foretrade::reads(job),
        _ => Vec::new(),
    }
}

/// The tables that a job waits for, if others feed them: what it reads, and where it compares all that regions
/// say, everything else of theirs, since a job that feeds what is read may feed other tables too.
pub(crate) fn awaits(job: &Job, tables: &Tables) -> Vec<String> {
    let mut awaited = reads(job, tables);
    if job.file.source.connector == matchning::NAME {
        awaited.extend(regional(tables));
    }
    awaited
}

/// The tables that regions own.
fn regional(tables: &Tables) -> impl Iterator<Item = String> {
    tables.iter().filter(|table| table.owner.is_some()).map(|table| table.name.clone())
}

/// What a job can name, in reading order.
pub(crate) fn kinds() -> [SourceKind; 4] {
    [
        SourceKind { name: lake::NAME, doc: lake::DOC, schema: schema_for!(lake::Options) },
        SourceKind { name: tackning::NAME, doc: tackning::DOC, schema: schema_for!(NoOptions) },
        SourceKind { name: matchning::NAME, doc: matchning::DOC, schema: schema_for!(NoOptions) },
        SourceKind { name: foretrade::NAME, doc: foretrade::DOC, schema: schema_for!(foretrade::Options) },
    ]
}

/// There are none.
#[derive(Debug, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct NoOptions {}

/// Refuses options where there are none; `hint` says what to do.
fn no_options(job: &Job, hint: Message) -> Result<(), PipelineError> {
    if job.file.source.options.is_empty() {
        return Ok(());
    }
    let what = say!("källan har inga inställningar", "the source has no options");
    Err(PipelineError::configuration(what).at(format!("{}: [source.options]", job.name)).hint(hint))
}

/// The one stream of such a source.
fn stream_of(name: &str, schema: &Schema) -> Vec<Stream> {
    let field = |field: &arrow::datatypes::FieldRef| Field {
        name: field.name().clone(),
        kind: field.data_type().to_string(),
        arrow: field.data_type().clone(),
    };
    vec![Stream { name: name.to_owned(), columns: schema.fields().iter().map(field).collect() }]
}

/// Where rows that were computed from the register come from: its last publication.
async fn origin(name: &str, register: &dyn Register) -> Result<Arc<Origin>, PipelineError> {
    let part = say!("publicering {}", "publication {}", register.base().await?);
    let part = part.told(Language::Swedish).to_owned();
    Ok(Arc::new(Origin { index: 0, name: name.to_owned(), part: Some(part) }))
}

/// Computed rows: all of them are read, and there is nowhere to go on from.
fn computed(origin: Arc<Origin>, rows: RecordBatch) -> Chunk {
    Chunk { origin, rows, unread: Vec::new(), cursor: None }
}

/// Such a source is there if the register is.
async fn reaches(register: &dyn Register) -> sluss_connectors::error::Result<()> {
    register.base().await.map(drop).map_err(|e| translate(e.into()))
}

fn translate(error: PipelineError) -> ConnectorError {
    let actor = match error.actor {
        Actor::Source => ConnectorActor::Source,
        Actor::Us => ConnectorActor::Us,
        Actor::Configuration | Actor::Operator => ConnectorActor::Configuration,
    };
    let mut out = ConnectorError::configuration(error.what.clone());
    out.actor = actor;
    out.place.clone_from(&error.place);
    out.hint.clone_from(&error.hint);
    out.because(error)
}
