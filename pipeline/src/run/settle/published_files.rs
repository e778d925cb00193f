//! A table whose published rows are in the lake's files alone: compared row by row, replaced
//! partition by partition.
//!
//! A partition with the same digest as the published one is left alone without being read. Of the
//! others, the published rows are read back once: they tell which delivered rows are new or
//! changed, which published ones are ended, and which must stay although the delivery does not
//! bring them, since their successor was rejected or since absence means nothing in this delivery.
//! Rows that stay are written into the partition's new files.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use futures::TryStreamExt;
use sluss_schemas::say;
use sluss_schemas::table::Table;

use super::target::Finished;
use super::{Settling, Standing, keys_of};
use crate::error::{PipelineError, Result};
use crate::lake::{Manifest, ManifestKind, Stage, StagedPartition};
use crate::ledger::LakePartition;
use crate::merge::{KeyCounts, KeyHash, content_hashes, key_hashes};
use crate::register::{NewPartition, PartitionContent};
use crate::run::partitions::{Digest, Partitions};
use crate::run::table::filtered;
use crate::validate::CONTENT;

/// The owner's published partitions, and what the delivery brings to them.
pub(super) struct PublishedFiles {
    table: Arc<Table>,
    /// By name; in their names' order.
    published: BTreeMap<String, LakePartition>,
    /// What the delivery brings to each partition, in the order of their coming.
    delivered: Partitions,
    /// Which of them differ from what is published.
    changed: Vec<bool>,
    /// Key and content of the delivered rows of changed partitions, where there is something to compare with.
    rows: HashMap<KeyHash, i64>,
    rejected: HashSet<KeyHash>,
    /// Partitions that a replay leaves as a later delivery left them.
    superseded: HashSet<String>,
    stage: Option<Box<Stage>>,
}

/// What becomes of one published row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Unchanged,
    Changed,
    Ended,
    /// It stays: its successor was rejected.
    Stale,
    /// It stays: this delivery ends nothing.
    Stays,
}

/// What the comparison found.
#[derive(Default)]
struct Compared {
    counts: KeyCounts,
    /// Published rows that stay although the delivery does not bring them, by partition.
    staying: Partitions,
}

impl PublishedFiles {
    pub(super) async fn of(table: &Arc<Table>, delivered: Partitions, settling: &Settling<'_>) -> Result<Self> {
        let published = settling.register.lake_partitions(&table.name).await?;
        let published: BTreeMap<_, _> = published
            .into_iter()
            .filter(|p| p.rows > 0 && is_owned(&p.partition, table, settling.owner))
            .map(|p| (p.partition.clone(), p))
            .collect();
        let mut superseded = settling.superseded_partitions(&table.name).await?;
        if settling.standing == Standing::Outdated {
            superseded.extend(published.keys().chain(delivered.list.iter().map(|(name, _)| name)).cloned());
        }
        let is_changed = |(name, digest): &(String, Digest)| {
            digest.rows > 0
                && !superseded.contains(name)
                && published.get(name).is_none_or(|p| p.digest != digest.text())
        };
        let changed = delivered.list.iter().map(is_changed).collect();
        Ok(Self {
            table: Arc::clone(table),
            published,
            delivered,
            changed,
            rows: HashMap::new(),
            rejected: HashSet::new(),
            superseded,
            stage: None,
        })
    }

    pub(super) fn before(&self) -> u64 {
        self.published.values().map(|p| p.rows).sum()
    }

    pub(super) fn kept_back(&mut self, key: KeyHash) {
        if !self.published.is_empty() {
            self.rejected.insert(key);
        }
    }

    /// Stages the rows of changed partitions.
    pub(super) async fn take(&mut self, rows: &RecordBatch, settling: &Settling<'_>) -> Result<()> {
        if !self.changed.iter().any(|c| *c) {
            return Ok(());
        }
        let rows = self.of_changed_partitions(rows)?;
        if rows.num_rows() == 0 {
            return Ok(());
        }
        if !self.published.is_empty() {
            let contents = rows.column_by_name(CONTENT).and_then(|c| c.as_primitive_opt::<Int64Type>());
            let contents = contents.ok_or_else(|| {
                PipelineError::us(say!("prövade rader utan innehållssumma", "judged rows without content hashes"))
            })?;
            let keys = keys_of(&rows)?.into_iter();
            self.rows.extend(keys.zip(contents.values()).filter_map(|(key, content)| Some((key?, *content))));
        }
        if settling.dry {
            return Ok(());
        }
        self.stage(settling).await?.write(&rows).await
    }

