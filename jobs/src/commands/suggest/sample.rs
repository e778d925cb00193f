//! The first rows of each of a source's streams: enough to tell what they hold, and no more.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use futures::StreamExt;
use sluss_connectors::connect::{Source, Stream};
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::suggest::{Quote, Sample};
use sluss_schemas::landing::NoLanding;
use sluss_schemas::say;

use super::open_with;
use crate::app::App;
use crate::bridge;

/// Streams that are looked at.
const STREAMS: usize = 60;
/// Options that say what is read of a database.
const ASKED: [&str; 3] = ["table", "query", "query_file"];

/// Whether the job names a database and nothing in it: then its tables are the streams.
pub(super) fn are_tables(job: &Job) -> bool {
    let options = &job.file.source.options;
    job.file.source.connector == "sql" && !ASKED.iter().chain(&["landed"]).any(|name| options.contains_key(*name))
}

/// How the job's database writes names.
pub(super) fn quote(app: &App, job: &Job) -> Quote {
    let url = match job.file.source.options.get("url") {
        Some(toml::Value::String(url)) => Some(url.clone()),
        Some(toml::Value::Table(table)) => {
            let name = table.get("secret").and_then(toml::Value::as_str);
            name.and_then(|name| app.engine.secrets.get(name)).map(|secret| secret.expose().to_owned())
        }
        _ => None,
    };
    match url.as_deref().and_then(|url| url.split_once(':')).map(|(scheme, _)| scheme.to_lowercase()) {
        Some(scheme) if scheme == "mysql" || scheme == "mariadb" => Quote::Back,
        Some(scheme) if scheme == "odbc" => Quote::Bare,
        _ => Quote::Double,
    }
}

/// A sample of each stream.
pub(super) async fn all(
    app: &App,
    job: &Job,
    streams: &[Stream],
    tables: bool,
    rows: usize,
) -> anyhow::Result<Vec<Sample>> {
    if !tables {
        let source = bridge::open(&app.engine, job)?;
        return of_parts(source.as_ref(), job, rows).await;
    }
    if streams.is_empty() {
        return Err(PipelineError::source(say!(
            "databasen har inga tabeller som går att läsa",
            "the database has no tables that can be read"
        ))
        .at(job.name.clone())
        .hint(say!(
            "kontrollera adressen, och att användaren får läsa tabellerna",
            "check the address, and that the user may read the tables"
        ))
        .into());
    }
    let mut samples = Vec::new();
    for stream in streams.iter().take(STREAMS) {
        let source = open_with(app, job, |options| {
            for name in ["cursor", "order_by"] {
                options.remove(name);
            }
            options.insert("table".into(), stream.name.clone().into());
        })?;
        // A table that cannot be read (a column of a strange type) is no reason to give up the others.
        if let Ok(read) = of_parts(source.as_ref(), job, rows).await {
            samples.extend(read.into_iter().take(1).map(|sample| Sample { name: stream.name.clone(), ..sample }));
        }
    }
    Ok(samples)
}

/// The first rows of what a source reads. Parts with the same columns (files, sheets) are one stream.
async fn of_parts(source: &dyn Source, job: &Job, rows: usize) -> anyhow::Result<Vec<Sample>> {
    let mut chunks = bridge::read(source, &job.name, None, Arc::new(NoLanding));
    let mut found: BTreeMap<usize, Sample> = BTreeMap::new();
    let mut schemas: Vec<SchemaRef> = Vec::new();
    let mut left = rows;
    while left > 0 {
        let Some(chunk) = chunks.next().await.transpose()? else { break };
        let schema = chunk.rows.schema();
        let place = schemas.iter().position(|known| known.fields() == schema.fields()).unwrap_or_else(|| {
            schemas.push(schema);
            schemas.len() - 1
        });
        let taken = chunk.rows.slice(0, chunk.rows.num_rows().min(left));
        left -= taken.num_rows();
        let name = job.name.rsplit('/').next().unwrap_or(&job.name).to_owned();
        let sample = found.entry(place).or_insert_with(|| Sample { name, rows: Vec::new(), unread: 0 });
        sample.unread += chunk.unread.len() as u64;
        sample.rows.push(taken);
    }
    Ok(found.into_values().collect())
}

/// What a drafted query gives, asked of the database.
pub(super) async fn streams_of_query(app: &App, job: &Job, query: &str) -> anyhow::Result<Vec<Stream>> {
    let source = open_with(app, job, |options| {
        for name in ["cursor", "order_by"] {
            options.remove(name);
        }
        options.insert("query".into(), query.to_owned().into());
    })?;
    Ok(source.discover().await.map_err(|e| bridge::translate(e, &job.name))?)
}
