//! The SQL that is sent: the job's table or query, and what the cursor and the columns add to it.

use sluss_schemas::say;

use super::column::{Column, Target};
use super::driver::Reading;
use super::options::SqlOptions;
use crate::connect::Io;
use crate::error::{ConnectorError, Result};
use crate::suggest;

/// How a kind of database writes SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// MariaDB and MySQL.
    MySql,
    /// SQLite.
    Sqlite,
    /// Whatever stands behind ODBC.
    #[cfg_attr(not(feature = "odbc"), allow(dead_code, reason = "needs the feature, or a test"))]
    Odbc,
}

/// What is asked of the database.
#[derive(Clone, Debug)]
pub(super) struct Question {
    from: From,
    cursor: Option<String>,
    order: Vec<String>,
    dialect: Dialect,
}

#[derive(Clone, Debug)]
enum From {
    Table(String),
    Landed(String),
    Query { sql: String, name: String },
}

/// A part of the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All.
    All,
    /// Those without a value in the cursor's column.
    Empty,
    /// Those with one, or with one that this condition holds for (`> 17`).
    Ordered(Option<String>),
}

impl Question {
    /// From the options; none where they do not say what to read.
    pub(super) fn new(options: &SqlOptions, dialect: Dialect, io: &Io) -> Result<Option<Self>> {
        let from = match (&options.table, &options.query, &options.query_file) {
            (None, None, None) => return Ok(None),
            (Some(table), None, None) => From::Table(table.clone()),
            (None, Some(sql), None) => From::query(sql, "query")?,
            (None, None, Some(file)) => {
                let sql = std::fs::read_to_string(io.base.join(file)).map_err(|error| {
                    ConnectorError::configuration(say!(
                        "filen med frågan går inte att läsa",
                        "the query's file cannot be read"
                    ))
                    .at(file)
                    .hint(say!(
                        "kontrollera `query_file`: sökvägen utgår från jobbets mapp, och texten ska vara UTF-8",
                        "check `query_file`: the path is relative to the job's folder, the text UTF-8"
                    ))
                    .because(error)
                })?;
                From::query(&sql, file)?
            }
            _ => {
                return Err(ConnectorError::configuration(say!(
                    "flera av `table`, `query` och `query_file` är satta",
                    "several of `table`, `query` and `query_file` are set"
                ))
                .hint(say!("behåll en av dem", "keep one of them")));
            }
        };
        let cursor = options.cursor.as_ref().map(|cursor| cursor.column.clone());
        Ok(Some(Self { from, cursor, order: options.order_by.clone(), dialect }))
    }

    /// What an earlier reading kept.
    pub(super) fn landed(file: &str) -> Self {
        Self { from: From::Landed(file.to_owned()), cursor: None, order: Vec::new(), dialect: Dialect::Sqlite }
    }

    /// What a person calls it.
    pub(super) fn name(&self) -> &str {
        match &self.from {
            From::Table(name) | From::Landed(name) | From::Query { name, .. } => name,
        }
    }

    /// The cursor's column.
    pub(super) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// What is asked for, as it stands: to learn its columns.
    pub(super) fn base(&self) -> String {
        match &self.from {
            From::Table(name) | From::Landed(name) => format!("SELECT * FROM {}", path(name, self.dialect)),
            From::Query { sql, .. } => sql.clone(),
        }
    }

    /// A part of it, in order. `cells` says how the columns are to be given, where not as they are.
    pub(super) fn select(&self, cells: Option<&str>, part: &Part) -> String {
        if cells.is_none() && *part == Part::All && self.order.is_empty() {
            return self.base();
        }
        let name = |name: &str| format!("sluss.{}", quoted(name, self.dialect));
        let from = match &self.from {
            From::Table(table) | From::Landed(table) => path(table, self.dialect),
            // The line break ends a comment at the query's end.
            From::Query { sql, .. } => format!("({sql}\n)"),
        };
        let mut sql = format!("SELECT {} FROM {from} sluss", cells.unwrap_or("sluss.*"));
        let mut order: Vec<String> = self.order.iter().map(|column| name(column)).collect();
        if let Some(cursor) = &self.cursor {
            match part {
                Part::All => {}
                Part::Empty => sql = format!("{sql} WHERE {} IS NULL", name(cursor)),
                Part::Ordered(condition) => {
                    let condition = condition.as_deref().unwrap_or("IS NOT NULL");
                    sql = format!("{sql} WHERE {} {condition}", name(cursor));
                    order.insert(0, name(cursor));
                }
            }
        }
        if !order.is_empty() {
            sql.push_str(" ORDER BY ");
            sql.push_str(&order.join(", "));
        }
        sql
    }

    /// The columns as they are to be given: those that `written` says as text.
    pub(super) fn cells(&self, columns: &[Column], written: impl Fn(&Column) -> bool) -> Option<String> {
        if !columns.iter().any(&written) {
            return None;
        }
        let cell = |column: &Column| {
            let name = quoted(&column.name, self.dialect);
            if written(column) { format!("sluss.{name}::text AS {name}") } else { format!("sluss.{name}") }
        };
        Some(columns.iter().map(cell).collect::<Vec<_>>().join(", "))
    }

