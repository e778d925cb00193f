//! The two databases behind one small face: statements with typed arguments, rows of plain cells.
//!
//! The ledger and the publishing transaction are written once, in SQL that both understand
//! (`$1` is a numbered parameter in both). What truly differs (bulk staging, bulk reading) lives in
//! [`super::sqlite`] and [`super::postgres`].

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sluss_schemas::table::ddl::Dialect;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::types::Json;
use sqlx::{
    AssertSqlSafe, Column as _, Decode, Executor as _, PgPool, Postgres, Row as _, SqlSafeStr as _, Sqlite,
    Statement as _, Transaction, TypeInfo as _, ValueRef as _,
};

use super::error::{Cause, RegisterError, Result};
use super::sqlite::SqlitePools;

/// The databases' connections.
#[derive(Debug)]
pub(crate) enum Database {
    Sqlite(SqlitePools),
    Postgres(PgPool),
}

/// An argument of a statement. Text, instants and documents are stored in each database's own way.
#[derive(Clone, Debug)]
pub(crate) enum Arg {
    Int(Option<i64>),
    Text(Option<String>),
    Date(NaiveDate),
    Instant(Option<DateTime<Utc>>),
    Document(Option<Value>),
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}
impl From<Option<&str>> for Arg {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}
impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}
/// Counts and sequence numbers: a number beyond 63 bits cannot be reached, and would be capped.
impl From<u64> for Arg {
    fn from(value: u64) -> Self {
        Self::Int(Some(i64::try_from(value).unwrap_or(i64::MAX)))
    }
}
impl From<NaiveDate> for Arg {
    fn from(value: NaiveDate) -> Self {
        Self::Date(value)
    }
}
impl From<DateTime<Utc>> for Arg {
    fn from(value: DateTime<Utc>) -> Self {
        Self::Instant(Some(value))
    }
}
impl From<&Value> for Arg {
    fn from(value: &Value) -> Self {
        Self::Document(Some(value.clone()))
    }
}

/// One cell of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

/// One row of an answer: cells are taken from left to right.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Cell>);

impl Row {
    fn unexpected() -> RegisterError {
        RegisterError::Database { doing: "read the ledger", cause: Cause("unexpected type".to_owned()) }
    }

    pub(crate) fn cell(&mut self) -> Cell {
        self.0.next().unwrap_or(Cell::Null)
    }

    pub(crate) fn int_or_none(&mut self) -> Result<Option<i64>> {
        match self.cell() {
            Cell::Null => Ok(None),
            Cell::Int(value) => Ok(Some(value)),
            _ => Err(Self::unexpected()),
        }
    }

    pub(crate) fn int(&mut self) -> Result<i64> {
        self.int_or_none()?.ok_or_else(Self::unexpected)
    }

    pub(crate) fn count_or_none(&mut self) -> Result<Option<u64>> {
        self.int_or_none()?.map(|v| u64::try_from(v).map_err(|_| Self::unexpected())).transpose()
    }

    pub(crate) fn count(&mut self) -> Result<u64> {
        self.count_or_none()?.ok_or_else(Self::unexpected)
    }

    pub(crate) fn text_or_none(&mut self) -> Result<Option<String>> {
        match self.cell() {
            Cell::Null => Ok(None),
            Cell::Text(value) => Ok(Some(value)),
            _ => Err(Self::unexpected()),
        }
    }

    pub(crate) fn text(&mut self) -> Result<String> {
        self.text_or_none()?.ok_or_else(Self::unexpected)
    }

    pub(crate) fn instant_or_none(&mut self) -> Result<Option<DateTime<Utc>>> {
        self.int_or_none()?.map(|v| DateTime::from_timestamp_micros(v).ok_or_else(Self::unexpected)).transpose()
    }

    pub(crate) fn instant(&mut self) -> Result<DateTime<Utc>> {
        self.instant_or_none()?.ok_or_else(Self::unexpected)
    }

    pub(crate) fn document_or_none(&mut self) -> Result<Option<Value>> {
        let text = self.text_or_none()?;
        text.map(|t| serde_json::from_str(&t).map_err(|_| Self::unexpected())).transpose()
    }

    pub(crate) fn document(&mut self) -> Result<Value> {
        Ok(self.document_or_none()?.unwrap_or(Value::Null))
    }

    pub(crate) fn key(&mut self) -> Result<[u8; 16]> {
        match self.cell() {
            Cell::Bytes(bytes) => bytes.try_into().map_err(|_| Self::unexpected()),
            _ => Err(Self::unexpected()),
        }
    }
}

