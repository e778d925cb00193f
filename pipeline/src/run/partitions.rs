//! The partitions that a delivery brings to a lake table, each with a digest of its rows.

use arrow::array::{Array, AsArray, RecordBatch};
use sluss_schemas::table::Table;

use crate::error::{PipelineError, Result};

/// Partitions of a lake table: their names and the digest of their rows.
#[derive(Debug, Default)]
pub(super) struct Partitions {
    /// `column=value/…` and the digest, by index.
    pub(super) list: Vec<(String, Digest)>,
}

/// Order-independent digest of a partition's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Digest {
    pub(super) rows: u64,
    sum: u128,
}

impl Digest {
    pub(super) fn add(&mut self, content: i64) {
        self.rows += 1;
        self.sum = self.sum.wrapping_add(spread(content));
    }

    /// Another digest of the same partition's rows.
    pub(super) fn join(&mut self, other: Self) {
        self.rows += other.rows;
        self.sum = self.sum.wrapping_add(other.sum);
    }

    pub(super) fn take_away(&mut self, content: i64) {
        self.rows = self.rows.saturating_sub(1);
        self.sum = self.sum.wrapping_sub(spread(content));
    }

    /// As the ledger keeps it.
    pub(super) fn text(&self) -> String {
        format!("{}:{:032x}", self.rows, self.sum)
    }
}

/// Sums of plain hashes would let two swapped cells cancel out; sums of hashes of hashes do not.
fn spread(content: i64) -> u128 {
    xxhash_rust::xxh3::xxh3_128(&content.to_le_bytes())
}

impl Partitions {
    /// The index of each row's partition; unknown partitions are added.
    pub(super) fn of_rows(&mut self, rows: &RecordBatch, table: &Table) -> Result<Vec<u32>> {
        let mut columns: Vec<_> = table
            .partition
            .iter()
            .map(|name| {
                let column = rows.column_by_name(name).and_then(|c| c.as_string_view_opt());
                column.map(|c| (name, c)).ok_or_else(|| {
                    PipelineError::configuration(format!("{}: the partition column {name} is not text", table.name))
                })
            })
            .collect::<Result<_>>()?;
        // The order of Delta's own paths is by declaration; ours is by name, as `partition_name` makes it.
        columns.sort_by_key(|(name, _)| name.as_str());
        let mut out = Vec::with_capacity(rows.num_rows());
        let mut last: Option<(usize, u32)> = None;
        let same =
            |a: usize, b: usize| columns.iter().all(|(_, c)| c.is_null(a) == c.is_null(b) && c.value(a) == c.value(b));
        for row in 0..rows.num_rows() {
            if let Some((before, index)) = last
                && same(before, row)
            {
                out.push(index);
                continue;
            }
            let name = columns
                .iter()
                .map(|(name, c)| format!("{name}={}", if c.is_null(row) { "" } else { c.value(row) }))
                .collect::<Vec<_>>()
                .join("/");
            let found = self.list.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
                self.list.push((name, Digest::default()));
                self.list.len() - 1
            });
            let index = u32::try_from(found).map_err(|_| PipelineError::us("more partitions than can be counted"))?;
            last = Some((row, index));
            out.push(index);
        }
        Ok(out)
    }
}
