//! Extraction: chunks from the connector into every table's mapping, counted and guarded.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use futures::StreamExt;
use futures::stream::BoxStream;
use sluss_schemas::chunk::{Chunk, Cursor, Origin};
use sluss_schemas::say;

use super::account::Account;
use super::persons;
use super::quarantined::Quarantining;
use super::sources::Sources;
use super::table::row_ids;
use super::traced::Progress;
use super::window::Window;
use crate::error::{PipelineError, Result};
use crate::map::{Feed, Filters};

/// What extraction found.
#[derive(Default)]
pub(super) struct Extracted {
    pub(super) account: Account,
    pub(super) rows_in: u64,
    pub(super) sources: Sources,
    pub(super) cursor: Option<Cursor>,
    pub(super) personal_numbers: BTreeMap<String, u64>,
}

/// The source's chunks, with the type of the first one known.
pub(super) struct Chunks {
    first: Option<Chunk>,
    rest: BoxStream<'static, Result<Chunk>>,
}

impl Chunks {
    /// Waits for the first chunk; its columns are those of the whole delivery.
    pub(super) async fn begin(mut stream: BoxStream<'static, Result<Chunk>>) -> Result<(Option<SchemaRef>, Self)> {
        let first = stream.next().await.transpose()?;
        let schema = first.as_ref().map(|c| c.rows.schema());
        Ok((schema, Self { first, rest: stream }))
    }

    async fn next(&mut self) -> Option<Result<Chunk>> {
        match self.first.take() {
            Some(first) => Some(Ok(first)),
            None => self.rest.next().await,
        }
    }
}

/// Reads the source to its end. Unread rows go to `unread` as they come.
pub(super) async fn run(
    mut chunks: Chunks,
    schema: &SchemaRef,
    filters: &Filters,
    feeds: Vec<Feed>,
    window: &Window,
    progress: &dyn Progress,
    quarantine: &mut Quarantining,
) -> Result<Extracted> {
    let mut out = Extracted::default();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        let rows = conform(chunk.rows, schema, &chunk.origin)?;
        let count = rows.num_rows() as u64 + chunk.unread.len() as u64;
        out.rows_in += count;
        out.sources.add(&chunk.origin, count);
        progress.rows(out.rows_in);
        out.account.unread += chunk.unread.len() as u64;
        quarantine.origin(&chunk.origin);
        quarantine.unread(&chunk.origin, chunk.unread)?;
        if chunk.cursor.is_some() {
            out.cursor = chunk.cursor;
        }
        if rows.num_rows() == 0 {
            continue;
        }
        persons::look(&rows, &mut out.personal_numbers);
        let kept = filters.keep(rows, &mut out.account.filtered)?;
        if kept.num_rows() == 0 {
            continue;
        }
        out.account.read(row_ids(&kept)?);
        window.push(&kept);
        for feed in &feeds {
            if feed.send(kept.clone()).await.is_err() {
                // The table's task has failed; its own error says why.
                return Ok(out);
            }
        }
    }
    Ok(out)
}

/// Every chunk must have the columns of the first (`freeze`); their order may differ.
fn conform(rows: RecordBatch, schema: &SchemaRef, origin: &Origin) -> Result<RecordBatch> {
    if rows.schema_ref().fields() == schema.fields() {
        return Ok(rows);
    }
    let given = rows.schema();
    let missing: Vec<_> = schema
        .fields()
        .iter()
        .filter(|f| given.column_with_name(f.name()).is_none())
        .map(|f| f.name().as_str())
        .collect();
    let extra: Vec<_> = given
        .fields()
        .iter()
        .filter(|f| schema.column_with_name(f.name()).is_none())
        .map(|f| f.name().as_str())
        .collect();
    if !missing.is_empty() || !extra.is_empty() {
        return Err(PipelineError::source(say!(
            "filens kolumner är inte den första filens: saknas [{}], nya [{}]",
            "the file's columns are not those of the first file: missing [{}], new [{}]",
            missing.join(", "),
            extra.join(", ")
        ))
        .at(origin.name.clone())
        .hint(say!(
            "skicka filer av en form i en leverans, eller gör ett jobb för varje form",
            "send files of one form in a delivery, or make a job for each form"
        )));
    }
    let columns = schema.fields().iter().filter_map(|f| rows.column_by_name(f.name()).cloned()).collect();
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(|e| {
        PipelineError::source(say!(
            "filens kolumntyper är inte den första filens",
            "the file's column types are not those of the first file"
        ))
        .at(origin.name.clone())
        .because(e)
    })
}
