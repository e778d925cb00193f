//! The commit protocol under fire: killed at any step, nothing is half done, and the next run
//! completes what was open. On both registers.

use std::process::Stdio;

use crate::both::{On, both};
use crate::sandbox::Sandbox;
use crate::small::{self, JOB};

/// Every step of a run in order, and whether it is published when the process dies there.
const POINTS: [(&str, bool); 32] = [
    ("landad", false),
    ("stegad", false),
    ("karantan-fore", false),
    ("karantan-efter", false),
    ("publicera-fore", false),
    ("publish.before", false),
    ("publish.staged", false),
    ("publish.locked", false),
    ("publish.checked", false),
    ("publish.planned", false),
    ("publish.inserted", false),
    ("publish.closed", false),
    ("publish.changed", false),
    ("publish.events", false),
    ("publish.stale", false),
    ("publish.table", false),
    ("publish.rows", false),
    ("publish.manifests", false),
    ("publish.receipt", false),
    ("publish.cursor", false),
    ("publish.quarantine", false),
    ("publish.ledger", false),
    ("publish.commit", false),
    ("publish.committed", true),
    ("publish.after", true),
    ("publicera-efter", true),
    ("projicera-fore", true),
    ("projicera-last", true),
    ("projicera-stegad", true),
    ("projicera-gjord", true),
    ("projicera-efter", true),
    ("projicerad", true),
];

/// Runs the job until it dies at `point`.
pub(crate) fn die_at(sandbox: &Sandbox, arguments: &[&str], point: &str) {
    let killed = sandbox.command(arguments).env("SLUSS_FAIL_POINT", point).output().unwrap();
    let told = String::from_utf8_lossy(&killed.stderr);
    assert!(killed.status.code().is_none(), "{point} was not reached: {told}");
}

both! {
    fn killed_at_any_step_the_next_run_completes_it(on: On) {
        let sandbox = small::project(&on);
        small::deliver(&sandbox, 0);
        sandbox.ok(&["run", JOB]);
        for (edition, (point, published)) in (1..).zip(POINTS) {
            let before = current(&sandbox);
            small::deliver(&sandbox, edition);
            die_at(&sandbox, &["run", JOB], point);
            let after = current(&sandbox);
            assert_eq!(after.register != before.register, published, "{point}: {before:?}, {after:?}");
            // The lake may lag; it never leads.
            assert!(after.lake == before.lake || after.lake == after.register, "{point}: {before:?}, {after:?}");
            if published {
                assert_eq!(sandbox.runs("running"), 0, "{point}");
            } else {
                assert_eq!(sandbox.reasons("failed")[0], "avbruten: processen som körde den finns inte längre");
            }
            let again = sandbox.json(&["run", JOB]);
            assert_eq!(again["runs"][0]["publish_seq"].is_null(), published, "{point}: {again}");
            sandbox.agrees(point);
            let now = current(&sandbox);
            assert_eq!((now.register, now.lake), (Current::of(edition), Current::of(edition)), "{point}");
        }
        assert_eq!(sandbox.runs("running"), 0);
    }

    fn the_same_input_again_adds_a_run_and_its_receipt_and_nothing_else(on: On) {
        let sandbox = small::project(&on);
        small::deliver(&sandbox, 1);
        sandbox.ok(&["run", JOB]);
        small::deliver(&sandbox, 0);
        sandbox.ok(&["run", JOB]);
        let state = || {
            let rows = ["avtal", "handelse", "manifest", "lake_partition", "inaktuell"]
                .map(|table| on.number(&sandbox, &format!("SELECT count(*) FROM {table}")));
            let counters = on.number(&sandbox, "SELECT publish_seq * 1000000 + event_no FROM sekvens");
            (rows, counters, small::figures(&sandbox), sandbox.delta_commits())
        };
        let runs = || ["korning", "kvittens"].map(|table| on.number(&sandbox, &format!("SELECT count(*) FROM {table}")));
        let (before, [ran, told]) = (state(), runs());
        for full in [&["run", JOB][..], &["run", JOB, "--full"]] {
            let again = sandbox.json(full);
            assert!(again["runs"][0]["publish_seq"].is_null(), "{again}");
            assert_eq!(state(), before);
        }
        assert_eq!(runs(), [ran + 2, told + 2]);
        sandbox.agrees("after the same input");
    }

    fn two_processes_at_once_leave_one_of_two_editions_whole(on: On) {
        let sandbox = small::project(&on);
        small::deliver(&sandbox, 0);
        sandbox.ok(&["run", JOB]);
        small::deliver(&sandbox, 1);
        let processes: Vec<_> =
            (0..3).map(|_| sandbox.command(&["run", JOB]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()).collect();
        let codes: Vec<_> = processes.into_iter().map(|process| process.wait_with_output().unwrap().status.code()).collect();
        // Who comes second finds the plan overtaken and says so, or finds everything published.
        assert!(codes.iter().all(|code| matches!(code, Some(0 | 1))) && codes.contains(&Some(0)), "{codes:?}");
        assert_eq!(current(&sandbox).register, Current::of(1));
        sandbox.ok(&["project"]);
        sandbox.agrees("after three at once");
    }

    fn processes_that_open_a_register_that_is_not_there_make_it_once(on: On) {
        let sandbox = Sandbox::empty();
        on.configure(&sandbox);
        let processes: Vec<_> = (0..4)
            .map(|_| sandbox.command(&["runs", "--format", "json"]).stdout(Stdio::piped()).spawn().unwrap())
            .collect();
        for process in processes {
            let answer = process.wait_with_output().unwrap();
            assert_eq!(String::from_utf8_lossy(&answer.stdout).trim(), "[]");
        }
    }
}

/// What is current, in the register and in the lake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Current {
    register: (i64, i64),
    lake: (i64, i64),
}

impl Current {
    /// Contracts as they were and changed ones. One row is rejected: its predecessor stays.
    fn of(edition: usize) -> (i64, i64) {
        if edition.is_multiple_of(2) { (40, 0) } else { (35, 6) }
    }
}

fn current(sandbox: &Sandbox) -> Current {
    let of = |schema: &str, what: &str| {
        format!("(SELECT count(*) FROM {schema}.avtal WHERE giltig_till IS NULL AND titel LIKE '{what}%')")
    };
    let sql = format!(
        "SELECT {} AS ro, {} AS rn, {} AS lo, {} AS ln",
        of("register", "avtal"),
        of("register", "ändrat"),
        of("lake", "avtal"),
        of("lake", "ändrat")
    );
    let row = sandbox.json(&["sql", &sql])[0].take();
    let number = |name: &str| row[name].as_i64().unwrap();
    Current { register: (number("ro"), number("rn")), lake: (number("lo"), number("ln")) }
}
