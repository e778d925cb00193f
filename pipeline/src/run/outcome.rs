//! What came of a run, in figures: the ground for its receipt and for every other report.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::account::Balance;
use super::guard::Held;
use super::lineage::Lineage;
use crate::merge::KeyCounts;
use crate::validate::RuleCount;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Published (perhaps nothing new).
    Done,
    /// Believed to be wrong as a whole: nothing published.
    Held,
    /// Judged only: a plan, or a job of a test environment.
    Planned,
}

/// A finished run.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Outcome {
    /// The run's id.
    pub run: String,
    /// The job's name.
    pub job: String,
    /// The owner.
    pub owner: String,
    /// How it ended.
    pub state: RunState,
    /// Why it is held.
    pub held: Vec<Held>,
    /// Source rows.
    pub balance: Balance,
    /// Per national table, in the order of `feeds`.
    pub tables: Vec<TableOutcome>,
    /// Per rule, table and column.
    pub rules: Vec<RuleCount>,
    /// Source columns in which personal numbers stood, with the number of cells.
    pub personal_numbers: BTreeMap<String, u64>,
    /// Files, in reading order.
    pub files: Vec<FileOutcome>,
    /// The job's latest run that published before this one, and when it began.
    pub previous: Option<(String, DateTime<Utc>)>,
    /// The publication's number, where something was published.
    pub publish_seq: Option<u64>,
    /// Whether the source itself was asked: where it had nothing new, what there is is as fresh as it can be.
    /// Not so where the job waits for what arrives.
    #[serde(default)]
    pub asked: bool,
    /// Which columns came from which, where somebody follows it. The ledger does not keep it.
    #[serde(skip)]
    pub lineage: Option<Arc<Lineage>>,
}

/// One table of a run.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct TableOutcome {
    /// The table.
    pub table: String,
    /// Rows that the mapping gave.
    pub mapped: u64,
    /// Rows accepted.
    pub accepted: u64,
    /// Of them, after a repair.
    pub repaired: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Rows of contracts that their region has decided not to register.
    #[serde(default)]
    pub withheld: u64,
    /// Rows folded into another of their `one_per` group.
    pub folded: u64,
    /// Against the register; for a lake table, rows by what became of their partition.
    pub changes: KeyCounts,
    /// Partitions of a lake table that were written anew.
    pub partitions: u64,
    /// Rows that are published of the owner after the run, whether or not it published.
    pub current: u64,
}

/// One file of a run, or all answers of one address.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct FileOutcome {
    /// Its name as a person knows it.
    pub name: String,
    /// Sheet or archive member.
    pub part: Option<String>,
    /// Rows read from it, readable or not.
    pub rows: u64,
    /// For an address that was asked again and again: how many of its answers had rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<u64>,
    /// Bytes of those answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}
