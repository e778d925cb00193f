//! The scheduler: every job at its times, once, whatever breaks.
//!
//! ```text
//! files ─▶ catalogue ─┐
//!                     ├─▶ plan ─▶ occasions (ledger) ─▶ pick ─▶ claim ─▶ run ─▶ end
//! ledger: states ─────┘                                   ▲ lease, fence │
//! recover: what lost processes had ───────────────────────┴──────────────┘
//! ```
//!
//! All that must be known of a time is in the ledger ([`sluss_pipeline::ledger::Timetable`]): a scheduler that
//! is killed loses nothing, and several share the work without talking to each other. [`Scheduler::tick`] is
//! one round; [`Scheduler::serve`] makes rounds until it is told to stop, [`Scheduler::until_done`] until
//! nothing is left to do. What a run does is its [`Runner`]'s.

mod arrivals;
mod begin;
mod catalogue;
mod files;
mod finish;
mod happening;
mod pick;
mod plan;
mod runner;
mod serve;
mod window;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use sluss_pipeline::error::Result;
use sluss_pipeline::ledger::{Claimed, JobState, Recovered};
use sluss_pipeline::register::Register;
use sluss_pipeline::schedule::Serve;
use sluss_schemas::clock::Clock;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio_util::task::TaskTracker;

pub use self::arrivals::Arrivals;
pub use self::catalogue::Catalogue;
pub(crate) use self::catalogue::node;
pub use self::files::{Files, Loaded};
pub use self::happening::{All, Deaf, Happening, Observer};
pub use self::runner::{EngineRunner, Ran, Runner};
pub use self::window::for_window;
pub use crate::watch::Trouble;

/// How long a run that has ended as dead may still be noted by its own process.
const GRACE: TimeDelta = TimeDelta::seconds(10);

/// Runs jobs at their times.
pub struct Scheduler {
    register: Arc<dyn Register>,
    clock: Arc<dyn Clock>,
    settings: Serve,
    /// This process, for leases.
    holder: String,
    runner: Arc<dyn Runner>,
    observer: Arc<dyn Observer>,
    catalogue: RwLock<Arc<Catalogue>>,
    /// What the ledger knows of each job, as it was last asked.
    states: Mutex<HashMap<String, JobState>>,
    /// Job files that cannot be read, with what is wrong.
    broken: Mutex<BTreeMap<String, String>>,
    at_work: Mutex<BTreeMap<u64, AtWork>>,
    tasks: TaskTracker,
    /// The program is to stop: runs that are broken off now are handed back.
    stopping: AtomicBool,
    /// A run has ended: there is room for another.
    ended: Notify,
}

/// A run of this process.
struct AtWork {
    claimed: Claimed,
    abort: AbortHandle,
}

/// What one round did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tick {
    /// Occasions that were added.
    pub planned: usize,
    /// Occasions that lost processes had.
    pub recovered: Vec<Recovered>,
    /// Occasions that were begun.
    pub begun: Vec<Claimed>,
    /// Occasions that are not run after all.
    pub skipped: usize,
    /// Occasions that could be begun, had there been room.
    pub waiting: usize,
}

impl Scheduler {
    /// A scheduler of these jobs. Nothing is read or written yet.
    pub fn new(
        register: Arc<dyn Register>,
        clock: Arc<dyn Clock>,
        settings: Serve,
        runner: Arc<dyn Runner>,
        observer: Arc<dyn Observer>,
        catalogue: Catalogue,
    ) -> Self {
        Self {
            register,
            clock,
            settings,
            holder: holder(),
            runner,
            observer,
            catalogue: RwLock::new(Arc::new(catalogue)),
            states: Mutex::default(),
            broken: Mutex::default(),
            at_work: Mutex::default(),
            tasks: TaskTracker::new(),
            stopping: AtomicBool::new(false),
            ended: Notify::new(),
        }
    }

    /// One round: takes back what is lost, plans what fell due, begins what may begin.
    pub async fn tick(self: &Arc<Self>) -> Result<Tick> {
        let planned = self.plan().await?;
        let round = self.work_off().await?;
        Ok(Tick { planned, ..round })
    }

    /// A round that plans nothing: what is in the ledger is done.
    pub(crate) async fn work_off(self: &Arc<Self>) -> Result<Tick> {
        let recovered = self.register.recover(&self.holder, GRACE).await?;
        for lost in &recovered {
            tracing::warn!(job = lost.job, holder = lost.holder, recovery = ?lost.recovery, "taken over");
            self.observer.hear(&Happening::Recovered(lost));
        }
        let begun = self.begin().await?;
        Ok(Tick { recovered, ..begun })
    }

    /// Lets these jobs take the place of those before. Runs at work go on as they began.
    pub fn replace(&self, catalogue: Catalogue) {
        *self.catalogue.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalogue);
    }

    /// The jobs as they are now.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.catalogue.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Job files that cannot be read, with what is wrong; the last ones that could go on.
    pub fn broken(&self) -> BTreeMap<String, String> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until no run of this process is at work.
    pub async fn idle(&self) {
        loop {
            let ended = self.ended.notified();
            if self.at_work().is_empty() {
                return;
            }
            ended.await;
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn at_work(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, AtWork>> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn states(&self) -> std::sync::MutexGuard<'_, HashMap<String, JobState>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A name for this process that no other has: machine, process, and a number that a later one of the same
/// number does not get.
fn holder() -> String {
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let run = sluss_pipeline::run::new_run();
    let tail = run.rsplit('-').next().unwrap_or_default();
    format!("{}:{}:{tail}", machine.trim(), std::process::id())
}
