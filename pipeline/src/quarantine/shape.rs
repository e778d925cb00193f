//! The columns of a quarantine object.

use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, BinaryBuilder, ListBuilder, RecordBatch, StringBuilder, StructBuilder, UInt64Builder};
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use arrow::error::ArrowError;

/// Columns by position.
pub(super) mod column {
    pub(in super::super) const ROW: usize = 0;
    pub(in super::super) const NAME: usize = 1;
    pub(in super::super) const PART: usize = 2;
    pub(in super::super) const TABLE: usize = 3;
    pub(in super::super) const CELLS: usize = 4;
    pub(in super::super) const RAW: usize = 5;
    pub(in super::super) const DETAIL: usize = 6;
    pub(in super::super) const REASONS: usize = 7;
}

fn cell() -> Fields {
    vec![Field::new("column", DataType::Utf8, false), Field::new("value", DataType::Utf8, true)].into()
}

fn reason() -> Fields {
    vec![
        Field::new("rule", DataType::Utf8, false),
        Field::new("column", DataType::Utf8, true),
        Field::new("suggestion", DataType::Utf8, true),
    ]
    .into()
}

fn item(fields: Fields) -> Arc<Field> {
    Arc::new(Field::new("item", DataType::Struct(fields), false))
}

/// Sources differ in their columns, and one stream has one schema: cells are a list of name and value.
pub(super) static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("row", DataType::UInt64, false),
        Field::new("name", DataType::Utf8, false),
        Field::new("part", DataType::Utf8, true),
        Field::new("table", DataType::Utf8, true),
        Field::new("cells", DataType::List(item(cell())), false),
        Field::new("raw", DataType::Binary, true),
        Field::new("detail", DataType::Utf8, true),
        Field::new("reasons", DataType::List(item(reason())), false),
    ]))
});

/// Rows that have not been written yet.
pub(super) struct Builders {
    pub(super) row: UInt64Builder,
    pub(super) name: StringBuilder,
    pub(super) part: StringBuilder,
    pub(super) table: StringBuilder,
    cells: ListBuilder<StructBuilder>,
    pub(super) raw: BinaryBuilder,
    pub(super) detail: StringBuilder,
    reasons: ListBuilder<StructBuilder>,
    /// Bytes of cells and raw rows so far.
    bytes: usize,
}

impl Builders {
    pub(super) fn new() -> Self {
        let list =
            |fields: Fields| ListBuilder::new(StructBuilder::from_fields(fields.clone(), 0)).with_field(item(fields));
        Self {
            row: UInt64Builder::new(),
            name: StringBuilder::new(),
            part: StringBuilder::new(),
            table: StringBuilder::new(),
            cells: list(cell()),
            raw: BinaryBuilder::new(),
            detail: StringBuilder::new(),
            reasons: list(reason()),
            bytes: 0,
        }
    }

    pub(super) fn rows(&self) -> usize {
        arrow::array::ArrayBuilder::len(&self.row)
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn cell(&mut self, column: &str, value: Option<&str>) {
        self.bytes += column.len() + value.map_or(0, str::len);
        append(self.cells.values(), [Some(column), value]);
    }

    pub(super) fn end_cells(&mut self) {
        self.cells.append(true);
    }

    pub(super) fn raw(&mut self, bytes: Option<&[u8]>) {
        self.bytes += bytes.map_or(0, <[u8]>::len);
        self.raw.append_option(bytes);
    }

    pub(super) fn reason(&mut self, rule: &str, column: Option<&str>, suggestion: Option<&str>) {
        append(self.reasons.values(), [Some(rule), column, suggestion]);
    }

    pub(super) fn end_reasons(&mut self) {
        self.reasons.append(true);
    }

    pub(super) fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        self.bytes = 0;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.row.finish()),
            Arc::new(self.name.finish()),
            Arc::new(self.part.finish()),
            Arc::new(self.table.finish()),
            Arc::new(self.cells.finish()),
            Arc::new(self.raw.finish()),
            Arc::new(self.detail.finish()),
            Arc::new(self.reasons.finish()),
        ];
        RecordBatch::try_new(Arc::clone(&SCHEMA), columns)
    }
}

fn append<const N: usize>(to: &mut StructBuilder, values: [Option<&str>; N]) {
    for (i, value) in values.into_iter().enumerate() {
        // The fields are made above: each of them is text.
        if let Some(builder) = to.field_builder::<StringBuilder>(i) {
            builder.append_option(value);
        }
    }
    to.append(true);
}
