//! `sluss serve --push`: the interface through which regions' own systems hand in.
//!
//! ```text
//! connection ─▶ sender known? ─▶ allowed? form? size? ─▶ landing zone ─▶ ledger ─▶ run ─▶ receipt
//!   listen, tls    senders          hand_in                 push          runs     push    receipts
//! ```
//!
//! A delivery that has got its answer 202 lies in the landing zone and in the ledger: whatever becomes
//! of this process, it is run. The run is the one path that every delivery goes.

mod events;
mod hand_in;
mod listen;
mod names;
mod problem;
mod receipts;
mod request;
mod routes;
mod runs;
mod senders;
mod service;
mod tls;
mod watched;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use sluss_pipeline::error::PipelineError;
use sluss_schemas::say;
use tokio::signal::unix::{SignalKind, signal};

use self::service::Service;
use crate::app::{App, Broken};
use crate::cli::{Cli, ServeArgs};
use crate::output;
use crate::watch::Watch;

/// How often it is looked how everything stands.
const LOOK: Duration = Duration::from_mins(1);

/// `sluss serve`.
pub(crate) async fn serve(cli: &Cli, args: &ServeArgs) -> anyhow::Result<ExitCode> {
    if !args.push {
        return Err(PipelineError::configuration(say!("vad ska köras?", "serve what?"))
            .hint(say!("`sluss serve --push` tar emot leveranser", "`sluss serve --push` takes deliveries"))
            .into());
    }
    let App { engine, jobs, broken, watch } = App::watched(cli).await?;
    for broken in &broken {
        tracing::error!(job = broken.name, "a job file cannot be read: {}", broken.error);
    }
    let service = Arc::new(Service::new(engine, jobs, Arc::clone(&watch))?);
    if service.senders.all().is_empty() {
        return Err(PipelineError::configuration(say!("ingen får lämna in", "nobody may hand in"))
            .at(say!("[push] i sluss.toml", "[push] in sluss.toml"))
            .hint(say!(
                "lägg till en avsändare: [[push.token]] med name, lanskod, sha256 och expires",
                "add a sender: [[push.token]] with name, lanskod, sha256 and expires"
            ))
            .into());
    }
    let (project, settings) = (&service.engine.project, &service.settings);
    let tls = settings.tls.as_ref().map(|t| tls::config(project, t, service.engine.secrets.as_ref())).transpose()?;
    if service.senders.wants_certificates() && settings.tls.as_ref().is_none_or(|t| t.client_ca.is_none()) {
        return Err(PipelineError::configuration(say!(
            "avsändare med certifikat kräver [push.tls] med client_ca",
            "senders with certificates need [push.tls] with client_ca"
        ))
        .at(say!("[push] i sluss.toml", "[push] in sluss.toml"))
        .hint(say!("ange den som utfärdar certifikaten i client_ca", "name who issues the certificates in client_ca"))
        .into());
    }
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let address = args.listen.as_deref().unwrap_or(&settings.listen);
    let listener = listen::bind(address, tls.is_some()).await?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}", listener.local_addr()?);
    let taken = service.runs.take_up(&service.jobs).await?;
    output::said(cli, &serde_json::json!({ "listening": url, "taken_up": taken }), || {
        say!("Tar emot leveranser på {url}.", "Takes deliveries at {url}.")
    })?;

    let stop = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let grace = Duration::from_secs(settings.stop_seconds);
    let looking = tokio::spawn(look(Arc::clone(&service), Arc::clone(&watch), broken));
    listen::serve(listener, routes::router(&service), tls, stop, grace).await;
    if !service.runs.stop(grace).await {
        tracing::warn!("some runs did not end in time: they are taken up at the next start");
    }
    looking.abort();
    watch.flush().await;
    Ok(ExitCode::SUCCESS)
}

/// Lets those who watch know from time to time how everything stands.
async fn look(service: Arc<Service>, watch: Arc<Watch>, broken: Vec<Broken>) {
    let mut times = tokio::time::interval(LOOK);
    loop {
        times.tick().await;
        if let Err(error) = watch.look(&service.engine, &service.jobs, &broken).await {
            tracing::error!("how everything stands cannot be told: {error}");
        }
    }
}
