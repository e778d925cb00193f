//! Contracts that their region has decided not to register: what is known of them while the run lasts, so
//! that nothing of them is left when it has ended but a count.

use std::collections::{BTreeSet, HashSet};

use arrow::array::{Array, AsArray, RecordBatch};
use roaring::RoaringTreemap;
use sluss_schemas::secrecy::{Bond, CONTRACT, Rules, Said, Status, contract_name};
use sluss_schemas::table::Table;

use super::engine::Engine;
use super::table::row_ids;
use crate::error::Result;
use crate::job::Job;
use crate::keys::Delivery;
use crate::lake::{bond_of, contracts_of};
use crate::ledger::{QuarantineFilter, QuarantineState, RunFilter};

/// Refused contracts, and the source rows that they came in.
#[derive(Debug, Default)]
pub(super) struct Withheld {
    /// Source rows of which nothing is kept.
    rows: RoaringTreemap,
    contracts: BTreeSet<(String, String)>,
    names: HashSet<String>,
}

impl Withheld {
    /// Which of a table's judged rows are refused by what they say themselves; empty where none is.
    pub(super) fn look(&mut self, table: &Table, rows: &RecordBatch, rules: Rules) -> Result<Vec<bool>> {
        if table.name != CONTRACT {
            return Ok(Vec::new());
        }
        let text = |name: &str| rows.column_by_name(name).and_then(|c| c.as_string_view_opt());
        let Some(said) = text("sekretess") else { return Ok(Vec::new()) };
        let refused = |row: usize| !said.is_null(row) && rules.refuses(Said::read(Some(said.value(row))));
        let mask: Vec<bool> = (0..rows.num_rows()).map(refused).collect();
        if !mask.contains(&true) {
            return Ok(Vec::new());
        }
        let ids = row_ids(rows)?;
        let (regions, contracts) = (text("lanskod"), text("avtals_id"));
        for row in (0..rows.num_rows()).filter(|row| mask.get(*row).copied().unwrap_or_default()) {
            self.rows.insert(ids.value(row));
            if let (Some(region), Some(contract)) = (regions, contracts)
                && !region.is_null(row)
                && !contract.is_null(row)
            {
                self.add(region.value(row), contract.value(row));
            }
        }
        Ok(mask)
    }

    /// A contract that is known to be refused.
    pub(super) fn add(&mut self, lanskod: &str, avtals_id: &str) {
        self.names.insert(contract_name(lanskod, avtals_id));
        self.contracts.insert((lanskod.to_owned(), avtals_id.to_owned()));
    }

    /// Joins what another table has found.
    pub(super) fn join(&mut self, other: Self) {
        self.rows |= other.rows;
        self.contracts.extend(other.contracts);
        self.names.extend(other.names);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.contracts.is_empty()
    }

    /// The contracts, by region and id.
    pub(super) fn contracts(&self) -> Vec<(String, String)> {
        self.contracts.iter().cloned().collect()
    }

    /// Which rows of a table with this bond are of a refused contract, or came in a source row of one;
    /// empty where none is. Their source rows are remembered: what else came in them is withheld too.
    pub(super) fn of(&mut self, bond: &Bond, rows: &RecordBatch) -> Result<Vec<bool>> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        let mut mask = contracts_of(bond, rows, &|name| self.names.contains(name))?;
        let ids = row_ids(rows)?;
        for (hit, id) in mask.iter_mut().zip(ids.values()) {
            *hit |= self.rows.contains(*id);
            if *hit {
                self.rows.insert(*id);
            }
        }
        Ok(if mask.contains(&true) { mask } else { Vec::new() })
    }
}

