//! A workbook that a region fills in: made, filled in by another program, run, and nothing is lost.

use std::process::Command;

use serde_json::Value;

use crate::sandbox::{Answer, Sandbox, python, root};

fn filled(python: &std::path::Path, arguments: &[&str]) -> Value {
    let answer = Command::new(python).arg(root().join("tests/it/template.py")).args(arguments).output().unwrap();
    let answer = Answer::of(answer);
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    serde_json::from_str(&answer.stdout).unwrap()
}

#[test]
fn a_filled_workbook_reaches_the_register_cell_by_cell() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::empty();
    let book = sandbox.path().join("avtal.xlsx");
    let book = book.to_str().unwrap();
    let told = sandbox.ok(&["template", "avtal", "--region", "22", "--with-job", "--out", book]);
    assert!(told.contains("regions/22-vasternorrland/mall/tjanst.toml"), "{told}");
    let expected = filled(&python, &["fill", book]);
    sandbox.ok(&["check"]);
    for table in ["avtal", "uppdrag", "tjanst", "villkor", "malgrupp"] {
        let run = sandbox.run(&["run", &format!("mall/{table}")]);
        assert_eq!(run.code, Some(0), "{table}: {}{}", run.stdout, run.stderr);
    }
    let mut cells = 0;
    for (table, rows) in expected.as_object().unwrap() {
        let rows = rows.as_array().unwrap();
        let count = sandbox.number(&format!("SELECT count(*) FROM register.{table}"));
        assert_eq!(usize::try_from(count), Ok(rows.len()), "{table}");
        for row in rows {
            let key = &row["key"];
            let conditions: Vec<String> =
                key.as_object().unwrap().iter().map(|(k, v)| format!("{k} = '{}'", v.as_str().unwrap())).collect();
            let given = row["cells"].as_object().unwrap();
            let casts: Vec<String> = given.keys().map(|c| format!("CAST({c} AS VARCHAR) AS {c}")).collect();
            let sql = format!("SELECT {} FROM register.{table} WHERE {}", casts.join(", "), conditions.join(" AND "));
            let found = sandbox.json(&["sql", "--operator", &sql]);
            for (column, value) in given {
                assert_eq!(found[0].get(column).unwrap_or(&Value::Null), value, "{table}.{column} of {key}");
                cells += 1;
            }
        }
    }
    println!("template: {cells} cells filled in, run, and found unchanged in the register");
    assert!(cells > 60);
}

#[test]
fn an_untouched_sheet_changes_nothing_and_a_filled_book_is_never_overwritten() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::empty();
    let book = sandbox.path().join("avtal.xlsx");
    let book = book.to_str().unwrap();
    sandbox.ok(&["template", "avtal", "--region", "22", "--with-job", "--out", book]);
    let again = sandbox.run(&["template", "avtal", "--out", book]);
    assert_eq!(again.code, Some(2), "{}", again.stderr);
    assert!(again.stderr.contains("finns redan"), "{}", again.stderr);
    filled(&python, &["fill", book, "avtal", "uppdrag"]);
    for table in ["avtal", "uppdrag", "villkor"] {
        let run = sandbox.run(&["run", &format!("mall/{table}")]);
        assert_eq!(run.code, Some(0), "{table}: {}{}", run.stdout, run.stderr);
    }
    assert_eq!(sandbox.number("SELECT count(*) FROM register.villkor"), 0);
}

#[test]
fn the_workbook_is_what_a_person_needs() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::demo();
    sandbox.ok(&["run", "kodverk/kva", "kodverk/icd10se", "kodverk/mvo"]);
    let book = sandbox.path().join("bok.xlsx");
    let book = book.to_str().unwrap();
    sandbox.ok(&["template", "avtal", "--out", book]);
    let seen = filled(&python, &["look", book]);
    assert_eq!(seen["sheets"].as_array().unwrap().len(), 7, "{seen}");
    assert_eq!(seen["hidden"], serde_json::json!(["listor"]));
    // Without a region the länskod is chosen on every row.
    let checks = &seen["checks"];
    for (cell, formula) in [
        ("avtal!lanskod", "lista_lanskod"),
        ("avtal!typ", "lista_avtal_typ"),
        ("tjanst!kva", "lista_kod_kva"),
        ("uppdrag!avtals_id", "avtal!$B$2:$B$5001"),
        ("tjanst!avtals_id", "avtal!$B$2:$B$5001"),
        ("villkor!tjanst_id", "tjanst!$D$2:$D$5001"),
    ] {
        assert_eq!(checks[cell]["formula"], formula, "{cell}: {checks:#}");
        assert_eq!(checks[cell]["type"], "list", "{cell}");
    }
    assert_eq!(checks["avtal!giltig_fran"]["type"], "date");
    assert_eq!(checks["avtal!ersattningstak"]["type"], "decimal");
    assert_eq!(checks["avtal!uppsagningstid_manader"]["type"], "whole");
    assert_eq!(checks["avtal!leverantor_orgnr"]["type"], "custom");
    assert!(seen["names"]["lista_kod_kva"].as_u64().unwrap() > 0, "{seen}");
    assert!(seen["prompts"].as_u64().unwrap() > 60, "every column says what it is for: {seen}");
}

#[test]
fn a_table_that_is_not_there_gets_its_neighbour() {
    let sandbox = Sandbox::empty();
    let answer = sandbox.run(&["template", "avtl", "--out", "x.xlsx"]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.stderr.contains("menade ni `avtal`?"), "{}", answer.stderr);
}
