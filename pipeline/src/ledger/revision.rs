//! The audit log: who did what, on what, when, and how it ended.
//!
//! Entries are only added. Each holds the SHA-256 of its own content and of the entry before, so that
//! one that was changed, taken away, put in or moved is found by walking the chain. What the chain
//! cannot tell alone is that its end was cut off: for that its head is kept outside as well
//! ([`crate::run::Anchors`]).
//!
//! An act in the database is noted in the act's own transaction: neither is there without the other.
//! No cell value stands in an entry: a run, a table's name, a rule's id, a sender's name do.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::now;
use crate::register::database::{Arg, Row, Tx};
use crate::register::{Capacity, RegisterError, Result, Store};

/// What was done. A new kind of act is a new line here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Act {
    /// A run published, was held, failed, or was only planned.
    Run,
    /// A delivery that would have been held was published all the same, on a person's word.
    Believe,
    /// An earlier delivery was read again.
    Replay,
    /// Rejected rows were given up.
    Drop,
    /// Rejected rows were shown.
    QuarantineShown,
    /// Rejected rows were written to a file.
    QuarantineExported,
    /// A receipt was fetched.
    Receipt,
    /// Rows of the register were shown.
    RegisterShown,
    /// Somebody without the right to it was turned away.
    TurnedAway,
    /// What may be thrown away was.
    Sweep,
    /// The database was brought up to another version or other tables.
    Migration,
    /// Roles and rights were changed.
    Roles,
    /// A decision on secrecy.
    Secrecy,
    /// A person's data were given out or erased, or what had passed its time was.
    PersonalData,
    /// Keys were changed.
    Keys,
    /// A job was paused, resumed, or asked to run.
    Steer,
    /// A backup was made.
    Backup,
    /// A backup was brought back.
    Restore,
    /// A decision on which organisation or unit is meant.
    Matching,
}

impl Act {
    /// As it stands in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Believe => "believe",
            Self::Replay => "replay",
            Self::Drop => "drop",
            Self::QuarantineShown => "quarantine_shown",
            Self::QuarantineExported => "quarantine_exported",
            Self::Receipt => "receipt",
            Self::RegisterShown => "register_shown",
            Self::TurnedAway => "turned_away",
            Self::Sweep => "sweep",
            Self::Migration => "migration",
            Self::Roles => "roles",
            Self::Secrecy => "secrecy",
            Self::PersonalData => "personal_data",
            Self::Keys => "keys",
            Self::Backup => "backup",
            Self::Restore => "restore",
            Self::Steer => "steer",
            Self::Matching => "matching",
        }
    }
}

/// What is to be noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// Who: none for whoever runs the program ([`super::Ledger::act_as`]).
    pub who: Option<&'a str>,
    /// What.
    pub act: Act,
    /// On what: a job, a table, an owner.
    pub object: &'a str,
    /// How it ended: `done`, `held`, `refused` …, with counts where they tell something.
    pub outcome: &'a str,
    /// The run that it is about.
    pub run: Option<&'a str>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Noted {
    /// Its number: 1 and on, without gaps.
    pub no: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub who: String,
    /// What, as [`Act::name`] has it.
    pub act: String,
    /// On what.
    pub object: String,
    /// How it ended.
    pub outcome: String,
    /// The run that it is about.
    pub run: Option<String>,
    /// The hash of the entry before; empty for the first.
    pub previous: String,
    /// The hash of all this, in hexadecimal digits.
    pub hash: String,
}

impl Noted {
    /// The hash that the entry must have: over the previous hash and every field, each with its length in
    /// front, so that no two contents look the same.
    pub(crate) fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        let (no, at) = (self.no.to_string(), self.at.timestamp_micros().to_string());
        let run = self.run.as_ref().map_or_else(|| "-".to_owned(), |run| format!("={run}"));
        for field in [&self.previous, &no, &at, &self.who, &self.act, &self.object, &self.outcome, &run] {
            hasher.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        crate::register::hex(&hasher.finalize())
    }
}

/// The last entry's number and hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Head {
    /// Its number; 0 where there is none yet.
    pub no: u64,
    /// Its hash.
    pub hash: String,
}

/// What walking the chain found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Chain {
    /// Every entry is as it was written.
    Whole {
        /// The last entry.
        head: Head,
    },
    /// From this entry on it is not.
    Broken {
        /// The first entry that is not as it should be.
        no: u64,
        /// What is wrong with it.
        why: Break,
    },
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Break {
    /// It is not there.
    Missing,
    /// Its content is not what was hashed.
    Changed,
    /// It does not follow upon the one before it.
    Relinked,
    /// It is there, and the head says that the log ends before it.
    BeyondHead,
    /// The head kept in the database is another than the last entry's.
    Head,
    /// A head that was kept outside says otherwise.
    Anchor,
}

const COLUMNS: &str = "no, at, who, act, object, outcome, run, previous, hash";
/// Entries that are read at once.
const AT_ONCE: i64 = 4096;

fn read(mut row: Row) -> Result<Noted> {
    Ok(Noted {
        no: row.count()?,
        at: row.instant()?,
        who: row.text()?,
        act: row.text()?,
        object: row.text()?,
        outcome: row.text()?,
        run: row.text_or_none()?,
        previous: row.text()?,
        hash: row.text()?,
    })
}

