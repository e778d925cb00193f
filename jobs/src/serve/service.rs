//! The listener's state: engine, jobs, senders, and what each sender may still do.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use sluss_pipeline::error::{PipelineError, Result};
use sluss_pipeline::job::{Job, Push};
use sluss_pipeline::ledger::{Act, Note};
use sluss_pipeline::run::Engine;
use sluss_schemas::say;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::Problem;
use super::runs::Runs;
use super::senders::{Sender, Senders};
use super::watched::Watched;
use crate::push;
use crate::watch::Watch;

/// Seconds after which a sender with too many deliveries at once should try again.
const SOON: u64 = 5;

/// Everything that requests share.
pub(super) struct Service {
    pub(super) engine: Arc<Engine>,
    pub(super) jobs: Vec<Job>,
    pub(super) settings: Push,
    pub(super) senders: Senders,
    pub(super) runs: Runs,
    /// What those who run this ask about.
    pub(super) watched: Arc<Watched>,
    allowances: HashMap<String, Allowance>,
    clock: DefaultClock,
    /// How often those who are turned away come into the audit log: whoever knocks without end must not
    /// fill it.
    strangers: DefaultDirectRateLimiter,
    /// How many of them did not, since the last who did.
    unnoted: AtomicU64,
}

/// Strangers in a minute of whom the audit log tells one by one.
const STRANGERS: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

/// What one sender may do.
struct Allowance {
    rate: DefaultDirectRateLimiter,
    at_once: Arc<Semaphore>,
    /// The same for those who read: one who follows the register may still hand in.
    reads: DefaultDirectRateLimiter,
    readers: Arc<Semaphore>,
}

impl Service {
    pub(super) fn new(engine: Arc<Engine>, jobs: Vec<Job>, watch: Arc<Watch>, watched: Arc<Watched>) -> Result<Self> {
        push::check_jobs(&jobs)?;
        let settings = engine.project.file.push.clone();
        let senders = Senders::new(&settings, engine.secrets.as_ref(), &engine.project.tables)?;
        let per_minute = std::num::NonZeroU32::new(settings.per_minute).ok_or_else(|| {
            PipelineError::configuration(say!(
                "per_minute är 0: ingen kan lämna in",
                "per_minute is 0: nobody can hand in"
            ))
            .at(say!("[push] i sluss.toml", "[push] in sluss.toml"))
        })?;
        let allowance = || Allowance {
            rate: RateLimiter::direct(Quota::per_minute(per_minute)),
            at_once: Arc::new(Semaphore::new(settings.at_once.clamp(1, Semaphore::MAX_PERMITS))),
            reads: RateLimiter::direct(Quota::per_minute(per_minute)),
            readers: Arc::new(Semaphore::new(settings.at_once.clamp(1, Semaphore::MAX_PERMITS))),
        };
        let allowances = senders.all().iter().map(|sender| (sender.name.clone(), allowance())).collect();
        let runs = Runs::new(Arc::clone(&engine), settings.parallel.max(1), watch);
        Ok(Self {
            engine,
            jobs,
            settings,
            senders,
            runs,
            watched,
            allowances,
            clock: DefaultClock::default(),
            strangers: RateLimiter::direct(Quota::per_minute(STRANGERS)),
            unnoted: AtomicU64::new(0),
        })
    }

    /// Notes that somebody was turned away, and at what.
    pub(super) async fn turned_away(&self, who: &str, object: &str, why: &str) {
        if self.strangers.check().is_err() {
            self.unnoted.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let outcome = match self.unnoted.swap(0, Ordering::Relaxed) {
            0 => format!("refused {why}"),
            others => format!("refused {why}; {others} more since the last entry"),
        };
        self.note(&Note { who: Some(who), act: Act::TurnedAway, object, outcome: &outcome, run: None }).await;
    }

    /// Adds to the audit log. Where that cannot be done the request is answered all the same, and the
    /// program's own log says so.
    pub(super) async fn note(&self, note: &Note<'_>) {
        if let Err(error) = self.engine.register.note(note).await {
            tracing::error!("the audit log cannot be written: {error}");
        }
    }

    /// Takes one question from a sender's allowance. What comes back is held until it has been answered.
    pub(super) fn admit_reader(&self, sender: &Sender) -> std::result::Result<OwnedSemaphorePermit, Problem> {
        let allowance = self.allowances.get(&sender.name).ok_or_else(Problem::ours)?;
        if let Err(early) = allowance.reads.check() {
            let wait = early.wait_time_from(self.clock.now()).as_secs() + 1;
            let most = self.settings.per_minute;
            return Err(Problem::too_many(
                say!("en läsare får fråga {most} gånger i minuten", "a reader may ask {most} times a minute"),
                wait,
            ));
        }
        Arc::clone(&allowance.readers).try_acquire_owned().map_err(|_| {
            let most = self.settings.at_once;
            Problem::too_many(
                say!("en läsare får ha {most} frågor på gång", "a reader may have {most} questions under way"),
                SOON,
            )
        })
    }

    /// Takes one delivery from a sender's allowance. What comes back is held while it is under way.
    pub(super) fn admit(&self, sender: &Sender) -> std::result::Result<OwnedSemaphorePermit, Problem> {
        let allowance = self.allowances.get(&sender.name).ok_or_else(Problem::ours)?;
        if let Err(early) = allowance.rate.check() {
            let wait = early.wait_time_from(self.clock.now()).as_secs() + 1;
            let most = self.settings.per_minute;
            return Err(Problem::too_many(
                say!("en avsändare får lämna in {most} gånger i minuten", "a sender may hand in {most} times a minute"),
                wait,
            ));
        }
        Arc::clone(&allowance.at_once).try_acquire_owned().map_err(|_| {
            let most = self.settings.at_once;
            Problem::too_many(
                say!("en avsändare får ha {most} leveranser på väg", "a sender may have {most} deliveries under way"),
                SOON,
            )
        })
    }
}
