//! Two and three `sluss serve` on one PostgreSQL, killed and paused at random: every time of every job is run
//! once in effect, none is lost, and a process that wakes up after its lease has passed on publishes nothing.
//!
//! Only with `SLUSS_LONG=1`: two hundred rounds, or as many as `SLUSS_ROUNDS` says. `SLUSS_SEED=…` repeats a printed seed's
//! rounds, as far as a machine can tell time.

use std::fmt::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use sluss_schemas::clock::{Clock, SystemClock};

use crate::both::On;
use crate::kills::told;
use crate::sandbox::Sandbox;
use crate::services;

/// Rounds when nobody is in a hurry.
const ALL: u32 = 200;
const REGIONS: [(&str, &str); 6] = [
    ("03", "uppsala"),
    ("10", "blekinge"),
    ("13", "halland"),
    ("17", "varmland"),
    ("20", "dalarna"),
    ("22", "vasternorrland"),
];
/// Seconds between two times of a job, and of a lease.
const EVERY: i64 = 3;
const LEASE: i64 = 3;

/// A project whose jobs take a while at their source, and bring something new each time.
fn project() -> Option<(Sandbox, On)> {
    let on = On::Postgres(services::postgres()?);
    let source = services::postgres()?;
    let sandbox = Sandbox::empty();
    on.configure(&sandbox);
    let path = sandbox.path().join("sluss.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    // A process that stands still in a transaction loses it as soon as its lease.
    let On::Postgres(url) = &on else { unreachable!("it is") };
    let still = format!("{url}?options=-c%20idle_in_transaction_session_timeout%3D{LEASE}s");
    text = text.replace(&format!("{url:?}"), &format!("{still:?}"));
    let _ = write!(text, "\n[serve]\nlease = \"{LEASE}s\"\nstop = \"5s\"\nreload = \"1s\"\n");
    std::fs::write(&path, text).unwrap();
    sandbox.secrets(&format!("kalla = {source:?}\n"));
    for (code, name) in REGIONS {
        let folder = format!("regions/{code}-{name}");
        sandbox.write(
            &format!("{folder}/avtal.toml"),
            format!(
                "[job]\nowner = \"{code}\"\nfeeds = [\"avtal\"]\nschedule = \"*/{EVERY} * * * * *\"\n\
                 [when]\nmisfire = \"all\"\nretries = 1000\nbackoff = \"1s\"\n\
                 [source]\nconnector = \"sql\"\n[source.options]\nurl = {{ secret = \"kalla\" }}\n\
                 query = \"SELECT 'A1' AS nr, clock_timestamp()::text AS namn, '2026-01-01' AS fran, \
                 pg_sleep(0.3)::text AS sov\"\n[map]\navtal = \"avtal.sql\"\n"
            ),
        );
        sandbox.write(
            &format!("{folder}/avtal.sql"),
            format!(
                "SELECT '{code}' AS lanskod, nr AS avtals_id, namn AS titel, datum(fran) AS giltig_fran FROM source"
            ),
        );
    }
    sandbox.ok(&["check", "--offline"]);
    Some((sandbox, on))
}

fn start(sandbox: &Sandbox) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(sandbox.path().join("serve.log")).unwrap();
    let error = log.try_clone().unwrap();
    sandbox
        .command(&["serve", "--format", "json", "-v"])
        .stdout(log)
        .stderr(error)
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
}

fn signal(process: &Child, name: &str) {
    let done = Command::new("kill").args([format!("-{name}"), process.id().to_string()]).status().unwrap();
    assert!(done.success());
}

fn pause(random: &mut StdRng, most: u64) {
    std::thread::sleep(Duration::from_millis(random.random_range(0..most)));
}

/// A moment at which a process was killed, or paused for longer than its lease.
struct Lost {
    process: u32,
    at: DateTime<Utc>,
}

#[test]
fn several_processes_share_the_jobs_whatever_becomes_of_them() {
    if told("SLUSS_LONG").is_none() {
        println!("skipped: a long loop, run with SLUSS_LONG=1");
        return;
    }
    let seed = told("SLUSS_SEED").unwrap_or_else(|| rand::rng().random());
    let rounds = told("SLUSS_ROUNDS").and_then(|rounds| u32::try_from(rounds).ok()).unwrap_or(ALL);
    println!("{rounds} rounds, SLUSS_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let Some((sandbox, on)) = project() else { return };
    let mut processes: Vec<Child> = (0..2).map(|_| start(&sandbox)).collect();
    std::thread::sleep(Duration::from_secs(3));
    let mut lost = Vec::new();
    for round in 0..rounds {
        // From half-way on there are three.
        if round == rounds / 2 {
            processes.push(start(&sandbox));
        }
        pause(&mut random, 2_000);
        let chosen = random.random_range(0..processes.len());
        let process = &mut processes[chosen];
        if process.try_wait().unwrap().is_some() {
            *process = start(&sandbox);
        }
        let at = SystemClock.now();
        if random.random_bool(0.5) {
            process.kill().unwrap();
            process.wait().unwrap();
            lost.push(Lost { process: process.id(), at });
            pause(&mut random, 2_000);
            *process = start(&sandbox);
        } else {
            let sleeps = Duration::from_millis(random.random_range(200..9_000));
            signal(process, "STOP");
            std::thread::sleep(sleeps);
            if sleeps > Duration::from_secs(LEASE.unsigned_abs() + 1) {
                lost.push(Lost { process: process.id(), at });
            }
            signal(process, "CONT");
        }
    }
    for process in &mut processes {
        signal(process, "TERM");
        // One that was paused while it started may have lost its connection, and said so.
        process.wait().unwrap();
    }
    // No new times: what is open is done.
    for (code, name) in REGIONS {
        let file = sandbox.path().join(format!("regions/{code}-{name}/avtal.toml"));
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.lines().filter(|line| !line.starts_with("schedule")).collect::<Vec<_>>().join("\n"))
            .unwrap();
    }
    std::thread::sleep(Duration::from_secs(LEASE.unsigned_abs() + 1));
    let number = |sql: &str| on.number(&sandbox, sql);
    while number("SELECT count(*) FROM tillfalle WHERE state IN ('planned', 'running')") > 0 {
        let once = sandbox.run(&["serve", "--once"]);
        assert_ne!(once.code, Some(2), "{}{}", once.stdout, once.stderr);
        std::thread::sleep(Duration::from_secs(1));
    }

    judge(&sandbox, &on, &lost);
}

