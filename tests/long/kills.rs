//! The whole sample country under random kills, on both registers: whatever the moment, the next run
//! completes what was open, and ledger, register and lake agree.
//!
//! `SLUSS_LONG=1` does all fifty; without it a tenth. `SLUSS_SEED=…` repeats a printed seed: the same
//! deliveries and the same moments, as far as a machine can tell time.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};

use crate::both::{On, both};
use crate::sandbox::Sandbox;

/// Kills on each register when nobody is in a hurry.
const ALL: u32 = 50;

/// Sources of text whose rows are lines: contracts in two forms, waiting times, code lists.
const SOURCES: [(&str, usize); 5] = [
    ("regions/10-blekinge/kallor/avtal.csv", 1),
    ("regions/24-vasterbotten/kallor/AVTAL.TXT", 0),
    ("regions/13-halland/kallor/vantetider/2026-09.csv", 1),
    ("regions/13-halland/kallor/vantetider/2026-10.csv", 1),
    ("regions/14-vastra-gotaland/kallor/vantetider/2026-10.csv", 1),
];
pub(crate) const JOBS: [&str; 4] = [
    "regions/10-blekinge/avtal",
    "regions/24-vasterbotten/avtal",
    "regions/13-halland/vantetider",
    "regions/14-vastra-gotaland/vantetider",
];

#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says how long they may take")]
pub(crate) fn told(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The sources as they were, of which each delivery leaves out some lines.
pub(crate) fn originals(sandbox: &Sandbox) -> Vec<Vec<Vec<u8>>> {
    let lines = |name: &str| {
        let bytes = std::fs::read(sandbox.path().join(name)).unwrap();
        bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
    };
    SOURCES.iter().map(|(name, _)| lines(name)).collect()
}

/// A delivery: of each source all but a few lines, and the rest in any order. Lines with quotes stay,
/// and keep the order of their file: without one of a pair the other would swallow what follows.
pub(crate) fn deliver(sandbox: &Sandbox, originals: &[Vec<Vec<u8>>], random: &mut StdRng) {
    for ((name, heading), lines) in SOURCES.iter().zip(originals) {
        let (heading, rows) = lines.split_at(*heading);
        let stays = |row: &&Vec<u8>| row.contains(&b'"');
        let mut rows: Vec<_> = rows.iter().filter(|row| random.random_bool(0.95) || stays(row)).collect();
        if !rows.iter().any(stays) {
            rows.shuffle(random);
        }
        // Whole or not at all: somebody may be reading it.
        sandbox.write("ny", heading.iter().chain(rows).flatten().copied().collect::<Vec<u8>>());
        std::fs::rename(sandbox.path().join("ny"), sandbox.path().join(name)).unwrap();
    }
}

/// What is current, whatever history it has behind it.
fn current(sandbox: &Sandbox) -> String {
    let lake = ["genomford", "vantande"].map(|table| {
        format!("SELECT '{table}' AS tabell, lanskod, count(*) AS antal FROM lake.{table} GROUP BY lanskod")
    });
    let both = ["avtal", "uppdrag", "tjanst", "villkor"].map(|table| {
        ["lake", "register"]
            .map(|place| {
                format!(
                    "SELECT '{place}.{table}' AS tabell, lanskod, count(*) AS antal FROM {place}.{table} \
                     WHERE giltig_till IS NULL OR giltig_till > DATE '2026-12-31' GROUP BY lanskod"
                )
            })
            .join(" UNION ALL ")
    });
    let all: Vec<_> = lake.into_iter().chain(both).collect();
    sandbox.ok(&["sql", &format!("{} ORDER BY tabell, lanskod", all.join(" UNION ALL "))])
}

/// Runs to the end. Gives how long that takes.
fn run(sandbox: &Sandbox) -> Duration {
    let began = Instant::now();
    let answer = sandbox.run(&[&["run"], &JOBS[..]].concat());
    assert_eq!(answer.code, Some(0), "{}{}", answer.stdout, answer.stderr);
    began.elapsed()
}

both! {
    fn killed_at_random_moments_the_next_run_completes_it(on: On) {
        let seed = told("SLUSS_SEED").unwrap_or_else(|| rand::rng().random());
        let kills = if told("SLUSS_LONG").is_some() { ALL } else { ALL / 10 };
        println!("{kills} kills, SLUSS_SEED={seed}");
        let mut random = StdRng::seed_from_u64(seed);
        let (sandbox, quiet) = (Sandbox::demo_on(&on), Sandbox::demo());
        let originals = originals(&sandbox);
        sandbox.ok(&["run", "--all"]);
        quiet.ok(&["run", "--all"]);
        // How long an undisturbed run takes, to aim within it. Both see the same deliveries: a rejected
        // row keeps its predecessor, so what is current depends on all of them.
        deliver(&quiet, &originals, &mut random.clone());
        run(&quiet);
        deliver(&sandbox, &originals, &mut random);
        let mut whole = run(&sandbox);
        // A kill that comes when all is done is none.
        let (mut struck, mut tries) = (0, 0);
        while struck < kills {
            tries += 1;
            assert!(tries <= 4 * kills, "hardly any kill came in time, SLUSS_SEED={seed}");
            let mut same = random.clone();
            deliver(&sandbox, &originals, &mut random);
            deliver(&quiet, &originals, &mut same);
            let after = random.random_range(Duration::ZERO..whole);
            let parallel = ["1", "2", "4"].choose(&mut random).unwrap();
            let arguments = [&["run"], &JOBS[..], &["--parallel", parallel]].concat();
            let mut process = sandbox.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(after);
            process.kill().unwrap();
            struck += u32::from(process.wait().unwrap().code().is_none());
            let when = format!("try {tries} after {after:?} with {parallel} at a time, SLUSS_SEED={seed}");
            run(&sandbox);
            // The machine may be busier now than when this began.
            whole = run(&quiet);
            sandbox.agrees(&when);
            assert_eq!(sandbox.runs("running"), 0, "{when}");
            assert_eq!(current(&sandbox), current(&quiet), "{when}");
        }
        let died = sandbox.runs("failed");
        println!("{struck} of {tries} tries struck a process at work, and {died} of its runs before they were published");
    }
}
