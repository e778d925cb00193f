//! Opens a project: register, lake, landing zone, keys.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::{self, Job, Project};
use sluss_pipeline::run::{Engine, EngineParts};
use sluss_pipeline::secrets::SecretChain;
use sluss_schemas::clock::{Clock, FixedClock, SystemClock};
use sluss_schemas::say;
use sluss_schemas::secret::Secrets;

use crate::cli::Cli;
use crate::watch::{Trouble, Watch, run_log};

/// An opened project and its jobs.
pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) jobs: Vec<Job>,
    /// Job files that cannot be read: the others are not kept from running by them.
    pub(crate) broken: Vec<Broken>,
    /// Who is told of runs: nobody, before [`App::watched`].
    pub(crate) watch: Arc<Watch>,
}

/// A job file that cannot be read, and why.
pub(crate) struct Broken {
    /// The job's name, as it would be.
    pub(crate) name: String,
    path: PathBuf,
    pub(crate) error: PipelineError,
}

/// The project's files, without register or lake.
pub(crate) fn project(cli: &Cli) -> anyhow::Result<Project> {
    let root = std::path::absolute(&cli.project).map_err(|e| {
        PipelineError::configuration(say!("projektets mapp har ingen sökväg", "the project's folder has no path"))
            .because(e)
    })?;
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
        let (mut jobs, mut broken) = (Vec::new(), Vec::new());
        for (path, job) in job::load_each(&project)? {
            match job {
                Ok(job) => jobs.push(job),
                Err(error) => broken.push(Broken { name: job::name(&project, &path), path, error }),
            }
        }
        let clock = clock(cli);
        let secrets: Arc<dyn Secrets> = Arc::new(secrets(&project));
        let url = register_url(&project, secrets.as_ref())?;
        let lake = lake_place(&project);
        let lake_options = lake_options(&project, secrets.as_ref())?;
        let engine = Engine::open(EngineParts { project, url, lake, lake_options, secrets, clock }).await?;
        engine.register.act_as(&crate::who::runs_this());
        Ok(Self { engine, jobs, broken, watch: Arc::new(Watch::quiet()) })
    }

    /// Opens everything for a command that runs jobs: whoever `sluss.toml` names is told of it.
    pub(crate) async fn watched(cli: &Cli) -> anyhow::Result<Self> {
        let mut app = Self::open(cli).await?;
        app.watch = Arc::new(Watch::open(&app.engine)?);
        run_log::keep(&app.engine.register, &app.engine.clock);
        Ok(app)
    }

    /// Lets whoever is told of runs know how everything stands now, and waits until all is told.
    pub(crate) async fn told(&self) {
        if let Err(error) = self.watch.look(&self.engine, &self.jobs, self.troubles()).await {
            tracing::error!("how everything stands cannot be told: {error}");
        }
        self.watch.flush().await;
    }

    /// Job files that cannot be read, as those who watch are told of them.
    pub(crate) fn troubles(&self) -> Vec<(String, Trouble)> {
        self.broken.iter().map(|broken| (broken.name.clone(), Trouble::of(&broken.error))).collect()
    }

    /// The job that `name` means: its whole name, or an unambiguous end of it.
    pub(crate) fn job(&self, name: &str) -> anyhow::Result<&Job> {
        if let Some(broken) = self.broken(name) {
            // What is wrong with the file is the answer.
            job::load(&self.engine.project, &broken.path)?;
        }
        find_job(&self.jobs, name)
    }

    /// The job that `name` means, for its source alone: its mapping need not be written yet.
    pub(crate) fn source_of(&self, name: &str) -> anyhow::Result<Job> {
        match self.broken(name) {
            Some(broken) => Ok(job::load_for_discovery(&self.engine.project, &broken.path)?),
            None => Ok(find_job(&self.jobs, name)?.clone()),
        }
    }

    /// The job file that `name` means and that cannot be read.
    pub(crate) fn broken(&self, name: &str) -> Option<&Broken> {
        let means = |broken: &&Broken| broken.name == name || broken.name.ends_with(&format!("/{name}"));
        self.broken.iter().find(means).filter(|_| !self.jobs.iter().any(|job| job.name == name))
    }

    /// The jobs that `names` mean; all where there are none.
    pub(crate) fn jobs(&self, names: &[String]) -> anyhow::Result<Vec<&Job>> {
        if names.is_empty() {
            return Ok(self.jobs.iter().collect());
        }
        names.iter().map(|name| self.job(name)).collect()
    }
}

