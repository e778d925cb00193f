//! One table while it is settled: its rows are accepted, turned away or withheld, and each is counted.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringViewArray, StringViewBuilder, UInt32Array, UInt64Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::UInt64Type;
use roaring::RoaringTreemap;
use sluss_schemas::rule::Severity;
use sluss_schemas::say;
use sluss_schemas::secrecy::Bond;
use sluss_schemas::table::Table;

use super::target::Target;
use super::{ParentKeys, Settling, keys_of, rule_of};
use crate::error::{PipelineError, Result};
use crate::lake::bond_of;
use crate::merge::KeyHash;
use crate::run::account::Account;
use crate::run::outcome::TableOutcome;
use crate::run::partitions::Partitions;
use crate::run::quarantined::Rejected;
use crate::run::table::{FINDINGS, SOURCE_CELLS, TableRun, filtered, row_ids, unpacked};
use crate::validate::{Duplicates, ORDER, Policy, Shared, Tally, Waiting};

/// One table of the delivery.
pub(super) struct Work<'a> {
    pub(super) table: Arc<Table>,
    pub(super) bond: Bond,
    /// What is to become of rows that share a key, by order of arrival.
    pub(super) shared: HashMap<u64, Shared>,
    pub(super) target: Target,
    pub(super) outcome: TableOutcome,
    pub(super) tally: Tally,
    pub(super) account: Account,
    /// Its keys, where other tables of the delivery point at them.
    pub(super) keys: Option<ParentKeys>,
    /// Keys of accepted rows that are turned away or withheld after all.
    kept_back: Vec<KeyHash>,
    quarantine: &'a mut dyn FnMut(&Rejected) -> Result<()>,
}

/// Rows that wait for their verdict.
pub(super) struct WaitingRows {
    pub(super) accepted: Waiting,
    pub(super) rejected: Waiting,
    /// Orders of accepted rows in which something was repaired.
    pub(super) repaired: RoaringTreemap,
    /// A rejected row without a readable key came.
    pub(super) unreadable_key: bool,
}

impl<'a> Work<'a> {
    pub(super) async fn begin(
        run: TableRun,
        one_per: bool,
        is_parent: bool,
        settling: &Settling<'_>,
        quarantine: &'a mut dyn FnMut(&Rejected) -> Result<()>,
    ) -> Result<(Self, WaitingRows)> {
        let TableRun { table, accepted, rejected, duplicates, mut partitions, .. } = run;
        let shared = settle_duplicates(duplicates, one_per, &mut partitions);
        let outcome = TableOutcome {
            table: table.name.clone(),
            mapped: run.mapped,
            withheld: run.withheld_rows,
            ..TableOutcome::default()
        };
        let work = Self {
            bond: bond_of(&table, settling.tables),
            shared,
            target: Target::of(&table, partitions, settling).await?,
            outcome,
            tally: run.tally,
            account: run.account,
            keys: is_parent.then(ParentKeys::default),
            kept_back: Vec::new(),
            quarantine,
            table,
        };
        let unreadable_key = run.unreadable_key;
        Ok((work, WaitingRows { accepted, rejected, repaired: run.repaired, unreadable_key }))
    }

