//! Everything else: through ODBC, on a thread of its own, in batches of columns.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Field as ArrowField, Float32Type, Float64Type, Int64Type, Schema, TimeUnit,
    TimestampMicrosecondType,
};
use arrow::error::ArrowError;
use arrow_odbc::odbc_api::{self, Connection, ConnectionOptions, Environment, ResultSetMetadata};
use arrow_odbc::{ColumnFailure, OdbcReaderBuilder, TextEncoding, arrow_schema_from};
use async_trait::async_trait;
use sluss_schemas::say;
use std::sync::Arc;
use tokio::runtime::Handle;

use super::batch::Gather;
use super::cell::{self, Value, Wrong};
use super::column::{Column, Target};
use super::driver::{self, Driver, Reading, Settings, Sink};
use super::fault;
use super::key::Key;
use super::query::Question;
use crate::connect::{Field, Stream};
use crate::error::{ConnectorError, Result};

/// Bytes that the buffers of a batch may take.
const BUFFER: usize = 32 << 20;
/// Seconds that logging in may take.
const LOGIN: u32 = 30;
/// Schemas of the databases' own.
const OWN: [&str; 5] = ["information_schema", "pg_catalog", "sys", "syscat", "sysibm"];

/// A database behind an ODBC driver.
pub(super) struct Odbc(Arc<Inner>);

struct Inner {
    /// Holds the password.
    string: String,
    settings: Settings,
}

impl Odbc {
    /// With this connection string.
    pub(super) fn new(string: String, settings: Settings) -> Self {
        Self(Arc::new(Inner { string, settings }))
    }

    /// Runs on a thread where the driver may wait.
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(&Inner) -> Result<T> + Send + 'static) -> Result<T> {
        let inner = Arc::clone(&self.0);
        let place = &self.0.settings.place;
        match tokio::task::spawn_blocking(move || work(&inner)).await {
            Ok(done) => done.map_err(|error| if error.place.is_none() { error.at(place) } else { error }),
            Err(_) => Err(fault::ours(&say!("tala med ODBC-drivrutinen", "talking to the ODBC driver"))),
        }
    }
}

#[async_trait]
impl Driver for Odbc {
    async fn tables(&self) -> Result<Vec<Stream>> {
        self.blocking(|inner| Inner::tables(&inner.session()?)).await
    }

    async fn describe(&self, question: &Question) -> Result<Vec<Column>> {
        let question = question.clone();
        self.blocking(move |inner| Inner::columns(&inner.session()?, &question)).await
    }

    async fn read(&self, question: &Question, reading: Reading, out: &Sink) -> Result<()> {
        let (question, out) = (question.clone(), out.clone());
        self.blocking(move |inner| inner.read(&question, &reading, &out)).await
    }
}

