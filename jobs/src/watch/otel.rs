//! Traces by OpenTelemetry: a span for each run and each of its stations.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use sluss_pipeline::error::{PipelineError, Result};
use sluss_pipeline::job::{Otel, Project};
use sluss_pipeline::secrets::SecretChain;
use sluss_schemas::say;
use sluss_schemas::secret::{Secrets, Value};
use tokio::runtime::Handle;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Registry;

use super::http;
use crate::app;
use crate::cli::Cli;

/// How long a stopping program waits for its last spans.
const PATIENCE: Duration = Duration::from_secs(10);

/// Spans on their way to a collector.
pub(crate) struct Traces {
    provider: SdkTracerProvider,
}

/// Traces where `sluss.toml` names a collector. A file that cannot be read is told of by the command itself.
pub(super) fn start(cli: &Cli) -> Option<Traces> {
    // Most projects have none, and a command need not read everything to find that out.
    let text = std::fs::read_to_string(cli.project.join("sluss.toml")).ok()?;
    let project = text.contains("otel").then(|| app::project(cli).ok()).flatten()?;
    let secrets = SecretChain::standard(&project.root);
    match Traces::open(&project, &secrets) {
        Ok(traces) => traces,
        Err(error) => {
            // There is no log yet; whoever set up traces is to see that there are none.
            complain(&error.to_string());
            None
        }
    }
}

#[expect(clippy::print_stderr, reason = "the log does not run yet")]
fn complain(what: &str) {
    eprintln!("ERROR sluss: no traces: {what}");
}

impl Traces {
    fn open(project: &Project, secrets: &dyn Secrets) -> Result<Option<Self>> {
        let Otel { endpoint, headers, service } = &project.file.otel;
        let Some(endpoint) = endpoint else { return Ok(None) };
        let url = http::address(&format!("{}/v1/traces", endpoint.trim_end_matches('/')), "[otel]")?;
        let mut sent = HashMap::new();
        for (name, value) in headers {
            let value = match value {
                Value::Plain(text) => text.clone(),
                Value::Secret(reference) => http::secret(secrets, reference, "[otel]")?,
            };
            sent.insert(name.clone(), value);
        }
        let client = Ours { client: http::client()?, runtime: Handle::current() };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(url.to_string())
            .with_headers(sent)
            .build();
        let exporter = exporter.map_err(|error| {
            let what = say!("spår kan inte skickas", "traces cannot be sent");
            PipelineError::configuration(what).at("sluss.toml, [otel]").because(error)
        })?;
        let resource = Resource::builder_empty().with_service_name(service.clone()).build();
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
        Ok(Some(Self { provider }))
    }

    /// What makes spans of the program's own.
    pub(super) fn layer(&self) -> OpenTelemetryLayer<Registry, SdkTracer> {
        tracing_opentelemetry::layer()
            .with_location(false)
            .with_threads(false)
            .with_tracer(self.provider.tracer("sluss"))
    }

    /// Sends what is left. The runtime must still be there.
    pub(crate) fn end(self) {
        if let Err(error) = self.provider.shutdown_with_timeout(PATIENCE) {
            tracing::warn!("the last traces were not sent: {error}");
        }
    }
}

/// The HTTP client that everything else uses too. Spans are sent from a thread outside of the runtime.
struct Ours {
    client: reqwest::Client,
    runtime: Handle,
}

impl fmt::Debug for Ours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ours")
    }
}

#[async_trait]
impl HttpClient for Ours {
    async fn send_bytes(&self, request: Request<Bytes>) -> std::result::Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move {
            let answer = client.execute(request).await.map_err(reqwest::Error::without_url)?;
            let status = answer.status();
            Ok::<_, reqwest::Error>((status, answer.bytes().await?))
        });
        let (status, body) = sent.await??;
        Ok(Response::builder().status(status).body(body)?)
    }
}
