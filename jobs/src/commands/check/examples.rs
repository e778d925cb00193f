//! `[[example]]`: a file in the job's own form, and the national rows that it should give.

use std::sync::Arc;

use arrow::csv::ReaderBuilder;
use arrow::csv::reader::Format;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::util::display::array_value_to_string;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::{Example, Job};
use sluss_pipeline::run::{PreviewRow, PreviewTable};
use sluss_schemas::landing::NoLanding;
use sluss_schemas::say;

use super::compare::{Compared, Expected, compare};
use crate::app::App;
use crate::bridge;
use crate::push;

/// Rows of an example at most.
const ROWS: usize = 10_000;

/// Runs one example.
pub(super) async fn run(app: &App, job: &Job, example: &Example) -> anyhow::Result<Compared> {
    let mut given = job.clone();
    if bridge::reads_files(job) {
        bridge::point_at_files(&mut given, std::slice::from_ref(&example.given));
    } else {
        given.file.source.options.remove("url");
        let place = if job.file.source.connector == push::NAME { "sample" } else { "path" };
        given.file.source.options.insert(place.to_owned(), toml::Value::String(example.given.clone()));
    }
    let source = bridge::open(&app.engine, &given)?;
    let chunks = bridge::read(source.as_ref(), &job.name, None, Arc::new(NoLanding));
    let preview = app.engine.preview(&given, chunks, ROWS).await?;
    let name = example.table.as_ref().or_else(|| job.file.job.feeds.first());
    let name = name.map(String::as_str).unwrap_or_default();
    let table = app.engine.table(name)?;
    let mut came = preview.tables.into_iter().find(|came| came.table == name);
    if let (Some(came), Some(group)) = (&mut came, job.file.map.one_per.get(name)) {
        fold(came, group);
    }
    let differences = compare(&table, came.as_ref(), &preview.unread, &read(job, &example.expect)?);
    Ok(Compared { given: example.given.clone(), expect: example.expect.clone(), table: name.to_owned(), differences })
}

/// Several source rows become one: those of a group that agree. What does not agree is told by the comparison.
fn fold(came: &mut PreviewTable, group: &[String]) {
    let places: Vec<_> = group.iter().filter_map(|name| came.columns.iter().position(|c| c == name)).collect();
    let key = |row: &PreviewRow| -> Vec<_> { places.iter().map(|p| row.values.get(*p).cloned().flatten()).collect() };
    let mut kept: Vec<PreviewRow> = Vec::new();
    for row in came.rows.drain(..) {
        if !kept.iter().any(|other| key(other) == key(&row) && other.values == row.values) {
            kept.push(row);
        }
    }
    came.rows = kept;
}

fn read(job: &Job, name: &str) -> anyhow::Result<Expected> {
    let path = job.folder.join(name);
    let refused = |e: Box<dyn std::error::Error + Send + Sync>| {
        PipelineError::configuration(say!("de väntade raderna går inte att läsa", "the expected rows cannot be read"))
            .at(path.display().to_string())
            .hint(say!(
                "skriv en CSV-fil i UTF-8 med den nationella tabellens kolumnnamn som rubriker",
                "write a CSV file in UTF-8 with the national table's column names as headings"
            ))
            .because(e)
    };
    let text = std::fs::read_to_string(&path).map_err(|e| refused(e.into()))?;
    let heading = text.lines().next().unwrap_or_default();
    let delimiter = if heading.contains(';') { b';' } else { b',' };
    let format = Format::default().with_header(true).with_delimiter(delimiter);
    // No column is guessed to be a number: everything is compared as text.
    let (inferred, _) = format.infer_schema(text.as_bytes(), Some(0)).map_err(|e| refused(e.into()))?;
    let fields: Vec<_> = inferred.fields().iter().map(|f| Field::new(f.name(), DataType::Utf8, true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let reader = ReaderBuilder::new(Arc::clone(&schema))
        .with_format(format)
        .build(text.as_bytes())
        .map_err(|e| refused(e.into()))?;
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|e| refused(e.into()))?;
        for row in 0..batch.num_rows() {
            rows.push(batch.columns().iter().map(|c| array_value_to_string(c, row)).collect::<Result<Vec<_>, _>>()?);
        }
    }
    Ok(Expected { columns: schema.fields().iter().map(|f| f.name().clone()).collect(), rows })
}
