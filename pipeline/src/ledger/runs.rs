//! Runs, their states, what they read and where they stopped.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluss_schemas::chunk::Origin;

use super::now;
use super::revision::{Act, Note, note};
use crate::register::database::{Arg, Row, Tx};
use crate::register::{RegisterError, Result, Store};

/// What has become of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Its changes are only to be shown.
    Planned,
    /// It is at work, or died at it.
    Running,
    /// It published.
    Done,
    /// It published nothing: a guard wants a person to look.
    Held,
    /// It published nothing: something went wrong.
    Failed,
}

impl RunState {
    const ALL: [Self; 5] = [Self::Planned, Self::Running, Self::Done, Self::Held, Self::Failed];

    /// The state's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Done => "done",
            Self::Held => "held",
            Self::Failed => "failed",
        }
    }

    /// Whether a run in this state stays in it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Held | Self::Failed)
    }

    pub(crate) fn read(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|state| state.name() == name);
        found.ok_or_else(|| RegisterError::table("korning", "has a state that is not known"))
    }
}

/// A run that begins.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRun {
    /// Its id: a UUID of version 7 as text.
    pub id: String,
    /// The job.
    pub job: String,
    /// Whose rows it will publish.
    pub owner: String,
    /// `snapshot`, `incremental` or `append`.
    pub mode: String,
    /// [`RunState::Running`], or [`RunState::Planned`] for one that will publish nothing.
    pub state: RunState,
    /// Digest of its input, where it is known from the start.
    pub input_digest: Option<String>,
    /// The run whose delivery it reads again.
    pub replay_of: Option<String>,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// The job.
    pub job: String,
    /// Whose rows it published.
    pub owner: String,
    /// `snapshot`, `incremental` or `append`.
    pub mode: String,
    /// What has become of it.
    pub state: RunState,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended; for a run that published, the recorded time of its rows.
    pub ended: Option<DateTime<Utc>>,
    /// Digest of its input.
    pub input_digest: Option<String>,
    /// Its row counts.
    pub counts: Option<Value>,
    /// Why it was held or failed.
    pub reason: Option<String>,
    /// Hash of its mapping.
    pub mapping: Option<String>,
    /// Versions of the tables that it fed.
    pub schema_versions: Option<Value>,
    /// The run whose delivery it read again.
    pub replay_of: Option<String>,
    /// Its publish sequence number, where it changed something.
    pub seq: Option<u64>,
}

/// Which runs to list. The default lists all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Of this job only.
    pub job: Option<String>,
    /// Of this owner only.
    pub owner: Option<String>,
    /// In this state only.
    pub state: Option<RunState>,
    /// With this input only.
    pub input_digest: Option<String>,
    /// At most so many; none: all.
    pub limit: Option<u32>,
}

/// The latest run of a job, as far as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastRun {
    /// Its id.
    pub id: String,
    /// The job.
    pub job: String,
    /// What has become of it.
    pub state: RunState,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub ended: Option<DateTime<Utc>>,
    /// Why it was held or failed.
    pub reason: Option<String>,
}

/// One step of a run's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Transition {
    /// When.
    pub at: DateTime<Utc>,
    /// From which state; none when it began.
    pub from: Option<RunState>,
    /// To which.
    pub to: RunState,
    /// Why.
    pub reason: Option<String>,
}

/// An origin with what was kept of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveredOrigin {
    /// The origin.
    pub origin: Origin,
    /// The landing object that holds its bytes.
    pub object: Option<String>,
    /// Number of bytes.
    pub bytes: Option<u64>,
    /// Number of rows.
    pub rows: Option<u64>,
}

/// A run's receipt.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Receipt {
    /// As data.
    pub document: Value,
    /// As the region reads it.
    pub text: String,
}

const RUN: &str = "id, job, owner, mode, state, started, ended, input_digest, counts, reason, mapping_hash, \
                   schema_versions, replay_of, publish_seq";

