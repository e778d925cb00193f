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
mod tls;

use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::cli::{Cli, ServeArgs};

/// `sluss serve`.
pub(crate) async fn serve(cli: &Cli, args: &ServeArgs) -> anyhow::Result<ExitCode> {
    let App { engine, jobs, broken } = App::open(cli).await?;
    for broken in &broken {
        tracing::error!(job = broken.name, "a job file cannot be read: {}", broken.error);
    }
    let engine = Arc::new(engine);
    let stop = stop_at_signals()?;
    if args.once {
        return jobs::once(cli, engine, &stop).await;
    }
    let listener = match args.push {
        true => Some(pushed::open(args, Arc::clone(&engine), jobs).await?),
        false => None,
    };
    // What cannot be begun is told before anything is: from here on both go on until they are stopped.
    let schedule = async {
        match args.no_jobs {
            true => Ok(true),
            false => jobs::serve(cli, Arc::clone(&engine), &stop).await,
        }
    };
    let push = async {
        match listener {
            Some(listener) => pushed::serve(cli, listener, &stop).await,
            None => Ok(()),
        }
    };
    let (ended, ()) = tokio::try_join!(schedule, push)?;
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
