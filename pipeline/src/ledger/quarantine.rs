//! The quarantine's index: which rows were rejected, by which rules, and where their values lie.
//!
//! It holds no values: those are in the encrypted object that each row names.

use serde::{Deserialize, Serialize};
use sluss_schemas::chunk::RowId;

use super::revision::{Act, Note, note};
use crate::register::database::{Arg, Row, Tx};
use crate::register::{RegisterError, Result, Store, postgres};

/// A rejected row to be indexed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuarantineRow {
    /// The national table that it was meant for; empty for a row that could not be read at all.
    pub table: String,
    /// Its place in the delivery.
    pub row: RowId,
    /// The ids of all rules that it breaks.
    pub rules: Vec<String>,
    /// The quarantine object that holds its values.
    pub object: String,
}

/// What has become of a rejected row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QuarantineState {
    /// It waits for somebody.
    Open,
    /// A replay judged it again: it was accepted, or waits under the replay.
    Replayed,
    /// A later delivery of the job's whole source said anew what is wrong in it.
    Superseded,
    /// Somebody decided to leave it out.
    Dropped,
}

impl QuarantineState {
    /// The state's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Replayed => "replayed",
            Self::Superseded => "superseded",
            Self::Dropped => "dropped",
        }
    }
}

/// A rejected row as the index has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quarantined {
    /// The run that rejected it.
    pub run: String,
    /// The job.
    pub job: String,
    /// The row.
    #[serde(flatten)]
    pub row: QuarantineRow,
    /// What has become of it.
    pub state: QuarantineState,
}

/// Rejected rows that have a table and a rule in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// The table.
    pub table: String,
    /// The rule's id.
    pub rule: String,
    /// How many rows break it.
    pub rows: u64,
}

/// Which rejected rows. The default finds all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuarantineFilter {
    /// Of this run only.
    pub run: Option<String>,
    /// Of this job only.
    pub job: Option<String>,
    /// Meant for this table only.
    pub table: Option<String>,
    /// That break this rule only.
    pub rule: Option<String>,
    /// This row of each delivery only.
    pub row: Option<RowId>,
    /// In this state only.
    pub state: Option<QuarantineState>,
    /// At most so many; none: all.
    pub limit: Option<u32>,
}

/// Rows of one statement.
const AT_ONCE: usize = 1000;

impl Store {
    /// The quarantine filter as a condition on `karantan k`, with its six arguments.
    fn condition(&self, filter: &QuarantineFilter) -> (String, Vec<Arg>) {
        // Rule ids are stored as a JSON list of plain names.
        let rule = match self.database.dialect() {
            sluss_schemas::table::ddl::Dialect::Sqlite => "EXISTS (SELECT 1 FROM json_each(k.rules) WHERE value = $4)",
            sluss_schemas::table::ddl::Dialect::Postgres => "k.rules ? $4",
        };
        let sql = format!(
            "($1 IS NULL OR k.run = $1) \
             AND ($2 IS NULL OR k.run IN (SELECT id FROM korning WHERE job = $2)) \
             AND ($3 IS NULL OR k.table_name = $3) AND ($4 IS NULL OR {rule}) \
             AND ($5 IS NULL OR k.row_id = $5) AND ($6 IS NULL OR k.state = $6)"
        );
        let args = vec![
            filter.run.as_deref().into(),
            filter.job.as_deref().into(),
            filter.table.as_deref().into(),
            filter.rule.as_deref().into(),
            Arg::Int(filter.row.map(|row| row.0.cast_signed())),
            filter.state.map(QuarantineState::name).into(),
        ];
        (sql, args)
    }
}

pub(super) async fn record(store: &Store, run: &str, rows: &[QuarantineRow]) -> Result<()> {
    let mut tx = store.database.begin().await?;
    insert_quarantine(&mut tx, run, rows).await?;
    tx.commit().await
}

