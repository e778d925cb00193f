//! `sluss jobs pause|resume|trigger`: what a person decides of a job's runs. `sluss serve` does it.

use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::ledger::{Act, NewOccasion, Note, OccasionKind};
use sluss_schemas::say;

use crate::app::App;
use crate::cli::Cli;
use crate::output;

#[derive(Serialize)]
struct Answer<'a> {
    job: &'a str,
    /// What was asked for.
    act: &'static str,
    /// Whether it changed anything.
    changed: bool,
}

/// `sluss jobs pause`.
pub(super) async fn pause(cli: &Cli, name: &str, reason: Option<&str>) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let job = app.source_of(name)?;
    let changed = app.engine.register.pause_job(&job.name, &crate::who::runs_this(), reason).await?;
    noted(&app, "pause", &job.name, changed).await?;
    output::said(cli, &Answer { job: &job.name, act: "pause", changed }, || match changed {
        true => say!(
            "{} är pausat: inget nytt börjar. Det som pågår får gå klart. `sluss jobs resume` återupptar det.",
            "{} is paused: nothing new begins. What is at work may end. `sluss jobs resume` resumes it.",
            job.name
        ),
        false => say!("{} var redan pausat.", "{} was paused already.", job.name),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// `sluss jobs resume`.
pub(super) async fn resume(cli: &Cli, name: &str) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let job = app.source_of(name)?;
    let changed = app.engine.register.resume_job(&job.name).await?;
    noted(&app, "resume", &job.name, changed).await?;
    output::said(cli, &Answer { job: &job.name, act: "resume", changed }, || match changed {
        true => say!(
            "{} är återupptaget. Missade tider behandlas som jobbets `misfire` säger.",
            "{} is resumed. Missed times go as the job's `misfire` says.",
            job.name
        ),
        false => say!("{} var inte pausat.", "{} was not paused.", job.name),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// `sluss jobs trigger`.
pub(super) async fn trigger(cli: &Cli, name: &str, reason: Option<&str>) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let job = app.job(name)?;
    let occasion = NewOccasion {
        job: job.name.clone(),
        kind: OccasionKind::Manual,
        due: app.engine.clock.now(),
        window: None,
        pool: job.file.when.pool.clone(),
        by: Some(crate::who::runs_this()),
        reason: reason.map(str::to_owned),
    };
    let changed = app.engine.register.ask(&[occasion]).await? > 0;
    noted(&app, "trigger", &job.name, changed).await?;
    output::said(cli, &Answer { job: &job.name, act: "trigger", changed }, || {
        say!(
            "{} står på tur: `sluss serve` kör det, även om det är pausat. Kör det nu själv: `sluss run {}`.",
            "{} is next: `sluss serve` runs it, also if it is paused. Run it yourself now: `sluss run {}`.",
            job.name,
            job.name
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The audit log's entry.
pub(super) async fn noted(app: &App, act: &str, job: &str, changed: bool) -> anyhow::Result<()> {
    if changed {
        let outcome = format!("done {act}");
        app.engine
            .register
            .note(&Note { who: None, act: Act::Steer, object: job, outcome: &outcome, run: None })
            .await?;
    }
    Ok(())
}
