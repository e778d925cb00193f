//! The repository's own order: what lies where, lists that agree with folders, imports that point down.
//!
//! Read from the files alone, so that it runs without building anything else first.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What may lie at the top besides hidden files.
const TOP: [&str; 11] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "connectors",
    "docker",
    "docs",
    "jobs",
    "pipeline",
    "schemas",
    "tests",
];
/// Tool configuration that its tool wants at the top under a plain name, and the build's own folder.
const TOP_TOLERATED: [&str; 2] = ["rustfmt.toml", "target"];
/// What a region's or national folder may hold.
const DATA: [&str; 3] = ["toml", "sql", "csv"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Names in a folder, sorted.
fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for name in names(folder) {
        let path = folder.join(name);
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Stems of the files in a folder that end in `.extension`.
fn stems(folder: &str, extension: &str) -> BTreeSet<String> {
    files(&root().join(folder))
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn the_top_is_as_agreed() {
    let allowed: BTreeSet<&str> = TOP.iter().chain(&TOP_TOLERATED).copied().collect();
    let strange: Vec<_> =
        names(&root()).into_iter().filter(|n| !n.starts_with('.') && !allowed.contains(n.as_str())).collect();
    assert!(strange.is_empty(), "not agreed at the top: {strange:?}");
}

#[test]
fn region_and_national_folders_hold_data_only() {
    for top in ["jobs/regions", "jobs/national"] {
        for path in files(&root().join(top)) {
            let inside = path.strip_prefix(root()).unwrap();
            // Source files stand in a folder of their own, in whatever form a region sends.
            // So does an example of them.
            let example = path.file_stem().is_some_and(|stem| stem == "example");
            if example || inside.components().any(|c| c.as_os_str() == "kallor") {
                continue;
            }
            let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
            assert!(DATA.contains(&extension.as_str()), "no data file: {}", inside.display());
        }
    }
}

#[test]
fn region_folders_are_named_by_lanskod_and_own_their_rows() {
    for folder in names(&root().join("jobs/regions")) {
        let code = folder.get(..2).filter(|c| c.bytes().all(|b| b.is_ascii_digit()) && folder.get(2..3) == Some("-"));
        let code = code.unwrap_or_else(|| panic!("regions/{folder} does not begin with a länskod and a hyphen"));
        for path in files(&root().join("jobs/regions").join(&folder)) {
            if path.extension().is_some_and(|e| e == "toml") {
                let text = fs::read_to_string(&path).unwrap();
                let owner = text.lines().find_map(|l| l.strip_prefix("owner")).unwrap_or_default();
                let owner = owner.trim_matches(|c: char| c.is_whitespace() || c == '=' || c == '"');
                // A region's own words may feed a crosswalk, which is national.
                assert!(owner == code || owner == "nationell", "{} is owned by {owner}", path.display());
            }
        }
    }
}

#[test]
fn every_rule_file_is_listed() {
    let list = read("schemas/src/rule/mod.rs");
    for path in files(&root().join("schemas/src/rule")) {
        let text = fs::read_to_string(&path).unwrap();
        let id = path.file_stem().unwrap().to_string_lossy().into_owned();
        if id == "tests" || !text.contains(" RULE: RuleDoc") {
            continue;
        }
        assert!(list.contains(&format!("&{id}::RULE")), "rule {id} is not in ALL");
        assert!(text.contains(&format!("id: \"{id}\"")), "{id}.rs holds another id");
    }
}

#[test]
fn every_table_file_is_listed() {
    let list = read("schemas/src/table/national.rs");
    for table in stems("schemas/tables", "toml") {
        assert!(list.contains(&format!("\"{table}\"")), "table {table} is not in national.rs");
        assert!(read(&format!("schemas/tables/{table}.toml")).contains(&format!("name = \"{table}\"")), "{table}.toml");
    }
}

/// Folders beside the connectors that hold what several of them share.
const SHARED: &[&str] = &["arrival", "http", "testing", "tls"];

#[test]
fn every_connector_folder_is_listed() {
    let list = read("connectors/src/registry.rs");
    for name in names(&root().join("connectors/src")) {
        if !SHARED.contains(&name.as_str()) && root().join("connectors/src").join(&name).is_dir() {
            assert!(list.contains(&format!("{name}::")), "connector {name} is not in the registry");
        }
    }
}

#[test]
fn crates_import_downwards_only() {
    // (crate, what it must not name)
    for (folder, above) in [
        ("schemas", &["sluss_connectors", "sluss_pipeline", "tokio::", "datafusion::", "sqlx::"][..]),
        ("connectors", &["sluss_pipeline", "datafusion::"][..]),
        ("pipeline", &["sluss_connectors"][..]),
    ] {
        for path in files(&root().join(folder).join("src")) {
            if path.extension().is_none_or(|e| e != "rs") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
                for name in above {
                    assert!(!line.contains(name), "{} names {name}", path.display());
                }
            }
        }
    }
}

#[test]
fn every_rule_is_planted_in_the_sample_data_or_said_not_to_be() {
    let facit = read("tests/exempel/facit.json");
    let list = read("schemas/src/rule/mod.rs");
    let rules = list.split('&').filter_map(|part| part.split_once("::RULE")).map(|(id, _)| id);
    let missing: Vec<&str> = rules
        .filter(|id| !facit.contains(&format!("\"rule\": \"{id}\"")) && !facit.contains(&format!("\"{id}\": \"")))
        .collect();
    assert!(missing.is_empty(), "neither planted nor excused: {missing:?}");
}

#[test]
fn sample_data_is_what_its_script_makes() {
    // Set by tests/run.sh: the Python of tests/setup.sh.
    let Some(python) = std::env::var_os("SLUSS_TEST_PYTHON") else {
        println!("skipped: SLUSS_TEST_PYTHON is not set (tests/run.sh sets it)");
        return;
    };
    let made =
        std::process::Command::new(python).arg(root().join("tests/exempel/make.py")).arg("--check").output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
}

#[test]
fn every_error_is_said_in_both_languages() {
    let one = regex::Regex::new(
        r#"(?s)(Error::(configuration|source|operator|us)|\.hint)\(\s*(format!\(\s*)?"(?P<text>[^"]*)"#,
    )
    .unwrap();
    for folder in ["connectors/src", "pipeline/src", "jobs/src"] {
        for path in files(&root().join(folder)) {
            if path.components().any(|c| c.as_os_str() == "tests") || path.file_name().is_some_and(|f| f == "tests.rs")
            {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for found in one.captures_iter(code) {
                // A command is the same in both.
                let said = &found["text"];
                assert!(said.starts_with("sluss "), "{}: write say!(…) for {said:?}", path.display());
            }
        }
    }
}

#[test]
fn source_files_say_what_they_are_for() {
    for folder in ["schemas/src", "connectors/src", "pipeline/src", "jobs/src"] {
        for path in files(&root().join(folder)) {
            if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                assert!(text.starts_with("//! "), "{} does not begin with what it is for", path.display());
            }
        }
    }
}
