//! Settling: the verdicts that need the whole delivery, then the comparison with what is published.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeBinaryArray, RecordBatch, StringViewArray, StringViewBuilder, UInt32Array,
};
use arrow::compute::take_record_batch;
use arrow::datatypes::{Int64Type, UInt64Type};
use futures::TryStreamExt;
use roaring::RoaringTreemap;
use sluss_schemas::rule::Severity;
use sluss_schemas::say;
use sluss_schemas::table::{Store, Table};

use super::account::Account;
use super::known::keys_of as keys_of_table;
use super::outcome::TableOutcome;
use super::quarantined::Rejected;
use super::table::{Digest, FINDINGS, Partitions, SOURCE_CELLS, TableRun, filtered, row_ids, unpacked};
use crate::error::{PipelineError, Result};
use crate::job::Mode;
use crate::lake::{Lake, Manifest, ManifestKind, Stage, StagedPartition};
use crate::ledger::LakePartition;
use crate::merge::{Change, Diff, KeyCounts, KeyHash, key_hashes};
use crate::register::{KeyKind, NewPartition, PartitionContent, Register};
use crate::validate::{CONTENT, Duplicates, KEY, ORDER, Policy, Shared, Tally, Waiting};

/// What settling needs of the run.
pub(super) struct Settling<'a> {
    pub(super) run: &'a str,
    pub(super) owner: &'a str,
    pub(super) mode: Mode,
    /// Nothing is staged: a plan.
    pub(super) dry: bool,
    /// A row could not be read at all, so its key is unknown: nothing may be ended.
    pub(super) unread: bool,
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
}

/// A settled table.
pub(super) struct Settled {
    pub(super) outcome: TableOutcome,
    pub(super) before: u64,
    pub(super) tally: Tally,
    pub(super) account: Account,
    /// The table's rows are in the register (else in the lake alone).
    pub(super) in_register: bool,
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
        let mut target = self.target(&table, &partitions).await?;
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
        if let Some(keys) = keys {
            self.parents.insert(table.name.clone(), keys);
        }
        let may_end = self.mode == Mode::Snapshot && !self.unread && !unreadable_key;
        let before = target.before();
        let Finished { changes, manifest, partitions, current } = target.finish(&table, may_end, self).await?;
        outcome.changes = changes;
        outcome.partitions = partitions.len() as u64;
        outcome.current = current;
        let in_register = table.store == Store::Register;
        let moves = changes.new + changes.changed + changes.ended > 0;
        Ok(Settled { outcome, before, tally, account, in_register, moves, manifest, partitions })
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

    async fn target(&self, table: &Arc<Table>, partitions: &Partitions) -> Result<Target> {
        match table.store {
            Store::Register => {
                let mut current = Vec::new();
                let mut keys = self.register.current_keys(&table.name, Some(self.owner)).await?;
                while let Some(batch) = keys.try_next().await? {
                    current.extend(batch.keys.iter().map(|k| u128::from_be_bytes(*k)).zip(batch.hashes));
                }
                Ok(Target::Rows { table: Arc::clone(table), diff: Diff::against(current), stale: Vec::new() })
            }
            Store::Lake => {
                let published = self.register.lake_partitions(&table.name).await?;
                let mine = published.into_iter().filter(|p| is_owned(&p.partition, table, self.owner));
                let published: HashMap<String, LakePartition> = mine.map(|p| (p.partition.clone(), p)).collect();
                let changed = partitions
                    .list
                    .iter()
                    .map(|(name, digest)| {
                        digest.rows > 0 && published.get(name).is_none_or(|p| p.digest != digest.text())
                    })
                    .collect();
                let delivered = partitions.list.clone();
                Ok(Target::Files {
                    table: Arc::clone(table),
                    partitions: Partitions { list: partitions.list.clone() },
                    delivered,
                    changed,
                    published,
                    stage: None,
                })
            }
        }
    }
}

/// Where accepted rows go.
enum Target {
    Rows {
        table: Arc<Table>,
        diff: Diff,
        stale: Vec<KeyHash>,
    },
    Files {
        table: Arc<Table>,
        /// Finds each row's partition again; no digests are kept here.
        partitions: Partitions,
        delivered: Vec<(String, Digest)>,
        changed: Vec<bool>,
        published: HashMap<String, LakePartition>,
        stage: Option<Box<Stage>>,
    },
}

/// What a table's publication consists of.
struct Finished {
    changes: KeyCounts,
    manifest: Option<Manifest>,
    partitions: Vec<NewPartition>,
    /// Rows of the owner once it has been published.
    current: u64,
}

impl Target {
    fn before(&self) -> u64 {
        match self {
            Self::Rows { diff, .. } => diff.before(),
            Self::Files { published, .. } => published.values().map(|p| p.rows).sum(),
        }
    }

    fn kept_back(&mut self, key: KeyHash) {
        if let Self::Rows { diff, stale, .. } = self
            && diff.kept_back(key)
        {
            stale.push(key);
        }
    }

