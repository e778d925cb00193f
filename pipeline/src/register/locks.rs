//! Locks that end with their process, however it ends: which runs are alive, and who writes the lake.
//!
//! A state in a table cannot tell a run that is at work from one whose process was killed. These
//! locks can: the operating system (beside SQLite's file) or the server (PostgreSQL's advisory
//! locks) lets go of them when the process is gone. They need no clock. The lake's lock has a heartbeat: a
//! process that is not gone but stands still must not keep the lake from all others.

use std::collections::{BTreeSet, HashMap};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::{Connection, PgConnection, PgPool};
use tokio::sync::Mutex;

use super::database::Database;
use super::error::{RegisterError, Result};
use super::{Store, postgres};
use crate::ledger::RunState;

/// Class of PostgreSQL's advisory locks on runs; the second number is the run's.
const RUNS: i32 = 0x534C_0001;
/// Class and number of the lock on the lake.
const LAKE: (i32, i32) = (0x534C_0002, 0);

/// The lake's lock. Held until it is dropped: only its holder projects, sweeps and vacuums.
#[derive(Debug)]
pub struct LakeLock {
    _held: Holding,
}

/// A lock goes when this goes.
#[derive(Debug)]
enum Holding {
    File {
        _file: File,
    },
    /// A connection of its own: the server lets go of its locks when it is closed.
    Connection {
        _beating: Beating,
    },
}

/// A connection that shows the server that its process is awake. Ends when it is dropped.
#[derive(Debug)]
struct Beating(tokio::task::JoinHandle<()>);

/// How often it does.
const BEAT: Duration = Duration::from_secs(1);

impl Beating {
    /// From here on the server closes the connection, and lets go of its locks, when it hears nothing for as
    /// long as it lets a transaction stand still.
    async fn begin(mut connection: PgConnection) -> sqlx::Result<Self> {
        let sql =
            "SELECT set_config('idle_session_timeout', current_setting('idle_in_transaction_session_timeout'), false)";
        sqlx::query(sql).execute(&mut connection).await?;
        Ok(Self(tokio::spawn(async move {
            while sqlx::query("SELECT 1").execute(&mut connection).await.is_ok() {
                tokio::time::sleep(BEAT).await;
            }
        })))
    }
}

impl Drop for Beating {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The runs that this process has at work.
#[derive(Debug, Default)]
pub(crate) struct Alive {
    files: Mutex<HashMap<i64, File>>,
    /// One connection holds the locks of all runs.
    connection: Mutex<Held>,
}

/// What is held in PostgreSQL: a server that went away has let go of all of it.
#[derive(Debug, Default)]
struct Held {
    connection: Option<PgConnection>,
    runs: BTreeSet<i64>,
}

impl Held {
    /// The connection, with the locks of all runs taken again where it had broken.
    async fn connected(&mut self, pool: &PgPool) -> sqlx::Result<&mut PgConnection> {
        if let Some(connection) = &mut self.connection
            && connection.ping().await.is_err()
        {
            self.connection = None;
        }
        if self.connection.is_none() {
            let mut connection = PgConnection::connect_with(&pool.connect_options()).await?;
            for run in &self.runs {
                lock(&mut connection, *run).await?;
            }
            self.connection = Some(connection);
        }
        self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)
    }
}

async fn lock(connection: &mut PgConnection, run: i64) -> sqlx::Result<()> {
    let sql = "SELECT pg_try_advisory_lock($1, $2)";
    sqlx::query(sql).bind(RUNS).bind(number(run)).execute(connection).await.map(drop)
}

