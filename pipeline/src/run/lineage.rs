//! What a run read and what it made of it, column by column: for those who follow data's way from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use sluss_schemas::chunk::ROW_ID;

use super::engine::Engine;
use crate::error::Result;
use crate::job::Job;
use crate::map::{Lookups, lineage};

/// The source's columns, and what each national column is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineage {
    /// The source's columns with their types, in its own order.
    pub source: Vec<(String, String)>,
    /// National table → column → source columns.
    pub tables: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl Lineage {
    fn of(source: &SchemaRef) -> Self {
        let shown = source.fields().iter().filter(|field| field.name() != ROW_ID);
        let source = shown.map(|field| (field.name().clone(), field.data_type().to_string())).collect();
        Self { source, tables: BTreeMap::new() }
    }

    fn table(&mut self, table: &str, mut columns: BTreeMap<String, BTreeSet<String>>) {
        columns.remove(ROW_ID);
        for sources in columns.values_mut() {
            sources.remove(ROW_ID);
        }
        self.tables.insert(table.to_owned(), columns);
    }
}

impl Engine {
    /// What the job makes of a source with these columns, where somebody follows it.
    pub(super) async fn follow(
        &self,
        job: &Job,
        source: &SchemaRef,
        lookups: &Arc<dyn Lookups>,
    ) -> Result<Option<Arc<Lineage>>> {
        if !self.project.file.openlineage.wanted() {
            return Ok(None);
        }
        let mut found = Lineage::of(source);
        for (table, sql) in &job.mappings {
            found.table(table, lineage(sql, &job.mapping_place(table), source, lookups).await?);
        }
        Ok(Some(Arc::new(found)))
    }
}
