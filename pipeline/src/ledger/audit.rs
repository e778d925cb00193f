//! Whether the ledger agrees with itself, run by run: what each run says that it did is what stands
//! in the tables of events, manifests, receipts and rejected rows.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::register::database::Row;
use crate::register::{Published, Result, Store};

/// Two places that should say the same and do not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// A run's id or a table's name.
    pub place: String,
    /// What does not agree, in Swedish.
    pub sv: String,
    /// What does not agree, in English.
    pub en: String,
}

impl Disagreement {
    pub(crate) fn new(place: impl Into<String>, sv: impl Into<String>, en: impl Into<String>) -> Self {
        Self { place: place.into(), sv: sv.into(), en: en.into() }
    }
}

/// What the ledger has of a run that ended.
struct Ended {
    run: String,
    seq: Option<u64>,
    counts: Option<Value>,
    result: Option<Published>,
    /// It has a receipt.
    receipt: bool,
    /// Rows in its quarantine, each source row once.
    rejected: u64,
}

pub(super) async fn audit(store: &Store) -> Result<Vec<Disagreement>> {
    let mut found = Vec::new();
    counters(store, &mut found).await?;
    let events = by_publication(store, EVENTS).await?;
    let manifests = by_publication(store, MANIFESTS).await?;
    for ended in ended(store).await? {
        balance(&ended, &mut found);
        if ended.seq.is_some() || ended.result.is_some() {
            published(&ended, &events, &manifests, &mut found);
        }
    }
    Ok(found)
}

/// All numbers are given once and without gaps.
async fn counters(store: &Store, found: &mut Vec<Disagreement>) -> Result<()> {
    let sql = "SELECT s.publish_seq, s.event_no, \
               (SELECT COUNT(DISTINCT publish_seq) FROM korning), (SELECT COUNT(publish_seq) FROM korning), \
               (SELECT COALESCE(MAX(publish_seq), 0) FROM korning), \
               (SELECT COUNT(*) FROM handelse), (SELECT COALESCE(MAX(no), 0) FROM handelse), \
               (SELECT COUNT(*) FROM manifest m WHERE NOT EXISTS \
               (SELECT 1 FROM korning k WHERE k.id = m.run AND k.publish_seq = m.seq)) FROM sekvens s";
    for mut row in store.database.fetch("count publications", sql, &[]).await? {
        let (seq, event) = (row.count()?, row.count()?);
        let (distinct, runs, last) = (row.count()?, row.count()?, row.count()?);
        if [distinct, runs, last] != [seq; 3] {
            found.push(Disagreement::new(
                "sekvens",
                format!("räknaren säger {seq} publiceringar, körningarna {runs} ({distinct} olika, den sista {last})"),
                format!("the counter says {seq} publications, the runs {runs} ({distinct} distinct, the last {last})"),
            ));
        }
        let (events, last) = (row.count()?, row.count()?);
        if [events, last] != [event; 2] {
            found.push(Disagreement::new(
                "handelse",
                format!("räknaren säger {event} händelser, det finns {events} (den sista {last})"),
                format!("the counter says {event} events, there are {events} (the last {last})"),
            ));
        }
        let stray = row.count()?;
        if stray > 0 {
            found.push(Disagreement::new(
                "manifest",
                format!("{stray} manifest hör till ingen publicering"),
                format!("{stray} manifests belong to no publication"),
            ));
        }
    }
    Ok(())
}

async fn ended(store: &Store) -> Result<Vec<Ended>> {
    let sql = "SELECT r.id, r.publish_seq, r.counts, r.result, \
               (SELECT COUNT(*) FROM kvittens k WHERE k.run = r.id), COALESCE(q.antal, 0) FROM korning r \
               LEFT JOIN (SELECT run, COUNT(DISTINCT row_id) AS antal FROM karantan GROUP BY run) q ON q.run = r.id \
               WHERE r.state <> 'running' ORDER BY r.nr";
    let read = |mut row: Row| {
        Ok(Ended {
            run: row.text()?,
            seq: row.count_or_none()?,
            counts: row.document_or_none()?,
            result: row.document_or_none()?.and_then(|result| serde_json::from_value(result).ok()),
            receipt: row.count()? == 1,
            rejected: row.count()?,
        })
    };
    store.database.fetch("list ended runs", sql, &[]).await?.into_iter().map(read).collect()
}