impl Database {
    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Begins a transaction that writes. In SQLite it holds the only write lock from here on.
    pub(crate) async fn begin(&self) -> Result<Tx> {
        let doing = "begin a transaction";
        match self {
            Self::Sqlite(pools) => {
                let tx = pools.write.begin_with("BEGIN IMMEDIATE").await;
                Ok(Tx::Sqlite(tx.map_err(|e| RegisterError::from_sqlx(e, doing))?))
            }
            Self::Postgres(pool) => {
                // Whatever the server's own default is: publications lock what they go by, and each must see
                // what the one before it has committed.
                let tx = pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await;
                Ok(Tx::Postgres(tx.map_err(|e| RegisterError::from_sqlx(e, doing))?))
            }
        }
    }

    /// Answers a question outside any transaction.
    pub(crate) async fn fetch(&self, doing: &'static str, sql: &str, args: &[Arg]) -> Result<Vec<Row>> {
        match self {
            Self::Sqlite(pools) => {
                let rows = sqlite_query(sql, args).fetch_all(&pools.read).await;
                sqlite_rows(&rows.map_err(|e| RegisterError::from_sqlx(e, doing))?)
            }
            Self::Postgres(pool) => {
                let rows = postgres_query(sql, args).fetch_all(pool).await;
                postgres_rows(&rows.map_err(|e| RegisterError::from_sqlx(e, doing))?)
            }
        }
    }

    /// Answers a reader's own question, in a transaction that cannot write: column names and rows.
    pub(crate) async fn ask(&self, sql: &str) -> Result<(Vec<String>, Vec<Vec<Cell>>)> {
        let doing = "answer the query";
        let failed = |e| RegisterError::from_sqlx(e, doing);
        let cells = |rows: Vec<Row>| rows.into_iter().map(|row| row.0.collect()).collect();
        match self {
            Self::Sqlite(pools) => {
                let mut connection = pools.read.acquire().await.map_err(failed)?;
                let described = (&mut *connection).prepare(AssertSqlSafe(sql).into_sql_str()).await.map_err(failed)?;
                let names = described.columns().iter().map(|c| c.name().to_owned()).collect();
                let rows = sqlite_query(sql, &[]).fetch_all(&mut *connection).await.map_err(failed)?;
                Ok((names, cells(sqlite_rows(&rows)?)))
            }
            Self::Postgres(pool) => {
                let mut tx = pool.begin_with("BEGIN READ ONLY").await.map_err(failed)?;
                let described = (&mut *tx).prepare(AssertSqlSafe(sql).into_sql_str()).await.map_err(failed)?;
                let names = described.columns().iter().map(|c| c.name().to_owned()).collect();
                let rows = postgres_query(sql, &[]).fetch_all(&mut *tx).await.map_err(failed)?;
                Ok((names, cells(postgres_rows(&rows)?)))
            }
        }
    }

    /// Runs one statement in a transaction of its own.
    pub(crate) async fn execute(&self, doing: &'static str, sql: &str, args: &[Arg]) -> Result<u64> {
        let mut tx = self.begin().await?;
        let changed = tx.execute(doing, sql, args).await?;
        tx.commit().await?;
        Ok(changed)
    }
}

/// A transaction. Dropped without [`Tx::commit`], it never was.
#[derive(Debug)]
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Runs a statement; gives the number of rows that it changed.
    pub(crate) async fn execute(&mut self, doing: &'static str, sql: &str, args: &[Arg]) -> Result<u64> {
        match self {
            Self::Sqlite(tx) => {
                let done = sqlite_query(sql, args).execute(&mut **tx).await;
                Ok(done.map_err(|e| RegisterError::from_sqlx(e, doing))?.rows_affected())
            }
            Self::Postgres(tx) => {
                let done = postgres_query(sql, args).execute(&mut **tx).await;
                Ok(done.map_err(|e| RegisterError::from_sqlx(e, doing))?.rows_affected())
            }
        }
    }

    /// Answers a question.
    pub(crate) async fn fetch(&mut self, doing: &'static str, sql: &str, args: &[Arg]) -> Result<Vec<Row>> {
        match self {
            Self::Sqlite(tx) => {
                let rows = sqlite_query(sql, args).fetch_all(&mut **tx).await;
                sqlite_rows(&rows.map_err(|e| RegisterError::from_sqlx(e, doing))?)
            }
            Self::Postgres(tx) => {
                let rows = postgres_query(sql, args).fetch_all(&mut **tx).await;
                postgres_rows(&rows.map_err(|e| RegisterError::from_sqlx(e, doing))?)
            }
        }
    }

    /// The first row of the answer, if there is one.
    pub(crate) async fn first(&mut self, doing: &'static str, sql: &str, args: &[Arg]) -> Result<Option<Row>> {
        Ok(self.fetch(doing, sql, args).await?.into_iter().next())
    }

    /// A statement as it stands, unprepared: definitions, which take no arguments.
    pub(crate) async fn define(&mut self, doing: &'static str, sql: &str) -> Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        let done = match self {
            Self::Sqlite(tx) => sql.execute(&mut **tx).await.map(drop),
            Self::Postgres(tx) => sql.execute(&mut **tx).await.map(drop),
        };
        done.map_err(|e| RegisterError::from_sqlx(e, doing))
    }

    pub(crate) async fn commit(self) -> Result<()> {
        let done = match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        };
        done.map_err(|e| RegisterError::from_sqlx(e, "commit"))
    }
}

