//! The database is stopped at once, as its machine would stop, and started again, while two `sluss serve` work on
//! schedules of seconds: nothing is lost, nothing is published twice, and each time is caught up by its policy.
//!
//! `SLUSS_LONG=1` does all forty rounds; without it a tenth. `SLUSS_SEED=…` repeats a printed seed's moments, as
//! far as a machine can tell time.

use std::fmt::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::both::On;
use crate::kills::told;
use crate::sandbox::{Sandbox, root};
use crate::services;

/// Rounds when nobody is in a hurry.
const ALL: u32 = 40;
const REGIONS: [(&str, &str); 6] = [
    ("03", "uppsala"),
    ("10", "blekinge"),
    ("13", "halland"),
    ("17", "varmland"),
    ("20", "dalarna"),
    ("22", "vasternorrland"),
];
/// Regions of which each missed time is made up for; of the others the latest stands for all.
const MADE_UP: usize = 3;
/// Seconds between two times of a job, and of a lease.
const EVERY: i64 = 3;
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

/// A project whose jobs take a while at their source, and bring something new each time.
fn project(on: &On, source: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    on.configure(&sandbox);
    let path = sandbox.path().join("sluss.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    let _ = write!(text, "\n[serve]\nlease = \"{LEASE}s\"\nstop = \"10s\"\nreload = \"1s\"\n");
    std::fs::write(&path, text).unwrap();
    sandbox.secrets(&format!("kalla = {source:?}\n"));
    for (nth, (code, name)) in REGIONS.iter().enumerate() {
        let folder = format!("regions/{code}-{name}");
        let misfire = if nth < MADE_UP { "all" } else { "once" };
        sandbox.write(
            &format!("{folder}/avtal.toml"),
            format!(
                "[job]\nowner = \"{code}\"\nfeeds = [\"avtal\"]\nschedule = \"*/{EVERY} * * * * *\"\n\
                 [when]\nmisfire = \"{misfire}\"\nretries = 1000\nbackoff = \"1s\"\n\
                 [source]\nconnector = \"sql\"\n[source.options]\nurl = {{ secret = \"kalla\" }}\n\
                 query = \"SELECT 'A1' AS nr, clock_timestamp()::text AS namn, '2026-01-01' AS fran, \
                 pg_sleep(0.2)::text AS sov\"\n[map]\navtal = \"avtal.sql\"\n"
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
    sandbox
}

fn serve(sandbox: &Sandbox) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(sandbox.path().join("serve.log")).unwrap();
    sandbox.command(&["serve", "-v"]).stdout(Stdio::null()).stderr(log).stdin(Stdio::null()).spawn().unwrap()
}

fn log(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.path().join("serve.log")).unwrap()
}

fn pause(random: &mut StdRng, milliseconds: std::ops::Range<u64>) {
    std::thread::sleep(Duration::from_millis(random.random_range(milliseconds)));
}

#[test]
fn the_database_may_be_killed_under_load() {
    let seed = told("SLUSS_SEED").unwrap_or_else(|| rand::rng().random());
    let rounds = if told("SLUSS_LONG").is_some() { ALL } else { ALL / 10 };
    println!("{rounds} rounds, SLUSS_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (Some(source), Some(server)) = (services::postgres(), Server::start()) else { return };
    let on = On::Postgres(server.0.clone());
    let sandbox = project(&on, &source);
    let mut processes = [serve(&sandbox), serve(&sandbox)];
    std::thread::sleep(Duration::from_secs(3));
    for round in 0..rounds {
        pause(&mut random, 500..4_000);
        server.is("kill");
        // Shorter than a lease, and longer.
        pause(&mut random, 100..LEASE * 2_000);
        server.is("again");
        // Whoever looks meanwhile takes nobody's run for dead.
        if round % 2 == 0 {
            let looked = sandbox.run(&["jobs"]);
            assert_eq!(looked.code, Some(0), "{}{}", looked.stdout, looked.stderr);
        }
        pause(&mut random, 500..3_000);
    }
    // They have come through it by themselves.
    for process in &mut processes {
        assert!(process.try_wait().unwrap().is_none(), "{}", log(&sandbox));
        let told = Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap();
        assert!(told.success() && process.wait().unwrap().success(), "{}", log(&sandbox));
    }
    // Once more all times up to now, and then no new ones: what is open is done.
    std::thread::sleep(Duration::from_secs(LEASE + 1));
    sandbox.run(&["serve", "--once"]);
    for (code, name) in REGIONS {
        let file = sandbox.path().join(format!("regions/{code}-{name}/avtal.toml"));
        let text = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("schedule")).collect();
        std::fs::write(&file, lines.join("\n")).unwrap();
    }
    while on.number(&sandbox, "SELECT count(*) FROM tillfalle WHERE state IN ('planned', 'running')") > 0 {
        let once = sandbox.run(&["serve", "--once"]);
        assert_ne!(once.code, Some(2), "{}{}", once.stdout, once.stderr);
        std::thread::sleep(Duration::from_secs(1));
    }
    judge(&sandbox, &on);
    println!("{} lines of errors in the log", log(&sandbox).lines().filter(|line| line.contains("ERROR")).count());
}

fn judge(sandbox: &Sandbox, on: &On) {
    let number = |sql: &str| on.number(sandbox, sql);
    let none = |sql: &str, what: &str| {
        let rows = on.texts(sandbox, &format!("SELECT x::text FROM ({sql}) x"));
        assert!(rows.is_empty(), "{what}: {rows:#?}\n{}", log(sandbox));
    };
    println!(
        "{} times, {} done, {} of them after a failure, {} runs lost with their lease",
        number("SELECT count(*) FROM tillfalle"),
        number("SELECT count(*) FROM tillfalle WHERE state = 'done'"),
        number("SELECT count(*) FROM tillfalle WHERE state = 'done' AND failures > 0"),
        number("SELECT coalesce(sum(lost), 0)::bigint FROM tillfalle"),
    );
    // A time is done, or given up after three processes were lost over it; where the latest stands for all, those
    // before it are told of as skipped.
    let made_up: Vec<_> =
        REGIONS[..MADE_UP].iter().map(|(code, name)| format!("'regions/{code}-{name}/avtal'")).collect();
    none(
        &format!(
            "SELECT * FROM tillfalle WHERE NOT (state = 'done' OR state = 'failed' AND lost >= 3 \
             OR state = 'skipped' AND job NOT IN ({}))",
            made_up.join(", ")
        ),
        "neither done nor skipped by its policy",
    );
    none(
        "SELECT t.nr, t.job, count(DISTINCT k.id) AS runs FROM tillfalle t LEFT JOIN tillfalle_steg s ON s.tillfalle = t.nr \
         LEFT JOIN korning k ON k.id = s.run AND k.state = 'done' WHERE t.state = 'done' GROUP BY t.nr \
         HAVING count(DISTINCT k.id) <> 1",
        "published twice, or not at all",
    );
    none(
        "SELECT t.nr, k.id FROM tillfalle t JOIN tillfalle_steg s ON s.tillfalle = t.nr JOIN korning k ON k.id = s.run \
         WHERE k.state = 'done' AND t.state <> 'done'",
        "published, and not told so",
    );
    none(
        &format!(
            "SELECT job, n, wanted FROM (SELECT job, count(*) AS n, \
             extract(epoch FROM max(due) - min(due))::bigint / {EVERY} + 1 AS wanted FROM tillfalle GROUP BY job) y \
             WHERE n <> wanted"
        ),
        "a time is lacking",
    );
    // In effect: each publication changed the one contract of its region; the first one made it.
    let done = number("SELECT count(*) FROM korning WHERE state = 'done'");
    assert_eq!(
        number("SELECT count(*) FROM handelse WHERE kind IN ('new', 'changed', 'corrected')"),
        done,
        "{}",
        log(sandbox)
    );
    assert!(done > 10, "{done} runs published: the machine had no time for any");
    assert_eq!(number("SELECT count(*) FROM korning WHERE state IN ('running', 'planned')"), 0);
    sandbox.agrees("after all rounds");
}
