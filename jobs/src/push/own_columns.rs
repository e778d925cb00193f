//! Rows in a national table's own columns: every column is there, and no other.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use sluss_pipeline::error::PipelineError;
use sluss_schemas::chunk::{Chunk, ROW_ID};
use sluss_schemas::message::Message;
use sluss_schemas::say;
use sluss_schemas::table::Table;

/// Strange columns that a message names at most.
const NAMED: usize = 5;
/// Likeness from which a name was probably meant.
const LIKE: f64 = 0.85;

/// Brings chunks into the columns of one table.
#[derive(Debug)]
pub(super) struct OwnColumns {
    table: Arc<Table>,
    schema: SchemaRef,
}

impl OwnColumns {
    pub(super) fn new(table: Arc<Table>) -> Self {
        let text = |name: &str| Field::new(name, DataType::Utf8View, true);
        let mut fields: Vec<_> = table.column.iter().map(|column| text(&column.name)).collect();
        fields.push(Field::new(ROW_ID, DataType::UInt64, false));
        Self { table, schema: Arc::new(Schema::new(fields)) }
    }

    /// The chunk with all of the table's columns; those that were not sent are empty.
    pub(super) fn conform(&self, chunk: Chunk) -> Result<Chunk, PipelineError> {
        let given = chunk.rows.schema();
        let strange: Vec<(usize, &str)> = given
            .fields()
            .iter()
            .enumerate()
            .map(|(i, field)| (i, field.name().as_str()))
            .filter(|(_, name)| *name != ROW_ID && self.table.column(name).is_none())
            .collect();
        if !strange.is_empty() {
            return Err(self.refused(&strange).at(chunk.origin.name.clone()));
        }
        let rows = chunk.rows.num_rows();
        let fields = self.schema.fields().iter();
        let columns: Vec<ArrayRef> = fields
            .map(|field| match chunk.rows.column_by_name(field.name()) {
                Some(column) => Arc::clone(column),
                None => new_null_array(field.data_type(), rows),
            })
            .collect();
        let rows = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
        Ok(Chunk { rows, ..chunk })
    }

    fn refused(&self, strange: &[(usize, &str)]) -> PipelineError {
        let shown: Vec<Message> = strange.iter().take(NAMED).map(|(i, name)| heading(*i, name)).collect();
        let (names, table) = (Message::join(&shown, ", "), &self.table.name);
        let more = strange.len().saturating_sub(NAMED);
        let what =
            say!("leveransen har kolumner som {table} inte har", "the delivery has columns that {table} has not");
        let what = Message::join([&what, &names], ": ");
        let what = if more > 0 { Message::join([&what, &format!("(+{more})").into()], " ") } else { what };
        let near = strange.iter().find_map(|(_, name)| self.nearest(name));
        PipelineError::source(what).hint(match near {
            Some(near) => say!(
                "menade ni `{near}`? Kolumnerna står i /v1/schemas/{table}.json",
                "did you mean `{near}`? The columns stand in /v1/schemas/{table}.json"
            ),
            None => say!(
                "kolumnerna står i /v1/schemas/{table}.json; en CSV-fil ska ha dem som rubriker",
                "the columns stand in /v1/schemas/{table}.json; a CSV file has them as headings"
            ),
        })
    }

    fn nearest(&self, name: &str) -> Option<&str> {
        let likeness = |column: &str| strsim::jaro_winkler(&name.to_lowercase(), column);
        let columns = self.table.column.iter().map(|column| (likeness(&column.name), column.name.as_str()));
        columns.filter(|(like, _)| *like > LIKE).max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, name)| name)
    }
}

/// A heading, if it looks like one: where the headings were forgotten a person's data may stand there.
fn heading(place: usize, name: &str) -> Message {
    const LONGEST: usize = 40;
    const DIGITS: usize = 3;
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.'));
    let digits = name.chars().filter(char::is_ascii_digit).count();
    if plain && !name.is_empty() && digits <= DIGITS && name.chars().count() <= LONGEST {
        return format!("`{name}`").into();
    }
    let place = place + 1;
    say!("kolumn {place}", "column {place}")
}

#[cfg(test)]
mod tests {
    use arrow::array::{StringViewArray, UInt64Array};
    use sluss_schemas::chunk::Origin;
    use sluss_schemas::table::Tables;

    use super::*;

    fn chunk(names: &[&str]) -> Chunk {
        let mut columns: Vec<(&str, ArrayRef)> =
            names.iter().map(|name| (*name, Arc::new(StringViewArray::from(vec!["x"])) as ArrayRef)).collect();
        columns.push((ROW_ID, Arc::new(UInt64Array::from(vec![1]))));
        let origin = Arc::new(Origin { index: 0, name: "leverans.csv".into(), part: None });
        Chunk { origin, rows: RecordBatch::try_from_iter(columns).unwrap(), unread: Vec::new(), cursor: None }
    }

    fn own() -> OwnColumns {
        OwnColumns::new(Arc::new(Tables::national().get("avtal").unwrap().clone()))
    }

    #[test]
    fn what_is_not_sent_is_empty() {
        let rows = own().conform(chunk(&["titel", "avtals_id"])).unwrap().rows;
        assert_eq!(rows.num_columns(), own().table.column.len() + 1);
        assert_eq!(rows.column_by_name("lanskod").unwrap().null_count(), 1);
        assert_eq!(rows.column_by_name("titel").unwrap().null_count(), 0);
    }

    #[test]
    fn strange_columns_are_named_and_values_are_not() {
        let error = own().conform(chunk(&["titel", "avtalsid"])).unwrap_err();
        assert!(error.what.contains("`avtalsid`"), "{error}");
        assert!(error.hint.unwrap().contains("`avtals_id`"));
        let error = own().conform(chunk(&["19811218-9876", "Anna Andersson"])).unwrap_err();
        assert!(error.what.ends_with("column 1, column 2"), "{error}");
    }
}
