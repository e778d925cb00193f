//! Six regions whose jobs run every third second, by several `sluss serve` on one PostgreSQL that are disturbed:
//! what may be expected of every time of every job afterwards.

mod database_killed;
mod shared_work;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rand::Rng;
use rand::rngs::StdRng;

use crate::both::On;
use crate::sandbox::Sandbox;

const REGIONS: [(&str, &str); 6] = [
    ("03", "uppsala"),
    ("10", "blekinge"),
    ("13", "halland"),
    ("17", "varmland"),
    ("20", "dalarna"),
    ("22", "vasternorrland"),
];
/// Seconds between two times of a job.
const EVERY: u64 = 3;

/// Six regions, and how they are served.
struct Nation {
    sandbox: Sandbox,
    on: On,
    /// Regions of which each missed time is made up for; of the others the latest stands for all.
    made_up: usize,
}

impl Nation {
    /// Jobs that take a while at their `source`, and bring something new each time.
    fn new(on: On, source: &str, made_up: usize, serve: &str) -> Self {
        let sandbox = Sandbox::empty();
        on.configure(&sandbox);
        let path = sandbox.path().join("sluss.toml");
        let mut text = std::fs::read_to_string(&path).unwrap();
        let _ = write!(text, "\n[serve]\nreload = \"1s\"\n{serve}");
        std::fs::write(&path, text).unwrap();
        sandbox.secrets(&format!("kalla = {source:?}\n"));
        let nation = Self { sandbox, on, made_up };
        for (nth, (code, _)) in REGIONS.iter().enumerate() {
            let misfire = if nth < made_up { "all" } else { "once" };
            let job = format!(
                "[job]\nowner = \"{code}\"\nfeeds = [\"avtal\"]\nschedule = \"*/{EVERY} * * * * *\"\n\
                 [when]\nmisfire = \"{misfire}\"\nretries = 1000\nbackoff = \"1s\"\n\
                 [source]\nconnector = \"sql\"\n[source.options]\nurl = {{ secret = \"kalla\" }}\n\
                 query = \"SELECT 'A1' AS nr, clock_timestamp()::text AS namn, '2026-01-01' AS fran, \
                 pg_sleep(0.3)::text AS sov\"\n[map]\navtal = \"avtal.sql\"\n"
            );
            let map = format!(
                "SELECT '{code}' AS lanskod, nr AS avtals_id, namn AS titel, datum(fran) AS giltig_fran FROM source"
            );
            let file = nation.job_file(nth);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file.with_extension("sql"), map).unwrap();
            std::fs::write(file, job).unwrap();
        }
        nation.sandbox.ok(&["check", "--offline"]);
        nation
    }

    fn job_file(&self, nth: usize) -> PathBuf {
        let (code, name) = REGIONS[nth];
        self.sandbox.path().join(format!("regions/{code}-{name}/avtal.toml"))
    }

    /// One more process that serves it.
    fn serve(&self) -> Child {
        let log =
            std::fs::File::options().create(true).append(true).open(self.sandbox.path().join("serve.log")).unwrap();
        let mut serve = self.sandbox.command(&["serve", "-v"]);
        serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.sandbox.path().join("serve.log")).unwrap()
    }

    fn number(&self, sql: &str) -> i64 {
        self.on.number(&self.sandbox, sql)
    }

    /// Times up to now are planned, then there are no more, and what is open is done.
    fn finish(&self, lease: u64) {
        std::thread::sleep(Duration::from_secs(lease + 1));
        self.sandbox.run(&["serve", "--once"]);
        for nth in 0..REGIONS.len() {
            let text = std::fs::read_to_string(self.job_file(nth)).unwrap();
            let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("schedule")).collect();
            std::fs::write(self.job_file(nth), lines.join("\n")).unwrap();
        }
        while self.number("SELECT count(*) FROM tillfalle WHERE state IN ('planned', 'running')") > 0 {
            let once = self.sandbox.run(&["serve", "--once"]);
            assert_ne!(once.code, Some(2), "{}{}", once.stdout, once.stderr);
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    /// Each time of each job is once in effect, and none is lacking.
    fn judge(&self) {
        println!(
            "{} times, {} done, {} of them after a failure, {} runs lost with their lease",
            self.number("SELECT count(*) FROM tillfalle"),
            self.number("SELECT count(*) FROM tillfalle WHERE state = 'done'"),
            self.number("SELECT count(*) FROM tillfalle WHERE state = 'done' AND failures > 0"),
            self.number("SELECT coalesce(sum(lost), 0)::bigint FROM tillfalle"),
        );
        // A time is done, or given up after three processes were lost over it; where the latest stands for all,
        // those before it are told of as skipped.
        let made_up: Vec<_> =
            REGIONS[..self.made_up].iter().map(|(code, name)| format!("'regions/{code}-{name}/avtal'")).collect();
        self.none(
            &format!(
                "SELECT * FROM tillfalle WHERE NOT (state = 'done' OR state = 'failed' AND lost >= 3 \
                 OR state = 'skipped' AND job NOT IN ({}))",
                made_up.join(", ")
            ),
            "neither done nor skipped by its policy",
        );
        self.none(
            "SELECT t.nr, t.job, count(DISTINCT k.id) AS runs FROM tillfalle t \
             LEFT JOIN tillfalle_steg s ON s.tillfalle = t.nr \
             LEFT JOIN korning k ON k.id = s.run AND k.state = 'done' WHERE t.state = 'done' GROUP BY t.nr \
             HAVING count(DISTINCT k.id) <> 1",
            "published twice, or not at all",
        );
        self.none(
            "SELECT t.nr, k.id FROM tillfalle t JOIN tillfalle_steg s ON s.tillfalle = t.nr \
             JOIN korning k ON k.id = s.run WHERE k.state = 'done' AND t.state <> 'done'",
            "published, and not told so",
        );
        self.none(
            "SELECT run FROM tillfalle_steg WHERE run IS NOT NULL GROUP BY run HAVING count(DISTINCT tillfalle) > 1",
            "two times share a run",
        );
        self.none(
            &format!(
                "SELECT job, n, wanted FROM (SELECT job, count(*) AS n, \
                 extract(epoch FROM max(due) - min(due))::bigint / {EVERY} + 1 AS wanted FROM tillfalle GROUP BY job) y \
                 WHERE n <> wanted"
            ),
            "a time is lacking",
        );
        self.none("SELECT * FROM korning WHERE state IN ('running', 'planned')", "a run without an end");
        // In effect: each publication changed the one contract of its region; the first one made it.
        let done = self.number("SELECT count(*) FROM korning WHERE state = 'done'");
        let events = self.number("SELECT count(*) FROM handelse WHERE kind IN ('new', 'changed', 'corrected')");
        assert_eq!(events, done, "{}", self.log());
        assert!(done > 10, "{done} runs published: the machine had no time for any");
        self.sandbox.agrees("after all rounds");
        println!("{} lines of errors in the log", self.log().lines().filter(|line| line.contains("ERROR")).count());
    }

    fn none(&self, sql: &str, what: &str) {
        let rows = self.on.texts(&self.sandbox, &format!("SELECT x::text FROM ({sql}) x"));
        assert!(rows.is_empty(), "{what}: {rows:#?}\n{}", self.log());
    }
}

fn signal(process: &Child, name: &str) {
    let done = Command::new("kill").args([format!("-{name}"), process.id().to_string()]).status().unwrap();
    assert!(done.success());
}

/// Asks a process to stop, and waits until it has.
fn stop(process: &mut Child) -> ExitStatus {
    signal(process, "TERM");
    process.wait().unwrap()
}

fn pause(random: &mut StdRng, milliseconds: std::ops::Range<u64>) {
    std::thread::sleep(Duration::from_millis(random.random_range(milliseconds)));
}
