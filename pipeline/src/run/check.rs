//! What is wrong with a job, found without a single row.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use sluss_schemas::chunk::ROW_ID;
use sluss_schemas::say;

use super::engine::Engine;
use crate::error::PipelineError;
use crate::job::Job;
use crate::map::{Filters, Lookups, prepare};

/// The type of a source with these columns, all text, as text formats give them.
pub fn text_source(columns: impl IntoIterator<Item = String>) -> SchemaRef {
    let mut fields: Vec<Field> = columns.into_iter().map(|name| Field::new(name, DataType::Utf8View, true)).collect();
    fields.push(Field::new(ROW_ID, DataType::UInt64, false));
    Arc::new(Schema::new(fields))
}

impl Engine {
    /// Plans a mapping that no job has yet, over a source of this type.
    pub async fn check_draft(&self, table: &str, sql: &str, source: &SchemaRef) -> crate::error::Result<()> {
        let lookups: Arc<dyn Lookups> = self.lookups().await?;
        prepare(sql, &format!("{table}.sql"), &*self.table(table)?, source, &lookups).await.map(drop)
    }

    /// Plans a job's filters and mappings over text columns with these names, and says what is wrong
    /// with each.
    pub async fn check_mapping(&self, job: &Job, columns: &[String]) -> Vec<PipelineError> {
        let mut wrong = Vec::new();
        let lookups: Arc<dyn Lookups> = match self.lookups().await {
            Ok(lookups) => lookups,
            Err(error) => return vec![error],
        };
        let schema = text_source(columns.iter().cloned());
        if let Err(error) = Filters::compile(&job.file.filter, &schema, &lookups) {
            wrong.push(error);
        }
        for (name, sql) in &job.mappings {
            let table = match self.table(name) {
                Ok(table) => table,
                Err(error) => {
                    wrong.push(error);
                    continue;
                }
            };
            if let Err(error) = prepare(sql, &job.mapping_place(name), &table, &schema, &lookups).await {
                wrong.push(error);
            }
        }
        wrong
    }
}
