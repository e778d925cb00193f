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
        // The later delivery changed five back, ended four, and brought the mended one.
        assert_eq!(["new", "changed", "ended", "superseded"].map(|kind| changes(0, kind)), [0, 31, 0, 10], "{answer}");
        // Of the lake's months the later delivery brought all.
        assert_eq!(["new", "changed", "ended"].map(|kind| changes(1, kind)), [0, 0, 0], "{answer}");
        assert!(changes(1, "superseded") > 0, "{answer}");
        assert_eq!(sandbox.number(lake), before);
        let current = |condition: &str| {
            sandbox.number(&format!("SELECT count(*) FROM register.avtal WHERE giltig_till IS NULL AND {condition}"))
        };
        assert_eq!([current("TRUE"), current("titel LIKE '%!'"), current("titel LIKE 'ändrat%'")], [40, 31, 0]);
        assert_eq!(waiting(&sandbox), []);
        let receipt = sandbox.json(&["receipt", answer["runs"][0]["run"].as_str().unwrap()]);
        assert!(receipt["warnings"].to_string().contains("10 rader i avtal"), "{receipt}");
        sandbox.agrees("after the replay");
        // Once more: nothing is left to do.
        let again = sandbox.json(&["quarantine", "replay", &first]);
        assert!(again["runs"][0]["publish_seq"].is_null(), "{again}");
    }

    fn what_is_still_wrong_waits_under_the_replay(on: On) {
        let sandbox = small::project(&on);
        small::deliver(&sandbox, 1);
        let first = run(&sandbox);
        let answer = sandbox.json(&["quarantine", "replay", &first]);
        assert_eq!(waiting(&sandbox), [(answer["runs"][0]["run"].as_str().unwrap().to_owned(), 1)]);
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