impl Inner {
    fn session(&self) -> Result<Connection<'static>> {
        let environment: &'static Environment = odbc_api::environment().map_err(|error| failed(&error))?;
        let options = ConnectionOptions { login_timeout_sec: Some(LOGIN), ..ConnectionOptions::default() };
        let attempt = || async {
            environment.connect_with_connection_string(&self.string, options).map_err(|error| failed(&error))
        };
        let connection = Handle::current().block_on(driver::connect(attempt))?;
        connection.set_autocommit(false).map_err(|error| failed(&error))?;
        // Standard SQL; where a database does not know it, the user's rights are what holds.
        if connection.execute("SET TRANSACTION READ ONLY", (), None).is_err() {
            connection.rollback().map_err(|error| failed(&error))?;
        }
        Ok(connection)
    }

    fn tables(connection: &Connection<'_>) -> Result<Vec<Stream>> {
        let mut all = Vec::new();
        for row in connection.columns("", "", "%", "%").map_err(|error| failed(&error))? {
            let row = row.map_err(|error| failed(&error))?;
            let text = |text: std::result::Result<Option<&str>, _>| text.ok().flatten().unwrap_or_default().to_owned();
            let (schema, table) = (text(row.schema.as_str()), text(row.table.as_str()));
            if OWN.contains(&schema.to_ascii_lowercase().as_str()) {
                continue;
            }
            let name = if schema.is_empty() { table } else { format!("{schema}.{table}") };
            all.push((name, Field::text(text(row.column_name.as_str()), text(row.type_name.as_str()))));
        }
        Ok(driver::streams(all.into_iter()))
    }

    fn columns(connection: &Connection<'_>, question: &Question) -> Result<Vec<Column>> {
        let name = connection.database_management_system_name().ok();
        let mut prepared = connection.prepare(&question.base()).map_err(|error| failed(&error))?;
        let schema = arrow_schema_from(&mut prepared, name.as_deref(), false).map_err(|error| unfit(&error))?;
        let mut columns = Vec::with_capacity(schema.fields().len());
        for (number, field) in (1_u16..).zip(schema.fields()) {
            let kind = prepared.col_data_type(number).map_err(|error| failed(&error))?;
            let kind = format!("{kind:?}").to_lowercase();
            let kind = kind.split([' ', '{']).next().unwrap_or_default().to_owned();
            let (name, target) = (field.name().clone(), target(field.data_type()));
            columns.push(Column { name, kind, target, nullable: field.is_nullable() });
        }
        Ok(columns)
    }

    fn read(&self, question: &Question, reading: &Reading, out: &Sink) -> Result<()> {
        let connection = self.session()?;
        let columns = Self::columns(&connection, question)?;
        Handle::current().block_on(out.columns(&columns, question, reading))?;
        let mut ordered = 0;
        for part in question.parts(&columns, reading)? {
            ordered = 0;
            self.rows(&connection, &question.select(None, &part), &columns, &mut |gather| {
                ordered += gather.size().0;
                Handle::current().block_on(out.rest(gather))
            })?;
        }
        if ordered == 0
            && reading.after.is_some()
            && let (Some(sql), Some(name)) = (question.latest(), question.cursor())
        {
            let columns: Vec<Column> = columns.iter().filter(|column| column.name == name).cloned().collect();
            let mut latest = None;
            self.rows(&connection, &sql, &columns, &mut |gather| {
                latest = Key::at(gather.take()?.rows.column(0), 0);
                Ok(())
            })?;
            reading.not_behind(latest.as_ref(), &self.settings.place)?;
        }
        // Nothing was written: how the transaction ends is of no consequence.
        let _ = connection.rollback();
        Ok(())
    }

    /// Reads the rows of one SELECT.
    fn rows(
        &self,
        connection: &Connection<'_>,
        sql: &str,
        columns: &[Column],
        take: &mut dyn FnMut(&mut Gather) -> Result<()>,
    ) -> Result<()> {
        let seconds = usize::try_from(self.settings.timeout.as_secs().max(1)).ok();
        let cursor = connection.execute(sql, (), seconds).map_err(|error| failed(&error))?;
        let Some(cursor) = cursor else {
            return Err(ConnectorError::configuration(say!("frågan ger inga rader", "the query gives no rows"))
                .hint(say!("skriv en SELECT", "write one SELECT")));
        };
        let fields = columns.iter().map(|column| ArrowField::new(&column.name, buffer(column), true));
        let reader = OdbcReaderBuilder::new()
            .with_schema(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
            .with_max_num_rows_per_batch(self.settings.rows)
            .with_max_bytes_per_batch(BUFFER)
            .with_max_text_size(self.settings.max_text)
            .with_payload_text_encoding(TextEncoding::Utf16)
            .with_fallibale_allocations(true)
            .build(cursor)
            .map_err(|error| unfit(&error))?;
        let mut gather = Gather::new(columns, self.settings.encoding, usize::MAX);
        for batch in reader {
            add(&batch.map_err(|error| broken(&error))?, columns, &mut gather);
            take(&mut gather)?;
        }
        Ok(())
    }
}

/// What ODBC's types, as Arrow would have them, become.
fn target(kind: &DataType) -> Option<Target> {
    Some(match kind {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 | DataType::UInt8 => Target::Int,
        DataType::Float32 | DataType::Float64 => Target::Float,
        DataType::Decimal128(precision, scale) => Target::decimal(i64::from(*precision), i64::from(*scale)),
        DataType::Boolean => Target::Bool,
        DataType::Date32 => Target::Date,
        DataType::Timestamp(_, _) => Target::Local,
        DataType::Binary | DataType::FixedSizeBinary(_) => return None,
        _ => Target::Text,
    })
}

/// What the driver is asked to fill: decimals as text, so that none is rounded.
fn buffer(column: &Column) -> DataType {
    match column.target {
        Some(Target::Int) => DataType::Int64,
        Some(Target::Float) if column.kind == "real" => DataType::Float32,
        Some(Target::Float) => DataType::Float64,
        Some(Target::Bool) => DataType::Boolean,
        Some(Target::Date) => DataType::Date32,
        Some(Target::Local | Target::Instant) => DataType::Timestamp(TimeUnit::Microsecond, None),
        Some(Target::Decimal(..) | Target::Text) | None => DataType::Utf8,
    }
}

fn add(batch: &RecordBatch, columns: &[Column], gather: &mut Gather) {
    for row in 0..batch.num_rows() {
        for (nth, (column, array)) in columns.iter().zip(batch.columns()).enumerate() {
            let (value, raw) = value(column, array, row);
            gather.cell(nth, value, raw);
        }
        gather.end_row();
    }
}