impl Engine {
    /// Contracts that are known to be refused, for a job that delivers what hangs on them and not the
    /// contracts themselves: where it delivers those, what it says of them now is what holds.
    pub(super) async fn refused_before(&self, job: &Job) -> Result<Withheld> {
        let (mut withheld, feeds) = (Withheld::default(), &job.file.job.feeds);
        let bonded =
            |name: &String| self.project.tables.get(name).is_some_and(|t| !bond_of(t, &self.project.tables).is_none());
        if feeds.iter().any(|name| name == CONTRACT) || !feeds.iter().any(bonded) {
            return Ok(withheld);
        }
        for standing in self.register.secrecy(self.today(), true).await? {
            if standing.status == Status::Withheld {
                withheld.add(&standing.lanskod, &standing.avtals_id);
            }
        }
        Ok(withheld)
    }

    /// Destroys what landed of a delivery that held a refused contract. Where rejected rows of other
    /// contracts wait in its quarantine, its key stays until they have been dealt with.
    pub(super) async fn destroy_withheld(&self, owner: &str, run: &str) -> Result<u64> {
        let delivery = Delivery::new(owner, run)?;
        let waits = QuarantineFilter {
            run: Some(run.to_owned()),
            state: Some(QuarantineState::Open),
            limit: Some(1),
            ..QuarantineFilter::default()
        };
        if !self.register.quarantine(&waits).await?.is_empty() {
            return Ok(self.zone.remove(&delivery)?);
        }
        let removed = self.zone.erase(&delivery)?;
        self.quarantine.remove(&delivery)?;
        Ok(removed)
    }

    /// Destroys what landed of the job's deliveries, where a contract that they held is refused now.
    pub(super) async fn destroy_earlier(&self, job: &Job) -> Result<()> {
        let filter = RunFilter { job: Some(job.name.clone()), ..RunFilter::default() };
        for run in self.register.runs(&filter).await? {
            if run.ended.is_some() && !self.zone.objects(&Delivery::new(&run.owner, &run.id)?)?.is_empty() {
                self.destroy_withheld(&run.owner, &run.id).await?;
            }
        }
        Ok(())
    }

    /// Destroys what landed of a run that failed, where it can have held a refused contract: how far it came
    /// tells nothing of that, nobody reads it again, and its source gives it anew. What was handed in stays:
    /// it is taken up from where it landed.
    pub(super) fn forget_failed(&self, job: &Job, run: &str, handed_in: bool) -> Result<()> {
        let bonded = |name: &String| {
            let table = self.project.tables.get(name);
            table.is_some_and(|table| !bond_of(table, &self.project.tables).is_none())
        };
        if handed_in || !job.file.job.feeds.iter().any(bonded) {
            return Ok(());
        }
        let delivery = Delivery::new(&job.file.job.owner, run)?;
        self.zone.erase(&delivery)?;
        self.quarantine.remove(&delivery)?;
        Ok(())
    }

    /// What landed of runs that failed, or whose process was killed: nobody reads it again. Gives how many
    /// files that were, or would be where it only looks.
    pub(super) async fn sweep_failed(&self, dry: bool) -> Result<u64> {
        let mut removed = 0;
        for (owner, run) in self.register.failed_runs().await? {
            let delivery = Delivery::new(&owner, &run)?;
            let left = self.zone.objects(&delivery)?.len() as u64;
            removed += left;
            if left > 0 && !dry {
                self.destroy_withheld(&owner, &run).await?;
            }
        }
        Ok(removed)
    }

    /// Finishes what a killed process left: deliveries whose run withheld something and whose bytes are
    /// still there. Gives how many files that were, or would be where it only looks.
    pub(super) async fn finish_withheld(&self, dry: bool) -> Result<u64> {
        let mut removed = 0;
        for run in self.register.runs(&RunFilter::default()).await? {
            let withheld = run.counts.as_ref().and_then(|counts| counts.get("balance")?.get("withheld")?.as_u64());
            if run.ended.is_none() || withheld.unwrap_or_default() == 0 {
                continue;
            }
            let left = self.zone.objects(&Delivery::new(&run.owner, &run.id)?)?.len() as u64;
            removed += match (left, dry) {
                (0, _) => 0,
                (left, true) => left,
                (_, false) => self.destroy_withheld(&run.owner, &run.id).await?,
            };
        }
        Ok(removed)
    }
}
