//! `sluss serve`: jobs at their times, and with `--push` the interface through which regions' own systems
//! hand in.
//!
//! ```text
//! connection ─▶ sender known? ─▶ allowed? form? size? ─▶ landing zone ─▶ ledger ─▶ run ─▶ receipt
//!   listen, tls    senders          hand_in                 push          runs     push    receipts
//! ```
//!
//! A delivery that has got its answer 202 lies in the landing zone and in the ledger: whatever becomes
//! of this process, it is run. The run is the one path that every delivery goes. Jobs that fetch are the
//! [`crate::scheduler`]'s.

mod events;
mod hand_in;
mod jobs;
mod listen;
mod names;
mod problem;
mod pushed;
mod receipts;
mod request;
mod routes;
mod runs;
mod screen;
mod senders;
mod service;
mod telling;
mod tls;
mod watched;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use sluss_pipeline::job::Job;
use sluss_pipeline::run::Engine;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use self::watched::Watched;
use crate::app::App;
use crate::cli::{Cli, ServeArgs};
use crate::push;
use crate::watch::Watch;

/// What everything that serves shares.
struct Serving {
    engine: Arc<Engine>,
    watch: Arc<Watch>,
    watched: Arc<Watched>,
    /// Jobs that read what is handed in: no scheduler has them.
    pushed_jobs: Vec<Job>,
}

/// `sluss serve`.
pub(crate) async fn serve(cli: &Cli, args: &ServeArgs) -> anyhow::Result<ExitCode> {
    let app = App::watched(cli).await?;
    for broken in &app.broken {
        tracing::error!(job = broken.name, "a job file cannot be read: {}", broken.error);
    }
    let App { engine, jobs, watch, .. } = app;
    let engine = Arc::new(engine);
    let watched = Arc::new(Watched::new(Arc::clone(&engine), Arc::new(jobs.clone()), Arc::clone(&watch))?);
    let pushed_jobs = jobs.iter().filter(|job| job.file.source.connector == push::NAME).cloned().collect();
    let serving = Serving { engine, watch, watched, pushed_jobs };
    let stop = stop_at_signals()?;
    let done = match args.once {
        true => jobs::once(cli, &serving, &stop).await,
        false => both(cli, args, &serving, jobs, &stop).await,
    };
    serving.watch.flush().await;
    done
}

/// Jobs at their times, deliveries that are handed in, and what those who run this ask: until they are stopped.
async fn both(
    cli: &Cli,
    args: &ServeArgs,
    serving: &Serving,
    jobs: Vec<Job>,
    stop: &CancellationToken,
) -> anyhow::Result<ExitCode> {
    let listener = match args.push {
        true => Some(pushed::open(args, serving, jobs).await?),
        false => None,
    };
    let asked = match &serving.engine.project.file.serve.listen {
        Some(address) => Some(listen::bind(address, false).await?),
        None => None,
    };
    // What cannot be begun is told before anything is: from here on all go on until they are stopped.
    let schedule = async {
        match args.no_jobs {
            true => Ok(true),
            false => jobs::serve(cli, serving, stop).await,
        }
    };
    let push = async {
        match listener {
            Some(listener) => pushed::serve(cli, listener, stop).await,
            None => Ok(()),
        }
    };
    let answer = async {
        if let Some(listener) = asked {
            let router = watched::router(Arc::clone(&serving.watched));
            listen::serve(listener, router, None, stop.cancelled(), Duration::from_secs(1)).await;
        }
        Ok(())
    };
    let (ended, (), ()) = tokio::try_join!(schedule, push, answer)?;
    if !ended {
        tracing::warn!("some runs did not end in time: they are handed back");
    }
    Ok(ExitCode::SUCCESS)
}

/// Comes when the program is told to stop.
fn stop_at_signals() -> anyhow::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        told.cancel();
    });
    Ok(stop)
}
