//! Where a table's accepted rows go, and what its publication then consists of.

use std::sync::Arc;

use arrow::array::RecordBatch;
use sluss_schemas::table::{Store, Table};

use super::Settling;
use super::published_files::PublishedFiles;
use super::published_rows::PublishedRows;
use crate::error::Result;
use crate::lake::Manifest;
use crate::merge::{KeyCounts, KeyHash};
use crate::register::NewPartition;
use crate::run::partitions::Partitions;

/// A table's published rows, which a delivery is compared with.
pub(super) enum Target {
    /// They are in the register.
    Rows(PublishedRows),
    /// They are in the lake's files alone.
    Files(PublishedFiles),
}

/// What a table's publication consists of.
pub(super) struct Finished {
    pub(super) changes: KeyCounts,
    pub(super) manifest: Option<Manifest>,
    pub(super) partitions: Vec<NewPartition>,
    /// Rows of the owner once it has been published.
    pub(super) current: u64,
    /// The keys that end, where the rows are in the register.
    pub(super) ended: Vec<KeyHash>,
}

impl Target {
    /// The published rows of `table` that belong to the run's owner.
    pub(super) async fn of(table: &Arc<Table>, delivered: Partitions, settling: &Settling<'_>) -> Result<Self> {
        Ok(match table.store {
            Store::Register => Self::Rows(PublishedRows::of(table, settling).await?),
            Store::Lake => Self::Files(PublishedFiles::of(table, delivered, settling).await?),
        })
    }

    /// Rows of the owner before this delivery.
    pub(super) fn before(&self) -> u64 {
        match self {
            Self::Rows(rows) => rows.before(),
            Self::Files(files) => files.before(),
        }
    }

    /// Those of them that this job delivered. In the lake the owner's jobs share their partitions.
    pub(super) fn own_before(&self) -> u64 {
        match self {
            Self::Rows(rows) => rows.own_before(),
            Self::Files(files) => files.before(),
        }
    }

    /// A row that came but was rejected: its predecessor stays. Told when all accepted rows have been taken.
    pub(super) fn kept_back(&mut self, key: KeyHash) {
        match self {
            Self::Rows(rows) => rows.kept_back(key),
            Self::Files(files) => files.kept_back(key),
        }
    }

    /// A row of a contract that is not to be registered any longer: it ends. Whether it was there.
    pub(super) fn withheld(&mut self, key: KeyHash) -> bool {
        match self {
            Self::Rows(rows) => rows.withheld(key),
            Self::Files(_) => false,
        }
    }

    /// Accepted rows.
    pub(super) async fn take(&mut self, rows: &RecordBatch, settling: &Settling<'_>) -> Result<()> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        match self {
            Self::Rows(published) => published.take(rows, settling).await,
            Self::Files(published) => published.take(rows, settling).await,
        }
    }

    /// The delivery has ended. `may_end`: what it lacks is no more.
    pub(super) async fn finish(self, may_end: bool, settling: &Settling<'_>) -> Result<Finished> {
        match self {
            Self::Rows(published) => published.finish(may_end, settling).await,
            Self::Files(published) => published.finish(may_end, settling).await,
        }
    }
}
