//! The national nightly load, small: its answer key is met to the row.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::sandbox::{python, root, shared};

const ROWS: &str = "20000";

#[test]
fn the_answer_key_is_met_for_every_seed() {
    let (Some(shared), Some(python)) = (shared(), python()) else { return };
    for seed in ["42", "7"] {
        let folder = tempfile::tempdir().unwrap();
        let (data, out) = (folder.path().join("data"), folder.path().join("out"));
        let run = |script: &Path, arguments: &[&Path], more: &[&str]| {
            let mut command = Command::new(&python);
            command.arg(script).args(more).args(arguments).env("SLUSS_BIN", env!("CARGO_BIN_EXE_sluss"));
            let output = command.output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{}: {text}{}", script.display(), String::from_utf8_lossy(&output.stderr));
            text
        };
        run(&shared.join("bench/gen.py"), &[Path::new("--out"), &data], &["--rows", ROWS, "--seed", seed]);
        run(&root().join("tests/bench/contestant.py"), &[&data, &out], &[]);
        let verdict = run(&shared.join("bench/verify.py"), &[&data, &out], &[]);
        let verdict: Value = serde_json::from_str(verdict.lines().last().unwrap()).unwrap();
        assert_eq!(verdict["correct"], Value::Bool(true), "seed {seed}: {verdict}");
    }
}
