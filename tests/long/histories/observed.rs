//! What the register really believes, read from its own tables.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Connection, Row as _, SqliteConnection};

use super::model::Event;
use super::source::Table;
use crate::both::On;
use crate::sandbox::Sandbox;

/// A slice of a key's history, believed or not.
struct Slice {
    county: String,
    /// As the model writes it.
    line: String,
    key: String,
    hash: Vec<u8>,
    table: Table,
    since: i64,
    until: Option<i64>,
}

/// A row that waits: its run, its table (none for one that could not be read), its place, its rules.
pub(super) struct Waits {
    pub(super) county: String,
    pub(super) run: String,
    pub(super) table: Option<Table>,
    pub(super) place: u64,
    pub(super) rules: String,
}

/// Everything at one moment.
pub(super) struct Observed {
    slices: Vec<Slice>,
    stale: Vec<(String, String, Vec<u8>)>,
    events: Vec<(i64, String, String, String, Vec<u8>)>,
    pub(super) waiting: Vec<Waits>,
    /// Publications so far.
    pub(super) seq: i64,
    /// Events so far, by the counter.
    event_no: i64,
}

/// How the model's texts are made of each table's columns.
fn columns(table: Table) -> &'static str {
    match table {
        Table::Avtal => "avtals_id, titel || '|' || status || '|' || (ersattningstak / 100)",
        Table::Uppdrag => "avtals_id || '/' || uppdrags_id, utforare_namn || '|' || typ",
        Table::Tjanst => "avtals_id || '/' || uppdrags_id || '/' || beskrivning, '|' || plats_id",
    }
}

fn named(name: &str) -> Option<Table> {
    Table::ALL.into_iter().find(|table| table.name() == name)
}

impl Observed {
    pub(super) async fn read(sandbox: &Sandbox) -> Self {
        let mut register = SqliteConnection::connect(&On::Sqlite.url(sandbox)).await.unwrap();
        let mut slices = Vec::new();
        for table in Table::ALL {
            let sql = format!(
                "SELECT lanskod, {}, giltig_fran, COALESCE(giltig_till, ''), _aktuell, _nyckel, _seq_fran, _seq_till FROM {}",
                columns(table),
                table.name()
            );
            for row in sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut register).await.unwrap() {
                let text = |at: usize| row.get::<String, _>(at);
                let live = if row.get::<bool, _>(5) { "*" } else { "" };
                slices.push(Slice {
                    county: text(0),
                    line: format!("{} {} {} [{},{}){live}", table.name(), text(1), text(2), text(3), text(4)),
                    key: text(1),
                    hash: row.get(6),
                    table,
                    since: row.get(7),
                    until: row.get(8),
                });
            }
        }
        let stale = sqlx::query_as("SELECT owner, table_name, key_hash FROM inaktuell WHERE seq_to IS NULL");
        let stale = stale.fetch_all(&mut register).await.unwrap();
        let events = sqlx::query_as("SELECT no, owner, table_name, kind, key_hash FROM handelse ORDER BY no");
        let events = events.fetch_all(&mut register).await.unwrap();
        let waiting: Vec<(String, String, String, i64, String)> = sqlx::query_as(
            "SELECT r.owner, k.run, k.table_name, k.row_id, k.rules FROM karantan k JOIN korning r ON r.id = k.run \
             WHERE k.state = 'open'",
        )
        .fetch_all(&mut register)
        .await
        .unwrap();
        let waiting = waiting.into_iter().map(|(county, run, table, row, rules)| Waits {
            county,
            run,
            table: named(&table),
            place: row.cast_unsigned() & ((1 << 40) - 1),
            rules,
        });
        let waiting = waiting.collect();
        let (seq, event_no) =
            sqlx::query_as("SELECT publish_seq, event_no FROM sekvens").fetch_one(&mut register).await.unwrap();
        register.close().await.unwrap();
        Self { slices, stale, events, waiting, seq, event_no }
    }

    /// What was believed of a region after a publication.
    pub(super) fn believed(&self, county: &str, at: i64) -> Vec<String> {
        let stands =
            |slice: &&Slice| slice.county == county && slice.since <= at && slice.until.is_none_or(|until| until > at);
        let mut lines: Vec<_> = self.slices.iter().filter(stands).map(|slice| slice.line.clone()).collect();
        lines.sort_unstable();
        lines
    }

    fn names(&self) -> BTreeMap<(Table, &[u8]), &str> {
        self.slices.iter().map(|slice| ((slice.table, slice.hash.as_slice()), slice.key.as_str())).collect()
    }

    /// The region's stale keys.
    pub(super) fn stale(&self, county: &str) -> Vec<String> {
        let names = self.names();
        let of = self.stale.iter().filter(|(owner, ..)| owner == county);
        let mut keys: Vec<_> = of
            .map(|(_, table, hash)| format!("{table} {}", names[&(named(table).unwrap(), hash.as_slice())]))
            .collect();
        keys.sort_unstable_by_key(|key| {
            Table::ALL.iter().position(|table| key.starts_with(table.name())).zip(Some(key.clone()))
        });
        keys
    }

    /// The region's events after number `last`, in an order of their own. All numbers are there, once.
    pub(super) fn events(&self, county: &str, last: i64) -> Vec<Event> {
        let names = self.names();
        let of = self.events.iter().filter(|(no, owner, ..)| *no > last && owner == county);
        let mut events: Vec<Event> = of
            .map(|(_, _, table, kind, hash)| {
                let table = named(table).unwrap();
                let kind = ["new", "changed", "corrected", "ended"].into_iter().find(|k| k == kind).unwrap();
                (table, kind, names[&(table, hash.as_slice())].to_owned())
            })
            .collect();
        events.sort_unstable();
        events
    }

    /// The last event's number. Numbers are given in order, once, and without gaps.
    pub(super) fn last_event(&self, when: &str) -> i64 {
        let numbers: Vec<i64> = self.events.iter().map(|(no, ..)| *no).collect();
        let last = i64::try_from(numbers.len()).unwrap();
        assert_eq!(numbers, (1..=last).collect::<Vec<_>>(), "{when}");
        assert_eq!(self.event_no, last, "{when}");
        last
    }

    /// A history only grows: rows that were there are there, and each key has one identity.
    pub(super) fn grew_from(&self, before: Option<&Self>, when: &str) {
        let identities: BTreeSet<_> =
            self.slices.iter().map(|slice| (slice.table, &slice.county, &slice.key, &slice.hash)).collect();
        let keys: BTreeSet<_> = self.slices.iter().map(|slice| (slice.table, &slice.county, &slice.key)).collect();
        assert_eq!(identities.len(), keys.len(), "{when}: a key has changed its identity");
        if let Some(before) = before {
            let counted = |observed: &Self| {
                let mut counts: BTreeMap<(Table, String, String), usize> = BTreeMap::new();
                for slice in &observed.slices {
                    *counts.entry((slice.table, slice.county.clone(), slice.key.clone())).or_default() += 1;
                }
                counts
            };
            let now = counted(self);
            for (key, rows) in counted(before) {
                assert!(
                    now.get(&key).is_some_and(|count| *count >= rows),
                    "{when}: the history of {key:?} became shorter"
                );
            }
        }
    }
}
