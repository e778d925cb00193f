//! `sluss serve --push`: what is checked before the listener is opened, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_schemas::say;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::service::Service;
use super::{Serving, listen, routes, tls};
use crate::cli::{Cli, ServeArgs};
use crate::output;

/// A listener that is open.
pub(super) struct Open {
    service: Arc<Service>,
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
}

/// Checks settings, senders and certificates, and opens the listener.
pub(super) async fn open(args: &ServeArgs, serving: &Serving, jobs: Vec<Job>) -> anyhow::Result<Open> {
    let (engine, watch) = (Arc::clone(&serving.engine), Arc::clone(&serving.watch));
    let service = Arc::new(Service::new(engine, jobs, watch, Arc::clone(&serving.watched))?);
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
    let address = args.listen.as_deref().unwrap_or(&settings.listen);
    let listener = listen::bind(address, tls.is_some()).await?;
    Ok(Open { service, listener, tls })
}

/// Takes deliveries until `stop` comes, and lets those under way end.
pub(super) async fn serve(cli: &Cli, open: Open, stop: &CancellationToken) -> anyhow::Result<()> {
    let Open { service, listener, tls } = open;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}", listener.local_addr()?);
    let taken = service.runs.take_up(&service.jobs).await?;
    output::said(cli, &serde_json::json!({ "listening": url, "taken_up": taken }), || {
        say!("Tar emot leveranser på {url}.", "Takes deliveries at {url}.")
    })?;
    let grace = Duration::from_secs(service.settings.stop_seconds);
    listen::serve(listener, routes::router(&service), tls, stop.cancelled(), grace).await;
    if !service.runs.stop(grace).await {
        tracing::warn!("some runs did not end in time: they are taken up at the next start");
    }
    Ok(())
}
