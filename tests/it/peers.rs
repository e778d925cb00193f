//! The lake as its users meet it: `DuckDB` and Polars find what `sluss sql` finds, and nothing that is
//! not theirs to see.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;

use serde_json::{Map, Value};
use sluss_pipeline::job::Project;
use sluss_schemas::table::Class;

use crate::sandbox::{Sandbox, python, root};

/// Every value of a table measured: how many there are, and a sum that changes when one does.
fn measured(sandbox: &Sandbox, table: &str, expires: bool) -> Value {
    let sql = format!(
        "SELECT column_name, data_type FROM information_schema.columns \
         WHERE table_schema = 'lake' AND table_name = '{table}' ORDER BY ordinal_position"
    );
    let columns: Vec<(String, String)> =
        serde_json::from_value::<Vec<Map<String, Value>>>(sandbox.json(&["sql", &sql]))
            .unwrap()
            .into_iter()
            .map(|row| (row["column_name"].as_str().unwrap().into(), row["data_type"].as_str().unwrap().into()))
            .collect();
    let mut measures = String::new();
    for (at, (name, kind)) in columns.iter().enumerate() {
        let value = match kind.as_str() {
            text if text.contains("Utf8") => format!("character_length(CAST({name} AS VARCHAR))"),
            "Date32" => format!("CAST(CAST({name} AS INT) AS BIGINT)"),
            "Boolean" => format!("CAST({name} AS INT)"),
            time if time.starts_with("Timestamp") => format!("CAST({name} AS BIGINT)"),
            _ => name.clone(),
        };
        write!(measures, ", count({name}) AS n{at}, CAST(coalesce(sum({value}), 0) AS DOUBLE) AS s{at}").unwrap();
    }
    // Other readers see what has expired: asked on a day on which no offer had. On an earlier day fewer
    // contracts are open, so the rest is asked today.
    let sql = format!("SELECT count(*) AS alla{measures} FROM lake.{table}");
    let clock: &[&str] = if expires { &["--clock", "2026-01-01T12:00:00Z"] } else { &[] };
    let mut rows = sandbox.json(&[clock, &["sql", &sql]].concat());
    assert!(rows.is_array(), "{table}: {rows}");
    let row = rows[0].take();
    let told = columns
        .iter()
        .enumerate()
        .map(|(at, (name, _))| (name.clone(), serde_json::json!([row[format!("n{at}")], row[format!("s{at}")]])));
    serde_json::json!({ "rows": row["alla"], "columns": told.collect::<Map<_, _>>() })
}

/// Equal but for the order in which floating point numbers were added up.
fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| alike(value, other)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        _ => match (one.as_f64(), other.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
            _ => one == other,
        },
    }
}

#[test]
fn duckdb_and_polars_read_what_sluss_reads_and_no_protected_column() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::demo();
    sandbox.ok(&["run", "--all"]);
    let read = Command::new(python)
        .arg(root().join("tests/it/peers.py"))
        .arg(sandbox.path().join("var/lake"))
        .output()
        .unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let read: Value = serde_json::from_slice(&read.stdout).unwrap();
    let project = Project::open(sandbox.path()).unwrap();
    let tables: Vec<_> = read["files"].as_object().unwrap().keys().collect();
    assert!(tables.len() > 12, "only {tables:?}");
    for name in tables {
        let ours = measured(&sandbox, name, project.tables.get(name).unwrap().expires);
        assert!(ours["rows"].as_u64().unwrap() > 0, "{name} is empty");
        for reader in ["duckdb", "polars"] {
            let theirs = &read[reader][name];
            assert!(alike(theirs, &ours), "{reader} reads {name} as\n{theirs}\nand sluss sql as\n{ours}");
        }
        let table = project.tables.get(name).unwrap();
        let protected = table.column.iter().filter(|c| c.class != Class::Oppen).map(|c| c.name.as_str());
        let columns: BTreeSet<_> = read["files"][name].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let out: Vec<_> = protected.filter(|column| columns.contains(column)).collect();
        assert!(out.is_empty(), "protected columns of {name} are in its files: {out:?}");
        let own: BTreeSet<_> = table.column.iter().map(|c| c.name.as_str()).collect();
        let strange: Vec<_> = columns
            .difference(&own)
            .filter(|column| !["_korning", "_rad", "giltig_fran", "giltig_till"].contains(column))
            .collect();
        assert!(strange.is_empty(), "columns of {name} that nobody declared are in its files: {strange:?}");
    }
}
