//! By what the outside world watches runs: lineage events, metrics, alerts, traces.
//!
//! ```text
//! run, scheduler, listener ─▶ Watch::tell ─┬─▶ metrics (at once, in memory)
//!                                          ├─▶ queue ─▶ OpenLineage: file, HTTP
//!                                          └─▶ queue ─▶ alerts: webhook, letter, digest
//! ```
//!
//! Whoever tells waits for nobody and fails at nothing: each observer has a bounded queue and a task of its own,
//! and what does not fit is dropped and counted. Traces and structured logs hang on the spans of the engine
//! ([`log`], [`otel`]); what the log says of a run is kept with it in the ledger ([`run_log`]).

pub(crate) mod alert;
mod happening;
mod http;
pub(crate) mod log;
pub(crate) mod metrics;
mod openlineage;
mod otel;
pub(crate) mod run_log;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sluss_pipeline::error::Result;
use sluss_pipeline::freshness::freshness;
use sluss_pipeline::job::Job;
use sluss_pipeline::run::{Engine, Outcome};
use tokio::sync::{mpsc, oneshot};

pub use happening::Trouble;
pub(crate) use happening::{Happening, View};

use self::metrics::Metrics;

/// Happenings that may wait for one observer.
const WAITING: usize = 1024;
/// How long a stopping program waits for what is on its way.
const PATIENCE: Duration = Duration::from_secs(30);

/// One who is told of everything, in its own time.
#[async_trait]
trait Observer: Send + 'static {
    /// Its name in metrics.
    fn name(&self) -> &'static str;
    /// Hears of one happening. What goes wrong with it is the observer's own affair.
    async fn hear(&mut self, happening: &Happening);
}

/// Passes on what happens to everybody that `sluss.toml` names.
pub(crate) struct Watch {
    metrics: Arc<Metrics>,
    lines: Vec<Line>,
}

/// The way to one observer.
struct Line {
    name: &'static str,
    queue: mpsc::Sender<Told>,
}

enum Told {
    Happening(Arc<Happening>),
    Flush(oneshot::Sender<()>),
}

impl Watch {
    /// Counts what happens, and tells nobody.
    pub(crate) fn quiet() -> Self {
        Self { metrics: Arc::new(Metrics::new()), lines: Vec::new() }
    }

    /// Everybody that the project's `sluss.toml` names. Must be called within the runtime.
    ///
    /// # Errors
    ///
    /// An address that is none, a secret that is not set.
    pub(crate) fn open(engine: &Engine) -> Result<Self> {
        let mut watch = Self::quiet();
        let (project, secrets) = (&engine.project, engine.secrets.as_ref());
        if project.file.openlineage.wanted() {
            watch.add(openlineage::Lineage::open(project, secrets, Arc::clone(&watch.metrics))?);
        }
        if !project.file.alert.to.is_empty() {
            watch.add(alert::Alerts::open(engine, Arc::clone(&watch.metrics))?);
        }
        Ok(watch)
    }

    fn add(&mut self, mut observer: impl Observer) {
        let (queue, mut waiting) = mpsc::channel(WAITING);
        self.lines.push(Line { name: observer.name(), queue });
        tokio::spawn(async move {
            while let Some(told) = waiting.recv().await {
                match told {
                    Told::Happening(happening) => observer.hear(&happening).await,
                    // Nobody waits any longer: that is their affair.
                    Told::Flush(done) => _ = done.send(()),
                }
            }
        });
    }

    /// Tells of something. Never waits, never fails.
    pub(crate) fn tell(&self, happening: Happening) {
        self.metrics.hear(&happening);
        if let Happening::Skipped { job, due, why } = &happening {
            tracing::info!(job = job.name, %due, "a job was skipped: {why}");
        }
        let happening = Arc::new(happening);
        for line in &self.lines {
            if line.queue.try_send(Told::Happening(Arc::clone(&happening))).is_err() {
                self.metrics.dropped(line.name);
                tracing::error!(observer = line.name, "too much is waiting: a happening was not passed on");
            }
        }
    }

