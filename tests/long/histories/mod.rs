//! A thousand random histories of regions whose contract databases have several tables, against a small
//! model in memory.
//!
//! Each history is a region's folder in a project: contracts, commissions under them, services under
//! those, in an SQLite database that one job or two jobs read. From step to step rows come, change, end,
//! break and are mended, in any order; the database's columns change; the mapping is mended; deliveries
//! come twice; older ones are replayed. After every step the register must believe what the model says:
//! every slice of every key, which are stale, which rows wait, which events were told. In the end it must
//! still know what it believed after each step.
//!
//! `SLUSS_LONG=1` plays all of them; without it a tenth. `SLUSS_SEED=…` repeats the project of a printed
//! seed.

mod model;
mod observed;
mod source;

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Days, NaiveDate, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;

use self::model::{Event, Expected, How, Limits, Region};
use self::observed::Observed;
use self::source::{Source, Table};
use crate::kills::told;
use crate::sandbox::Sandbox;

/// Projects when nobody is in a hurry; each has a history for every region.
const ALL: usize = 48;
const STEPS: usize = 7;
const COUNTIES: [&str; 21] = [
    "01", "03", "04", "05", "06", "07", "08", "09", "10", "12", "13", "14", "17", "18", "19", "20", "21", "22", "23",
    "24", "25",
];

/// One region: what it has, and what of it ought to be believed.
struct History {
    source: Source,
    region: Region,
    /// What the model says that happened since it was last compared.
    events: Vec<Event>,
    /// What was believed after each step: the publication, and the model's lines.
    past: Vec<(i64, Vec<String>)>,
}

struct Play {
    sandbox: Sandbox,
    histories: Vec<History>,
    seed: u64,
    day: NaiveDate,
    last_event: i64,
    before: Option<Observed>,
}

impl Play {
    fn new(seed: u64, random: &mut StdRng) -> Self {
        let histories = COUNTIES.map(|county| History {
            source: Source::new(county, random),
            region: Region::default(),
            events: Vec::new(),
            past: Vec::new(),
        });
        let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let sandbox = Sandbox::empty();
        Self { sandbox, histories: histories.into(), seed, day, last_event: 0, before: None }
    }

    fn clock(&self) -> String {
        let noon: DateTime<Utc> = self.day.and_hms_opt(11, 0, 0).unwrap().and_utc();
        noon.to_rfc3339()
    }

    /// Every region delivers, and the program's word on each run is the model's.
    fn run(&mut self, full: bool, step: usize) {
        for history in &self.histories {
            history.source.write_jobs(&self.sandbox);
        }
        wait(async {
            for history in &self.histories {
                history.source.write_database(&self.sandbox).await;
            }
        });
        let clock = self.clock();
        let mut arguments = vec!["--clock", &clock, "run", "--all", "--parallel", "3"];
        if full {
            arguments.push("--full");
        }
        let answer = self.sandbox.json(&arguments);
        let (runs, failed) = (answer["runs"].as_array().unwrap(), answer["failed"].as_array().unwrap());
        let mut should_fail = 0;
        for history in &mut self.histories {
            for (job, tables) in history.source.layout.jobs() {
                let name = history.source.job(job);
                let when = format!("step {step}, {name}, SLUSS_SEED={}", self.seed);
                if tables.contains(&Table::Avtal) && !history.source.is_understood() {
                    should_fail += 1;
                    assert!(failed.iter().any(|failed| failed["job"] == name.as_str()), "{when}: {failed:#?}");
                    continue;
                }
                let run = runs.iter().find(|run| run["job"] == name.as_str());
                let run = run.unwrap_or_else(|| panic!("{when}: {failed:#?}"));
                let rows = history.source.of(tables);
                let how = how(&history.source, job, tables, self.day);
                let expected = history.region.run(&how, run["run"].as_str().unwrap(), &rows);
                same(&expected, run, &when);
                history.events.extend(if expected.held { Vec::new() } else { expected.events });
            }
        }
        assert_eq!(failed.len(), should_fail, "step {step}, SLUSS_SEED={}: {failed:#?}", self.seed);
    }

    /// An earlier delivery of a region once more.
    fn replay(&mut self, at: usize, random: &mut StdRng, step: usize) {
        let clock = self.clock();
        let history = &mut self.histories[at];
        let jobs = history.source.layout.jobs();
        let (job, tables) = jobs[random.random_range(0..jobs.len())];
        let Some(published) = history.region.jobs.get(job).map(|job| job.published.len()).filter(|n| *n > 0) else {
            return;
        };
        if history.source.guarded {
            return;
        }
        // The latest as often as any older one.
        let nth = if random.random_bool(0.5) { published - 1 } else { random.random_range(0..published) };
        let replayed = history.region.jobs[job].published[nth].run.clone();
        if history.region.jobs[job].published[nth].rows.is_empty() {
            return;
        }
        let answer = self.sandbox.json(&["--clock", &clock, "quarantine", "replay", &replayed]);
        let when = format!(
            "step {step}, replay of delivery {} of {published} of {}, SLUSS_SEED={}",
            nth + 1,
            history.source.job(job),
            self.seed
        );
        let run = &answer["runs"][0];
        let how = how(&history.source, job, tables, self.day);
        let id = run["run"].as_str().unwrap_or_else(|| panic!("{when}: {answer}"));
        let expected = history.region.replay(&how, nth, id);
        same(&expected, run, &when);
        history.events.extend(expected.events);
    }

