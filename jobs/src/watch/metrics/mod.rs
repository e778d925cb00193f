//! Figures for Prometheus: what this process has counted, and what the ledger says now.

mod list;
mod state;

use std::time::Duration;

use metrics::{Key, KeyName, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use sluss_pipeline::run::{Outcome, RunState};

pub(crate) use list::{ALL, About, Kind};
pub(crate) use state::scrape;

use super::Happening;

/// Where a run's duration is counted: from a second to half a night.
const DURATIONS: [f64; 10] = [0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 7200.0, 14400.0];
/// Where a tick's is.
const TICKS: [f64; 8] = [0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0];

/// The figures that this process keeps.
pub(crate) struct Metrics {
    book: Book,
}

/// A set of figures, and their text.
pub(super) struct Book {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

impl Book {
    pub(super) fn new() -> Self {
        let buckets = |builder: PrometheusBuilder, name: &str, buckets: &[f64]| {
            // The only error is that there are no buckets.
            builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), buckets).unwrap_or_default()
        };
        let builder = buckets(PrometheusBuilder::new(), list::DURATION, &DURATIONS);
        let recorder = buckets(builder, list::TICK, &TICKS).build_recorder();
        for About { name, kind, unit, help, .. } in ALL {
            let (name, unit) = (KeyName::from_const_str(name), Some(*unit));
            match kind {
                Kind::Counter => recorder.describe_counter(name, unit, (*help).into()),
                Kind::Gauge => recorder.describe_gauge(name, unit, (*help).into()),
                Kind::Histogram => recorder.describe_histogram(name, unit, (*help).into()),
            }
        }
        let handle = recorder.handle();
        Self { recorder, handle }
    }

    fn count(&self, name: &'static str, labels: &[(&'static str, &str)], by: u64) {
        self.recorder.register_counter(&key(name, labels), &METADATA).increment(by);
    }

    fn set(&self, name: &'static str, labels: &[(&'static str, &str)], to: f64) {
        self.recorder.register_gauge(&key(name, labels), &METADATA).set(to);
    }

    fn record(&self, name: &'static str, labels: &[(&'static str, &str)], value: f64) {
        self.recorder.register_histogram(&key(name, labels), &METADATA).record(value);
    }

    fn text(&self) -> String {
        // Moves what has been recorded into the distributions.
        self.handle.run_upkeep();
        self.handle.render()
    }
}

static METADATA: Metadata<'static> = Metadata::new("sluss", Level::INFO, None);

fn key(name: &'static str, labels: &[(&'static str, &str)]) -> Key {
    let labels: Vec<Label> = labels.iter().map(|(name, value)| Label::new(*name, (*value).to_owned())).collect();
    Key::from_parts(name, labels)
}

