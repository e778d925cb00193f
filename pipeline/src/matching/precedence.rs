//! Whose word counts: what several sources say of one organisation or unit, attribute by attribute.
//!
//! Each source publishes what it says as rows of its own (`organisation_uppgift`: its name is part of the
//! key), so that no source overwrites another and each has its history. The row that everybody reads is
//! computed from them by the order in `[precedence]`, by a job of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, UInt64Array};
use arrow::compute::{concat_batches, take};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use futures::TryStreamExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sluss_schemas::chunk::{ROW_ID, RowId};
use sluss_schemas::say;
use sluss_schemas::table::{Table, Tables};

use crate::error::{PipelineError, Result};
use crate::register::{Believed, Question, Register};

/// The connector of jobs that compute the rows that everybody reads.
pub const CONNECTOR: &str = "foretrade";
/// What the names of the sources' own tables end with.
pub const SAID: &str = "_uppgift";
/// The column that names the source.
const SOURCE: &str = "kalla";

/// `[precedence.<table>]`: sources, those whose word counts most first. One that is not named comes last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Order {
    /// For every attribute that has no order of its own.
    pub order: Vec<String>,
    /// Attribute → its own order.
    pub columns: BTreeMap<String, Vec<String>>,
}

impl Order {
    /// How far back a source stands; those that are not named by their names.
    fn rank<'s>(&self, column: &str, source: &'s str) -> (usize, &'s str) {
        let order = self.columns.get(column).unwrap_or(&self.order);
        (order.iter().position(|named| named == source).unwrap_or(usize::MAX), source)
    }
}

/// What is said of one attribute, and whose word counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attribute {
    /// The column.
    #[serde(rename = "kolumn")]
    pub column: String,
    /// The source whose word counts; none where nobody says anything.
    #[serde(rename = "kalla")]
    pub source: Option<String>,
    /// Source and value, those whose word counts most first.
    #[serde(rename = "uppgifter")]
    pub said: Vec<(String, String)>,
}

/// The table of what sources say, for a table that everybody reads.
pub fn said_of<'t>(tables: &'t Tables, table: &str) -> Option<&'t Table> {
    tables.get(&format!("{table}{SAID}"))
}

/// The columns of the computed rows, without [`ROW_ID`].
pub fn schema(table: &Table) -> SchemaRef {
    table.arrow_schema()
}

