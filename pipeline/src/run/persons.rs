//! Personal numbers where none may be: looked for in every column, whatever the mapping uses.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch, StringViewArray};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int32Type, Int64Type, UInt32Type, UInt64Type};
use sluss_schemas::chunk::ROW_ID;
use sluss_schemas::personnummer::{self, Column};

/// Counts cells with personal numbers by source column: whoever sent them must know. A number that
/// begins in one cell of running text and ends in the next counts for the first.
pub(super) fn look(rows: &RecordBatch, found: &mut BTreeMap<String, u64>) {
    let mut left: Option<(&str, &StringViewArray)> = None;
    for (field, column) in rows.schema_ref().fields().iter().zip(rows.columns()) {
        if field.name() == ROW_ID {
            continue;
        }
        let mut add = |name: &str, hits: u64| {
            if hits > 0 {
                *found.entry(name.to_owned()).or_default() += hits;
            }
        };
        add(field.name(), hits(field.name(), column));
        let texts = column.as_string_view_opt();
        if let (Some((name, left)), Some(right)) = (left, texts) {
            let pairs = left.iter().zip(right);
            let over = pairs.filter(|(l, r)| matches!((l, r), (Some(l), Some(r)) if personnummer::joined(l, r)));
            add(name, over.count() as u64);
        }
        left = texts.map(|texts| (field.name().as_str(), texts));
    }
}

/// Cells of a column that hold one.
fn hits(name: &str, column: &dyn Array) -> u64 {
    let mut seen = Column::named(name);
    let mut numbers = |values: &mut dyn Iterator<Item = i128>| values.for_each(|value| seen.look_number(value));
    match column.data_type() {
        DataType::Utf8View => column.as_string_view().iter().flatten().for_each(|text| {
            seen.look(text, 1);
        }),
        DataType::Int32 => numbers(&mut column.as_primitive::<Int32Type>().iter().flatten().map(i128::from)),
        DataType::Int64 => numbers(&mut column.as_primitive::<Int64Type>().iter().flatten().map(i128::from)),
        DataType::UInt32 => numbers(&mut column.as_primitive::<UInt32Type>().iter().flatten().map(i128::from)),
        DataType::UInt64 => numbers(&mut column.as_primitive::<UInt64Type>().iter().flatten().map(i128::from)),
        DataType::Decimal128(_, scale) => {
            let Some(one) = u32::try_from(*scale).ok().and_then(|scale| 10_i128.checked_pow(scale)) else { return 0 };
            let values = column.as_primitive::<Decimal128Type>().iter().flatten();
            numbers(&mut values.filter(|value| value % one == 0).map(|value| value / one));
        }
        DataType::Float64 => {
            numbers(&mut column.as_primitive::<Float64Type>().iter().flatten().filter_map(whole));
        }
        _ => {}
    }
    seen.persons()
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
    fn a_number_that_goes_on_in_the_next_cell_is_seen() {
        let texts = |texts: Vec<Option<&str>>| -> ArrayRef { Arc::new(StringViewArray::from(texts)) };
        let columns = [
            ("anm", texts(vec![Some("ring pat 191212"), Some("född 19121212-"), Some("20240101"), None])),
            ("mer", texts(vec![Some("-1212 i dag"), Some("1212, tolk"), Some("1212"), Some("1212")])),
        ];
        let mut found = BTreeMap::new();
        look(&RecordBatch::try_from_iter(columns).unwrap(), &mut found);
        assert_eq!(found.get("anm"), Some(&1), "the first is another date");
    }

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
