//! The partitions that a delivery brings to a lake table, each with a digest of its rows.

use arrow::array::{Array, AsArray, RecordBatch, StringViewArray};
use sluss_schemas::say;
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
                    PipelineError::configuration(say!(
                        "{}: partitionskolumnen {name} är inte text",
                        "{}: the partition column {name} is not text",
                        table.name
                    ))
                })
            })
            .collect::<Result<_>>()?;
        // The order of Delta's own paths is by declaration; ours is by name, as `partition_name` makes it.
        columns.sort_by_key(|(name, _)| name.as_str());
        // Equal views in one batch are equal texts: partitions are mostly told apart without their names.
        let mut met: Vec<(Vec<Option<u128>>, u32)> = Vec::new();
        let mut last = usize::MAX;
        let mut out = Vec::with_capacity(rows.num_rows());
        for row in 0..rows.num_rows() {
            let same = |(views, _): &(Vec<Option<u128>>, u32)| {
                columns.iter().zip(views).all(|((_, column), view)| view_of(column, row) == *view)
            };
            if !met.get(last).is_some_and(same) {
                last = if let Some(place) = met.iter().position(same) {
                    place
                } else {
                    let views = columns.iter().map(|(_, column)| view_of(column, row)).collect();
                    met.push((views, self.named(&name_of(&columns, row))?));
                    met.len() - 1
                };
            }
            out.push(met.get(last).map(|(_, index)| *index).unwrap_or_default());
        }
        Ok(out)
    }

    fn named(&mut self, name: &str) -> Result<u32> {
        let found = self.list.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.list.push((name.to_owned(), Digest::default()));
            self.list.len() - 1
        });
        u32::try_from(found).map_err(|_| {
            PipelineError::us(say!("fler partitioner än som kan räknas", "more partitions than can be counted"))
        })
    }
}

fn view_of(column: &StringViewArray, row: usize) -> Option<u128> {
    if column.is_null(row) { None } else { column.views().get(row).copied() }
}

fn name_of(columns: &[(&String, &StringViewArray)], row: usize) -> String {
    let part = |(name, column): &(&String, &StringViewArray)| {
        format!("{name}={}", if column.is_null(row) { "" } else { column.value(row) })
    };
    columns.iter().map(part).collect::<Vec<_>>().join("/")
}
