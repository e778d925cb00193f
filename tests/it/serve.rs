//! `sluss serve`: jobs at their times, steered from the command line, followed when their files change.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::both::{On, both};
use crate::sandbox::{Answer, Sandbox};

const FOLDER: &str = "regions/22-vasternorrland";
const MAPPING: &str = "SELECT '22' AS lanskod, nr AS avtals_id, namn AS titel, datum(fran) AS giltig_fran FROM source";
const NIGHT: &str = "schedule = \"0 15 2 * * *\"";
const EVERY_SECOND: &str = "schedule = \"* * * * * *\"";

/// A job that reads one file; `head` and `more` are lines of `[job]` and whole sections.
fn project_on(on: &On, head: &str, more: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    on.configure(&sandbox);
    job(&sandbox, head, more);
    sandbox.write(&format!("{FOLDER}/avtal.sql"), MAPPING);
    sandbox.write(&format!("{FOLDER}/avtal.csv"), "nr;namn;fran\n1;Höft;2026-01-01\n2;Knä;2026-01-01\n");
    sandbox
}

fn job(sandbox: &Sandbox, head: &str, more: &str) {
    let text = format!(
        "[job]\nowner = \"22\"\nfeeds = [\"avtal\"]\n{head}\n[source]\nconnector = \"files\"\n[source.options]\n\
         path = \"avtal.csv\"\nformat = \"csv\"\n[map]\navtal = \"avtal.sql\"\n{more}\n"
    );
    sandbox.write(&format!("{FOLDER}/avtal.toml"), text);
}

/// `serve --once` at this time.
fn once(sandbox: &Sandbox, time: &str) -> Answer {
    sandbox.run(&["--clock", time, "serve", "--once"])
}

/// A scheduler, ended when this goes.
struct Serving(Child);

impl Serving {
    fn start(sandbox: &Sandbox) -> Self {
        let out = std::fs::File::create(sandbox.path().join("serve.log")).unwrap();
        let error = out.try_clone().unwrap();
        let process = sandbox.command(&["serve"]).stdout(out).stderr(error).stdin(Stdio::null()).spawn().unwrap();
        Self(process)
    }

    /// Tells it to stop, and waits until it has.
    fn stop(mut self) {
        assert!(Command::new("kill").arg(self.0.id().to_string()).status().unwrap().success());
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It has ended by itself where the test came to its end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits for what a scheduler brings about.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..3_000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("never came: {what}");
}

fn line(sandbox: &Sandbox) -> Value {
    sandbox.json(&["jobs"])["jobs"][0].clone()
}

both! {
    fn a_timer_of_the_system_runs_what_is_due_once(on: On) {
        let sandbox = project_on(&on, NIGHT, "[when]\nretries = 0");
        let first = once(&sandbox, "2026-11-20T12:00:00Z");
        assert_eq!((first.code, sandbox.runs("done")), (Some(0), 0), "{}", first.stdout);
        // Three nights went by: the last stands for all.
        let second = once(&sandbox, "2026-11-23T05:00:00Z");
        assert_eq!((second.code, sandbox.runs("done")), (Some(0), 1), "{}{}", second.stdout, second.stderr);
        assert_eq!(once(&sandbox, "2026-11-23T05:10:00Z").code, Some(0));
        assert_eq!(sandbox.runs("done"), 1);
        let states = "SELECT count(*) FROM tillfalle WHERE state = ";
        assert_eq!((on.number(&sandbox, &format!("{states}'done'")), on.number(&sandbox, &format!("{states}'skipped'"))), (1, 2));
        let line = sandbox.json(&["--clock", "2026-11-23T05:11:00Z", "jobs"])["jobs"][0].clone();
        assert_eq!((line["standing"].as_str(), line["next"].as_str()), (Some("idle"), Some("2026-11-24T01:15:00Z")));

        // A delivery that cannot be right is held: the timer's exit code says so.
        sandbox.write(&format!("{FOLDER}/avtal.csv"), "nr;namn;fran\n");
        assert_eq!(once(&sandbox, "2026-11-24T05:00:00Z").code, Some(3));
        // And a source that is gone is a failure, that is told with its reason.
        std::fs::remove_file(sandbox.path().join(FOLDER).join("avtal.csv")).unwrap();
        let failed = once(&sandbox, "2026-11-25T05:00:00Z");
        assert_eq!(failed.code, Some(1), "{}", failed.stdout);
        assert!(failed.stdout.contains("FEL"), "{}", failed.stdout);
    }

    fn a_changed_file_takes_effect_and_a_broken_one_does_not(on: On) {
        let sandbox = project_on(&on, NIGHT, "");
        let path = sandbox.path().join("sluss.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}\n[serve]\nreload = \"1s\"\n")).unwrap();
        sandbox.ok(&["jobs"]);
        let serving = Serving::start(&sandbox);
        until("the job is known", || on.number(&sandbox, "SELECT count(*) FROM jobblage") == 1);
        assert_eq!(sandbox.runs("done"), 0);
        job(&sandbox, EVERY_SECOND, "");
        until("the new schedule", || sandbox.runs("done") > 2);
        job(&sandbox, "schedule = \"0 0 5 * * 1\"", "");
        until("the broken file is told", || on.number(&sandbox, "SELECT count(*) FROM jobblage WHERE broken IS NOT NULL") == 1);
        let before = sandbox.runs("done");
        until("the last good one goes on", || sandbox.runs("done") > before + 2);
        job(&sandbox, NIGHT, "");
        until("it is mended", || on.number(&sandbox, "SELECT count(*) FROM jobblage WHERE broken IS NOT NULL") == 0);
        serving.stop();
        assert_eq!(line(&sandbox)["standing"], "idle");
        assert_eq!(on.number(&sandbox, "SELECT count(*) FROM tillfalle WHERE state IN ('planned', 'running')"), 0);
    }

