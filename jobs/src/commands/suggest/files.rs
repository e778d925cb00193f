//! The files that a draft consists of, and writing those that are not there yet.

use std::fmt::Write as _;

use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::suggest::{JobDraft, Proposal};
use sluss_schemas::say;

use super::sample;
use crate::cli::Cli;

/// A draft's files by name, relative to the job's folder, and the lines that the job file itself needs.
pub(super) struct Files {
    pub(super) files: Vec<(String, String)>,
    pub(super) lines: String,
}

impl Files {
    pub(super) fn of(cli: &Cli, job: &Job, proposal: &Proposal) -> Self {
        let own = job.name.rsplit('/').next().unwrap_or(&job.name);
        let (mut files, mut lines) = (Vec::new(), String::new());
        for (place, draft) in proposal.jobs.iter().enumerate() {
            let stem = if place == 0 { own.to_owned() } else { format!("{own}-{}", draft.name) };
            let query = draft.query.as_ref().map(|sql| (format!("{stem}.kalla.sql"), sql.clone()));
            let query_name = query.as_ref().map(|(name, _)| name.clone());
            files.extend(query);
            for table in &draft.tables {
                files.push((format!("{}.sql", table.table), table.sql.told(cli.language()).to_owned()));
            }
            if place == 0 {
                lines = changes(cli, draft, query_name.as_deref());
            } else {
                files.push((format!("{stem}.toml"), job_file(cli, job, draft, query_name.as_deref())));
            }
        }
        Self { files, lines }
    }

    /// Writes what is not there yet: names of those written, and of those that were there.
    pub(super) fn write(&self, job: &Job) -> anyhow::Result<(Vec<String>, Vec<String>)> {
        let (mut written, mut kept) = (Vec::new(), Vec::new());
        for (name, text) in &self.files {
            let path = job.folder.join(name);
            let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
            match made.and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes())) {
                Ok(()) => written.push(name.clone()),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => kept.push(name.clone()),
                Err(error) => {
                    return Err(PipelineError::operator(say!(
                        "det går inte att skriva här",
                        "nothing can be written here"
                    ))
                    .at(path.display().to_string())
                    .hint(say!(
                        "kontrollera mappens rättigheter och att disken har plats",
                        "check the folder's rights and the disk's room"
                    ))
                    .because(error)
                    .into());
                }
            }
        }
        Ok((written, kept))
    }
}

fn feeds(draft: &JobDraft) -> String {
    draft.tables.iter().map(|t| format!("\"{}\"", t.table)).collect::<Vec<_>>().join(", ")
}

fn map(cli: &Cli, draft: &JobDraft) -> String {
    let mut out = String::from("[map]\n");
    for table in &draft.tables {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{0} = \"{0}.sql\"", table.table);
    }
    if !draft.filters.is_empty() {
        out.push_str("\n[filter]\n");
        for filter in &draft.filters {
            let _ = writeln!(out, "# {}\n{} = '''{}'''", cli.told(&filter.evidence), filter.name, filter.condition);
        }
    }
    if !draft.one_per.is_empty() {
        out.push_str("\n[map.one_per]\n");
        for (table, columns) in &draft.one_per {
            let columns = columns.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(", ");
            let _ = writeln!(out, "{table} = [{columns}]");
        }
    }
    out
}

/// What the job file itself must say.
fn changes(cli: &Cli, draft: &JobDraft, query: Option<&str>) -> String {
    let mut out = format!("[job]\nfeeds = [{}]\n\n", feeds(draft));
    if let Some(query) = query {
        let _ = write!(out, "[source.options]\nquery_file = \"{query}\"\n\n");
    }
    out.push_str(&map(cli, draft));
    out
}

/// A job beside the first: the same source, another grain.
fn job_file(cli: &Cli, job: &Job, draft: &JobDraft, query: Option<&str>) -> String {
    let head = &job.file.job;
    let mut out =
        format!("[job]\nowner = \"{}\"\nfeeds = [{}]\nmode  = \"{}\"\n", head.owner, feeds(draft), head.mode.name());
    if let Some(schedule) = &head.schedule {
        let _ = writeln!(out, "schedule = \"{schedule}\"");
    }
    let mut options = job.file.source.options.clone();
    if sample::are_tables(job) {
        options.remove("cursor");
        options.remove("order_by");
    }
    if let Some(query) = query {
        options.insert("query_file".into(), query.into());
    }
    let source = toml::Table::from_iter([
        ("connector".to_owned(), job.file.source.connector.clone().into()),
        ("options".to_owned(), toml::Value::Table(options)),
    ]);
    let source = toml::Table::from_iter([("source".to_owned(), toml::Value::Table(source))]);
    let _ = write!(out, "\n{}\n{}", toml::to_string(&source).unwrap_or_default(), map(cli, draft));
    out
}
