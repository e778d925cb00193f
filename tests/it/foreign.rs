//! Contract databases that somebody made who had seen the katalog's model and nothing of this program, each
//! connected by a folder of text files: what is published, and what a region is told, against the key that
//! their maker wrote. `tests/foreign/README.md` tells of them.

mod database;
mod facit;
mod suggested;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use self::database::{ALL, Foreign};
use self::facit::Facit;
use crate::sandbox::Sandbox;

/// Lines of job files and SQL that one database may take, comments and blank lines aside.
const LINES: usize = 60;

#[test]
fn norrvaga_is_connected_by_configuration_alone() {
    connected(&ALL[0], &json!({}));
}

#[test]
fn sodermark_is_connected_by_configuration_alone() {
    connected(&ALL[1], &json!({}));
}

#[test]
fn mellansjo_is_connected_by_configuration_alone() {
    connected(&ALL[2], &json!({}));
}

/// Five notes hold a test person's number.
#[test]
fn vastersund_is_connected_by_configuration_alone() {
    connected(&ALL[3], &json!({ "notes": 5 }));
}

#[test]
fn ostana_is_connected_by_configuration_alone() {
    connected(&ALL[4], &json!({}));
}

#[test]
fn each_database_takes_few_lines() {
    let mut lines = BTreeMap::new();
    for foreign in &ALL {
        let count = foreign.files().iter().map(|(_, text)| text.lines().filter(|line| counts(line)).count()).sum();
        println!("foreign: {:14} {count:3} lines of TOML and SQL", foreign.name());
        lines.insert(foreign.name(), count);
    }
    assert!(lines.values().all(|count: &usize| *count <= LINES), "{lines:?}");
}

fn counts(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with('#') && !line.starts_with("--")
}

/// Runs the two jobs of a database, twice, and compares.
fn connected(foreign: &Foreign, personal_numbers: &Value) {
    let facit = Facit::of(foreign);
    let Some(address) = foreign.server() else { return };
    let live = foreign.load(&address, &[&facit.live.avtal, &facit.live.tjanst]);
    let sandbox = foreign.project(&address);
    sandbox.ok(&["check"]);

    let runs: Vec<Value> = ["avtal", "tjanst"].iter().map(|job| run(&sandbox, foreign, job)).collect();
    for run in &runs {
        let filtered: i64 = run["balance"]["filtered"].as_object().unwrap().values().map(|n| n.as_i64().unwrap()).sum();
        let sum = |names: &[&str]| names.iter().map(|name| run["balance"][*name].as_i64().unwrap()).sum::<i64>();
        assert_eq!(sum(&["rows_in"]), sum(&["accepted", "rejected", "withheld"]) + filtered, "{run}");
        assert!(filtered > 0, "no deleted row was left out by name: {run}");
    }
    assert_eq!(&runs[0]["personal_numbers"], personal_numbers);
    assert_eq!(runs[1]["personal_numbers"], json!({}));

    let quarantine: Vec<Value> = runs.iter().map(|run| rejected(&sandbox, run)).collect();
    for (table, live, quarantine) in [("avtal", &live[0], &quarantine[0]), ("tjanst", &live[1], &quarantine[1])] {
        compare(&sandbox, &facit, table, live, quarantine);
    }
    for told in &facit.told {
        let rows = at(&quarantine[1], &told.table, &told.rule);
        assert_eq!(rows, told.rows, "{}.{}: {}", told.table, told.rule, told.why);
    }
    samples(&sandbox, &facit);
    no_test_number_is_published(&sandbox);

    // The same again adds a run and nothing else.
    for (job, first) in ["avtal", "tjanst"].iter().zip(&runs) {
        let again = run(&sandbox, foreign, job);
        assert_eq!(again["balance"], first["balance"], "{job}");
        for table in again["tables"].as_array().unwrap() {
            for change in ["new", "changed", "ended"] {
                assert_eq!(table["changes"][change], 0, "{job}: {table}");
            }
        }
    }
    sandbox.agrees(foreign.name());
}

/// Runs one job, which must publish.
fn run(sandbox: &Sandbox, foreign: &Foreign, job: &str) -> Value {
    let answer = sandbox.json(&["run", &foreign.job(job)]);
    let run = answer["runs"][0].clone();
    assert_eq!(run["state"], "done", "{answer}");
    run
}

/// A run's rejected rows.
fn rejected(sandbox: &Sandbox, run: &Value) -> Value {
    let answer = sandbox.json(&["quarantine", "show", run["run"].as_str().unwrap(), "-n", "10000"]);
    answer["rows"].clone()
}

/// How many rows of a table were rejected by a rule.
fn at(quarantine: &Value, table: &str, rule: &str) -> usize {
    let of_rule = |row: &&Value| row["findings"].as_array().unwrap().iter().any(|finding| finding["rule"] == rule);
    quarantine.as_array().unwrap().iter().filter(|row| row["table"] == table).filter(of_rule).count()
}

