//! Arrow columns in the register's types: checked on their way in, built on their way out.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBuilder, Date32Array, Date32Builder, Decimal128Array,
    Decimal128Builder, FixedSizeBinaryArray, FixedSizeBinaryBuilder, Float64Array, Float64Builder, Int64Array,
    Int64Builder, RecordBatch, RecordBatchOptions, StringViewArray, StringViewBuilder, TimestampMicrosecondArray,
    TimestampMicrosecondBuilder, UInt64Array, UInt64Builder,
};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, SchemaRef, TimestampMicrosecondType, UInt64Type,
};
use chrono::{DateTime, NaiveDate, SecondsFormat};
use serde_json::Value;
use sluss_schemas::chunk::ROW_ID;
use sluss_schemas::table::{Kind, VALID_FROM, VALID_TO};

use super::database::iso;
use super::error::{RegisterError, Result};
use super::layout::{Holds, Layout, Slot};
use super::sql::hex;

/// Days since 1970 of the first and the last day that both databases and every reader can hold:
/// 0001-01-01 and 9999-12-31.
const FIRST_DAY: i32 = -719_162;
const LAST_DAY: i32 = 2_932_896;
/// The same in microseconds, to the end of the last day.
const FIRST_INSTANT: i64 = FIRST_DAY as i64 * 86_400_000_000;
const LAST_INSTANT: i64 = (LAST_DAY as i64 + 1) * 86_400_000_000 - 1;

/// One column of a batch to be staged, in its own type.
#[derive(Debug)]
pub(crate) enum Column {
    Text(StringViewArray),
    Date(Date32Array),
    Timestamp(TimestampMicrosecondArray),
    Integer(Int64Array),
    Float(Float64Array),
    Boolean(BooleanArray),
    Decimal(Decimal128Array, u8, i8),
    Key(FixedSizeBinaryArray),
    RowId(UInt64Array),
}

impl Column {
    fn of(array: &ArrayRef, slot: &Slot, table: &str) -> Result<Self> {
        let wrong = || RegisterError::shape(table, format!("column {} is not {}", slot.name, slot.holds.arrow()));
        let wanted = slot.holds.arrow();
        let array = match (array.data_type(), &wanted) {
            (have, wanted) if have == wanted => array.clone(),
            // The same values in another layout. Nothing else is converted: what a value is was
            // decided before it came here.
            (DataType::Utf8 | DataType::LargeUtf8 | DataType::Dictionary(..), DataType::Utf8View) => {
                cast(array, &wanted)?
            }
            (DataType::Timestamp(..), DataType::Timestamp(..)) => cast(array, &wanted)?,
            (DataType::Null, _) if slot.nullable => cast(array, &wanted)?,
            _ => return Err(wrong()),
        };
        Ok(match slot.holds {
            Holds::Key => Self::Key(array.as_fixed_size_binary_opt().ok_or_else(wrong)?.clone()),
            Holds::RowId => Self::RowId(array.as_primitive_opt::<UInt64Type>().ok_or_else(wrong)?.clone()),
            Holds::Value(kind) => match kind {
                Kind::Text => Self::Text(array.as_string_view_opt().ok_or_else(wrong)?.clone()),
                Kind::Date => Self::Date(array.as_primitive_opt::<Date32Type>().ok_or_else(wrong)?.clone()),
                Kind::Timestamp => {
                    Self::Timestamp(array.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(wrong)?.clone())
                }
                Kind::Integer => Self::Integer(array.as_primitive_opt::<Int64Type>().ok_or_else(wrong)?.clone()),
                Kind::Float => Self::Float(array.as_primitive_opt::<Float64Type>().ok_or_else(wrong)?.clone()),
                Kind::Boolean => Self::Boolean(array.as_boolean_opt().ok_or_else(wrong)?.clone()),
                Kind::Decimal(precision, scale) => {
                    let array = array.as_primitive_opt::<Decimal128Type>().ok_or_else(wrong)?.clone();
                    Self::Decimal(array, precision, scale)
                }
            },
        })
    }

    pub(crate) fn array(&self) -> &dyn Array {
        match self {
            Self::Text(a) => a,
            Self::Date(a) => a,
            Self::Timestamp(a) => a,
            Self::Integer(a) => a,
            Self::Float(a) => a,
            Self::Boolean(a) => a,
            Self::Decimal(a, ..) => a,
            Self::Key(a) => a,
            Self::RowId(a) => a,
        }
    }

