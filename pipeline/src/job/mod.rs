//! A job: one file that says what to read, how it becomes national rows, who owns them, when it runs.

mod load;
mod own_columns;
mod ownership;
mod project;
mod push;
mod store;
mod timing;

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

pub use load::{load, load_each, load_for_discovery, name};
pub use own_columns::{OWN_COLUMNS, own_columns};
pub use project::{Audit, Lake, Landing, Project, ProjectFile, Register, Reporting};
pub use push::{Push, PushCertificate, PushTls, PushToken};
pub use store::S3;

use crate::schedule::{Backfill, Times, When};

/// A job as its file declares it, with the file's place.
#[derive(Clone, Debug)]
pub struct Job {
    /// Path under the project without `.toml`: `regions/22-vasternorrland/avtal`.
    pub name: String,
    /// The folder that relative paths start from.
    pub folder: PathBuf,
    /// The file's content.
    pub file: JobFile,
    /// Mapping SQL by national table, in the order of `feeds`, with variables filled in.
    pub mappings: Vec<(String, String)>,
    /// Hash of everything that decides what the job makes of its input: 16 hex characters.
    pub mapping_hash: String,
    /// When it runs, read.
    pub times: Option<Times>,
}

impl Job {
    /// The job by all its names, today's first: rows that it published under an older one are its own.
    pub fn names(&self) -> Vec<String> {
        std::iter::once(&self.name).chain(&self.file.job.formerly).cloned().collect()
    }

    /// Where the SQL for a table stands: its file, from the project's folder.
    pub fn mapping_place(&self, table: &str) -> String {
        let folder = self.name.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
        match self.file.map.tables.get(table) {
            Some(file) if folder.is_empty() || file.starts_with('/') => file.clone(),
            Some(file) => shortest(&format!("{folder}/{file}")),
            None => format!("{}: {table}", self.name),
        }
    }
}

/// The path without `x/..`.
fn shortest(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The job file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JobFile {
    /// Who, what, when.
    pub job: Head,
    /// Where rows come from.
    pub source: SourceSpec,
    /// National table → SQL file (relative to the job file), and the mapping's settings.
    pub map: Map,
    /// Named filters: rows of the source for which the SQL condition is true are left out, and counted.
    #[serde(default)]
    pub filter: BTreeMap<String, String>,
    /// How its runs are begun, tried again and given up.
    #[serde(default)]
    pub when: When,
    /// How a past period is asked for (`sluss jobs backfill`).
    pub backfill: Option<Backfill>,
    /// Guards.
    #[serde(default)]
    pub limits: Limits,
    /// Pairs of input and expected output, run by `sluss check --examples`.
    #[serde(default)]
    pub example: Vec<Example>,
}

/// `[job]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Länskod of the region that owns every row that the job publishes, or `nationell`.
    pub owner: String,
    /// National tables that it feeds.
    pub feeds: Vec<String>,
    /// Names that the job had before: rows that it published under them are still its own, so that what
    /// its source no longer has is ended.
    #[serde(default)]
    pub formerly: Vec<String>,
    /// When it runs: `0 15 2 * * *` is second, minute, hour, day of the month, month and day of the week (by
    /// its name: `MON`), on the wall clock in Europe/Stockholm. Without it the job runs when it is asked to.
    pub schedule: Option<String>,
    /// What one delivery holds.
    #[serde(default)]
    pub mode: Mode,
    /// `test`: rows are validated and reported, nothing is published.
    #[serde(default)]
    pub environment: Environment,
    /// What the job is for, in a sentence.
    pub description: Option<String>,
}

/// What one delivery holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Everything: what is absent has ended.
    #[default]
    Snapshot,
    /// What is new or changed: absence means nothing.
    Incremental,
    /// Only new rows.
    Append,
}

impl Mode {
    /// As job files and the ledger write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Incremental => "incremental",
            Self::Append => "append",
        }
    }
}

/// Which world a job's rows belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Real data.
    #[default]
    Prod,
    /// Test data: never published.
    Test,
}

/// `[source]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceSpec {
    /// The connector's name.
    pub connector: String,
    /// The connector's own options.
    #[serde(default)]
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub options: toml::Table,
}

/// `[map]`: the settings have names that no table has; everything else is table → SQL file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Map {
    /// National table → columns that several source rows share: they become one row, and a
    /// conflict within the group is a rejection.
    #[serde(default)]
    pub one_per: BTreeMap<String, Vec<String>>,
    /// `$name` in the SQL → its value.
    #[serde(default)]
    pub vars: BTreeMap<String, String>,
    /// National table → SQL file.
    #[serde(flatten)]
    pub tables: BTreeMap<String, String>,
}

/// `[limits]`: beyond them nothing is published and an operator is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest share of the source's rows that may be rejected.
    pub max_rejected_share: f64,
    /// Largest share of the job's current rows that one snapshot may end.
    pub max_ended_share: f64,
    /// Fewest rows that a delivery must have.
    pub min_rows: u64,
    /// Largest share of rows that a delivery may lack against the previous one (snapshots).
    pub max_shrunken_share: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_rejected_share: 0.05, max_ended_share: 0.20, min_rows: 1, max_shrunken_share: 0.50 }
    }
}

/// `[[example]]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Source file in the job's own format.
    pub given: String,
    /// What the national table should hold: CSV with the table's column names.
    pub expect: String,
    /// The table, where the job feeds several.
    pub table: Option<String>,
}