    async fn take(&mut self, rows: &RecordBatch, settling: &Settling<'_>) -> Result<()> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        match self {
            Self::Rows { table, diff, .. } => {
                let contents = rows.column_by_name(CONTENT).and_then(|c| c.as_primitive_opt::<Int64Type>());
                let contents = contents.ok_or_else(|| {
                    PipelineError::us(say!("prövade rader utan innehållssumma", "judged rows without content hashes"))
                })?;
                let mut moved = Vec::new();
                for (row, key) in keys_of(rows)?.into_iter().enumerate() {
                    let Some(key) = key else { continue };
                    let position = u32::try_from(row).unwrap_or(u32::MAX);
                    if diff.accepted(key, contents.value(row)) != Change::Unchanged {
                        moved.push(position);
                    }
                }
                if settling.dry || moved.is_empty() {
                    return Ok(());
                }
                let moved = take_record_batch(rows, &UInt32Array::from(moved))?;
                let columns: Vec<usize> =
                    (0..moved.num_columns()).filter(|i| moved.schema().field(*i).name() != ORDER).collect();
                Ok(settling.register.stage(settling.run, &table.name, &moved.project(&columns)?).await?)
            }
            Self::Files { table, partitions, changed, stage, .. } => {
                if settling.dry || !changed.iter().any(|c| *c) {
                    return Ok(());
                }
                let keep: Vec<bool> = partitions
                    .of_rows(rows, table)?
                    .into_iter()
                    .map(|index| changed.get(index as usize).copied().unwrap_or(true))
                    .collect();
                let rows = filtered(rows, &keep)?;
                if rows.num_rows() == 0 {
                    return Ok(());
                }
                let stage = if let Some(stage) = stage {
                    stage
                } else {
                    let delta = settling.lake.ensure(table).await?;
                    stage.insert(Box::new(Stage::new(&delta, table, settling.run)?))
                };
                stage.write(&rows).await
            }
        }
    }

    async fn finish(self, table: &Table, may_end: bool, settling: &Settling<'_>) -> Result<Finished> {
        match self {
            Self::Rows { mut diff, stale, .. } => {
                let ended = if may_end { diff.ended() } else { Vec::new() };
                if !settling.dry {
                    for (keys, kind) in [(&ended, KeyKind::Ended), (&stale, KeyKind::Stale)] {
                        if !keys.is_empty() {
                            let bytes: Vec<[u8; 16]> = keys.iter().map(|k| k.to_be_bytes()).collect();
                            settling.register.stage_keys(settling.run, &table.name, &bytes, kind).await?;
                        }
                    }
                }
                let (changes, before) = (diff.counts, diff.before());
                let moves = changes.new + changes.changed + changes.ended > 0;
                let owner = table.owner.as_ref().map(|_| settling.owner.to_owned());
                let manifest =
                    moves.then(|| Manifest { table: table.name.clone(), kind: ManifestKind::Rows { owner } });
                let current = (before + changes.new).saturating_sub(changes.ended);
                Ok(Finished { changes, manifest, partitions: Vec::new(), current })
            }
            Self::Files { delivered, changed, published, stage, .. } => {
                let staged = match stage {
                    Some(stage) => stage.finish().await?,
                    None => Vec::new(),
                };
                Ok(files_finished(table, may_end, &delivered, &changed, &published, staged))
            }
        }
    }
}

/// What a lake table's publication consists of: changed partitions are replaced, absent ones go.
fn files_finished(
    table: &Table,
    may_end: bool,
    delivered: &[(String, Digest)],
    changed: &[bool],
    published: &HashMap<String, LakePartition>,
    staged: Vec<StagedPartition>,
) -> Finished {
    let mut counts = KeyCounts::default();
    let (mut partitions, mut replace) = (Vec::new(), Vec::new());
    for ((name, digest), changed) in delivered.iter().zip(changed) {
        match (changed, published.get(name)) {
            (false, _) => counts.unchanged += digest.rows,
            (true, None) => counts.new += digest.rows,
            (true, Some(_)) => counts.changed += digest.rows,
        }
        if *changed {
            replace.push(name.clone());
            let files =
                staged.iter().filter(|p| p.partition == *name).flat_map(|p| &p.files).map(|f| f.path.clone()).collect();
            let content = PartitionContent { digest: digest.text(), rows: digest.rows, files };
            partitions.push(NewPartition {
                table: table.name.clone(),
                partition: name.clone(),
                content: Some(content),
            });
        }
    }
    if may_end {
        let mut absent: Vec<_> = published
            .values()
            .filter(|p| p.rows > 0 && !delivered.iter().any(|(name, d)| *name == p.partition && d.rows > 0))
            .collect();
        absent.sort_by(|a, b| a.partition.cmp(&b.partition));
        for gone in absent {
            counts.ended += gone.rows;
            replace.push(gone.partition.clone());
            partitions.push(NewPartition {
                table: table.name.clone(),
                partition: gone.partition.clone(),
                content: None,
            });
        }
    }
    // What stands in partitions that this delivery neither brings nor ends stays.
    let brought: u64 = delivered.iter().map(|(_, digest)| digest.rows).sum();
    let untouched =
        published.values().filter(|p| !delivered.iter().any(|(name, d)| *name == p.partition && d.rows > 0));
    let current = brought + untouched.map(|p| p.rows).sum::<u64>() - counts.ended;
    let add = staged.into_iter().flat_map(|p| p.files).collect();
    let manifest = (!replace.is_empty())
        .then(|| Manifest { table: table.name.clone(), kind: ManifestKind::Files { add, replace } });
    Finished { changes: counts, manifest, partitions, current }
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

/// Whether a partition's rows are `owner`'s: tables with an owner keep owners in files of their own.
fn is_owned(partition: &str, table: &Table, owner: &str) -> bool {
    match table.owner.as_ref().filter(|column| table.partition.contains(column)) {
        Some(column) => partition.split('/').any(|part| part.split_once('=') == Some((column, owner))),
        None => true,
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
