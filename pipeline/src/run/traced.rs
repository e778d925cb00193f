//! How a run goes, for whoever follows it: rows and stations; and the stations as spans of its trace.

use std::sync::{Mutex, PoisonError};

use tracing::Span;

/// Hears how a run goes.
pub trait Progress: Send + Sync {
    /// Source rows so far.
    fn rows(&self, rows: u64);
    /// The run has come to its next station.
    fn station(&self, name: &str);
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn rows(&self, _rows: u64) {}
    fn station(&self, _name: &str) {}
}

/// Passes progress on, and opens a span for each station that closes at the next one.
pub(super) struct Stations<'a> {
    inner: &'a dyn Progress,
    // Goes before the run's own: a station lies within its run.
    now: Mutex<Option<Span>>,
    run: Span,
}

impl<'a> Stations<'a> {
    pub(super) fn new(inner: &'a dyn Progress, run: Span) -> Self {
        Self { inner, now: Mutex::new(None), run }
    }

    /// The last station is over.
    pub(super) fn end(&self) {
        drop(self.now.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

impl Progress for Stations<'_> {
    fn rows(&self, rows: u64) {
        self.inner.rows(rows);
    }

    fn station(&self, name: &str) {
        self.inner.station(name);
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        // The one before closes first.
        drop(now.take());
        *now = Some(tracing::info_span!(parent: &self.run, "station", station = name, otel.name = name));
    }
}
