//! SQLite: rows streamed from a file that is opened for reading only, in one snapshot.

use std::collections::BTreeMap;
use std::path::PathBuf;

use async_trait::async_trait;
use futures::StreamExt;
use sluss_schemas::say;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Column as _, ConnectOptions, Connection, Executor, Row, SqlSafeStr, TypeInfo, ValueRef};

use super::batch::Gather;
use super::cell::{self, Value, Wrong};
use super::column::{Column, Target};
use super::driver::{self, Driver, Reading, Settings, Sink, within};
use super::key::Key;
use super::query::Question;
use crate::connect::{Field, Stream};
use crate::error::{ConnectorError, Result};

/// An SQLite database.
pub(super) struct Sqlite {
    connect: SqliteConnectOptions,
    file: PathBuf,
    settings: Settings,
}

impl Sqlite {
    /// In this file.
    pub(super) fn new(connect: SqliteConnectOptions, file: PathBuf, settings: Settings) -> Self {
        Self { connect, file, settings }
    }

    async fn session(&self) -> Result<SqliteConnection> {
        if !self.file.is_file() {
            return Err(ConnectorError::source(say!("databasfilen finns inte", "the database file does not exist"))
                .at(&self.settings.place)
                .hint(say!(
                    "kontrollera `path`, som utgår från jobbets mapp",
                    "check `path`: it is relative to the job's folder"
                ))
                .retryable());
        }
        let mut connection = within(&self.settings, self.connect.connect()).await?;
        within(&self.settings, connection.execute("BEGIN")).await?;
        Ok(connection)
    }

    async fn columns(&self, connection: &mut SqliteConnection, question: &Question) -> Result<Vec<Column>> {
        let prepared = (&mut *connection).prepare(AssertSqlSafe(question.base()).into_sql_str());
        let statement = within(&self.settings, prepared).await?;
        let mut details: BTreeMap<(String, String), (String, bool)> = BTreeMap::new();
        let columns = sqlx::Statement::columns(&statement);
        for column in columns {
            let origin = column.origin();
            let Some(origin) = origin.table_column() else { continue };
            if details.contains_key(&(origin.table.to_string(), origin.name.to_string())) {
                continue;
            }
            let table = origin.table.split_once('.').map_or(&*origin.table, |(_, table)| table);
            let query = sqlx::query_as::<_, (String, String, bool)>(
                "SELECT name, type, \"notnull\" FROM pragma_table_xinfo(?)",
            );
            for (name, kind, full) in within(&self.settings, query.bind(table).fetch_all(&mut *connection)).await? {
                details.insert((origin.table.to_string(), name), (kind, !full));
            }
        }
        Ok(columns
            .iter()
            .map(|column| {
                let origin = column.origin();
                let detail = origin
                    .table_column()
                    .and_then(|origin| details.get(&(origin.table.to_string(), origin.name.to_string())));
                let (kind, nullable) = detail.cloned().unwrap_or((String::new(), true));
                let target = target(&kind.to_lowercase());
                let kind = if kind.is_empty() { "any".to_owned() } else { kind.to_lowercase() };
                Column { name: column.name().to_owned(), kind, target, nullable }
            })
            .collect())
    }

    /// Reads the rows of one SELECT. Gives how many they were.
    async fn rows(&self, connection: &mut SqliteConnection, sql: &str, columns: &[Column], out: &Sink) -> Result<u64> {
        let mut rows = sqlx::query(AssertSqlSafe(sql.to_owned())).persistent(false).fetch(connection).boxed();
        let mut gather = Gather::new(columns, self.settings.encoding, self.settings.rows);
        let mut total = 0;
        loop {
            let ended = driver::fill(&mut rows, &mut gather, |row, gather| add(row, columns, gather));
            let ended = within(&self.settings, ended).await?;
            total += gather.size().0 as u64;
            out.rest(&mut gather).await?;
            if ended {
                return Ok(total);
            }
        }
    }

    /// The highest value of the cursor's column.
    async fn latest(
        &self,
        connection: &mut SqliteConnection,
        question: &Question,
        columns: &[Column],
    ) -> Result<Option<Key>> {
        let (Some(sql), Some(name)) = (question.latest(), question.cursor()) else { return Ok(None) };
        let columns: Vec<Column> = columns.iter().filter(|column| column.name == name).cloned().collect();
        let row = within(&self.settings, sqlx::query(AssertSqlSafe(sql)).fetch_one(connection)).await?;
        let mut gather = Gather::new(&columns, self.settings.encoding, 1);
        within(&self.settings, async { add(&row, &columns, &mut gather) }).await?;
        gather.end_row();
        Ok(Key::at(gather.take()?.rows.column(0), 0))
    }
}

#[async_trait]
impl Driver for Sqlite {
    async fn tables(&self) -> Result<Vec<Stream>> {
        let mut connection = self.session().await?;
        let sql = "SELECT t.name, c.name, c.type FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c \
                   WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name, c.cid";
        let all: Vec<(String, String, String)> =
            within(&self.settings, sqlx::query_as(sql).fetch_all(&mut connection)).await?;
        let kind = |kind: String| if kind.is_empty() { "any".to_owned() } else { kind.to_lowercase() };
        Ok(driver::streams(all.into_iter().map(|(table, name, of)| (table, Field::text(name, kind(of))))))
    }