    /// Counts an accepted batch, sends to quarantine what is turned away for one of `reasons`, and gives what
    /// is left of it. Rows that are `gone` are withheld.
    pub(super) fn accepted(
        &mut self,
        batch: &RecordBatch,
        gone: &[bool],
        reasons: &[Option<&'static str>],
        repaired: &RoaringTreemap,
    ) -> Result<RecordBatch> {
        let is_gone = |row: usize| gone.get(row).copied().unwrap_or_default();
        let (keys, ids, orders) = (keys_of(batch)?, row_ids(batch)?, orders_of(batch));
        let key_of = |row: usize| keys.get(row).copied().flatten();
        let mut turned_away = Vec::new();
        for (row, reason) in reasons.iter().enumerate() {
            if is_gone(row) {
                self.outcome.withheld += 1;
                self.account.withheld(ids.value(row));
                self.kept_back.extend(key_of(row).filter(|_| self.bond.is_none()));
                continue;
            }
            match reason {
                None => {
                    self.outcome.accepted += 1;
                    self.outcome.repaired += u64::from(orders.is_some_and(|o| repaired.contains(o.value(row))));
                    if let (Some(keys), Some(key)) = (&mut self.keys, key_of(row)) {
                        keys.accepted.insert(key);
                    }
                }
                Some("") => self.outcome.folded += 1,
                Some(rule) => {
                    self.outcome.rejected += 1;
                    self.tally.add(rule, None, Severity::Reject);
                    self.account.rejected(ids.value(row));
                    turned_away.push(u32::try_from(row).unwrap_or(u32::MAX));
                    // A copy of an accepted row is no reason to call the row stale: told when all have been seen.
                    self.kept_back.extend(key_of(row));
                    if let (Some(keys), Some(key)) = (&mut self.keys, key_of(row)) {
                        keys.rejected.insert(key);
                    }
                }
            }
        }
        if !turned_away.is_empty() {
            self.turn_away(batch, reasons, turned_away)?;
        }
        let keep: Vec<bool> =
            reasons.iter().enumerate().map(|(row, reason)| reason.is_none() && !is_gone(row)).collect();
        filtered(batch, &keep)
    }

    /// Sends rows of an accepted batch to quarantine.
    fn turn_away(&mut self, batch: &RecordBatch, reasons: &[Option<&'static str>], away: Vec<u32>) -> Result<()> {
        let rule = |row: &u32| reasons.get(*row as usize).copied().flatten().map(|rule| format!("{rule}\t\t\n"));
        let rules: StringViewArray = away.iter().map(rule).collect();
        let rows = take_record_batch(batch, &UInt32Array::from(away))?;
        let none = StringViewArray::new_null(rows.num_rows());
        (self.quarantine)(&rejected_rows(&self.table, &rows, Arc::new(rules), Arc::new(none))?)
    }

    /// All accepted rows have been seen: what was turned away keeps its predecessor.
    pub(super) fn tell_what_is_kept_back(&mut self) {
        for key in std::mem::take(&mut self.kept_back) {
            self.target.kept_back(key);
        }
    }

    /// Counts a rejected batch and sends it to quarantine, with what its shared keys add to its reasons.
    pub(super) fn rejected(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.outcome.rejected += batch.num_rows() as u64;
        for key in keys_of(batch)?.into_iter().flatten() {
            self.target.kept_back(key);
            if let Some(keys) = &mut self.keys {
                keys.rejected.insert(key);
            }
        }
        let (Some(lines), Some(cells)) = (text_of(batch, FINDINGS), text_of(batch, SOURCE_CELLS)) else {
            return Err(PipelineError::us(say!(
                "avvisade rader utan sina fel",
                "rejected rows without their findings"
            )));
        };
        let orders = orders_of(batch);
        let mut more = StringViewBuilder::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            let shared = orders.and_then(|o| self.shared.get(&o.value(row)));
            match shared.map(|shared| rule_of(*shared)).filter(|rule| !rule.is_empty()) {
                Some(rule) => {
                    self.tally.add(rule, None, Severity::Reject);
                    more.append_value(format!("{}{rule}\t\t\n", lines.value(row)));
                }
                None => more.append_value(lines.value(row)),
            }
        }
        (self.quarantine)(&rejected_rows(&self.table, batch, Arc::new(more.finish()), Arc::new(cells))?)
    }

    /// Rejected rows without those that are `gone`: they are counted, and what was wrong with them is nobody's
    /// to know.
    pub(super) fn without(&mut self, batch: &RecordBatch, gone: &[bool]) -> Result<RecordBatch> {
        if gone.is_empty() {
            return Ok(batch.clone());
        }
        let (ids, keys, lines) = (row_ids(batch)?, keys_of(batch)?, text_of(batch, FINDINGS));
        for row in (0..batch.num_rows()).filter(|row| gone.get(*row).copied().unwrap_or_default()) {
            self.outcome.withheld += 1;
            self.account.withheld(ids.value(row));
            if let Some(key) = keys.get(row).copied().flatten().filter(|_| self.bond.is_none()) {
                self.target.kept_back(key);
            }
            for line in lines.iter().flat_map(|lines| lines.value(row).lines()) {
                let mut parts = line.split('\t');
                let rule = parts.next().and_then(sluss_schemas::rule::find);
                let place = parts.next().and_then(|name| self.table.position(name));
                if let Some(rule) = rule {
                    self.tally.take_away(rule.id, place.and_then(|at| u16::try_from(at).ok()));
                }
            }
        }
        filtered(batch, &gone.iter().map(|gone| !gone).collect::<Vec<_>>())
    }
}

fn orders_of(batch: &RecordBatch) -> Option<&UInt64Array> {
    batch.column_by_name(ORDER).and_then(|c| c.as_primitive_opt::<UInt64Type>())
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

/// Rows on their way to quarantine: the national columns and the source's cells, with the findings.
fn rejected_rows(table: &Table, rows: &RecordBatch, findings: ArrayRef, cells: ArrayRef) -> Result<Rejected> {
    let width = table.column.len();
    let national = rows.project(&(0..width).collect::<Vec<_>>())?;
    Ok(Rejected { table: table.name.clone(), rows: row_ids(rows)?.clone(), national, findings, cells })
}
