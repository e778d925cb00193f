//! Progress on standard error: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use sluss_pipeline::run::Progress;

use crate::cli::Cli;

/// The bars of the jobs that run.
#[derive(Clone)]
pub(crate) struct Bars {
    all: Option<MultiProgress>,
    rows: &'static str,
}

impl Bars {
    /// Bars if standard error is a terminal, else nothing.
    pub(crate) fn new(cli: &Cli) -> Self {
        let all = std::io::stderr().is_terminal().then(MultiProgress::new);
        Self { all, rows: cli.word(("rader", "rows")) }
    }

    /// A job begins.
    pub(crate) fn begin(&self, job: &str) -> Bar {
        let bar = self.all.as_ref().map(|all| {
            let bar = all.add(ProgressBar::new_spinner());
            let template = format!("{{spinner}} {{prefix:40!}} {{pos:>12}} {}  {{msg}}", self.rows);
            if let Ok(style) = ProgressStyle::with_template(&template) {
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