fn read(mut row: Row) -> Result<Run> {
    Ok(Run {
        id: row.text()?,
        job: row.text()?,
        owner: row.text()?,
        mode: row.text()?,
        state: RunState::read(&row.text()?)?,
        started: row.instant()?,
        ended: row.instant_or_none()?,
        input_digest: row.text_or_none()?,
        counts: row.document_or_none()?,
        reason: row.text_or_none()?,
        mapping: row.text_or_none()?,
        schema_versions: row.document_or_none()?,
        replay_of: row.text_or_none()?,
        seq: row.count_or_none()?,
    })
}

pub(super) async fn begin(store: &Store, run: &NewRun) -> Result<()> {
    if run.state.is_final() {
        return Err(RegisterError::RunState { run: run.id.clone(), state: run.state.name().to_owned() });
    }
    let mut tx = store.database.begin().await?;
    let known = "SELECT nr, job, owner FROM korning WHERE id = $1";
    if let Some(mut row) = tx.first("find a run", known, &[run.id.as_str().into()]).await? {
        let number = row.int()?;
        return if row.text()? == run.job && row.text()? == run.owner {
            store.hold_run(number).await
        } else {
            Err(RegisterError::RunState { run: run.id.clone(), state: "another job's".to_owned() })
        };
    }
    let number = insert(&mut tx, run, now(store)).await?;
    store.hold_run(number).await?;
    tx.commit().await
}

/// Notes a run that begins; gives its number.
pub(super) async fn insert(tx: &mut Tx, run: &NewRun, now: DateTime<Utc>) -> Result<i64> {
    let delivery = match &run.replay_of {
        None => None,
        Some(first) => {
            let sql = "SELECT delivery_nr FROM korning WHERE id = $1";
            let row = tx.first("find the replayed run", sql, &[first.as_str().into()]).await?;
            Some(row.ok_or_else(|| RegisterError::UnknownRun(first.clone()))?.int()?)
        }
    };
    let sql = "INSERT INTO korning (id, job, owner, mode, state, started, input_digest, replay_of, delivery_nr) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING nr";
    let args: [Arg; 9] = [
        run.id.as_str().into(),
        run.job.as_str().into(),
        run.owner.as_str().into(),
        run.mode.as_str().into(),
        run.state.name().into(),
        now.into(),
        run.input_digest.as_deref().into(),
        run.replay_of.as_deref().into(),
        delivery.unwrap_or(0).into(),
    ];
    let row = tx.first("begin a run", sql, &args).await?;
    let number = row.ok_or_else(|| RegisterError::table("korning", "gave a run no number"))?.int()?;
    if delivery.is_none() {
        let sql = "UPDATE korning SET delivery_nr = $1 WHERE nr = $1";
        tx.execute("number a delivery", sql, &[number.into()]).await?;
    }
    transition(tx, &run.id, None, run.state, None, now).await?;
    Ok(number)
}

/// Notes one step of a run's life.
pub(crate) async fn transition(
    tx: &mut Tx,
    run: &str,
    from: Option<RunState>,
    to: RunState,
    reason: Option<&str>,
    at: DateTime<Utc>,
) -> Result<()> {
    let sql = "INSERT INTO transition (run, at, from_state, to_state, reason) VALUES ($1, $2, $3, $4, $5)";
    let args = [run.into(), at.into(), from.map(RunState::name).into(), to.name().into(), reason.into()];
    tx.execute("note a run's state", sql, &args).await.map(drop)
}

pub(crate) async fn end(
    store: &Store,
    run: &str,
    state: RunState,
    reason: Option<&str>,
    counts: Option<&Value>,
) -> Result<()> {
    let mut tx = store.database.begin().await?;
    let Some(number) = end_in(store, &mut tx, run, state, reason, counts).await? else { return Ok(()) };
    tx.commit().await?;
    let discarded = store.discard(number).await;
    store.let_go_of_run(number).await;
    discarded
}

