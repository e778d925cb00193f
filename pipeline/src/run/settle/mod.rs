//! Settling: the verdicts that need the whole delivery, then the comparison with what is published.

mod published_files;
mod published_rows;
mod target;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeBinaryArray, RecordBatch, StringViewArray, StringViewBuilder, UInt32Array,
};
use arrow::compute::take_record_batch;
use arrow::datatypes::UInt64Type;
use roaring::RoaringTreemap;
use sluss_schemas::rule::Severity;
use sluss_schemas::say;
use sluss_schemas::table::{Store, Table};

use self::target::{Finished, Target};
use super::account::Account;
use super::known::keys_of as keys_of_table;
use super::outcome::TableOutcome;
use super::partitions::Partitions;
use super::quarantined::Rejected;
use super::table::{FINDINGS, SOURCE_CELLS, TableRun, filtered, row_ids, unpacked};
use crate::error::{PipelineError, Result};
use crate::job::Mode;
use crate::lake::{Lake, Manifest};
use crate::merge::{KeyHash, key_hashes};
use crate::register::{NewPartition, Register};
use crate::validate::{Duplicates, KEY, ORDER, Policy, Shared, Tally, Waiting};

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
        let TableRun {
            table,
            accepted,
            rejected,
            duplicates,
            mut partitions,
            mut tally,
            mut account,
            repaired,
            mapped,
            unreadable_key,
        } = run;
        let shared = settle_duplicates(duplicates, one_per, &mut partitions);
        let mut outcome = TableOutcome { table: table.name.clone(), mapped, ..TableOutcome::default() };
        let mut target = Target::of(&table, partitions, self).await?;
        let mut keys = is_parent.then(ParentKeys::default);
        let parent_keys = self.parents_of(&table).await?;

        // A copy of an accepted row is no reason to call the row stale: told when all have been seen.
        let mut kept_back = Vec::new();
        for batch in accepted.into_batches()? {
            let batch = batch?;
            let reasons = self.reasons(&batch, &shared, &table, parent_keys.as_ref())?;
            let mut keep = vec![true; batch.num_rows()];
            for (row, reason) in reasons.iter().enumerate() {
                if reason.is_some()
                    && let Some(flag) = keep.get_mut(row)
                {
                    *flag = false;
                }
            }
            let (key_bytes, ids) = (keys_of(&batch)?, row_ids(&batch)?);
            let orders = batch.column_by_name(ORDER).and_then(|c| c.as_primitive_opt::<UInt64Type>());
            let mut turned_away = Vec::new();
            for (row, reason) in reasons.iter().enumerate() {
                match reason {
                    None => {
                        outcome.accepted += 1;
                        if orders.is_some_and(|o| repaired.contains(o.value(row))) {
                            outcome.repaired += 1;
                        }
                        if let (Some(keys), Some(key)) = (&mut keys, key_bytes.get(row).copied().flatten()) {
                            keys.accepted.insert(key);
                        }
                    }
                    Some("") => outcome.folded += 1,
                    Some(rule) => {
                        outcome.rejected += 1;
                        tally.add(rule, None, Severity::Reject);
                        account.rejected(ids.value(row));
                        turned_away.push(u32::try_from(row).unwrap_or(u32::MAX));
                        if let Some(key) = key_bytes.get(row).copied().flatten() {
                            kept_back.push(key);
                            if let Some(keys) = &mut keys {
                                keys.rejected.insert(key);
                            }
                        }
                    }
                }
            }
            if !turned_away.is_empty() {
                let rules: StringViewArray = turned_away
                    .iter()
                    .map(|row| reasons.get(*row as usize).copied().flatten().map(|rule| format!("{rule}\t\t\n")))
                    .collect();
                let rows = take_record_batch(&batch, &UInt32Array::from(turned_away))?;
                let none = StringViewArray::new_null(rows.num_rows());
                quarantine(&rejected_rows(&table, &rows, Arc::new(rules), Arc::new(none))?)?;
            }
            target.take(&filtered(&batch, &keep)?, self).await?;
        }
        for key in kept_back {
            target.kept_back(key);
        }
        Self::settle_rejected(&table, rejected, &shared, &mut tally, &mut outcome, &mut target, &mut keys, quarantine)?;
        let complete =
            self.mode == Mode::Snapshot && !self.unread && !unreadable_key && self.standing != Standing::Outdated;
        let (before, own_before) = (target.before(), target.own_before());
        let Finished { changes, manifest, partitions, current, ended } = target.finish(complete, self).await?;
        if let Some(mut keys) = keys {
            keys.ended.extend(ended);
            self.parents.insert(table.name.clone(), keys);
        }
        outcome.changes = changes;
        outcome.partitions = partitions.len() as u64;
        outcome.current = current;
        let in_register = table.store == Store::Register;
        let moves = changes.new + changes.changed + changes.ended > 0;
        Ok(Settled { outcome, before, own_before, tally, account, in_register, complete, moves, manifest, partitions })
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

    /// Keys of the table's parent that the register has.
    async fn parents_of(&self, table: &Table) -> Result<Option<HashSet<KeyHash>>> {
        match &table.parent {
            Some(reference) => Ok(Some(keys_of_table(self.register, &reference.table, Some(self.owner)).await?)),
            None => Ok(None),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one step of `table`, which holds these apart")]
    fn settle_rejected(
        table: &Table,
        rejected: Waiting,
        shared: &HashMap<u64, Shared>,
        tally: &mut Tally,
        outcome: &mut TableOutcome,
        target: &mut Target,
        keys: &mut Option<ParentKeys>,
        quarantine: &mut dyn FnMut(&Rejected) -> Result<()>,
    ) -> Result<()> {
        for batch in rejected.into_batches()? {
            let batch = batch?;
            outcome.rejected += batch.num_rows() as u64;
            for key in keys_of(&batch)?.into_iter().flatten() {
                target.kept_back(key);
                if let Some(keys) = keys {
                    keys.rejected.insert(key);
                }
            }
            let text = |name: &str| batch.column_by_name(name).and_then(|c| c.as_string_view_opt().cloned());
            let (Some(lines), Some(cells)) = (text(FINDINGS), text(SOURCE_CELLS)) else {
                return Err(PipelineError::us(say!(
                    "avvisade rader utan sina fel",
                    "rejected rows without their findings"
                )));
            };
            let orders = batch.column_by_name(ORDER).and_then(|c| c.as_primitive_opt::<UInt64Type>());
            let mut more = StringViewBuilder::with_capacity(batch.num_rows());
            for row in 0..batch.num_rows() {
                let also =
                    orders.and_then(|o| shared.get(&o.value(row))).map(|s| rule_of(*s)).filter(|r| !r.is_empty());
                match also {
                    Some(rule) => {
                        tally.add(rule, None, Severity::Reject);
                        more.append_value(format!("{}{rule}\t\t\n", lines.value(row)));
                    }
                    None => more.append_value(lines.value(row)),
                }
            }
            quarantine(&rejected_rows(table, &batch, Arc::new(more.finish()), Arc::new(cells))?)?;
        }
        Ok(())
    }
}

/// Verdicts on shared keys, by order of arrival; rows that go leave their partition's digest.
fn settle_duplicates(duplicates: Duplicates, one_per: bool, partitions: &mut Partitions) -> HashMap<u64, Shared> {
    let policy = if one_per { Policy::OnePerGroup } else { Policy::OneRowEach };
    duplicates
        .finish(policy)
        .into_iter()
        .map(|(word, (shared, content))| {
            let (order, partition) = unpacked(word);
            if let Some((_, digest)) = partition.and_then(|p| partitions.list.get_mut(p)) {
                digest.take_away(content);
            }
            (order, shared)
        })
        .collect()
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

/// Rows on their way to quarantine: the national columns and the source's cells, with the findings.
fn rejected_rows(table: &Table, rows: &RecordBatch, findings: ArrayRef, cells: ArrayRef) -> Result<Rejected> {
    let width = table.column.len();
    let national = rows.project(&(0..width).collect::<Vec<_>>())?;
    Ok(Rejected { table: table.name.clone(), rows: row_ids(rows)?.clone(), national, findings, cells })
}

/// Marks source rows that no mapping gave anything for.
pub(super) fn lost_rows(account: &mut Account) -> RoaringTreemap {
    let lost = account.lost();
    for row in &lost {
        account.rejected(row);
    }
    lost
}
