//! Writes a run's rows as Parquet files that no Delta log knows yet.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, SchemaRef};
use deltalake::DeltaTable;
use deltalake::kernel::Add;
use deltalake::writer::{DeltaWriter, RecordBatchWriter};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use sluss_schemas::chunk::ROW_ID;
use sluss_schemas::table::Table;

use super::table::{RUN, lake_schema};
use crate::error::Result;

/// Files of one partition that a run has staged.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct StagedPartition {
    /// Partition values, `column=value` joined with `/`, as in the files' paths.
    pub partition: String,
    /// The files, as Delta `add` actions.
    pub files: Vec<Add>,
}

/// One run's rows of one lake table on their way to Parquet.
pub struct Stage {
    writer: RecordBatchWriter,
    schema: SchemaRef,
    run: String,
}

impl Stage {
    /// Stages rows of `table` beside the Delta table `delta`.
    pub fn new(delta: &DeltaTable, table: &Table, run: &str) -> Result<Self> {
        let writer = RecordBatchWriter::for_table(delta)?.with_writer_properties(properties(table));
        Ok(Self { writer, schema: lake_schema(table), run: run.to_owned() })
    }

    /// Adds rows: the national columns, by name; what is not cleared stays behind here.
    pub async fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        self.writer.write(shaped(rows, &self.schema, &self.run)?).await?;
        Ok(())
    }

    /// Closes the files and tells them by partition.
    pub async fn finish(mut self) -> Result<Vec<StagedPartition>> {
        let mut partitions: BTreeMap<String, Vec<Add>> = BTreeMap::new();
        for add in self.writer.flush().await? {
            partitions.entry(partition_name(&add.partition_values)).or_default().push(add);
        }
        Ok(partitions.into_iter().map(|(partition, files)| StagedPartition { partition, files }).collect())
    }
}

/// Rows in the columns of the lake; `run` is theirs where they do not say.
pub(super) fn shaped(rows: &RecordBatch, schema: &SchemaRef, run: &str) -> Result<RecordBatch> {
    let column = |name: &str, data_type: &DataType| -> Result<ArrayRef> {
        match rows.column_by_name(name) {
            Some(column) => Ok(cast(column, data_type)?),
            None if name == RUN => {
                Ok(Arc::new(StringArray::from_iter_values(std::iter::repeat_n(run, rows.num_rows()))))
            }
            None => Ok(arrow::array::new_null_array(data_type, rows.num_rows())),
        }
    };
    let columns = schema.fields().iter().map(|field| column(field.name(), field.data_type()));
    Ok(RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<_>>()?)?)
}

/// `column=value/column=value` in the order of the columns' names.
pub(super) fn partition_name(values: &HashMap<String, Option<String>>) -> String {
    let mut parts: Vec<_> =
        values.iter().map(|(column, value)| format!("{column}={}", value.as_deref().unwrap_or_default())).collect();
    parts.sort();
    parts.join("/")
}

/// Zstandard at its fastest; dictionaries only where values repeat.
fn properties(table: &Table) -> WriterProperties {
    let level = ZstdLevel::try_new(1).unwrap_or_default();
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_column_dictionary_enabled(ColumnPath::from(ROW_ID), false)
        .set_column_encoding(ColumnPath::from(ROW_ID), Encoding::DELTA_BINARY_PACKED);
    if let Some(identity) = table.key.last().filter(|name| !table.partition.contains(name)) {
        builder = builder.set_column_dictionary_enabled(ColumnPath::from(identity.as_str()), false);
    }
    builder.build()
}