    /// The first row whose value one of the databases could not hold, and why.
    fn unfit(&self) -> Option<(usize, &'static str)> {
        let at = |position: Option<usize>, why| position.map(|row| (row, why));
        match self {
            Self::Text(a) => {
                at(a.iter().position(|v| v.is_some_and(|v| v.contains('\0'))), "a text holds a null character")
            }
            Self::Date(a) => at(
                a.iter().position(|v| v.is_some_and(|v| !(FIRST_DAY..=LAST_DAY).contains(&v))),
                "a date is outside the years 1 to 9999",
            ),
            Self::Timestamp(a) => at(
                a.iter().position(|v| v.is_some_and(|v| !(FIRST_INSTANT..=LAST_INSTANT).contains(&v))),
                "an instant is outside the years 1 to 9999",
            ),
            Self::Float(a) => at(a.iter().position(|v| v.is_some_and(|v| !v.is_finite())), "not a finite number"),
            Self::Decimal(a, precision, _) => {
                let limit = 10_i128.checked_pow(u32::from(*precision)).unwrap_or(i128::MAX);
                at(
                    a.iter().position(|v| v.is_some_and(|v| v <= -limit || v >= limit)),
                    "a number has more digits than its column",
                )
            }
            Self::Integer(_) | Self::Boolean(_) | Self::Key(_) | Self::RowId(_) => None,
        }
    }
}

/// The columns of a batch to be staged, in the layout's order, fit for both databases.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) list: Vec<Column>,
    pub(crate) rows: usize,
}

impl Columns {
    /// Takes the columns by name and checks what the databases would refuse, so that both refuse
    /// the same.
    pub(crate) fn of(layout: &Layout, batch: &RecordBatch) -> Result<Self> {
        let table = layout.name();
        let mut list = Vec::with_capacity(layout.staged.len());
        for slot in &layout.staged {
            let array = batch
                .column_by_name(&slot.name)
                .ok_or_else(|| RegisterError::shape(table, format!("column {} is missing", slot.name)))?;
            list.push(Column::of(array, slot, table)?);
        }
        let columns = Self { list, rows: batch.num_rows() };
        for (slot, column) in layout.staged.iter().zip(&columns.list) {
            let missing = (!slot.nullable && column.array().null_count() > 0)
                .then(|| (0..columns.rows).find(|row| column.array().is_null(*row)))
                .flatten()
                .map(|row| (row, "a required value is missing"));
            if let Some((row, what)) = missing.or_else(|| column.unfit()) {
                return Err(columns.unfit(layout, &slot.name, row, what));
            }
        }
        if let (Some(Column::Date(from)), Some(Column::Date(till))) =
            (columns.named(layout, VALID_FROM), columns.named(layout, VALID_TO))
        {
            let reversed = from.iter().zip(till).position(|(f, t)| matches!((f, t), (Some(f), Some(t)) if f > t));
            if let Some(row) = reversed {
                return Err(columns.unfit(layout, VALID_TO, row, "the valid period ends before it begins"));
            }
        }
        Ok(columns)
    }

    /// Row `row` as a JSON object in PostgreSQL's own spellings.
    pub(crate) fn document(&self, layout: &Layout, row: usize) -> Result<Value> {
        let unfit = |name: &str| self.unfit(layout, name, row, "a value does not fit its column");
        let cells = layout.staged.iter().zip(&self.list).map(|(slot, column)| {
            if column.array().is_null(row) {
                return Ok((slot.name.clone(), Value::Null));
            }
            let value = match column {
                Column::Text(a) => Value::from(a.value(row)),
                Column::Date(a) => {
                    let date = NaiveDate::from_epoch_days(a.value(row)).ok_or_else(|| unfit(&slot.name))?;
                    Value::from(iso(date))
                }
                Column::Timestamp(a) => {
                    let instant = DateTime::from_timestamp_micros(a.value(row)).ok_or_else(|| unfit(&slot.name))?;
                    Value::from(instant.to_rfc3339_opts(SecondsFormat::Micros, true))
                }
                Column::Integer(a) => Value::from(a.value(row)),
                Column::Float(a) => Value::from(a.value(row)),
                Column::Boolean(a) => Value::from(a.value(row)),
                Column::Decimal(a, _, scale) => Value::from(decimal_text(a.value(row), *scale)),
                Column::Key(a) => Value::from(hex(a.value(row))),
                Column::RowId(a) => Value::from(a.value(row).cast_signed()),
            };
            Ok((slot.name.clone(), value))
        });
        Ok(Value::Object(cells.collect::<Result<_>>()?))
    }

