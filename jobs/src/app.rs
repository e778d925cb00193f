//! Opens a project: register, lake, landing zone, keys.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::{self, Job, Project};
use sluss_pipeline::run::{Engine, EngineParts};
use sluss_pipeline::secrets::SecretChain;
use sluss_schemas::clock::{Clock, FixedClock, SystemClock};
use sluss_schemas::secret::Secrets;

use crate::cli::Cli;

/// An opened project and its jobs.
pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) jobs: Vec<Job>,
}

/// The project's files, without register or lake.
pub(crate) fn project(cli: &Cli) -> anyhow::Result<Project> {
    let root = std::path::absolute(&cli.project).context("the project's folder has no path")?;
    Ok(Project::open(&root)?)
}

/// The clock that the command line asks for.
pub(crate) fn clock(cli: &Cli) -> Arc<dyn Clock> {
    match cli.clock {
        Some(time) => Arc::new(FixedClock(time)),
        None => Arc::new(SystemClock),
    }
}

/// Where secrets are looked for: environment, `secrets.toml`, the project's own folders, `/run/secrets`.
pub(crate) fn secrets(project: &Project) -> SecretChain {
    SecretChain::standard(&project.root)
}

impl App {
    /// Opens everything. Makes the embedded register where there is none yet.
    pub(crate) async fn open(cli: &Cli) -> anyhow::Result<Self> {
        let project = project(cli)?;
        let jobs = job::load_all(&project)?;
        let clock = clock(cli);
        let secrets: Arc<dyn Secrets> = Arc::new(secrets(&project));
        let url = register_url(&project, secrets.as_ref())?;
        let lake = lake_place(&project);
        let lake_options = lake_options(&project, secrets.as_ref())?;
        let engine = Engine::open(EngineParts { project, url, lake, lake_options, secrets, clock }).await?;
        Ok(Self { engine, jobs })
    }

    /// The job that `name` means: its whole name, or an unambiguous end of it.
    pub(crate) fn job(&self, name: &str) -> anyhow::Result<&Job> {
        find_job(&self.jobs, name)
    }

    /// The jobs that `names` mean; all where there are none.
    pub(crate) fn jobs(&self, names: &[String]) -> anyhow::Result<Vec<&Job>> {
        if names.is_empty() {
            return Ok(self.jobs.iter().collect());
        }
        names.iter().map(|name| self.job(name)).collect()
    }
}

/// The job that `name` means among `jobs`.
pub(crate) fn find_job<'a>(jobs: &'a [Job], name: &str) -> anyhow::Result<&'a Job> {
    if let Some(job) = jobs.iter().find(|job| job.name == name) {
        return Ok(job);
    }
    let ending: Vec<_> = jobs.iter().filter(|job| job.name.ends_with(&format!("/{name}"))).collect();
    match ending.as_slice() {
        [one] => Ok(one),
        [] => {
            let near = jobs.iter().map(|job| (strsim::damerau_levenshtein(&job.name, name), &job.name)).min();
            let error = PipelineError::configuration(format!("there is no job `{name}`"));
            Err(match near {
                Some((_, near)) => error.hint(format!("did you mean `{near}`? `sluss jobs` lists them")).into(),
                None => error.hint("the project has no jobs: `sluss init region CODE` makes a region's folder").into(),
            })
        }
        several => {
            let names: Vec<_> = several.iter().map(|job| job.name.as_str()).collect();
            Err(PipelineError::configuration(format!("`{name}` may mean several jobs"))
                .hint(format!("write one of: {}", names.join(", ")))
                .into())
        }
    }
}

/// The register's address: paths start from the project's folder.
fn register_url(project: &Project, secrets: &dyn Secrets) -> anyhow::Result<String> {
    let register = &project.file.register;
    let url = match &register.secret {
        Some(name) => secrets.get(name).map(|s| s.expose().to_owned()).ok_or_else(|| {
            PipelineError::configuration(format!("the secret `{name}` with the register's address is not set"))
                .at("[register] secret")
        })?,
        None => register.url.clone(),
    };
    match url.strip_prefix("sqlite://") {
        Some(path) if !Path::new(path).is_absolute() => Ok(format!("sqlite://{}", project.path(path).display())),
        _ => Ok(url),
    }
}

fn lake_place(project: &Project) -> String {
    let path = &project.file.lake.path;
    if path.contains("://") { path.clone() } else { project.path(path).display().to_string() }
}

fn lake_options(project: &Project, secrets: &dyn Secrets) -> anyhow::Result<HashMap<String, String>> {
    let lake = &project.file.lake;
    match &lake.s3 {
        Some(s3) if lake.path.starts_with("s3://") => Ok(s3.options(secrets)?),
        Some(_) => Err(PipelineError::configuration("`[lake.s3]` needs an s3:// address in `path`")
            .at("[lake] in sluss.toml")
            .hint("write path = \"s3://bucket/prefix\", or remove [lake.s3]")
            .into()),
        None => Ok(HashMap::new()),
    }
}
