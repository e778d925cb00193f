//! Guards: nothing, a fraction or an error page is held or refused, and nothing is ended.

use crate::sandbox::Sandbox;

const JOB: &str = r#"
[job]
owner = "22"
feeds = ["avtal"]
[source]
connector = "files"
[source.options]
path = "avtal.csv"
format = "csv"
[map]
avtal = "avtal.sql"
"#;
const SQL: &str = "SELECT '22' AS lanskod, nr AS avtals_id, namn AS titel, datum(fran) AS giltig_fran FROM source";
const HEADER: &str = "nr;namn;fran\n";

fn region(rows: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("regions/22-vasternorrland/avtal.toml", JOB);
    sandbox.write("regions/22-vasternorrland/avtal.sql", SQL);
    deliver(&sandbox, rows);
    sandbox
}

fn deliver(sandbox: &Sandbox, rows: impl AsRef<[u8]>) {
    sandbox.write("regions/22-vasternorrland/avtal.csv", rows);
}

fn contracts(numbers: impl Iterator<Item = u32>) -> String {
    let rows: Vec<_> = numbers.map(|n| format!("A{n};Avtal {n};2026-01-01\n")).collect();
    HEADER.to_owned() + &rows.concat()
}

fn current(sandbox: &Sandbox) -> i64 {
    sandbox.number("SELECT count(*) n FROM lake.avtal WHERE giltig_till IS NULL")
}

#[test]
fn nothing_and_half_are_held_and_end_nothing() {
    let sandbox = region(&contracts(0..40));
    sandbox.ok(&["run", "avtal"]);
    for bad in [HEADER.to_owned(), contracts(0..19)] {
        deliver(&sandbox, &bad);
        let answer = sandbox.run(&["run", "avtal", "--full"]);
        assert_eq!(answer.code, Some(3), "{}{}", answer.stdout, answer.stderr);
        assert!(answer.stdout.contains("hålls"), "{}", answer.stdout);
        assert_eq!(current(&sandbox), 40);
    }
}

#[test]
fn an_empty_file_and_an_error_page_publish_nothing() {
    let sandbox = region(&contracts(0..40));
    sandbox.ok(&["run", "avtal"]);
    for bad in ["", "<!DOCTYPE html><html><body>503 Service Unavailable</body></html>"] {
        deliver(&sandbox, bad);
        let answer = sandbox.run(&["run", "avtal", "--full"]);
        assert!(matches!(answer.code, Some(1 | 3)), "{}{}", answer.stdout, answer.stderr);
        assert_eq!(current(&sandbox), 40);
    }
}

#[test]
fn absence_ends_and_a_rejected_row_does_not() {
    let sandbox = region(&contracts(0..40));
    sandbox.ok(&["run", "avtal"]);
    let mut rows = contracts(1..40);
    rows = rows.replace("A7;Avtal 7;2026-01-01", "A7;Avtal 7;2026-02-30");
    deliver(&sandbox, &rows);
    let run = &sandbox.json(&["run", "avtal", "--full"])["runs"][0];
    let changes = &run["tables"][0]["changes"];
    assert_eq!((changes["ended"].as_u64(), changes["stale"].as_u64()), (Some(1), Some(1)), "{run}");
    assert_eq!(current(&sandbox), 39);
}

#[test]
fn a_resorted_file_changes_nothing() {
    let sandbox = region(&contracts(0..40));
    sandbox.ok(&["run", "avtal"]);
    deliver(&sandbox, contracts((0..40).rev()));
    let run = &sandbox.json(&["run", "avtal", "--full"])["runs"][0];
    assert_eq!(run["tables"][0]["changes"]["unchanged"], 40, "{run}");
    assert!(run["publish_seq"].is_null());
}

#[test]
fn what_a_whole_delivery_rejects_again_waits_once() {
    let sandbox = region(&contracts(0..40).replace("A7;Avtal 7;2026-01-01", "A7;Avtal 7;2026-02-30"));
    for _ in 0..3 {
        sandbox.ok(&["run", "avtal"]);
        let causes = sandbox.json(&["quarantine", "list"]);
        let causes = &causes["causes"];
        let rows: Vec<_> = causes.as_array().unwrap().iter().map(|cause| cause["rows"].as_u64().unwrap()).collect();
        assert_eq!(rows, [1], "{causes}");
    }
    deliver(&sandbox, contracts(0..40));
    sandbox.ok(&["run", "avtal"]);
    assert_eq!(sandbox.json(&["quarantine", "list"])["causes"], serde_json::json!([]));
}

/// Two contract databases of one region, each read whole by a job of its own.
#[test]
fn a_job_ends_its_own_rows_alone_also_under_a_new_name() {
    let sandbox = region(&contracts(0..40));
    let folder = "regions/22-vasternorrland";
    sandbox.write(&format!("{folder}/tandvard.toml"), JOB.replace("avtal.csv", "tandvard.csv"));
    let dental = |rows: &str| sandbox.write(&format!("{folder}/tandvard.csv"), rows);
    dental(&contracts(100..120));
    sandbox.ok(&["run", "--all"]);
    sandbox.ok(&["run", "--all", "--full"]);
    assert_eq!(current(&sandbox), 60);

    // The share that may end is of the job's own rows: 5 of 20 are too many, though but 5 of the region's 60.
    dental(&contracts(105..120));
    let answer = sandbox.run(&["run", "tandvard", "--full"]);
    assert_eq!(answer.code, Some(3), "{}", answer.stdout);
    assert!(answer.stdout.contains("5 av 20"), "{}", answer.stdout);

    // Renamed, the job knows its rows only if it is told what it was called.
    let file = |name: &str| sandbox.path().join(format!("{folder}/{name}.toml"));
    std::fs::rename(file("tandvard"), file("tander")).unwrap();
    dental(&contracts(102..120));
    sandbox.ok(&["run", "tander", "--full"]);
    assert_eq!(current(&sandbox), 60);
    let renamed = JOB.replace("avtal.csv", "tandvard.csv");
    let renamed = renamed.replace("[job]\n", "[job]\nformerly = [\"regions/22-vasternorrland/tandvard\"]\n");
    sandbox.write(&format!("{folder}/tander.toml"), renamed);
    sandbox.ok(&["run", "tander", "--full"]);
    assert_eq!(current(&sandbox), 58);
}
