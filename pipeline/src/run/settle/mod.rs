//! Settling: the verdicts that need the whole delivery, then the comparison with what is published.

mod published_files;
mod published_rows;
mod target;
mod work;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, FixedSizeBinaryArray, RecordBatch};
use arrow::datatypes::UInt64Type;
use roaring::RoaringTreemap;
use sluss_schemas::say;
use sluss_schemas::secrecy::Bond;
use sluss_schemas::table::{Store, Table, Tables};

use self::target::Finished;
use self::work::Work;
use super::account::Account;
use super::known::keys_of as keys_of_table;
use super::outcome::TableOutcome;
use super::quarantined::Rejected;
use super::table::TableRun;
use super::withheld::Withheld;
use crate::error::{PipelineError, Result};
use crate::job::Mode;
use crate::lake::{Lake, Manifest};
use crate::merge::{KeyHash, key_hashes};
use crate::register::{NewPartition, Register};
use crate::validate::{KEY, ORDER, Shared, Tally};

/// How the delivery stands to those that came after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is the latest.
    Latest,
    /// It is an older one, read again.
    Replayed,
    /// And the job's whole source has been published since: that says what there is.
    Outdated,
}

/// What settling needs of the run.
pub(super) struct Settling<'a> {
    pub(super) run: &'a str,
    pub(super) owner: &'a str,
    /// The job by all its names: what its whole source lacks of their rows has ended.
    pub(super) jobs: &'a [String],
    pub(super) mode: Mode,
    /// Nothing is staged: a plan.
    pub(super) dry: bool,
    /// A row could not be read at all, so its key is unknown: nothing may be ended.
    pub(super) unread: bool,
    pub(super) standing: Standing,
    pub(super) register: &'a Arc<dyn Register>,
    pub(super) lake: &'a Lake,
    pub(super) tables: &'a Tables,
    /// Contracts that are not to be registered.
    pub(super) withheld: Withheld,
    /// Keys of parents in this delivery, by table.
    pub(super) parents: HashMap<String, ParentKeys>,
}

/// Keys of a table that others in the delivery point at.
#[derive(Default)]
pub(super) struct ParentKeys {
    accepted: HashSet<KeyHash>,
    rejected: HashSet<KeyHash>,
    /// Those that this delivery lacks, and so ends.
    ended: HashSet<KeyHash>,
}

/// A settled table.
pub(super) struct Settled {
    pub(super) outcome: TableOutcome,
    /// Rows of the owner before this delivery, and those of them that this job delivered.
    pub(super) before: u64,
    pub(super) own_before: u64,
    pub(super) tally: Tally,
    pub(super) account: Account,
    /// The table's rows are in the register (else in the lake alone).
    pub(super) in_register: bool,
    /// What the delivery lacks is no more: it held all of the job's rows, and each key could be read.
    pub(super) complete: bool,
    /// Something is new, changed or ended.
    pub(super) moves: bool,
    pub(super) manifest: Option<Manifest>,
    pub(super) partitions: Vec<NewPartition>,
    /// What the register has of contracts that are not to be registered any longer.
    pub(super) withheld: Vec<[u8; 16]>,
    /// How many rows of those end.
    pub(super) withheld_ended: u64,
}

