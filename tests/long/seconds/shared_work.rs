//! Two and three `sluss serve` on one PostgreSQL, killed and paused at random: every time of every job is run
//! once in effect, none is lost, and a process that wakes up after its lease has passed on publishes nothing.
//!
//! `SLUSS_LONG=1` does two hundred rounds, or as many as `SLUSS_ROUNDS` says; without it a tenth. `SLUSS_SEED=…`
//! repeats a printed seed's rounds, as far as a machine can tell time.

use std::process::Child;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use sluss_schemas::clock::{Clock, SystemClock};

use super::{Nation, REGIONS, pause, signal, stop};
use crate::both::On;
use crate::kills::told;
use crate::services;

/// Rounds when nobody is in a hurry.
const ALL: u32 = 200;
/// Seconds of a lease.
const LEASE: u64 = 3;

/// A moment at which a process was killed, or paused for longer than its lease.
struct Lost {
    process: u32,
    at: DateTime<Utc>,
}

#[test]
fn several_processes_share_the_jobs_whatever_becomes_of_them() {
    let seed = told("SLUSS_SEED").unwrap_or_else(|| rand::rng().random());
    let all = told("SLUSS_ROUNDS").and_then(|rounds| u32::try_from(rounds).ok()).unwrap_or(ALL);
    let rounds = if told("SLUSS_LONG").is_some() { all } else { ALL / 10 };
    println!("{rounds} rounds, SLUSS_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (Some(register), Some(source)) = (services::postgres(), services::postgres()) else { return };
    // A process that stands still in a transaction loses it as soon as its lease.
    let still = format!("{register}?options=-c%20idle_in_transaction_session_timeout%3D{LEASE}s");
    let serve = format!("lease = \"{LEASE}s\"\nstop = \"5s\"\n");
    let nation = Nation::new(On::Postgres(still), &source, REGIONS.len(), &serve);
    let mut processes: Vec<Child> = (0..2).map(|_| nation.serve()).collect();
    std::thread::sleep(Duration::from_secs(3));
    let mut lost = Vec::new();
    for round in 0..rounds {
        // From half-way on there are three.
        if round == rounds / 2 {
            processes.push(nation.serve());
        }
        pause(&mut random, 0..2_000);
        let chosen = random.random_range(0..processes.len());
        let process = &mut processes[chosen];
        if process.try_wait().unwrap().is_some() {
            *process = nation.serve();
        }
        let at = SystemClock.now();
        if random.random_bool(0.5) {
            process.kill().unwrap();
            process.wait().unwrap();
            lost.push(Lost { process: process.id(), at });
            pause(&mut random, 0..2_000);
            *process = nation.serve();
        } else {
            let sleeps = Duration::from_millis(random.random_range(200..9_000));
            signal(process, "STOP");
            std::thread::sleep(sleeps);
            if sleeps > Duration::from_secs(LEASE + 1) {
                lost.push(Lost { process: process.id(), at });
            }
            signal(process, "CONT");
        }
    }
    for process in &mut processes {
        // One that was paused while it started may have lost its connection, and said so.
        stop(process);
    }
    nation.finish(LEASE);
    nation.judge();
    worst_takeover(&register, &lost);
    let runs = nation.number("SELECT coalesce(sum(lost), 0)::bigint FROM tillfalle");
    assert!(runs > 0 || lost.is_empty(), "no process was lost over a run");
}

/// How long it took at most until what a lost process had was taken over: told, not judged, since a machine may
/// be slow. In leases.
fn worst_takeover(url: &str, lost: &[Lost]) {
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
