//! What only PostgreSQL does: COPY in binary, into unlogged staging tables and out of queries.
//!
//! Staged rows lie in one table per run and national table in the schema `steg`, which readers have
//! no rights to. A table per run needs no index, no filter and no clean-up but its own removal, and
//! runs do not meet.

use std::fmt::Write as _;
use std::ops::DerefMut;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use futures::TryStreamExt;
use serde_json::Value;
use sluss_schemas::table::ddl::{Dialect, quoted};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgCopyIn, PgPool, PgPoolCopyExt, PgPoolOptions};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Postgres, Transaction};
use tokio::sync::mpsc::Sender;

use super::columns::{Builders, Columns};
use super::copy;
use super::database::Tx;
use super::error::{Cause, RegisterError, Result};
use super::layout::{Layout, Slot};
use super::sql::{literal, staged_keys, staged_table};
use super::stage::KeyKind;
use crate::ledger::QuarantineRow;

/// Bytes that are sent at once.
const PIECE: usize = 256 * 1024;

pub(crate) fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> RegisterError {
    move |e| RegisterError::from_sqlx(e, doing)
}

/// Connects to the server that `url` names.
pub(crate) async fn open(url: &str) -> Result<PgPool> {
    let options =
        PgConnectOptions::from_str(url).map_err(|_| RegisterError::Address("postgres://user@host/database"))?;
    // The cleared events are a query of many parts: the server would compile them for ten seconds, and answer in one.
    let options = options.application_name("sluss").options([("jit", "off")]).disable_statement_logging();
    // A process that stands still in a transaction would keep its locks from everybody. What the address
    // itself says of this comes first.
    let options = match url.contains("idle_in_transaction_session_timeout") {
        true => options,
        false => options.options([("idle_in_transaction_session_timeout", "60s")]),
    };
    // The pool would wait for a server that is not there, and then say that it was busy.
    let connection = PgConnection::connect_with(&options).await.map_err(failed("connect"))?;
    connection.close().await.map_err(failed("connect"))?;
    let pool = PgPoolOptions::new().max_connections(8).acquire_timeout(Duration::from_secs(30));
    pool.connect_with(options).await.map_err(failed("connect"))
}

/// Where there are roles, staging belongs to the pipeline's and not to one login of it: another process
/// may have to remove it. Holds for the statements that are sent with it.
const AS_PIPELINE: &str = "DO $$ DECLARE r text; BEGIN SELECT role INTO r FROM roll WHERE kind = 'inlasning'; \
                           IF r IS NOT NULL THEN EXECUTE format('SET LOCAL ROLE %I', r); END IF; END $$;";

/// Kind of the key that stands in a run's staged keys from the moment that they are made. Staging is unlogged: a
/// server that recovers from a crash empties it, and of this key too.
const WITNESS: i64 = -1;

/// Makes the staging tables that a run needs, where they are missing.
pub(crate) async fn prepare_staging(pool: &PgPool, run: i64, layouts: &[Arc<Layout>]) -> Result<()> {
    let keys = staged_keys(Dialect::Postgres, run);
    let mut sql = format!(
        "{AS_PIPELINE} DO $$ BEGIN IF to_regclass({}) IS NULL THEN \
         CREATE UNLOGGED TABLE {keys} (slag BIGINT, tabell TEXT, nyckel UUID); \
         INSERT INTO {keys} (slag, tabell) VALUES ({WITNESS}, ''); END IF; END $$;",
        literal(&keys)
    );
    for layout in layouts {
        let columns: Vec<String> = layout
            .staged
            .iter()
            .map(|s| format!("{} {}", quoted(&s.name), s.holds.sql_type(Dialect::Postgres)))
            .collect();
        let table = staged_table(Dialect::Postgres, run, layout.name());
        let _ = write!(sql, "CREATE UNLOGGED TABLE IF NOT EXISTS {table} ({});", columns.join(", "));
    }
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.map_err(failed("make staging tables"))?;
    Ok(())
}