    async fn describe(&self, question: &Question) -> Result<Vec<Column>> {
        let mut connection = self.session().await?;
        self.columns(&mut connection, question).await
    }

    async fn read(&self, question: &Question, reading: Reading, out: &Sink) -> Result<()> {
        let mut connection = self.session().await?;
        let columns = self.columns(&mut connection, question).await?;
        out.columns(&columns, question, &reading).await?;
        let mut ordered = 0;
        for part in question.parts(&columns, &reading)? {
            ordered = self.rows(&mut connection, &question.select(None, &part), &columns, out).await?;
        }
        if ordered == 0 && reading.after.is_some() {
            let latest = self.latest(&mut connection, question, &columns).await?;
            reading.not_behind(latest.as_ref(), &self.settings.place)?;
        }
        // All has been read: how the session ends is of no consequence.
        let _ = connection.close().await;
        Ok(())
    }
}

/// What a declared type becomes, by SQLite's own rules for its affinity where it has no other meaning.
fn target(kind: &str) -> Option<Target> {
    let digits = |kind: &str| {
        let (precision, scale) = kind.split_once('(')?.1.strip_suffix(')')?.split_once(',').unwrap_or_default();
        Some(Target::decimal(precision.trim().parse().ok()?, scale.trim().parse().ok()?))
    };
    Some(match kind {
        _ if kind.contains("int") => Target::Int,
        _ if kind.contains("char") || kind.contains("clob") || kind.contains("text") => Target::Text,
        _ if kind.contains("blob") => return None,
        _ if kind.contains("real") || kind.contains("floa") || kind.contains("doub") => Target::Float,
        _ if kind.starts_with("bool") => Target::Bool,
        _ if kind.starts_with("dec") || kind.starts_with("num") => digits(kind).unwrap_or(Target::Text),
        _ => Target::Text,
    })
}

fn add(row: &SqliteRow, columns: &[Column], gather: &mut Gather) -> std::result::Result<(), sqlx::Error> {
    for (nth, column) in columns.iter().enumerate() {
        let target = column.target.unwrap_or(Target::Text);
        // What the cell is, not what its column was declared as.
        let cell = row.try_get_raw(nth)?;
        let stored = if cell.is_null() { "NULL".to_owned() } else { cell.type_info().name().to_owned() };
        drop(cell);
        match stored.as_str() {
            "NULL" => gather.cell(nth, Ok(Value::Null), &[]),
            "INTEGER" => {
                let value: i64 = row.try_get_unchecked(nth)?;
                gather.cell(nth, int(value, target), value.to_string().as_bytes());
            }
            "REAL" => {
                let value: f64 = row.try_get_unchecked(nth)?;
                gather.cell(nth, float(value, target), format!("{value:?}").as_bytes());
            }
            "TEXT" => {
                let bytes: &[u8] = row.try_get_unchecked(nth)?;
                gather.cell(nth, text(bytes, target), bytes);
            }
            _ => {
                let bytes: &[u8] = row.try_get_unchecked(nth)?;
                gather.cell(nth, Err(Wrong::Type("text eller tal")), bytes);
            }
        }
    }
    Ok(())
}

fn int(value: i64, target: Target) -> std::result::Result<Value<'static>, Wrong> {
    match target {
        Target::Text => Ok(Value::Written(value.to_string())),
        Target::Bool => match value {
            0 | 1 => Ok(Value::Bool(value == 1)),
            _ => Err(Wrong::Type("ja eller nej")),
        },
        // Whole numbers up to here are exact as floating point.
        Target::Float => match i32::try_from(value) {
            Ok(value) => Ok(Value::Float(f64::from(value))),
            Err(_) => value.to_string().parse().map(Value::Float).map_err(|_| Wrong::Type("ett tal")),
        },
        Target::Decimal(..) => decimal(&value.to_string(), target),
        _ => Ok(Value::Int(value)),
    }
}

fn float(value: f64, target: Target) -> std::result::Result<Value<'static>, Wrong> {
    match target {
        Target::Text => Ok(Value::Written(format!("{value:?}"))),
        Target::Decimal(..) => decimal(&value.to_string(), target),
        _ => Ok(Value::Float(value)),
    }
}

fn text(bytes: &[u8], target: Target) -> std::result::Result<Value<'_>, Wrong> {
    match target {
        Target::Decimal(..) => decimal(std::str::from_utf8(bytes).unwrap_or_default(), target),
        _ => Ok(Value::Text(bytes)),
    }
}

fn decimal(text: &str, target: Target) -> std::result::Result<Value<'static>, Wrong> {
    let Target::Decimal(precision, scale) = target else { return Err(Wrong::Type("ett tal")) };
    let units = cell::decimal(text, precision, scale);
    units.map(Value::Decimal).ok_or(Wrong::Type("ett tal av kolumnens sort"))
}