/// The rows that everybody reads, of what sources say now; in the order of their keys.
pub async fn golden(register: &dyn Register, table: &Table, order: &Order) -> Result<RecordBatch> {
    let all = said(register, table, Vec::new()).await?;
    let mut keys: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let texts = text_column(&all, first_key(table)?)?;
    for row in 0..all.num_rows() {
        keys.entry(texts(row).unwrap_or_default()).or_default().push(row);
    }
    let sources = text_column(&all, SOURCE)?;
    let mut columns: Vec<ArrayRef> = Vec::new();
    let mut fields: Vec<Field> = Vec::new();
    let persons: Vec<bool> = keys.values().map(|rows| is_person(&all, rows, &sources, order)).collect();
    for column in &table.column {
        let values = find(&all, &column.name)?;
        let chosen: UInt64Array = keys
            .values()
            .zip(&persons)
            .map(|(rows, person)| {
                // A person's name stands where personal data stands, whoever says it.
                let other = if *person { "namn" } else { "namn_enskild" };
                let row = if column.name == other && all.column_by_name("enskild").is_some() {
                    None
                } else {
                    ranked(values, rows, &column.name, &sources, order).first().copied()
                };
                row.map(|row| row as u64)
            })
            .collect();
        columns.push(take(values, &chosen, None)?);
        fields.push(Field::new(&column.name, values.data_type().clone(), true));
    }
    fields.push(Field::new(ROW_ID, DataType::UInt64, false));
    columns.push(Arc::new(UInt64Array::from_iter_values((1..=keys.len() as u64).map(|row| RowId::new(0, row).0))));
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// What each source says of one key, and whose word counts, attribute by attribute.
pub async fn sources(register: &dyn Register, table: &Table, order: &Order, key: &str) -> Result<Vec<Attribute>> {
    let all = said(register, table, vec![(first_key(table)?.to_owned(), key.to_owned())]).await?;
    let rows: Vec<usize> = (0..all.num_rows()).collect();
    let names = text_column(&all, SOURCE)?;
    let options = FormatOptions::default();
    let mut found = Vec::new();
    for column in table.column.iter().filter(|column| !table.key.contains(&column.name)) {
        let values = find(&all, &column.name)?;
        let text = ArrayFormatter::try_new(values, &options)?;
        let ranked = ranked(values, &rows, &column.name, &names, order);
        let said: Vec<(String, String)> =
            ranked.iter().map(|row| (names(*row).unwrap_or_default(), text.value(*row).to_string())).collect();
        found.push(Attribute { column: column.name.clone(), source: said.first().map(|(s, _)| s.clone()), said });
    }
    Ok(if rows.is_empty() { Vec::new() } else { found })
}

/// The rows that say something of a column, those whose word counts most first.
fn ranked(
    values: &ArrayRef,
    rows: &[usize],
    column: &str,
    sources: &dyn Fn(usize) -> Option<String>,
    order: &Order,
) -> Vec<usize> {
    let mut said: Vec<(String, usize)> =
        rows.iter().filter(|row| values.is_valid(**row)).map(|row| (sources(*row).unwrap_or_default(), *row)).collect();
    said.sort_by(|a, b| order.rank(column, &a.0).cmp(&order.rank(column, &b.0)));
    said.into_iter().map(|(_, row)| row).collect()
}

fn is_person(all: &RecordBatch, rows: &[usize], sources: &dyn Fn(usize) -> Option<String>, order: &Order) -> bool {
    let Some(values) = all.column_by_name("enskild") else { return false };
    let flags: Option<&BooleanArray> = values.as_boolean_opt();
    let first = ranked(values, rows, "enskild", sources, order).first().copied();
    flags.zip(first).is_some_and(|(flags, row)| flags.value(row))
}

async fn said(register: &dyn Register, table: &Table, equal: Vec<(String, String)>) -> Result<RecordBatch> {
    let columns: Vec<String> =
        std::iter::once(SOURCE.to_owned()).chain(table.column.iter().map(|column| column.name.clone())).collect();
    let name = format!("{}{SAID}", table.name);
    let schema = register.schema(&name, Some(&columns))?;
    let question =
        Question { table: name, columns: Some(columns), believed: Believed::Current, equal, ..Question::default() };
    let batches: Vec<RecordBatch> = register.read(&question).await?.try_collect().await?;
    Ok(concat_batches(&schema, &batches)?)
}

fn first_key(table: &Table) -> Result<&str> {
    let missing = || PipelineError::us(say!("tabellen har ingen nyckel", "the table has no key"));
    table.key.first().map(String::as_str).ok_or_else(missing)
}

fn find<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b ArrayRef> {
    let missing = || PipelineError::us(say!("kolumnen {name} saknas i svaret", "the answer lacks the column {name}"));
    batch.column_by_name(name).ok_or_else(missing)
}

fn text_column<'b>(batch: &'b RecordBatch, name: &str) -> Result<impl Fn(usize) -> Option<String> + use<'b>> {
    let texts = find(batch, name)?.as_string_view_opt();
    Ok(move |row: usize| texts.filter(|texts| texts.is_valid(row)).map(|texts| texts.value(row).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attributes_own_order_counts_before_the_tables() {
        let columns = BTreeMap::from([("namn".to_owned(), vec!["ivo".to_owned(), "hsa".to_owned()])]);
        let order = Order { order: vec!["hsa".into(), "ivo".into()], columns };
        let first = |column: &str| {
            let mut sources = ["ivo", "22", "hsa", "03"];
            sources.sort_by(|a, b| order.rank(column, a).cmp(&order.rank(column, b)));
            sources
        };
        assert_eq!(first("namn"), ["ivo", "hsa", "03", "22"]);
        assert_eq!(first("juridisk_form"), ["hsa", "ivo", "03", "22"]);
    }
}
