//! The scheduler as `sluss serve` runs it: on the project's files, with the engine, seen by an operator.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sluss_pipeline::job::Job;
use sluss_pipeline::ledger::OccasionState;
use sluss_schemas::say;
use tokio_util::sync::CancellationToken;

use super::Serving;
use super::screen::Screen;
use super::telling::{Telling, unreadable};
use crate::cli::{Cli, Format};
use crate::commands::time;
use crate::output::{self, counted, number};
use crate::scheduler::{All, Arrivals, Catalogue, EngineRunner, Files, Scheduler};

/// How often it is looked how everything stands.
const LOOK: Duration = Duration::from_mins(1);

/// Runs jobs until `stop` comes. Whether all of them came to an end.
pub(super) async fn serve(cli: &Cli, serving: &Serving, stop: &CancellationToken) -> anyhow::Result<bool> {
    let engine = &serving.engine;
    let (scheduler, files, _) = open(cli, serving).await?;
    let catalogue = scheduler.catalogue();
    let jobs = catalogue.jobs().count();
    let now = engine.clock.now();
    let next = catalogue.jobs().filter_map(|job| Some((job.times.as_ref()?.next(now)?, &job.name))).min();
    let answer = json!({ "jobs": jobs, "next": next.as_ref().map(|(at, job)| json!({ "at": at, "job": job })) });
    output::said(cli, &answer, || {
        let jobs = number(jobs as u64);
        match &next {
            Some((at, job)) => {
                let at = time(*at);
                say!(
                    "Kör {jobs} jobb på deras tider. Näst: {job}, {at}.",
                    "Runs {jobs} jobs at their times. Next: {job}, {at}."
                )
            }
            None => say!(
                "Inget jobb har någon tid: de körs när någon ber om det.",
                "No job has a time: they run when asked to."
            ),
        }
    })?;
    let looking = look(serving, &scheduler);
    let working = scheduler.serve(files, Arrivals::new(Arc::clone(engine)), stop.cancelled());
    tokio::select! {
        ended = working => Ok(ended),
        never = looking => match never {},
    }
}

/// Runs what is due, and comes back.
pub(super) async fn once(cli: &Cli, serving: &Serving, stop: &CancellationToken) -> anyhow::Result<ExitCode> {
    let (scheduler, _, screen) = open(cli, serving).await?;
    Arrivals::new(Arc::clone(&serving.engine)).look(&scheduler).await?;
    scheduler.until_done(stop.cancelled()).await?;
    let ended = screen.ended();
    let of = |state| ended.iter().filter(|one| **one == state).count() as u64;
    let [done, held, failed] = [OccasionState::Done, OccasionState::Held, OccasionState::Failed].map(of);
    if cli.format != Format::Json {
        let total = counted(ended.len() as u64, ("körning: ", "körningar: "), ("run: ", "runs: "));
        let how = say!("{done} klara, {held} hålls, {failed} med fel.", "{done} done, {held} held, {failed} failed.");
        output::said(cli, &(), || total.then(&how))?;
    }
    told(serving, &scheduler).await;
    Ok(match (failed, held) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::from(3),
        _ => ExitCode::from(1),
    })
}

async fn open(cli: &Cli, serving: &Serving) -> anyhow::Result<(Arc<Scheduler>, Files, Arc<Screen>)> {
    let engine = &serving.engine;
    let screen = Arc::new(Screen::new(cli, Arc::clone(&engine.clock)));
    let clock = Arc::clone(&engine.clock);
    let telling = Telling::new(Arc::clone(&serving.watch), Arc::clone(&serving.watched), Arc::clone(&clock));
    let scheduler = Arc::new(Scheduler::new(
        Arc::clone(&engine.register),
        clock,
        engine.project.file.serve.clone(),
        Arc::new(EngineRunner(Arc::clone(engine))),
        Arc::new(All(vec![Arc::clone(&screen) as _, Arc::new(telling)])),
        Catalogue::default(),
    ));
    let mut files = Files::new(Arc::clone(&engine.project));
    if let Some(loaded) = files.look()? {
        scheduler.follow(loaded).await;
    }
    Ok((scheduler, files, screen))
}

/// Lets those who watch know from time to time how everything stands.
async fn look(serving: &Serving, scheduler: &Scheduler) -> std::convert::Infallible {
    let mut times = tokio::time::interval(LOOK);
    loop {
        times.tick().await;
        told(serving, scheduler).await;
    }
}

async fn told(serving: &Serving, scheduler: &Scheduler) {
    let mut jobs: Vec<Job> = scheduler.catalogue().jobs().map(|job| Job::clone(job)).collect();
    jobs.extend(serving.pushed_jobs.iter().cloned());
    let broken = scheduler.broken().into_iter().map(|(job, what)| (job, unreadable(&what))).collect();
    if let Err(error) = serving.watch.look(&serving.engine, &jobs, broken).await {
        tracing::error!("how everything stands cannot be told: {error}");
    }
    serving.watched.jobs_are(Arc::new(jobs));
}
