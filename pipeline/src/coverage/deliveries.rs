//! What the latest delivery of every job came to, by owner and table.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::AsArray;
use chrono::{DateTime, Utc};

use super::Standing;
use crate::error::Result;
use crate::ledger::{Run, RunFilter, RunState};
use crate::register::Register;
use crate::run::Outcome;

/// More jobs than an installation has.
const JOBS: u32 = 100_000;

/// What came of the latest deliveries of one owner to one table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Delivered {
    pub(super) accepted: u64,
    pub(super) rejected: u64,
    pub(super) withheld: u64,
    pub(super) latest: Option<DateTime<Utc>>,
    pub(super) standing: Standing,
}

/// By owner and table.
#[derive(Debug, Default)]
pub(super) struct Deliveries(HashMap<(String, String), Delivered>);

impl Deliveries {
    pub(super) fn get(&self, owner: &str, table: &str) -> Delivered {
        self.0.get(&(owner.to_owned(), table.to_owned())).copied().unwrap_or_default()
    }

    /// The job's latest publication.
    fn published(&mut self, run: &Run, outcome: &Outcome) {
        for table in &outcome.tables {
            let entry = self.0.entry((run.owner.clone(), table.table.clone())).or_default();
            entry.accepted += table.accepted;
            entry.rejected += table.rejected;
            entry.withheld += outcome.balance.withheld;
            entry.latest = entry.latest.max(run.ended);
            entry.standing = entry.standing.max(Standing::Done);
        }
    }

    /// The job's latest attempt, where it did not publish.
    fn tried(&mut self, run: &Run, standing: Standing, tables: impl Iterator<Item = String>) {
        for table in tables {
            let entry = self.0.entry((run.owner.clone(), table)).or_default();
            entry.standing = entry.standing.max(standing);
        }
    }
}

/// The latest deliveries of all jobs that have run.
pub(super) async fn latest(register: &Arc<dyn Register>) -> Result<Deliveries> {
    let names = register.query("SELECT DISTINCT job FROM korning ORDER BY job", JOBS).await?;
    let names: Vec<String> = names
        .column(0)
        .as_string_view_opt()
        .map(|names| names.iter().flatten().map(str::to_owned).collect())
        .unwrap_or_default();
    let mut deliveries = Deliveries::default();
    for job in names {
        let done = register.last_done(&job).await?;
        let outcome = done.as_ref().and_then(outcome);
        if let (Some(run), Some(outcome)) = (&done, &outcome) {
            deliveries.published(run, outcome);
        }
        let filter = RunFilter { job: Some(job), limit: Some(1), ..RunFilter::default() };
        let Some(last) = register.runs(&filter).await?.into_iter().next() else { continue };
        let standing = match last.state {
            RunState::Held => Standing::Held,
            RunState::Failed => Standing::Failed,
            RunState::Done | RunState::Planned | RunState::Running => continue,
        };
        // A run that failed may not have come as far as its tables: then they are those of the one before.
        let tables = self::outcome(&last).or(outcome).map(|outcome| outcome.tables).unwrap_or_default();
        deliveries.tried(&last, standing, tables.into_iter().map(|table| table.table));
    }
    Ok(deliveries)
}

fn outcome(run: &Run) -> Option<Outcome> {
    serde_json::from_value(run.counts.clone()?).ok()
}
