//! What only SQLite does: its connections, staging in files of their own, reading row by row.
//!
//! Staged rows lie in one file per run beside the register's (`<register>.steg/r<nr>.sqlite`), since
//! SQLite has one writer: staging in the register itself would keep every other run from writing.
//! The publishing transaction attaches the file and only reads it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use chrono::NaiveDate;
use futures::TryStreamExt;
use sluss_schemas::table::ddl::{Dialect, INTEGER_DIGITS, quoted};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteRow, SqliteSynchronous,
};
use sqlx::{Arguments, AssertSqlSafe, ConnectOptions, Connection, Decode, Row as _, Sqlite, ValueRef as _};
use tokio::sync::Mutex;
use tokio::sync::mpsc::Sender;

use super::columns::{Builder, Builders, Column, Columns, decimal_text};
use super::database::iso;
use super::error::{Cause, RegisterError, Result};
use super::layout::{KEY, Layout, Slot};
use super::stage::{KEYS, KeyKind};

/// How long a connection waits for another process's write lock.
const PATIENCE: Duration = Duration::from_mins(1);
/// Parameters of one statement: SQLite allows 32,766.
const MOST_PARAMETERS: usize = 16_384;
/// Rows of one staging statement.
const MOST_ROWS: usize = 128;

/// SQLite's connections: many readers, one writer.
#[derive(Debug)]
pub(crate) struct SqlitePools {
    pub(crate) read: SqlitePool,
    pub(crate) write: SqlitePool,
    staging: PathBuf,
    open: Mutex<HashMap<i64, Arc<Mutex<SqliteConnection>>>>,
}

fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> RegisterError {
    move |e| RegisterError::from_sqlx(e, doing)
}

