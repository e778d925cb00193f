//! Personal numbers where none may be: looked for in every column, whatever the mapping uses.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int32Type, Int64Type, UInt32Type, UInt64Type};
use sluss_schemas::chunk::ROW_ID;
use sluss_schemas::personnummer;

/// Numbers that can be a personal number: ten digits, or twelve with the century.
const NUMBERS: [std::ops::Range<i128>; 2] = [1_000_000_000..10_000_000_000, 180_000_000_000..210_000_000_000];

/// Counts cells with personal numbers by source column: whoever sent them must know.
pub(super) fn look(rows: &RecordBatch, found: &mut BTreeMap<String, u64>) {
    for (field, column) in rows.schema_ref().fields().iter().zip(rows.columns()) {
        if field.name() == ROW_ID {
            continue;
        }
        let hits = hits(column);
        if hits > 0 {
            *found.entry(field.name().clone()).or_default() += hits;
        }
    }
}

/// Cells of a column that hold one.
fn hits(column: &dyn Array) -> u64 {
    match column.data_type() {
        DataType::Utf8View => {
            let texts = column.as_string_view().iter().flatten();
            texts.filter(|text| personnummer::contains(text)).count() as u64
        }
        DataType::Int32 => numbers(column.as_primitive::<Int32Type>().iter().flatten().map(i128::from)),
        DataType::Int64 => numbers(column.as_primitive::<Int64Type>().iter().flatten().map(i128::from)),
        DataType::UInt32 => numbers(column.as_primitive::<UInt32Type>().iter().flatten().map(i128::from)),
        DataType::UInt64 => numbers(column.as_primitive::<UInt64Type>().iter().flatten().map(i128::from)),
        DataType::Decimal128(_, scale) => {
            let Some(one) = u32::try_from(*scale).ok().and_then(|scale| 10_i128.checked_pow(scale)) else { return 0 };
            let values = column.as_primitive::<Decimal128Type>().iter().flatten();
            numbers(values.filter(|value| value % one == 0).map(|value| value / one))
        }
        DataType::Float64 => {
            let values = column.as_primitive::<Float64Type>().iter().flatten();
            numbers(values.filter_map(whole))
        }
        _ => 0,
    }
}

fn numbers(values: impl Iterator<Item = i128>) -> u64 {
    let mut text = String::new();
    let mut is_person = |value: i128| {
        text.clear();
        // Writing into a text does not fail.
        let _ = write!(text, "{value}");
        personnummer::contains(&text)
    };
    values.filter(|value| NUMBERS.iter().any(|range| range.contains(value)) && is_person(*value)).count() as u64
}

/// A floating-point number that is a whole one and small enough to be exact.
fn whole(value: f64) -> Option<i128> {
    let exact = value.fract() == 0.0 && value.abs() < 9e15;
    // A text is the one way that no cast cuts off.
    exact.then(|| format!("{value:.0}").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Decimal128Array, Float64Array, Int32Array, Int64Array, StringViewArray, UInt64Array};

    use super::*;

    #[test]
    fn numbers_are_looked_at_as_texts_are() {
        // Tolvan's number is nobody's.
        let decimal = Decimal128Array::from(vec![Some(19_121_212_121_200), Some(19_121_212_121_201), None]);
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("text", Arc::new(StringViewArray::from(vec![Some("19121212-1212"), Some("avtal 7"), None]))),
            ("int", Arc::new(Int64Array::from(vec![Some(191_212_121_212), Some(1_212_121_213), Some(7)]))),
            ("short", Arc::new(Int32Array::from(vec![Some(1_212_121_212), Some(1), None]))),
            ("decimal", Arc::new(decimal.with_precision_and_scale(16, 2).unwrap())),
            ("float", Arc::new(Float64Array::from(vec![Some(191_212_121_212.0), Some(191_212_121_212.5), None]))),
            ("clean", Arc::new(Int64Array::from(vec![Some(1), Some(99_999_999_999), Some(-191_212_121_212)]))),
            (ROW_ID, Arc::new(UInt64Array::from(vec![191_212_121_212, 1, 2]))),
        ];
        let rows = RecordBatch::try_from_iter(columns).unwrap();
        let mut found = BTreeMap::new();
        look(&rows, &mut found);
        look(&rows, &mut found);
        let found: Vec<_> = found.iter().map(|(name, cells)| (name.as_str(), *cells)).collect();
        assert_eq!(found, [("decimal", 2), ("float", 2), ("int", 2), ("short", 2), ("text", 2)]);
    }
}
