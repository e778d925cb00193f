//! `sluss discover --suggest`: reads a sample of the source and drafts the mapping.

mod files;
mod sample;
mod screen;

use std::process::ExitCode;

use arrow::datatypes::SchemaRef;
use serde::Serialize;
use sluss_connectors::connect::Stream;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::run::{SourceColumn, source_type};
use sluss_pipeline::suggest::{self, Ground, JobDraft, Proposal, Quote};
use sluss_schemas::region;
use sluss_schemas::say;

use self::files::Files;
use crate::app::App;
use crate::bridge;
use crate::cli::{Cli, DiscoverArgs, Format};
use crate::failure::Failure;
use crate::output;

/// What is answered in JSON.
#[derive(Serialize)]
struct Answer<'a> {
    job: &'a str,
    #[serde(flatten)]
    proposal: &'a Proposal,
    /// What the planner says of the drafts: nothing, where they can run.
    problems: Vec<Failure>,
    /// Files that were written, with `--write`.
    written: Vec<String>,
    /// Files that were there and left alone.
    kept: Vec<String>,
}

/// Drafts the mapping of `job`.
pub(super) async fn suggest(
    cli: &Cli,
    args: &DiscoverArgs,
    app: &App,
    job: &Job,
    streams: Vec<Stream>,
) -> anyhow::Result<ExitCode> {
    let tables = sample::are_tables(job);
    let samples = sample::all(app, job, &streams, tables, args.rows).await?;
    let codes = app.engine.codes().await?;
    let ground = Ground {
        tables: &app.engine.project.tables,
        codes: &codes,
        owner: region::by_lanskod(&job.file.job.owner),
        joinable: tables,
        quote: if tables { sample::quote(app, job) } else { Quote::Double },
    };
    let mut proposal = suggest::draft(&samples, ground);
    for stream in streams.iter().filter(|stream| tables && samples.iter().all(|sample| sample.name != stream.name)) {
        let name = &stream.name;
        proposal.warnings.push(say!(
            "{name} är inte med: den har inga rader, går inte att läsa, eller är en av väldigt många",
            "{name} is left out: it has no rows, cannot be read, or is one of very many"
        ));
    }
    if proposal.jobs.is_empty() {
        return Err(PipelineError::source(say!(
            "källan liknar ingen nationell tabell",
            "the source is like no national table"
        ))
        .at(job.name.clone())
        .hint(say!(
            "`sluss discover {}` visar kolumnerna, `sluss docs tabeller` tabellerna",
            "`sluss discover {}` lists its columns, `sluss docs tabeller` the tables",
            job.name
        ))
        .into());
    }
    let mut problems = Vec::new();
    for draft in &proposal.jobs {
        let schema = source_of(app, job, draft, &streams).await;
        match schema {
            Ok(schema) => problems.extend(planned(cli, app, draft, &schema).await),
            Err(error) => problems.push(Failure::of(&error, cli)),
        }
    }
    let files = Files::of(cli, job, &proposal);
    let (written, kept) = if args.write { files.write(job)? } else { (Vec::new(), Vec::new()) };
    if cli.format == Format::Json {
        let answer = Answer { job: &job.name, proposal: &proposal, problems, written, kept };
        output::said(cli, &answer, || "".into())?;
        return Ok(ExitCode::SUCCESS);
    }
    let failed = !problems.is_empty();
    output::text(&screen::text(cli, job, &proposal, &files, &problems, &written, &kept))?;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The type of what the drafted job's mappings would read: the drafted query's own answer, or the stream.
async fn source_of(app: &App, job: &Job, draft: &JobDraft, streams: &[Stream]) -> anyhow::Result<SchemaRef> {
    let asked;
    let streams = match &draft.query {
        Some(query) => {
            asked = sample::streams_of_query(app, job, query).await?;
            &asked
        }
        None => streams,
    };
    let columns = streams.first().into_iter().flat_map(|stream| &stream.columns);
    let columns: Vec<SourceColumn> = columns.map(|column| (column.name.clone(), column.arrow.clone())).collect();
    Ok(source_type(&columns))
}

/// What the planner says of a job's drafts.
async fn planned(cli: &Cli, app: &App, draft: &JobDraft, schema: &SchemaRef) -> Vec<Failure> {
    let mut problems = Vec::new();
    for table in &draft.tables {
        if let Err(error) = app.engine.check_draft(&table.table, table.sql.told(cli.language()), schema).await {
            problems.push(Failure::pipeline(&error, cli));
        }
    }
    problems
}

/// Opens the job's source with other options.
fn open_with(
    app: &App,
    job: &Job,
    change: impl FnOnce(&mut toml::Table),
) -> anyhow::Result<Box<dyn sluss_connectors::connect::Source>> {
    let mut job = job.clone();
    change(&mut job.file.source.options);
    bridge::open(&app.engine, &job)
}
