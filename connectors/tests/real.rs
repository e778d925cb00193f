//! Files that others wrote, read through the registry: every row comes, and nothing is rejected
//! that is right. Skipped, with a line that says so, where the shared folder is absent.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test's helpers fail and tell as tests do")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::StreamExt;
use serde_json::{Value, json};
use sluss_connectors::connect::Io;
use sluss_connectors::registry;
use sluss_schemas::chunk::Unread;
use sluss_schemas::clock::SystemClock;
use sluss_schemas::landing::NoLanding;
use sluss_schemas::secret::{Secret, Secrets};

struct NoSecrets;

impl Secrets for NoSecrets {
    fn get(&self, _name: &str) -> Option<Secret> {
        None
    }
}

/// The shared folder, beside the workspace or where `SLUSS_SHARED` says.
fn shared() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "where the test data lie is no configuration of the program")]
    let path = std::env::var("SLUSS_SHARED")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    if path.join("real").is_dir() {
        Some(path.join("real"))
    } else {
        println!("skipped: no shared folder at {}", path.display());
        None
    }
}

/// Rows, columns and what could not be read.
async fn read(base: &Path, options: Value) -> (usize, usize, Vec<Unread>) {
    let io = Io { base: base.into(), secrets: Arc::new(NoSecrets), clock: Arc::new(SystemClock), chunk_rows: 8192 };
    let source = registry::open("files", options, &io).unwrap();
    let (mut rows, mut columns, mut unread) = (0, 0, Vec::new());
    let mut chunks = source.read(None, Arc::new(NoLanding));
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.unwrap();
        rows += chunk.rows.num_rows();
        columns = chunk.rows.num_columns() - 1;
        unread.extend(chunk.unread);
    }
    (rows, columns, unread)
}

#[tokio::test]
async fn code_lists_registers_and_deliveries_come_whole() {
    let Some(real) = shared() else { return };
    let latin1 = "iso-8859-1";
    let none = json!({ "header": false });
    let ksh = json!({ "fields": [{ "name": "kod", "start": 1, "width": 5 }, { "name": "text", "start": 8 }] });
    for (options, rows, columns) in [
        (json!({ "path": "kodlistor/kva.tsv", "format": "tsv" }), 10_552, 2),
        (json!({ "path": "kodlistor/icd10se.tsv", "format": "tsv" }), 33_547, 2),
        (json!({ "path": "kodlistor/klinik.tsv", "format": "tsv" }), 144, 2),
        (json!({ "path": "icd10se/digit3.txt", "format": "tsv", "csv": none }), 2_056, 3),
        (json!({ "path": "icd10se/digit?.txt", "format": "tsv", "csv": none }), 2_056 + 9_643 + 23_985, 3),
        (json!({ "path": "icd10se/KSH97P_KOD.ANS", "format": "fixed", "fixed": ksh, "encoding": latin1 }), 977, 2),
        (json!({ "path": "kva-norddrg/NCSP_SWE_2013.csv", "format": "csv", "encoding": latin1 }), 9_630, 3),
        (json!({ "path": "kva-norddrg/NCSP_SWE_2013.txt", "format": "tsv", "encoding": latin1 }), 9_630, 4),
        (json!({ "path": "postnummer/postnummer.csv", "format": "csv", "csv": none, "encoding": latin1 }), 17_254, 7),
        (json!({ "path": "hsa-codes/befattningskoder.csv", "format": "csv" }), 210, 3),
        (json!({ "path": "vantetid-kchd/katarakt_testdata_100__1__VGR.csv", "format": "csv" }), 100, 35),
        (json!({ "path": "upphandling-uhm/regioner_cpv85_2021_masked.tsv", "format": "tsv" }), 352, 43),
        (
            json!({ "path": "snomed-rf2-mini/Base_snapshot__*Concept_Snapshot*.txt", "format": "tsv",
                    "csv": { "comment": "#", "quote": "" } }),
            12,
            5,
        ),
    ] {
        let (found, width, unread) = read(&real, options.clone()).await;
        let reasons: Vec<_> = unread.iter().map(|row| (row.row.row(), row.rule, &row.detail)).collect();
        assert_eq!((found, width, reasons), (rows, columns, vec![]), "{options}");
    }
}

#[tokio::test]
async fn a_wrong_encoding_costs_its_rows_and_no_others() {
    let Some(real) = shared() else { return };
    let options = json!({ "path": "postnummer/postnummer.csv", "format": "csv", "csv": { "header": false } });
    let (rows, _, unread) = read(&real, options).await;
    assert_eq!(rows + unread.len(), 17_254);
    assert!(unread.iter().all(|row| row.rule == "ogiltiga_tecken") && !unread.is_empty());
}
