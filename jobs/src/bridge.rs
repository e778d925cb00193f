//! Leads a connector's stream into the engine: the one place where the two meet.

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::BoxStream;
use sluss_connectors::connect::{Ended, Io, Source};
use sluss_connectors::error::{Actor, ConnectorError};
use sluss_connectors::registry;
use sluss_pipeline::error::{Actor as PipelineActor, PipelineError};
use sluss_pipeline::job::Job;
use sluss_pipeline::run::{Engine, RunState};
use sluss_schemas::chunk::{Chunk, Cursor};
use sluss_schemas::landing::Landing;

use crate::derived;

/// Rows that a connector aims at in a chunk.
const CHUNK_ROWS: usize = 16 * 1024;

/// What a job's source is given of the world.
pub(crate) fn io(engine: &Engine, job: &Job) -> Io {
    Io {
        base: job.folder.clone(),
        secrets: Arc::clone(&engine.secrets),
        clock: Arc::clone(&engine.clock),
        chunk_rows: CHUNK_ROWS,
    }
}

/// Opens a job's source.
pub(crate) fn open(engine: &Engine, job: &Job) -> anyhow::Result<Box<dyn Source>> {
    if let Some(opened) = derived::open(engine, job) {
        return opened;
    }
    let io = io(engine, job);
    let options = serde_json::to_value(&job.file.source.options)?;
    let opened = registry::open(&job.file.source.connector, options, &io);
    Ok(opened.map_err(|e| in_file(engine, job, translate(e, &job.name)))?)
}

/// An error about the job file's own words gets the line where they stand.
fn in_file(engine: &Engine, job: &Job, error: PipelineError) -> PipelineError {
    let elsewhere = error.place.as_ref().is_some_and(|place| *place != job.name.as_str());
    let word = error.what.split('`').nth(1).map(str::to_owned);
    let (false, Some(word)) = (elsewhere, word) else { return error };
    let file = format!("{}.toml", job.name);
    let Ok(text) = std::fs::read_to_string(engine.project.path(&file)) else { return error };
    let names = |line: &str| {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        key.trim().trim_matches('"') == word || value.contains(&format!("\"{word}\"")) || {
            let header = line.trim().trim_matches(['[', ']']);
            line.trim().starts_with('[') && header.rsplit('.').next() == Some(word.as_str())
        }
    };
    match text.lines().position(names) {
        Some(line) => error.at(format!("{file}:{}", line + 1)),
        None => error,
    }
}

/// The source's chunks, with the connector's errors in the engine's words.
pub(crate) fn read(
    source: &dyn Source,
    job: &str,
    after: Option<Cursor>,
    landing: Arc<dyn Landing>,
) -> BoxStream<'static, Result<Chunk, PipelineError>> {
    let job = job.to_owned();
    source.read(after, landing).map(move |chunk| chunk.map_err(|e| translate(e, &job))).boxed()
}

/// Options that say how a file is read, whatever brought it.
const FORM: [&str; 8] = ["format", "encoding", "member", "csv", "fixed", "xlsx", "json", "xml"];

/// Whether a job's source is files of the forms that the connector `files` reads.
pub(crate) fn reads_files(job: &Job) -> bool {
    ["files", "inkorg", "sftp"].contains(&job.file.source.connector.as_str())
}

/// Lets such a job read these files, from its folder.
pub(crate) fn point_at_files(job: &mut Job, names: &[String]) {
    let source = &mut job.file.source;
    "files".clone_into(&mut source.connector);
    source.options.retain(|option, _| FORM.contains(&option));
    let names = names.iter().map(|name| toml::Value::String(name.clone())).collect();
    source.options.insert("path".to_owned(), toml::Value::Array(names));
}

/// Lets a source put its deliveries in order when a run has ended: `state` is none for one that failed.
///
/// What does not go well is a warning and no more: the run is what it is.
pub(crate) async fn ended(
    engine: &Engine,
    source: &dyn Source,
    job: &Job,
    state: Option<RunState>,
) -> Option<PipelineError> {
    let outcome = match state {
        Some(RunState::Done) => match engine.register.cursor(&job.name).await {
            Ok(Some(cursor)) => source.ended(Ended::Published(&Cursor(cursor))).await,
            Ok(None) => Ok(()),
            Err(error) => return Some(error.into()),
        },
        // A delivery that is held or tried in a test environment stays where it is.
        Some(RunState::Held | RunState::Planned) => Ok(()),
        None => source.ended(Ended::Failed).await,
    };
    outcome.err().map(|error| translate(error, &job.name))
}

/// An error keeps who must act, where, and what to do.
pub(crate) fn translate(error: ConnectorError, job: &str) -> PipelineError {
    let out = translated(&error, job);
    match error.source {
        Some(cause) => out.because(cause),
        None => out,
    }
}

/// The same without the cause.
pub(crate) fn translated(error: &ConnectorError, job: &str) -> PipelineError {
    let actor = match error.actor {
        Actor::Configuration => PipelineActor::Configuration,
        Actor::Source => PipelineActor::Source,
        Actor::Operator => PipelineActor::Operator,
        Actor::Us => PipelineActor::Us,
    };
    let mut out = PipelineError::new(actor, error.what.clone());
    out.place = error.place.clone().or_else(|| Some(job.into()));
    out.hint.clone_from(&error.hint);
    out.retry = error.retry;
    out
}
