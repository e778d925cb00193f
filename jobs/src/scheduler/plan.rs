//! Planning: what fell due since the last time comes into the ledger.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sluss_pipeline::error::Result;
use sluss_pipeline::job::Job;
use sluss_pipeline::ledger::{JobState, Plan, Planned};
use sluss_pipeline::schedule::{Fate, Times, due};
use sluss_schemas::rule::Language;
use sluss_schemas::say;

use super::Scheduler;

/// Times that are told one by one where very many were missed.
const TOLD: usize = 500;

impl Scheduler {
    /// Asks the ledger what it knows of each job: others plan, pause and resume too. Jobs that it does not
    /// know are entered: what falls due from now on is theirs.
    pub async fn refresh(&self) -> Result<()> {
        let mut states = self.register.job_states().await?;
        let catalogue = self.catalogue();
        let known: std::collections::HashSet<&str> = states.iter().map(|state| state.job.as_str()).collect();
        let new: Vec<(String, Option<String>)> = catalogue
            .jobs()
            .filter(|job| !known.contains(job.name.as_str()))
            .map(|job| (job.name.clone(), job.file.job.schedule.clone()))
            .collect();
        if !new.is_empty() {
            self.register.enter_jobs(&new, self.now()).await?;
            states = self.register.job_states().await?;
        }
        let by_name = states.into_iter().map(|state| (state.job.clone(), state)).collect();
        *self.states() = by_name;
        Ok(())
    }

    /// Plans what fell due. Gives how many occasions that are.
    pub(super) async fn plan(&self) -> Result<usize> {
        if self.states().is_empty() {
            self.refresh().await?;
        }
        let (catalogue, now) = (self.catalogue(), self.now());
        let plans: Vec<Plan> = {
            let states = self.states();
            catalogue.jobs().filter_map(|job| self.plan_of(job, states.get(&job.name)?, now)).collect()
        };
        if plans.is_empty() {
            return Ok(0);
        }
        let planned = self.register.plan(&plans).await?;
        let mut is_behind = planned.len() < plans.len();
        let mut occasions = 0;
        {
            let mut states = self.states();
            let mut by_job: HashMap<&str, &Plan> = plans.iter().map(|plan| (plan.job.as_str(), plan)).collect();
            for job in &planned {
                let Some((plan, state)) = by_job.remove(job.as_str()).zip(states.get_mut(job)) else { continue };
                state.planned_until = plan.until;
                state.schedule.clone_from(&plan.schedule);
                occasions += plan.times.len();
            }
            // Another process has been faster: what it did is asked for.
            is_behind |= !by_job.is_empty();
        }
        if is_behind {
            self.refresh().await?;
        }
        Ok(occasions)
    }

    /// What is to be noted of one job; none where nothing is.
    fn plan_of(&self, job: &Arc<Job>, state: &JobState, now: DateTime<Utc>) -> Option<Plan> {
        if state.paused.is_some() {
            return None;
        }
        let changed = state.schedule != job.file.job.schedule;
        // What fell due before a new schedule was seen follows the one before.
        let before: Option<Times> = match changed {
            true => state.schedule.as_deref().and_then(|text| text.parse().ok()),
            false => None,
        };
        let times = if changed { before.as_ref() } else { job.times.as_ref() };
        let is_due = times.and_then(|times| times.next(state.planned_until)).is_some_and(|next| next <= now);
        if !changed && !is_due {
            return None;
        }
        let calendar = job.file.when.calendar.as_ref().and_then(|name| self.settings.calendars.get(name));
        let found = times.filter(|_| is_due).map(|times| {
            let grace = self.settings.grace.delta();
            due(times, job.file.when.misfire, calendar, grace, state.planned_until, now)
        });
        let mut times: Vec<Planned> = found.unwrap_or_default().into_iter().map(|due| planned(job, due)).collect();
        shorten(&mut times);
        Some(Plan {
            job: job.name.clone(),
            schedule: job.file.job.schedule.clone(),
            from: state.planned_until,
            until: now,
            pool: job.file.when.pool.clone(),
            times,
        })
    }
}

fn planned(job: &Job, due: sluss_pipeline::schedule::Due) -> Planned {
    let skipped = match due.fate {
        Fate::Run | Fate::CatchUp => None,
        Fate::Skip(why) => Some(why.told(Language::Swedish).to_owned()),
    };
    Planned { due: due.at, ready: due.at + jitter(job, due.at), skipped }
}

/// The delay of one time of one job: the same whoever asks.
fn jitter(job: &Job, at: DateTime<Utc>) -> TimeDelta {
    let Some(most) = job.file.when.jitter else { return TimeDelta::zero() };
    let most = u64::try_from(most.std().as_millis()).unwrap_or(u64::MAX).max(1);
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in job.name.bytes().chain(at.timestamp().to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    TimeDelta::milliseconds(i64::try_from(hash % most).unwrap_or_default())
}

/// Of very many missed times the latest are told one by one; one line stands for those before.
fn shorten(times: &mut Vec<Planned>) {
    let Some(over) = times.len().checked_sub(TOLD).filter(|over| *over > 1) else { return };
    let missed = times.iter().take(over).take_while(|time| time.skipped.is_some()).count();
    let Some(more) = missed.checked_sub(1).filter(|more| *more > 0) else { return };
    times.drain(..more);
    if let Some(first) = times.first_mut() {
        let why = say!("missad, och {more} före den", "missed, and {more} before it");
        first.skipped = Some(why.told(Language::Swedish).to_owned());
    }
}