/// Refuses to publish what the server has lost since it was staged: it would look as if nothing had changed.
pub(crate) async fn check_staging(tx: &mut Tx, run: i64) -> Result<()> {
    let sql = format!("SELECT 1::bigint FROM {} WHERE slag = {WITNESS}", staged_keys(Dialect::Postgres, run));
    match tx.first("look at staged keys", &sql, &[]).await? {
        Some(_) => Ok(()),
        None => Err(RegisterError::Connection(Cause("the server has restarted: what was staged is gone".to_owned()))),
    }
}

/// Sends `rows` rows, each written by `write`, and ends the copying: all of them come, or none.
async fn send<C>(mut copy: PgCopyIn<C>, doing: &'static str, rows: usize, write: Write<'_>) -> Result<()>
where
    C: DerefMut<Target = PgConnection>,
{
    let mut buffer = Vec::with_capacity(PIECE + PIECE / 4);
    copy::start(&mut buffer);
    for row in 0..rows {
        if let Err(error) = write(row, &mut buffer) {
            copy.abort("a value does not fit").await.map_err(failed(doing))?;
            return Err(error);
        }
        if buffer.len() >= PIECE {
            copy.send(buffer.as_slice()).await.map_err(failed(doing))?;
            buffer.clear();
        }
    }
    copy::end(&mut buffer);
    copy.send(buffer.as_slice()).await.map_err(failed(doing))?;
    copy.finish().await.map_err(failed(doing))?;
    Ok(())
}

type Write<'a> = &'a (dyn Fn(usize, &mut Vec<u8>) -> Result<()> + Sync);

/// Up to so many rows or keys go in one statement. COPY takes two messages without an answer between
/// them, and TCP holds the second back for 40 ms if the first was small (the driver leaves Nagle's
/// algorithm on): more than all the rest of a small delivery.
const FEW: usize = 1000;

/// Adds rows to a run's staging, all or none.
pub(crate) async fn stage(pool: &PgPool, run: i64, layout: &Layout, columns: &Columns) -> Result<()> {
    let doing = "stage rows";
    let names: Vec<String> = layout.staged.iter().map(|s| quoted(&s.name)).collect();
    let table = staged_table(Dialect::Postgres, run, layout.name());
    if columns.rows <= FEW {
        let rows: Result<Vec<Value>> = (0..columns.rows).map(|row| columns.document(layout, row)).collect();
        let names = names.join(", ");
        let sql =
            format!("INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, $1)");
        let insert = sqlx::query(AssertSqlSafe(sql)).persistent(false).bind(Json(rows?));
        insert.execute(pool).await.map_err(failed(doing))?;
        return Ok(());
    }
    let sql = format!("COPY {table} ({}) FROM STDIN (FORMAT binary)", names.join(", "));
    let copy = pool.copy_in_raw(&sql).await.map_err(failed(doing))?;
    send(copy, doing, columns.rows, &|row, out| copy::row(columns, row, out)).await
}

/// Adds keys to a run's staging, all or none.
pub(crate) async fn stage_keys(pool: &PgPool, run: i64, table: &str, keys: &[[u8; 16]], kind: KeyKind) -> Result<()> {
    let doing = "stage keys";
    let into = staged_keys(Dialect::Postgres, run);
    if keys.len() <= FEW {
        let sql = format!(
            "INSERT INTO {into} (slag, tabell, nyckel) SELECT $1, $2, encode(substr($3, i * 16 + 1, 16), 'hex')::uuid \
             FROM generate_series(0, length($3) / 16 - 1) AS i"
        );
        let insert = sqlx::query(AssertSqlSafe(sql)).persistent(false);
        let insert = insert.bind(kind.code()).bind(table).bind(keys.concat());
        insert.execute(pool).await.map_err(failed(doing))?;
        return Ok(());
    }
    let sql = format!("COPY {into} (slag, tabell, nyckel) FROM STDIN (FORMAT binary)");
    let copy = pool.copy_in_raw(&sql).await.map_err(failed(doing))?;
    let write =
        |i: usize, out: &mut Vec<u8>| keys.get(i).map_or(Ok(()), |key| copy::key_row(kind.code(), table, key, out));
    send(copy, doing, keys.len(), &write).await
}

