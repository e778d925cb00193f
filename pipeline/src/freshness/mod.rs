//! Freshness: whether what should have come has come, for every owner and table.
//!
//! The ledger knows when each job last published and how its latest attempt ended; the lake's partitions know
//! which months are there; `[freshness]` says what is asked for. [`Standing::of`] judges.

mod deadline;
mod standing;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sluss_schemas::region;
use sluss_schemas::table::Store;

pub use deadline::{Deadline, Freshness, Month, Rule};
pub use standing::{Attempt, Known, Standing, State};

use crate::error::Result;
use crate::job::{Environment, Job, OWN_COLUMNS};
use crate::ledger::{Latest, RunState};
use crate::run::Engine;

/// How every owner stands at `now` with every table that one of `jobs` feeds, that it hands in, or that
/// somebody waits for: tables by name, owners by code.
///
/// `jobs` are those that there are today: a job that is gone is nobody's failure.
///
/// # Errors
///
/// A ledger that does not answer.
pub async fn freshness<'a>(
    engine: &Engine,
    jobs: impl IntoIterator<Item = &'a Job>,
    now: DateTime<Utc>,
) -> Result<Vec<Standing>> {
    let latest: BTreeMap<String, Latest> =
        engine.register.latest_ends().await?.into_iter().map(|latest| (latest.job.clone(), latest)).collect();
    let mut known: BTreeMap<(String, String), Known> = BTreeMap::new();
    let mut met = BTreeSet::new();
    for job in jobs.into_iter().filter(|job| job.file.job.environment == Environment::Prod) {
        let latest = job.names().iter().filter_map(|name| latest.get(name)).max_by_key(|latest| latest.number);
        for table in &job.file.job.feeds {
            meet(&mut known, &mut met, &job.file.job.owner, table, latest);
        }
    }
    // What regions hand in as the table's own columns has no job file.
    for latest in latest.values() {
        let own = latest.job.strip_prefix(OWN_COLUMNS).and_then(|rest| rest.split_once('/'));
        if let Some((owner, table)) = own {
            meet(&mut known, &mut met, owner, table, Some(latest));
        }
    }
    let (rules, tables) = (&engine.project.file.freshness, &engine.project.tables);
    for table in rules.tables() {
        if tables.get(table).is_some_and(|table| table.owner.is_some()) {
            for region in region::REGIONS.iter().filter(|region| rules.of(table, region.lanskod).is_some()) {
                known.entry((table.to_owned(), region.lanskod.to_owned())).or_default();
            }
        }
    }
    let mut months: BTreeMap<String, BTreeMap<String, Month>> = BTreeMap::new();
    for table in tables.iter().filter(|table| table.store == Store::Lake) {
        if known.keys().any(|(name, _)| *name == table.name) {
            let newest = newest_months(engine, &table.name, table.owner.as_deref()).await?;
            months.insert(table.name.clone(), newest);
        }
    }
    let judge = |((table, owner), mut known): ((String, String), Known)| {
        known.deadline = rules.of(&table, &owner);
        known.newest = months.get(&table).and_then(|of| of.get(&owner).or_else(|| of.get(""))).copied();
        Standing::of(&owner, &table, &known, now)
    };
    Ok(known.into_iter().map(judge).collect())
}

/// Of several jobs that feed the same, the worst attempt counts, and the one that waits longest.
fn meet(
    known: &mut BTreeMap<(String, String), Known>,
    met: &mut BTreeSet<(String, String)>,
    owner: &str,
    table: &str,
    latest: Option<&Latest>,
) {
    let key = (table.to_owned(), owner.to_owned());
    let first = met.insert(key.clone());
    let entry = known.entry(key).or_default();
    let attempt = latest.map_or(Attempt::Never, |latest| match latest.state {
        RunState::Done => Attempt::Done,
        RunState::Held => Attempt::Held,
        RunState::Failed => Attempt::Failed,
        _ => Attempt::Never,
    });
    let last = latest.and_then(|latest| latest.delivered);
    entry.attempt = entry.attempt.max(attempt);
    entry.last = if first { last } else { entry.last.min(last) };
}

/// The newest month of each owner; of nobody's in particular where the table has no owners.
async fn newest_months(engine: &Engine, table: &str, owner: Option<&str>) -> Result<BTreeMap<String, Month>> {
    let mut out: BTreeMap<String, Month> = BTreeMap::new();
    for partition in engine.register.lake_partitions(table).await? {
        // `lanskod=22/manad=2026-10`.
        let part =
            |name: &str| partition.partition.split('/').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        let (whose, month) = (owner.and_then(part).unwrap_or_default(), part("manad").and_then(Month::read));
        if let Some(month) = month.filter(|_| partition.rows > 0) {
            let newest = out.entry(whose.to_owned()).or_insert(month);
            *newest = (*newest).max(month);
        }
    }
    Ok(out)
}
