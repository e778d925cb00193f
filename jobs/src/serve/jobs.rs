//! The scheduler as `sluss serve` runs it: on the project's files, with the engine, seen by an operator.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;
use sluss_pipeline::ledger::OccasionState;
use sluss_pipeline::run::Engine;
use sluss_schemas::say;
use tokio_util::sync::CancellationToken;

use super::screen::Screen;
use crate::cli::{Cli, Format};
use crate::commands::time;
use crate::output::{self, counted, number};
use crate::scheduler::{Arrivals, Catalogue, EngineRunner, Files, Scheduler};

/// Runs jobs until `stop` comes. Whether all of them came to an end.
pub(super) async fn serve(cli: &Cli, engine: Arc<Engine>, stop: &CancellationToken) -> anyhow::Result<bool> {
    let (scheduler, files, _) = open(cli, &engine).await?;
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
                say!("Kör {jobs} jobb på deras tider. Näst: {job}, {at}.", "Runs {jobs} jobs at their times. Next: {job}, {at}.")
            }
            None => say!("Inget jobb har någon tid: de körs när någon ber om det.", "No job has a time: they run when asked to."),
        }
    })?;
    Ok(scheduler.serve(files, Arrivals::new(engine), stop.cancelled()).await)
}

/// Runs what is due, and comes back.
pub(super) async fn once(cli: &Cli, engine: Arc<Engine>, stop: &CancellationToken) -> anyhow::Result<ExitCode> {
    let (scheduler, _, screen) = open(cli, &engine).await?;
    Arrivals::new(engine).look(&scheduler).await?;
    scheduler.until_done(stop.cancelled()).await?;
    let ended = screen.ended();
    let of = |state| ended.iter().filter(|one| **one == state).count() as u64;
    let [done, held, failed] = [OccasionState::Done, OccasionState::Held, OccasionState::Failed].map(of);
    if cli.format != Format::Json {
        let total = counted(ended.len() as u64, ("körning: ", "körningar: "), ("run: ", "runs: "));
        output::said(cli, &(), || {
            total.then(&say!("{done} klara, {held} hålls, {failed} med fel.", "{done} done, {held} held, {failed} failed."))
        })?;
    }
    Ok(match (failed, held) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::from(3),
        _ => ExitCode::from(1),
    })
}

async fn open(cli: &Cli, engine: &Arc<Engine>) -> anyhow::Result<(Arc<Scheduler>, Files, Arc<Screen>)> {
    let screen = Arc::new(Screen::new(cli, Arc::clone(&engine.clock)));
    let scheduler = Arc::new(Scheduler::new(
        Arc::clone(&engine.register),
        Arc::clone(&engine.clock),
        engine.project.file.serve.clone(),
        Arc::new(EngineRunner(Arc::clone(engine))),
        Arc::clone(&screen) as _,
        Catalogue::default(),
    ));
    let mut files = Files::new(Arc::clone(&engine.project));
    if let Some(loaded) = files.look()? {
        scheduler.follow(loaded, &mut BTreeMap::new()).await;
    }
    Ok((scheduler, files, screen))
}