/// Indexes rejected rows within a transaction.
pub(crate) async fn insert_quarantine(tx: &mut Tx, run: &str, rows: &[QuarantineRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    // One document holds a statement's rows; the statement takes it apart.
    let sql = match tx {
        Tx::Postgres(tx) if rows.len() > AT_ONCE => return postgres::copy_quarantine(tx, run, rows).await,
        Tx::Postgres(_) => {
            "INSERT INTO karantan (run, table_name, row_id, rules, object, state) \
             SELECT $1, value ->> 0, (value ->> 1)::bigint, value -> 2, value ->> 3, 'open' FROM jsonb_array_elements($2)"
        }
        Tx::Sqlite(_) => {
            "INSERT INTO karantan (run, table_name, row_id, rules, object, state) \
             SELECT $1, value ->> 0, value ->> 1, value -> 2, value ->> 3, 'open' FROM json_each($2)"
        }
    };
    for part in rows.chunks(AT_ONCE) {
        let list: Vec<_> = part.iter().map(|r| (&r.table, r.row.0.cast_signed(), &r.rules, &r.object)).collect();
        let document = serde_json::to_value(list).unwrap_or_default();
        tx.execute("index the quarantine", sql, &[run.into(), (&document).into()]).await?;
    }
    Ok(())
}

/// Notes within a transaction that nothing that `run` reads again waits any longer, under the delivery's
/// own run or an earlier replay of it: `run` has judged it anew.
pub(crate) async fn resolve_quarantine(tx: &mut Tx, run: &str) -> Result<()> {
    let sql = "UPDATE karantan SET state = $2 WHERE state = $3 AND run <> $1 AND run IN (SELECT id FROM korning \
               WHERE delivery_nr = (SELECT delivery_nr FROM korning WHERE id = $1))";
    let args = [run.into(), QuarantineState::Replayed.name().into(), QuarantineState::Open.name().into()];
    tx.execute("mark the quarantine", sql, &args).await.map(drop)
}

/// Notes within a transaction that what `run` rejected does not wait: a later delivery of the whole source
/// has said what is wrong.
pub(crate) async fn outdate_quarantine(tx: &mut Tx, run: &str) -> Result<()> {
    let sql = "UPDATE karantan SET state = $2 WHERE run = $1 AND state = $3";
    let args = [run.into(), QuarantineState::Superseded.name().into(), QuarantineState::Open.name().into()];
    tx.execute("mark the quarantine of an outdated delivery", sql, &args).await.map(drop)
}

/// Notes within a transaction that what earlier runs of `job` rejected waits no longer: `run` has
/// judged the whole source.
pub(crate) async fn supersede_quarantine(tx: &mut Tx, run: &str, job: &str) -> Result<()> {
    let sql = "UPDATE karantan SET state = $3 WHERE state = $4 AND run <> $1 \
               AND run IN (SELECT id FROM korning WHERE job = $2)";
    let (from, to) = (QuarantineState::Open.name(), QuarantineState::Superseded.name());
    let args = [run.into(), job.into(), to.into(), from.into()];
    tx.execute("mark the quarantine of earlier runs", sql, &args).await.map(drop)
}

fn read(mut row: Row) -> Result<Quarantined> {
    let unknown = || RegisterError::table("karantan", "has a row that is not understood");
    Ok(Quarantined {
        run: row.text()?,
        job: row.text()?,
        row: QuarantineRow {
            table: row.text()?,
            row: RowId(row.int()?.cast_unsigned()),
            rules: serde_json::from_value(row.document()?).map_err(|_| unknown())?,
            object: row.text()?,
        },
        state: match row.text()?.as_str() {
            "open" => QuarantineState::Open,
            "replayed" => QuarantineState::Replayed,
            "superseded" => QuarantineState::Superseded,
            "dropped" => QuarantineState::Dropped,
            _ => return Err(unknown()),
        },
    })
}

pub(super) async fn list(store: &Store, filter: &QuarantineFilter) -> Result<Vec<Quarantined>> {
    let (condition, mut args) = store.condition(filter);
    let sql = format!(
        "SELECT k.run, r.job, k.table_name, k.row_id, k.rules, k.object, k.state FROM karantan k \
         JOIN korning r ON r.id = k.run WHERE {condition} ORDER BY r.nr, k.table_name, k.row_id LIMIT $7"
    );
    args.push(filter.limit.map_or(i64::MAX, i64::from).into());
    store.database.fetch("list the quarantine", &sql, &args).await?.into_iter().map(read).collect()
}

pub(super) async fn waiting(store: &Store) -> Result<Vec<String>> {
    let sql = "SELECT r.id FROM korning r WHERE EXISTS (SELECT 1 FROM karantan k WHERE k.run = r.id AND k.state = 'open') \
               ORDER BY r.nr";
    let rows = store.database.fetch("list what waits", sql, &[]).await?;
    rows.into_iter().map(|mut row| row.text()).collect()
}

pub(super) async fn causes(store: &Store, filter: &QuarantineFilter) -> Result<Vec<Cause>> {
    let (condition, args) = store.condition(filter);
    let rules = match store.database.dialect() {
        sluss_schemas::table::ddl::Dialect::Sqlite => "json_each(k.rules) AS e",
        sluss_schemas::table::ddl::Dialect::Postgres => "jsonb_array_elements_text(k.rules) AS e (value)",
    };
    let sql = format!(
        "SELECT k.table_name, e.value, COUNT(*) FROM karantan k, {rules} WHERE {condition} \
         GROUP BY k.table_name, e.value ORDER BY COUNT(*) DESC, k.table_name, e.value"
    );
    let read = |mut row: Row| Ok(Cause { table: row.text()?, rule: row.text()?, rows: row.count()? });
    store.database.fetch("group the quarantine", &sql, &args).await?.into_iter().map(read).collect()
}

pub(super) async fn mark(store: &Store, filter: &QuarantineFilter, state: QuarantineState) -> Result<u64> {
    let (condition, mut args) = store.condition(filter);
    let sql = format!("UPDATE karantan AS k SET state = $7 WHERE {condition}");
    args.push(state.name().into());
    let mut tx = store.database.begin().await?;
    let rows = tx.execute("mark the quarantine", &sql, &args).await?;
    if rows > 0 && state == QuarantineState::Dropped {
        let object = filter.job.as_deref().or(filter.table.as_deref()).unwrap_or("karantan");
        let outcome = format!("done rows={rows} rule={}", filter.rule.as_deref().unwrap_or("-"));
        let dropped = Note { who: None, act: Act::Drop, object, outcome: &outcome, run: filter.run.as_deref() };
        note(store, &mut tx, &dropped).await?;
    }
    tx.commit().await?;
    Ok(rows)
}
