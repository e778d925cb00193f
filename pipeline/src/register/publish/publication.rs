//! What a run publishes, and what came of it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ledger::{LakePartition, QuarantineRow, Receipt};

/// Everything that one run publishes, but its staged rows.
#[derive(Clone, Debug, Default)]
pub struct Publication {
    /// The run. Its rows and keys have been staged.
    pub run: String,
    /// The job.
    pub job: String,
    /// What it was called before.
    pub formerly: Vec<String>,
    /// Whose rows these are: a länskod, or a national job's name. Nothing of another owner's changes.
    pub owner: String,
    /// The register's sequence number when the plan was made ([`crate::register::Ask::base`]).
    pub base: u64,
    /// The lease's fence, where the job runs under a lease.
    pub fence: Option<u64>,
    /// From which day changes without a date of their own take effect: the delivery's date.
    pub effective: NaiveDate,
    /// Hash of the mapping that made the rows.
    pub mapping: String,
    /// The register tables that the job feeds: those with staged rows or keys, and those without.
    pub tables: Vec<TableChange>,
    /// Lake files to add and to remove, one for each lake table.
    pub manifests: Vec<NewManifest>,
    /// Lake partitions as they will be.
    pub partitions: Vec<NewPartition>,
    /// Where the source goes on next time.
    pub cursor: Option<String>,
    /// Row counts of the run, as its accounting has them.
    pub counts: Value,
    /// The receipt.
    pub receipt: Receipt,
    /// Rejected rows.
    pub quarantine: Vec<QuarantineRow>,
    /// The run whose delivery this one reads again, for a replay. Keys that a later delivery
    /// published are left alone and reported; rows that wait in that run's quarantine wait no
    /// longer, since what is still wrong with them stands in this run's.
    pub replay_of: Option<String>,
    /// A replay of a delivery after which the job's whole source has come: what it publishes was the
    /// latest that could be read, and stays stale; what it rejects waits under the later one.
    pub outdated: bool,
    /// Keys by table that end since their contract is not to be registered any longer. They are staged as
    /// ended too.
    pub withheld: Vec<(String, Vec<[u8; 16]>)>,
    /// It would have been held, and is published on a person's word.
    pub believed: bool,
    /// The delivery is the job's whole source: rows that wait from its earlier deliveries wait no
    /// longer, since what is still wrong with them stands in this run's.
    pub complete: bool,
}

/// One register table of a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableChange {
    /// The table.
    pub table: String,
    /// Whether the delivery held all of the job's rows, so that a key of its is stale only if this
    /// delivery says so.
    pub complete: bool,
}

/// What is to be done in one lake table.
#[derive(Clone, Debug, PartialEq)]
pub struct NewManifest {
    /// The table.
    pub table: String,
    /// Files to add and to remove, in the projector's own form.
    pub actions: Value,
}

/// A lake partition after the publication.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPartition {
    /// The table.
    pub table: String,
    /// The partition's values, in the projector's own form.
    pub partition: String,
    /// Digest of its content; none: the partition is gone.
    pub content: Option<PartitionContent>,
}

/// What a lake partition holds.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionContent {
    /// Digest of the rows, independent of their order and of file names.
    pub digest: String,
    /// Number of rows.
    pub rows: u64,
    /// Its files.
    pub files: Value,
}

/// What came of a publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Its sequence number; none where nothing changed.
    pub seq: Option<u64>,
    /// Recorded time of its rows; none where nothing changed.
    pub reg_at: Option<DateTime<Utc>>,
    /// Number of events.
    pub events: u64,
    /// What changed in each register table, in the publication's order.
    pub tables: Vec<TableOutcome>,
}

/// What a publication changed in one table, in keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableOutcome {
    /// The table.
    pub table: String,
    /// Keys that were not there, or had ended.
    pub new: u64,
    /// Keys with new values from the effective day.
    pub changed: u64,
    /// Keys whose period or corrections changed.
    pub corrected: u64,
    /// Keys that ended.
    pub ended: u64,
    /// Keys that became stale.
    pub stale: u64,
    /// Keys that are no longer stale.
    pub fresh: u64,
    /// Rows of a replay that a later delivery supersedes.
    pub superseded: Vec<u64>,
}

impl Publication {
    /// The job by all its names.
    pub(super) fn jobs(&self) -> Vec<String> {
        std::iter::once(&self.job).chain(&self.formerly).cloned().collect()
    }
}

impl Published {
    /// A publication that changed nothing.
    pub(crate) const fn nothing() -> Self {
        Self { seq: None, reg_at: None, events: 0, tables: Vec::new() }
    }
}

impl TableOutcome {
    /// Number of keys that it touched.
    pub(super) fn changes(&self) -> u64 {
        self.new + self.changed + self.corrected + self.ended + self.stale + self.fresh
    }
}

impl From<&LakePartition> for NewPartition {
    fn from(partition: &LakePartition) -> Self {
        let content =
            PartitionContent { digest: partition.digest.clone(), rows: partition.rows, files: partition.files.clone() };
        Self { table: partition.table.clone(), partition: partition.partition.clone(), content: Some(content) }
    }
}