    fn of_changed_partitions(&mut self, rows: &RecordBatch) -> Result<RecordBatch> {
        let mut brought = self.delivered.list.iter().zip(&self.changed).filter(|((_, digest), _)| digest.rows > 0);
        if brought.all(|(_, changed)| *changed) {
            return Ok(rows.clone());
        }
        let places = self.delivered.of_rows(rows, &self.table)?;
        let is_changed = |index: u32| self.changed.get(index as usize).copied().unwrap_or(true);
        filtered(rows, &places.into_iter().map(is_changed).collect::<Vec<_>>())
    }

    async fn stage(&mut self, settling: &Settling<'_>) -> Result<&mut Stage> {
        if self.stage.is_none() {
            let delta = settling.lake.ensure(&self.table).await?;
            self.stage = Some(Box::new(Stage::new(&delta, &self.table, settling.run)?));
        }
        self.stage.as_deref_mut().ok_or_else(|| {
            PipelineError::us(say!("en nyss öppnad mellanlagring är borta", "a stage that was just opened is gone"))
        })
    }

    pub(super) async fn finish(mut self, may_end: bool, settling: &Settling<'_>) -> Result<Finished> {
        let names = self.to_compare(may_end);
        let compared = self.compare(&names, may_end, settling).await?;
        let mut counts = compared.counts;

        // What each partition holds afterwards; those that come out as they were are left alone.
        let mut after: BTreeMap<String, Digest> = compared.staying.list.iter().cloned().collect();
        for ((name, digest), changed) in self.delivered.list.iter().zip(&self.changed) {
            if *changed {
                counts.new += digest.rows;
                after.entry(name.clone()).or_default().join(*digest);
            } else if self.published.get(name).is_some_and(|p| p.digest == digest.text()) {
                counts.unchanged += digest.rows;
            } else {
                counts.superseded += digest.rows;
            }
        }
        // Delivered rows that a published row stands for are not new.
        counts.new = counts.new.saturating_sub(counts.changed + compared.counts.unchanged);
        for name in &names {
            after.entry(name.clone()).or_default();
        }
        after.retain(|name, digest| match self.published.get(name) {
            Some(published) => published.digest != digest.text(),
            None => digest.rows > 0,
        });

        let copied: BTreeSet<String> =
            compared.staying.list.iter().map(|(name, _)| name).filter(|n| after.contains_key(*n)).cloned().collect();
        if !settling.dry && !copied.is_empty() {
            self.copy(&copied, may_end, settling).await?;
        }
        let staged = match self.stage.take() {
            Some(stage) => stage.finish().await?,
            None => Vec::new(),
        };
        let untouched = self.published.values().filter(|p| !after.contains_key(&p.partition)).map(|p| p.rows);
        let current = untouched.sum::<u64>() + after.values().map(|d| d.rows).sum::<u64>();
        Ok(self.finished(counts, &after, staged, current))
    }

    /// Published partitions whose rows may be other than the delivery's.
    fn to_compare(&self, may_end: bool) -> BTreeSet<String> {
        let brought = self.delivered.list.iter().zip(&self.changed).filter(|((_, digest), _)| digest.rows > 0);
        let delivered: HashMap<&str, bool> = brought.map(|((name, _), changed)| (name.as_str(), *changed)).collect();
        // A row moves between partitions when its partition is no part of its key.
        let may_move = self.table.partition.iter().any(|column| !self.table.key.contains(column));
        let absent = may_end || (may_move && !self.rows.is_empty());
        let names = self.published.keys().filter(|name| !self.superseded.contains(*name));
        names.filter(|name| delivered.get(name.as_str()).copied().unwrap_or(absent)).cloned().collect()
    }

