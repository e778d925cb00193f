//! Random sequences of deliveries against a model in memory: what is believed now, and what was
//! believed after each publication, must be the same.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::harness::{self, Avtal, On};
use crate::register::{Believed, Register as _};

/// A slice in days; the ends of the integers are unbounded.
#[derive(Clone, Debug, PartialEq)]
struct Slice {
    titel: String,
    dnr: String,
    from: i32,
    till: i32,
    live: bool,
}

/// One key as the model knows it.
#[derive(Clone, Debug, Default)]
struct Key {
    /// In the order of their periods.
    slices: Vec<Slice>,
    /// What was last delivered, unless it ended.
    delivered: Option<Avtal>,
    stale: bool,
}

impl Key {
    fn deliver(&mut self, row: &Avtal, day: i32) {
        self.stale = false;
        if self.delivered.as_ref() == Some(row) {
            return;
        }
        let (from, till) = (row.from.unwrap_or(i32::MIN), row.till.unwrap_or(i32::MAX));
        let new = |from, till| Slice { titel: row.titel.clone(), dnr: row.dnr.clone(), from, till, live: true };
        let before = self.delivered.replace(row.clone());
        if self.slices.is_empty() {
            self.slices.push(new(from, till));
            return;
        }
        for slice in &mut self.slices {
            slice.dnr.clone_from(&row.dnr);
            slice.live = false;
        }
        let last = self.slices.last().unwrap().clone();
        let mut start;
        match before {
            // It had ended.
            None => start = if from >= last.till { from } else { from.max(day) },
            Some(before) => {
                // The delivered period bounds all of it.
                self.slices.last_mut().unwrap().till = till;
                self.slices[0].from = from;
                for slice in &mut self.slices {
                    slice.from = slice.from.max(from);
                    slice.till = slice.till.min(till);
                }
                start = if before.titel == row.titel { self.slices.last().unwrap().from } else { day.max(from) };
            }
        }
        if start >= till {
            // Over when it came: it takes the place of what was last within the period.
            let earlier = self.slices.iter().map(|s| s.from).filter(|f| *f < till).max();
            start = earlier.unwrap_or(from).max(from);
        }
        for slice in &mut self.slices {
            slice.till = slice.till.min(start);
        }
        self.slices.retain(|s| s.from < s.till);
        self.slices.push(new(start, till));
    }

    fn end(&mut self, day: i32) {
        self.stale = false;
        if self.delivered.take().is_some() {
            for slice in &mut self.slices {
                slice.till = slice.till.min(day);
                slice.live = false;
            }
            self.slices.retain(|s| s.from < s.till);
        }
    }

    fn show(&self, lan: &str, id: &str) -> Vec<String> {
        let bound = |d: i32| if d == i32::MIN || d == i32::MAX { String::new() } else { d.to_string() };
        let show = |s: &Slice| {
            let marks = format!("{}{}", if s.live { "*" } else { "" }, if s.live && self.stale { "?" } else { "" });
            format!("{lan}/{id} {} {} [{},{}){marks}", s.titel, s.dnr, bound(s.from), bound(s.till))
        };
        self.slices.iter().map(show).collect()
    }
}

/// What comes for one key: nothing, a rejected row, or a row.
#[derive(Clone, Debug)]
enum Comes {
    Absent,
    Rejected,
    Row { titel: u8, dnr: u8, from: Option<i32>, length: Option<i32> },
}

fn comes() -> impl Strategy<Value = Comes> {
    let from = prop_oneof![1 => Just(None), 4 => (0..12_i32).prop_map(|d| Some(d * 10))];
    let length = prop_oneof![1 => Just(None), 3 => (0..8_i32).prop_map(|d| Some(d * 10))];
    prop_oneof![
        2 => Just(Comes::Absent),
        1 => Just(Comes::Rejected),
        6 => (0..3_u8, 0..2_u8, from, length).prop_map(|(titel, dnr, from, length)| Comes::Row { titel, dnr, from, length }),
    ]
}

/// Deliveries of four keys: how many days after the one before (sometimes before it), and what.
fn deliveries() -> impl Strategy<Value = Vec<(i32, [Comes; 4])>> {
    let keys = [comes(), comes(), comes(), comes()];
    let step = prop_oneof![8 => 0..25_i32, 1 => -20..0_i32];
    proptest::collection::vec((step, keys), 1..7)
}

/// A new owner for each sequence keeps them apart in one register.
static OWNER: AtomicU32 = AtomicU32::new(0);

async fn holds(on: &On, deliveries: &[(i32, [Comes; 4])]) -> Result<(), TestCaseError> {
    let owner = format!("prov{}", OWNER.fetch_add(1, Ordering::Relaxed));
    let mut model: BTreeMap<String, Key> = BTreeMap::new();
    let mut snapshots = vec![];
    let mut day = 0;
    for (step, keys) in deliveries {
        day += step;
        let mut rows = vec![];
        let mut stale = vec![];
        for (i, comes) in keys.iter().enumerate() {
            let id = format!("K{i}");
            let key = model.entry(id.clone()).or_default();
            match comes {
                Comes::Absent => key.end(day),
                Comes::Rejected => {
                    key.stale = key.delivered.is_some();
                    stale.push(Avtal::new(&id, "", "", None, None).of(&owner).key());
                }
                Comes::Row { titel, dnr, from, length } => {
                    // Without a start, an end on its own.
                    let till = length.map(|l| from.unwrap_or(0) + l);
                    let row = Avtal::new(&id, &format!("t{titel}"), &format!("d{dnr}"), *from, till).of(&owner);
                    key.deliver(&row, day);
                    rows.push(row);
                }
            }
        }
        let run = on.begin("avtal", &owner, None).await;
        on.publish(&run, &owner, day, &rows, &stale).await.map_err(|e| TestCaseError::fail(e.to_string()))?;
        let mut believed: Vec<String> = model.iter().flat_map(|(id, key)| key.show(&owner, id)).collect();
        believed.sort_unstable();
        prop_assert_eq!(&on.slices_of(&owner, Believed::Now).await, &believed, "day {}", day);
        snapshots.push((on.register.base().await.unwrap(), believed));
    }
    for (seq, believed) in snapshots {
        prop_assert_eq!(&on.slices_of(&owner, Believed::AtSeq(seq)).await, &believed, "as it was after {}", seq);
    }
    Ok(())
}

super::both! {
    async fn history_is_what_the_model_says(on: On) {
        let cases = 200;
        let on = std::sync::Arc::new(on);
        tokio::task::spawn_blocking(move || {
            let handle = tokio::runtime::Handle::current();
            let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
            runner.run(&deliveries(), |sequence| handle.block_on(holds(&on, &sequence))).unwrap();
        })
        .await
        .unwrap();
    }
}