    /// The register is the model's.
    fn compare(&mut self, step: &str) {
        let now = wait(Observed::read(&self.sandbox));
        let when = format!("{step}, SLUSS_SEED={}", self.seed);
        let last = now.last_event(&when);
        now.grew_from(self.before.as_ref(), &when);
        for history in &mut self.histories {
            let county = history.source.county.as_str();
            let when = format!("{step}, {county} ({:?}), SLUSS_SEED={}", history.source.layout, self.seed);
            let believed = history.region.believed();
            assert_eq!(now.believed(county, now.seq), believed, "{when}");
            assert_eq!(now.stale(county), history.region.stale(), "{when}: stale");
            history.events.sort_unstable();
            assert_eq!(now.events(county, self.last_event), std::mem::take(&mut history.events), "{when}: events");
            waiting(&now, county, &history.region, &when);
            history.past.push((now.seq, believed));
        }
        self.last_event = last;
        self.before = Some(now);
    }

    /// What was believed once is still known, step by step.
    fn remembers(&self) {
        let now = self.before.as_ref().unwrap();
        for history in &self.histories {
            for (seq, believed) in &history.past {
                let county = history.source.county.as_str();
                assert_eq!(
                    &now.believed(county, *seq),
                    believed,
                    "{county} after publication {seq}, SLUSS_SEED={}",
                    self.seed
                );
            }
        }
    }
}

fn how<'a>(source: &Source, job: &'static str, tables: &'a [Table], day: NaiveDate) -> How<'a> {
    let typed = source.typed() && tables.contains(&Table::Avtal);
    How { job, tables, mended: source.mended, typed, day, limits: Limits(source.limits()) }
}

/// What the program says of a run is what the model says of it.
fn same(expected: &Expected, run: &Value, when: &str) {
    let said = (run["state"].as_str(), run["balance"]["rows_in"].as_u64(), run["balance"]["rejected"].as_u64());
    let state = if expected.held { "held" } else { "done" };
    assert_eq!(said, (Some(state), Some(expected.rows_in), Some(expected.rejected)), "{when}: {run:#}");
    let published = !run["publish_seq"].is_null();
    assert_eq!(published, expected.moves && !expected.held, "{when}: {:?} {run:#}", expected.events);
}

/// The rows that wait, each once, with the reason that the model gives.
fn waiting(now: &Observed, county: &str, region: &Region, when: &str) {
    let mut waits: Vec<_> = now.waiting.iter().filter(|waits| waits.county == county).collect();
    waits.sort_unstable_by(|a, b| (&a.run, a.table, a.place).cmp(&(&b.run, b.table, b.place)));
    let expected = region.waiting();
    let places: Vec<_> = waits.iter().map(|waits| (waits.run.as_str(), waits.table, waits.place)).collect();
    let wanted: Vec<_> = expected.iter().map(|(run, (table, place, _))| (run.as_str(), *table, *place)).collect();
    assert_eq!(places, wanted, "{when}: waiting");
    for (waits, (_, (_, _, rule))) in waits.iter().zip(&expected) {
        assert!(waits.rules.contains(rule), "{when}: row {} waits for {}, not {rule}", waits.place, waits.rules);
    }
}

fn wait<T>(what: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(what)
}

fn play(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut play = Play::new(seed, &mut random);
    for step in 0..STEPS {
        if step > 0 {
            play.day = play.day + Days::new(random.random_range(0..10));
            for history in &mut play.histories {
                history.source.live_on(&mut random);
            }
        }
        play.run(random.random_bool(0.2), step);
        play.compare(&format!("step {step}"));
        for (at, county) in COUNTIES.iter().enumerate() {
            if random.random_bool(0.12) {
                play.replay(at, &mut random, step);
                play.compare(&format!("step {step}, after a replay of {county}"));
            }
        }
        play.sandbox.agrees(&format!("step {step}, SLUSS_SEED={seed}"));
    }
    play.remembers();
}

#[test]
fn a_thousand_histories_are_what_the_model_says() {
    if let Some(seed) = told("SLUSS_SEED") {
        return play(seed);
    }
    // New ones every time in the long run; the short one plays the same, so that it tells of a change.
    let seeds: Vec<u64> = match told("SLUSS_LONG") {
        Some(_) => (0..ALL).map(|_| rand::rng().random()).collect(),
        None => (1..).take(ALL / 10).collect(),
    };
    println!("{} histories of {STEPS} steps", seeds.len() * COUNTIES.len());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::SeqCst)) {
                    println!("SLUSS_SEED={seed}");
                    play(*seed);
                }
            });
        }
    });
}
