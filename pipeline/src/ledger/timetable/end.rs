//! Ending an occasion: once, by the process that has it.

use chrono::{DateTime, Utc};
use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;

use super::{Change, Claimed, OccasionState};
use crate::ledger::now;
use crate::register::database::{Arg, Tx};
use crate::register::{Result, Store};

/// How an occasion ends, or why it goes back to those that wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It published, perhaps nothing new.
    Done,
    /// A person is to look.
    Held(Option<String>),
    /// It failed and is not tried again.
    Failed(String),
    /// It failed and is tried again from then on.
    Again(String, DateTime<Utc>),
    /// The process stops before it could end: another is to do it at once.
    HandedBack(Message),
}

impl End {
    fn state(&self) -> OccasionState {
        match self {
            Self::Done => OccasionState::Done,
            Self::Held(_) => OccasionState::Held,
            Self::Failed(_) => OccasionState::Failed,
            Self::Again(..) | Self::HandedBack(_) => OccasionState::Planned,
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Done => None,
            Self::Held(reason) => reason.as_deref(),
            Self::Failed(reason) | Self::Again(reason, _) => Some(reason),
            Self::HandedBack(reason) => Some(reason.told(Language::Swedish)),
        }
    }
}

pub(super) async fn end(store: &Store, claimed: &Claimed, end: &End) -> Result<bool> {
    let mut tx = store.database.begin().await?;
    let at = now(store);
    let is_ours = settle(&mut tx, claimed, end, at).await?;
    // What the row of a lease that stays is for: its fence goes on growing.
    let sql = "UPDATE lan SET until = $3 WHERE job = $1 AND fence = $2";
    tx.execute("give a lease back", sql, &[claimed.job.as_str().into(), claimed.fence.into(), at.into()]).await?;
    tx.commit().await?;
    Ok(is_ours)
}

/// Brings the occasion to its state, if it is still as it was claimed.
pub(super) async fn settle(tx: &mut Tx, claimed: &Claimed, end: &End, at: DateTime<Utc>) -> Result<bool> {
    let state = end.state();
    let failed = u64::from(matches!(end, End::Failed(_) | End::Again(..)));
    let ready = match end {
        End::Again(_, ready) => Some(*ready),
        _ => None,
    };
    let ended = (state != OccasionState::Planned).then_some(at);
    let sql = "UPDATE tillfalle SET state = $3, reason = $4, failures = failures + $5, ready = COALESCE($6, ready), \
               ended = $7 WHERE nr = $1 AND fence = $2 AND state = 'running'";
    let args = [
        claimed.nr.into(),
        claimed.fence.into(),
        state.name().into(),
        end.reason().into(),
        failed.into(),
        Arg::Instant(ready),
        Arg::Instant(ended),
    ];
    if tx.execute("end an occasion", sql, &args).await? == 0 {
        return Ok(false);
    }
    let change = Change {
        nr: claimed.nr,
        from: Some(OccasionState::Running),
        to: state,
        reason: end.reason(),
        holder: Some(&claimed.holder),
        run: Some(&claimed.run),
        at,
    };
    change.note(tx).await?;
    Ok(true)
}

pub(super) async fn skip(store: &Store, nr: u64, reason: &str) -> Result<bool> {
    let mut tx = store.database.begin().await?;
    let at = now(store);
    let sql = "UPDATE tillfalle SET state = 'skipped', reason = $2, ended = $3 WHERE nr = $1 AND state = 'planned'";
    if tx.execute("skip an occasion", sql, &[nr.into(), reason.into(), at.into()]).await? == 0 {
        return Ok(false);
    }
    let (from, to) = (Some(OccasionState::Planned), OccasionState::Skipped);
    Change { nr, from, to, reason: Some(reason), holder: None, run: None, at }.note(&mut tx).await?;
    tx.commit().await?;
    Ok(true)
}
