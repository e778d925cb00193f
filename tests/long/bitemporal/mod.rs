//! Bitemporality against a model: random deliveries, corrections, late ones, ends, re-openings,
//! rejected rows, unreadable keys and replays, of several owners and tables. Afterwards the register
//! is asked about every day as it was believed after every publication, on both databases.
//!
//! A sequence is one key's life. The keys of a world share its deliveries, each with rows of its own:
//! so many sequences fit, and none may disturb another.

mod model;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng, SeedableRng};
use sluss_pipeline::ledger::{EventKind, NewRun, RunState};
use sluss_pipeline::register::{
    Believed, KeyKind, Publication, Published, Register, RegisterError, TableChange, TableOutcome, open,
};

use self::model::{Comes, DAYS, Day, Key, Of, Outcome, Row, Seen, Values};
use self::world::{Hands, KINDS, Kind, Slice, TEXTS, ask, content, date, days, key};
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

    /// The shortest account of how a key came to differ: what its own deliveries said.
    fn story(&self, of: Option<(usize, usize)>) -> String {
        let lines = self.log.iter().filter(|(key, _)| key.is_none() || of.is_none() || *key == of);
        let lines: Vec<&str> = lines.map(|(_, line)| line.as_str()).collect();
        format!("SLUSS_SEED={}\n{}", self.seed, lines.join("\n"))
    }

    /// Fails with the story of the first key that differs.
    fn same(&self, table: usize, asked: &Snapshot, believed: &Snapshot, when: &str) {
        if asked == believed {
            return;
        }
        for n in 0..KEYS {
            let id = self.id(table, n);
            let (asked, believed) = (asked.get(&id), believed.get(&id));
            assert!(
                asked == believed,
                "{when}: {} key {n}\n the register: {}\n the model:    {}\n{}",
                KINDS[table].name,
                told_days(asked),
                told_days(believed),
                self.story(Some((table, n)))
            );
        }
    }

    fn draw(&mut self, kind: &Kind, before: Option<&Row>) -> Row {
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

    fn delivery(&mut self) -> Plan {
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
    fn replay(&mut self) -> Option<Plan> {
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

    async fn begin(&mut self, owner: usize, mode: &str, replay_of: Option<String>) -> String {
        let id = format!("{}-{}", self.seed, self.runs);
        self.runs += 1;
        let owner = self.owner(owner);
        let run = NewRun {
            id: id.clone(),
            job: owner.clone(),
            owner,
            mode: mode.to_owned(),
            state: RunState::Running,
            input_digest: None,
            replay_of,
        };
        self.register.begin_run(&run).await.unwrap();
        id
    }

    /// Stages what a run of the program would: what differs, and sometimes what does not.
    async fn stage(&mut self, run: &str, plan: &Plan) {
        let Delivery { owner, tables, came, .. } = &plan.delivery;
        let name = self.owner(*owner);
        for &table in tables {
            let kind = &KINDS[table];
            let current: Vec<_> =
                self.register.current_keys(kind.name, Some(&name)).await.unwrap().try_collect().await.unwrap();
            let current: BTreeMap<_, _> = current.into_iter().flat_map(|b| b.keys.into_iter().zip(b.hashes)).collect();
            let mut rows = Vec::new();
            let mut keys: BTreeMap<&str, Vec<[u8; 16]>> = BTreeMap::new();
            for n in 0..KEYS {
                let (id, comes) = (self.id(table, n), came.get(&(table, n)).unwrap_or(&Comes::Nothing));
                let hash = key(&id);
                match comes {
                    Comes::Row(row) if current.get(&hash) != Some(&content(row)) || self.random.random_bool(0.3) => {
                        rows.push((id, row.clone()));
                    }
                    Comes::Row(_) => keys.entry("fresh").or_default().push(hash),
                    Comes::Rejected => keys.entry("stale").or_default().push(hash),
                    Comes::Ended if current.contains_key(&hash) => keys.entry("ended").or_default().push(hash),
                    Comes::Ended | Comes::Nothing => {}
                }
            }
            if !rows.is_empty() {
                self.register.stage(run, kind.name, &kind.batch(&name, &rows)).await.unwrap();
            }
            for (why, keys) in keys {
                let kinds = match why {
                    "fresh" => KeyKind::Fresh,
                    "stale" => KeyKind::Stale,
                    _ => KeyKind::Ended,
                };
                self.register.stage_keys(run, kind.name, &keys, kinds).await.unwrap();
            }
        }
    }

    async fn publication(&self, run: &str, plan: &Plan) -> Publication {
        let owner = self.owner(plan.delivery.owner);
        let change = |table: &usize| TableChange { table: KINDS[*table].name.to_owned(), complete: plan.complete };
        Publication {
            run: run.to_owned(),
            job: owner.clone(),
            owner,
            base: self.register.base().await.unwrap(),
            effective: date(plan.effective),
            mapping: "m".to_owned(),
            tables: plan.delivery.tables.iter().map(change).collect(),
            replay_of: plan.replay_of.clone(),
            ..Publication::default()
        }
    }

    async fn publish(&mut self, mut plan: Plan) {
        let run = self.begin(plan.delivery.owner, plan.delivery.mode, plan.replay_of.clone()).await;
        self.stage(&run, &plan).await;
        let publication = self.publication(&run, &plan).await;
        self.log.push((
            None,
            format!(
                "{run}{}: {} of owner {}, day {}, complete {}, tables {:?}",
                plan.replay_of.as_ref().map(|of| format!(" (replay of {of})")).unwrap_or_default(),
                plan.delivery.mode,
                plan.delivery.owner,
                plan.effective,
                plan.complete,
                plan.delivery.tables
            ),
        ));
        let published = self.register.publish(&publication).await;
        let published = published.unwrap_or_else(|e| panic!("{e:?}\n{}", self.story(None)));
        // Once more, as after a lost answer: nothing more happens.
        if self.random.random_bool(0.1) {
            assert_eq!(self.register.publish(&publication).await.unwrap(), published, "{}", self.story(None));
        }
        self.play(&plan, &published);
        self.compare(&published).await;
        if plan.replay_of.is_none() {
            plan.delivery.run = run;
            self.deliveries.push(plan.delivery);
        }
    }

    /// The model's word on a publication, compared with the register's.
    fn play(&mut self, plan: &Plan, published: &Published) {
        let mut events: Vec<(usize, String, &str)> = Vec::new();
        for (place, &table) in plan.delivery.tables.iter().enumerate() {
            let kind = &KINDS[table];
            let of = Of {
                bounds: kind.bounds,
                owner: plan.delivery.owner,
                effective: plan.effective,
                delivery: plan.delivery.number,
            };
            let mut expected = TableOutcome { table: kind.name.to_owned(), ..TableOutcome::default() };
            let mut superseded = 0;
            for n in 0..KEYS {
                let comes = plan.delivery.came.get(&(table, n)).unwrap_or(&Comes::Nothing).clone();
                let Outcome { event, stale, fresh, superseded: left } = self.keys[table][n].publish(&comes, of);
                let id = self.id(table, n);
                self.log.push((Some((table, n)), format!("  {comes:?} → {event:?}")));
                expected.stale += u64::from(stale);
                expected.fresh += u64::from(fresh);
                superseded += usize::from(left);
                match event {
                    Some("new") => expected.new += 1,
                    Some("changed") => expected.changed += 1,
                    Some("corrected") => expected.corrected += 1,
                    Some(_) => expected.ended += 1,
                    None => {}
                }
                events.extend(event.map(|event| (table, id, event)));
            }
            let mut said = published.tables.get(place).cloned().unwrap_or_default();
            // Rows that were not staged since they differ in nothing are not told of.
            assert!(said.superseded.len() <= superseded, "{said:?}\n{}", self.story(None));
            said.superseded.clear();
            assert_eq!(said, expected, "{}", self.story(None));
        }
        self.follow(events, published);
    }

    /// The keys that there are, by the events alone.
    fn follow(&mut self, mut events: Vec<(usize, String, &str)>, published: &Published) {
        for (table, id, event) in &events {
            let name = (*table, id.clone());
            let fits = match *event {
                "new" => self.living.insert(name),
                "ended" => self.living.remove(&name),
                _ => self.living.contains(&name),
            };
            assert!(fits, "{event} of {id}\n{}", self.story(None));
        }
        assert_eq!(published.events, events.len() as u64, "{}", self.story(None));
        let moved = published.tables.iter().any(|t| t.stale + t.fresh > 0) || !events.is_empty();
        assert_eq!(published.seq.is_some(), moved, "{}", self.story(None));
        events.sort();
        self.log.push((None, format!("  published {:?}", published.seq)));
        if let (Some(seq), Some(at)) = (published.seq, published.reg_at) {
            let believed = |keys: &Vec<Key>, table: usize| {
                let seen = keys.iter().enumerate().filter_map(|(n, key)| Some((self.id(table, n), key.seen()?)));
                seen.collect::<Snapshot>()
            };
            let believed = self.keys.iter().enumerate().map(|(table, keys)| believed(keys, table)).collect();
            self.past.push((seq, at, believed));
        }
    }

    /// Now: slices, events, keys; and that nothing that was written has changed.
    async fn compare(&mut self, published: &Published) {
        let events = self.register.events(self.last_event, u32::MAX).await.unwrap();
        assert_eq!(events.len() as u64, published.events, "{}", self.story(None));
        let mut living = self.living.clone();
        for event in events {
            self.last_event += 1;
            assert_eq!((event.no, Some(event.seq)), (self.last_event, published.seq), "{}", self.story(None));
            let table = KINDS.iter().position(|kind| kind.name == event.table).unwrap();
            let name = (table, event.key["id"].as_str().unwrap().to_owned());
            // The model has followed its own: the same keys live on, and no other.
            let lives = living.contains(&name);
            assert_eq!(lives, event.kind != EventKind::Ended, "{event:?}\n{}", self.story(None));
            living.insert(name);
        }
        for (table, kind) in KINDS.iter().enumerate() {
            let keys = self.hashes(table);
            if let Some((_, _, believed)) = self.past.last() {
                let now = ask(self.register, kind.name, &keys, Believed::Now, None).await;
                self.same(table, &days(&now, "now"), &believed[table], "now");
            }
            let current = ask(self.register, kind.name, &keys, Believed::Current, None).await;
            let current: BTreeSet<(usize, String)> = current.into_iter().map(|slice| (table, slice.id)).collect();
            let living: BTreeSet<(usize, String)> = self.living.iter().filter(|(t, _)| *t == table).cloned().collect();
            assert_eq!(current, living, "{}", self.story(None));
            let ever = ask(self.register, kind.name, &keys, Believed::Ever, None).await;
            self.nothing_was_rewritten(table, &ever, published);
        }
    }

    /// A slice that was written once stands: it may be closed, once, by the publication at hand.
    fn nothing_was_rewritten(&mut self, table: usize, ever: &[Slice], published: &Published) {
        let mut now = Ever::new();
        for slice in ever {
            let Slice { id, values, from, till, live, began, ended, .. } = slice;
            let name = format!("{id} {values:?} {from}..{till} {live} {began:?}");
            assert!(now.insert(name, *ended).is_none(), "a slice stands twice\n{}", self.story(None));
        }
        let this = published.seq.zip(published.reg_at).map(|(seq, at)| (seq.cast_signed(), at.timestamp_micros()));
        for (slice, ended) in &self.ever[table] {
            let today = now.get(slice).unwrap_or_else(|| panic!("{slice} is gone\n{}", self.story(None)));
            let closed_now = ended.is_none() && *today == this;
            assert!(today == ended || closed_now, "{slice}: {ended:?} became {today:?}\n{}", self.story(None));
        }
        self.ever[table] = now;
    }

    /// Another owner's key is nobody else's to publish: the whole publication is refused.
    async fn trespass(&mut self) {
        let mut held = (0..KINDS.len()).flat_map(|table| (0..KEYS).map(move |n| (table, n)));
        let held = held.find(|(table, n)| !KINDS[*table].owned && self.keys[*table][*n].owner().is_some());
        let Some((table, n)) = held else { return };
        let owner = 1 - self.keys[table][n].owner().unwrap();
        let row = self.draw(&KINDS[table], None);
        let came = BTreeMap::from([((table, n), Comes::Row(row))]);
        let delivery =
            Delivery { run: String::new(), number: self.runs, owner, mode: "incremental", tables: vec![table], came };
        let plan = Plan { delivery, effective: self.day, replay_of: None, complete: false };
        let run = self.begin(owner, "incremental", None).await;
        self.stage(&run, &plan).await;
        let publication = self.publication(&run, &plan).await;
        let refused = self.register.publish(&publication).await.unwrap_err();
        assert!(matches!(refused, RegisterError::Foreign { rows: 1, .. }), "{refused:?}\n{}", self.story(None));
        self.register.end_run(&run, RunState::Failed, None, None).await.unwrap();
        assert_eq!(self.register.base().await.unwrap(), publication.base);
    }

    /// Everything that was ever believed, of every day.
    async fn remembers(&mut self) {
        let nothing = vec![Snapshot::new(); KINDS.len()];
        for nth in 0..self.past.len() {
            let (seq, at, believed) = &self.past[nth];
            let before = nth.checked_sub(1).map_or(&nothing, |before| &self.past[before].2);
            for (table, kind) in KINDS.iter().enumerate() {
                let keys = self.hashes(table);
                let when = format!("after publication {seq}");
                let slices = ask(self.register, kind.name, &keys, Believed::AtSeq(*seq), None).await;
                self.same(table, &days(&slices, &when), &believed[table], &when);
            }
            let (seq, at, believed, before) = (*seq, *at, believed.clone(), before.clone());
            // The same by the clock, from the instant on and not before it; and about one day alone.
            let table = self.random.random_range(0..KINDS.len());
            let (name, keys) = (KINDS[table].name, self.hashes(table));
            let slices = ask(self.register, name, &keys, Believed::At(at), None).await;
            self.same(table, &days(&slices, "at"), &believed[table], &format!("at {at}"));
            let instant = at - TimeDelta::microseconds(1);
            let slices = ask(self.register, name, &keys, Believed::At(instant), None).await;
            self.same(table, &days(&slices, "before"), &before[table], &format!("just before {at}"));
            let day = self.random.random_range(0..DAYS);
            let slices = ask(self.register, name, &keys, Believed::AtSeq(seq), Some(day)).await;
            let asked: BTreeMap<_, _> = slices.iter().map(|slice| (slice.id.clone(), world::values(slice))).collect();
            let said = believed[table].iter().filter_map(|(id, seen)| Some((id.clone(), seen.days[day].clone()?)));
            assert_eq!(asked, said.collect(), "day {day} after publication {seq}\n{}", self.story(None));
        }
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

/// A key's days as a person reads them: runs of days with their values.
fn told_days(seen: Option<&Seen>) -> String {
    let Some(seen) = seen else { return "nothing".to_owned() };
    let mut out = String::new();
    let mut from = 0;
    for day in 1..=DAYS {
        if day == DAYS || seen.days[day] != seen.days[from] {
            if let Some(Values { text, number, corrected }) = &seen.days[from] {
                let _ = write!(out, "[{from},{day}) {text:?} {number:?} {corrected:?}; ");
            }
            from = day;
        }
    }
    format!("{out}live {:?} stale {}", seen.live, seen.stale)
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
