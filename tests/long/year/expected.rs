//! What should happen, reckoned without the scheduler: from the schedules as `croner` reads them, the policies'
//! words, and what happened to the country.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Stockholm;
use croner::parser::{CronParser, Seconds};
use sluss_pipeline::schedule::Misfire;

use super::country::{BACKOFF, Country, GRACE, HOLIDAYS, Planned};

/// What becomes of one time of one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It ran, once, and published.
    Done,
    /// It was not run.
    Skipped,
    /// It was tried as often as it may, in vain.
    Failed,
    /// The year ended before it could.
    Open,
}

impl Fate {
    pub(super) fn ran(self) -> bool {
        self == Self::Done
    }
}

pub(super) type Fates = BTreeMap<DateTime<Utc>, Fate>;

/// The fates of all jobs' times.
pub(super) fn of(country: &Country) -> BTreeMap<String, Fates> {
    country.jobs().iter().map(|job| (job.name.clone(), of_job(country, job))).collect()
}

/// The instants at which the schedule falls due, after one and up to another.
fn times(schedule: &str, after: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let cron = CronParser::builder().seconds(Seconds::Required).dom_and_dow(true).build().parse(schedule).unwrap();
    let mut found = Vec::new();
    let mut at = after.with_timezone(&Stockholm);
    while let Ok(next) = cron.find_next_occurrence(&at, false)
        && next <= to
    {
        found.push(next.to_utc());
        at = next;
    }
    found
}

fn is_holiday(at: DateTime<Utc>) -> bool {
    let today = at.with_timezone(&Stockholm).date_naive();
    HOLIDAYS.iter().any(|text| {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let read = |day: &str| day.parse::<NaiveDate>().unwrap();
        (read(first)..=read(last)).contains(&today)
    })
}

/// When the scheduler first sees an instant: then, or when it is there again and the job is not paused.
fn seen(country: &Country, job: &Planned, at: DateTime<Utc>) -> DateTime<Utc> {
    let mut at = at;
    let stretches: Vec<_> = country.downs.iter().chain(&job.pauses).collect();
    while let Some((_, end)) = stretches.iter().find(|(start, end)| *start <= at && at < *end) {
        at = *end;
    }
    at
}

fn of_job(country: &Country, job: &Planned) -> Fates {
    let mut fates = Fates::new();
    // Times that are first seen at the same instant are judged together.
    let mut groups: BTreeMap<DateTime<Utc>, Vec<DateTime<Utc>>> = BTreeMap::new();
    for (place, (since, schedule)) in job.schedules.iter().enumerate() {
        let from = (*since).max(country.from);
        let to = job.schedules.get(place + 1).map_or(country.to, |(next, _)| *next);
        for at in times(schedule, from, to) {
            groups.entry(seen(country, job, at)).or_default().push(at);
        }
    }
    let mut runs: Vec<(DateTime<Utc>, Vec<DateTime<Utc>>)> = Vec::new();
    for (now, group) in groups.into_iter().filter(|(now, _)| *now <= country.to) {
        let works: Vec<_> = group.iter().copied().filter(|at| !(job.calendar && is_holiday(*at))).collect();
        let run: Vec<_> = match job.misfire {
            Misfire::All => works,
            Misfire::Skip => works.into_iter().filter(|at| now - *at <= GRACE).collect(),
            Misfire::Once => works.last().copied().into_iter().collect(),
        };
        fates.extend(group.into_iter().filter(|at| !run.contains(at)).map(|at| (at, Fate::Skipped)));
        if !run.is_empty() {
            runs.push((now, run));
        }
    }
    let mut free = country.from;
    for (place, (now, run)) in runs.iter().enumerate() {
        // Where each is made up for they come one after the other; else the next takes the place of one
        // that is still tried.
        let is_all = job.misfire == Misfire::All;
        let next = runs.get(place + 1).map(|(now, _)| *now).filter(|_| !is_all);
        for at in run {
            let from = if is_all { free.max(*now) } else { *now };
            let (fate, last) = tried(country, job, from, next);
            fates.insert(*at, fate);
            free = last;
        }
    }
    fates
}

/// A run that may first be tried at `from`: what becomes of it, and when it was tried last.
fn tried(
    country: &Country,
    job: &Planned,
    from: DateTime<Utc>,
    superseded: Option<DateTime<Utc>>,
) -> (Fate, DateTime<Utc>) {
    let mut at = from;
    let mut pause = BACKOFF;
    for tries in 0..=job.retries {
        if tries > 0 {
            at += pause;
            pause = (pause * 2).min(TimeDelta::hours(1));
        }
        at = seen(country, job, at);
        if superseded.is_some_and(|next| next <= at) {
            return (Fate::Skipped, at);
        }
        if at > country.to {
            return (Fate::Open, at);
        }
        if job.answers(at) {
            return (Fate::Done, at);
        }
    }
    (Fate::Failed, at)
}