/// Adds rows to the quarantine's index within a transaction.
pub(crate) async fn copy_quarantine(
    tx: &mut Transaction<'static, Postgres>,
    run: &str,
    rows: &[QuarantineRow],
) -> Result<()> {
    const COLUMNS: &str = "run, table_name, row_id, rules, object, state";
    let doing = "index the quarantine";
    // COPY knows no policies: where they hold for this role, rows go in by way of a temporary table.
    let guarded: bool = sqlx::query_scalar("SELECT row_security_active('karantan')")
        .fetch_one(&mut **tx)
        .await
        .map_err(failed(doing))?;
    let into = if guarded { "pg_temp.publ_karantan" } else { "karantan" };
    if guarded {
        let make =
            format!("CREATE TEMP TABLE publ_karantan ON COMMIT DROP AS SELECT {COLUMNS} FROM karantan WITH NO DATA");
        sqlx::raw_sql(AssertSqlSafe(make)).execute(&mut **tx).await.map_err(failed(doing))?;
    }
    let sql = format!("COPY {into} ({COLUMNS}) FROM STDIN (FORMAT binary)");
    let copy = tx.copy_in_raw(&sql).await.map_err(failed(doing))?;
    let write = |i: usize, out: &mut Vec<u8>| rows.get(i).map_or(Ok(()), |row| copy::quarantine_row(run, row, out));
    send(copy, doing, rows.len(), &write).await?;
    if guarded {
        let take = format!("INSERT INTO karantan ({COLUMNS}) SELECT {COLUMNS} FROM {into}; DROP TABLE {into}");
        sqlx::raw_sql(AssertSqlSafe(take)).execute(&mut **tx).await.map_err(failed(doing))?;
    }
    Ok(())
}

/// The tables that hold staged rows, with the number of their run.
pub(crate) async fn staged_tables(pool: &PgPool) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'steg' ORDER BY tablename";
    let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(pool).await.map_err(failed("list staging tables"))?;
    let run = |name: &str| name.strip_prefix('r')?.split('_').next()?.parse::<i64>().ok();
    Ok(names.into_iter().filter_map(|n| Some((run(&n)?, format!("steg.{}", quoted(&n))))).collect())
}

/// Removes a run's staging.
pub(crate) async fn discard_staging(pool: &PgPool, run: i64) -> Result<()> {
    let tables: Vec<String> =
        staged_tables(pool).await?.into_iter().filter(|(r, _)| *r == run).map(|(_, table)| table).collect();
    if tables.is_empty() {
        return Ok(());
    }
    let sql = sqlx::raw_sql(AssertSqlSafe(format!("DROP TABLE IF EXISTS {}", tables.join(", "))));
    sql.execute(pool).await.map_err(failed("remove staging tables"))?;
    Ok(())
}

/// Reads the answer to `sql`, whose columns are `slots`, until its end or until nobody listens.
pub(crate) async fn read(pool: &PgPool, sql: &str, slots: &[Slot], out: &Sender<RecordBatch>) -> Result<()> {
    let mut connection = pool.acquire().await.map_err(failed("read rows"))?;
    let done = copy_out(&mut connection, sql, slots, out).await;
    if !matches!(done, Ok(true)) {
        // Given up half-way, the connection would have to swallow the rest of the answer.
        connection.close_on_drop();
    }
    done.map(drop)
}

/// Gives whether the answer was read to its end.
async fn copy_out(connection: &mut PgConnection, sql: &str, slots: &[Slot], out: &Sender<RecordBatch>) -> Result<bool> {
    let doing = "read rows";
    let copy = format!("COPY ({sql}) TO STDOUT (FORMAT binary)");
    let mut pieces = connection.copy_out_raw(&copy).await.map_err(failed(doing))?;
    let mut reader = copy::Reader::default();
    let mut builders = Builders::new(slots);
    let mut full = vec![];
    while let Some(piece) = pieces.try_next().await.map_err(failed(doing))? {
        reader.take(&piece, &mut builders, |b| {
            full.push(b.finish()?);
            Ok(())
        })?;
        for batch in full.drain(..) {
            if out.send(batch).await.is_err() {
                return Ok(false);
            }
        }
    }
    if !reader.is_complete() {
        return Err(RegisterError::Connection(Cause("the answer broke off".to_owned())));
    }
    if !builders.is_empty() {
        // Whether anybody still listens does not matter to the last batch.
        let _ = out.send(builders.finish()?).await;
    }
    Ok(true)
}
