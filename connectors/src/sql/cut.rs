//! Cuts ordered rows into chunks that end where the cursor's value changes.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use sluss_schemas::say;

use super::fault;
use super::key::Key;
use crate::error::Result;

/// A stretch of rows, and the value that it ends with where the next row has another.
pub(super) type Stretch = (RecordBatch, Option<Key>);

/// Holds back the rows with the latest value until another one comes.
pub(super) struct Cutter {
    /// The cursor's column, by its position; none: nothing is held back.
    column: Option<usize>,
    /// Most rows that are held back.
    most: usize,
    held: Option<RecordBatch>,
}

impl Cutter {
    /// For the cursor's column at this position.
    pub(super) fn new(column: Option<usize>, most: usize) -> Self {
        Self { column, most: most.max(1), held: None }
    }

    /// Takes rows, gives those that may go.
    pub(super) fn push(&mut self, rows: RecordBatch) -> Result<Option<Stretch>> {
        let Some(column) = self.column else { return Ok(Some((rows, None)).filter(|(rows, _)| rows.num_rows() > 0)) };
        let rows = match self.held.take() {
            Some(held) => concat_batches(&held.schema(), [&held, &rows])
                .map_err(|error| fault::ours(&say!("sätta ihop rader", "putting rows together")).because(error))?,
            None => rows,
        };
        let Some(last) = rows.num_rows().checked_sub(1) else { return Ok(None) };
        let values = rows.column(column);
        // Rows without a value stand outside the order and go at once.
        let Some(latest) = Key::at(values, last) else { return Ok(Some((rows, None))) };
        let mut from = last;
        while from > 0 && Key::at(values, from - 1).as_ref() == Some(&latest) {
            from -= 1;
        }
        let (to, key) = if from > 0 {
            (from, Key::at(values, from - 1))
        } else if rows.num_rows() > self.most {
            // Too many alike: they go without a cursor, but for one that is there to carry it.
            (last, None)
        } else {
            (0, None)
        };
        self.held = Some(rows.slice(to, rows.num_rows() - to));
        Ok((to > 0).then(|| (rows.slice(0, to), key)))
    }

    /// The rows that are left.
    pub(super) fn finish(self) -> Option<Stretch> {
        let held = self.held?;
        let last = held.num_rows().checked_sub(1)?;
        let key = self.column.and_then(|column| Key::at(held.column(column), last));
        Some((held, key))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, AsArray, Int64Array};
    use arrow::datatypes::Int64Type;

    use super::*;

    fn batch(values: &[Option<i64>]) -> RecordBatch {
        RecordBatch::try_from_iter([("k", Arc::new(Int64Array::from(values.to_vec())) as ArrayRef)]).unwrap()
    }

    fn cut(most: usize, batches: &[&[i64]]) -> Vec<(Vec<i64>, Option<i64>)> {
        let mut cutter = Cutter::new(Some(0), most);
        let mut out = Vec::new();
        for values in batches {
            out.extend(cutter.push(batch(&values.iter().copied().map(Some).collect::<Vec<_>>())).unwrap());
        }
        out.extend(cutter.finish());
        let key = |key| match key {
            Some(Key::Int(key)) => Some(key),
            _ => None,
        };
        out.into_iter()
            .map(|(rows, k)| (rows.column(0).as_primitive::<Int64Type>().values().to_vec(), key(k)))
            .collect()
    }

    #[test]
    fn chunks_end_where_the_value_changes() {
        assert_eq!(
            cut(9, &[&[1, 2, 2], &[2, 3], &[4]]),
            [(vec![1], Some(1)), (vec![2, 2, 2], Some(2)), (vec![3], Some(3)), (vec![4], Some(4)),]
        );
    }

    #[test]
    fn many_alike_go_in_pieces_and_the_last_carries_the_cursor() {
        assert_eq!(cut(2, &[&[7, 7], &[7, 7], &[7]]), [(vec![7, 7, 7], None), (vec![7, 7], Some(7))]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_every_cursor_is_right(mut values in proptest::collection::vec(0..6i64, 0..60), most in 1..5usize, size in 1..7usize) {
            values.sort_unstable();
            let batches: Vec<&[i64]> = values.chunks(size).collect();
            let mut seen = Vec::new();
            for (rows, key) in cut(most, &batches) {
                proptest::prop_assert!(rows.len() <= most.max(size) + size);
                seen.extend(rows);
                if let Some(key) = key {
                    let rest: Vec<i64> = values.iter().copied().filter(|v| *v > key).collect();
                    proptest::prop_assert_eq!(&values[seen.len()..], &rest[..]);
                }
            }
            proptest::prop_assert_eq!(seen, values);
        }
    }
}
