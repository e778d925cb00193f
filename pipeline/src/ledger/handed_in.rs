//! What senders hand in, each under a key of its own: handed in twice, it is the same delivery.

use serde_json::Value;

use super::now;
use super::runs::{NewRun, RunState, insert};
use crate::register::database::{Arg, Row, Tx};
use crate::register::{RegisterError, Result, Store};

/// How often a transaction is begun again because another one noted the same key meanwhile.
const TRIES: usize = 5;

/// A delivery that its sender hands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedIn {
    /// Who sends it, as the configuration calls it.
    pub sender: String,
    /// Digest of the sender's own key: the key itself is nobody else's business.
    pub key: String,
    /// Digest of what is handed in, and of where to.
    pub digest: String,
    /// The landed file's name.
    pub name: String,
}

/// What became of a delivery that is handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The run has begun. `first_run` is what the sender is told, now as before.
    New {
        /// The run that took it first.
        first_run: String,
    },
    /// It has been handed in before.
    Before {
        /// The run that took it first.
        first_run: String,
        /// Its latest run.
        run: String,
    },
    /// The key stands for something else.
    Other {
        /// The run that has the key.
        first_run: String,
    },
}

/// What the ledger keeps of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Whose rows it has.
    pub owner: String,
    /// Who sent it.
    pub sender: String,
    /// Digest of the sender's key.
    pub key: String,
    /// Digest of the delivery.
    pub digest: String,
    /// The landed file's name.
    pub name: String,
    /// The run that the sender was told.
    pub first_run: String,
    /// The latest run.
    pub run: String,
    /// The job.
    pub job: String,
    /// The latest run's state.
    pub state: RunState,
    /// Why it cannot be read.
    pub answer: Option<Value>,
}

const KEPT: &str = "SELECT i.owner, i.sender, i.key, i.digest, i.name, i.first_run, i.run, k.job, k.state, i.answer \
                    FROM inlamning i JOIN korning k ON k.id = i.run";

fn read(mut row: Row) -> Result<Kept> {
    Ok(Kept {
        owner: row.text()?,
        sender: row.text()?,
        key: row.text()?,
        digest: row.text()?,
        name: row.text()?,
        first_run: row.text()?,
        run: row.text()?,
        job: row.text()?,
        state: RunState::read(&row.text()?)?,
        answer: row.document_or_none()?,
    })
}

pub(super) async fn begin(store: &Store, run: &NewRun, handed: &HandedIn) -> Result<Begun> {
    for _ in 0..TRIES {
        let mut tx = store.database.begin().await?;
        let sql = format!("{KEPT} WHERE i.owner = $1 AND i.sender = $2 AND i.key = $3{}", lock(store));
        let args = [run.owner.as_str().into(), handed.sender.as_str().into(), handed.key.as_str().into()];
        let known = tx.first("find what was handed in", &sql, &args).await?.map(read).transpose()?;
        let first_run = match known {
            Some(kept) if kept.digest != handed.digest => return Ok(Begun::Other { first_run: kept.first_run }),
            Some(kept) if kept.answer.is_some() || kept.state != RunState::Failed => {
                return Ok(Begun::Before { first_run: kept.first_run, run: kept.run });
            }
            Some(kept) => Some(kept.first_run),
            None => None,
        };
        let number = insert(&mut tx, run, now(store)).await?;
        if !note(&mut tx, run, handed, first_run.as_deref(), now(store).into()).await? {
            // Another process noted the key between the question and here: it is there now.
            continue;
        }
        // Nobody sees the run before this ends, so nobody takes it for dead.
        store.hold_run(number).await?;
        tx.commit().await?;
        return Ok(Begun::New { first_run: first_run.unwrap_or_else(|| run.id.clone()) });
    }
    Err(RegisterError::table("inlamning", "changes faster than it can be read"))
}

/// Notes the key, or that this run has taken up what has it. False where another was first.
async fn note(tx: &mut Tx, run: &NewRun, handed: &HandedIn, first: Option<&str>, came: Arg) -> Result<bool> {
    let done = if let Some(first) = first {
        let sql = "UPDATE inlamning SET run = $2, name = $3 WHERE first_run = $1";
        let args = [first.into(), run.id.as_str().into(), handed.name.as_str().into()];
        tx.execute("take up a delivery", sql, &args).await?
    } else {
        let sql = "INSERT INTO inlamning (owner, sender, key, digest, name, came, first_run, run) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (owner, sender, key) DO NOTHING";
        let args = [
            run.owner.as_str().into(),
            handed.sender.as_str().into(),
            handed.key.as_str().into(),
            handed.digest.as_str().into(),
            handed.name.as_str().into(),
            came,
            run.id.as_str().into(),
        ];
        tx.execute("note what was handed in", sql, &args).await?
    };
    Ok(done > 0)
}

/// Two that take up the same delivery wait for each other. SQLite's writing transactions do so anyhow.
fn lock(store: &Store) -> String {
    match store.row_lock() {
        "" => String::new(),
        lock => format!("{lock} OF i"),
    }
}

pub(super) async fn find(store: &Store, first_run: &str) -> Result<Option<Kept>> {
    let sql = format!("{KEPT} WHERE i.first_run = $1");
    let rows = store.database.fetch("find what was handed in", &sql, &[first_run.into()]).await?;
    rows.into_iter().next().map(read).transpose()
}

pub(super) async fn left_lying(store: &Store) -> Result<Vec<Kept>> {
    let sql = format!("{KEPT} WHERE k.state = 'failed' AND i.answer IS NULL ORDER BY k.nr");
    let rows = store.database.fetch("list what was left lying", &sql, &[]).await?;
    rows.into_iter().map(read).collect()
}

pub(super) async fn answer(store: &Store, run: &str, answer: &Value) -> Result<()> {
    let sql = "UPDATE inlamning SET answer = $2 WHERE run = $1";
    store.database.execute("note an answer", sql, &[run.into(), answer.into()]).await.map(drop)
}