    /// The highest value of the cursor's column, as the column is.
    pub(super) fn latest(&self) -> Option<String> {
        let cursor = quoted(self.cursor.as_ref()?, self.dialect);
        let from = match &self.from {
            From::Table(table) | From::Landed(table) => path(table, self.dialect),
            From::Query { sql, .. } => format!("({sql}\n)"),
        };
        Some(format!("SELECT max(sluss.{cursor}) AS {cursor} FROM {from} sluss"))
    }

    /// The parts to read, one after the other.
    pub(super) fn parts(&self, columns: &[Column], reading: &Reading) -> Result<Vec<Part>> {
        let Some(cursor) = &self.cursor else { return Ok(vec![Part::All]) };
        let condition = match (&reading.after, &reading.overlap) {
            (None, _) => None,
            (Some(after), None) => Some(format!("> {}", after.key.literal(self.dialect)?)),
            (Some(after), Some(overlap)) => Some(format!(">= {}", after.key.before(overlap)?.literal(self.dialect)?)),
        };
        // What an outer join gives may be empty whatever the table says.
        let nullable = matches!(self.from, From::Query { .. })
            || columns.iter().any(|column| column.name == *cursor && column.nullable);
        let empty = nullable.then_some(Part::Empty);
        Ok(empty.into_iter().chain([Part::Ordered(condition)]).collect())
    }

    /// The cursor's column must be there and have an order that can be gone on in.
    pub(super) fn check_cursor(&self, columns: &[Column]) -> Result<()> {
        for name in self.cursor.iter().chain(&self.order) {
            if !columns.iter().any(|column| column.name == *name) {
                let error = ConnectorError::configuration(say!(
                    "kolumnen `{name}`, som raderna ska ordnas efter, finns inte",
                    "there is no column `{name}` to order by"
                ));
                let names = columns.iter().map(|column| column.name.as_str());
                let near = suggest::nearest(name, names.clone());
                let names = names.collect::<Vec<_>>().join(", ");
                return Err(match near {
                    Some(near) => error.hint(say!("menade ni `{near}`?", "did you mean `{near}`?")),
                    None => error.hint(say!("dessa finns: {names}", "there are: {names}")),
                });
            }
        }
        let Some(cursor) = &self.cursor else { return Ok(()) };
        let column = columns.iter().find(|column| column.name == *cursor);
        let ordered = match column.and_then(|column| column.target) {
            Some(Target::Float | Target::Bool) | None => false,
            // Elsewhere texts that differ may count as alike.
            Some(Target::Text) => matches!(self.dialect, Dialect::Postgres | Dialect::Sqlite),
            Some(_) => true,
        };
        if ordered {
            return Ok(());
        }
        let kind = column.map_or("", |column| column.kind.as_str());
        Err(ConnectorError::configuration(say!(
            "kolumnen `{cursor}` i `cursor` har typen {kind}",
            "the cursor's column `{cursor}` is of the type {kind}"
        ))
        .hint(say!(
            "välj en kolumn med ändringstid, datum eller ett tal som växer",
            "choose a column with a time of change, a date or a growing number"
        )))
    }
}

impl From {
    fn query(sql: &str, name: &str) -> Result<Self> {
        let sql = sql.trim().trim_end_matches(';').trim_end();
        if sql.is_empty() {
            return Err(ConnectorError::configuration(say!("frågan är tom", "the query is empty"))
                .at(name)
                .hint(say!("skriv en SELECT", "write one SELECT")));
        }
        Ok(Self::Query { sql: sql.to_owned(), name: name.to_owned() })
    }
}

/// `schema.table`, each part quoted.
pub(super) fn path(name: &str, dialect: Dialect) -> String {
    name.split('.').map(|part| quoted(part, dialect)).collect::<Vec<_>>().join(".")
}

/// A name as an identifier.
pub(super) fn quoted(name: &str, dialect: Dialect) -> String {
    let plain =
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !name.starts_with(|c: char| c.is_ascii_digit());
    match dialect {
        Dialect::MySql => format!("`{}`", name.replace('`', "``")),
        // Not every database behind ODBC takes quotes, nor keeps the letters of a name in them.
        Dialect::Odbc if plain && !name.is_empty() => name.to_owned(),
        Dialect::Postgres | Dialect::Sqlite | Dialect::Odbc => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(from: From, cursor: Option<&str>, order: &[&str], dialect: Dialect) -> Question {
        let order = order.iter().map(|name| (*name).to_owned()).collect();
        Question { from, cursor: cursor.map(ToOwned::to_owned), order, dialect }
    }

    #[test]
    fn names_are_quoted_and_queries_wrapped_only_where_needed() {
        let table = question(From::Table("dbo.Vårdavtal".into()), None, &[], Dialect::Postgres);
        assert_eq!(table.select(None, &Part::All), "SELECT * FROM \"dbo\".\"Vårdavtal\"");
        let query =
            question(From::query("SELECT 1 AS a -- ett\n;", "query").unwrap(), Some("a"), &["b"], Dialect::MySql);
        assert_eq!(
            query.select(None, &Part::Ordered(Some("> 17".into()))),
            "SELECT sluss.* FROM (SELECT 1 AS a -- ett\n) sluss WHERE sluss.`a` > 17 ORDER BY sluss.`a`, sluss.`b`"
        );
        assert_eq!(quoted("a`b", Dialect::MySql), "`a``b`");
        assert_eq!(quoted("a\"b", Dialect::Sqlite), "\"a\"\"b\"");
        assert_eq!(quoted("Vardavtal", Dialect::Odbc), "Vardavtal");
    }
}
