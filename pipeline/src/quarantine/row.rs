//! A row in quarantine, on its way in and out.

use std::fmt;

use serde::{Deserialize, Serialize};
use sluss_schemas::chunk::RowId;

/// Why a row was rejected, by the one who rejects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason<'a> {
    /// The rule's id.
    pub rule: &'a str,
    /// The column, as the sender knows it where that can be told, else the national one.
    pub column: Option<&'a str>,
    /// What the sender probably meant.
    pub suggestion: Option<&'a str>,
}

/// A row of a source batch that one table rejects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected<'a> {
    /// Its place in the batch, from 0.
    pub row: usize,
    /// All its reasons.
    pub reasons: Vec<Reason<'a>>,
}

/// What the ledger keeps of a row in quarantine: where it stood and what it broke, no value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexRow {
    /// Its address in the delivery.
    pub row: RowId,
    /// The national table that rejected it; none for a row that could not be read.
    pub table: Option<String>,
    /// The rules that it broke, each once, in the order in which they were found.
    pub rules: Vec<String>,
}

/// A reason, read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredReason {
    /// The rule's id.
    pub rule: String,
    /// The column.
    pub column: Option<String>,
    /// What the sender probably meant.
    pub suggestion: Option<String>,
}

/// A row in quarantine, read back. It holds cell values: show it to its owner only. Its `Debug`
/// shows none.
#[derive(Clone, PartialEq, Eq)]
pub struct QuarantinedRow {
    /// Its address in the delivery.
    pub row: RowId,
    /// The file's name, with personal numbers masked.
    pub origin: String,
    /// Sheet, member or page.
    pub part: Option<String>,
    /// The national table that rejected it; none for a row that could not be read.
    pub table: Option<String>,
    /// The source's columns in order. None: the value was absent.
    pub cells: Vec<(String, Option<String>)>,
    /// The bytes of a row that could not be read.
    pub raw: Option<Vec<u8>>,
    /// Facts about a row that could not be read.
    pub detail: Option<String>,
    /// Why it is here.
    pub reasons: Vec<StoredReason>,
}

impl fmt::Debug for QuarantinedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuarantinedRow")
            .field("row", &self.row)
            .field("table", &self.table)
            .field("cells", &self.cells.len())
            .field("reasons", &self.reasons.len())
            .finish_non_exhaustive()
    }
}
