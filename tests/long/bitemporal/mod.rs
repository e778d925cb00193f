//! Bitemporality against a model: random deliveries, corrections, late ones, ends, re-openings,
//! rejected rows, unreadable keys and replays, of several owners and tables. Afterwards the register
//! is asked about every day as it was believed after every publication, on both databases.
//!
//! A sequence is one key's life. The keys of a world share its deliveries, each with rows of its own:
//! so many sequences fit, and none may disturb another.

mod compare;
mod deliver;
mod draw;
mod model;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sluss_pipeline::register::{Register, open};

use self::model::{Comes, Day, Key, Seen};
use self::world::{Hands, KINDS, Kind, key};
use crate::both::On;
use crate::kills::told;
use crate::sandbox::Sandbox;

/// Worlds when nobody is in a hurry: 250 × 40 keys are 10,000 sequences on each database.
const ALL: u64 = 250;
/// Keys of each table, five of each owner.
const KEYS: usize = 10;
const STEPS: usize = 14;
const OWNERS: usize = 2;

/// A table's keys as they were believed.
type Snapshot = BTreeMap<String, Seen>;
/// Everything that tells one slice from another, and when it was closed.
type Ever = BTreeMap<String, Option<(i64, i64)>>;

/// What a run delivered, for a replay.
#[derive(Clone)]
struct Delivery {
    run: String,
    number: usize,
    owner: usize,
    mode: &'static str,
    tables: Vec<usize>,
    came: BTreeMap<(usize, usize), Comes>,
}

/// One world: two owners, forty keys.
struct World<'a> {
    register: &'a dyn Register,
    clock: &'a Hands,
    random: StdRng,
    seed: u64,
    day: Day,
    keys: Vec<Vec<Key>>,
    /// Who has the keys of tables whose rows name an owner.
    deliveries: Vec<Delivery>,
    /// After each publication: number, instant, and what was believed of each table.
    past: Vec<(u64, DateTime<Utc>, Vec<Snapshot>)>,
    ever: Vec<Ever>,
    living: BTreeSet<(usize, String)>,
    last_event: u64,
    /// What was done, and to which key (none: to all).
    log: Vec<(Option<(usize, usize)>, String)>,
    runs: usize,
}

/// A delivery that is about to be published.
struct Plan {
    delivery: Delivery,
    effective: Day,
    replay_of: Option<String>,
    complete: bool,
}

impl World<'_> {
    fn owner(&self, owner: usize) -> String {
        format!("agare-{}-{owner}", self.seed)
    }

    fn id(&self, table: usize, key: usize) -> String {
        format!("{}-{table}-{key}", self.seed)
    }

    fn hashes(&self, table: usize) -> Vec<[u8; 16]> {
        (0..KEYS).map(|n| key(&self.id(table, n))).collect()
    }

    async fn live(&mut self) {
        for _ in 0..STEPS {
            let moved = self.random.random_range(-2..20);
            *self.clock.0.lock().unwrap() += TimeDelta::seconds(moved);
            let plan = if self.random.random_bool(0.2) { self.replay() } else { None };
            let plan = plan.unwrap_or_else(|| self.delivery());
            self.publish(plan).await;
            if self.random.random_bool(0.1) {
                self.trespass().await;
            }
        }
        self.remembers().await;
    }
}

async fn play(register: &dyn Register, clock: &Hands, seed: u64, last_event: u64) -> u64 {
    let mut world = World {
        register,
        clock,
        random: StdRng::seed_from_u64(seed),
        seed,
        day: 8,
        keys: (0..KINDS.len()).map(|_| vec![Key::default(); KEYS]).collect(),
        deliveries: Vec::new(),
        past: Vec::new(),
        ever: vec![Ever::new(); KINDS.len()],
        living: BTreeSet::new(),
        last_event,
        log: Vec::new(),
        runs: 0,
    };
    world.live().await;
    world.last_event
}

fn worlds(on: &On) {
    let seeds: Vec<u64> = match (told("SLUSS_SEED"), told("SLUSS_LONG")) {
        (Some(seed), _) => vec![seed],
        (None, Some(_)) => (0..ALL).map(|_| rand::rng().random()).collect(),
        (None, None) => (1..=ALL / 10).collect(),
    };
    println!("{} sequences in {} worlds", seeds.len() * KEYS * KINDS.len(), seeds.len());
    let sandbox = Sandbox::empty();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let start = DateTime::from_timestamp(1_790_000_000, 123_456_000).unwrap();
        let clock = Arc::new(Hands(Mutex::new(start)));
        let tables: Vec<_> = KINDS.iter().map(Kind::table).collect();
        std::fs::create_dir_all(sandbox.path().join("var")).unwrap();
        let register = open(&on.url(&sandbox), &tables, clock.clone()).await.unwrap();
        let mut last_event = 0;
        for seed in seeds {
            last_event = play(register.as_ref(), &clock, seed, last_event).await;
        }
    });
}

crate::both::both! {
    fn every_day_is_believed_as_the_model_says(on: On) {
        worlds(&on);
    }
}
