//! Plays the country: the real scheduler on a real ledger, with a clock that is moved and runs that take no
//! time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sluss::scheduler::{Catalogue, Deaf, Ran, Runner, Scheduler, Trouble};
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Job;
use sluss_pipeline::ledger::{Claimed, Occasion, OccasionFilter, OccasionState, RunState};
use sluss_pipeline::register::{self, Register};
use sluss_pipeline::schedule::{Serve, Span};
use sluss_schemas::clock::Clock;
use sluss_schemas::say;
use sluss_schemas::table::Tables;

use super::country::{Country, Event, GRACE, HOLIDAYS};
use super::expected::{Fate, Fates};

/// A clock that the play moves.
struct Moved(Mutex<DateTime<Utc>>);

impl Clock for Moved {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// One run, in the order in which they ended.
#[derive(Clone, Debug)]
struct Ended {
    job: String,
    due: DateTime<Utc>,
    published: bool,
}

/// Runs that take no time: they publish where the source answers.
struct Instantly {
    register: Arc<dyn Register>,
    clock: Arc<Moved>,
    outages: BTreeMap<String, super::country::Planned>,
    ended: Mutex<Vec<Ended>>,
}

#[async_trait]
impl Runner for Instantly {
    async fn run(&self, job: &Job, occasion: &Occasion, claimed: &Claimed) -> Ran {
        let published = self.outages[&job.name].answers(self.clock.now());
        let state = if published { RunState::Done } else { RunState::Failed };
        self.register.end_run(&claimed.run, state, None, None).await.unwrap();
        self.ended.lock().unwrap().push(Ended { job: job.name.clone(), due: occasion.due, published });
        if published {
            return Ran::Done(None);
        }
        let silent = PipelineError::source(say!("källan svarar inte", "the source does not answer"));
        Ran::Failed(Trouble::of(&silent.retryable()))
    }
}

/// What happened.
pub(super) struct Played {
    occasions: Vec<Occasion>,
    ended: Vec<Ended>,
}

pub(super) fn play(country: &Country) -> Played {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(played(country))
}

async fn played(country: &Country) -> Played {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Moved(Mutex::new(country.from)));
    let url = format!("sqlite://{}", folder.path().join("register.db").display());
    let register = register::open(&url, &[], Arc::clone(&clock) as _).await.unwrap();
    let runner = Arc::new(Instantly {
        register: Arc::clone(&register),
        clock: Arc::clone(&clock),
        outages: country.jobs().iter().map(|job| (job.name.clone(), job.clone())).collect(),
        ended: Mutex::default(),
    });
    let calendars = [("helg", HOLIDAYS)];
    let settings = Serve {
        parallel: 1000,
        grace: Span::seconds(GRACE.num_seconds().unsigned_abs()),
        // Nothing waits for so long in a country in which runs take no time.
        wait: Span::seconds(400 * 24 * 3600),
        calendars: serde_json::from_value(serde_json::to_value(BTreeMap::from(calendars)).unwrap()).unwrap(),
        ..Serve::default()
    };
    let (tables, places) = (Tables::national(), country.places());
    let catalogue = |at: DateTime<Utc>| Catalogue::new(&tables, places.values().map(|place| country.job(*place, at)));
    let begin = |at: DateTime<Utc>| {
        let (register, clock) = (Arc::clone(&register), Arc::clone(&clock) as Arc<dyn Clock>);
        Arc::new(Scheduler::new(
            register,
            clock,
            settings.clone(),
            Arc::clone(&runner) as _,
            Arc::new(Deaf),
            catalogue(at),
        ))
    };
    let mut scheduler = Some(begin(country.from));
    // What falls due from the first instant on is theirs.
    scheduler.as_ref().unwrap().refresh().await.unwrap();
    let mut events = country.events.iter().copied().peekable();
    let mut now = country.from;
    loop {
        // To the next thing that can happen: a time, a new try, an event.
        let event = events.peek().map(|(at, _)| *at);
        let next_due = country.jobs().iter().filter_map(|job| next(job, now)).min();
        let open = register.open_occasions().await.unwrap();
        let ready = open.iter().map(|o| o.ready).filter(|ready| *ready > now).min();
        let Some(next) = [event, next_due, ready].into_iter().flatten().min().filter(|at| *at <= country.to) else {
            break;
        };
        now = next;
        *clock.0.lock().unwrap() = now;
        while let Some((_, event)) = events.next_if(|(at, _)| *at <= now) {
            match event {
                // The old one has no say any more: what it had is in the ledger.
                Event::Down => scheduler = None,
                Event::Up => scheduler = Some(begin(now)),
                Event::File(_) => {
                    if let Some(scheduler) = &scheduler {
                        scheduler.replace(catalogue(now));
                    }
                }
                Event::Pause(place) => {
                    register.pause_job(&country.jobs()[place].name, "drift", None).await.unwrap();
                }
                Event::Resume(place) => {
                    register.resume_job(&country.jobs()[place].name).await.unwrap();
                }
            }
            if let Some(scheduler) = &scheduler {
                scheduler.refresh().await.unwrap();
            }
        }
        let Some(scheduler) = &scheduler else { continue };
        loop {
            let tick = scheduler.tick().await.unwrap();
            scheduler.idle().await;
            if tick.begun.is_empty() {
                break;
            }
        }
    }
    let occasions = register.occasions(&OccasionFilter::default()).await.unwrap();
    let ended = runner.ended.lock().unwrap().clone();
    Played { occasions, ended }
}