impl Metrics {
    pub(super) fn new() -> Self {
        let book = Book::new();
        book.set(list::BUILD, &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
        // What has not happened yet stands at nothing, so that the first time shows as a change.
        for observer in ["openlineage", "alert"] {
            book.count(list::DROPPED, &[("observer", observer)], 0);
        }
        Self { book }
    }

    /// Counts what happened.
    pub(super) fn hear(&self, happening: &Happening) {
        match happening {
            Happening::Ended { outcome, began, ended, .. } => self.ended(outcome, *ended - *began),
            Happening::Failed { job, began, ended, .. } => {
                let owner = job.file.job.owner.as_str();
                self.book.count(list::RUNS, &[("owner", owner), ("state", "failed")], 1);
                self.took(owner, *ended - *began);
            }
            Happening::Skipped { job, .. } => {
                self.book.count(list::SKIPPED, &[("owner", &job.file.job.owner)], 1);
            }
            Happening::Began { job, attempt: 2.., .. } => {
                self.book.count(list::RETRIES, &[("owner", &job.file.job.owner)], 1);
            }
            Happening::Began { .. }
            | Happening::JobBroken { .. }
            | Happening::JobMended { .. }
            | Happening::Looked { .. } => {}
        }
    }

    fn ended(&self, outcome: &Outcome, took: chrono::TimeDelta) {
        let owner = outcome.owner.as_str();
        let state = match outcome.state {
            RunState::Done => "done",
            RunState::Held => "held",
            RunState::Planned => "planned",
        };
        self.book.count(list::RUNS, &[("owner", owner), ("state", state)], 1);
        self.took(owner, took);
        let balance = &outcome.balance;
        let filtered = balance.filtered.values().sum();
        for (name, rows) in [
            ("in", balance.rows_in),
            ("accepted", balance.accepted),
            ("rejected", balance.rejected),
            ("withheld", balance.withheld),
            ("filtered", filtered),
        ] {
            self.book.count(list::ROWS, &[("owner", owner), ("outcome", name)], rows);
        }
        for held in &outcome.held {
            self.book.count(list::GUARDS, &[("owner", owner), ("guard", &held.guard)], 1);
        }
    }

    fn took(&self, owner: &str, time: chrono::TimeDelta) {
        let seconds = time.to_std().unwrap_or_default().as_secs_f64();
        self.book.record(list::DURATION, &[("owner", owner)], seconds);
    }

    /// A happening did not fit an observer's queue.
    pub(super) fn dropped(&self, observer: &str) {
        self.book.count(list::DROPPED, &[("observer", observer)], 1);
    }

    /// A lineage event was taken, or not.
    pub(super) fn lineage(&self, taken: bool) {
        self.book.count(list::LINEAGE, &[("outcome", if taken { "taken" } else { "lost" })], 1);
    }

    /// A receiver took an alert, or could not be reached.
    pub(super) fn alert(&self, about: &str, taken: bool) {
        let name = if taken { list::ALERTS_SENT } else { list::ALERTS_DROPPED };
        self.book.count(name, &[("about", about)], 1);
    }

    /// So many job files cannot be read.
    pub(crate) fn broken(&self, files: usize) {
        self.book.set(list::BROKEN, &[], figure(files));
    }

    /// So many runs wait for their turn.
    pub(crate) fn queue(&self, length: usize) {
        self.book.set(list::QUEUE, &[], figure(length));
    }

    /// The scheduler has looked what is due.
    pub(crate) fn ticked(&self, took: Duration) {
        self.book.record(list::TICK, &[], took.as_secs_f64());
    }

    /// Every metric once.
    pub(crate) fn sample() -> String {
        let book = Book::new();
        for about in ALL {
            let labels: Vec<_> = about.labels.iter().map(|label| (*label, "x")).collect();
            match about.kind {
                Kind::Counter => book.count(about.name, &labels, 1),
                Kind::Gauge => book.set(about.name, &labels, 1.0),
                Kind::Histogram => book.record(about.name, &labels, 1.0),
            }
        }
        book.text()
    }

    /// What this process has counted.
    pub(crate) fn render(&self) -> String {
        self.book.text()
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts need no more than 53 bits")]
fn figure(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_listed_once_and_said_what_it_is() {
        let mut names: Vec<_> = ALL.iter().map(|about| about.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        for About { name, kind, help, unit, .. } in ALL {
            assert!(name.starts_with("sluss_") && help.ends_with('.'), "{name}: {help}");
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            assert_eq!(name.ends_with("_seconds"), *unit == metrics::Unit::Seconds, "{name}");
        }
    }

    #[test]
    fn distributions_have_their_buckets() {
        let metrics = Metrics::new();
        metrics.took("22", chrono::TimeDelta::seconds(20));
        let text = metrics.render();
        for wanted in [
            "# TYPE sluss_run_duration_seconds histogram",
            "sluss_run_duration_seconds_bucket{owner=\"22\",le=\"15\"} 0",
            "sluss_run_duration_seconds_bucket{owner=\"22\",le=\"60\"} 1",
            "sluss_watch_dropped_total{observer=\"alert\"} 0",
        ] {
            assert!(text.contains(wanted), "{wanted} is not in\n{text}");
        }
    }
}
