//! PostgreSQL: a server-side cursor in a read-only snapshot, fetched in pieces, decoded from the
//! binary format.

use async_trait::async_trait;
use futures::StreamExt;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Column as _, ConnectOptions, Connection, Executor, Row, SqlSafeStr, TypeInfo, ValueRef};

use super::batch::Gather;
use super::cell::{Value, Wrong};
use super::column::{Column, Target};
use super::driver::{self, Driver, Reading, Settings, Sink, within};
use super::key::Key;
use super::query::Question;
use crate::connect::{Field, Stream};
use crate::error::Result;

/// Rows of the first fetch, which tells how long rows are.
const FIRST: usize = 256;
/// Bytes that a fetch should bring.
const FETCH_BYTES: usize = 8 << 20;
/// Days from 1970 to 2000, where PostgreSQL's time begins.
const EPOCH_DAYS: i32 = 10_957;
/// The same in microseconds.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// A PostgreSQL database.
pub(super) struct Postgres {
    connect: PgConnectOptions,
    settings: Settings,
}

impl Postgres {
    /// At this address.
    pub(super) fn new(connect: PgConnectOptions, settings: Settings) -> Self {
        Self { connect, settings }
    }

    /// A session that can only read, and sees one state of the database.
    async fn session(&self) -> Result<PgConnection> {
        let mut connection = driver::connect(|| within(&self.settings, self.connect.connect())).await?;
        let timeout = self.settings.timeout.as_millis().min(2_000_000_000);
        // Scans that join another's in the middle, and workers, would give another order each time.
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = {timeout}; \
             SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL synchronize_seqscans = off; \
             SET LOCAL cursor_tuple_fraction = 1; SET LOCAL standard_conforming_strings = on"
        );
        within(&self.settings, sqlx::raw_sql(AssertSqlSafe(begin)).execute(&mut connection)).await?;
        Ok(connection)
    }

    async fn columns(&self, connection: &mut PgConnection, question: &Question) -> Result<Vec<Column>> {
        let prepared = connection.prepare(AssertSqlSafe(question.base()).into_sql_str());
        let statement = within(&self.settings, prepared).await?;
        let columns = sqlx::Statement::columns(&statement);
        let relations: Vec<i64> =
            columns.iter().filter_map(|column| Some(i64::from(column.relation_id()?.0))).collect();
        let details: Vec<(i64, i16, i32, bool)> = if relations.is_empty() {
            Vec::new()
        } else {
            let sql = "SELECT attrelid::int8, attnum, atttypmod, attnotnull FROM pg_catalog.pg_attribute \
                       WHERE attrelid::int8 = ANY($1)";
            within(&self.settings, sqlx::query_as(sql).bind(relations).fetch_all(&mut *connection)).await?
        };
        let detail = |relation: Option<i64>, number: Option<i16>| {
            details.iter().find(|detail| Some(detail.0) == relation && Some(detail.1) == number)
        };
        Ok(columns
            .iter()
            .map(|column| {
                let relation = column.relation_id().map(|oid| i64::from(oid.0));
                let detail = detail(relation, column.relation_attribute_no());
                let kind = column.type_info().name().to_lowercase();
                Column {
                    name: column.name().to_owned(),
                    target: target(&kind, detail.map_or(-1, |detail| detail.2)),
                    kind,
                    nullable: detail.is_none_or(|detail| !detail.3),
                }
            })
            .collect())
    }

    /// Reads the rows of one SELECT. Gives how many they were.
    async fn rows(&self, connection: &mut PgConnection, sql: &str, columns: &[Column], out: &Sink) -> Result<u64> {
        let declare = format!("DECLARE sluss NO SCROLL CURSOR FOR {sql}");
        within(&self.settings, sqlx::query(AssertSqlSafe(declare)).persistent(false).execute(&mut *connection)).await?;
        let mut gather = Gather::new(columns, self.settings.encoding, usize::MAX);
        let kinds: Vec<Decode> = columns.iter().map(Decode::of).collect();
        let (mut ask, mut total) = (FIRST.min(self.settings.rows), 0);
        loop {
            let fetch = format!("FETCH FORWARD {ask} FROM sluss");
            let mut rows = sqlx::query(AssertSqlSafe(fetch)).fetch(&mut *connection).boxed();
            within(&self.settings, async {
                while let Some(row) = rows.next().await {
                    add(&row?, &kinds, &mut gather)?;
                    gather.end_row();
                }
                Ok(())
            })
            .await?;
            drop(rows);
            let (came, bytes) = gather.size();
            total += came as u64;
            out.rest(&mut gather).await?;
            if came < ask {
                break;
            }
            // Powers of two: few statements for the server to keep.
            let fits = FETCH_BYTES / (bytes / came.max(1)).max(1);
            ask = (ask * 8).min(fits.max(2).next_power_of_two() / 2).clamp(1, self.settings.rows);
        }
        within(&self.settings, connection.execute("CLOSE sluss")).await?;
        Ok(total)
    }

    /// The highest value of the cursor's column.
    async fn latest(
        &self,
        connection: &mut PgConnection,
        question: &Question,
        columns: &[Column],
    ) -> Result<Option<Key>> {
        let (Some(sql), Some(name)) = (question.latest(), question.cursor()) else { return Ok(None) };
        let columns: Vec<Column> = columns.iter().filter(|column| column.name == name).cloned().collect();
        let sql = match columns.first() {
            Some(column) if written(column) => format!("SELECT x::text FROM ({sql}) x(x)"),
            _ => sql,
        };
        let row = within(&self.settings, sqlx::query(AssertSqlSafe(sql)).fetch_one(connection)).await?;
        let mut gather = Gather::new(&columns, self.settings.encoding, 1);
        let kinds: Vec<Decode> = columns.iter().map(Decode::of).collect();
        within(&self.settings, async { add(&row, &kinds, &mut gather) }).await?;
        gather.end_row();
        Ok(Key::at(gather.take()?.rows.column(0), 0))
    }
}

