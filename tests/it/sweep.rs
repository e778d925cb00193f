//! Sweeping: what killed runs left and what has been kept long enough goes, and nothing else.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::Value;
use sluss_pipeline::ledger::{NewRun, RunState};
use sluss_pipeline::register;
use sluss_schemas::clock::{Clock, SystemClock};

use crate::both::{On, both};
use crate::commit_protocol::die_at;
use crate::sandbox::Sandbox;
use crate::small::{self, JOB};

/// What a sweep says after so many hours; with `now` it also does it.
fn sweep(sandbox: &Sandbox, hours: i64, now: bool) -> Value {
    let clock = (SystemClock.now() + TimeDelta::hours(hours)).to_rfc3339();
    let mut arguments = vec!["--clock", &clock, "sweep"];
    arguments.extend(now.then_some("--now"));
    sandbox.json(&arguments)
}

/// Staged and replaced files, of all tables.
fn files(swept: &Value) -> (u64, u64) {
    let sum = |what: &str| swept["lake"].as_array().unwrap().iter().map(|t| t[what].as_u64().unwrap()).sum();
    (sum("staged"), sum("replaced"))
}

fn parquet(sandbox: &Sandbox) -> Vec<PathBuf> {
    let paths = sandbox.stored().into_iter().map(|(path, _)| path);
    paths
        .filter(|path| {
            path.extension().is_some_and(|e| e == "parquet") && !path.to_string_lossy().contains("_delta_log")
        })
        .collect()
}

const WEEK: i64 = 7 * 24;

both! {
    fn what_killed_runs_staged_goes_and_what_was_replaced_goes_a_week_later(on: On) {
        let sandbox = small::project(&on);
        small::deliver(&sandbox, 0);
        sandbox.ok(&["run", JOB]);
        let first = parquet(&sandbox).len();
        small::deliver(&sandbox, 1);
        // Two months of the lake's table are staged; then the register table's rows once more.
        die_at(&sandbox, &["run", JOB], "stegad");
        die_at(&sandbox, &["run", JOB], "projicera-stegad");
        sandbox.ok(&["run", JOB]);
        let (figures, all) = (small::figures(&sandbox), parquet(&sandbox));
        // Of an hour's age at least: clocks differ.
        assert_eq!(files(&sweep(&sandbox, 0, true)), (0, 0));
        let looked = sweep(&sandbox, 2, false);
        let (staged, replaced) = files(&looked);
        assert!(staged >= 3 && replaced == 0, "{looked}");
        assert_eq!(parquet(&sandbox), all);
        assert_eq!(files(&sweep(&sandbox, 2, true)), (staged, 0));
        assert_eq!(parquet(&sandbox).len() as u64, all.len() as u64 - staged);
        assert_eq!(files(&sweep(&sandbox, 2, true)), (0, 0));
        // Readers of an earlier version have a week.
        let (staged, replaced) = files(&sweep(&sandbox, WEEK + 2, true));
        assert!(staged == 0 && replaced >= 3, "{replaced}");
        assert_eq!(parquet(&sandbox).len(), first);
        assert_eq!(small::figures(&sandbox), figures);
        sandbox.agrees("after the sweep");
        small::deliver(&sandbox, 0);
        sandbox.ok(&["run", JOB]);
        sandbox.agrees("after the next run");
    }

    fn originals_go_after_their_days_and_the_quarantine_stays(on: On) {
        let sandbox = small::project(&on);
        small::deliver(&sandbox, 1);
        let run = sandbox.json(&["run", JOB])["runs"][0]["run"].as_str().unwrap().to_owned();
        assert_eq!(sweep(&sandbox, 89 * 24, true)["originals"], 0);
        assert_eq!(sweep(&sandbox, 91 * 24, false)["originals"], 1);
        assert_eq!(sweep(&sandbox, 91 * 24, true)["originals"], 1);
        let replay = sandbox.run(&["quarantine", "replay", &run]);
        assert_eq!(replay.code, Some(1), "{}{}", replay.stdout, replay.stderr);
        assert!(sandbox.ok(&["quarantine", "show", &run]).contains("A5"));
        // Once the rows are given up, nothing needs the key.
        sandbox.ok(&["quarantine", "drop", &run]);
        let keys = sandbox.stored().into_iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "key"));
        assert_eq!(keys.count(), 0);
    }

    fn a_run_that_is_alive_is_left_alone_and_a_dead_one_is_not(on: On) {
        let sandbox = small::project(&on);
        small::deliver(&sandbox, 0);
        sandbox.ok(&["run", JOB]);
        let url = on.url(&sandbox);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        // This process has a run at work, as another `sluss run` would.
        let register = runtime.block_on(register::open(&url, &[], Arc::new(SystemClock))).unwrap();
        let begun = NewRun {
            id: "levande".into(),
            job: "annat".into(),
            owner: "10".into(),
            mode: "snapshot".into(),
            state: RunState::Running,
            input_digest: None,
            replay_of: None,
        };
        runtime.block_on(register.begin_run(&begun)).unwrap();
        let stray = sandbox.path().join("var/lake/avtal/lanskod=10/stegad.parquet");
        std::fs::create_dir_all(stray.parent().unwrap()).unwrap();
        std::fs::write(&stray, "x").unwrap();
        assert_eq!(files(&sweep(&sandbox, WEEK - 1, true)), (0, 0));
        assert!(stray.exists());
        assert_eq!(sandbox.runs("running"), 1);
        drop(register);
        drop(runtime);
        assert_eq!(files(&sweep(&sandbox, 2, true)), (1, 0));
        assert!(!stray.exists());
        assert_eq!((sandbox.runs("running"), sandbox.runs("failed")), (0, 1));
    }

    fn a_killed_replay_leaves_no_plain_file_behind(on: On) {
        let sandbox = small::project(&on);
        small::deliver(&sandbox, 1);
        let run = sandbox.json(&["run", JOB])["runs"][0]["run"].as_str().unwrap().to_owned();
        die_at(&sandbox, &["quarantine", "replay", &run], "landad");
        let plain = || sandbox.stored().iter().filter(|(path, _)| path.ends_with("avtal.csv")).count();
        assert_eq!(plain(), 1);
        assert_eq!(sweep(&sandbox, 0, false)["opened"], 1);
        assert_eq!((sweep(&sandbox, 0, true)["opened"].as_u64(), plain()), (Some(1), 0));
        // The next replay would have closed it as well.
        die_at(&sandbox, &["quarantine", "replay", &run], "landad");
        sandbox.ok(&["quarantine", "replay", &run]);
        assert_eq!(plain(), 0);
    }
}
