//! What comes: rows, deliveries and replays, at random.

use std::collections::BTreeMap;

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::model::{Comes, DAYS, Row, Values};
use super::world::{KINDS, Kind, TEXTS};
use super::{Delivery, KEYS, OWNERS, Plan, World};

impl World<'_> {
    pub(super) fn draw(&mut self, kind: &Kind, before: Option<&Row>) -> Row {
        let random = &mut self.random;
        let period = |random: &mut StdRng| {
            let from = (kind.bounds.from && random.random_bool(0.9)).then(|| random.random_range(1..41));
            let ends = kind.bounds.till && random.random_bool(0.75);
            let till = ends.then(|| match from {
                Some(from) => (from + random.random_range(0..20)).min(DAYS - 1),
                None => random.random_range(1..DAYS),
            });
            (from, till)
        };
        let some = |random: &mut StdRng| random.random_bool(0.8).then(|| *TEXTS.choose(random).unwrap());
        let number = |random: &mut StdRng| random.random_bool(0.7).then(|| random.random_range(0..2));
        let Some(before) = before.filter(|_| random.random_bool(0.85)) else {
            let values = Values { text: some(random), number: number(random), corrected: some(random) };
            let (from, till) = period(random);
            return Row { values, from, till };
        };
        let mut row = before.clone();
        // Often one thing changes, now and then two or none.
        for _ in 0..random.random_range(0..3) {
            match random.random_range(0..4) {
                0 => row.values.text = some(random),
                1 => row.values.number = number(random),
                2 => row.values.corrected = some(random),
                _ => (row.from, row.till) = period(random),
            }
        }
        row
    }

    /// What comes of one key in a new delivery.
    fn comes(&mut self, table: usize, n: usize, owner: usize, mode: &str) -> Comes {
        let kind = &KINDS[table];
        // A key belongs to its owner; in tables whose rows name none, to whoever has it now.
        let mine = if kind.owned || self.random.random_bool(0.7) {
            n % OWNERS == owner
        } else {
            self.keys[table][n].owner().is_none_or(|has| has == owner)
        };
        let other = self.keys[table][n].owner().is_some_and(|has| has != owner);
        if !mine || other {
            // Another's key is not there, and does not end by that.
            return if mode == "snapshot" { Comes::Ended } else { Comes::Nothing };
        }
        let before = self.keys[table][n].row().cloned();
        match (self.random.random_range(0..10), mode) {
            (0, "snapshot" | "incremental") => Comes::Ended,
            (1, _) => Comes::Rejected,
            (2..5, "incremental" | "append") => Comes::Nothing,
            _ => Comes::Row(self.draw(kind, before.as_ref())),
        }
    }

    pub(super) fn delivery(&mut self) -> Plan {
        let owner = self.random.random_range(0..OWNERS);
        let mode = *["snapshot", "snapshot", "incremental", "append"].choose(&mut self.random).unwrap();
        let mut tables: Vec<usize> = (0..KINDS.len()).filter(|_| self.random.random_bool(0.8)).collect();
        if tables.is_empty() {
            tables.push(0);
        }
        let mut came = BTreeMap::new();
        // Of tables with an unreadable key nothing ends.
        let unreadable = mode == "snapshot" && self.random.random_bool(0.15);
        for &table in &tables {
            for n in 0..KEYS {
                let mut comes = self.comes(table, n, owner, mode);
                if unreadable && comes == Comes::Ended {
                    comes = Comes::Nothing;
                }
                came.insert((table, n), comes);
            }
        }
        // Time goes on; now and then a delivery is late, and speaks of an earlier day.
        self.day = (self.day + self.random.random_range(0..4)).min(DAYS - 2);
        let late = self.random.random_bool(0.15);
        let effective = if late { self.random.random_range(1..=self.day) } else { self.day };
        let number = self.runs;
        let delivery = Delivery { run: String::new(), number, owner, mode, tables, came };
        Plan { delivery, effective, replay_of: None, complete: mode == "snapshot" && !unreadable }
    }

    /// An earlier delivery with a mapping that was mended since: some rows become others, rejected ones
    /// become rows.
    pub(super) fn replay(&mut self) -> Option<Plan> {
        let mut delivery = self.deliveries.choose(&mut self.random)?.clone();
        for ((table, n), comes) in &mut delivery.came {
            let held = self.keys[*table][*n].owner().is_some_and(|has| has != delivery.owner);
            *comes = match comes.clone() {
                Comes::Row(_) | Comes::Rejected if held => Comes::Nothing,
                Comes::Row(row) if self.random.random_bool(0.2) => Comes::Row(self.draw(&KINDS[*table], Some(&row))),
                Comes::Rejected if self.random.random_bool(0.6) => Comes::Row(self.draw(&KINDS[*table], None)),
                same => same,
            };
        }
        let replay_of = Some(std::mem::take(&mut delivery.run));
        let complete = delivery.mode == "snapshot" && !delivery.came.values().any(|comes| *comes == Comes::Nothing);
        Some(Plan { delivery, effective: self.day, replay_of, complete })
    }
}