/// Whose a job file is that cannot be read: its folder says it.
pub(crate) fn owner_of(job: &str) -> String {
    let code = job.strip_prefix("regions/").and_then(|rest| rest.get(..2));
    code.filter(|code| sluss_schemas::region::by_lanskod(code).is_some()).unwrap_or("nationell").to_owned()
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
            let error = PipelineError::configuration(say!("det finns inget jobb `{name}`", "there is no job `{name}`"));
            let hint = match (nearest(jobs, name), jobs.is_empty()) {
                (_, true) => say!(
                    "projektet har inga jobb: `sluss init region LÄNSKOD` gör en regions mapp",
                    "the project has no jobs: `sluss init region CODE` makes a region's folder"
                ),
                (Some(near), _) => say!(
                    "menade ni `{near}`? `sluss jobs` visar alla",
                    "did you mean `{near}`? `sluss jobs` lists them"
                ),
                (None, _) => say!("`sluss jobs` visar alla", "`sluss jobs` lists them"),
            };
            Err(error.hint(hint).into())
        }
        several => {
            let names: Vec<_> = several.iter().map(|job| job.name.as_str()).collect();
            Err(PipelineError::configuration(say!("`{name}` kan betyda flera jobb", "`{name}` may mean several jobs"))
                .hint(say!("skriv ett av: {}", "write one of: {}", names.join(", ")))
                .into())
        }
    }
}

/// The job that was probably meant: whole names are compared, and their ends of as many parts.
fn nearest<'a>(jobs: &'a [Job], name: &str) -> Option<&'a str> {
    let parts = name.split('/').count();
    let distance = |job: &str| {
        let all: Vec<&str> = job.split('/').collect();
        let end = all.get(all.len().saturating_sub(parts)..).unwrap_or_default().join("/");
        strsim::damerau_levenshtein(job, name).min(strsim::damerau_levenshtein(&end, name))
    };
    let near = jobs.iter().map(|job| (distance(&job.name), job.name.as_str())).min()?;
    (near.0 <= 1 + name.chars().count() / 4).then_some(near.1)
}

/// The register's address: paths start from the project's folder.
pub(crate) fn register_url(project: &Project, secrets: &dyn Secrets) -> anyhow::Result<String> {
    let register = &project.file.register;
    let url = match &register.secret {
        Some(name) => secrets.get(name).map(|s| s.expose().to_owned()).ok_or_else(|| {
            PipelineError::configuration(say!(
                "hemligheten `{name}` med registrets adress är inte satt",
                "the secret `{name}` with the register's address is not set"
            ))
            .at("[register] secret")
            .hint({
                let variable = name.to_ascii_uppercase();
                say!(
                    "sätt SLUSS_SECRET_{variable}, eller lägg den i secrets.toml",
                    "set SLUSS_SECRET_{variable}, or put it into secrets.toml"
                )
            })
        })?,
        None => register.url.clone(),
    };
    match url.strip_prefix("sqlite://") {
        Some(path) if !Path::new(path).is_absolute() => Ok(format!("sqlite://{}", project.path(path).display())),
        _ => Ok(url),
    }
}

pub(crate) fn lake_place(project: &Project) -> String {
    let path = &project.file.lake.path;
    if path.contains("://") { path.clone() } else { project.path(path).display().to_string() }
}

pub(crate) fn lake_options(project: &Project, secrets: &dyn Secrets) -> anyhow::Result<HashMap<String, String>> {
    let lake = &project.file.lake;
    match &lake.s3 {
        Some(s3) if lake.path.starts_with("s3://") => Ok(s3.options(secrets)?),
        Some(_) => Err(PipelineError::configuration(say!(
            "`[lake.s3]` kräver en adress med s3:// i `path`",
            "`[lake.s3]` needs an s3:// address in `path`"
        ))
        .at(say!("[lake] i sluss.toml", "[lake] in sluss.toml"))
        .hint(say!(
            "skriv path = \"s3://bucket/prefix\", eller ta bort [lake.s3]",
            "write path = \"s3://bucket/prefix\", or remove [lake.s3]"
        ))
        .into()),
        None => Ok(HashMap::new()),
    }
}