fn value<'a>(column: &Column, array: &'a ArrayRef, row: usize) -> (std::result::Result<Value<'a>, Wrong>, &'a [u8]) {
    if array.is_null(row) {
        return (Ok(Value::Null), &[]);
    }
    if let Some(text) = array.as_string_opt::<i32>() {
        let text = text.value(row);
        let value = match column.target {
            Some(Target::Decimal(precision, scale)) => cell::decimal(text.trim(), precision, scale)
                .map(Value::Decimal)
                .ok_or(Wrong::Type("ett tal av kolumnens sort")),
            _ => Ok(Value::Text(text.as_bytes())),
        };
        return (value, text.as_bytes());
    }
    let value = match array.data_type() {
        DataType::Int64 => array.as_primitive_opt::<Int64Type>().map(|array| Value::Int(array.value(row))),
        // By way of its digits: 0.1 stays 0.1.
        DataType::Float32 => array
            .as_primitive_opt::<Float32Type>()
            .and_then(|array| array.value(row).to_string().parse().ok())
            .map(Value::Float),
        DataType::Float64 => array.as_primitive_opt::<Float64Type>().map(|array| Value::Float(array.value(row))),
        DataType::Boolean => array.as_boolean_opt().map(|array| Value::Bool(array.value(row))),
        DataType::Date32 => array.as_primitive_opt::<Date32Type>().map(|array| Value::Date(array.value(row))),
        DataType::Timestamp(..) => {
            array.as_primitive_opt::<TimestampMicrosecondType>().map(|array| Value::Micros(array.value(row)))
        }
        _ => None,
    };
    (value.ok_or(Wrong::Type("ett värde av kolumnens sort")), &[])
}

/// The driver's error. Its words are told only where [`fault::state`] does.
fn failed(error: &odbc_api::Error) -> ConnectorError {
    use odbc_api::Error as E;
    match error {
        E::Diagnostics { record, .. } | E::InvalidRowArraySize { record, .. } => {
            let words: String = char::decode_utf16(record.message.iter().map(|c| u16::from(*c))).flatten().collect();
            fault::state(record.state.as_str(), &words)
        }
        E::TooLargeValueForBuffer { .. } => {
            ConnectorError::configuration(say!("en text är längre än `max_text`", "a text is longer than `max_text`"))
                .hint(say!(
                    "höj `max_text`, eller låt frågan korta texten",
                    "raise `max_text`, or let the query cut the text"
                ))
        }
        _ => ConnectorError::source(say!("ODBC-drivrutinen ger ett fel", "the ODBC driver fails")).hint(say!(
            "se i drivrutinens logg; unixODBC:s spårning visar mer",
            "look in the driver's log; unixODBC's trace tells more"
        )),
    }
}

/// The result does not fit into the buffers.
fn unfit(error: &arrow_odbc::Error) -> ConnectorError {
    match error {
        arrow_odbc::Error::OdbcBufferTooSmall { .. } => ConnectorError::configuration(say!(
            "raderna är för långa för att läsas i omgångar",
            "the rows are too long for a batch"
        ))
        .hint(say!(
            "sänk `max_text`, eller ta med färre kolumner i `query`",
            "lower `max_text`, or name fewer columns in `query`"
        )),
        // Some drivers look at the query only now.
        arrow_odbc::Error::UnableToRetrieveNumCols(error)
        | arrow_odbc::Error::ColumnFailure { source: ColumnFailure::FailedToDescribeColumn(error), .. } => {
            failed(error)
        }
        arrow_odbc::Error::ColumnFailure { name, .. } => ConnectorError::configuration(say!(
            "kolumnen `{name}` har en typ som inte går att läsa",
            "column `{name}` is of a type that cannot be read"
        ))
        .hint(say!(
            "räkna upp kolumnerna i `query` och gör om denna till text där",
            "name the columns in `query` and convert this one to text there"
        )),
        arrow_odbc::Error::EncodingInvalid { .. } => ConnectorError::source(say!(
            "ODBC-drivrutinen talar inte om vilka kolumner som finns",
            "the ODBC driver does not tell the columns"
        ))
        .hint(say!("kontrollera att drivrutinen är av senaste version", "is the driver up to date?")),
    }
}

/// An error in the middle of the rows.
fn broken(error: &ArrowError) -> ConnectorError {
    let ArrowError::ExternalError(cause) = error else {
        return ConnectorError::source(say!("raderna går inte att läsa", "the rows cannot be read"))
            .hint(say!("gör om ovanliga kolumner till text i `query`", "convert unusual columns to text in `query`"));
    };
    match cause.downcast_ref::<odbc_api::Error>() {
        Some(error) => failed(error),
        None => ConnectorError::source(say!("raderna går inte att läsa", "the rows cannot be read"))
            .hint(say!("gör om ovanliga kolumner till text i `query`", "convert unusual columns to text in `query`")),
    }
}
