//! What a scheduler tells those who watch it.

use std::sync::Arc;
use std::time::Duration;

use sluss_pipeline::job::Job;
use sluss_pipeline::ledger::{Claimed, End, Occasion, Recovered};
use sluss_pipeline::run::Outcome;
use sluss_schemas::message::Message;

use crate::watch::Trouble;

/// Something has happened.
#[derive(Clone, Copy, Debug)]
pub enum Happening<'a> {
    /// A run was begun.
    Began {
        /// Its job.
        job: &'a Arc<Job>,
        /// Its occasion, as it waited.
        occasion: &'a Occasion,
        /// The run, with its lease.
        claimed: &'a Claimed,
    },
    /// A run came to its end, and that is noted.
    Ended {
        /// Its job.
        job: &'a Arc<Job>,
        /// Its occasion, as it waited.
        occasion: &'a Occasion,
        /// The run.
        claimed: &'a Claimed,
        /// How.
        end: &'a End,
        /// What it came to; none where it failed.
        outcome: Option<&'a Outcome>,
        /// What went wrong, where something did.
        trouble: Option<&'a Trouble>,
    },
    /// An occasion is not run.
    Skipped {
        /// Its job, where there is one of that name.
        job: Option<&'a Arc<Job>>,
        /// The occasion.
        occasion: &'a Occasion,
        /// Why.
        why: &'a Message,
    },
    /// What a lost process had was taken back.
    Recovered(&'a Recovered),
    /// A job's file cannot be read any more; the last one that could goes on.
    FileBroken {
        /// The job.
        job: &'a str,
        /// What is wrong.
        what: &'a str,
    },
    /// A job's file can be read again.
    FileMended {
        /// The job.
        job: &'a str,
    },
}

/// Hears what happens. Must neither fail nor wait.
pub trait Observer: Send + Sync {
    /// Something has happened.
    fn hear(&self, happening: &Happening<'_>);

    /// A round has been made, and took so long; so many occasions could have begun, had there been room.
    fn round(&self, _took: Duration, _waiting: usize) {}
}

/// Passes on what happens, to one after the other.
pub struct All(pub Vec<Arc<dyn Observer>>);

impl Observer for All {
    fn hear(&self, happening: &Happening<'_>) {
        self.0.iter().for_each(|observer| observer.hear(happening));
    }

    fn round(&self, took: Duration, waiting: usize) {
        self.0.iter().for_each(|observer| observer.round(took, waiting));
    }
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deaf;

impl Observer for Deaf {
    fn hear(&self, _happening: &Happening<'_>) {}
}
