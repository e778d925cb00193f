//! Rows that are derived from published ones: a query over the lake as the source of a job.
//!
//! What a derived table says is mapped, judged and published like any delivery, and its rows name
//! the versions of the tables that they were computed from.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use chrono::NaiveDate;
use datafusion::prelude::DataFrame;
use futures::stream::{self, BoxStream, StreamExt};
use sluss_schemas::chunk::{Chunk, Origin, ROW_ID, RowId};
use sluss_schemas::say;
use sluss_schemas::table::Tables;

use super::query::{Sees, plan, refused, session, tables_read};
use super::table::Lake;
use crate::error::{PipelineError, Result};
use crate::register::Register;

/// A query over one owner's published rows.
#[derive(Clone)]
pub struct Derivation {
    /// The lake.
    pub lake: Lake,
    /// Which tables there are in it.
    pub register: Arc<dyn Register>,
    /// The project's tables.
    pub tables: Tables,
    /// Whose rows are seen, in tables that have owners.
    pub owner: String,
    /// The day in Sweden: what has expired is not seen.
    pub today: NaiveDate,
    /// The query.
    pub sql: String,
}

impl Derivation {
    /// The columns of its rows, without [`ROW_ID`]. Reads no row.
    pub async fn schema(&self) -> Result<SchemaRef> {
        let frame = self.plan().await?;
        Ok(Arc::new(Schema::new(plain_fields(frame.schema().as_arrow()))))
    }

    /// Its rows.
    pub fn read(self) -> BoxStream<'static, Result<Chunk>> {
        let begun = async move {
            let origin = Arc::new(Origin { index: 0, name: "lake".to_owned(), part: Some(self.versions().await?) });
            let rows = self.plan().await?.execute_stream().await.map_err(|e| refused(&e))?;
            let mut next = 1;
            Ok(rows.map(move |batch| {
                let rows = with_row_ids(&batch.map_err(|e| refused(&e))?, &mut next)?;
                Ok(Chunk { origin: Arc::clone(&origin), rows, unread: Vec::new(), cursor: None })
            }))
        };
        stream::once(begun)
            .flat_map(|begun: Result<_>| match begun {
                Ok(rows) => rows.boxed(),
                Err(error) => stream::once(async { Err(error) }).boxed(),
            })
            .boxed()
    }

    async fn plan(&self) -> Result<DataFrame> {
        let session =
            session(&self.lake, &self.register, &self.tables, Some(&self.owner), self.today, Sees::Cleared).await?;
        plan(&session, &self.sql).await
    }

    /// `table vN` of every table that the query reads.
    async fn versions(&self) -> Result<String> {
        let mut named = Vec::new();
        let versions: HashMap<_, _> = self.register.lake_versions().await?.into_iter().collect();
        for table in tables_read(&self.sql)?.into_iter().filter(|name| self.tables.get(name).is_some()) {
            named.push(versions.get(&table).map_or_else(|| format!("{table} (tom)"), |v| format!("{table} v{v}")));
        }
        Ok(named.join(", "))
    }
}

/// The types that mappings and rules know: text views, 64-bit numbers.
fn plain(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(_, _) => DataType::Utf8View,
        kind if kind.is_integer() => DataType::Int64,
        DataType::Float16 | DataType::Float32 => DataType::Float64,
        other => other.clone(),
    }
}

fn plain_fields(schema: &Schema) -> Vec<Field> {
    schema.fields().iter().map(|field| Field::new(field.name(), plain(field.data_type()), true)).collect()
}

fn with_row_ids(rows: &RecordBatch, next: &mut u64) -> Result<RecordBatch> {
    let mut fields = plain_fields(&rows.schema());
    let plain = fields.iter().zip(rows.columns()).map(|(field, column)| Ok(cast(column, field.data_type())?));
    let mut columns = plain.collect::<Result<Vec<ArrayRef>>>()?;
    let end = *next + rows.num_rows() as u64;
    fields.push(Field::new(ROW_ID, DataType::UInt64, false));
    columns.push(Arc::new(UInt64Array::from_iter_values((*next..end).map(|row| RowId::new(0, row).0))));
    *next = end;
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|e| {
        PipelineError::us(say!("härledda rader hänger inte ihop", "a derived batch does not hold together")).because(e)
    })
}
