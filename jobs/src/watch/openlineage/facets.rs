//! The facets that events carry, each in the version of the specification that it keeps to.

use serde_json::{Map, Value, json};

/// Who makes the events.
pub(super) const PRODUCER: &str = concat!("urn:sluss:", env!("CARGO_PKG_VERSION"));

/// Named facets.
pub(super) type Facets = Vec<(&'static str, Value)>;

/// As an object.
pub(super) fn all(facets: Facets) -> Map<String, Value> {
    facets.into_iter().map(|(name, facet)| (name.to_owned(), facet)).collect()
}

/// `version` and `kind` name the facet's own schema.
fn facet(name: &'static str, version: &str, kind: &str, content: Value) -> (&'static str, Value) {
    let mut facet = json!({
        "_producer": PRODUCER,
        "_schemaURL": format!("https://openlineage.io/spec/facets/{version}/{kind}.json#/$defs/{kind}"),
    });
    if let (Some(facet), Value::Object(content)) = (facet.as_object_mut(), content) {
        facet.extend(content);
    }
    (name, facet)
}

pub(super) fn processing_engine() -> (&'static str, Value) {
    let content = json!({ "name": "sluss", "version": env!("CARGO_PKG_VERSION") });
    facet("processing_engine", "1-1-1", "ProcessingEngineRunFacet", content)
}

pub(super) fn nominal_time(start: &str) -> (&'static str, Value) {
    facet("nominalTime", "1-0-1", "NominalTimeRunFacet", json!({ "nominalStartTime": start }))
}

pub(super) fn error_message(message: &str) -> (&'static str, Value) {
    let content = json!({ "message": message, "programmingLanguage": "Rust" });
    facet("errorMessage", "1-0-1", "ErrorMessageRunFacet", content)
}

pub(super) fn job_type() -> (&'static str, Value) {
    let content = json!({ "processingType": "BATCH", "integration": "SLUSS", "jobType": "JOB" });
    facet("jobType", "2-0-4", "JobTypeJobFacet", content)
}

/// Of a `job` or a `dataset`.
pub(super) fn owners(of: &str, owner: &str) -> (&'static str, Value) {
    let kind = if of == "job" { "OwnershipJobFacet" } else { "OwnershipDatasetFacet" };
    facet("ownership", "1-0-1", kind, json!({ "owners": [{ "name": format!("lanskod:{owner}"), "type": "OWNER" }] }))
}

pub(super) fn source_code_location(url: &str, path: &str, version: &str) -> (&'static str, Value) {
    let content = json!({ "type": "file", "url": url, "path": path, "version": version });
    facet("sourceCodeLocation", "1-1-0", "SourceCodeLocationJobFacet", content)
}

pub(super) fn documentation(description: &str) -> (&'static str, Value) {
    facet("documentation", "1-1-0", "DocumentationJobFacet", json!({ "description": description }))
}

pub(super) fn schema(fields: &[Value]) -> (&'static str, Value) {
    facet("schema", "1-2-0", "SchemaDatasetFacet", json!({ "fields": fields }))
}

pub(super) fn column_lineage(fields: &Map<String, Value>) -> (&'static str, Value) {
    facet("columnLineage", "1-2-0", "ColumnLineageDatasetFacet", json!({ "fields": fields }))
}

pub(super) fn dataset_version(version: &str) -> (&'static str, Value) {
    facet("version", "1-0-1", "DatasetVersionDatasetFacet", json!({ "datasetVersion": version }))
}

pub(super) fn input_statistics(rows: u64, files: usize) -> (&'static str, Value) {
    let content = json!({ "rowCount": rows, "fileCount": files });
    facet("inputStatistics", "1-0-0", "InputStatisticsInputDatasetFacet", content)
}

pub(super) fn output_statistics(rows: u64) -> (&'static str, Value) {
    facet("outputStatistics", "1-0-2", "OutputStatisticsOutputDatasetFacet", json!({ "rowCount": rows }))
}
