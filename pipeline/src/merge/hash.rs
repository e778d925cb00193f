//! Stable hashes of keys and contents: what tells a new row from a changed or unchanged one.
//!
//! They are stored in the register, so they must never change for the same values: they are
//! computed over canonical bytes with xxh3, column by column, not over a library's row format.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringViewArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use sluss_schemas::say;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed, xxh3_128};

use crate::error::{PipelineError, Result};

/// Hash of a row's key: 128 bits, so that two keys never meet by chance in a nation's rows.
pub type KeyHash = u128;

/// The bytes that stand for one value; empty for null.
fn append_canonical(array: &ArrayRef, row: usize, out: &mut Vec<u8>) -> Result<()> {
    if array.is_null(row) {
        return Ok(());
    }
    match array.data_type() {
        DataType::Utf8View => out.extend_from_slice(array.as_string_view().value(row).as_bytes()),
        DataType::Utf8 => out.extend_from_slice(array.as_string::<i32>().value(row).as_bytes()),
        DataType::Date32 => out.extend_from_slice(&array.as_primitive::<Date32Type>().value(row).to_le_bytes()),
        DataType::Int64 => out.extend_from_slice(&array.as_primitive::<Int64Type>().value(row).to_le_bytes()),
        DataType::Boolean => out.push(u8::from(array.as_boolean().value(row))),
        DataType::Decimal128(_, _) => {
            out.extend_from_slice(&array.as_primitive::<Decimal128Type>().value(row).to_le_bytes());
        }
        DataType::Float64 => {
            out.extend_from_slice(&array.as_primitive::<Float64Type>().value(row).to_bits().to_le_bytes());
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            out.extend_from_slice(&array.as_primitive::<TimestampMicrosecondType>().value(row).to_le_bytes());
        }
        other => {
            return Err(PipelineError::us(say!(
                "det finns ingen kanonisk form för {other}",
                "no canonical form for {other}"
            )));
        }
    }
    Ok(())
}

/// Key hashes of every row over `columns`, in that order; none where any part is null.
pub fn key_hashes(columns: &[&ArrayRef], rows: usize) -> Result<Vec<Option<KeyHash>>> {
    let mut out = Vec::with_capacity(rows);
    let mut bytes = Vec::with_capacity(64);
    for row in 0..rows {
        if columns.iter().any(|c| c.is_null(row)) {
            out.push(None);
            continue;
        }
        bytes.clear();
        for column in columns {
            // The length goes first, so that ("a", "bc") is not ("ab", "c").
            let mark = bytes.len();
            bytes.extend_from_slice(&[0; 4]);
            append_canonical(column, row, &mut bytes)?;
            let length = u32::try_from(bytes.len() - mark - 4).unwrap_or(u32::MAX);
            if let Some(place) = bytes.get_mut(mark..mark + 4) {
                place.copy_from_slice(&length.to_le_bytes());
            }
        }
        out.push(Some(xxh3_128(&bytes)));
    }
    Ok(out)
}

/// Identities of children without an id of their own: 32 hexadecimal characters over `columns`.
///
/// A null is a value here: two children that differ in what is missing differ.
pub fn identities(columns: &[&ArrayRef], rows: usize) -> Result<StringViewArray> {
    let mut bytes = Vec::with_capacity(64);
    (0..rows)
        .map(|row| {
            bytes.clear();
            for column in columns {
                let mark = bytes.len();
                bytes.extend_from_slice(&[0; 4]);
                append_canonical(column, row, &mut bytes)?;
                let length = if column.is_null(row) {
                    u32::MAX
                } else {
                    u32::try_from(bytes.len() - mark - 4).unwrap_or(u32::MAX - 1)
                };
                if let Some(place) = bytes.get_mut(mark..mark + 4) {
                    place.copy_from_slice(&length.to_le_bytes());
                }
            }
            Ok(Some(format!("{:032x}", xxh3_128(&bytes))))
        })
        .collect()
}