/// The same, in a transaction that does more. Gives the number of a run that ends by it: what it staged is to
/// be discarded once that is committed. None where it was in that state already.
pub(super) async fn end_in(
    store: &Store,
    tx: &mut Tx,
    run: &str,
    state: RunState,
    reason: Option<&str>,
    counts: Option<&Value>,
) -> Result<Option<i64>> {
    let lock = store.row_lock();
    let sql = format!("SELECT nr, state, job, owner FROM korning WHERE id = $1{lock}");
    let row = tx.first("find a run", &sql, &[run.into()]).await?;
    let mut row = row.ok_or_else(|| RegisterError::UnknownRun(run.to_owned()))?;
    let (number, before) = (row.int()?, RunState::read(&row.text()?)?);
    let (job, owner) = (row.text()?, row.text()?);
    if before == state {
        return Ok(None);
    }
    if before.is_final() {
        return Err(RegisterError::RunState { run: run.to_owned(), state: before.name().to_owned() });
    }
    let now = now(store);
    let sql = "UPDATE korning SET state = $2, ended = $3, reason = $4, counts = COALESCE($5, counts) WHERE id = $1";
    let args = [run.into(), state.name().into(), now.into(), reason.into(), Arg::Document(counts.cloned())];
    tx.execute("end a run", sql, &args).await?;
    transition(tx, run, Some(before), state, reason, now).await?;
    let outcome = format!("{} owner={owner}", state.name());
    let ended = Note { who: None, act: Act::Run, object: &job, outcome: &outcome, run: Some(run) };
    note(store, tx, &ended).await?;
    Ok(Some(number))
}

pub(super) async fn find(store: &Store, run: &str) -> Result<Option<Run>> {
    let sql = format!("SELECT {RUN} FROM korning WHERE id = $1");
    let rows = store.database.fetch("find a run", &sql, &[run.into()]).await?;
    rows.into_iter().next().map(read).transpose()
}

pub(super) async fn list(store: &Store, filter: &RunFilter) -> Result<Vec<Run>> {
    let sql = format!(
        "SELECT {RUN} FROM korning WHERE ($1 IS NULL OR job = $1) AND ($2 IS NULL OR owner = $2) \
         AND ($3 IS NULL OR state = $3) AND ($4 IS NULL OR input_digest = $4) ORDER BY nr DESC LIMIT $5"
    );
    let args: [Arg; 5] = [
        filter.job.as_deref().into(),
        filter.owner.as_deref().into(),
        filter.state.map(RunState::name).into(),
        filter.input_digest.as_deref().into(),
        filter.limit.map_or(i64::MAX, i64::from).into(),
    ];
    store.database.fetch("list runs", &sql, &args).await?.into_iter().map(read).collect()
}

pub(super) async fn last_of_each(store: &Store) -> Result<Vec<LastRun>> {
    let sql = "SELECT id, job, state, started, ended, reason FROM korning \
               WHERE nr IN (SELECT MAX(nr) FROM korning GROUP BY job) ORDER BY job";
    let read = |mut row: Row| {
        Ok(LastRun {
            id: row.text()?,
            job: row.text()?,
            state: RunState::read(&row.text()?)?,
            started: row.instant()?,
            ended: row.instant_or_none()?,
            reason: row.text_or_none()?,
        })
    };
    store.database.fetch("list the latest runs", sql, &[]).await?.into_iter().map(read).collect()
}

pub(super) async fn transitions(store: &Store, run: &str) -> Result<Vec<Transition>> {
    let sql = "SELECT at, from_state, to_state, reason FROM transition WHERE run = $1 ORDER BY id";
    let step = |mut row: Row| {
        Ok(Transition {
            at: row.instant()?,
            from: row.text_or_none()?.map(|s| RunState::read(&s)).transpose()?,
            to: RunState::read(&row.text()?)?,
            reason: row.text_or_none()?,
        })
    };
    store.database.fetch("list a run's states", sql, &[run.into()]).await?.into_iter().map(step).collect()
}

pub(super) async fn last_done(store: &Store, job: &str) -> Result<Option<Run>> {
    let sql = format!(
        "SELECT {RUN} FROM korning WHERE job = $1 AND state = 'done' AND result IS NOT NULL \
         AND EXISTS (SELECT 1 FROM leverans WHERE leverans.run = korning.id) ORDER BY nr DESC LIMIT 1"
    );
    let rows = store.database.fetch("find the last run", &sql, &[job.into()]).await?;
    rows.into_iter().next().map(read).transpose()
}

pub(super) async fn of_publication(store: &Store, seq: u64) -> Result<Option<Run>> {
    let sql = format!("SELECT {RUN} FROM korning WHERE publish_seq = $1");
    let rows = store.database.fetch("find a publication's run", &sql, &[seq.into()]).await?;
    rows.into_iter().next().map(read).transpose()
}

