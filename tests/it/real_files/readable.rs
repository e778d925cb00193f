//! Every cell that a project's stores hold in readable form.

use serde_json::Value;

use super::{python, written};
use crate::sandbox::{Sandbox, root};

/// A value, as text.
pub(super) struct Cell {
    /// Store, table or file, and column.
    pub(super) place: String,
    /// Whether it stands in a row of a national table (else: in the ledger).
    pub(super) is_national: bool,
    pub(super) text: String,
}

/// Every cell of lake and register as `sluss sql` shows them and, where the Python of the tests is
/// there, of every database, Parquet file and workbook below `var/` as others read them.
pub(super) fn cells(sandbox: &Sandbox) -> Vec<Cell> {
    let mut cells = Vec::new();
    let listed = sandbox.json(&[
        "sql",
        "SELECT table_schema s, table_name t FROM information_schema.tables WHERE table_schema IN ('lake', 'register')",
    ]);
    for table in listed.as_array().unwrap() {
        let name = format!("{}.{}", table["s"].as_str().unwrap(), table["t"].as_str().unwrap());
        for row in sandbox.json(&["sql", &format!("SELECT * FROM {name}")]).as_array().unwrap() {
            for (column, value) in row.as_object().unwrap() {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                cells.push(Cell { place: format!("{name}.{column}"), is_national: true, text });
            }
        }
    }
    assert!(cells.len() > 100, "nothing to read");
    if let Some(mut python) = python() {
        let script = root().join("tests/it/real_files/cells.py");
        let lines = written(python.arg(script).arg(sandbox.path().join("var")));
        let before = cells.len();
        for line in lines.lines() {
            let [file, column, text]: [String; 3] = serde_json::from_str(line).unwrap();
            cells.push(Cell { is_national: file.ends_with(".parquet"), place: format!("{file} {column}"), text });
        }
        assert!(cells.len() > before + 1000, "others read less than we do");
    }
    cells
}

/// Every text by which the program tells of a run: answers, receipts in each form, rejected rows, logs.
pub(super) fn told(sandbox: &Sandbox, job: &str) -> String {
    let answer = sandbox.run(&["run", job, "-vv"]);
    let runs = sandbox.json(&["runs"]);
    let list = runs.as_array().or_else(|| runs["runs"].as_array()).unwrap();
    let run = list[0]["id"].as_str().or_else(|| list[0]["run"].as_str()).unwrap().to_owned();
    // These lie among what the stores have written, and are read with it.
    let [book, export] =
        ["kvittens.xlsx", "karantan.parquet"].map(|name| sandbox.path().join("var").join(name).display().to_string());
    let mut texts = vec![answer.stdout, answer.stderr, runs.to_string()];
    for command in [
        &["runs", &run][..],
        &["receipt", &run],
        &["receipt", &run, "--lang", "en"],
        &["receipt", &run, "--format", "json"],
        &["receipt", &run, "--out", &book],
        &["quarantine", "export", "--out", &export],
        &["quarantine", "list"],
        &["quarantine", "show", &run, "-n", "1000"],
        &["quarantine", "show", &run, "-n", "1000", "--format", "json"],
    ] {
        let answer = sandbox.run(command);
        assert_eq!(answer.code, Some(0), "{command:?}: {}", answer.stderr);
        texts.extend([answer.stdout, answer.stderr]);
    }
    texts.join("\n")
}

/// The value of a cell in a row of an answer, as text; empty where there is none.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