impl Settling<'_> {
    /// Settles one table. Parents come before their children.
    pub(super) async fn table(
        &mut self,
        run: TableRun,
        one_per: bool,
        is_parent: bool,
        quarantine: &mut dyn FnMut(&Rejected) -> Result<()>,
    ) -> Result<Settled> {
        let (mut work, waiting) = Work::begin(run, one_per, is_parent, self, quarantine).await?;
        let parent_keys = self.parents_of(&work.table).await?;
        for batch in waiting.accepted.into_batches()? {
            let batch = batch?;
            let gone = self.refused(&work, &batch)?;
            let reasons = self.reasons(&batch, &work.shared, &work.table, parent_keys.as_ref())?;
            let kept = work.accepted(&batch, &gone, &reasons, &waiting.repaired)?;
            work.target.take(&kept, self).await?;
        }
        work.tell_what_is_kept_back();
        // What the register has of refused contracts ends, also where the delivery is not the whole.
        let withheld = self.registered_of_refused(&work.table, &work.bond).await?;
        let ended = withheld.iter().filter(|key| work.target.withheld(u128::from_be_bytes(**key)));
        let withheld_ended = ended.count() as u64;
        for batch in waiting.rejected.into_batches()? {
            let batch = batch?;
            let gone = self.refused(&work, &batch)?;
            let batch = work.without(&batch, &gone)?;
            work.rejected(&batch)?;
        }
        let may_end = !waiting.unreadable_key && self.standing != Standing::Outdated;
        let complete = self.mode == Mode::Snapshot && !self.unread && may_end;
        self.finish(work, complete, withheld, withheld_ended).await
    }

    /// Which rows of a batch are of contracts that are not to be registered; empty where none is.
    fn refused(&mut self, work: &Work<'_>, rows: &RecordBatch) -> Result<Vec<bool>> {
        match work.table.store {
            Store::Register => self.withheld.of(&work.bond, rows),
            // Rows that are in the lake alone are of no contract.
            Store::Lake => Ok(Vec::new()),
        }
    }

    /// The delivery of this table has ended.
    async fn finish(
        &mut self,
        work: Work<'_>,
        complete: bool,
        withheld: Vec<[u8; 16]>,
        withheld_ended: u64,
    ) -> Result<Settled> {
        let Work { table, target, keys, mut outcome, tally, account, .. } = work;
        let (before, own_before) = (target.before(), target.own_before());
        let Finished { changes, manifest, partitions, current, ended } = target.finish(complete, self).await?;
        if let Some(mut keys) = keys {
            keys.ended.extend(ended);
            self.parents.insert(table.name.clone(), keys);
        }
        outcome.changes = changes;
        outcome.partitions = partitions.len() as u64;
        outcome.current = current;
        Ok(Settled {
            outcome,
            before,
            own_before,
            tally,
            account,
            in_register: table.store == Store::Register,
            complete,
            moves: changes.new + changes.changed + changes.ended > 0,
            manifest,
            partitions,
            withheld,
            withheld_ended,
        })
    }

    /// The rule that rejects each row of an accepted batch now; `""` where it is folded into its group.
    fn reasons(
        &self,
        batch: &RecordBatch,
        shared: &HashMap<u64, Shared>,
        table: &Table,
        parent: Option<&HashSet<KeyHash>>,
    ) -> Result<Vec<Option<&'static str>>> {
        let mut reasons = vec![None; batch.num_rows()];
        if !shared.is_empty()
            && let Some(orders) = batch.column_by_name(ORDER).and_then(|c| c.as_primitive_opt::<UInt64Type>())
        {
            for (order, reason) in orders.values().iter().zip(&mut reasons) {
                *reason = shared.get(order).map(|shared| rule_of(*shared));
            }
        }
        let Some(reference) = &table.parent else { return Ok(reasons) };
        let columns: Vec<&ArrayRef> = reference.columns.iter().filter_map(|name| batch.column_by_name(name)).collect();
        let in_delivery = self.parents.get(&reference.table);
        for (key, reason) in key_hashes(&columns, batch.num_rows())?.iter().zip(&mut reasons) {
            let (Some(key), None) = (key, &reason) else { continue };
            let in_register = parent.is_some_and(|keys| keys.contains(key));
            match in_delivery {
                Some(delivered) if delivered.accepted.contains(key) => {}
                Some(delivered) if delivered.rejected.contains(key) => *reason = Some("foralder_avvisad"),
                Some(delivered) if delivered.ended.contains(key) => *reason = Some("saknad_foralder"),
                _ if in_register => {}
                _ => *reason = Some("saknad_foralder"),
            }
        }
        Ok(reasons)
    }

    /// The keys of what the register has of refused contracts in `table`. A replay leaves alone what a later
    /// delivery has published.
    async fn registered_of_refused(&self, table: &Table, bond: &Bond) -> Result<Vec<[u8; 16]>> {
        let contracts = self.withheld.contracts();
        if contracts.is_empty() || bond.is_none() || self.standing == Standing::Outdated {
            return Ok(Vec::new());
        }
        let mut keys = self.register.contract_keys(&table.name, bond, self.owner, &contracts).await?;
        let hashes: Vec<KeyHash> = keys.iter().map(|key| u128::from_be_bytes(*key)).collect();
        let superseded = self.superseded_keys(&table.name, &hashes).await?;
        keys.retain(|key| !superseded.contains(&u128::from_be_bytes(*key)));
        Ok(keys)
    }

    /// Keys of the table's parent that the register has.
    async fn parents_of(&self, table: &Table) -> Result<Option<HashSet<KeyHash>>> {
        match &table.parent {
            Some(reference) => Ok(Some(keys_of_table(self.register, &reference.table, Some(self.owner)).await?)),
            None => Ok(None),
        }
    }
}

/// The rule that a shared key breaks; `""` where the row is folded into its declared group.
fn rule_of(shared: Shared) -> &'static str {
    match shared {
        Shared::Copy => "dubblett_exakt",
        Shared::Folded => "",
        Shared::Conflict => "dubblett_konflikt",
        Shared::GroupConflict => "motstridig_grupp",
    }
}

fn keys_of(rows: &RecordBatch) -> Result<Vec<Option<KeyHash>>> {
    let keys = rows
        .column_by_name(KEY)
        .and_then(|c| c.as_any().downcast_ref::<FixedSizeBinaryArray>())
        .ok_or_else(|| PipelineError::us(say!("prövade rader utan nycklar", "judged rows without keys")))?;
    Ok(keys.iter().map(|k| k.and_then(|k| k.try_into().ok()).map(u128::from_be_bytes)).collect())
}

/// Marks source rows that no mapping gave anything for.
pub(super) fn lost_rows(account: &mut Account) -> RoaringTreemap {
    let lost = account.lost();
    for row in &lost {
        account.rejected(row);
    }
    lost
}
