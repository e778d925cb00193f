//! What runs' own logs said: lines for whoever asks how a run went. Never a cell's value.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::register::database::{Arg, Row};
use crate::register::{Result, Store};

/// Lines in one statement.
const AT_ONCE: usize = 200;

/// One line of a run's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// The run's id.
    #[serde(skip)]
    pub run: String,
    /// When.
    pub at: DateTime<Utc>,
    /// `error`, `warn` or `info`.
    pub level: String,
    /// What was said, with the fields that were told with it.
    pub message: String,
}

pub(super) async fn add(store: &Store, lines: &[LogLine]) -> Result<()> {
    // All of them or none: what could not be kept is offered again as a whole.
    let mut tx = store.database.begin().await?;
    for lines in lines.chunks(AT_ONCE) {
        let mut args: Vec<Arg> = Vec::with_capacity(lines.len() * 4);
        let mut rows = Vec::with_capacity(lines.len());
        for line in lines {
            let first = args.len() + 1;
            rows.push(format!("(${}, ${}, ${}, ${})", first, first + 1, first + 2, first + 3));
            args.extend([
                line.run.as_str().into(),
                line.at.into(),
                line.level.as_str().into(),
                line.message.as_str().into(),
            ]);
        }
        let sql = format!("INSERT INTO korningslogg (run, at, level, message) VALUES {}", rows.join(", "));
        tx.execute("keep a run's log", &sql, &args).await?;
    }
    tx.commit().await
}

pub(super) async fn of_run(store: &Store, run: &str) -> Result<Vec<LogLine>> {
    let sql = "SELECT run, at, level, message FROM korningslogg WHERE run = $1 ORDER BY id";
    let read =
        |mut row: Row| Ok(LogLine { run: row.text()?, at: row.instant()?, level: row.text()?, message: row.text()? });
    store.database.fetch("read a run's log", sql, &[run.into()]).await?.into_iter().map(read).collect()
}

pub(super) async fn older(store: &Store, than: DateTime<Utc>) -> Result<u64> {
    let sql = "SELECT COUNT(*) FROM korningslogg WHERE at < $1";
    let rows = store.database.fetch("count old lines of logs", sql, &[than.into()]).await?;
    rows.into_iter().next().map_or(Ok(0), |mut row| row.count())
}

pub(super) async fn drop_older(store: &Store, than: DateTime<Utc>) -> Result<u64> {
    store.database.execute("drop old lines of logs", "DELETE FROM korningslogg WHERE at < $1", &[than.into()]).await
}
