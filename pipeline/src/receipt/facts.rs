//! What a receipt tells.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sluss_schemas::rule::{Language, Severity};

/// One run's receipt. Its serialised form is what the ledger keeps; new fields are added at the end
/// of a struct with a default, so that old receipts stay readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The run's id.
    pub run: String,
    /// The job's name.
    pub job: String,
    /// Whose delivery it was.
    pub owner: Owner,
    /// The delivery's date.
    pub delivered: NaiveDate,
    /// How it ended.
    pub state: State,
    /// What came in, in reading order.
    pub files: Vec<FileCount>,
    /// What became of the source rows.
    pub rows: SourceRows,
    /// What became of the national rows, table by table.
    pub tables: Vec<TableCount>,
    /// Broken rules, the most frequent first within each severity; see [`Receipt::sort_rules`].
    pub rules: Vec<RuleCount>,
    /// What the region should know besides (a heading that was not known, a file that was empty).
    pub warnings: Vec<Text>,
    /// What the register has of this job now.
    pub published: Published,
}

impl Receipt {
    /// Puts the rules in the order in which a region should read them: rejections first, then
    /// remarks, then repairs; the most frequent first, then by id and table.
    pub fn sort_rules(&mut self) {
        self.rules.sort_by(|a, b| {
            let key = |r: &RuleCount| (order(r.severity), std::cmp::Reverse(r.count));
            (key(a), &a.rule, &a.table).cmp(&(key(b), &b.rule, &b.table))
        });
    }
}

fn order(severity: Severity) -> u8 {
    match severity {
        Severity::Reject => 0,
        Severity::Warn => 1,
        Severity::Repair => 2,
    }
}

/// Who sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Länskod, or the job's own word where it is no region's.
    pub code: String,
    /// Its name: *Region Västernorrland*.
    pub name: String,
}

impl Owner {
    /// The owner with that länskod; the code itself is the name where it is no region's.
    pub fn of(code: &str) -> Self {
        let name = sluss_schemas::region::by_lanskod(code).map_or(code, |region| region.name);
        Self { code: code.to_owned(), name: name.to_owned() }
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "is")]
pub enum State {
    /// Published.
    Done,
    /// Nothing published: the delivery does not look right, a person must decide.
    Held {
        /// Why, as one sentence.
        reason: Text,
    },
    /// Nothing published: something went wrong.
    Failed {
        /// Why, as one sentence.
        reason: Text,
    },
}

/// A sentence in both languages. Never with a cell's value in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Swedish.
    pub sv: String,
    /// English.
    pub en: String,
}

impl Text {
    /// In one of them.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Swedish => &self.sv,
            Language::English => &self.en,
        }
    }
}

/// A file, or a sheet or member of one, or all answers of an address, that came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCount {
    /// Its name, personal numbers masked.
    pub name: String,
    /// Sheet, member or page.
    pub part: Option<String>,
    /// Rows in it, also those that could not be read.
    pub rows: u64,
    /// For an address that was asked again and again: how many of its answers had rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<u64>,
    /// Bytes of those answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// What became of the source rows: `read` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRows {
    /// Came in.
    pub read: u64,
    /// Became national rows, all of them accepted.
    pub accepted: u64,
    /// Are in quarantine.
    pub rejected: u64,
    /// Were kept back for secrecy.
    pub withheld: u64,
    /// Were left out by a named filter of the mapping.
    pub filtered: u64,
}

impl SourceRows {
    /// Whether every row is accounted for.
    pub fn adds_up(&self) -> bool {
        [self.accepted, self.rejected, self.withheld, self.filtered]
            .into_iter()
            .try_fold(0_u64, u64::checked_add)
            .is_some_and(|sum| sum == self.read)
    }
}

/// What became of one table's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCount {
    /// The national table.
    pub table: String,
    /// Rows that the mapping gave.
    pub mapped: u64,
    /// Accepted, those after a repair among them.
    pub accepted: u64,
    /// Accepted after a repair.
    pub repaired: u64,
    /// Rejected to quarantine.
    pub rejected: u64,
    /// Kept back for secrecy.
    pub withheld: u64,
    /// Not in the register before.
    pub new: u64,
    /// In the register with other content.
    pub changed: u64,
    /// In the register, and not in a complete delivery any more.
    pub ended: u64,
    /// As before.
    pub unchanged: u64,
    /// Rejected or withheld now; what the register had stays.
    pub stale: u64,
}

/// How often a rule was broken in a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCount {
    /// The rule's id.
    pub rule: String,
    /// What breaking it meant in this table.
    pub severity: Severity,
    /// The national table; none where the row could not be read.
    pub table: Option<String>,
    /// How many times.
    pub count: u64,
    /// The first few places.
    pub examples: Vec<Example>,
}

/// Where a rule was broken: an address, no value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The file's name, personal numbers masked.
    pub file: String,
    /// Sheet, member or page.
    pub part: Option<String>,
    /// The row that a person sees, from 1.
    pub row: u64,
    /// The column, by the name that the sender gave it where that can be told.
    pub column: Option<String>,
    /// What the sender probably meant.
    pub suggestion: Option<String>,
}

/// What the register has of this job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Date of the delivery that was published last; none where none has been.
    pub delivered: Option<NaiveDate>,
    /// That delivery's run.
    pub run: Option<String>,
    /// Current rows of the owner.
    pub tables: Vec<PublishedTable>,
}

/// Current rows of one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedTable {
    /// The national table.
    pub table: String,
    /// Rows of the owner that are valid now.
    pub rows: u64,
}