fn judge(sandbox: &Sandbox, on: &On, lost: &[Lost]) {
    let number = |sql: &str| on.number(sandbox, sql);
    let times = number("SELECT count(*) FROM tillfalle");
    let lost_runs = number("SELECT coalesce(sum(lost), 0) FROM tillfalle");
    println!("{times} times, {lost_runs} runs were lost on the way");
    assert_eq!(
        number("SELECT count(*) FROM tillfalle WHERE state <> 'done' AND NOT (state = 'failed' AND lost >= 3)"),
        0
    );
    // Each time once: of all its runs one published.
    let published = "SELECT count(*) FROM (SELECT t.nr, count(DISTINCT k.id) AS runs FROM tillfalle t \
                     JOIN tillfalle_steg s ON s.tillfalle = t.nr JOIN korning k ON k.id = s.run AND k.state = 'done' \
                     WHERE t.state = 'done' GROUP BY t.nr) x WHERE runs";
    assert_eq!(number(&format!("{published} <> 1")), 0, "a time was published twice, or not at all");
    assert_eq!(number(&format!("{published} = 1")), number("SELECT count(*) FROM tillfalle WHERE state = 'done'"));
    assert_eq!(
        number(
            "SELECT count(*) FROM (SELECT run FROM tillfalle_steg s WHERE run IS NOT NULL GROUP BY run HAVING count(DISTINCT tillfalle) > 1) x"
        ),
        0,
        "two times share a run"
    );
    // No time is lacking between the first and the last.
    assert_eq!(
        number(&format!(
            "SELECT count(*) FROM (SELECT job, count(*) AS n, extract(epoch FROM max(due) - min(due))::bigint / {EVERY} + 1 AS wanted \
             FROM tillfalle GROUP BY job) x WHERE n <> wanted"
        )),
        0,
        "a time is lacking"
    );
    // In effect: each publication changed the one contract of its region, the first one made it.
    let done = number("SELECT count(*) FROM korning WHERE state = 'done'");
    assert_eq!(number("SELECT count(*) FROM handelse WHERE kind IN ('new', 'changed', 'corrected')"), done);
    assert_eq!(number("SELECT count(*) FROM korning WHERE state IN ('running', 'planned')"), 0);
    sandbox.agrees("after all rounds");
    worst_takeover(sandbox, on, lost);
    assert!(lost_runs > 0 || lost.is_empty(), "no process was lost over a run");
}

/// How long it took at most until what a lost process had was taken over: told, not judged, since a machine may
/// be slow. In leases.
fn worst_takeover(sandbox: &Sandbox, on: &On, lost: &[Lost]) {
    let _ = sandbox;
    let On::Postgres(url) = on else { return };
    let rows: Vec<Value> = crate::both::rows(
        url,
        "SELECT json_build_object('holder', r.holder, 'began', extract(epoch FROM r.at), 'back', extract(epoch FROM b.at)) \
         FROM tillfalle_steg b JOIN LATERAL (SELECT holder, at FROM tillfalle_steg s WHERE s.tillfalle = b.tillfalle \
         AND s.run = b.run AND s.to_state = 'running') r ON true \
         WHERE b.from_state = 'running' AND b.to_state = 'planned' AND b.reason LIKE 'övertagen%'",
    );
    let mut times: Vec<f64> = Vec::new();
    for row in rows {
        let holder = row["holder"].as_str().unwrap_or_default();
        let process: u32 = holder.split(':').nth(1).and_then(|n| n.parse().ok()).unwrap_or_default();
        let (began, back) = (row["began"].as_f64().unwrap(), row["back"].as_f64().unwrap());
        let micros = |at: DateTime<Utc>| at.timestamp_micros().to_string().parse::<f64>().unwrap() / 1e6;
        let ended = lost
            .iter()
            .filter(|l| l.process == process && micros(l.at) <= back && began <= micros(l.at))
            .map(|l| micros(l.at));
        times.extend(ended.max_by(f64::total_cmp).map(|at| back - at));
    }
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times.get(times.len() * share / 100).or(times.last()).copied().unwrap_or_default();
    println!(
        "{} runs taken over after {:.1} s (median), {:.1} s (worst); a lease is {LEASE} s",
        times.len(),
        at(50),
        times.last().copied().unwrap_or_default()
    );
}
