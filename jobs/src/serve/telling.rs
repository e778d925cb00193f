//! What a scheduler brings about, told to those who watch: lineage, metrics, alerts, readiness.

use std::sync::Arc;
use std::time::Duration;

use sluss_pipeline::error::PipelineError;
use sluss_pipeline::ledger::End;
use sluss_schemas::clock::Clock;
use sluss_schemas::message::Message;

use super::watched::Watched;
use crate::scheduler::{Happening as Seen, Observer};
use crate::watch::{Happening, Trouble, Watch};

/// A scheduler that is well makes a round at least so often.
const ROUND: Duration = Duration::from_secs(30);

/// Tells those who watch.
pub(super) struct Telling {
    watch: Arc<Watch>,
    watched: Arc<Watched>,
    clock: Arc<dyn Clock>,
}

impl Telling {
    pub(super) fn new(watch: Arc<Watch>, watched: Arc<Watched>, clock: Arc<dyn Clock>) -> Self {
        Self { watch, watched, clock }
    }
}

impl Observer for Telling {
    fn hear(&self, seen: &Seen<'_>) {
        let at = self.clock.now();
        let told = match *seen {
            Seen::Began { job, occasion, claimed } => Some(Happening::Began {
                run: claimed.run.clone(),
                job: Arc::clone(job),
                due: Some(occasion.due),
                attempt: u32::try_from(occasion.failures + occasion.lost).unwrap_or(u32::MAX).saturating_add(1),
                at,
            }),
            Seen::Ended { job, claimed, outcome: Some(outcome), .. } => Some(Happening::Ended {
                run: claimed.run.clone(),
                job: Arc::clone(job),
                outcome: Arc::new(outcome.clone()),
                began: claimed.began,
                ended: at,
            }),
            Seen::Ended { job, claimed, end, trouble: Some(trouble), .. } => Some(Happening::Failed {
                run: claimed.run.clone(),
                job: Arc::clone(job),
                trouble: trouble.clone(),
                began: claimed.began,
                ended: at,
                again_at: match end {
                    End::Again(_, again) => Some(*again),
                    End::HandedBack(_) => Some(at),
                    _ => None,
                },
            }),
            Seen::Skipped { job: Some(job), occasion, why } => {
                Some(Happening::Skipped { job: Arc::clone(job), due: occasion.due, why: why.clone() })
            }
            Seen::FileBroken { job, what } => {
                Some(Happening::JobBroken { name: job.to_owned(), owner: None, trouble: unreadable(what), at })
            }
            Seen::FileMended { job } => Some(Happening::JobMended { name: job.to_owned(), at }),
            Seen::Ended { .. } | Seen::Skipped { .. } | Seen::Recovered(_) => None,
        };
        if let Some(told) = told {
            self.watch.tell(told);
        }
    }

    fn round(&self, took: Duration, waiting: usize) {
        self.watched.beats(ROUND);
        self.watch.metrics().ticked(took);
        self.watch.metrics().queue(waiting);
    }
}

/// A job's file that cannot be read, as those who watch are told of it.
pub(super) fn unreadable(what: &str) -> Trouble {
    Trouble::of(&PipelineError::configuration(Message::from(what)))
}
