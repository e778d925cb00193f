//! Cells gathered row by row into typed columns.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder, RecordBatch,
    StringViewBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::SchemaRef;
use arrow::util::display::array_value_to_string;
use sluss_schemas::say;

use super::cell::{self, Value, Wrong};
use super::column::{self, Column, Target};
use super::fault;
use crate::error::Result;
use crate::files::Encoding;

/// A batch is also handed over when its text has grown to this many bytes.
const MAX_BYTES: usize = 16 << 20;

/// Rows as a driver read them, in the columns' own types.
pub(super) struct Batch {
    /// All rows, also those that could not be read, whose wrong cells are empty.
    pub(super) rows: RecordBatch,
    /// Rows that could not be read, in order.
    pub(super) bad: Vec<Bad>,
}

/// A row that could not be read.
pub(super) struct Bad {
    /// Which row of the batch.
    pub(super) row: usize,
    /// The rule that it breaks.
    pub(super) rule: &'static str,
    /// Facts for the message.
    pub(super) detail: String,
    /// The row as it came, a line for each column.
    pub(super) raw: Vec<u8>,
}

/// Columns in the making.
pub(super) struct Gather {
    columns: Vec<Column>,
    schema: SchemaRef,
    cells: Vec<Cells>,
    encoding: Encoding,
    aim: usize,
    rows: usize,
    bytes: usize,
    wrong: Vec<WrongCell>,
}

struct WrongCell {
    row: usize,
    column: usize,
    why: Wrong,
    raw: Vec<u8>,
}

enum Cells {
    Int(Int64Builder),
    Decimal(Decimal128Builder, u8, i8),
    Float(Float64Builder),
    Bool(BooleanBuilder),
    Date(Date32Builder),
    Micros(TimestampMicrosecondBuilder),
    Text(StringViewBuilder),
}

impl Gather {
    /// Starts on these columns, `aim` rows at a time.
    pub(super) fn new(columns: &[Column], encoding: Encoding, aim: usize) -> Self {
        let cells = columns.iter().map(|column| Cells::new(column.target.unwrap_or(Target::Text))).collect();
        Self {
            columns: columns.to_vec(),
            schema: column::schema(columns),
            cells,
            encoding,
            aim: aim.max(1),
            rows: 0,
            bytes: 0,
            wrong: Vec::new(),
        }
    }

    /// Adds the next row's cell in a column. `raw` is what it came as, for a cell that cannot be read.
    #[inline]
    pub(super) fn cell(&mut self, column: usize, value: std::result::Result<Value<'_>, Wrong>, raw: &[u8]) {
        let Some(cells) = self.cells.get_mut(column) else { return };
        self.bytes += raw.len();
        if let Err(why) = value.and_then(|value| cells.push(value, self.encoding)) {
            cells.push_null();
            self.wrong.push(WrongCell { row: self.rows, column, why, raw: raw.to_vec() });
        }
    }

    /// The row is complete.
    #[inline]
    pub(super) fn end_row(&mut self) {
        self.rows += 1;
    }

    /// Whether it is time to hand over what there is.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.rows >= self.aim || self.bytes >= MAX_BYTES
    }

    /// Rows and bytes so far.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.rows, self.bytes)
    }

    /// Whether there is nothing to hand over.
    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Hands over what there is.
    pub(super) fn take(&mut self) -> Result<Batch> {
        let arrays = self.cells.iter_mut().map(Cells::finish).collect::<Result<Vec<_>>>()?;
        let rows = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|error| fault::ours(&say!("sätta ihop rader", "putting rows together")).because(error))?;
        (self.rows, self.bytes) = (0, 0);
        let wrong = std::mem::take(&mut self.wrong);
        let bad = wrong.chunk_by(|a, b| a.row == b.row).filter_map(|cells| self.bad(cells, &rows)).collect();
        Ok(Batch { rows, bad })
    }

    /// A row that could not be read, from the cells that are wrong in it.
    fn bad(&self, wrong: &[WrongCell], rows: &RecordBatch) -> Option<Bad> {
        let first = wrong.first()?;
        let mut raw = Vec::new();
        for (nth, (column, array)) in self.columns.iter().zip(rows.columns()).enumerate() {
            raw.extend_from_slice(column.name.as_bytes());
            raw.extend_from_slice(b": ");
            if let Some(cell) = wrong.iter().find(|cell| cell.column == nth) {
                raw.extend_from_slice(&cell.raw);
            } else if array.is_valid(first.row) {
                raw.extend_from_slice(array_value_to_string(array, first.row).unwrap_or_default().as_bytes());
            }
            raw.push(b'\n');
        }
        let detail = |cell: &WrongCell| cell.why.detail(self.columns.get(cell.column).map_or("", |c| c.name.as_str()));
        let detail = wrong.iter().map(detail).collect::<Vec<_>>().join("; ");
        Some(Bad { row: first.row, rule: first.why.rule(), detail, raw })
    }
}

