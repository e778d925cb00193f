//! Progress on standard error: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use sluss_pipeline::run::Progress;

/// The bars of the jobs that run.
#[derive(Clone)]
pub(crate) struct Bars {
    all: Option<MultiProgress>,
}

impl Bars {
    /// Bars if standard error is a terminal, else nothing.
    pub(crate) fn new() -> Self {
        Self { all: std::io::stderr().is_terminal().then(MultiProgress::new) }
    }

    /// A job begins.
    pub(crate) fn begin(&self, job: &str) -> Bar {
        let bar = self.all.as_ref().map(|all| {
            let bar = all.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:40!} {pos:>12} rader  {msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(job.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Bar { bar }
    }
}

/// One job's bar.
pub(crate) struct Bar {
    bar: Option<ProgressBar>,
}

impl Progress for Bar {
    fn rows(&self, rows: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(rows);
        }
    }

    fn station(&self, name: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(name.to_owned());
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
