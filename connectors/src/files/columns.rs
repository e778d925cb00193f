//! Columns that a job declares for nested data: name → path.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use sluss_schemas::chunk::ROW_ID;
use sluss_schemas::say;

use crate::error::{ConnectorError, Result};

/// Columns in the order of their declaration.
///
/// Either a table `{ kommun = "adress/kommun" }`, or a list of paths that are their own names:
/// `["@Regionkod", "@Mvo"]` gives `Regionkod` and `Mvo`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnMap(
    /// Name and path.
    pub Vec<(String, String)>,
);

impl ColumnMap {
    /// The names in order.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Refuses an empty map, empty names and names that occur twice.
    pub(crate) fn check(&self) -> Result<()> {
        if self.0.is_empty() {
            return Err(ConnectorError::configuration(say!("columns är tom", "columns is empty")));
        }
        let mut seen = HashSet::new();
        for (name, _) in &self.0 {
            if name.is_empty() || name == ROW_ID || !seen.insert(name) {
                return Err(ConnectorError::configuration(say!(
                    "columns kan inte ha namnet {name:?}",
                    "columns cannot have the name {name:?}"
                ))
                .hint(say!("ge varje kolumn ett eget namn", "give each column a name of its own")));
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for ColumnMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Columns;
        impl<'de> Visitor<'de> for Columns {
            type Value = ColumnMap;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of column names and paths, or a list of paths")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<ColumnMap, A::Error> {
                let mut columns = Vec::new();
                while let Some(column) = map.next_entry::<String, String>()? {
                    columns.push(column);
                }
                Ok(ColumnMap(columns))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<ColumnMap, A::Error> {
                let mut columns = Vec::new();
                while let Some(path) = seq.next_element::<String>()? {
                    columns.push((path.strip_prefix('@').unwrap_or(&path).to_owned(), path));
                }
                Ok(ColumnMap(columns))
            }
        }
        deserializer.deserialize_any(Columns)
    }
}

impl JsonSchema for ColumnMap {
    fn schema_name() -> Cow<'static, str> {
        "ColumnMap".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<BTreeMap<String, String>>();
        let list = generator.subschema_for::<Vec<String>>();
        schemars::json_schema!({
            "description": "Columns: a table of names and paths, or a list of paths that are their own names.",
            "anyOf": [table, list],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_keeps_its_order_and_a_list_names_itself() {
        let table: ColumnMap = serde_json::from_str(r#"{"b": "x/y", "a": "@z"}"#).unwrap();
        assert_eq!(table.names(), ["b", "a"]);
        let list: ColumnMap = serde_json::from_str(r#"["@Mvo", "adress/ort"]"#).unwrap();
        assert_eq!(list.names(), ["Mvo", "adress/ort"]);
        assert!(table.check().is_ok());
    }

    #[test]
    fn names_are_there_and_distinct() {
        for wrong in [r#"["a", "@a"]"#, r#"{"": "a"}"#, r#"["_rad"]"#, "[]"] {
            assert!(serde_json::from_str::<ColumnMap>(wrong).unwrap().check().is_err(), "{wrong}");
        }
    }
}
