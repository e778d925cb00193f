//! The commit protocol under fire: killed at any step, nothing is half done, and the next run
//! completes what was open. On both registers.

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
        // Each edition after the other, and undisturbed, until history has all that it will have.
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
}

/// What is current, in the register and in the lake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Current {
    register: (i64, i64),
    lake: (i64, i64),
}

impl Current {
    /// Contracts, and how many of them are called changed. One changed row is rejected.
    fn of(edition: usize) -> (i64, i64) {
        if edition.is_multiple_of(2) { (40, 0) } else { (41, 6) }
    }
}

fn current(sandbox: &Sandbox) -> Current {
    let of = |schema: &str| {
        let sql = format!(
            "SELECT count(*) AS alla, count(*) FILTER (WHERE titel LIKE 'ändrat%') AS nya FROM {schema}.avtal \
             WHERE giltig_till IS NULL"
        );
        let row = sandbox.json(&["sql", &sql])[0].take();
        (row["alla"].as_i64().unwrap(), row["nya"].as_i64().unwrap())
    };
    Current { register: of("register"), lake: of("lake") }
}
