//! Real files: what is known of them comes out.

mod canaries;
mod code_standards;
mod codes;
mod flat;
mod hsa;
mod procurement;
mod readable;
mod rivta;
mod waiting_times;

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::sandbox::{Sandbox, shared};

/// A file from outside the repository, in a test that has made sure that it is there.
fn real(path: &str) -> PathBuf {
    shared().unwrap().join("real").join(path)
}

/// Runs one job, which must end well, and gives what came of it.
fn run(sandbox: &Sandbox, job: &str) -> Value {
    let answer = sandbox.json(&["run", job]);
    let run = answer["runs"][0].clone();
    assert_eq!(run["state"], "done", "{job}: {answer}");
    run
}

/// Rows of a rule in what came of a run, by table and column (`-` where it concerns none).
fn broken(run: &Value, rule: &str) -> Vec<(String, String, u64)> {
    let rules = run["rules"].as_array().unwrap().iter().filter(|r| r["rule"] == rule);
    let mut found: Vec<_> = rules
        .map(|r| {
            let column = r["column"].as_str().unwrap_or("-").to_owned();
            (r["table"].as_str().unwrap().to_owned(), column, r["rows"].as_u64().unwrap())
        })
        .collect();
    found.sort();
    found
}

/// Rows of a rule in what came of a run, over all tables and columns.
fn rows_of(run: &Value, rule: &str) -> u64 {
    broken(run, rule).iter().map(|(_, _, rows)| rows).sum()
}

/// The Python of tests/setup.sh, not yet started; none (and a printed line) where it is not named.
fn python() -> Option<Command> {
    crate::sandbox::python().map(Command::new)
}

/// What a command that must succeed writes.
fn written(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
