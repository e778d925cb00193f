//! The database is stopped at once, as its machine would stop, and started again, while two `sluss serve` work on
//! schedules of seconds: nothing is lost, nothing is published twice, and each time is caught up by its policy.
//!
//! `SLUSS_LONG=1` does all forty rounds; without it a tenth. `SLUSS_SEED=…` repeats a printed seed's moments, as
//! far as a machine can tell time.

use std::process::{Command, Stdio};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::{Nation, pause, stop};
use crate::both::On;
use crate::kills::told;
use crate::sandbox::root;
use crate::services;

/// Rounds when nobody is in a hurry.
const ALL: u32 = 40;
/// Regions of which each missed time is made up for.
const MADE_UP: usize = 3;
/// Seconds of a lease.
const LEASE: u64 = 4;

/// A server of its own, that can be killed. Gone when it is dropped.
struct Server(String);

impl Server {
    fn start() -> Option<Self> {
        let started = script(&["start", "durable"]);
        if !started.status.success() {
            println!("skipped: {}", String::from_utf8_lossy(&started.stderr).trim());
            return None;
        }
        Some(Self(String::from_utf8(started.stdout).unwrap().trim().to_owned()))
    }

    fn is(&self, what: &str) {
        let done = script(&[what, &self.0]);
        assert!(done.status.success(), "{what}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be down: then there is nothing to start but what is to be stopped.
        script(&["again", &self.0]);
        script(&["stop", &self.0]);
    }
}

fn script(arguments: &[&str]) -> std::process::Output {
    let mut script = Command::new(root().join("tests/services/postgres.sh"));
    // The server outlives the script, and would keep a pipe of it open.
    let errors = tempfile::NamedTempFile::new().unwrap();
    let mut done = script
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(errors.reopen().unwrap())
        .output()
        .unwrap();
    done.stderr = std::fs::read(errors.path()).unwrap();
    done
}

#[test]
fn the_database_may_be_killed_under_load() {
    let seed = told("SLUSS_SEED").unwrap_or_else(|| rand::rng().random());
    let rounds = if told("SLUSS_LONG").is_some() { ALL } else { ALL / 10 };
    println!("{rounds} rounds, SLUSS_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (Some(source), Some(server)) = (services::postgres(), Server::start()) else { return };
    let serve = format!("lease = \"{LEASE}s\"\nstop = \"10s\"\n");
    let nation = Nation::new(On::Postgres(server.0.clone()), &source, MADE_UP, &serve);
    let mut processes = [nation.serve(), nation.serve()];
    std::thread::sleep(Duration::from_secs(3));
    for round in 0..rounds {
        pause(&mut random, 500..4_000);
        server.is("kill");
        // Shorter than a lease, and longer.
        pause(&mut random, 100..LEASE * 2_000);
        server.is("again");
        // Whoever looks meanwhile takes nobody's run for dead.
        if round % 2 == 0 {
            let looked = nation.sandbox.run(&["jobs"]);
            assert_eq!(looked.code, Some(0), "{}{}", looked.stdout, looked.stderr);
        }
        pause(&mut random, 500..3_000);
    }
    // They have come through it by themselves.
    for process in &mut processes {
        assert!(process.try_wait().unwrap().is_none(), "{}", nation.log());
        assert!(stop(process).success(), "{}", nation.log());
    }
    nation.finish(LEASE);
    nation.judge();
}
