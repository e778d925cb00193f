//! What the register says, compared with what the model says, and told as one key's story where they differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::TimeDelta;
use rand::Rng as _;
use sluss_pipeline::ledger::EventKind;
use sluss_pipeline::register::{Believed, Published, TableOutcome};

use super::model::{Comes, DAYS, Key, Of, Outcome, Seen, Values};
use super::world::{self, KINDS, Slice, ask, days};
use super::{Ever, KEYS, Plan, Snapshot, World};

impl World<'_> {
    /// The shortest account of how a key came to differ: what its own deliveries said.
    pub(super) fn story(&self, of: Option<(usize, usize)>) -> String {
        let lines = self.log.iter().filter(|(key, _)| key.is_none() || of.is_none() || *key == of);
        let lines: Vec<&str> = lines.map(|(_, line)| line.as_str()).collect();
        format!("SLUSS_SEED={}\n{}", self.seed, lines.join("\n"))
    }

    /// Fails with the story of the first key that differs.
    pub(super) fn same(&self, table: usize, asked: &Snapshot, believed: &Snapshot, when: &str) {
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

    /// The model's word on a publication, compared with the register's.
    pub(super) fn play(&mut self, plan: &Plan, published: &Published) {
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
    pub(super) async fn compare(&mut self, published: &Published) {
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

    /// Everything that was ever believed, of every day.
    pub(super) async fn remembers(&mut self) {
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
