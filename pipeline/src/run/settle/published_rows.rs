//! A table whose published rows are in the register.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::Int64Type;
use futures::TryStreamExt;
use sluss_schemas::say;
use sluss_schemas::table::Table;

use super::target::Finished;
use super::{Settling, Standing, keys_of};
use crate::error::{PipelineError, Result};
use crate::lake::{Manifest, ManifestKind};
use crate::merge::{Change, Diff, KeyHash};
use crate::register::{DeliveredBy, KeyKind};
use crate::validate::{CONTENT, ORDER};

/// The owner's current rows, by key: those that the job delivered, and those of the owner's other jobs.
pub(super) struct PublishedRows {
    table: Arc<Table>,
    diff: Diff,
    /// Keys that are stale before this delivery.
    were_stale: HashSet<KeyHash>,
    stale: Vec<KeyHash>,
    /// Keys that end since their contract is not to be registered any longer.
    withheld: Vec<KeyHash>,
    /// Keys that came as they are, and no longer are stale.
    fresh: Vec<KeyHash>,
}

impl PublishedRows {
    pub(super) async fn of(table: &Arc<Table>, settling: &Settling<'_>) -> Result<Self> {
        let own = current(table, settling, DeliveredBy::Jobs(settling.jobs.to_vec())).await?;
        let others = current(table, settling, DeliveredBy::Others(settling.jobs.to_vec())).await?;
        let stale = settling.register.stale_keys(&table.name, settling.owner).await?;
        Ok(Self {
            table: Arc::clone(table),
            diff: Diff::against(own, others),
            were_stale: stale.into_iter().map(u128::from_be_bytes).collect(),
            stale: Vec::new(),
            withheld: Vec::new(),
            fresh: Vec::new(),
        })
    }

    pub(super) fn before(&self) -> u64 {
        self.diff.before()
    }

    pub(super) fn own_before(&self) -> u64 {
        self.diff.own_before()
    }

    pub(super) fn kept_back(&mut self, key: KeyHash) {
        if self.diff.kept_back(key) {
            self.stale.push(key);
        }
    }

    pub(super) fn withheld(&mut self, key: KeyHash) -> bool {
        let was_there = self.diff.withheld(key);
        if was_there {
            self.withheld.push(key);
        }
        was_there
    }

    /// Stages the rows that are new or changed.
    pub(super) async fn take(&mut self, rows: &RecordBatch, settling: &Settling<'_>) -> Result<()> {
        let contents = rows.column_by_name(CONTENT).and_then(|c| c.as_primitive_opt::<Int64Type>());
        let contents = contents.ok_or_else(|| {
            PipelineError::us(say!("prövade rader utan innehållssumma", "judged rows without content hashes"))
        })?;
        let mut moved = Vec::new();
        for (row, key) in keys_of(rows)?.into_iter().enumerate() {
            let Some(key) = key else { continue };
            let position = u32::try_from(row).unwrap_or(u32::MAX);
            let change = self.diff.accepted(key, contents.value(row));
            if change != Change::Unchanged {
                moved.push((position, key, change));
            } else if self.were_stale.contains(&key) {
                self.fresh.push(key);
            }
        }
        let keys: Vec<_> = moved.iter().map(|(_, key, _)| *key).collect();
        let superseded = self.superseded(&keys, settling).await?;
        moved.retain(|(_, key, change)| {
            let stays = superseded.contains(key);
            if stays {
                self.diff.superseded(*change);
            }
            !stays
        });
        if settling.dry || moved.is_empty() {
            return Ok(());
        }
        let moved: UInt32Array = moved.into_iter().map(|(position, ..)| position).collect();
        let moved = take_record_batch(rows, &moved)?;
        let columns: Vec<usize> =
            (0..moved.num_columns()).filter(|i| moved.schema().field(*i).name() != ORDER).collect();
        Ok(settling.register.stage(settling.run, &self.table.name, &moved.project(&columns)?).await?)
    }

    pub(super) async fn finish(mut self, may_end: bool, settling: &Settling<'_>) -> Result<Finished> {
        let mut ended = if may_end { self.diff.absent() } else { Vec::new() };
        ended.append(&mut self.withheld);
        ended.sort_unstable();
        let (mut stale, mut fresh) = (std::mem::take(&mut self.stale), std::mem::take(&mut self.fresh));
        if settling.standing == Standing::Outdated {
            // The later delivery has said which keys are stale.
            (stale, fresh) = (Vec::new(), Vec::new());
        }
        for keys in [&mut ended, &mut stale, &mut fresh] {
            let superseded = self.superseded(keys, settling).await?;
            keys.retain(|key| !superseded.contains(key));
        }
        (self.diff.counts.ended, self.diff.counts.stale) = (ended.len() as u64, stale.len() as u64);
        if !settling.dry {
            for (keys, kind) in [(&ended, KeyKind::Ended), (&stale, KeyKind::Stale), (&fresh, KeyKind::Fresh)] {
                if !keys.is_empty() {
                    let bytes: Vec<[u8; 16]> = keys.iter().map(|k| k.to_be_bytes()).collect();
                    settling.register.stage_keys(settling.run, &self.table.name, &bytes, kind).await?;
                }
            }
        }
        let (changes, before) = (self.diff.counts, self.diff.before());
        let moves = changes.new + changes.changed + changes.ended > 0;
        let owner = self.table.owner.as_ref().map(|_| settling.owner.to_owned());
        let manifest = moves.then(|| Manifest { table: self.table.name.clone(), kind: ManifestKind::Rows { owner } });
        let current = (before + changes.new).saturating_sub(changes.ended);
        Ok(Finished { changes, manifest, partitions: Vec::new(), current, ended })
    }

    /// Which of `keys` a replay leaves as a later delivery left them. One of the whole source has left
    /// every key, but those that it brought and could not be believed in.
    async fn superseded(&self, keys: &[KeyHash], settling: &Settling<'_>) -> Result<HashSet<KeyHash>> {
        let mut superseded = settling.superseded_keys(&self.table.name, keys).await?;
        if settling.standing == Standing::Outdated {
            superseded.extend(keys.iter().filter(|key| !self.were_stale.contains(*key)));
        }
        Ok(superseded)
    }
}

/// Keys and contents of the owner's current rows that came with such a delivery.
async fn current(table: &Table, settling: &Settling<'_>, by: DeliveredBy) -> Result<Vec<(KeyHash, i64)>> {
    let mut rows = Vec::new();
    let mut keys = settling.register.current_keys_by(&table.name, Some(settling.owner), Some(by)).await?;
    while let Some(batch) = keys.try_next().await? {
        rows.extend(batch.keys.iter().map(|k| u128::from_be_bytes(*k)).zip(batch.hashes));
    }
    Ok(rows)
}