/// Counts by publication, table and kind.
type Counts = BTreeMap<(u64, String), BTreeMap<String, u64>>;

/// What a publication told; that a contract opened later is no publication's.
const EVENTS: &str =
    "SELECT seq, table_name, kind, COUNT(*) FROM handelse WHERE oppnad IS NULL GROUP BY seq, table_name, kind";
const MANIFESTS: &str = "SELECT seq, table_name, state, COUNT(*) FROM manifest GROUP BY seq, table_name, state";

async fn by_publication(store: &Store, sql: &str) -> Result<Counts> {
    let mut counts = Counts::new();
    for mut row in store.database.fetch("count by publication", sql, &[]).await? {
        let (place, kind) = ((row.count()?, row.text()?), row.text()?);
        counts.entry(place).or_default().insert(kind, row.count()?);
    }
    Ok(counts)
}

/// Rows in = accepted + rejected + withheld + filtered, and the quarantine has what was rejected.
fn balance(ended: &Ended, found: &mut Vec<Disagreement>) {
    let Some(balance) = ended.counts.as_ref().and_then(|counts| counts.get("balance")) else { return };
    let count = |name: &str| balance.get(name).and_then(Value::as_u64).unwrap_or_default();
    let filtered = balance.get("filtered").and_then(Value::as_object);
    let filtered: u64 = filtered.map(|f| f.values().filter_map(Value::as_u64).sum()).unwrap_or_default();
    let (came, out) = (count("rows_in"), count("accepted") + count("rejected") + count("withheld") + filtered);
    if came != out {
        found.push(Disagreement::new(
            &ended.run,
            format!("{came} rader kom in, {out} är redovisade"),
            format!("{came} rows came in, {out} are accounted for"),
        ));
    }
    if count("rejected") != ended.rejected {
        let (told, there) = (count("rejected"), ended.rejected);
        found.push(Disagreement::new(
            &ended.run,
            format!("{told} rader avvisades, karantänen har {there}"),
            format!("{told} rows were rejected, the quarantine has {there}"),
        ));
    }
    if !ended.receipt {
        found.push(Disagreement::new(&ended.run, "kvittens saknas", "the receipt is missing"));
    }
}

/// What the run says that it published stands among events and manifests, and nothing else does.
fn published(ended: &Ended, events: &Counts, manifests: &Counts, found: &mut Vec<Disagreement>) {
    let result = ended.result.clone().unwrap_or_else(Published::nothing);
    if result.seq != ended.seq {
        found.push(Disagreement::new(
            &ended.run,
            "publiceringens nummer är ett annat i resultatet än i körningen",
            "the publication's number in the result is not the run's",
        ));
        return;
    }
    let Some(seq) = ended.seq else { return };
    for told in &result.tables {
        let place = (seq, told.table.clone());
        let kinds =
            [("new", told.new), ("changed", told.changed), ("corrected", told.corrected), ("ended", told.ended)];
        let there = events.get(&place).cloned().unwrap_or_default();
        let differ = kinds.iter().any(|(kind, count)| there.get(*kind).copied().unwrap_or_default() != *count);
        if differ {
            found.push(Disagreement::new(
                &ended.run,
                format!("händelserna för {} är andra än körningens resultat", told.table),
                format!("the events of {} are not those of the run's result", told.table),
            ));
        }
        let moved: u64 = kinds.iter().map(|(_, count)| count).sum();
        if moved > 0 && !manifests.contains_key(&place) {
            found.push(Disagreement::new(
                &ended.run,
                format!("{moved} nycklar i {} ändrades, men inget manifest säger det", told.table),
                format!("{moved} keys of {} changed, and no manifest says so", told.table),
            ));
        }
    }
}