    fn a_person_pauses_resumes_and_triggers(on: On) {
        let sandbox = project_on(&on, EVERY_SECOND, "[when]\nmisfire = \"skip\"");
        let serving = Serving::start(&sandbox);
        until("it runs", || sandbox.runs("done") > 1);
        sandbox.ok(&["jobs", "pause", "avtal", "--reason", "källan byggs om"]);
        until("nothing waits", || on.number(&sandbox, "SELECT count(*) FROM tillfalle WHERE state = 'running'") == 0);
        assert_eq!((line(&sandbox)["standing"].as_str(), line(&sandbox)["why"].as_str()), (Some("paused"), Some("källan byggs om")));
        let before = on.number(&sandbox, "SELECT count(*) FROM tillfalle WHERE kind = 'schedule' AND began IS NOT NULL");
        sandbox.ok(&["jobs", "trigger", "avtal", "--reason", "prov"]);
        until("what is asked for runs", || {
            on.number(&sandbox, "SELECT count(*) FROM tillfalle WHERE kind = 'manual' AND state = 'done'") == 1
        });
        let after = on.number(&sandbox, "SELECT count(*) FROM tillfalle WHERE kind = 'schedule' AND began IS NOT NULL");
        assert!(after <= before + 1, "paused, it ran {after} times after {before}");
        sandbox.ok(&["jobs", "resume", "avtal"]);
        until("it runs again", || {
            on.number(&sandbox, "SELECT count(*) FROM tillfalle WHERE kind = 'schedule' AND began IS NOT NULL") > after
        });
        serving.stop();
        let log = sandbox.ok(&["audit", "list"]);
        assert_eq!(log.matches("done pause").count() + log.matches("done resume").count() + log.matches("done trigger").count(), 3, "{log}");
    }

    fn a_past_period_is_read_window_by_window_and_gone_on_with(on: On) {
        let sandbox = project_on(&on, "", "[when]\nretries = 0\n[backfill]\nstep = \"month\"\n[backfill.options]\npath = \"{manad}.csv\"");
        let refused = sandbox.run(&["jobs", "backfill", "avtal", "--from", "2026-03-01", "--to", "2026-01-01"]);
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        sandbox.ok(&["run", "avtal"]);
        for (month, number) in [("2026-01", 11), ("2026-02", 12), ("2026-03", 13)] {
            let file = format!("nr;namn;fran\n{number};Efterhand;{month}-01\n");
            sandbox.write(&format!("{FOLDER}/{month}.csv"), file);
        }
        std::fs::remove_file(sandbox.path().join(FOLDER).join("2026-02.csv")).unwrap();
        let asked = sandbox.json(&["jobs", "backfill", "avtal", "--from", "2026-01-01", "--to", "2026-03-31"]);
        assert_eq!((asked["windows"].as_u64(), asked["new"].as_u64()), (Some(3), Some(3)));
        assert_eq!(sandbox.run(&["serve", "--once"]).code, Some(1), "one month is not there");
        assert_eq!(sandbox.number("SELECT count(*) FROM avtal"), 4, "what a window does not bring has not ended");
        // Asked for again, what is done is not done again.
        let again = sandbox.json(&["jobs", "backfill", "avtal", "--from", "2026-01-01", "--to", "2026-04-30"]);
        assert_eq!((again["windows"].as_u64(), again["new"].as_u64()), (Some(4), Some(1)));
        assert_eq!(on.number(&sandbox, "SELECT count(*) FROM tillfalle WHERE kind = 'backfill' AND state = 'done'"), 2);
        // A job that does not say how is told so.
        job(&sandbox, "", "");
        let refused = sandbox.run(&["jobs", "backfill", "avtal", "--from", "2026-01-01", "--to", "2026-01-31"]);
        assert_eq!(refused.code, Some(2));
        assert!(refused.stderr.contains("[backfill]"), "{}", refused.stderr);
    }

