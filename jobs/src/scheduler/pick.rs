//! Which of the occasions that wait may begin now. Pure: everything that decides is given.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sluss_pipeline::job::Job;
use sluss_pipeline::ledger::{Occasion, OccasionKind, OccasionState};
use sluss_pipeline::schedule::Misfire;
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::Catalogue;

/// What decides.
pub(super) struct Picking<'a> {
    pub(super) catalogue: &'a Catalogue,
    /// What waits or is at work, in any process.
    pub(super) open: &'a [Occasion],
    /// Jobs that are paused.
    pub(super) paused: &'a HashSet<String>,
    /// Pools and how many of each may be at work.
    pub(super) pools: &'a BTreeMap<String, u32>,
    pub(super) now: DateTime<Utc>,
    /// How long a run waits at most for those that it builds on.
    pub(super) patience: TimeDelta,
}

/// What is to be done.
#[derive(Default)]
pub(super) struct Picked<'a> {
    /// May begin, those that matter most first.
    pub(super) begin: Vec<&'a Occasion>,
    /// Are not run, and why.
    pub(super) skip: Vec<(&'a Occasion, Message)>,
}

impl<'a> Picking<'a> {
    pub(super) fn pick(&self) -> Picked<'a> {
        let mut by_job: HashMap<&str, Vec<&'a Occasion>> = HashMap::new();
        for occasion in self.open {
            by_job.entry(&occasion.job).or_default().push(occasion);
        }
        let mut picked = Picked::default();
        let mut busy = self.busy();
        let mut pools = self.pools_at_work();
        let mut waiting: Vec<&'a Occasion> = self.open.iter().filter(|o| o.state == OccasionState::Planned).collect();
        waiting.sort_by_key(|o| (o.kind, self.catalogue.graph().level(&o.job), o.due, o.nr));
        for occasion in waiting {
            if let Some(why) = self.superseded(occasion, &by_job) {
                picked.skip.push((occasion, why));
                continue;
            }
            let is_free = self.may_begin(occasion, &by_job) && !busy.contains(occasion.job.as_str());
            let pool = occasion.pool.as_deref();
            let taken = pool.and_then(|pool| pools.get(pool)).copied().unwrap_or_default();
            let has_room = pool.and_then(|pool| self.pools.get(pool)).is_none_or(|most| taken < *most);
            if is_free && has_room {
                self.occupy(&mut busy, &occasion.job);
                if let Some(pool) = pool {
                    *pools.entry(pool).or_default() += 1;
                }
                picked.begin.push(occasion);
            }
        }
        picked
    }

    /// Jobs that cannot begin since they, or one that feeds the same tables, are at work.
    fn busy(&self) -> HashSet<&'a str> {
        let mut busy = HashSet::new();
        for occasion in self.open.iter().filter(|o| o.state == OccasionState::Running) {
            self.occupy(&mut busy, &occasion.job);
        }
        busy
    }

    fn occupy(&self, busy: &mut HashSet<&'a str>, job: &'a str) {
        busy.insert(job);
        busy.extend(self.catalogue.graph().beside(job));
    }

    fn pools_at_work(&self) -> HashMap<&'a str, u32> {
        let mut taken: HashMap<&str, u32> = HashMap::new();
        for occasion in self.open.iter().filter(|o| o.state == OccasionState::Running) {
            if let Some(pool) = &occasion.pool {
                *taken.entry(pool).or_default() += 1;
            }
        }
        taken
    }

    /// Of several times of one job that wait, the latest stands for the others, unless each is to be made
    /// up for. And what nobody knows any more waits in vain.
    fn superseded(&self, occasion: &Occasion, by_job: &HashMap<&str, Vec<&'a Occasion>>) -> Option<Message> {
        let Some(job) = self.catalogue.job(&occasion.job) else {
            let is_old = occasion.due + self.patience < self.now;
            return is_old.then(|| say!("jobbet finns inte längre", "the job is gone"));
        };
        if occasion.kind != OccasionKind::Schedule || job.file.when.misfire == Misfire::All {
            return None;
        }
        let siblings = by_job.get(occasion.job.as_str())?;
        let is_later = |other: &&&Occasion| {
            let same = other.kind == OccasionKind::Schedule && other.state == OccasionState::Planned;
            same && other.due > occasion.due
        };
        let later = siblings.iter().find(is_later)?;
        if occasion.failures == 0 {
            return Some(say!("hann inte: en senare körning gäller för den", "not come to: a later run stands for it"));
        }
        let time = crate::commands::time(later.due);
        Some(say!("misslyckad; körningen {time} gäller för den", "failed; the run of {time} stands for it"))
    }

    fn may_begin(&self, occasion: &Occasion, by_job: &HashMap<&str, Vec<&'a Occasion>>) -> bool {
        if occasion.ready > self.now || self.catalogue.job(&occasion.job).is_none() {
            return false;
        }
        match occasion.kind {
            // A person has decided.
            OccasionKind::Manual => true,
            _ if self.paused.contains(&occasion.job) => false,
            // The past can wait until the present has been read.
            OccasionKind::Backfill => {
                let siblings = by_job.get(occasion.job.as_str()).into_iter().flatten();
                !siblings.clone().any(|other| other.kind != OccasionKind::Backfill && other.ready <= self.now)
            }
            // What is made up for time by time comes in the order of the times.
            OccasionKind::Schedule if self.has_earlier(occasion, by_job) => false,
            OccasionKind::Arrival | OccasionKind::Schedule => {
                occasion.ready + self.patience <= self.now || self.waits_for(occasion, by_job).is_none()
            }
        }
    }

    fn has_earlier(&self, occasion: &Occasion, by_job: &HashMap<&str, Vec<&'a Occasion>>) -> bool {
        let each_is_run = |job: &Arc<Job>| job.file.when.misfire == Misfire::All;
        if !self.catalogue.job(&occasion.job).is_some_and(each_is_run) {
            return false;
        }
        let siblings = by_job.get(occasion.job.as_str()).into_iter().flatten();
        siblings.clone().any(|other| other.kind == OccasionKind::Schedule && other.due < occasion.due)
    }

    /// The job that this one builds on and that is to run first.
    fn waits_for(&self, occasion: &Occasion, by_job: &HashMap<&str, Vec<&'a Occasion>>) -> Option<&'a str> {
        let is_open = |other: &&&Occasion| {
            let comes_first = other.due <= occasion.due && other.kind != OccasionKind::Backfill;
            let will_come = other.state == OccasionState::Running || !self.paused.contains(&other.job);
            comes_first && will_come && self.catalogue.job(&other.job).is_some()
        };
        let before = self.catalogue.graph().before(&occasion.job);
        before.filter_map(|job| by_job.get(job)?.iter().find(is_open)).map(|other| other.job.as_str()).next()
    }
}
