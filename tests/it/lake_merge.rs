//! Tables whose rows are in the lake alone: what a delivery does to the rows that are there.

use serde_json::Value;

use crate::sandbox::Sandbox;

const TABLE: &str = r#"
name = "besok"
version = "1.0"
meaning = "Besök, för proven."
store = "lake"
key = ["region", "id"]
owner = "region"
partition = ["region", "manad"]
[[column]]
name = "region"
type = "text"
required = true
meaning = "Länskod."
[[column]]
name = "id"
type = "text"
required = true
meaning = "Besökets id."
[[column]]
name = "manad"
type = "text"
required = true
identifier = "manad"
meaning = "Månad."
[[column]]
name = "dagar"
type = "integer"
required = true
meaning = "Dagar."
"#;
const SQL: &str = "SELECT '22' AS region, id, manad, heltal(dagar) AS dagar FROM source";

fn project(mode: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("tables/besok.toml", TABLE);
    let job = format!(
        "[job]\nowner = \"22\"\nfeeds = [\"besok\"]\nmode = \"{mode}\"\n[source]\nconnector = \"files\"\n\
         [source.options]\npath = \"besok*.csv\"\nformat = \"csv\"\n[map]\nbesok = \"besok.sql\"\n\
         [limits]\nmax_ended_share = 1.0\nmax_rejected_share = 1.0\n"
    );
    sandbox.write("regions/22/besok.toml", job);
    sandbox.write("regions/22/besok.sql", SQL);
    sandbox
}

fn deliver(sandbox: &Sandbox, file: &str, rows: &[&str]) -> Value {
    sandbox.write(&format!("regions/22/{file}.csv"), format!("id;manad;dagar\n{}\n", rows.join("\n")));
    let run = sandbox.json(&["run", "besok"])["runs"][0].clone();
    assert_eq!(run["state"], "done", "{run}");
    run
}

fn changes(run: &Value) -> [u64; 5] {
    let changes = &run["tables"][0]["changes"];
    ["new", "changed", "unchanged", "ended", "stale"].map(|name| changes[name].as_u64().unwrap())
}

fn rows(sandbox: &Sandbox) -> Vec<String> {
    let rows = sandbox.json(&["sql", "SELECT id, manad, dagar FROM besok ORDER BY id, manad"]);
    let text = |row: &Value, name: &str| row[name].to_string().trim_matches('"').to_owned();
    rows.as_array().unwrap().iter().map(|r| ["id", "manad", "dagar"].map(|n| text(r, n)).join(";")).collect()
}

#[test]
fn rows_are_new_changed_unchanged_or_ended_one_by_one() {
    let sandbox = project("snapshot");
    let first = ["a;2026-01;1", "b;2026-01;2", "c;2026-01;3", "d;2026-02;4"];
    assert_eq!(changes(&deliver(&sandbox, "besok", &first)), [4, 0, 0, 0, 0]);
    let commits = sandbox.delta_commits();
    assert_eq!(changes(&deliver(&sandbox, "besok", &first)), [0, 0, 4, 0, 0]);
    assert_eq!(sandbox.delta_commits(), commits, "nothing changed");
    let next = ["a;2026-01;1", "b;2026-01;20", "e;2026-01;5", "d;2026-02;4"];
    assert_eq!(changes(&deliver(&sandbox, "besok", &next)), [1, 1, 2, 1, 0]);
    assert_eq!(rows(&sandbox), ["a;2026-01;1", "b;2026-01;20", "d;2026-02;4", "e;2026-01;5"]);
}

#[test]
fn a_rejected_row_keeps_its_predecessor() {
    let sandbox = project("snapshot");
    deliver(&sandbox, "besok", &["a;2026-01;1", "b;2026-01;2", "c;2026-02;3", "d;2026-03;4"]);
    // b cannot be read any more, a has changed, c is the only row of its month and cannot be read, d is gone.
    let next = ["a;2026-01;10", "b;2026-01;x", "c;2026-02;x"];
    let run = deliver(&sandbox, "besok", &next);
    assert_eq!(changes(&run), [0, 1, 0, 1, 2], "{run}");
    assert_eq!(rows(&sandbox), ["a;2026-01;10", "b;2026-01;2", "c;2026-02;3"]);
    let commits = sandbox.delta_commits();
    assert_eq!(changes(&deliver(&sandbox, "besok", &next)), [0, 0, 1, 0, 2]);
    assert_eq!(sandbox.delta_commits(), commits, "nothing changed");
    // When its key is gone from the delivery, so is the row that was kept.
    assert_eq!(changes(&deliver(&sandbox, "besok", &["a;2026-01;10", "c;2026-02;x"])), [0, 0, 1, 1, 1]);
    assert_eq!(rows(&sandbox), ["a;2026-01;10", "c;2026-02;3"]);
}

#[test]
fn a_row_that_moves_to_another_month_is_in_one_place() {
    for mode in ["snapshot", "incremental"] {
        let sandbox = project(mode);
        deliver(&sandbox, "besok1", &["a;2026-01;1", "b;2026-01;2"]);
        let file = if mode == "snapshot" { "besok1" } else { "besok2" };
        let next: &[&str] = if mode == "snapshot" { &["a;2026-02;1", "b;2026-01;2"] } else { &["a;2026-02;1"] };
        assert_eq!(changes(&deliver(&sandbox, file, next))[..2], [0, 1], "{mode}");
        assert_eq!(rows(&sandbox), ["a;2026-02;1", "b;2026-01;2"], "{mode}");
    }
}

#[test]
fn what_an_increment_does_not_bring_stays() {
    let sandbox = project("incremental");
    deliver(&sandbox, "besok1", &["a;2026-01;1", "b;2026-01;2"]);
    let run = deliver(&sandbox, "besok2", &["b;2026-01;20", "c;2026-01;3"]);
    assert_eq!(changes(&run), [1, 1, 0, 0, 0], "{run}");
    assert_eq!(rows(&sandbox), ["a;2026-01;1", "b;2026-01;20", "c;2026-01;3"]);
}

#[test]
fn an_unreadable_key_ends_nothing() {
    let sandbox = project("snapshot");
    deliver(&sandbox, "besok", &["a;2026-01;1", "b;2026-01;2", "c;2026-02;3"]);
    let run = deliver(&sandbox, "besok", &["a;2026-01;10", ";2026-01;2"]);
    assert_eq!(changes(&run), [0, 1, 0, 0, 0], "{run}");
    assert_eq!(rows(&sandbox), ["a;2026-01;10", "b;2026-01;2", "c;2026-02;3"]);
}
