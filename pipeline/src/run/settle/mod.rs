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
use sluss_schemas::secrecy::Bond;
use sluss_schemas::table::{Store, Table, Tables};

use self::target::{Finished, Target};
use super::account::Account;
use super::known::keys_of as keys_of_table;
use super::outcome::TableOutcome;
use super::partitions::Partitions;
use super::quarantined::Rejected;
use super::table::{FINDINGS, SOURCE_CELLS, TableRun, filtered, row_ids, unpacked};
use super::withheld::Withheld;
use crate::error::{PipelineError, Result};
use crate::job::Mode;
use crate::lake::{Lake, Manifest, bond_of};
use crate::merge::{KeyHash, key_hashes};
use crate::register::{NewPartition, Register};
use crate::validate::{Duplicates, KEY, ORDER, Policy, Shared, Tally};

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
    #[expect(clippy::too_many_lines, reason = "the steps of one table, in their order")]
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
            withheld: _,
            withheld_rows,
            repaired,
            mapped,
            unreadable_key,
        } = run;
        let shared = settle_duplicates(duplicates, one_per, &mut partitions);
        let mut outcome =
            TableOutcome { table: table.name.clone(), mapped, withheld: withheld_rows, ..TableOutcome::default() };
        // Rows that are in the lake alone are of no contract.
        let bond = bond_of(&table, self.tables);
        let refused = |settling: &mut Self, rows: &RecordBatch| match table.store {
            Store::Register => settling.withheld.of(&bond, rows),
            Store::Lake => Ok(Vec::new()),
        };
        let mut target = Target::of(&table, partitions, self).await?;
        let mut keys = is_parent.then(ParentKeys::default);
        let parent_keys = self.parents_of(&table).await?;

        // A copy of an accepted row is no reason to call the row stale: told when all have been seen.
        let mut kept_back = Vec::new();
        for batch in accepted.into_batches()? {
            let batch = batch?;
            let gone = refused(self, &batch)?;
            let is_gone = |row: usize| gone.get(row).copied().unwrap_or_default();
            let reasons = self.reasons(&batch, &shared, &table, parent_keys.as_ref())?;
            let mut keep = vec![true; batch.num_rows()];
            for (row, reason) in reasons.iter().enumerate() {
                if (reason.is_some() || is_gone(row))
                    && let Some(flag) = keep.get_mut(row)
                {
                    *flag = false;
                }
            }
            let (key_bytes, ids) = (keys_of(&batch)?, row_ids(&batch)?);
            let orders = batch.column_by_name(ORDER).and_then(|c| c.as_primitive_opt::<UInt64Type>());
            let mut turned_away = Vec::new();
            for (row, reason) in reasons.iter().enumerate() {
                if is_gone(row) {
                    outcome.withheld += 1;
                    account.withheld(ids.value(row));
                    kept_back.extend(key_bytes.get(row).copied().flatten().filter(|_| bond.is_none()));
                    continue;
                }
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
        // What the register has of refused contracts ends, also where the delivery is not the whole.
        let withheld = self.registered_of_refused(&table, &bond).await?;
        let withheld_ended = withheld.iter().filter(|key| target.withheld(u128::from_be_bytes(**key))).count() as u64;
        for batch in rejected.into_batches()? {
            let batch = batch?;
            let gone = refused(self, &batch)?;
            let batch = without(
                &batch,
                &gone,
                &table,
                &bond,
                &mut Leaving { tally: &mut tally, outcome: &mut outcome, account: &mut account, target: &mut target },
            )?;
            Self::settle_rejected(
                &table,
                &batch,
                &shared,
                &mut tally,
                &mut outcome,
                &mut target,
                &mut keys,
                quarantine,
            )?;
        }
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
        Ok(Settled {
            outcome,
            before,
            own_before,
            tally,
            account,
            in_register,
            complete,
            moves,
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

    #[expect(clippy::too_many_arguments, reason = "one step of `table`, which holds these apart")]
    fn settle_rejected(
        table: &Table,
        batch: &RecordBatch,
        shared: &HashMap<u64, Shared>,
        tally: &mut Tally,
        outcome: &mut TableOutcome,
        target: &mut Target,
        keys: &mut Option<ParentKeys>,
        quarantine: &mut dyn FnMut(&Rejected) -> Result<()>,
    ) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        outcome.rejected += batch.num_rows() as u64;
        for key in keys_of(batch)?.into_iter().flatten() {
            target.kept_back(key);
            if let Some(keys) = keys {
                keys.rejected.insert(key);
            }
        }
        let (Some(lines), Some(cells)) = (text_of(batch, FINDINGS), text_of(batch, SOURCE_CELLS)) else {
            return Err(PipelineError::us(say!(
                "avvisade rader utan sina fel",
                "rejected rows without their findings"
            )));
        };
        let orders = batch.column_by_name(ORDER).and_then(|c| c.as_primitive_opt::<UInt64Type>());
        let mut more = StringViewBuilder::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            let also = orders.and_then(|o| shared.get(&o.value(row))).map(|s| rule_of(*s)).filter(|r| !r.is_empty());
            match also {
                Some(rule) => {
                    tally.add(rule, None, Severity::Reject);
                    more.append_value(format!("{}{rule}\t\t\n", lines.value(row)));
                }
                None => more.append_value(lines.value(row)),
            }
        }
        quarantine(&rejected_rows(table, batch, Arc::new(more.finish()), Arc::new(cells))?)
    }
}

/// What withheld rows leave.
struct Leaving<'a> {
    tally: &'a mut Tally,
    outcome: &'a mut TableOutcome,
    account: &'a mut Account,
    target: &'a mut Target,
}

/// Rejected rows without those that are `gone`: they are counted, and what was wrong with them is nobody's
/// to know.
fn without(
    batch: &RecordBatch,
    gone: &[bool],
    table: &Table,
    bond: &Bond,
    leaving: &mut Leaving<'_>,
) -> Result<RecordBatch> {
    if gone.is_empty() {
        return Ok(batch.clone());
    }
    let (ids, keys, lines) = (row_ids(batch)?, keys_of(batch)?, text_of(batch, FINDINGS));
    for row in (0..batch.num_rows()).filter(|row| gone.get(*row).copied().unwrap_or_default()) {
        leaving.outcome.withheld += 1;
        leaving.account.withheld(ids.value(row));
        if let Some(key) = keys.get(row).copied().flatten().filter(|_| bond.is_none()) {
            leaving.target.kept_back(key);
        }
        for line in lines.iter().flat_map(|lines| lines.value(row).lines()) {
            let mut parts = line.split('\t');
            let rule = parts.next().and_then(sluss_schemas::rule::find);
            let column = parts.next().and_then(|name| table.position(name)).and_then(|at| u16::try_from(at).ok());
            if let Some(rule) = rule {
                leaving.tally.take_away(rule.id, column);
            }
        }
    }
    filtered(batch, &gone.iter().map(|gone| !gone).collect::<Vec<_>>())
}

fn text_of(batch: &RecordBatch, name: &str) -> Option<StringViewArray> {
    batch.column_by_name(name).and_then(|c| c.as_string_view_opt().cloned())
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
