//! `sluss quarantine replay`: a run's landed files once more, with the job as it is now.

use std::process::ExitCode;

use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::keys::Delivery;
use sluss_pipeline::ledger::{Run, RunState as LedgerState};
use sluss_pipeline::run::{Intent, LandedFiles, RunOptions, new_run};
use sluss_schemas::say;

use crate::app::App;
use crate::bridge;
use crate::cli::Cli;
use crate::commands::{find_run, run as running};
use crate::push::{self, Received, Target};
use crate::watch::Trouble;

pub(super) async fn replay(cli: &Cli, app: &App, run: &str) -> anyhow::Result<ExitCode> {
    let run = find_run(app, run).await?;
    if run.state == LedgerState::Running {
        return Err(PipelineError::operator(say!("körningen har inte avslutats", "the run has not ended"))
            .at(run.id)
            .into());
    }
    let options = RunOptions { full: true, replay_of: Some(run.id.clone()), ..RunOptions::default() };
    if let Some(target) = push::target_of_run(&app.engine.project, &app.jobs, &run.job)
        && target.job.file.source.connector == push::NAME
    {
        let outcome = handed_in(cli, app, &run, &target, options).await?;
        return running::answer(cli, outcome);
    }
    // Gone when this ends, however it ends.
    let files = app.engine.landed_files(&run).await?;
    let job = from_landed(app.job(&run.job)?, &files)?;
    let bars = crate::progress::Bars::new(cli);
    let (outcome, _) = running::one(app, &job, Intent::Publish, options, &bars.begin(&job.name)).await?;
    running::answer(cli, outcome)
}

/// What was handed in is read from where it landed.
async fn handed_in(
    cli: &Cli,
    app: &App,
    run: &Run,
    target: &Target,
    options: RunOptions,
) -> anyhow::Result<sluss_pipeline::run::Outcome> {
    let origin = app.engine.register.origins(&run.id).await?.into_iter().next();
    let delivery = Delivery::new(&run.owner, &run.id)?;
    let landed = match origin {
        Some(delivered) => Received::again(&app.engine, delivery, delivered.origin.name)?,
        None => None,
    };
    let landed = landed.ok_or_else(|| {
        PipelineError::operator(say!("leveransen finns inte kvar", "the delivery is gone"))
            .at(run.id.clone())
            .hint(say!("be avsändaren lämna in den igen", "ask the sender to hand it in again"))
    })?;
    let bars = crate::progress::Bars::new(cli);
    let id = options.id.clone().unwrap_or_else(new_run);
    let following = app.watch.began(&app.engine, &id, &target.job, None);
    let options = RunOptions { id: Some(id), ..options };
    let done = push::run(&app.engine, target, &landed, options, &bars.begin(&run.job)).await;
    match &done {
        Ok(outcome) => following.came_to(outcome),
        Err(error) => following.failed(Trouble::of(error), None),
    }
    Ok(done?)
}

/// The job with its source pointing at the landed files.
fn from_landed(job: &Job, files: &LandedFiles) -> anyhow::Result<Job> {
    let mut job = job.clone();
    files.folder().clone_into(&mut job.folder);
    if bridge::reads_files(&job) {
        bridge::point_at_files(&mut job, &files.names);
        return Ok(job);
    }
    let options = &mut job.file.source.options;
    match job.file.source.connector.as_str() {
        "hsa_fil" | "rivta" => {
            for elsewhere in ["url", "s3"] {
                options.remove(elsewhere);
            }
            let names = files.names.iter().map(|name| toml::Value::String(name.clone())).collect();
            options.insert("path".to_owned(), toml::Value::Array(names));
        }
        "kodverk" => {
            let [name] = files.names.as_slice() else {
                return Err(PipelineError::operator(say!(
                    "en kodlista i flera filer kan inte köras om ur det landade",
                    "a code list of several files cannot be replayed"
                ))
                .hint(say!("kör själva jobbet igen", "run the job itself again"))
                .into());
            };
            options.insert("path".to_owned(), toml::Value::String(name.clone()));
        }
        "sql" => {
            let [name] = files.names.as_slice() else {
                return Err(PipelineError::operator(say!(
                    "rader från flera läsningar kan inte läsas om på en gång",
                    "rows of several readings cannot be replayed at once"
                ))
                .hint(say!("kör själva jobbet igen", "run the job itself again"))
                .into());
            };
            options.retain(|option, _| option == "time_zone");
            options.insert("landed".to_owned(), toml::Value::String(name.clone()));
        }
        other => {
            return Err(PipelineError::operator(say!(
                "det som kopplingen {other} sparade kan inte läsas om",
                "what the connector {other} landed cannot be read again"
            ))
            .hint(say!("kör själva jobbet igen", "run the job itself again"))
            .into());
        }
    }
    Ok(job)
}