impl Cells {
    fn new(target: Target) -> Self {
        match target {
            Target::Int => Self::Int(Int64Builder::new()),
            Target::Decimal(precision, scale) => Self::Decimal(Decimal128Builder::new(), precision, scale),
            Target::Float => Self::Float(Float64Builder::new()),
            Target::Bool => Self::Bool(BooleanBuilder::new()),
            Target::Date => Self::Date(Date32Builder::new()),
            Target::Instant => Self::Micros(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
            Target::Local => Self::Micros(TimestampMicrosecondBuilder::new()),
            Target::Text => Self::Text(StringViewBuilder::new()),
        }
    }

    #[inline]
    fn push(&mut self, value: Value<'_>, encoding: Encoding) -> std::result::Result<(), Wrong> {
        match (self, value) {
            (cells, Value::Null) => cells.push_null(),
            (Self::Int(cells), Value::Int(value)) => cells.append_value(value),
            (Self::Decimal(cells, ..), Value::Decimal(value)) => cells.append_value(value),
            (Self::Float(cells), Value::Float(value)) => cells.append_value(value),
            (Self::Bool(cells), Value::Bool(value)) => cells.append_value(value),
            (Self::Date(cells), Value::Date(value)) => cells.append_value(value),
            (Self::Micros(cells), Value::Micros(value)) => cells.append_value(value),
            (Self::Text(cells), Value::Text(value)) => cells.append_value(cell::text(value, encoding)?),
            (Self::Text(cells), Value::Written(value)) => cells.append_value(value),
            (cells, _) => return Err(Wrong::Type(cells.wanted())),
        }
        Ok(())
    }

    fn push_null(&mut self) {
        match self {
            Self::Int(cells) => cells.append_null(),
            Self::Decimal(cells, ..) => cells.append_null(),
            Self::Float(cells) => cells.append_null(),
            Self::Bool(cells) => cells.append_null(),
            Self::Date(cells) => cells.append_null(),
            Self::Micros(cells) => cells.append_null(),
            Self::Text(cells) => cells.append_null(),
        }
    }

    fn wanted(&self) -> &'static str {
        match self {
            Self::Int(_) => "ett heltal",
            Self::Decimal(..) | Self::Float(_) => "ett tal av kolumnens sort",
            Self::Bool(_) => "ja eller nej",
            Self::Date(_) => "ett datum",
            Self::Micros(_) => "en tidpunkt",
            Self::Text(_) => "text",
        }
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        Ok(match self {
            Self::Int(cells) => Arc::new(cells.finish()),
            Self::Decimal(cells, precision, scale) => {
                let decimals = cells.finish().with_precision_and_scale(*precision, *scale);
                Arc::new(
                    decimals.map_err(|error| {
                        fault::ours(&say!("sätta ihop tal", "putting numbers together")).because(error)
                    })?,
                )
            }
            Self::Float(cells) => Arc::new(cells.finish()),
            Self::Bool(cells) => Arc::new(cells.finish()),
            Self::Date(cells) => Arc::new(cells.finish()),
            Self::Micros(cells) => Arc::new(cells.finish()),
            Self::Text(cells) => Arc::new(cells.finish()),
        })
    }
}
