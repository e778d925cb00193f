//! `sluss.toml`: where a project keeps its register, lake, landing zone and keys.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::say;
use sluss_schemas::table::Tables;

use super::push::Push;
use super::store::S3;
use super::watch::{AlertSettings, Metrics, OpenLineage, Otel};
use crate::coverage::Expectations;
use crate::error::{PipelineError, Result};
use crate::freshness::Freshness;

/// A project: a folder with `sluss.toml`, `regions/`, `national/` and perhaps `tables/`.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder.
    pub root: PathBuf,
    /// The content of `sluss.toml`.
    pub file: ProjectFile,
    /// The national tables and the project's own.
    pub tables: Tables,
}

/// The content of `sluss.toml`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProjectFile {
    /// The register's database.
    pub register: Register,
    /// The Delta lake.
    pub lake: Lake,
    /// The encrypted landing zone and quarantine.
    pub landing: Landing,
    /// What the law of secrecy leaves to those who apply it.
    pub secrecy: sluss_schemas::secrecy::Rules,
    /// How long what is kept is kept.
    pub retention: Retention,
    /// Reports to regions.
    pub reporting: Reporting,
    /// How many rows each region is expected to have.
    pub coverage: Expectations,
    /// Which organisation or unit is meant: limits, and what each sign is worth.
    pub matching: crate::matching::Settings,
    /// Table → whose word counts where several sources speak of the same.
    pub precedence: std::collections::BTreeMap<String, crate::matching::precedence::Order>,
    /// The audit log.
    pub audit: Audit,
    /// What `sluss serve --push` listens to, and who may hand in.
    pub push: Push,
    /// How `sluss serve` runs the jobs.
    pub serve: crate::schedule::Serve,
    /// Until when each table must have come.
    pub freshness: Freshness,
    /// Who is told when something is wrong.
    pub alert: AlertSettings,
    /// Who may read metrics.
    pub metrics: Metrics,
    /// Where run events go.
    pub openlineage: OpenLineage,
    /// Where traces go.
    pub otel: Otel,
    /// Values for `${name}` in job files: paths that differ between installations.
    pub vars: std::collections::BTreeMap<String, String>,
}

/// `[register]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Register {
    /// `sqlite://path` (relative to the project) or `postgres://…`; or a secret's name in `secret`.
    pub url: String,
    /// Name of the secret that holds the URL, instead of `url`.
    pub secret: Option<String>,
}

impl Default for Register {
    fn default() -> Self {
        Self { url: "sqlite://var/register.db".into(), secret: None }
    }
}

/// `[lake]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lake {
    /// Folder (relative to the project) or `s3://bucket/prefix`.
    pub path: String,
    /// How to reach the object store; only with an `s3://` path.
    pub s3: Option<S3>,
}

impl Default for Lake {
    fn default() -> Self {
        Self { path: "var/lake".into(), s3: None }
    }
}

/// `[landing]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Landing {
    /// Folder, relative to the project.
    pub path: String,
    /// Days that original bytes are kept.
    pub retention_days: u32,
    /// Name of the secret that holds the master key.
    pub key: String,
}

impl Default for Landing {
    fn default() -> Self {
        Self { path: "var/landing".into(), retention_days: 90, key: "huvudnyckel".into() }
    }
}

/// `[retention]`: beside `retention_days` of `[landing]` and of each national table.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Days that rejected rows are kept; none: until somebody has dealt with them.
    pub quarantine_days: Option<u32>,
    /// Days that the lines of runs' logs are kept (`sluss runs RUN`).
    pub log_days: u32,
    /// Days that rows of a table are kept after they ended, in place of what the table says.
    pub tables: std::collections::BTreeMap<String, u32>,
    /// Where it is written down what persons' data was erased, to be done again when a backup has been
    /// restored (relative to the project). Keep it outside what the backups hold. It has hashes, no values.
    pub list: String,
    /// The ground on which personal data is processed, as a person who asks is told it.
    pub ground: Option<String>,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            quarantine_days: None,
            log_days: 90,
            tables: std::collections::BTreeMap::new(),
            list: "var/gallringslista.jsonl".into(),
            ground: None,
        }
    }
}

impl ProjectFile {
    /// Days that a table's rows are kept after they ended; none: for ever.
    pub fn retention_of(&self, table: &sluss_schemas::table::Table) -> Option<u32> {
        self.retention.tables.get(&table.name).copied().or(table.retention_days)
    }
}

/// `[reporting]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Reporting {
    /// A statistic on fewer contacts than this is not shown.
    pub smallest_count: u32,
}

impl Default for Reporting {
    fn default() -> Self {
        Self { smallest_count: 20 }
    }
}

/// `[audit]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// File, relative to the project, that the audit log's head is added to at each publication: best where
    /// those who keep the database cannot write.
    pub anchor: String,
}

impl Default for Audit {
    fn default() -> Self {
        Self { anchor: "var/revision.jsonl".into() }
    }
}

impl Project {
    /// Reads the project in `root`.
    pub fn open(root: &Path) -> Result<Self> {
        let path = root.join("sluss.toml");
        let text = std::fs::read_to_string(&path).map_err(|e| {
            PipelineError::configuration(say!(
                "här finns inget projekt: sluss.toml saknas eller går inte att läsa",
                "no project here: sluss.toml is missing or unreadable"
            ))
            .at(path.display().to_string())
            .hint(say!(
                "kör `sluss init`, eller ange projektets mapp med --project",
                "run `sluss init`, or name the project's folder with --project"
            ))
            .because(e)
        })?;
        let file: ProjectFile = toml::from_str(&text)
            .map_err(|e| super::load::misfit(&e).at(super::load::line_of(&path, &text, e.span())))?;
        let mut own = Vec::new();
        let folder = root.join("tables");
        if folder.is_dir() {
            let mut paths: Vec<_> = std::fs::read_dir(&folder)?.filter_map(|e| Some(e.ok()?.path())).collect();
            paths.sort();
            for path in paths.into_iter().filter(|p| p.extension().is_some_and(|e| e == "toml")) {
                own.push((std::fs::read_to_string(&path)?, path.display().to_string()));
            }
        }
        let tables = Tables::with_own(own.iter().map(|(text, name)| (text.as_str(), name.as_str()))).map_err(|e| {
            let place = e.line.map_or_else(|| e.file.clone(), |line| format!("{}:{line}", e.file));
            PipelineError::configuration(say!("tabellfilen kan inte användas: {}", "{}", e.what))
                .at(place)
                .hint(e.hint.clone())
        })?;
        file.freshness.check(&tables)?;
        Ok(Self { root: root.to_owned(), file, tables })
    }

    /// A path of `sluss.toml`, made absolute from the project's folder.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }
}