pub(super) async fn later_publications(store: &Store, run: &str) -> Result<BTreeSet<u64>> {
    let sql = "SELECT publish_seq FROM korning WHERE publish_seq IS NOT NULL \
               AND delivery_nr > (SELECT delivery_nr FROM korning WHERE id = $1)";
    let rows = store.database.fetch("find later deliveries", sql, &[run.into()]).await?;
    rows.into_iter().map(|mut row| row.count()).collect()
}

pub(super) async fn is_outdated(store: &Store, run: &str) -> Result<bool> {
    let sql = "SELECT k.id FROM korning k JOIN korning r ON r.job = k.job \
               WHERE r.id = $1 AND k.state = 'done' AND k.mode = 'snapshot' AND k.delivery_nr > r.delivery_nr LIMIT 1";
    Ok(!store.database.fetch("find a later whole delivery", sql, &[run.into()]).await?.is_empty())
}

pub(super) async fn cursor(store: &Store, job: &str) -> Result<Option<String>> {
    let rows = store.database.fetch("find a cursor", "SELECT cursor FROM markor WHERE job = $1", &[job.into()]).await?;
    rows.into_iter().next().map(|mut row| row.text()).transpose()
}

fn unsigned(value: Option<u64>) -> Arg {
    value.map_or(Arg::Int(None), Arg::from)
}

pub(super) async fn record_origins(store: &Store, run: &str, origins: &[DeliveredOrigin]) -> Result<()> {
    let mut tx = store.database.begin().await?;
    let sql = "INSERT INTO leverans (run, origin, name, part, object, bytes, row_count) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (run, origin) DO UPDATE SET name = excluded.name, \
               part = excluded.part, object = excluded.object, bytes = excluded.bytes, row_count = excluded.row_count";
    for delivered in origins {
        let args = [
            run.into(),
            i64::from(delivered.origin.index).into(),
            delivered.origin.name.as_str().into(),
            delivered.origin.part.as_deref().into(),
            delivered.object.as_deref().into(),
            unsigned(delivered.bytes),
            unsigned(delivered.rows),
        ];
        tx.execute("note an origin", sql, &args).await?;
    }
    tx.commit().await
}

pub(super) async fn origins(store: &Store, run: &str) -> Result<Vec<DeliveredOrigin>> {
    let sql = "SELECT origin, name, part, object, bytes, row_count FROM leverans WHERE run = $1 ORDER BY origin";
    let read = |mut row: Row| {
        Ok(DeliveredOrigin {
            origin: Origin {
                index: u32::try_from(row.int()?).unwrap_or(u32::MAX),
                name: row.text()?,
                part: row.text_or_none()?,
            },
            object: row.text_or_none()?,
            bytes: row.count_or_none()?,
            rows: row.count_or_none()?,
        })
    };
    store.database.fetch("list origins", sql, &[run.into()]).await?.into_iter().map(read).collect()
}

pub(super) async fn receipt(store: &Store, run: &str) -> Result<Option<Receipt>> {
    let sql = "SELECT receipt, text FROM kvittens WHERE run = $1";
    let read = |mut row: Row| Ok(Receipt { document: row.document()?, text: row.text()? });
    store.database.fetch("find a receipt", sql, &[run.into()]).await?.into_iter().next().map(read).transpose()
}

pub(super) async fn record_receipt(store: &Store, run: &str, receipt: &Receipt) -> Result<()> {
    let sql = "INSERT INTO kvittens (run, receipt, text) VALUES ($1, $2, $3) ON CONFLICT (run) DO NOTHING";
    let args = [run.into(), (&receipt.document).into(), receipt.text.as_str().into()];
    store.database.execute("write a receipt", sql, &args).await.map(drop)
}

pub(super) async fn failed(store: &Store) -> Result<Vec<(String, String)>> {
    let sql = "SELECT k.owner, k.id FROM korning k WHERE k.state = 'failed' \
               AND NOT EXISTS (SELECT 1 FROM inlamning i WHERE i.run = k.id OR i.first_run = k.id) ORDER BY k.nr";
    let rows = store.database.fetch("list failed runs", sql, &[]).await?;
    rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
}