    /// Waits until everything told so far has been passed on, or given up.
    pub(crate) async fn flush(&self) {
        let waiting = self.lines.iter().map(|line| async {
            let (done, waited) = oneshot::channel();
            if line.queue.send(Told::Flush(done)).await.is_ok() {
                let _ = waited.await;
            }
        });
        if tokio::time::timeout(PATIENCE, futures::future::join_all(waiting)).await.is_err() {
            tracing::error!("some of what happened could not be passed on in time");
        }
    }

    /// Looks how everything stands, and tells of it: what is late, what is in order again, reminders, digests.
    /// To be called from time to time; without anybody who is told it costs nothing.
    ///
    /// # Errors
    ///
    /// A ledger that does not answer.
    pub(crate) async fn look(&self, engine: &Engine, jobs: &[Job], broken: Vec<(String, Trouble)>) -> Result<()> {
        self.metrics.broken(broken.len());
        if self.lines.is_empty() {
            return Ok(());
        }
        let at = engine.clock.now();
        let view = View {
            standings: freshness(engine, jobs, at).await?,
            jobs: jobs.iter().map(|job| job.name.clone()).collect(),
            broken,
        };
        self.tell(Happening::Looked { view: Arc::new(view), at });
        Ok(())
    }

    /// The figures.
    pub(crate) fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Tells that a run begins. What comes back tells how it ended.
    pub(crate) fn began(&self, engine: &Engine, run: &str, job: &Job, due: Option<DateTime<Utc>>) -> Following<'_> {
        let (job, began) = (Arc::new(job.clone()), engine.clock.now());
        let started = tokio::time::Instant::now();
        self.tell(Happening::Began { run: run.to_owned(), job: Arc::clone(&job), due, attempt: 1, at: began });
        Following { watch: self, run: run.to_owned(), job, began, started }
    }
}

/// A run that has begun.
pub(crate) struct Following<'a> {
    watch: &'a Watch,
    run: String,
    job: Arc<Job>,
    began: DateTime<Utc>,
    started: tokio::time::Instant,
}

impl Following<'_> {
    /// By the clock that runs go by it may have taken no time: durations are measured.
    fn ended(&self) -> DateTime<Utc> {
        let took = chrono::TimeDelta::from_std(self.started.elapsed()).unwrap_or_default();
        self.began + took
    }

    /// It came to an outcome.
    pub(crate) fn came_to(self, outcome: &Outcome) {
        let ended = self.ended();
        self.watch.tell(Happening::Ended {
            run: self.run,
            job: self.job,
            outcome: Arc::new(outcome.clone()),
            began: self.began,
            ended,
        });
    }

    /// It failed.
    pub(crate) fn failed(self, trouble: Trouble, again_at: Option<DateTime<Utc>>) {
        let ended = self.ended();
        self.watch.tell(Happening::Failed {
            run: self.run,
            job: self.job,
            trouble,
            began: self.began,
            ended,
            again_at,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::sync::Notify;

    /// Hears nothing before it is let, and counts.
    struct Slow(Arc<Notify>, Arc<AtomicU32>);

    #[async_trait]
    impl Observer for Slow {
        fn name(&self) -> &'static str {
            "slow"
        }
        async fn hear(&mut self, _happening: &Happening) {
            self.0.notified().await;
            self.0.notify_one();
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn whoever_tells_waits_for_nobody_and_what_does_not_fit_is_counted() {
        let (gate, heard) = (Arc::new(Notify::new()), Arc::new(AtomicU32::new(0)));
        let mut watch = Watch::quiet();
        watch.add(Slow(Arc::clone(&gate), Arc::clone(&heard)));
        let total = u32::try_from(WAITING).unwrap() + 100;
        for number in 0..total {
            watch.tell(Happening::JobMended { name: format!("jobb {number}"), at: DateTime::UNIX_EPOCH });
        }
        assert_eq!(heard.load(Ordering::Relaxed), 0, "nobody was waited for");
        gate.notify_one();
        watch.flush().await;
        let text = watch.metrics().render();
        let line = text.lines().find(|line| line.starts_with("sluss_watch_dropped_total{observer=\"slow\"}")).unwrap();
        let dropped: u32 = line.rsplit(' ').next().unwrap().parse().unwrap();
        assert_eq!(heard.load(Ordering::Relaxed) + dropped, total, "{line}");
        // One may have been taken from the queue before it was full.
        assert!((99..=100).contains(&dropped), "{line}");
    }
}
