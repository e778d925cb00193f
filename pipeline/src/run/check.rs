//! What is wrong with a job, found without a single row.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use sluss_schemas::chunk::ROW_ID;

use super::engine::Engine;
use crate::error::PipelineError;
use crate::job::Job;
use crate::map::{Filters, Lookups, prepare};

/// A source column: its name and the type of its arrays.
pub type SourceColumn = (String, DataType);

/// The type of a source with these columns.
pub fn source_type(columns: &[SourceColumn]) -> SchemaRef {
    let field = |(name, kind): &SourceColumn| Field::new(name, kind.clone(), true);
    let id = Field::new(ROW_ID, DataType::UInt64, false);
    Arc::new(Schema::new(columns.iter().map(field).chain([id]).collect::<Vec<_>>()))
}

impl Engine {
    /// Plans a mapping that no job has yet, over a source of this type.
    pub async fn check_draft(&self, table: &str, sql: &str, source: &SchemaRef) -> crate::error::Result<()> {
        let lookups: Arc<dyn Lookups> = self.lookups().await?;
        let (national, place) = (self.table(table)?, format!("{table}.sql"));
        prepare(sql, &place, &national, source, &lookups).await.map(drop)
    }

    /// Plans a job's filters and mappings over these columns, as a run does, and says what is wrong with
    /// each.
    pub async fn check_mapping(&self, job: &Job, columns: &[SourceColumn]) -> Vec<PipelineError> {
        let mut wrong = Vec::new();
        let lookups: Arc<dyn Lookups> = match self.lookups().await {
            Ok(lookups) => lookups,
            Err(error) => return vec![error],
        };
        let schema = source_type(columns);
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
