//! What stands and has been told of. Several processes share it: of those who want to tell the same, one does.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Value;

use super::now;
use crate::register::database::{Arg, Row};
use crate::register::{Result, Store};

/// Something that is wrong, and stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// What makes it the same as before: `failed regions/22-vasternorrland/avtal`.
    pub name: String,
    /// What sort of thing: `held`, `failed`, `late`, `broken`.
    pub kind: String,
    /// Whose rows it is about.
    pub owner: String,
    /// What is said of it, without any cell's value.
    pub said: Value,
}

/// An alert that stands, and since when.
#[derive(Clone, Debug, PartialEq)]
pub struct StandingAlert {
    /// What is wrong.
    pub alert: Alert,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it was last told of.
    pub told: Option<DateTime<Utc>>,
}

const ALERT: &str = "name, kind, owner, said, since, told";

fn read(mut row: Row) -> Result<StandingAlert> {
    Ok(StandingAlert {
        alert: Alert { name: row.text()?, kind: row.text()?, owner: row.text()?, said: row.document()? },
        since: row.instant()?,
        told: row.instant_or_none()?,
    })
}

/// Notes that something is wrong. Gives since when it is to be told now: none where it stands already.
pub(super) async fn begins(store: &Store, alert: &Alert) -> Result<Option<DateTime<Utc>>> {
    let sql = "INSERT INTO larm (name, kind, owner, since, told, said) VALUES ($1, $2, $3, $4, $4, $5) \
               ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, owner = excluded.owner, \
               since = excluded.since, told = excluded.told, ended = NULL, said = excluded.said \
               WHERE larm.ended IS NOT NULL RETURNING since";
    let args = [
        alert.name.as_str().into(),
        alert.kind.as_str().into(),
        alert.owner.as_str().into(),
        now(store).into(),
        (&alert.said).into(),
    ];
    let mut tx = store.database.begin().await?;
    let since = tx.first("note an alert", sql, &args).await?.map(|mut row| row.instant()).transpose()?;
    tx.commit().await?;
    Ok(since)
}

/// Notes that something is in order again. Gives it where it stood until now and had been told of.
pub(super) async fn ends(store: &Store, name: &str) -> Result<Option<StandingAlert>> {
    let sql = format!("UPDATE larm SET ended = $2 WHERE name = $1 AND ended IS NULL RETURNING {ALERT}");
    let mut tx = store.database.begin().await?;
    let ended = tx.first("end an alert", &sql, &[name.into(), now(store).into()]).await?.map(read).transpose()?;
    tx.commit().await?;
    Ok(ended.filter(|ended| ended.told.is_some()))
}

/// What stands, the oldest first.
pub(super) async fn standing(store: &Store) -> Result<Vec<StandingAlert>> {
    let sql = format!("SELECT {ALERT} FROM larm WHERE ended IS NULL ORDER BY since, name");
    store.database.fetch("list what stands", &sql, &[]).await?.into_iter().map(read).collect()
}

/// Takes upon oneself to tell of `alert` again, if nobody has done so since it was read.
pub(super) async fn again(store: &Store, alert: &StandingAlert) -> Result<bool> {
    // What the databases keep of an instant is what was read from there.
    let sql = "UPDATE larm SET told = $2 WHERE name = $1 AND ended IS NULL \
               AND ((told IS NULL AND $3 IS NULL) OR told = $3)";
    let args = [alert.alert.name.as_str().into(), now(store).into(), Arg::Instant(alert.told)];
    Ok(store.database.execute("tell of an alert again", sql, &args).await? > 0)
}

/// Notes that nobody could be reached: it is told again as soon as may be.
pub(super) async fn untold(store: &Store, name: &str) -> Result<()> {
    let sql = "UPDATE larm SET told = NULL WHERE name = $1";
    store.database.execute("note that nobody was told", sql, &[name.into()]).await.map(drop)
}

/// Notes that these receivers could not be reached when others were.
pub(super) async fn missed(store: &Store, name: &str, receivers: &[&str]) -> Result<()> {
    for receiver in receivers {
        let sql = "INSERT INTO larm_missat (name, receiver) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        store.database.execute("note who was not told", sql, &[name.into(), (*receiver).into()]).await?;
    }
    Ok(())
}

/// Takes upon oneself to tell them: by alert. What is over has none to be told.
pub(super) async fn take_missed(store: &Store) -> Result<Vec<(StandingAlert, Vec<String>)>> {
    let mut tx = store.database.begin().await?;
    let rows = tx.fetch("take who was not told", "DELETE FROM larm_missat RETURNING name, receiver", &[]).await?;
    tx.commit().await?;
    let mut receivers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mut row in rows {
        let (name, receiver) = (row.text()?, row.text()?);
        receivers.entry(name).or_default().push(receiver);
    }
    if receivers.is_empty() {
        return Ok(Vec::new());
    }
    let standing = standing(store).await?.into_iter();
    Ok(standing.filter_map(|alert| receivers.remove(&alert.alert.name).map(|missed| (alert, missed))).collect())
}

/// Takes upon oneself to send `receiver` the digest of `day`, if nobody has.
pub(super) async fn take_digest(store: &Store, receiver: &str, day: NaiveDate) -> Result<bool> {
    let sql = "INSERT INTO sammandrag (name, day) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET day = excluded.day WHERE sammandrag.day < excluded.day";
    Ok(store.database.execute("take a digest", sql, &[receiver.into(), Arg::Date(day)]).await? > 0)
}

/// Gives a digest back that could not be sent.
pub(super) async fn return_digest(store: &Store, receiver: &str, day: NaiveDate) -> Result<()> {
    let sql = "UPDATE sammandrag SET day = $2 WHERE name = $1";
    let before = day - TimeDelta::days(1);
    store.database.execute("give a digest back", sql, &[receiver.into(), Arg::Date(before)]).await.map(drop)
}