/// The job's next time, as the scheduler itself reads it: if it were wrong, the reckoning would say so.
fn next(job: &super::country::Planned, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    job.schedule_at(now).parse::<sluss_pipeline::schedule::Times>().unwrap().next(now)
}

impl Played {
    /// What became of a job's times.
    pub(super) fn of(&self, job: &str) -> Fates {
        let fate = |state: OccasionState| match state {
            OccasionState::Done => Fate::Done,
            OccasionState::Skipped => Fate::Skipped,
            OccasionState::Failed => Fate::Failed,
            OccasionState::Planned | OccasionState::Running => Fate::Open,
            OccasionState::Held => panic!("nothing is held in this country"),
        };
        self.occasions.iter().filter(|o| o.job == job).map(|o| (o.due, fate(o.state))).collect()
    }

    /// Each time that is done was published by one run, and no other by any.
    pub(super) fn each_published_once(&self) {
        let published: Vec<_> = self.ended.iter().filter(|e| e.published).map(|e| (&e.job, e.due)).collect();
        let once: BTreeSet<_> = published.iter().collect();
        assert_eq!(once.len(), published.len(), "a time was published twice");
        let done = self.occasions.iter().filter(|o| o.state == OccasionState::Done).count();
        assert_eq!(done, published.len());
    }

    /// No run begins before those that it builds on and that were due by then.
    pub(super) fn in_order(&self, country: &Country) {
        let before = |feeds: &str| match feeds {
            "kod" => vec![],
            "enhet" | "avtal" => vec!["kod", "organisation"],
            "tjanst" => vec!["kod", "organisation", "avtal"],
            _ => vec!["kod"],
        };
        let jobs: BTreeMap<_, _> = country.jobs().iter().map(|job| (job.name.as_str(), job)).collect();
        let mut ran: BTreeMap<&str, Vec<(usize, DateTime<Utc>)>> = BTreeMap::new();
        for (place, ended) in self.ended.iter().enumerate().filter(|(_, e)| e.published) {
            ran.entry(&ended.job).or_default().push((place, ended.due));
        }
        let mut compared = 0;
        for (name, runs) in &ran {
            let job = jobs[name];
            let first: Vec<_> = jobs
                .values()
                .filter(|other| before(job.feeds).contains(&other.feeds))
                .filter(|other| other.owner == job.owner || other.owner == "nationell")
                .collect();
            for other in first {
                for (place, due) in ran.get(other.name.as_str()).into_iter().flatten() {
                    // One that is made up for later than the other's own day has nothing to come before.
                    let same_day = |at: DateTime<Utc>| (at - *due).abs() < TimeDelta::hours(3) && *due <= at;
                    let undisturbed = other.pauses.is_empty() && other.outages.is_empty() && job.pauses.is_empty();
                    for (mine, at) in runs.iter().filter(|(_, at)| same_day(*at) && undisturbed) {
                        compared += 1;
                        assert!(place < mine, "{name} at {at} ran before {} of {due}", other.name);
                    }
                }
            }
        }
        // Half a month in which many jobs are paused or out leaves some dozens.
        assert!(compared > 20, "the order was hardly looked at: {compared}");
    }
}
