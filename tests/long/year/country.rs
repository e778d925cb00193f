//! The simulated nation: its jobs, and what happens to them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use sluss_pipeline::job::Job;
use sluss_pipeline::schedule::Misfire;

/// A job, as the reckoning needs it.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) name: String,
    pub(super) owner: String,
    pub(super) feeds: &'static str,
    pub(super) misfire: Misfire,
    pub(super) retries: u64,
    pub(super) calendar: bool,
    /// Its schedule from each instant on.
    pub(super) schedules: Vec<(DateTime<Utc>, String)>,
    /// Stretches in which it is paused.
    pub(super) pauses: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// Stretches in which its source answers nothing.
    pub(super) outages: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

/// What happens at an instant, beside the jobs' own times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// The scheduler's process is gone, or there again.
    Down,
    Up,
    /// A job's file has changed, a job is paused or resumed: by its place in the list.
    File(usize),
    Pause(usize),
    Resume(usize),
}

pub(super) struct Country {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
    jobs: Vec<Planned>,
    /// In the order of their times.
    pub(super) events: Vec<(DateTime<Utc>, Event)>,
    /// When no scheduler runs.
    pub(super) downs: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

const REGIONS: [&str; 21] = [
    "01", "03", "04", "05", "06", "07", "08", "09", "10", "12", "13", "14", "17", "18", "19", "20", "21", "22", "23",
    "24", "25",
];
/// What is counted as missed when it is found so much later, and the pause before a new try.
pub(super) const GRACE: TimeDelta = TimeDelta::minutes(5);
pub(super) const BACKOFF: TimeDelta = TimeDelta::minutes(2);
/// Days of the calendar `helg`.
pub(super) const HOLIDAYS: [&str; 4] = ["2026-10-31", "2026-12-24..2026-12-26", "2027-03-26..2027-03-29", "2027-01-01"];

impl Country {
    pub(super) fn new(seed: u64, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let mut jobs = Vec::new();
        let mut add = |random: &mut StdRng, name: String, owner: &str, feeds: &'static str, schedule: String| {
            let misfires = [Misfire::Skip, Misfire::Once, Misfire::All];
            jobs.push(Planned {
                name,
                owner: owner.to_owned(),
                feeds,
                misfire: *misfires.choose(random).unwrap(),
                retries: random.random_range(0..3),
                calendar: random.random_bool(0.2),
                schedules: vec![(DateTime::UNIX_EPOCH, schedule)],
                pauses: Vec::new(),
                outages: Vec::new(),
            });
        };
        for (name, feeds, schedule) in [
            ("national/kodverk/kva", "kod", "0 0 0 * * *"),
            ("national/hsa/organisationer", "organisation", "0 0 1 * * *"),
            ("national/hsa/enheter", "enhet", "0 30 1 * * *"),
            ("national/kapacitet", "ledig_kapacitet", "0 0 6-18/3 * * *"),
            ("national/utbud", "utbud", "0 30 */6 * * MON-FRI"),
        ] {
            add(&mut random, name.to_owned(), "nationell", feeds, schedule.to_owned());
        }
        for region in REGIONS {
            // In the hour that the clock loses and has twice.
            let minute = random.random_range(0..60);
            let place = |job: &str| format!("regions/{region}-x/{job}");
            add(&mut random, place("avtal"), region, "avtal", format!("0 {minute} 2 * * *"));
            add(&mut random, place("tjanster"), region, "tjanst", format!("0 {minute} 2 * * *"));
            add(&mut random, place("genomforda"), region, "genomford", format!("0 {minute} 3 20 * *"));
            add(&mut random, place("vantetid"), region, "vantetid", format!("0 {minute} 3 20 * *"));
        }
        let mut country = Self { from, to, jobs, events: Vec::new(), downs: Vec::new() };
        country.happen(&mut random);
        country
    }

    pub(super) fn jobs(&self) -> &[Planned] {
        &self.jobs
    }

    /// What happens, at whole minutes and thirty seconds: never at the very time of a run.
    fn happen(&mut self, random: &mut StdRng) {
        let minutes = (self.to - self.from).num_minutes();
        let days = minutes / 1440;
        let from = self.from;
        let moment = |random: &mut StdRng, most: i64| {
            let start = from + TimeDelta::minutes(random.random_range(60..minutes)) + TimeDelta::seconds(30);
            (start, start + TimeDelta::minutes(random.random_range(1..most)))
        };
        let mut events = Vec::new();
        for _ in 0..=(days / 9) {
            let (start, end) = moment(random, 3 * 1440);
            if self.downs.iter().all(|(a, b)| end + TimeDelta::hours(1) < *a || *b + TimeDelta::hours(1) < start) {
                self.downs.push((start, end));
                events.extend([(start, Event::Down), (end, Event::Up)]);
            }
        }
        for place in 0..self.jobs.len() {
            if random.random_bool(0.25) {
                let (start, end) = moment(random, 4 * 1440);
                self.jobs[place].pauses.push((start, end));
                events.extend([(start, Event::Pause(place)), (end, Event::Resume(place))]);
            }
            if random.random_bool(0.3) {
                let outage = moment(random, 2 * 1440);
                self.jobs[place].outages.push(outage);
            }
            // A changed file: while the scheduler is there to see it, and the job is not paused.
            if random.random_bool(0.3) && self.jobs[place].pauses.is_empty() {
                let (at, _) = moment(random, 2);
                if self.downs.iter().all(|(a, b)| at < *a || *b < at) {
                    let minute = random.random_range(0..60);
                    let hour = random.random_range(0..5);
                    self.jobs[place].schedules.push((at, format!("0 {minute} {hour} * * *")));
                    events.push((at, Event::File(place)));
                }
            }
        }
        events.sort_unstable();
        self.events = events;
    }

    /// The job as its file is at that instant.
    pub(super) fn job(&self, place: usize, at: DateTime<Utc>) -> Job {
        let planned = &self.jobs[place];
        let schedule = planned.schedule_at(at);
        let misfire = serde_json::to_value(planned.misfire).unwrap();
        let misfire = misfire.as_str().unwrap();
        let calendar = if planned.calendar { "calendar = \"helg\"" } else { "" };
        let (owner, feeds, retries) = (&planned.owner, planned.feeds, planned.retries);
        let file = format!(
            "[job]\nowner = \"{owner}\"\nfeeds = [\"{feeds}\"]\nschedule = \"{schedule}\"\n\
             [when]\nmisfire = \"{misfire}\"\nretries = {retries}\nbackoff = \"2m\"\n{calendar}\n\
             [source]\nconnector = \"files\"\n[map]\n{feeds} = \"x.sql\"\n"
        );
        Job {
            name: planned.name.clone(),
            folder: PathBuf::new(),
            file: toml::from_str(&file).unwrap(),
            mappings: Vec::new(),
            mapping_hash: String::new(),
            times: Some(schedule.parse().unwrap()),
        }
    }

    pub(super) fn places(&self) -> BTreeMap<&str, usize> {
        self.jobs.iter().enumerate().map(|(place, job)| (job.name.as_str(), place)).collect()
    }
}

impl Planned {
    pub(super) fn schedule_at(&self, at: DateTime<Utc>) -> &str {
        &self.schedules.iter().rfind(|(since, _)| *since <= at).unwrap().1
    }

    pub(super) fn answers(&self, at: DateTime<Utc>) -> bool {
        !self.outages.iter().any(|(start, end)| *start <= at && at < *end)
    }
}
