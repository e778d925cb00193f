//! `[[example]]`: a file in the job's own form, and the national rows that it should give.

use std::sync::Arc;

use arrow::csv::ReaderBuilder;
use arrow::csv::reader::Format;
use arrow::util::display::array_value_to_string;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::{Example, Job};
use sluss_pipeline::run::{PreviewTable, Verdict};
use sluss_schemas::landing::NoLanding;

use super::Problem;
use crate::app::App;
use crate::bridge;

/// Rows of an example at most.
const ROWS: usize = 10_000;

/// Runs one example. What differs is told by row and column, without values.
pub(super) async fn run(app: &App, job: &Job, example: &Example) -> anyhow::Result<Vec<Problem>> {
    let mut given = job.clone();
    given.file.source.options.remove("url");
    given.file.source.options.insert("path".to_owned(), toml::Value::String(example.given.clone()));
    let source = bridge::open(&app.engine, &given)?;
    let chunks = bridge::read(source.as_ref(), &job.name, None, Arc::new(NoLanding));
    let preview = app.engine.preview(&given, chunks, ROWS).await?;
    let place = format!("{}: [[example]] {}", job.name, example.given);
    let name = example.table.as_ref().or_else(|| job.file.job.feeds.first());
    let table = preview.tables.iter().find(|table| Some(&table.table) == name);
    let expected = read(job, &example.expect)?;
    let problem = |what: String| Problem { what, place: Some(place.clone()), hint: None };
    let Some(table) = table else {
        return Ok(if expected.rows.is_empty() {
            Vec::new()
        } else {
            vec![problem("the example gives no rows".to_owned())]
        });
    };
    Ok(differences(table, &expected).into_iter().map(problem).collect())
}

/// What the national table should hold.
struct Expected {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn read(job: &Job, name: &str) -> anyhow::Result<Expected> {
    let path = job.folder.join(name);
    let refused = |e: Box<dyn std::error::Error + Send + Sync>| {
        PipelineError::configuration("the expected rows cannot be read").at(path.display().to_string()).because(e)
    };
    let text = std::fs::read_to_string(&path).map_err(|e| refused(e.into()))?;
    let heading = text.lines().next().unwrap_or_default();
    let delimiter = if heading.contains(';') { b';' } else { b',' };
    let format = Format::default().with_header(true).with_delimiter(delimiter);
    // No column is guessed to be a number: everything is compared as text.
    let (inferred, _) = format.infer_schema(text.as_bytes(), Some(0)).map_err(|e| refused(e.into()))?;
    let fields: Vec<_> = inferred
        .fields()
        .iter()
        .map(|f| arrow::datatypes::Field::new(f.name(), arrow::datatypes::DataType::Utf8, true))
        .collect();
    let schema = Arc::new(arrow::datatypes::Schema::new(fields));
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

fn differences(table: &PreviewTable, expected: &Expected) -> Vec<String> {
    let mut out = Vec::new();
    let accepted: Vec<_> = table.rows.iter().filter(|row| row.verdict != Verdict::Rejected).collect();
    let places: Vec<Option<usize>> =
        expected.columns.iter().map(|name| table.columns.iter().position(|c| c == name)).collect();
    for (name, _) in expected.columns.iter().zip(&places).filter(|(_, place)| place.is_none()) {
        out.push(format!("{} has no column {name}", table.table));
    }
    if accepted.len() != expected.rows.len() {
        out.push(format!("{} rows were expected, {} came", expected.rows.len(), accepted.len()));
    }
    for (number, (row, wanted)) in accepted.iter().zip(&expected.rows).enumerate() {
        for ((name, place), wanted) in expected.columns.iter().zip(&places).zip(wanted) {
            let Some(place) = place else { continue };
            let came = row.values.get(*place).and_then(Option::as_deref).unwrap_or_default();
            if came != wanted {
                out.push(format!("row {}, column {name}: not the expected value", number + 1));
            }
        }
    }
    out
}
