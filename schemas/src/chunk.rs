//! What a connector hands to the pipeline: rows, rows that it could not read, and where they stood.

use std::sync::Arc;

use arrow::array::RecordBatch;
use serde::{Deserialize, Serialize};

/// Name of the hidden column that carries each row's [`RowId`] from source to register.
pub const ROW_ID: &str = "_rad";

/// A row's address within one delivery: the origin's ordinal in the upper 24 bits, the row number
/// within the origin in the lower 40.
///
/// The row number is the one that a person sees: the physical line for text files, the sheet's row
/// for workbooks, the element's ordinal for JSON and XML. It starts at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RowId(pub u64);

impl RowId {
    /// Number of bits that hold the row number.
    pub const ROW_BITS: u32 = 40;

    /// The address of row `row` of origin number `origin`.
    pub const fn new(origin: u32, row: u64) -> Self {
        Self(((origin as u64) << Self::ROW_BITS) | (row & ((1 << Self::ROW_BITS) - 1)))
    }

    /// The origin's ordinal.
    pub const fn origin(self) -> u64 {
        self.0 >> Self::ROW_BITS
    }

    /// The row number within the origin, from 1.
    pub const fn row(self) -> u64 {
        self.0 & ((1 << Self::ROW_BITS) - 1)
    }
}

/// One file, workbook sheet, archive member, response or query result that rows come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Ordinal within the delivery, from 0, in reading order.
    pub index: u32,
    /// What a person calls it: a file's path relative to the project or bucket; for one of many answers
    /// of an address, `host/path #17`. Never a secret.
    pub name: String,
    /// Part within it: a sheet, an archive member, a page.
    pub part: Option<String>,
}

impl Origin {
    /// For one of many answers (`host/path #17`), what all of them are called; none for anything else.
    pub fn answered_by(&self) -> Option<&str> {
        let (all, number) = self.name.rsplit_once(" #")?;
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        is_number.then_some(all)
    }
}

/// A row that the connector could not read. It is data, not an error: it goes to quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Where it stood.
    pub row: RowId,
    /// Id of the rule that it breaks (`fel_antal_kolumner`, `ogiltiga_tecken`, `oavslutat_citat`, …).
    pub rule: &'static str,
    /// Facts for the message (counts, byte offsets), never a cell's value.
    pub detail: String,
    /// The row's original bytes, for the encrypted quarantine.
    pub raw: Vec<u8>,
}

/// Where to go on after a chunk; opaque to everybody but its connector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(pub String);

/// A stretch of one origin.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Where the rows come from.
    pub origin: Arc<Origin>,
    /// The source's own columns, and [`ROW_ID`] (`UInt64`) last.
    ///
    /// Text formats give every column as `Utf8View`; typed sources (SQL) give their own types.
    /// An absent value is null; an empty cell of a text file is an empty string.
    pub rows: RecordBatch,
    /// Rows of this stretch that could not be read.
    pub unread: Vec<Unread>,
    /// The position after this chunk, where the connector can go on from one.
    pub cursor: Option<Cursor>,
}