#[async_trait]
impl Driver for Postgres {
    async fn tables(&self) -> Result<Vec<Stream>> {
        let mut connection = self.session().await?;
        let sql = "SELECT table_schema::text, table_name::text, column_name::text, data_type::text \
                   FROM information_schema.columns \
                   WHERE table_schema NOT IN ('pg_catalog', 'information_schema') \
                   ORDER BY table_schema, table_name, ordinal_position";
        let all: Vec<(String, String, String, String)> =
            within(&self.settings, sqlx::query_as(sql).fetch_all(&mut connection)).await?;
        let table = |schema: &str, table: &str| match schema {
            "public" => table.to_owned(),
            _ => format!("{schema}.{table}"),
        };
        Ok(driver::streams(all.into_iter().map(|(s, t, name, kind)| (table(&s, &t), Field::text(name, kind)))))
    }

    async fn describe(&self, question: &Question) -> Result<Vec<Column>> {
        let mut connection = self.session().await?;
        self.columns(&mut connection, question).await
    }

    async fn read(&self, question: &Question, reading: Reading, out: &Sink) -> Result<()> {
        let mut connection = self.session().await?;
        let columns = self.columns(&mut connection, question).await?;
        out.columns(&columns, question, &reading).await?;
        let cells = question.cells(&columns, written);
        let mut ordered = 0;
        for part in question.parts(&columns, &reading)? {
            let sql = question.select(cells.as_deref(), &part);
            ordered = self.rows(&mut connection, &sql, &columns, out).await?;
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

/// What a type of PostgreSQL becomes.
fn target(kind: &str, modifier: i32) -> Option<Target> {
    Some(match kind {
        "bool" => Target::Bool,
        "int2" | "int4" | "int8" | "oid" => Target::Int,
        "float4" | "float8" => Target::Float,
        "numeric" if modifier >= 4 => {
            let scale = (modifier - 4) & 0x7FF;
            Target::decimal(i64::from((modifier - 4) >> 16 & 0xFFFF), i64::from((scale ^ 0x400) - 0x400))
        }
        "date" => Target::Date,
        "timestamp" => Target::Local,
        "timestamptz" => Target::Instant,
        "bytea" | "bytea[]" => return None,
        _ => Target::Text,
    })
}

/// Whether the server is asked to write a column's values as text.
fn written(column: &Column) -> bool {
    column.target == Some(Target::Text)
        && !matches!(column.kind.as_str(), "text" | "varchar" | "char" | "name" | "json" | "unknown")
}

/// How a column's bytes are read.
#[derive(Clone, Copy)]
enum Decode {
    Bool,
    Int,
    Float,
    Decimal(u8, i8),
    Date,
    Micros,
    Text,
}

impl Decode {
    fn of(column: &Column) -> Self {
        match column.target {
            Some(Target::Bool) => Self::Bool,
            Some(Target::Int) => Self::Int,
            Some(Target::Float) => Self::Float,
            Some(Target::Decimal(precision, scale)) => Self::Decimal(precision, scale),
            Some(Target::Date) => Self::Date,
            Some(Target::Instant | Target::Local) => Self::Micros,
            Some(Target::Text) | None => Self::Text,
        }
    }

    #[inline]
    fn value(self, bytes: &[u8]) -> std::result::Result<Value<'_>, Wrong> {
        let value = match self {
            Self::Text => Some(Value::Text(bytes)),
            Self::Bool => bytes.first().map(|byte| Value::Bool(*byte != 0)),
            Self::Int => int(bytes).map(Value::Int),
            Self::Float => float(bytes).map(Value::Float),
            Self::Decimal(precision, scale) => numeric(bytes, precision, scale).map(Value::Decimal),
            Self::Date => <[u8; 4]>::try_from(bytes).ok().map(i32::from_be_bytes).map(|days| match days {
                i32::MAX | i32::MIN => Value::Null,
                days => Value::Date(days.saturating_add(EPOCH_DAYS)),
            }),
            Self::Micros => <[u8; 8]>::try_from(bytes).ok().map(i64::from_be_bytes).map(|micros| match micros {
                i64::MAX | i64::MIN => Value::Null,
                micros => Value::Micros(micros.saturating_add(EPOCH_MICROS)),
            }),
        };
        value.ok_or(Wrong::Type("ett värde av kolumnens sort"))
    }
}

fn add(row: &PgRow, kinds: &[Decode], gather: &mut Gather) -> std::result::Result<(), sqlx::Error> {
    for (nth, kind) in kinds.iter().enumerate() {
        let value = row.try_get_raw(nth)?;
        if value.is_null() {
            gather.cell(nth, Ok(Value::Null), &[]);
        } else {
            let bytes = value.as_bytes().map_err(sqlx::Error::Decode)?;
            gather.cell(nth, kind.value(bytes), bytes);
        }
    }
    Ok(())
}

fn int(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        2 => bytes.try_into().ok().map(i16::from_be_bytes).map(i64::from),
        4 => bytes.try_into().ok().map(i32::from_be_bytes).map(i64::from),
        8 => bytes.try_into().ok().map(i64::from_be_bytes),
        _ => None,
    }
}

fn float(bytes: &[u8]) -> Option<f64> {
    match bytes.len() {
        // By way of its digits: 0.1 stays 0.1.
        4 => bytes.try_into().ok().map(f32::from_be_bytes).and_then(|float| float.to_string().parse().ok()),
        8 => bytes.try_into().ok().map(f64::from_be_bytes),
        _ => None,
    }
}

/// Groups of four digits, with the weight of the first.
fn numeric(bytes: &[u8], precision: u8, scale: i8) -> Option<i128> {
    let short = |at: usize| bytes.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes);
    let (groups, weight, sign) = (short(0)?, i32::from(short(2)?.cast_signed()), short(4)?);
    if !matches!(sign, 0 | 0x4000) {
        return None;
    }
    let scale = i32::from(scale);
    let mut units: i128 = 0;
    for nth in 0..groups {
        let group = i128::from(short(8 + 2 * usize::from(nth))?);
        let shift = 4 * (weight - i32::from(nth)) + scale;
        let part = match u32::try_from(shift) {
            Ok(shift) => group.checked_mul(10_i128.checked_pow(shift)?)?,
            Err(_) => group / 10_i128.checked_pow(shift.unsigned_abs())?,
        };
        units = units.checked_add(part)?;
    }
    let limit = 10_i128.checked_pow(u32::from(precision))?;
    (units < limit).then_some(if sign == 0 { units } else { -units })
}
