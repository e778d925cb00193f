//! From what happens to an event: run, job, what was read, what was made of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use sluss_pipeline::job::{Job, Project};
use sluss_pipeline::run::{Lineage, Outcome, RunState, TableOutcome};

use super::facets::{self, Facets, PRODUCER};
use crate::derived;
use crate::watch::Happening;

/// The version of the specification that events keep to.
const SCHEMA: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

/// What a run's event says besides run and job.
struct Told<'a> {
    run: Facets,
    outcome: Option<&'a Outcome>,
}

/// Makes events for a project's jobs.
pub(super) struct Events {
    project: Arc<Project>,
}

impl Events {
    pub(super) fn new(project: Arc<Project>) -> Self {
        Self { project }
    }

    /// The event of what happened; none where it is no run's.
    pub(super) fn of(&self, happening: &Happening) -> Option<Value> {
        match happening {
            Happening::Began { run, job, due, at, .. } => {
                let mut told = Told { run: vec![facets::processing_engine()], outcome: None };
                told.run.extend(due.map(|due| facets::nominal_time(&instant(due))));
                Some(self.event("START", *at, run, job, &told))
            }
            Happening::Ended { run, job, outcome, ended, .. } => {
                let mut told = Told { run: vec![facets::processing_engine()], outcome: Some(outcome) };
                let kind = if outcome.state == RunState::Held { "ABORT" } else { "COMPLETE" };
                if outcome.state == RunState::Held {
                    let held: Vec<_> = outcome.held.iter().map(|held| format!("{}: {}", held.guard, held.en)).collect();
                    told.run.push(facets::error_message(&format!("held: {}", held.join("; "))));
                }
                Some(self.event(kind, *ended, run, job, &told))
            }
            Happening::Failed { run, job, trouble, ended, .. } => {
                let run_facets = vec![facets::processing_engine(), facets::error_message(&trouble.told())];
                Some(self.event("FAIL", *ended, run, job, &Told { run: run_facets, outcome: None }))
            }
            Happening::Skipped { .. }
            | Happening::JobBroken { .. }
            | Happening::JobMended { .. }
            | Happening::Looked { .. } => None,
        }
    }

    fn event(&self, kind: &str, at: DateTime<Utc>, run: &str, job: &Job, told: &Told<'_>) -> Value {
        let lineage = told.outcome.and_then(|outcome| outcome.lineage.as_deref());
        let published = told.outcome.filter(|outcome| outcome.state == RunState::Done);
        let outputs: Vec<Value> = job
            .file
            .job
            .feeds
            .iter()
            .map(|table| {
                let done = published.and_then(|outcome| outcome.tables.iter().find(|t| t.table == *table));
                self.output(job, table, lineage, done, published.and_then(|outcome| outcome.publish_seq))
            })
            .collect();
        json!({
            "eventType": kind,
            "eventTime": instant(at),
            "producer": PRODUCER,
            "schemaURL": SCHEMA,
            "run": { "runId": run, "facets": facets::all(told.run.clone()) },
            "job": {
                "namespace": self.namespace(),
                "name": job.name,
                "facets": facets::all(self.job_facets(job)),
            },
            "inputs": self.inputs(job, lineage, told.outcome),
            "outputs": outputs,
        })
    }

    fn namespace(&self) -> &str {
        &self.project.file.openlineage.namespace
    }

    fn job_facets(&self, job: &Job) -> Facets {
        let mut out = vec![facets::job_type(), facets::owners("job", &job.file.job.owner)];
        let file = format!("{}.toml", job.name);
        let url = match &self.project.file.openlineage.source_code {
            Some(base) => reqwest::Url::parse(&format!("{}/{file}", base.trim_end_matches('/'))).ok(),
            None => reqwest::Url::from_file_path(self.project.path(&file)).ok(),
        };
        out.extend(url.map(|url| facets::source_code_location(url.as_str(), &file, &job.mapping_hash)));
        out.extend(job.file.job.description.as_deref().map(facets::documentation));
        out
    }

    /// What the job reads: its own source, and the national tables that it is derived from, where it is.
    fn inputs(&self, job: &Job, lineage: Option<&Lineage>, outcome: Option<&Outcome>) -> Vec<Value> {
        let mut facets = Facets::new();
        facets.extend(lineage.map(|lineage| {
            let fields = lineage.source.iter().map(|(name, kind)| json!({ "name": name, "type": kind }));
            facets::schema(&fields.collect::<Vec<_>>())
        }));
        let mut input = json!({
            "namespace": self.source_namespace(job),
            "name": source_name(job),
            "facets": facets::all(facets),
        });
        if let Some(outcome) = outcome {
            let read = facets::input_statistics(outcome.balance.rows_in, outcome.files.len());
            input["inputFacets"] = Value::Object(facets::all(vec![read]));
        }
        let tables = derived::reads(job, &self.project.tables);
        let tables = tables.iter().map(|table| json!({ "namespace": self.namespace(), "name": table }));
        std::iter::once(input).chain(tables).collect()
    }

    /// Sources of one kind are in one place: files, databases.
    fn source_namespace(&self, job: &Job) -> String {
        format!("{}.{}", self.namespace(), job.file.source.connector)
    }

    fn output(
        &self,
        job: &Job,
        table: &str,
        lineage: Option<&Lineage>,
        done: Option<&TableOutcome>,
        publication: Option<u64>,
    ) -> Value {
        let mut facets = vec![facets::owners("dataset", &job.file.job.owner)];
        if let Some(table) = self.project.tables.get(table) {
            let fields = table.column.iter().map(
                |column| json!({ "name": column.name, "type": column.kind.to_string(), "description": column.meaning }),
            );
            facets.push(facets::schema(&fields.collect::<Vec<_>>()));
        }
        if let Some(columns) = lineage.and_then(|lineage| lineage.tables.get(table)) {
            facets.push(facets::column_lineage(&self.columns(job, columns)));
        }
        facets.extend(publication.map(|seq| facets::dataset_version(&seq.to_string())));
        let mut output = json!({ "namespace": self.namespace(), "name": table, "facets": facets::all(facets) });
        if let Some(done) = done {
            output["outputFacets"] = Value::Object(facets::all(vec![facets::output_statistics(done.accepted)]));
        }
        output
    }

    /// The fields of the column lineage facet.
    fn columns(&self, job: &Job, columns: &BTreeMap<String, BTreeSet<String>>) -> Map<String, Value> {
        let (namespace, name) = (self.source_namespace(job), source_name(job));
        let input = |source: &String| json!({ "namespace": namespace, "name": name, "field": source });
        let field = |(column, sources): (&String, &BTreeSet<String>)| {
            (column.clone(), json!({ "inputFields": sources.iter().map(input).collect::<Vec<_>>() }))
        };
        columns.iter().map(field).collect()
    }
}

/// The source has no name but its job's: addresses may hold what nobody is to see.
fn source_name(job: &Job) -> String {
    format!("{}.source", job.name)
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