/// The rules that each key of a table was rejected by, warnings among them.
fn rules(quarantine: &Value, facit: &Facit, table: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in quarantine.as_array().unwrap().iter().filter(|row| row["table"] == table) {
        // What a row is rejected for among others is told with the national row, not with the source's.
        let national = ["avtals_id".to_owned(), "tjanst_id".to_owned()];
        let is_national = row["cells"]["lanskod"].is_string();
        let names = if is_national { national.get(..facit.cells(table).len()).unwrap() } else { facit.cells(table) };
        let cells = names.iter().map(|name| row["cells"][name].as_str().unwrap_or_default());
        let key = cells.collect::<Vec<_>>().join("/");
        let rules =
            row["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap().to_owned());
        found.entry(key).or_default().extend(rules);
    }
    found
}

/// What stands in the register, and why the rest does not, against the key.
fn compare(sandbox: &Sandbox, facit: &Facit, table: &str, live: &[String], quarantine: &Value) {
    let count = facit.count(table);
    let rejects: BTreeMap<&str, _> =
        facit.reject.iter().filter(|r| r.table == table).map(|r| (r.key.as_str(), r.rule.as_deref())).collect();
    assert_eq!(live.len(), count.live, "{table}: rows that are live");
    let accepted: Vec<&String> = live.iter().filter(|key| !rejects.contains_key(key.as_str())).collect();
    assert_eq!(accepted.len(), count.accepted, "{table}: the key's own count");

    let mut expected: BTreeSet<String> = accepted.into_iter().cloned().collect();
    for differ in facit.differ.iter().filter(|d| d.table == table) {
        println!(
            "foreign: {table} {}: the program {}, the {} is right: {}",
            differ.key, differ.program, differ.right, differ.why
        );
        let moved = match differ.program.as_str() {
            "accepts" => expected.insert(differ.key.clone()),
            _ => expected.remove(&differ.key),
        };
        assert!(moved, "{table} {}: there is no difference", differ.key);
    }
    let key = if table == "avtal" { "avtals_id" } else { "concat(avtals_id, '/', tjanst_id)" };
    let rows = sandbox.json(&["sql", &format!("SELECT {key} AS k FROM register.{table}")]);
    let published: BTreeSet<String> =
        rows.as_array().unwrap().iter().map(|row| row["k"].as_str().unwrap().to_owned()).collect();
    assert_eq!(published, expected, "{table}: what is published");

    // Every row that is not is told of, by the rule that says what is wrong.
    let told = rules(quarantine, facit, table);
    let why = facit.differ.iter().filter(|d| d.table == table).map(|d| (d.key.as_str(), d.rule.as_deref()));
    for (key, rule) in rejects.into_iter().chain(why) {
        let Some(rule) = rule else { continue };
        assert!(
            told.get(key).is_some_and(|rules| rules.contains(rule)),
            "{table} {key}: {rule}, not {:?}",
            told.get(key)
        );
    }
    let live: BTreeSet<&String> = live.iter().collect();
    let unknown: Vec<_> = told.keys().filter(|key| !live.contains(key)).collect();
    assert!(unknown.is_empty(), "{table}: told of rows that are deleted, drafts or history: {unknown:?}");
    for decoy in facit.decoy.iter().filter(|_| table == "tjanst") {
        assert!(!told.contains_key(&decoy.key) && !published.contains(&decoy.key), "{}", decoy.key);
    }
}

/// Contracts that the key spells out, value by value.
fn samples(sandbox: &Sandbox, facit: &Facit) {
    let first_after = |day: &str| match day {
        "" => Value::Null,
        day => json!((day.parse::<chrono::NaiveDate>().unwrap() + chrono::Days::new(1)).to_string()),
    };
    for sample in &facit.sample {
        let id = &sample.avtals_id;
        let sql = format!(
            "SELECT CAST(a.giltig_fran AS VARCHAR) AS fran, CAST(a.giltig_till AS VARCHAR) AS till, u.utforare_orgnr AS utf, \
             u.bestallare_orgnr AS best FROM register.avtal a JOIN register.uppdrag u ON u.avtals_id = a.avtals_id \
             WHERE a.avtals_id = '{id}'"
        );
        let row = sandbox.json(&["sql", &sql, "--operator"])[0].clone();
        let expected = [
            json!(sample.giltig_fran),
            first_after(&sample.last_day),
            json!(sample.utforare_orgnr),
            json!(sample.bestallare_orgnr),
        ];
        assert_eq!(["fran", "till", "utf", "best"].map(|name| row[name].clone()), expected, "{id}");
        for (service, kva, from, last) in &sample.tjanster {
            let key = format!("{id}/{service}");
            if facit.differ.iter().any(|differ| differ.table == "tjanst" && differ.key == key) {
                continue;
            }
            let sql = format!(
                "SELECT kva, CAST(giltig_fran AS VARCHAR) AS fran, CAST(giltig_till AS VARCHAR) AS till FROM register.tjanst \
                 WHERE avtals_id = '{id}' AND tjanst_id = '{service}'"
            );
            let row = sandbox.json(&["sql", &sql, "--operator"])[0].clone();
            let expected = [json!(kva), json!(from), first_after(last)];
            assert_eq!(["kva", "fran", "till"].map(|name| row[name].clone()), expected, "{id}/{service}");
        }
    }
}

/// The numbers of test persons that a note holds stand in no row, no receipt and no account of a run.
fn no_test_number_is_published(sandbox: &Sandbox) {
    let mut said = sandbox.ok(&["runs", "--format", "json"]);
    for table in ["avtal", "uppdrag", "tjanst", "villkor", "malgrupp", "kontakt"] {
        said += &sandbox.ok(&["sql", &format!("SELECT * FROM register.{table}"), "--format", "json"]);
    }
    for number in ["191212121212", "19121212-1212", "18900101-9802", "189001029819", "18900103-9800"] {
        assert!(!said.contains(number), "a person's number is published");
    }
}
