//! Taking back what lost processes had.
//!
//! A process is lost when its lease has run out (it is gone, paused or cut off), or when its run has been
//! ended as dead. What its run came to decides: one that published has done its work, whoever was to note
//! it; any other is ended, and its occasion waits again. The lease gets a new fence in the same transaction,
//! so that a process that wakes up after this can no longer publish.

use chrono::{DateTime, TimeDelta, Utc};
use sluss_schemas::rule::Language;
use sluss_schemas::say;
use sluss_schemas::table::ddl::Dialect;

use super::claim::alone;
use super::{Change, Claimed, End, MOST_LOST, OccasionState, end};
use crate::ledger::{RunState, now, runs};
use crate::register::database::{Row, Tx};
use crate::register::{Result, Store};

/// An occasion that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The occasion.
    pub nr: u64,
    /// Its job.
    pub job: String,
    /// The process that had it.
    pub holder: String,
    /// What becomes of it.
    pub recovery: Recovery,
}

/// What becomes of an occasion that was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Its run had come to an end that only was not noted.
    Noted(OccasionState),
    /// It waits again.
    Waits,
    /// It is given up: too many processes were lost over it.
    GivenUp,
}

/// What is at work, as the ledger has it.
struct AtWork {
    claimed: Claimed,
    lost: u64,
    lease_until: Option<DateTime<Utc>>,
    run_state: Option<RunState>,
    run_ended: Option<DateTime<Utc>>,
}

const AT_WORK: &str = "SELECT t.nr, t.job, t.run, t.holder, t.fence, t.began, t.lost, l.until, k.state, k.ended \
                       FROM tillfalle t LEFT JOIN lan l ON l.job = t.job AND l.fence = t.fence \
                       LEFT JOIN korning k ON k.id = t.run WHERE t.state = 'running'";

fn read(mut row: Row) -> Result<AtWork> {
    let claimed = Claimed {
        nr: row.count()?,
        job: row.text()?,
        run: row.text_or_none()?.unwrap_or_default(),
        holder: row.text_or_none()?.unwrap_or_default(),
        fence: row.count_or_none()?.unwrap_or_default(),
        began: row.instant_or_none()?.unwrap_or_default(),
    };
    Ok(AtWork {
        claimed,
        lost: row.count()?,
        lease_until: row.instant_or_none()?,
        run_state: row.text_or_none()?.map(|name| RunState::read(&name)).transpose()?,
        run_ended: row.instant_or_none()?,
    })
}

impl AtWork {
    fn is_lost(&self, now: DateTime<Utc>, grace: TimeDelta) -> bool {
        let has_run_out = self.lease_until.is_none_or(|until| until <= now);
        let is_dead =
            self.run_state.is_some_and(RunState::is_final) && self.run_ended.is_some_and(|ended| ended + grace <= now);
        has_run_out || is_dead
    }
}

pub(super) async fn recover(store: &Store, by: &str, grace: TimeDelta) -> Result<Vec<Recovered>> {
    let at_work: Result<Vec<AtWork>> =
        store.database.fetch("list what is at work", AT_WORK, &[]).await?.into_iter().map(read).collect();
    let mut recovered = Vec::new();
    for lost in at_work?.into_iter().filter(|one| one.is_lost(now(store), grace)) {
        recovered.extend(one(store, by, grace, lost.claimed.nr).await?);
    }
    Ok(recovered)
}

async fn one(store: &Store, by: &str, grace: TimeDelta, nr: u64) -> Result<Option<Recovered>> {
    let mut tx = alone(&store.database).await?;
    let row = tx.first("find what is at work", &format!("{AT_WORK} AND t.nr = $1"), &[nr.into()]).await?;
    let Some(found) = row.map(read).transpose()? else { return Ok(None) };
    let at = now(store);
    if !found.is_lost(at, grace) || !take_from(store, &mut tx, &found.claimed, by, at).await? {
        return Ok(None);
    }
    let claimed = &found.claimed;
    let (recovery, dead) = match found.run_state {
        Some(RunState::Done | RunState::Planned) => (note(&mut tx, claimed, &End::Done, at).await?, None),
        Some(RunState::Held) => (note(&mut tx, claimed, &End::Held(None), at).await?, None),
        state => {
            let recovery = wait_again(&mut tx, &found, by, at).await?;
            let is_open = state == Some(RunState::Running);
            let reason = say!(
                "avbruten: processen som körde den hör inte av sig",
                "broken off: the process that ran it does not answer"
            );
            let reason = Some(reason.told(Language::Swedish));
            let ended = match is_open {
                true => runs::end_in(store, &mut tx, &claimed.run, RunState::Failed, reason, None).await?,
                false => None,
            };
            (recovery, ended)
        }
    };
    tx.commit().await?;
    if let Some(number) = dead {
        store.discard(number).await?;
        store.let_go_of_run(number).await;
    }
    let (job, holder) = (found.claimed.job, found.claimed.holder);
    Ok(Some(Recovered { nr, job, holder, recovery }))
}

/// Gives the lease a new fence. Not while its holder's publication has it locked: that comes to an end, or
/// the server ends it.
async fn take_from(store: &Store, tx: &mut Tx, claimed: &Claimed, by: &str, at: DateTime<Utc>) -> Result<bool> {
    let sql = match store.database.dialect() {
        Dialect::Postgres => "SELECT fence FROM lan WHERE job = $1 FOR UPDATE SKIP LOCKED",
        Dialect::Sqlite => "SELECT fence FROM lan WHERE job = $1",
    };
    let Some(mut row) = tx.first("look at a lease", sql, &[claimed.job.as_str().into()]).await? else {
        return Ok(false);
    };
    if row.count()? == claimed.fence {
        let sql = "UPDATE lan SET holder = $2, fence = fence + 1, until = $3 WHERE job = $1";
        tx.execute("take a lease over", sql, &[claimed.job.as_str().into(), by.into(), at.into()]).await?;
    }
    Ok(true)
}

async fn note(tx: &mut Tx, claimed: &Claimed, end: &End, at: DateTime<Utc>) -> Result<Recovery> {
    end::settle(tx, claimed, end, at).await?;
    let state = if *end == End::Done { OccasionState::Done } else { OccasionState::Held };
    Ok(Recovery::Noted(state))
}

async fn wait_again(tx: &mut Tx, found: &AtWork, by: &str, at: DateTime<Utc>) -> Result<Recovery> {
    let claimed = &found.claimed;
    let gives_up = found.lost + 1 >= MOST_LOST;
    let reason = if gives_up {
        say!(
            "uppgiven: {MOST_LOST} processer har försvunnit under körningen",
            "given up: {MOST_LOST} processes were lost"
        )
    } else {
        say!("övertagen: processen som körde den hör inte av sig", "taken over: the process does not answer")
    };
    let reason = reason.told(Language::Swedish);
    let to = if gives_up { OccasionState::Failed } else { OccasionState::Planned };
    let sql = "UPDATE tillfalle SET state = $3, reason = $4, lost = lost + 1, \
               ended = CASE WHEN $3 = 'failed' THEN $5 ELSE ended END \
               WHERE nr = $1 AND fence = $2 AND state = 'running'";
    let args = [claimed.nr.into(), claimed.fence.into(), to.name().into(), reason.into(), at.into()];
    tx.execute("take an occasion back", sql, &args).await?;
    let (from, holder) = (Some(OccasionState::Running), Some(by));
    Change { nr: claimed.nr, from, to, reason: Some(reason), holder, run: Some(&claimed.run), at }.note(tx).await?;
    Ok(if gives_up { Recovery::GivenUp } else { Recovery::Waits })
}