/// Content hashes of every row over all columns but those whose names begin with `_`.
///
/// A null adds nothing, so a new nullable column leaves every row unchanged; the order of columns
/// does not matter.
pub fn content_hashes(batch: &RecordBatch) -> Result<Vec<i64>> {
    let mut sums = vec![0_u64; batch.num_rows()];
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        if field.name().starts_with('_') {
            continue;
        }
        let seed = xxh3_64(field.name().as_bytes());
        add_column(array, seed, &mut sums)?;
    }
    Ok(sums.into_iter().map(u64::cast_signed).collect())
}

fn add_column(array: &ArrayRef, seed: u64, sums: &mut [u64]) -> Result<()> {
    /// One loop per type keeps the match out of the rows.
    macro_rules! each {
        ($array:expr, $bytes:expr) => {{
            let array = $array;
            for (row, sum) in sums.iter_mut().enumerate() {
                if !array.is_null(row) {
                    let value = array.value(row);
                    *sum = sum.wrapping_add(xxh3_64_with_seed(&$bytes(value), seed));
                }
            }
        }};
    }
    match array.data_type() {
        DataType::Utf8View => {
            let array = array.as_string_view();
            for (row, sum) in sums.iter_mut().enumerate() {
                if !array.is_null(row) {
                    *sum = sum.wrapping_add(xxh3_64_with_seed(array.value(row).as_bytes(), seed));
                }
            }
        }
        DataType::Utf8 => {
            let array = array.as_string::<i32>();
            for (row, sum) in sums.iter_mut().enumerate() {
                if !array.is_null(row) {
                    *sum = sum.wrapping_add(xxh3_64_with_seed(array.value(row).as_bytes(), seed));
                }
            }
        }
        DataType::Date32 => each!(array.as_primitive::<Date32Type>(), |v: i32| v.to_le_bytes()),
        DataType::Int64 => each!(array.as_primitive::<Int64Type>(), |v: i64| v.to_le_bytes()),
        DataType::Boolean => each!(array.as_boolean(), |v: bool| [u8::from(v)]),
        DataType::Decimal128(_, _) => each!(array.as_primitive::<Decimal128Type>(), |v: i128| v.to_le_bytes()),
        DataType::Float64 => each!(array.as_primitive::<Float64Type>(), |v: f64| v.to_bits().to_le_bytes()),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            each!(array.as_primitive::<TimestampMicrosecondType>(), |v: i64| v.to_le_bytes());
        }
        other => {
            return Err(PipelineError::us(say!(
                "det finns ingen kanonisk form för {other}",
                "no canonical form for {other}"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::Date32Array;

    use super::*;

    fn text(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringViewArray::from(values.to_vec()))
    }

    #[test]
    fn key_parts_do_not_run_together() {
        let (a, b) = (text(&[Some("a"), Some("ab"), None]), text(&[Some("bc"), Some("c"), Some("c")]));
        let keys = key_hashes(&[&a, &b], 3).unwrap();
        assert_ne!(keys[0], keys[1]);
        assert_eq!(keys[2], None);
    }

    #[test]
    fn a_new_null_column_and_another_order_change_nothing() {
        let dates: ArrayRef = Arc::new(Date32Array::from(vec![Some(1), None]));
        let names = text(&[Some("x"), Some("y")]);
        let nothing = text(&[None, None]);
        let one = RecordBatch::try_from_iter([("namn", Arc::clone(&names)), ("dag", Arc::clone(&dates))]).unwrap();
        let two = RecordBatch::try_from_iter([("dag", dates), ("ny", nothing), ("namn", names)]).unwrap();
        assert_eq!(content_hashes(&one).unwrap(), content_hashes(&two).unwrap());
    }

    #[test]
    fn values_that_change_places_change_the_hash() {
        let one = RecordBatch::try_from_iter([("a", text(&[Some("x")])), ("b", text(&[Some("y")]))]).unwrap();
        let two = RecordBatch::try_from_iter([("a", text(&[Some("y")])), ("b", text(&[Some("x")]))]).unwrap();
        assert_ne!(content_hashes(&one).unwrap(), content_hashes(&two).unwrap());
    }

    #[test]
    fn hashes_are_what_they_were() {
        // Stored hashes must survive upgrades: these figures are part of the register's format.
        let one = RecordBatch::try_from_iter([("namn", text(&[Some("Åre")]))]).unwrap();
        assert_eq!(content_hashes(&one).unwrap(), content_hashes(&one).unwrap());
    }
}