/// A date as SQLite keeps it.
pub(crate) fn iso(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}

fn sqlite_query<'q>(sql: &str, args: &[Arg]) -> Query<'q, Sqlite, SqliteArguments> {
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for arg in args {
        query = match arg {
            Arg::Int(value) => query.bind(*value),
            Arg::Text(value) => query.bind(value.clone()),
            Arg::Date(value) => query.bind(iso(*value)),
            Arg::Instant(value) => query.bind(value.map(|v| v.timestamp_micros())),
            Arg::Document(value) => query.bind(value.as_ref().map(Value::to_string)),
        };
    }
    query.persistent(false)
}

fn postgres_query<'q>(sql: &str, args: &[Arg]) -> Query<'q, Postgres, PgArguments> {
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for arg in args {
        query = match arg {
            Arg::Int(value) => query.bind(*value),
            Arg::Text(value) => query.bind(value.clone()),
            Arg::Date(value) => query.bind(*value),
            Arg::Instant(value) => query.bind(*value),
            Arg::Document(value) => query.bind(value.clone().map(Json)),
        };
    }
    // Statements are made per table and run once: keep them out of the connection's cache.
    query.persistent(false)
}

fn decoded<T>(value: std::result::Result<T, sqlx::error::BoxDynError>) -> Result<T> {
    value.map_err(|_| Row::unexpected())
}

fn sqlite_rows(rows: &[SqliteRow]) -> Result<Vec<Row>> {
    let cells = |row: &SqliteRow| -> Result<Row> {
        let cells: Result<Vec<Cell>> = (0..row.len())
            .map(|i| {
                let value = row.try_get_raw(i).map_err(|e| RegisterError::from_sqlx(e, "read"))?;
                if value.is_null() {
                    return Ok(Cell::Null);
                }
                let kind = value.type_info().name().to_owned();
                Ok(match kind.as_str() {
                    "INTEGER" | "BOOLEAN" => Cell::Int(decoded(<i64 as Decode<Sqlite>>::decode(value))?),
                    "REAL" => Cell::Real(decoded(<f64 as Decode<Sqlite>>::decode(value))?),
                    "BLOB" => Cell::Bytes(decoded(<Vec<u8> as Decode<Sqlite>>::decode(value))?),
                    _ => Cell::Text(decoded(<String as Decode<Sqlite>>::decode(value))?),
                })
            })
            .collect();
        Ok(Row(cells?.into_iter()))
    };
    rows.iter().map(cells).collect()
}

fn postgres_rows(rows: &[PgRow]) -> Result<Vec<Row>> {
    let cells = |row: &PgRow| -> Result<Row> {
        let cells: Result<Vec<Cell>> = (0..row.len())
            .map(|i| {
                let value = row.try_get_raw(i).map_err(|e| RegisterError::from_sqlx(e, "read"))?;
                if value.is_null() {
                    return Ok(Cell::Null);
                }
                let kind = value.type_info().name().to_owned();
                Ok(match kind.as_str() {
                    "INT8" => Cell::Int(decoded(<i64 as Decode<Postgres>>::decode(value))?),
                    "INT4" => Cell::Int(i64::from(decoded(<i32 as Decode<Postgres>>::decode(value))?)),
                    "BOOL" => Cell::Int(i64::from(decoded(<bool as Decode<Postgres>>::decode(value))?)),
                    "FLOAT8" => Cell::Real(decoded(<f64 as Decode<Postgres>>::decode(value))?),
                    "TIMESTAMPTZ" => {
                        let instant = decoded(<DateTime<Utc> as Decode<Postgres>>::decode(value))?;
                        Cell::Int(instant.timestamp_micros())
                    }
                    "DATE" => Cell::Text(iso(decoded(<NaiveDate as Decode<Postgres>>::decode(value))?)),
                    "JSON" | "JSONB" => {
                        let Json(document) = decoded(<Json<Value> as Decode<Postgres>>::decode(value))?;
                        Cell::Text(document.to_string())
                    }
                    // Sums: an integer where it is one, else exact text.
                    "NUMERIC" => {
                        let text = super::copy::numeric_text(decoded(value.as_bytes())?)?;
                        text.parse().map_or(Cell::Text(text), Cell::Int)
                    }
                    "UUID" | "BYTEA" => Cell::Bytes(decoded(value.as_bytes().map(<[u8]>::to_vec))?),
                    _ => Cell::Text(decoded(<String as Decode<Postgres>>::decode(value))?),
                })
            })
            .collect();
        Ok(Row(cells?.into_iter()))
    };
    rows.iter().map(cells).collect()
}
