//! The program's log: lines for people, or JSON for collectors, each with the run and the job that it is about.

use tracing::Level;
use tracing_subscriber::filter::{EnvFilter, FilterFn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Registry, fmt};

use super::otel::{self, Traces};
use super::run_log::RunLog;
use crate::cli::{Cli, Log};

/// Starts log and traces. What comes back ends the traces.
///
/// Logs are English, on standard error, and hold no cell values. Must be called within the runtime.
pub(crate) fn start(cli: &Cli) -> Option<Traces> {
    // A collector wants to see that something happens; people at a screen see it anyway.
    let level = match (cli.verbose, cli.log) {
        (0, Log::Text) => "error",
        (0 | 1, _) => "sluss=info,sluss_pipeline=info,sluss_connectors=info,warn",
        _ => "sluss=debug,sluss_pipeline=debug,sluss_connectors=debug,info",
    };
    let traces = otel::start(cli);
    let ours = FilterFn::new(|about| about.target().starts_with("sluss"));
    let spans = traces.as_ref().map(|traces| traces.layer().with_filter(ours));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match cli.log {
        Log::Text => lines.without_time().with_filter(EnvFilter::new(level)).boxed(),
        // The spans are told with all their fields: run, job, owner, station.
        Log::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(true)
            .with_filter(EnvFilter::new(level))
            .boxed(),
    };
    let ours = FilterFn::new(|about| about.target().starts_with("sluss") && *about.level() <= Level::INFO);
    Registry::default().with(spans).with(RunLog.with_filter(ours)).with(lines).init();
    traces
}
