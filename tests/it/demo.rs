//! The sample country: every job runs, every planted error is found where it was planted.

use std::collections::BTreeSet;

use serde_json::Value;

use sluss_schemas::table::{Class, Store, national};

use crate::both::{On, both};
use crate::sandbox::{Sandbox, root};

fn facit() -> Value {
    serde_json::from_str(&std::fs::read_to_string(root().join("tests/exempel/facit.json")).unwrap()).unwrap()
}

#[test]
fn every_job_runs_and_every_row_is_accounted_for() {
    let sandbox = Sandbox::demo();
    let answer = sandbox.json(&["run", "--all"]);
    assert_eq!(answer["failed"], Value::Array(vec![]));
    let facit = facit();
    for run in answer["runs"].as_array().unwrap() {
        let job = run["job"].as_str().unwrap();
        assert_eq!(run["state"], "done", "{job}: {}", run["held"]);
        let balance = &run["balance"];
        let filtered: u64 = balance["filtered"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
        let count = |name: &str| balance[name].as_u64().unwrap();
        assert_eq!(count("rows_in"), count("accepted") + count("rejected") + count("withheld") + filtered, "{job}");
        if let Some(rows) = facit["rows"][job].as_u64() {
            assert_eq!(count("rows_in") - filtered, rows, "{job}");
        }
    }
}

#[test]
fn every_planted_error_is_on_the_receipt_at_its_place() {
    let sandbox = Sandbox::demo();
    let runs = sandbox.json(&["run", "--all"]);
    let mut found = BTreeSet::new();
    for run in runs["runs"].as_array().unwrap() {
        let receipt = sandbox.json(&["receipt", run["run"].as_str().unwrap()]);
        for rule in receipt["rules"].as_array().unwrap() {
            for example in rule["examples"].as_array().unwrap() {
                found.insert((run["job"].clone().to_string(), rule["rule"].to_string(), example["row"].to_string()));
            }
        }
    }
    let missing: Vec<_> = facit()["planted"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|p| p["severity"] == "reject")
        .filter(|p| !found.contains(&(p["job"].to_string(), p["rule"].to_string(), p["row"].to_string())))
        .map(|p| format!("{} {} rad {}", p["job"], p["rule"], p["row"]))
        .collect();
    assert!(missing.is_empty(), "not found:\n{}", missing.join("\n"));
}

#[test]
fn the_statistics_are_those_of_the_published_contacts() {
    let sandbox = Sandbox::demo();
    sandbox.ok(&["run", "--all"]);
    for (table, column) in [("genomford", "antal_genomforda"), ("vantande", "antal_vantande")] {
        let contacts = format!("SELECT lanskod, count(*) n FROM {table} GROUP BY 1 ORDER BY 1");
        let sums = format!("SELECT lanskod, sum({column}) n FROM vantetid GROUP BY 1 ORDER BY 1");
        let contacts = sandbox.json(&["sql", &contacts]);
        assert_eq!(contacts.as_array().unwrap().len(), 3);
        assert_eq!(sandbox.json(&["sql", &sums]), contacts, "{table}");
    }
    let shares = "SELECT count(*) n FROM vantetid WHERE andel_inom IS NOT NULL \
                  AND abs(andel_inom - CAST(antal_ja AS DOUBLE) / (antal_ja + antal_nej)) > 1e-12";
    assert_eq!(sandbox.number(shares), 0);
}

#[test]
fn the_receipt_tells_what_is_published_now() {
    let sandbox = Sandbox::demo();
    let runs = sandbox.json(&["run", "--all"]);
    for run in runs["runs"].as_array().unwrap() {
        let receipt = sandbox.json(&["receipt", run["run"].as_str().unwrap()]);
        assert_eq!(receipt["published"]["run"], run["run"]);
        for told in receipt["published"]["tables"].as_array().unwrap() {
            let table = run["tables"].as_array().unwrap().iter().find(|t| t["table"] == told["table"]).unwrap();
            let changes = &table["changes"];
            let first = changes["new"].as_u64().unwrap();
            assert!(told["rows"].as_u64().unwrap() >= first, "{}: {told}", run["job"]);
        }
    }
    let rows = |owner: &str| sandbox.number(&format!("SELECT count(*) n FROM lake.avtal WHERE lanskod = '{owner}'"));
    let blekinge = runs["runs"].as_array().unwrap().iter().find(|r| r["job"] == "regions/10-blekinge/avtal").unwrap();
    assert_eq!(blekinge["tables"][0]["current"], rows("10"));
}

both! {
    fn the_whole_country_agrees_and_the_same_input_again_changes_nothing(on: On) {
        let sandbox = Sandbox::demo_on(&on);
        let answer = sandbox.json(&["run", "--all"]);
        assert_eq!(answer["failed"], Value::Array(vec![]));
        let counted = published(&sandbox);
        insta::assert_snapshot!("rader_per_tabell", counted);
        sandbox.agrees("after the first run");
        let history = || on.number(&sandbox, "SELECT event_no * 1000 + publish_seq FROM sekvens");
        let before = (history(), sandbox.delta_commits());
        let again = sandbox.json(&["run", "--all", "--full"]);
        for run in again["runs"].as_array().unwrap() {
            assert_eq!(run["publish_seq"], Value::Null, "{}", run["job"]);
        }
        assert_eq!((history(), sandbox.delta_commits()), before);
        assert_eq!(published(&sandbox), counted);
        sandbox.agrees("after the second run");
    }
}

/// Rows of every table, in the lake and (where they are there) in the register. What expires is shown or not by the
/// day on which it is asked for.
fn published(sandbox: &Sandbox) -> String {
    let mut parts = Vec::new();
    for table in national().iter().filter(|table| !table.expires) {
        let name = &table.name;
        if sandbox.path().join("var/lake").join(name).is_dir() {
            let register = match table.store {
                Store::Register => format!("(SELECT count(*) FROM register.{name})"),
                Store::Lake => "NULL".to_owned(),
            };
            parts.push(format!(
                "SELECT '{name}' AS tabell, (SELECT count(*) FROM lake.{name}) AS lake, {register} AS register"
            ));
        }
    }
    sandbox.ok(&["sql", &format!("{} ORDER BY tabell", parts.join(" UNION ALL "))])
}

#[test]
fn no_protected_column_can_be_asked_for_in_the_lake() {
    let sandbox = Sandbox::demo();
    sandbox.ok(&["run", "--all"]);
    let columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'lake'";
    let columns = sandbox.json(&["sql", columns]);
    for column in columns.as_array().unwrap() {
        let (table, column) = (column["table_name"].as_str().unwrap(), column["column_name"].as_str().unwrap());
        let class =
            national().iter().find(|t| t.name == table).and_then(|t| t.column(column)).map(|column| column.class);
        assert!(class.is_none_or(|class| class == Class::Oppen), "{table}.{column} is in the lake");
    }
    assert!(columns.as_array().unwrap().len() > 100, "{columns}");
}
