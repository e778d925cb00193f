//! The outbox: what changed in the register, in the order in which it was published.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::register::database::Row;
use crate::register::sql::literal;
use crate::register::{RegisterError, Result, Store};

/// The channel on which PostgreSQL tells listeners the number of the last event, when a publication
/// that has events is committed.
pub const CHANNEL: &str = "sluss_handelser";

/// What happened to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// It was not there, or had ended; or what could not be seen of it can be seen now.
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
    /// When it was recorded, or the row's contract opened.
    pub recorded: DateTime<Utc>,
    /// The run that published the row.
    pub run: String,
}

/// Which events are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Those with a greater number.
    pub after: u64,
    /// So many at most.
    pub limit: u32,
    /// Of this owner's rows only.
    pub owner: Option<String>,
    /// Of these tables only; none: of all.
    pub tables: Vec<String>,
    /// Only those of rows that may leave today: a reader who is not their owner sees no more.
    pub cleared: bool,
}

/// Numbers that are first looked at for what may leave: most of them may.
const WINDOW: u64 = 4_096;

/// The events in the order of their numbers. They are numbered under the counters' lock, in the
/// transaction that publishes them: none ever appears before one that has been read.
pub(super) async fn list(store: &Store, filter: &EventFilter) -> Result<Vec<Event>> {
    if !filter.cleared {
        return between(store, filter, (filter.after, u64::MAX), filter.limit).await;
    }
    // Whether one may leave is asked of its row and of its row's contract: of a stretch of events at a time, since a
    // database asks it of all of them before it takes the first.
    let rows = store.database.fetch("find the last event", "SELECT COALESCE(MAX(no), 0) FROM handelse", &[]).await?;
    let last = rows.into_iter().next().map_or(Ok(0), |mut row| row.count())?;
    let (mut found, mut from, mut window) = (Vec::new(), filter.after, WINDOW.max(2 * u64::from(filter.limit)));
    loop {
        let missing = filter.limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        if missing == 0 || from >= last {
            return Ok(found);
        }
        let to = from.saturating_add(window).min(last);
        found.extend(between(store, filter, (from, to), missing).await?);
        (from, window) = (to, window.saturating_mul(8));
    }
}

/// Events with numbers after the first and up to the second, `limit` of them at most.
async fn between(store: &Store, filter: &EventFilter, (after, to): (u64, u64), limit: u32) -> Result<Vec<Event>> {
    let own = filter.owner.as_ref().map(|owner| format!(" AND h.owner = {}", literal(owner))).unwrap_or_default();
    let tables: Vec<String> = filter.tables.iter().map(|table| literal(table)).collect();
    let these = if tables.is_empty() { String::new() } else { format!(" AND h.table_name IN ({})", tables.join(", ")) };
    // That its contract has opened is nothing new to the owner.
    let (events, told) = if filter.cleared { ("oppen_handelse", "") } else { ("handelse", " AND h.oppnad IS NULL") };
    let sql = format!(
        "SELECT h.no, h.seq, h.table_name, h.owner, h.kind, h.key_hash, h.key, \
         COALESCE(h.oppnad, k.ended), k.id FROM {events} h JOIN korning k ON k.publish_seq = h.seq \
         WHERE h.no > $1 AND h.no <= $2{told}{own}{these} ORDER BY h.no LIMIT $3"
    );
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
            recorded: row.instant()?,
            run: row.text()?,
        })
    };
    let args = [after.into(), to.into(), i64::from(limit).into()];
    store.database.fetch("list events", &sql, &args).await?.into_iter().map(read).collect()
}