    async fn compare(&self, names: &BTreeSet<String>, may_end: bool, settling: &Settling<'_>) -> Result<Compared> {
        let mut out = Compared::default();
        if names.is_empty() {
            return Ok(out);
        }
        if self.rows.is_empty() && self.rejected.is_empty() && may_end {
            // Nothing that came can stand for any of them: there is no need to read them.
            out.counts.ended = names.iter().filter_map(|name| self.published.get(name)).map(|p| p.rows).sum();
            return Ok(out);
        }
        let mut published = settling.lake.rows(&self.table, names).await?;
        while let Some(batch) = published.try_next().await? {
            let places = out.staying.of_rows(&batch, &self.table)?;
            for ((content, fate), place) in self.fates(&batch, may_end)?.into_iter().zip(places) {
                match fate {
                    Fate::Unchanged => out.counts.unchanged += 1,
                    Fate::Changed => out.counts.changed += 1,
                    Fate::Ended => out.counts.ended += 1,
                    Fate::Stale => out.counts.stale += 1,
                    Fate::Stays => {}
                }
                if matches!(fate, Fate::Stale | Fate::Stays)
                    && let Some((_, digest)) = out.staying.list.get_mut(place as usize)
                {
                    digest.add(content);
                }
            }
        }
        out.staying.list.retain(|(_, digest)| digest.rows > 0);
        Ok(out)
    }

    /// Content and fate of each published row.
    fn fates(&self, rows: &RecordBatch, may_end: bool) -> Result<Vec<(i64, Fate)>> {
        let columns = self.table.key.iter().map(|name| {
            rows.column_by_name(name).ok_or_else(|| {
                PipelineError::us(say!(
                    "en tabell i lakehouse saknar en kolumn av sin nyckel",
                    "a lake table without a column of its key"
                ))
            })
        });
        let keys = key_hashes(&columns.collect::<Result<Vec<_>>>()?, rows.num_rows())?;
        let contents = content_hashes(rows)?;
        let fate = |key: Option<KeyHash>, content: i64| match key.map(|key| (self.rows.get(&key), key)) {
            Some((Some(delivered), _)) if *delivered == content => Fate::Unchanged,
            Some((Some(_), _)) => Fate::Changed,
            Some((None, key)) if self.rejected.contains(&key) => Fate::Stale,
            _ if may_end => Fate::Ended,
            _ => Fate::Stays,
        };
        Ok(keys.into_iter().zip(contents).map(|(key, content)| (content, fate(key, content))).collect())
    }

    /// Writes the rows that stay beside the delivered ones.
    async fn copy(&mut self, names: &BTreeSet<String>, may_end: bool, settling: &Settling<'_>) -> Result<()> {
        let mut published = settling.lake.rows(&self.table, names).await?;
        while let Some(batch) = published.try_next().await? {
            let fates = self.fates(&batch, may_end)?;
            let keep: Vec<bool> = fates.iter().map(|(_, fate)| matches!(fate, Fate::Stale | Fate::Stays)).collect();
            let rows = filtered(&batch, &keep)?;
            self.stage(settling).await?.write(&rows).await?;
        }
        Ok(())
    }

    fn finished(
        &self,
        changes: KeyCounts,
        after: &BTreeMap<String, Digest>,
        staged: Vec<StagedPartition>,
        current: u64,
    ) -> Finished {
        let mut partitions = Vec::with_capacity(after.len());
        let mut add = Vec::new();
        let mut staged: HashMap<String, StagedPartition> =
            staged.into_iter().map(|s| (s.partition.clone(), s)).collect();
        for (name, digest) in after {
            let files = staged.remove(name).map(|s| s.files).unwrap_or_default();
            let content = (digest.rows > 0).then(|| PartitionContent {
                digest: digest.text(),
                rows: digest.rows,
                files: files.iter().map(|f| f.path.clone()).collect(),
            });
            add.extend(files);
            partitions.push(NewPartition { table: self.table.name.clone(), partition: name.clone(), content });
        }
        let replace: Vec<String> = after.keys().cloned().collect();
        let manifest = (!replace.is_empty())
            .then(|| Manifest { table: self.table.name.clone(), kind: ManifestKind::Files { add, replace } });
        Finished { changes, manifest, partitions, current, ended: Vec::new() }
    }
}

/// Whether a partition's rows are `owner`'s: tables with an owner keep owners in files of their own.
fn is_owned(partition: &str, table: &Table, owner: &str) -> bool {
    match table.owner.as_ref().filter(|column| table.partition.contains(column)) {
        Some(column) => partition.split('/').any(|part| part.split_once('=') == Some((column, owner))),
        None => true,
    }
}
