//! What the national functions are called with.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, Scalar, StringViewArray, StringViewBuilder};
use arrow::compute::kernels::cmp::eq;
use arrow::compute::{cast, nullif};
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::ColumnarValue;
use sluss_schemas::value::datum;

/// An argument as text.
pub(super) fn text_argument(
    function: &str,
    args: &[ColumnarValue],
    index: usize,
    rows: usize,
) -> Result<StringViewArray> {
    let arg = args
        .get(index)
        .ok_or_else(|| DataFusionError::Execution(format!("{function}(): argument {} saknas", index + 1)))?;
    let array = cast(&arg.to_array(rows)?, &DataType::Utf8View)?;
    Ok(array.as_string_view().clone())
}

/// The first argument where the source is typed already and needs no reading.
pub(super) fn typed_argument(args: &[ColumnarValue], rows: usize, out: &DataType) -> Result<Option<ArrayRef>> {
    let Some(arg) = args.first() else { return Ok(None) };
    match arg.data_type() {
        DataType::Utf8View | DataType::Utf8 | DataType::LargeUtf8 | DataType::Dictionary(_, _) | DataType::Null => {
            Ok(None)
        }
        _ => Ok(Some(cast(&arg.to_array(rows)?, out)?)),
    }
}

/// The first argument as days where the source has dates or times; an open end (9999-12-31) is none. A whole number
/// is no count of days but a date in digits (20260131), which is read as text.
pub(super) fn day_argument(args: &[ColumnarValue], rows: usize) -> Result<Option<ArrayRef>> {
    let Some(arg) = args.first().filter(|arg| arg.data_type().is_temporal()) else { return Ok(None) };
    let days = cast(&arg.to_array(rows)?, &DataType::Date32)?;
    let open = Scalar::new(Date32Array::from(vec![datum::OPEN_END]));
    Ok(Some(nullif(&days, &eq(&days, &open)?)?))
}

/// An argument that is written in the SQL itself.
pub(super) fn literal(value: &ColumnarValue) -> Option<String> {
    match value {
        ColumnarValue::Scalar(scalar) => scalar.try_as_str().flatten().map(str::to_owned),
        ColumnarValue::Array(_) => None,
    }
}

/// Digits after the point, as `decimal()` takes them.
pub(super) fn scale_of(scalar: &ScalarValue) -> Result<i8> {
    match scalar {
        ScalarValue::Int64(Some(scale @ 0..=18)) => i8::try_from(*scale)
            .map_err(|_| DataFusionError::Plan("decimal(): antalet decimaler är ett heltal mellan 0 och 18".into())),
        _ => Err(DataFusionError::Plan("decimal(): antalet decimaler är ett heltal mellan 0 och 18".into())),
    }
}

/// Text for text, separated by the unit separator so that ("a","bc") differs from ("ab","c").
pub(super) fn sha(function: &str, args: &[ColumnarValue], rows: usize) -> Result<ArrayRef> {
    use sha2::{Digest, Sha256};
    let columns: Vec<_> = (0..args.len()).map(|i| text_argument(function, args, i, rows)).collect::<Result<_>>()?;
    let mut builder = StringViewBuilder::with_capacity(rows);
    for row in 0..rows {
        if columns.iter().all(|c| c.is_null(row)) {
            builder.append_null();
            continue;
        }
        let mut hash = Sha256::new();
        for column in &columns {
            hash.update(if column.is_null(row) { "" } else { column.value(row) });
            hash.update([0x1f]);
        }
        builder.append_value(format!("{:x}", hash.finalize()));
    }
    Ok(Arc::new(builder.finish()))
}