    fn named(&self, layout: &Layout, name: &str) -> Option<&Column> {
        layout.staged.iter().position(|s| s.name == name).and_then(|i| self.list.get(i))
    }

    fn unfit(&self, layout: &Layout, column: &str, row: usize, what: &'static str) -> RegisterError {
        let address = match self.named(layout, ROW_ID) {
            Some(Column::RowId(ids)) if !ids.is_null(row) => ids.value(row),
            _ => 0,
        };
        RegisterError::Value { table: layout.name().to_owned(), column: column.to_owned(), row: address, what }
    }
}

/// Canonical digits: a sign where negative, and exactly `scale` decimals.
pub(crate) fn decimal_text(value: i128, scale: i8) -> String {
    let scale = usize::try_from(scale).unwrap_or(0);
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let sign = if value < 0 { "-" } else { "" };
    let (whole, decimals) = digits.split_at(digits.len() - scale);
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{decimals}") }
}

/// Builds one column of an answer.
#[derive(Debug)]
pub(crate) enum Builder {
    Text(StringViewBuilder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    Integer(Int64Builder),
    Float(Float64Builder),
    Boolean(BooleanBuilder),
    Decimal(Decimal128Builder, u8, i8),
    Key(FixedSizeBinaryBuilder),
    RowId(UInt64Builder),
}

impl Builder {
    fn of(holds: Holds) -> Self {
        match holds {
            Holds::Key => Self::Key(FixedSizeBinaryBuilder::new(16)),
            Holds::RowId => Self::RowId(UInt64Builder::new()),
            Holds::Value(kind) => match kind {
                Kind::Text => Self::Text(StringViewBuilder::new()),
                Kind::Date => Self::Date(Date32Builder::new()),
                Kind::Timestamp => Self::Timestamp(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
                Kind::Integer => Self::Integer(Int64Builder::new()),
                Kind::Float => Self::Float(Float64Builder::new()),
                Kind::Boolean => Self::Boolean(BooleanBuilder::new()),
                Kind::Decimal(precision, scale) => {
                    let builder = Decimal128Builder::new().with_data_type(DataType::Decimal128(precision, scale));
                    Self::Decimal(builder, precision, scale)
                }
            },
        }
    }

    pub(crate) fn null(&mut self) {
        match self {
            Self::Text(b) => b.append_null(),
            Self::Date(b) => b.append_null(),
            Self::Timestamp(b) => b.append_null(),
            Self::Integer(b) => b.append_null(),
            Self::Float(b) => b.append_null(),
            Self::Boolean(b) => b.append_null(),
            Self::Decimal(b, ..) => b.append_null(),
            Self::Key(b) => b.append_null(),
            Self::RowId(b) => b.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(b) => std::sync::Arc::new(b.finish()),
            Self::Date(b) => std::sync::Arc::new(b.finish()),
            Self::Timestamp(b) => std::sync::Arc::new(b.finish()),
            Self::Integer(b) => std::sync::Arc::new(b.finish()),
            Self::Float(b) => std::sync::Arc::new(b.finish()),
            Self::Boolean(b) => std::sync::Arc::new(b.finish()),
            Self::Decimal(b, ..) => std::sync::Arc::new(b.finish()),
            Self::Key(b) => std::sync::Arc::new(b.finish()),
            Self::RowId(b) => std::sync::Arc::new(b.finish()),
        }
    }
}

/// Builds the batches of an answer.
#[derive(Debug)]
pub(crate) struct Builders {
    pub(crate) list: Vec<Builder>,
    schema: SchemaRef,
    rows: usize,
}

/// Rows per batch of an answer.
pub(crate) const BATCH_ROWS: usize = 8192;

impl Builders {
    pub(crate) fn new(slots: &[Slot]) -> Self {
        Self { list: slots.iter().map(|s| Builder::of(s.holds)).collect(), schema: Layout::schema(slots), rows: 0 }
    }

    /// Says that a row is complete.
    pub(crate) fn row(&mut self) {
        self.rows += 1;
    }

    pub(crate) const fn is_full(&self) -> bool {
        self.rows >= BATCH_ROWS
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The rows so far as a batch; building goes on with an empty one.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch> {
        let columns = self.list.iter_mut().map(Builder::finish).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(std::mem::take(&mut self.rows)));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_written_canonically() {
        assert_eq!(decimal_text(-5, 2), "-0.05");
        assert_eq!(decimal_text(12_345, 2), "123.45");
        assert_eq!(decimal_text(7, 0), "7");
    }
}
