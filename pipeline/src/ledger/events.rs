//! The outbox: what changed in the register, in the order in which it was published.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::register::database::Row;
use crate::register::{RegisterError, Result, Store};

/// What happened to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// It was not there, or had ended.
    New,
    /// It has new values from the delivery's day.
    Changed,
    /// Its period, or what is believed of all of it, was corrected.
    Corrected,
    /// It ended.
    Ended,
}

/// One event. Its number is without gaps and grows in the order of the commits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Its number, from 1.
    pub no: u64,
    /// The publication.
    pub seq: u64,
    /// The table.
    pub table: String,
    /// Whose row.
    pub owner: String,
    /// What happened.
    pub kind: EventKind,
    /// Hash of the key.
    #[serde(skip)]
    pub key_hash: [u8; 16],
    /// The key's columns.
    pub key: Value,
}

pub(super) async fn after(store: &Store, after: u64, limit: u32) -> Result<Vec<Event>> {
    let sql = "SELECT no, seq, table_name, owner, kind, key_hash, key FROM handelse WHERE no > $1 ORDER BY no LIMIT $2";
    let unknown = || RegisterError::table("handelse", "has an event that is not known");
    let read = |mut row: Row| {
        Ok(Event {
            no: row.count()?,
            seq: row.count()?,
            table: row.text()?,
            owner: row.text()?,
            kind: match row.text()?.as_str() {
                "new" => EventKind::New,
                "changed" => EventKind::Changed,
                "corrected" => EventKind::Corrected,
                "ended" => EventKind::Ended,
                _ => return Err(unknown()),
            },
            key_hash: row.key()?,
            key: row.document()?,
        })
    };
    let args = [after.into(), i64::from(limit).into()];
    store.database.fetch("list events", sql, &args).await?.into_iter().map(read).collect()
}
