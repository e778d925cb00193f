//! What a run read and what it made of it, column by column: for those who follow data's way from outside.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::SchemaRef;
use sluss_schemas::chunk::ROW_ID;

/// The source's columns, and what each national column is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineage {
    /// The source's columns with their types, in its own order.
    pub source: Vec<(String, String)>,
    /// National table → column → source columns.
    pub tables: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl Lineage {
    pub(super) fn of(source: &SchemaRef) -> Self {
        let shown = source.fields().iter().filter(|field| field.name() != ROW_ID);
        let source = shown.map(|field| (field.name().clone(), field.data_type().to_string())).collect();
        Self { source, tables: BTreeMap::new() }
    }

    pub(super) fn table(&mut self, table: &str, mut columns: BTreeMap<String, BTreeSet<String>>) {
        columns.remove(ROW_ID);
        for sources in columns.values_mut() {
            sources.remove(ROW_ID);
        }
        self.tables.insert(table.to_owned(), columns);
    }
}
