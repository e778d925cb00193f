//! The committed reference pages and schemas are what the code generates. `UPDATE=1` rewrites them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sluss_schemas::{rule, table};

/// Every generated file under `docs/`, with its text.
fn generated() -> BTreeMap<PathBuf, String> {
    let json = |value: &serde_json::Value| format!("{value:#}\n");
    let mut files = BTreeMap::new();
    let mut index = String::from("# Nationella tabeller\n\n| Tabell | Innehåll |\n|---|---|\n");
    for table in table::national() {
        let _ = writeln!(index, "| [`{0}`]({0}.md) | {1} |", table.name, table.meaning);
        files.insert(format!("tabeller/{}.md", table.name).into(), table.page());
        files.insert(format!("schema/rows/{}.schema.json", table.name).into(), json(&table.row_schema()));
    }
    files.insert("tabeller/README.md".into(), index);
    files.insert("schema/table.schema.json".into(), json(&table::file_schema()));
    files.insert("regler.md".into(), rule::page());
    files
}

/// JSON is compared by its content: the order of its keys depends on how `serde_json` was built.
fn same(path: &Path, one: &str, other: &str) -> bool {
    let parsed = |text| serde_json::from_str::<serde_json::Value>(text).ok();
    one == other
        || path.extension().is_some_and(|e| e == "json") && parsed(one).is_some() && parsed(one) == parsed(other)
}

/// Files that stand in the folders that hold nothing but generated ones.
fn present(docs: &Path) -> Vec<PathBuf> {
    let folders = ["tabeller", "schema/rows"].into_iter().filter_map(|f| Some((f, fs::read_dir(docs.join(f)).ok()?)));
    folders.flat_map(|(f, entries)| entries.flatten().map(move |e| Path::new(f).join(e.file_name()))).collect()
}

#[test]
fn the_committed_files_are_the_generated_ones() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let update = std::env::var_os("UPDATE").is_some();
    let files = generated();
    let mut stale = Vec::new();
    for (path, text) in &files {
        let committed = docs.join(path);
        if fs::read_to_string(&committed).is_ok_and(|there| same(path, &there, text)) {
            continue;
        }
        if update {
            fs::create_dir_all(committed.parent().expect("a folder")).expect("can make the folder");
            fs::write(&committed, text).expect("can write the file");
        } else {
            stale.push(path.clone());
        }
    }
    for path in present(&docs).into_iter().filter(|path| !files.contains_key(path)) {
        if update {
            fs::remove_file(docs.join(&path)).expect("can remove the file");
        } else {
            stale.push(path);
        }
    }
    assert!(stale.is_empty(), "run the tests with UPDATE=1 and commit what changes: {stale:?}");
}
