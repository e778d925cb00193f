//! The figures of matching: precision, recall and the queue, kind by kind, on a half that limits and weights
//! were tuned on and one that they were not. The two halves are countries of their own.
//!
//! `SLUSS_LONG=1` measures on three times as many units and six times as many cases, prints the tuning half as
//! well, and lets the last test be as large as the nation.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::{Decided, Found, Index, Resolver, Settings, Successions};
use super::distort::{KINDS, cases, cases_of};
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

fn measure(seeds: &[u64], settings: &Settings, units: usize, of_each: usize) -> BTreeMap<&'static str, Count> {
    let mut counts: BTreeMap<&'static str, Count> = BTreeMap::new();
    for seed in seeds {
        let mut world = World::new(*seed, units);
        let cases = cases(&mut world, of_each);
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
    for count in counts.values() {
        all.add(count);
    }
    all
}

fn told(title: &str, counts: &BTreeMap<&'static str, Count>) -> String {
    let mut out = format!(
        "{title}\n{:<32}{:>6}{:>8}{:>11}{:>9}{:>8}{:>13}\n",
        "kind", "all", "taken", "precision", "recall", "queue", "right there"
    );
    let all = total(counts);
    for (kind, count) in KINDS.iter().filter_map(|kind| Some((*kind, counts.get(kind)?))).chain([("alla", &all)]) {
        let (precision, recall) = (count.precision(), count.recall());
        let there = part(count.queue_right, count.queue);
        let recall = if count.there == 0 { "-".to_owned() } else { format!("{recall:.3}") };
        let _ = writeln!(
            out,
            "{kind:<32}{:>6}{:>8}{precision:>11.3}{recall:>9}{:>8}{there:>13.3}",
            count.all, count.taken, count.queue
        );
    }
    let _ = writeln!(out, "by score alone: precision {:.4} of {}", part(all.scored_right, all.scored), all.scored);
    out
}

/// Floors of precision and recall by kind, a little below what the test half reached; a kind of which the register
/// has none has no recall.
const FLOORS: [(&str, f64, f64); 17] = [
    ("samma nyckel", 0.99, 0.99),
    ("nyckel i gemener", 0.99, 0.99),
    ("ersatt, nyckel", 0.99, 0.99),
    ("ersatt, namn", 0.98, 0.88),
    ("exakt namn", 0.98, 0.97),
    ("exakt namn, utan ort", 0.98, 0.90),
    ("felstavat", 0.98, 0.80),
    ("förkortat", 0.98, 0.94),
    ("tidigare namn", 0.98, 0.90),
    ("flyttad", 0.98, 0.97),
    ("fel siffra", 0.98, 0.97),
    ("fel siffra, felstavat", 0.98, 0.85),
    ("tidigare namn, flyttad", 0.98, 0.84),
    ("felstavat, förkortat, flyttad", 0.98, 0.74),
    ("samma namn på annan ort", 0.98, 0.94),
    ("saknas i registret", 0.98, 0.0),
    ("samma namn, annat nummer", 0.98, 0.0),
];

/// Everything, or enough of it to see that nothing has been broken.
fn long() -> bool {
    std::env::var_os("SLUSS_LONG").is_some()
}

#[test]
fn precision_and_recall_on_the_half_that_nothing_was_tuned_on() {
    let settings = Settings::default();
    let (units, of_each, seeds) = if long() { (6000, 300, 2) } else { (2000, 100, 1) };
    if long() {
        println!("{}", told("tuning half", &measure(&TUNING, &settings, units, of_each)));
    }
    let counts = measure(&TEST[..seeds], &settings, units, of_each);
    println!("{}", told("test half", &counts));
    let all = total(&counts);
    assert!(all.precision() >= 0.98, "precision {:.4}", all.precision());
    assert!(part(all.scored_right, all.scored) >= 0.98, "by score {:.4}", part(all.scored_right, all.scored));
    assert!(all.recall() >= 0.93, "recall {:.4}", all.recall());
    // What a person must look at: mostly what has a right number that the register does not know.
    assert!(part(all.queue, all.all) <= 0.12, "queue {} of {}", all.queue, all.all);
    for (kind, precision, recall) in FLOORS {
        let count = counts.get(kind).unwrap_or_else(|| panic!("no case of {kind}"));
        // A few cases more or less are chance where there are only a hundred.
        let slack = if long() { 0.0 } else { 0.06 };
        if count.there == 0 {
            // Of what the register does not have hardly anything may be taken for something that it has.
            assert!(part(count.taken, count.all) <= 1.0 - precision, "{kind}: {} of {}", count.taken, count.all);
            continue;
        }
        assert!(count.precision() >= precision - slack, "{kind}: precision {:.3}", count.precision());
        assert!(count.recall() >= recall - slack, "{kind}: recall {:.3}", count.recall());
    }
}

#[test]
fn a_nation_of_units_is_matched_without_comparing_all_with_all() {
    let (units, of_each) = if long() { (100_000, 1250) } else { (3000, 40) };
    let mut world = World::new(4711, units);
    let mut mentions: Vec<_> = Vec::new();
    for case in cases_of(&mut world, of_each, |kind| kind != "samma namn på annan ort") {
        mentions.push(case.mention);
    }
    let settings = Settings::default();
    let clock = std::time::Instant::now();
    let index = Index::new(world.entities, Successions::new(world.replaced), settings.common);
    let built = clock.elapsed();
    let decided = Decided::default();
    let mut resolver = Resolver::new(&index, &settings, &decided, day("2026-11-22"));
    let clock = std::time::Instant::now();
    let found = mentions.iter().filter(|mention| resolver.resolve(mention).target.is_some()).count();
    println!(
        "{} entities laid out in {:.1} s; {} mentions in {:.1} s",
        index.len(),
        built.as_secs_f64(),
        mentions.len(),
        clock.elapsed().as_secs_f64()
    );
    assert!(found * 2 > mentions.len(), "{found} of {}", mentions.len());
}
