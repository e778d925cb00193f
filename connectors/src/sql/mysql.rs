//! MariaDB and MySQL: rows streamed in a read-only snapshot, decoded from the binary protocol.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{NaiveDate, NaiveDateTime};
use futures::StreamExt;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow};
use sqlx::{AssertSqlSafe, Column as _, ConnectOptions, Connection, Executor, Row, SqlSafeStr, TypeInfo};

use super::batch::Gather;
use super::cell::{self, Value, Wrong};
use super::column::{Column, Target};
use super::driver::{self, Driver, Reading, Settings, Sink, within};
use super::key::Key;
use super::query::Question;
use crate::connect::{Field, Stream};
use crate::error::Result;

/// A MariaDB or MySQL database.
pub(super) struct MySql {
    connect: MySqlConnectOptions,
    settings: Settings,
}

impl MySql {
    /// At this address.
    pub(super) fn new(connect: MySqlConnectOptions, settings: Settings) -> Self {
        Self { connect, settings }
    }

    /// A session that can only read, sees one state of the database, and is in UTC.
    async fn session(&self) -> Result<MySqlConnection> {
        let settings = &self.settings;
        let mut connection = driver::connect(|| within(settings, self.connect.connect())).await?;
        let version: String =
            within(settings, sqlx::query_scalar("SELECT VERSION()").fetch_one(&mut connection)).await?;
        let timeout = if version.contains("MariaDB") {
            format!("max_statement_time = {}", settings.timeout.as_secs().max(1))
        } else {
            format!("max_execution_time = {}", settings.timeout.as_millis().min(4_000_000_000))
        };
        // The server gives up on a reader that pauses: a slow pipeline is no reason to.
        let waits = settings.timeout.as_secs().clamp(600, 31_536_000);
        for sql in [
            format!("SET SESSION {timeout}, net_write_timeout = {waits}, time_zone = '+00:00'"),
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY".to_owned(),
            "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY".to_owned(),
        ] {
            within(settings, sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection)).await?;
        }
        Ok(connection)
    }

    async fn columns(&self, connection: &mut MySqlConnection, question: &Question) -> Result<Vec<Column>> {
        let prepared = (&mut *connection).prepare(AssertSqlSafe(question.base()).into_sql_str());
        let statement = within(&self.settings, prepared).await?;
        let columns = sqlx::Statement::columns(&statement);
        // The protocol tells a decimal's length, the library does not: the catalogue does.
        let mut details: BTreeMap<(String, String), Detail> = BTreeMap::new();
        for column in columns {
            let origin = column.origin();
            let Some(origin) = origin.table_column() else { continue };
            if details.contains_key(&(origin.table.to_string(), origin.name.to_string())) {
                continue;
            }
            let (schema, table) = origin.table.split_once('.').unwrap_or(("", &origin.table));
            let sql = "SELECT CAST(column_name AS CHAR), CAST(data_type AS CHAR), CAST(numeric_precision AS SIGNED), \
                       CAST(numeric_scale AS SIGNED), CAST(is_nullable AS CHAR) FROM information_schema.columns \
                       WHERE table_schema = ? AND table_name = ?";
            let query = sqlx::query_as::<_, Row5>(sql).bind(schema).bind(table);
            for (name, kind, precision, scale, nullable) in
                within(&self.settings, query.fetch_all(&mut *connection)).await?
            {
                let detail = Detail { kind, precision, scale, nullable: nullable != "NO" };
                details.insert((origin.table.to_string(), name), detail);
            }
        }
        Ok(columns
            .iter()
            .map(|column| {
                let origin = column.origin();
                let detail = origin
                    .table_column()
                    .and_then(|origin| details.get(&(origin.table.to_string(), origin.name.to_string())));
                let kind = kind(column.type_info().name(), detail.map(|detail| detail.kind.as_str()));
                let target = target(&kind, detail);
                let nullable = detail.is_none_or(|detail| detail.nullable);
                Column { name: column.name().to_owned(), kind, target, nullable }
            })
            .collect())
    }

    /// Reads the rows of one SELECT. Gives how many they were.
    async fn rows(&self, connection: &mut MySqlConnection, sql: &str, columns: &[Column], out: &Sink) -> Result<u64> {
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
        connection: &mut MySqlConnection,
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
impl Driver for MySql {
    async fn tables(&self) -> Result<Vec<Stream>> {
        let mut connection = self.session().await?;
        let sql = "SELECT CAST(table_name AS CHAR), CAST(column_name AS CHAR), CAST(column_type AS CHAR) \
                   FROM information_schema.columns WHERE table_schema = DATABASE() \
                   ORDER BY table_name, ordinal_position";
        let all: Vec<(String, String, String)> =
            within(&self.settings, sqlx::query_as(sql).fetch_all(&mut connection)).await?;
        Ok(driver::streams(all.into_iter().map(|(table, name, kind)| (table, Field::text(name, kind)))))
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

/// What the catalogue tells of a column.
struct Detail {
    kind: String,
    precision: Option<i64>,
    scale: Option<i64>,
    nullable: bool,
}

/// The same as it comes.
type Row5 = (String, String, Option<i64>, Option<i64>, String);

/// A column's type. The protocol tells bytes from text that is compared by its bytes (JSON, `…_bin`)
/// only for those who know every collation's number; the catalogue tells it plainly.
fn kind(told: &str, catalogue: Option<&str>) -> String {
    let told = told.to_lowercase();
    match (told.contains("blob") || told.contains("binary"), catalogue) {
        (true, Some(kind)) => kind.to_lowercase(),
        // Calculated: text, unless its bytes are none.
        (true, None) => "text".to_owned(),
        (false, _) => told,
    }
}

/// What a type of MariaDB or MySQL becomes.
fn target(kind: &str, detail: Option<&Detail>) -> Option<Target> {
    Some(match kind {
        "bigint unsigned" => Target::Decimal(20, 0),
        "decimal" => match detail.map(|detail| (detail.precision, detail.scale)) {
            Some((Some(precision), Some(scale))) => Target::decimal(precision, scale),
            _ => Target::Text,
        },
        "float" | "double" => Target::Float,
        "date" => Target::Date,
        "datetime" => Target::Local,
        "timestamp" => Target::Instant,
        "boolean" | "year" | "bit" => Target::Int,
        _ if kind.contains("blob") || kind.contains("binary") || kind == "geometry" => return None,
        _ if kind.contains("int") => Target::Int,
        _ => Target::Text,
    })
}

fn add(row: &MySqlRow, columns: &[Column], gather: &mut Gather) -> std::result::Result<(), sqlx::Error> {
    for (nth, column) in columns.iter().enumerate() {
        match row.try_get_unchecked::<Option<&[u8]>, _>(nth)? {
            None => gather.cell(nth, Ok(Value::Null), &[]),
            Some(bytes) => gather.cell(nth, value(column, bytes), bytes),
        }
    }
    Ok(())
}

#[inline]
fn value<'a>(column: &Column, bytes: &'a [u8]) -> std::result::Result<Value<'a>, Wrong> {
    let wrong = |wanted| move || Wrong::Type(wanted);
    match column.target {
        Some(Target::Int) if column.kind == "bit" => bits(bytes).map(Value::Int).ok_or_else(wrong("ett heltal")),
        Some(Target::Int) => {
            let signed = !column.kind.ends_with("unsigned") && column.kind != "year";
            int(bytes, signed).map(Value::Int).ok_or_else(wrong("ett heltal"))
        }
        Some(Target::Decimal(20, 0)) if column.kind == "bigint unsigned" => {
            let value = bytes.try_into().ok().map(u64::from_le_bytes).map(i128::from);
            value.map(Value::Decimal).ok_or_else(wrong("ett heltal"))
        }
        Some(Target::Decimal(precision, scale)) => {
            let text = std::str::from_utf8(bytes).ok();
            let value = text.and_then(|text| cell::decimal(text, precision, scale));
            value.map(Value::Decimal).ok_or_else(wrong("ett tal av kolumnens sort"))
        }
        Some(Target::Float) => float(bytes).map(Value::Float).ok_or_else(wrong("ett tal")),
        Some(Target::Date) => {
            time(bytes).map(|time| Value::Date(time.date().to_epoch_days())).ok_or_else(wrong("ett datum"))
        }
        Some(Target::Local | Target::Instant) => {
            time(bytes).map(|time| Value::Micros(time.and_utc().timestamp_micros())).ok_or_else(wrong("en tidpunkt"))
        }
        Some(Target::Text) if column.kind == "time" => {
            clock(bytes).map(Value::Written).ok_or_else(wrong("ett klockslag"))
        }
        Some(Target::Bool | Target::Text) | None => Ok(Value::Text(bytes)),
    }
}

fn int(bytes: &[u8], signed: bool) -> Option<i64> {
    Some(match (bytes.len(), signed) {
        (1, true) => i64::from(i8::from_le_bytes(bytes.try_into().ok()?)),
        (1, false) => i64::from(*bytes.first()?),
        (2, true) => i64::from(i16::from_le_bytes(bytes.try_into().ok()?)),
        (2, false) => i64::from(u16::from_le_bytes(bytes.try_into().ok()?)),
        (4, true) => i64::from(i32::from_le_bytes(bytes.try_into().ok()?)),
        (4, false) => i64::from(u32::from_le_bytes(bytes.try_into().ok()?)),
        (8, _) => i64::from_le_bytes(bytes.try_into().ok()?),
        _ => return None,
    })
}

fn bits(bytes: &[u8]) -> Option<i64> {
    bytes
        .iter()
        .try_fold(0_u64, |bits, byte| bits.checked_mul(256).map(|bits| bits | u64::from(*byte)))?
        .try_into()
        .ok()
}

fn float(bytes: &[u8]) -> Option<f64> {
    match bytes.len() {
        // By way of its digits: 0.1 stays 0.1.
        4 => f32::from_le_bytes(bytes.try_into().ok()?).to_string().parse().ok(),
        8 => Some(f64::from_le_bytes(bytes.try_into().ok()?)),
        _ => None,
    }
}

/// Length, year, month, day; hour, minute, second; microseconds. What is zero at the end is left out.
fn time(bytes: &[u8]) -> Option<NaiveDateTime> {
    let byte = |at: usize| bytes.get(at).copied().map_or(0, u32::from);
    let year = u16::from_le_bytes(bytes.get(1..3)?.try_into().ok()?);
    let micros = bytes.get(8..12).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
    NaiveDate::from_ymd_opt(i32::from(year), byte(3), byte(4))?.and_hms_micro_opt(byte(5), byte(6), byte(7), micros)
}

/// Length, sign, days, hour, minute, second; microseconds: as MariaDB writes it.
fn clock(bytes: &[u8]) -> Option<String> {
    if bytes.first() == Some(&0) {
        return Some("00:00:00".to_owned());
    }
    let byte = |at: usize| bytes.get(at).copied();
    let days = u32::from_le_bytes(bytes.get(2..6)?.try_into().ok()?);
    let sign = if byte(1)? == 0 { "" } else { "-" };
    let hours = u64::from(days) * 24 + u64::from(byte(6)?);
    let micros = bytes.get(9..13).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
    let part = if micros == 0 { String::new() } else { format!(".{micros:06}") };
    Some(format!("{sign}{hours:02}:{:02}:{:02}{part}", byte(7)?, byte(8)?))
}