impl SqlitePools {
    /// Opens or creates the file that `url` (`sqlite://path`) names.
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let options =
            SqliteConnectOptions::from_str(url).map_err(|_| RegisterError::Address("sqlite://path/to/file"))?;
        let path = options.get_filename().to_owned();
        if path.as_os_str().is_empty() || url.contains(":memory:") || url.contains("mode=memory") {
            return Err(RegisterError::Address("the register is a file"));
        }
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await.map_err(RegisterError::Staging)?;
        }
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A publication that was confirmed must survive a power cut: the lake is told of it next.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .pragma("cache_size", "-65536")
            .pragma("journal_size_limit", "67108864")
            .disable_statement_logging();
        let doing = "open the register's file";
        let write = SqlitePoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).idle_timeout(None);
        let write = write.connect_with(options.clone()).await.map_err(failed(doing))?;
        let read = SqlitePoolOptions::new().max_connections(8).acquire_timeout(PATIENCE);
        let read = read.connect_lazy_with(options.pragma("query_only", "ON"));
        let mut staging = path.into_os_string();
        staging.push(".steg");
        Ok(Self { read, write, staging: PathBuf::from(staging), open: Mutex::default() })
    }

    /// The folder of what lies beside the register's file: staging, and locks.
    pub(crate) fn staging(&self) -> &Path {
        &self.staging
    }

    fn file(&self, run: i64) -> PathBuf {
        self.staging.join(format!("r{run}.sqlite"))
    }

    async fn connection(&self, run: i64) -> Result<Arc<Mutex<SqliteConnection>>> {
        let mut open = self.open.lock().await;
        if let Some(connection) = open.get(&run) {
            return Ok(connection.clone());
        }
        tokio::fs::create_dir_all(&self.staging).await.map_err(RegisterError::Staging)?;
        // Staged rows are made again after a crash: durability would only cost.
        let options = SqliteConnectOptions::new()
            .filename(self.file(run))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Memory)
            .synchronous(SqliteSynchronous::Off)
            .busy_timeout(PATIENCE)
            .disable_statement_logging();
        let mut connection = options.connect().await.map_err(failed("open a staging file"))?;
        let keys = format!("CREATE TABLE IF NOT EXISTS {KEYS} (slag INTEGER, tabell TEXT, nyckel BLOB) STRICT");
        sqlx::raw_sql(AssertSqlSafe(keys)).execute(&mut connection).await.map_err(failed("make a staging file"))?;
        let connection = Arc::new(Mutex::new(connection));
        open.insert(run, connection.clone());
        Ok(connection)
    }

    /// Makes the staging tables that a run needs, where they are missing.
    pub(crate) async fn prepare_staging(&self, run: i64, layouts: &[Arc<Layout>]) -> Result<()> {
        let connection = self.connection(run).await?;
        let mut connection = connection.lock().await;
        for layout in layouts {
            let columns: Vec<String> = layout
                .staged
                .iter()
                .map(|s| format!("{} {}", quoted(&s.name), s.holds.sql_type(Dialect::Sqlite)))
                .collect();
            let sql = format!("CREATE TABLE IF NOT EXISTS {} ({}) STRICT", layout.sql_name(), columns.join(", "));
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut *connection)
                .await
                .map_err(failed("make a staging table"))?;
        }
        Ok(())
    }

    /// Adds rows to a run's staging, all or none.
    pub(crate) async fn stage(&self, run: i64, layout: &Layout, columns: &Columns) -> Result<()> {
        let connection = self.connection(run).await?;
        let mut connection = connection.lock().await;
        let width = columns.list.len();
        let most = (MOST_PARAMETERS / width.max(1)).clamp(1, MOST_ROWS);
        let mut tx = connection.begin().await.map_err(failed("stage rows"))?;
        let mut at = 0;
        let full = insert_sql(layout, most);
        while at < columns.rows {
            let rows = most.min(columns.rows - at);
            let mut args = SqliteArguments::default();
            args.reserve(rows * width, 0);
            for row in at..at + rows {
                for column in &columns.list {
                    bind(&mut args, column, row)?;
                }
            }
            let sql = if rows == most { full.clone() } else { insert_sql(layout, rows) };
            let query = sqlx::query_with(AssertSqlSafe(sql), args).persistent(rows == most);
            query.execute(&mut *tx).await.map_err(failed("stage rows"))?;
            at += rows;
        }
        tx.commit().await.map_err(failed("stage rows"))
    }

    /// Adds keys to a run's staging, all or none.
    pub(crate) async fn stage_keys(&self, run: i64, table: &str, keys: &[[u8; 16]], kind: KeyKind) -> Result<()> {
        let connection = self.connection(run).await?;
        let mut connection = connection.lock().await;
        let mut tx = connection.begin().await.map_err(failed("stage keys"))?;
        // One argument holds all keys of a statement; the statement cuts it up.
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT 0 WHERE $4 > 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $4) \
             INSERT INTO {KEYS} (slag, tabell, nyckel) SELECT $1, $2, substr($3, i * 16 + 1, 16) FROM n"
        );
        for part in keys.chunks(65_536) {
            let query = sqlx::query(AssertSqlSafe(sql.as_str()))
                .bind(kind.code())
                .bind(table.to_owned())
                .bind(part.concat())
                .bind(i64::try_from(part.len()).unwrap_or(0));
            query.execute(&mut *tx).await.map_err(failed("stage keys"))?;
        }
        tx.commit().await.map_err(failed("stage keys"))
    }

    /// Indexes a run's staged keys. A key that was staged twice is found here.
    pub(crate) async fn index_staging(&self, run: i64, layouts: &[Arc<Layout>]) -> Result<()> {
        let connection = self.connection(run).await?;
        let mut connection = connection.lock().await;
        for layout in layouts {
            let index = quoted(&format!("{}_nyckel", layout.name()));
            let sql = format!("CREATE UNIQUE INDEX IF NOT EXISTS {index} ON {} ({KEY})", layout.sql_name());
            let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await;
            done.map_err(|e| match e.as_database_error() {
                Some(e) if e.is_unique_violation() => RegisterError::Overlap(layout.name().to_owned()),
                _ => RegisterError::from_sqlx(e, "index staged rows"),
            })?;
        }
        let sql = format!("CREATE INDEX IF NOT EXISTS {KEYS}_alla ON {KEYS} (tabell, slag, nyckel)");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await.map_err(failed("index staged keys"))?;
        Ok(())
    }

    /// Closes the run's staging file, so that a publication may attach it. Gives its path.
    pub(crate) async fn close_staging(&self, run: i64) -> Result<PathBuf> {
        let connection = self.open.lock().await.remove(&run);
        if let Some(connection) = connection.and_then(Arc::into_inner) {
            connection.into_inner().close().await.map_err(failed("close a staging file"))?;
        }
        Ok(self.file(run))
    }

    /// Takes away what an earlier publication attached to the writing connection.
    pub(crate) async fn detach(&self) -> Result<()> {
        let doing = "detach a staging file";
        let mut connection = self.write.acquire().await.map_err(failed(doing))?;
        let attached = sqlx::query("SELECT 1 FROM pragma_database_list WHERE name = 'steg'");
        if attached.fetch_optional(&mut *connection).await.map_err(failed(doing))?.is_some() {
            sqlx::raw_sql("DETACH steg").execute(&mut *connection).await.map_err(failed(doing))?;
        }
        Ok(())
    }

    /// Removes a run's staging.
    pub(crate) async fn discard_staging(&self, run: i64) -> Result<()> {
        let file = self.close_staging(run).await?;
        match tokio::fs::remove_file(file).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(RegisterError::Staging(error)),
            _ => Ok(()),
        }
    }

    /// The runs that have staging.
    pub(crate) async fn staged_runs(&self) -> Result<Vec<i64>> {
        let mut entries = match tokio::fs::read_dir(&self.staging).await {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
            Err(error) => return Err(RegisterError::Staging(error)),
        };
        let mut runs = vec![];
        while let Some(entry) = entries.next_entry().await.map_err(RegisterError::Staging)? {
            let name = entry.file_name();
            let number = name.to_str().and_then(|n| n.strip_prefix('r')).and_then(|n| n.strip_suffix(".sqlite"));
            runs.extend(number.and_then(|n| n.parse::<i64>().ok()));
        }
        runs.sort_unstable();
        Ok(runs)
    }

    /// Reads the answer to `sql`, whose columns are `slots`, until its end or until nobody listens.
    pub(crate) async fn read(&self, sql: &str, slots: &[Slot], out: &Sender<RecordBatch>) -> Result<()> {
        let doing = "read rows";
        let mut connection = self.read.acquire().await.map_err(failed(doing))?;
        let mut builders = Builders::new(slots);
        let mut rows = sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch(&mut *connection);
        while let Some(row) = rows.try_next().await.map_err(failed(doing))? {
            append(&row, &mut builders)?;
            if builders.is_full() && out.send(builders.finish()?).await.is_err() {
                return Ok(());
            }
        }
        if !builders.is_empty() {
            // Whether anybody still listens does not matter to the last batch.
            let _ = out.send(builders.finish()?).await;
        }
        Ok(())
    }
}

