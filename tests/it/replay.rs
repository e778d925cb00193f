//! Replays: an older delivery with a mended mapping, and what may have come since.

use serde_json::Value;

use crate::both::{On, both};
use crate::commit_protocol::die_at;
use crate::sandbox::Sandbox;
use crate::small::{self, JOB};

/// Reads the date that no calendar has, and marks every title that it has touched.
const MENDED: &str = "SELECT '22' AS lanskod, nr AS avtals_id, namn || '!' AS titel, \
                      datum(replace(fran, '02-30', '02-28')) AS giltig_fran FROM source";

fn run(sandbox: &Sandbox) -> String {
    let answer = sandbox.json(&["run", JOB]);
    answer["runs"][0]["run"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// Rows that wait, by run.
fn waiting(sandbox: &Sandbox) -> Vec<(String, u64)> {
    let list = sandbox.json(&["quarantine", "list"]);
    let of = |run: &Value| (run["run"].as_str().unwrap().to_owned(), run["rows"].as_u64().unwrap());
    list["runs"].as_array().unwrap().iter().map(of).collect()
}

fn mend(sandbox: &Sandbox) {
    sandbox.write("regions/22-vasternorrland/avtal.sql", MENDED);
}

both! {
    fn after_a_newer_delivery_it_is_superseded(on: On) {
        let sandbox = small::project(&on);
        small::deliver(&sandbox, 1);
        let first = run(&sandbox);
        assert_eq!(waiting(&sandbox), [(first.clone(), 1)]);
        small::deliver(&sandbox, 0);
        run(&sandbox);
        let lake = "SELECT count(*) * 1000000 + sum(antal) FROM lake.matning";
        let before = sandbox.number(lake);
        mend(&sandbox);
        let answer = sandbox.json(&["quarantine", "replay", &first]);
        let changes = |table: usize, kind: &str| answer["runs"][0]["tables"][table]["changes"][kind].as_u64().unwrap();
        // The later delivery brought 37 of these 41 contracts, and showed that the other four are no more:
        // nothing of what it left is an older one's to change, whatever the mapping now makes of it.
        assert_eq!(["new", "changed", "ended", "superseded"].map(|kind| changes(0, kind)), [0, 0, 0, 41], "{answer}");
        // Of the lake's months the later delivery brought all.
        assert_eq!(["new", "changed", "ended"].map(|kind| changes(1, kind)), [0, 0, 0], "{answer}");
        assert!(changes(1, "superseded") > 0, "{answer}");
        assert_eq!(sandbox.number(lake), before);
        let current = |condition: &str| {
            sandbox.number(&format!("SELECT count(*) FROM register.avtal WHERE giltig_till IS NULL AND {condition}"))
        };
        assert_eq!([current("TRUE"), current("titel LIKE '%!'"), current("titel LIKE 'ändrat%'")], [40, 0, 0]);
        assert_eq!(waiting(&sandbox), []);
        let receipt = sandbox.json(&["receipt", answer["runs"][0]["run"].as_str().unwrap()]);
        assert!(receipt["warnings"].to_string().contains("41 rader i avtal"), "{receipt}");
        sandbox.agrees("after the replay");
        // Once more: nothing is left to do.
        let again = sandbox.json(&["quarantine", "replay", &first]);
        assert!(again["runs"][0]["publish_seq"].is_null(), "{again}");
    }

    fn what_is_still_wrong_waits_under_the_replay(on: On) {
        let sandbox = small::project(&on);
        small::deliver(&sandbox, 1);
        let first = run(&sandbox);
        // Once, however often it is read again.
        for _ in 0..2 {
            let answer = sandbox.json(&["quarantine", "replay", &first]);
            assert_eq!(waiting(&sandbox), [(answer["runs"][0]["run"].as_str().unwrap().to_owned(), 1)]);
        }
    }

    fn what_a_later_delivery_could_not_say_is_taken_from_an_older_one(on: On) {
        let sandbox = small::project(&on);
        small::deliver(&sandbox, 0);
        run(&sandbox);
        // Twice a delivery with a date that no calendar has: the contract's predecessor stays, stale.
        small::deliver(&sandbox, 1);
        let second = run(&sandbox);
        let third = run(&sandbox);
        let stale = || on.number(&sandbox, "SELECT COUNT(*) FROM inaktuell WHERE seq_to IS NULL");
        assert_eq!((stale(), waiting(&sandbox)), (1, vec![(third.clone(), 1)]));
        // The mended mapping reads it from the older one: better than the predecessor, still not the latest.
        mend(&sandbox);
        sandbox.ok(&["quarantine", "replay", &second]);
        let marked = "SELECT count(*) FROM register.avtal WHERE titel LIKE '%!' AND giltig_till IS NULL";
        assert_eq!((sandbox.number(marked), stale()), (1, 1));
        assert_eq!(waiting(&sandbox), [(third.clone(), 1)], "what is wrong waits where the latest delivery said it");
        sandbox.ok(&["quarantine", "replay", &third]);
        assert_eq!((sandbox.number(marked), stale(), waiting(&sandbox)), (41, 0, vec![]));
        sandbox.agrees("after both replays");
    }

    fn killed_it_leaves_each_row_waiting_or_replayed(on: On) {
        let sandbox = small::project(&on);
        small::deliver(&sandbox, 1);
        let first = run(&sandbox);
        mend(&sandbox);
        die_at(&sandbox, &["quarantine", "replay", &first], "publish.commit");
        assert_eq!(waiting(&sandbox), [(first.clone(), 1)]);
        die_at(&sandbox, &["quarantine", "replay", &first], "publish.committed");
        assert_eq!(waiting(&sandbox), []);
        sandbox.ok(&["project"]);
        sandbox.agrees("after the killed replay");
        assert_eq!(sandbox.number("SELECT count(*) FROM lake.avtal WHERE titel LIKE '%!' AND giltig_till IS NULL"), 41);
    }
}