/// Adds an entry within a transaction: it is there if and only if what it tells of is.
pub(crate) async fn note(store: &Store, tx: &mut Tx, note: &Note<'_>) -> Result<Head> {
    let sql = format!("SELECT no, hash FROM revision_huvud WHERE id = 1{}", store.row_lock());
    let row = tx.first("lock the audit log", &sql, &[]).await?;
    let mut row = row.ok_or_else(|| RegisterError::table("revision_huvud", "is empty"))?;
    let (no, previous) = (row.count()? + 1, row.text()?);
    let who = note.who.map_or_else(|| store.who().to_owned(), str::to_owned);
    // What the databases keep of an instant.
    let at = DateTime::from_timestamp_micros(now(store).timestamp_micros()).unwrap_or_default();
    let mut entry = Noted {
        no,
        at,
        who: plain(&who),
        act: note.act.name().to_owned(),
        object: plain(note.object),
        outcome: plain(note.outcome),
        run: note.run.map(plain),
        previous,
        hash: String::new(),
    };
    entry.hash = entry.digest();
    let sql = format!("INSERT INTO revision ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    let args: [Arg; 9] = [
        entry.no.into(),
        entry.at.into(),
        entry.who.as_str().into(),
        entry.act.as_str().into(),
        entry.object.as_str().into(),
        entry.outcome.as_str().into(),
        entry.run.as_deref().into(),
        entry.previous.as_str().into(),
        entry.hash.as_str().into(),
    ];
    tx.execute("write the audit log", &sql, &args).await?;
    let sql = "UPDATE revision_huvud SET no = $1, hash = $2 WHERE id = 1";
    tx.execute("move the audit log's head", sql, &[entry.no.into(), entry.hash.as_str().into()]).await?;
    Ok(Head { no: entry.no, hash: entry.hash })
}

/// PostgreSQL keeps no null characters, and an entry must never fail for what it tells of.
fn plain(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

pub(super) async fn note_alone(store: &Store, what: &Note<'_>) -> Result<Head> {
    if store.capacity().await? == Capacity::Reader {
        // Whom the database lets read only is the database's own to log.
        return Ok(Head::default());
    }
    let mut tx = store.database.begin().await?;
    let head = note(store, &mut tx, what).await?;
    tx.commit().await?;
    Ok(head)
}

pub(super) async fn head(store: &Store) -> Result<Head> {
    let rows = store.database.fetch("read the audit log's head", "SELECT no, hash FROM revision_huvud", &[]).await?;
    let row = rows.into_iter().next();
    row.map_or(Ok(Head::default()), |mut row| Ok(Head { no: row.count()?, hash: row.text()? }))
}

/// Entries after number `after`, at most `limit`.
pub(super) async fn after(store: &Store, after: u64, limit: u32) -> Result<Vec<Noted>> {
    let sql = format!("SELECT {COLUMNS} FROM revision WHERE no > $1 ORDER BY no LIMIT $2");
    let args = [after.into(), i64::from(limit).into()];
    store.database.fetch("read the audit log", &sql, &args).await?.into_iter().map(read).collect()
}

/// Walks the chain, and compares it with heads that were kept outside.
pub(super) async fn verify(store: &Store, kept: &[Head]) -> Result<Chain> {
    // Read before the entries: what is added meanwhile lies beyond it, and is not looked at.
    let head = head(store).await?;
    let mut last = Head::default();
    let mut kept: Vec<&Head> = kept.iter().filter(|head| head.no > 0).collect();
    kept.sort_unstable_by_key(|head| head.no);
    let mut kept = kept.into_iter().peekable();
    let sql = format!("SELECT {COLUMNS} FROM revision WHERE no > $1 ORDER BY no LIMIT $2");
    let mut from = i64::MIN;
    loop {
        let rows = store.database.fetch("read the audit log", &sql, &[from.into(), AT_ONCE.into()]).await?;
        let full = i64::try_from(rows.len()).unwrap_or(AT_ONCE) == AT_ONCE;
        for row in rows {
            let Ok(entry) = read(row) else {
                return Ok(Chain::Broken { no: last.no + 1, why: Break::Changed });
            };
            from = i64::try_from(entry.no).unwrap_or(i64::MAX);
            let broken = |why| Ok(Chain::Broken { no: last.no + 1, why });
            if entry.no > head.no {
                if last != head {
                    return broken(Break::Missing);
                }
                // Added since, or put beside the log: the head as it is now tells.
                let now = self::head(store).await?;
                if entry.no > now.no {
                    return broken(Break::BeyondHead);
                }
                return Ok(outside(&last, &head, kept.next()));
            }
            if entry.no != last.no + 1 {
                return broken(Break::Missing);
            }
            if entry.previous != last.hash {
                return broken(Break::Relinked);
            }
            if entry.hash != entry.digest() {
                return broken(Break::Changed);
            }
            last = Head { no: entry.no, hash: entry.hash };
            while let Some(anchor) = kept.next_if(|anchor| anchor.no == last.no) {
                if anchor.hash != last.hash {
                    return Ok(Chain::Broken { no: last.no, why: Break::Anchor });
                }
            }
        }
        if !full {
            return Ok(outside(&last, &head, kept.next()));
        }
    }
}

/// What the end of the chain comes to: `last` is the last entry found, `kept` the first head kept outside
/// that lies beyond it.
fn outside(last: &Head, head: &Head, kept: Option<&Head>) -> Chain {
    if last.no < head.no {
        return Chain::Broken { no: last.no + 1, why: Break::Missing };
    }
    if last != head {
        return Chain::Broken { no: last.no, why: Break::Head };
    }
    if kept.is_some() {
        return Chain::Broken { no: last.no + 1, why: Break::Anchor };
    }
    Chain::Whole { head: last.clone() }
}