fn insert_sql(layout: &Layout, rows: usize) -> String {
    let names: Vec<String> = layout.staged.iter().map(|s| quoted(&s.name)).collect();
    let row = format!("({})", vec!["?"; names.len()].join(","));
    format!("INSERT INTO {} ({}) VALUES {}", layout.sql_name(), names.join(","), vec![row.as_str(); rows].join(","))
}

fn bind(args: &mut SqliteArguments, column: &Column, row: usize) -> Result<()> {
    let done = if column.array().is_null(row) {
        args.add(None::<i64>)
    } else {
        match column {
            Column::Text(a) => args.add(a.value(row)),
            Column::Date(a) => match NaiveDate::from_epoch_days(a.value(row)) {
                Some(date) => args.add(iso(date)),
                None => args.add(None::<i64>),
            },
            Column::Timestamp(a) => args.add(a.value(row)),
            Column::Integer(a) => args.add(a.value(row)),
            Column::Float(a) => args.add(a.value(row)),
            Column::Boolean(a) => args.add(i64::from(a.value(row))),
            Column::Decimal(a, precision, scale) if *precision > INTEGER_DIGITS => {
                args.add(decimal_text(a.value(row), *scale))
            }
            Column::Decimal(a, ..) => args.add(i64::try_from(a.value(row)).map_err(|_| unexpected())?),
            Column::Key(a) => args.add(a.value(row)),
            Column::RowId(a) => args.add(a.value(row).cast_signed()),
        }
    };
    done.map_err(|_| unexpected())
}

fn unexpected() -> RegisterError {
    RegisterError::Database { doing: "convert a value", cause: Cause("a value does not fit its column".to_owned()) }
}

fn append(row: &SqliteRow, builders: &mut Builders) -> Result<()> {
    for (i, builder) in builders.list.iter_mut().enumerate() {
        let value = row.try_get_raw(i).map_err(failed("read rows"))?;
        if value.is_null() {
            builder.null();
            continue;
        }
        let wrong = |_| unexpected();
        match builder {
            Builder::Text(b) => b.append_value(<&str as Decode<Sqlite>>::decode(value).map_err(wrong)?),
            Builder::Date(b) => {
                let text = <&str as Decode<Sqlite>>::decode(value).map_err(wrong)?;
                let date = NaiveDate::from_str(text).map_err(|_| unexpected())?;
                b.append_value(date.to_epoch_days());
            }
            Builder::Timestamp(b) => b.append_value(<i64 as Decode<Sqlite>>::decode(value).map_err(wrong)?),
            Builder::Integer(b) => b.append_value(<i64 as Decode<Sqlite>>::decode(value).map_err(wrong)?),
            Builder::Float(b) => b.append_value(<f64 as Decode<Sqlite>>::decode(value).map_err(wrong)?),
            Builder::Boolean(b) => b.append_value(<i64 as Decode<Sqlite>>::decode(value).map_err(wrong)? != 0),
            Builder::Decimal(b, precision, _) if *precision > INTEGER_DIGITS => {
                let text = <&str as Decode<Sqlite>>::decode(value).map_err(wrong)?;
                let digits: String = text.chars().filter(|c| *c != '.').collect();
                b.append_value(digits.parse::<i128>().map_err(|_| unexpected())?);
            }
            Builder::Decimal(b, ..) => {
                b.append_value(i128::from(<i64 as Decode<Sqlite>>::decode(value).map_err(wrong)?));
            }
            Builder::Key(b) => b.append_value(<&[u8] as Decode<Sqlite>>::decode(value).map_err(wrong)?)?,
            Builder::RowId(b) => {
                b.append_value(<i64 as Decode<Sqlite>>::decode(value).map_err(wrong)?.cast_unsigned());
            }
        }
    }
    builders.row();
    Ok(())
}