impl Store {
    /// Shows the run as alive until it ends or this process does. Called before the run can be
    /// seen by others, so that none takes it for dead.
    pub(crate) async fn hold_run(&self, run: i64) -> Result<()> {
        match self.database.as_ref() {
            Database::Sqlite(pools) => {
                let mut files = self.alive.files.lock().await;
                if let std::collections::hash_map::Entry::Vacant(place) = files.entry(run) {
                    let file = open(&run_file(pools.staging(), run)).await?;
                    // Taken by another process that has begun the same run: it is alive all the same.
                    if !matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
                        place.insert(file);
                    }
                }
                Ok(())
            }
            Database::Postgres(pool) => {
                let mut held = self.alive.connection.lock().await;
                let doing = "show that a run is alive";
                let connection = held.connected(pool).await.map_err(postgres::failed(doing))?;
                lock(connection, run).await.map_err(postgres::failed(doing))?;
                held.runs.insert(run);
                Ok(())
            }
        }
    }

    /// Shows the runs at work as alive again where the server has been away: it has let go of their locks, and
    /// others would take them for dead.
    pub(crate) async fn hold_again(&self) -> Result<()> {
        let Database::Postgres(pool) = self.database.as_ref() else { return Ok(()) };
        let mut held = self.alive.connection.lock().await;
        if !held.runs.is_empty() {
            held.connected(pool).await.map_err(postgres::failed("show that runs are alive"))?;
        }
        Ok(())
    }

    /// The run has ended.
    pub(crate) async fn let_go_of_run(&self, run: i64) {
        match self.database.as_ref() {
            Database::Sqlite(pools) => {
                if self.alive.files.lock().await.remove(&run).is_some() {
                    // A name that stays tells nothing: its lock is gone.
                    let _ = tokio::fs::remove_file(run_file(pools.staging(), run)).await;
                }
            }
            Database::Postgres(_) => {
                let mut held = self.alive.connection.lock().await;
                held.runs.remove(&run);
                let Some(connection) = &mut held.connection else { return };
                let sql = "SELECT pg_advisory_unlock($1, $2)";
                // A connection that broke has let go already.
                if sqlx::query(sql).bind(RUNS).bind(number(run)).execute(connection).await.is_err() {
                    held.connection = None;
                }
            }
        }
    }

    /// Ends the runs that the ledger takes for being at work and whose process is gone. Gives how
    /// many there were.
    pub(crate) async fn end_dead_runs(&self) -> Result<u64> {
        let sql = "SELECT nr, id FROM korning WHERE state = 'running' ORDER BY nr";
        let mut dead = 0;
        for mut row in self.database.fetch("list open runs", sql, &[]).await? {
            let (run, id) = (row.int()?, row.text()?);
            if self.is_alive(run).await? {
                continue;
            }
            let reason = Some("avbruten: processen som körde den finns inte längre");
            match crate::ledger::end_run(self, &id, RunState::Failed, reason, None).await {
                Ok(()) => dead += 1,
                // It ended between the two questions.
                Err(RegisterError::RunState { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(dead)
    }

    async fn is_alive(&self, run: i64) -> Result<bool> {
        match self.database.as_ref() {
            Database::Sqlite(pools) => {
                if self.alive.files.lock().await.contains_key(&run) {
                    return Ok(true);
                }
                let path = run_file(pools.staging(), run);
                let Ok(file) = File::open(&path) else { return Ok(false) };
                let alive = matches!(file.try_lock(), Err(TryLockError::WouldBlock));
                if !alive {
                    let _ = tokio::fs::remove_file(path).await;
                }
                Ok(alive)
            }
            Database::Postgres(_) => {
                // Asked on another connection than the one that holds, and let go with the transaction.
                let mut tx = self.database.begin().await?;
                let sql = "SELECT CASE WHEN pg_try_advisory_xact_lock($1::int, $2::int) THEN 1 ELSE 0 END::bigint";
                let args = [i64::from(RUNS).into(), i64::from(number(run)).into()];
                let free = tx.first("look for a run's process", sql, &args).await?.map(|mut r| r.int()).transpose()?;
                Ok(free == Some(0))
            }
        }
    }

    /// Waits for the lake's lock.
    pub(crate) async fn lock_the_lake(&self) -> Result<LakeLock> {
        let held = match self.database.as_ref() {
            Database::Sqlite(pools) => Holding::File { _file: locked(&pools.staging().join("lake.lock")).await? },
            Database::Postgres(pool) => {
                let mut connection = of_its_own(pool).await?;
                let sql = "SELECT pg_advisory_lock($1, $2)";
                let locked = sqlx::query(sql).bind(LAKE.0).bind(LAKE.1).execute(&mut connection).await;
                locked.map_err(|e| RegisterError::from_sqlx(e, "lock the lake"))?;
                Holding::Connection {
                    _beating: Beating::begin(connection).await.map_err(postgres::failed("lock the lake"))?,
                }
            }
        };
        Ok(LakeLock { _held: held })
    }
}

/// A connection outside the pool, so that waiting for a lock keeps no other work waiting.
async fn of_its_own(pool: &PgPool) -> Result<PgConnection> {
    PgConnection::connect_with(&pool.connect_options()).await.map_err(postgres::failed("connect"))
}

/// PostgreSQL's pairs of lock numbers have 32 bits each. Runs that far apart do not meet.
fn number(run: i64) -> i32 {
    i32::try_from(run & i64::from(i32::MAX)).unwrap_or_default()
}

fn run_file(folder: &Path, run: i64) -> PathBuf {
    folder.join(format!("r{run}.lock"))
}

/// The file, locked until it is dropped. Waits for whoever has locked it.
pub(crate) async fn locked(path: &Path) -> Result<File> {
    let file = open(path).await?;
    let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await;
    locked.map_err(std::io::Error::other).flatten().map_err(RegisterError::Staging)
}

async fn open(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(RegisterError::Staging)?;
    }
    File::options().create(true).truncate(false).write(true).open(path).map_err(RegisterError::Staging)
}
