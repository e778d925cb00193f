//! The figures of matching: precision, recall and the queue, kind by kind, on a half that limits and weights
//! were tuned on and one that they were not. The two halves are countries of their own.
//!
//! `SLUSS_LONG=1` prints the tuning half as well.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::{Decided, Found, Index, Resolver, Settings, Successions};
use super::distort::{KINDS, cases};
use super::world::{World, day};

const TUNING: [u64; 2] = [11, 12];
const TEST: [u64; 2] = [9001, 9002];

#[derive(Clone, Copy, Default)]
struct Count {
    all: u32,
    /// Those that the register has.
    there: u32,
    taken: u32,
    right: u32,
    /// Taken by score, not by key.
    scored: u32,
    scored_right: u32,
    queue: u32,
    /// The right one stands first in the queue.
    queue_right: u32,
}

impl Count {
    fn add(&mut self, other: &Self) {
        self.all += other.all;
        self.there += other.there;
        self.taken += other.taken;
        self.right += other.right;
        self.scored += other.scored;
        self.scored_right += other.scored_right;
        self.queue += other.queue;
        self.queue_right += other.queue_right;
    }

    fn precision(&self) -> f64 {
        part(self.right, self.taken)
    }

    fn recall(&self) -> f64 {
        part(self.right, self.there)
    }
}

fn part(some: u32, all: u32) -> f64 {
    if all == 0 { 1.0 } else { f64::from(some) / f64::from(all) }
}

fn measure(seeds: &[u64], settings: &Settings) -> BTreeMap<&'static str, Count> {
    let mut counts: BTreeMap<&'static str, Count> = BTreeMap::new();
    for seed in seeds {
        let mut world = World::new(*seed, 6000);
        let cases = cases(&mut world, 300);
        let successions = Successions::new(world.replaced.clone());
        let index = Index::new(world.entities, successions, settings.common);
        let decided = Decided::default();
        let mut resolver = Resolver::new(&index, settings, &decided, day("2026-11-22"));
        for case in cases {
            let outcome = resolver.resolve(&case.mention);
            let count = counts.entry(case.kind).or_default();
            let target = outcome.target.and_then(|at| index.entity(at)).map(|entity| entity.id.clone());
            let right = target.is_some() && target == case.truth;
            let taken = matches!(outcome.found, Found::Exact | Found::Likely);
            let queued = outcome.found == Found::Doubtful;
            count.add(&Count {
                all: 1,
                there: u32::from(case.truth.is_some()),
                taken: u32::from(taken),
                right: u32::from(taken && right),
                scored: u32::from(outcome.found == Found::Likely),
                scored_right: u32::from(outcome.found == Found::Likely && right),
                queue: u32::from(queued),
                queue_right: u32::from(queued && right),
            });
        }
    }
    counts
}

fn total(counts: &BTreeMap<&'static str, Count>) -> Count {
    let mut all = Count::default();
    counts.values().for_each(|count| all.add(count));
    all
}

fn told(title: &str, counts: &BTreeMap<&'static str, Count>) -> String {
    let mut out = format!("{title}\n{:<32}{:>6}{:>11}{:>9}{:>8}{:>13}\n", "kind", "all", "precision", "recall", "queue", "right there");
    let all = total(counts);
    for (kind, count) in KINDS.iter().filter_map(|kind| Some((*kind, counts.get(kind)?))).chain([("alla", &all)]) {
        let (precision, recall) = (count.precision(), count.recall());
        let there = part(count.queue_right, count.queue);
        let recall = if count.there == 0 { "-".to_owned() } else { format!("{recall:.3}") };
        let _ = writeln!(out, "{kind:<32}{:>6}{precision:>11.3}{recall:>9}{:>8}{there:>13.3}", count.all, count.queue);
    }
    let _ = writeln!(out, "by score alone: precision {:.4} of {}", part(all.scored_right, all.scored), all.scored);
    out
}

#[test]
fn precision_and_recall_on_the_half_that_nothing_was_tuned_on() {
    let settings = Settings::default();
    if std::env::var_os("SLUSS_LONG").is_some() {
        println!("{}", told("tuning half", &measure(&TUNING, &settings)));
    }
    let counts = measure(&TEST, &settings);
    println!("{}", told("test half", &counts));
    let all = total(&counts);
    assert!(all.precision() >= 0.98, "precision {:.4}", all.precision());
    assert!(part(all.scored_right, all.scored) >= 0.98, "by score {:.4}", part(all.scored_right, all.scored));
}