    fn told_to_stop_it_hands_back_what_it_cannot_end(on: On) {
        let sandbox = Sandbox::empty();
        on.configure(&sandbox);
        let path = sandbox.path().join("sluss.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}\n[serve]\nstop = \"1s\"\n")).unwrap();
        sandbox.write(&format!("{FOLDER}/avtal.sql"), MAPPING);
        // It looks twice before it believes that a file is whole, and takes its time.
        sandbox.write(
            &format!("{FOLDER}/avtal.toml"),
            "[job]\nowner = \"22\"\nfeeds = [\"avtal\"]\n[when]\narrival = \"1s\"\n[source]\nconnector = \"inkorg\"\n\
             [source.options]\nfolder = \"in\"\nformat = \"csv\"\narrival = { stable_seconds = 3600 }\n[map]\navtal = \"avtal.sql\"\n",
        );
        sandbox.write(&format!("{FOLDER}/in/a.csv"), "nr;namn;fran\n1;Höft;2026-01-01\n");
        sandbox.ok(&["jobs"]);
        let serving = Serving::start(&sandbox);
        until("the file is seen", || on.number(&sandbox, "SELECT count(*) FROM tillfalle WHERE kind = 'arrival' AND state = 'running'") == 1);
        serving.stop();
        let left = "SELECT count(*) FROM tillfalle WHERE state = 'planned' AND failures = 0 AND lost = 0 AND reason IS NOT NULL";
        assert_eq!(on.number(&sandbox, left), 1);
        assert_eq!(on.number(&sandbox, "SELECT count(*) FROM korning WHERE state = 'running'"), 0);
        // Another takes it up at once: the lease was given back.
        let job = std::fs::read_to_string(sandbox.path().join(FOLDER).join("avtal.toml")).unwrap();
        sandbox.write(&format!("{FOLDER}/avtal.toml"), job.replace("3600", "1"));
        assert_eq!(sandbox.run(&["serve", "--once"]).code, Some(0));
        assert_eq!(sandbox.number("SELECT count(*) FROM avtal"), 1);
    }
}

#[test]
fn what_arrives_is_run_and_a_file_that_stays_is_not_run_again_and_again() {
    let sandbox = Sandbox::empty();
    sandbox.write(&format!("{FOLDER}/avtal.sql"), MAPPING);
    sandbox.write(
        &format!("{FOLDER}/avtal.toml"),
        "[job]\nowner = \"22\"\nfeeds = [\"avtal\"]\nmode = \"incremental\"\n[when]\narrival = \"1s\"\n[source]\nconnector = \"inkorg\"\n\
         [source.options]\nfolder = \"in\"\nformat = \"csv\"\narrival = { stable_seconds = 1 }\n[map]\navtal = \"avtal.sql\"\n",
    );
    sandbox.write(&format!("{FOLDER}/in/a.csv"), "nr;namn;fran\n1;Höft;2026-01-01\n");
    let serving = Serving::start(&sandbox);
    until("the first file", || sandbox.runs("done") == 1);
    sandbox.write(&format!("{FOLDER}/in/b.csv"), "nr;namn;fran\n2;Knä;2026-01-01\n");
    until("the second file", || sandbox.runs("done") >= 2);
    // It cannot be read, and nobody has said where such a file goes: one run is enough to tell it.
    sandbox.write(&format!("{FOLDER}/in/c.csv"), [0xff, 0xfe, 0x00, 0x01]);
    until("the bad file is told", || sandbox.runs("failed") + sandbox.runs("held") == 1);
    std::thread::sleep(Duration::from_secs(4));
    assert!(sandbox.runs("failed") + sandbox.runs("held") <= 2, "it was run again and again");
    serving.stop();
    assert_eq!(sandbox.number("SELECT count(*) FROM avtal"), 2);
}
