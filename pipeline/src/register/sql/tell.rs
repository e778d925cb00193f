//! What a publication tells: its events.

use sluss_schemas::table::Kind;
use sluss_schemas::table::ddl::{Dialect, quoted};

use super::Publish;
use super::words::literal;
use crate::register::layout::{Holds, Layout};

impl Publish<'_> {
    /// Writes the events, numbered in the order of kind and key.
    pub(crate) fn insert_events(&self) -> String {
        let table = self.layout.sql_name();
        format!(
            "INSERT INTO handelse (no, seq, table_name, owner, kind, key_hash, key) \
             SELECT $8 + ROW_NUMBER() OVER (ORDER BY x.kind, x._nyckel), $4, {name}, $1, x.kind, x._nyckel, x.key FROM (\
             SELECT t._nyckel, CASE WHEN d.nyckel IS NULL OR d.ater = TRUE THEN 'new' \
             WHEN d.ny = TRUE THEN 'changed' ELSE 'corrected' END AS kind, {key} AS key \
             FROM {table} t LEFT JOIN publ_andrad d ON d.nyckel = t._nyckel \
             WHERE t._seq_fran = $4 AND t._aktuell = TRUE \
             UNION ALL \
             SELECT t._nyckel, 'ended', {key} FROM {table} t JOIN publ_avslutad a ON a.nyckel = t._nyckel \
             WHERE t._seq_till = $4 AND t._aktuell = TRUE) x",
            name = literal(self.layout.name()),
            key = key_document(self.layout, self.dialect, "t"),
        )
    }

    /// How many of a range of events are of which kind. Arguments: the number before the first,
    /// the last.
    pub(crate) fn count_events() -> &'static str {
        "SELECT kind, COUNT(*) FROM handelse WHERE no > $1 AND no <= $2 GROUP BY kind"
    }
}

/// The business key of a row as a JSON object, the same text in both databases.
pub(crate) fn key_document(layout: &Layout, dialect: Dialect, of: &str) -> String {
    let parts: Vec<String> = layout
        .table
        .key
        .iter()
        .map(|name| {
            let column = format!("{of}.{}", quoted(name));
            let kind = layout.national.iter().find(|s| &s.name == name).map(|s| s.holds);
            let value = match (dialect, kind) {
                (Dialect::Sqlite, Some(Holds::Value(Kind::Boolean))) => {
                    format!("CASE WHEN {column} THEN 'true' ELSE 'false' END")
                }
                (Dialect::Sqlite, _) => format!("json_quote({column})"),
                (Dialect::Postgres, _) => format!("to_json({column})::text"),
            };
            format!("{} || {value}", literal(&format!("{}:", serde_json::Value::from(name.as_str()))))
        })
        .collect();
    format!("'{{' || {} || '}}'", parts.join(" || ',' || "))
}
