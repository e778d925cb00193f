//! Which job takes a delivery: one of the project's that waits for it, or the table's own columns.

use std::sync::Arc;

use sluss_connectors::files::FormatName;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::{Job, OWN_COLUMNS, Project, own_columns};
use sluss_schemas::region;
use sluss_schemas::say;
use sluss_schemas::table::{Store, Table, Tables};

use super::NAME;

/// A job, and the table where its rows are the table's own columns.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) job: Job,
    pub(crate) own: Option<Arc<Table>>,
}

impl Target {
    /// The format that the job declares; none where several fit.
    pub(crate) fn format(&self) -> Option<FormatName> {
        let format = self.job.file.source.options.get("format")?.clone();
        format.try_into().ok()
    }
}

/// The target of what `owner` hands in for `table`; none where nothing takes it.
pub(crate) fn target(project: &Project, jobs: &[Job], owner: &str, table: &str) -> Option<Target> {
    let declared = jobs.iter().find(|job| takes(job, owner, table));
    if let Some(job) = declared {
        return Some(Target { job: job.clone(), own: None });
    }
    let table = own_tables(&project.tables).find(|known| known.name == table)?;
    region::by_lanskod(owner)?;
    Some(Target { job: own_columns(project, owner, table), own: Some(Arc::new(table.clone())) })
}

/// The target of a run that there was, by its job's name.
pub(crate) fn target_of_run(project: &Project, jobs: &[Job], job: &str) -> Option<Target> {
    match job.strip_prefix(OWN_COLUMNS).and_then(|rest| rest.split_once('/')) {
        Some((owner, table)) => {
            let table = own_tables(&project.tables).find(|known| known.name == table)?;
            Some(Target { job: own_columns(project, owner, table), own: Some(Arc::new(table.clone())) })
        }
        None => jobs.iter().find(|known| known.name == job).map(|job| Target { job: job.clone(), own: None }),
    }
}

/// The tables that regions may hand in as they are: rows that say whose they are, one by one.
pub(crate) fn own_tables(tables: &Tables) -> impl Iterator<Item = &Table> {
    let owned = |table: &&Table| region::REGIONS.first().is_some_and(|r| table.owned_by(r.lanskod).is_some());
    tables.iter().filter(|table| table.store == Store::Register).filter(owned)
}

fn takes(job: &Job, owner: &str, table: &str) -> bool {
    let head = &job.file.job;
    job.file.source.connector == NAME && head.owner == owner && head.feeds.iter().any(|fed| fed == table)
}

/// Two jobs that wait for the same delivery: nobody could tell which of them gets it.
pub(crate) fn check_jobs(jobs: &[Job]) -> Result<(), PipelineError> {
    for (i, job) in jobs.iter().enumerate().filter(|(_, job)| job.file.source.connector == NAME) {
        for table in &job.file.job.feeds {
            if let Some(other) = jobs.iter().skip(i + 1).find(|other| takes(other, &job.file.job.owner, table)) {
                return Err(PipelineError::configuration(say!(
                    "två jobb väntar på samma leverans av {table}: {} och {}",
                    "two jobs wait for the same delivery of {table}: {} and {}",
                    job.name,
                    other.name
                ))
                .hint(say!("låt ett av dem mata tabellen", "let one of them feed the table")));
            }
        }
    }
    Ok(())
}
