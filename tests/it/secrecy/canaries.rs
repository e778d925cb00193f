//! Outlets × statuses × classes, a canary each.

use std::collections::BTreeMap;

use calamine::Reader;

use super::world::{
    CLOSED, CONTRACTS, OPEN, REFUSED, TODAY, asked, canary, dump, file, lake_files, on_day, parquet, project, tables,
};
use crate::both::{On, both};

/// The classes of the cells that have a canary, in each table.
const CLASSES: [(&str, &[&str], &[&str]); 3] = [
    ("avtal", &["oppen"], &["skyddad", "person"]),
    ("uppdrag", &["uppdragoppen"], &["uppdragperson"]),
    ("kontakt", &["kontaktoppen"], &["kontaktperson"]),
];

/// What a text that leaves for everybody holds of a table: the open cells of open contracts, and nothing else.
fn is_cleared(outlet: &str, table: &str, text: &str) {
    let (_, open, kept) = CLASSES.iter().find(|(name, ..)| *name == table).unwrap();
    for mark in OPEN {
        for class in *open {
            assert!(text.contains(&canary(mark, class)), "{outlet}: {table} lacks {mark} {class}");
        }
        for class in *kept {
            assert!(!text.contains(&canary(mark, class)), "{outlet}: {table} shows {mark} {class}");
        }
    }
    for mark in CLOSED.iter().chain(&REFUSED).chain(&["AVVISAT"]) {
        assert!(!text.contains(&format!("kanarie-{mark}-")), "{outlet}: {table} shows {mark}");
        assert!(!text.contains(&format!("K-{mark}")) || *mark == "AVVISAT", "{outlet}: {table} names {mark}");
    }
}

/// Nothing of a contract that is not to be registered.
fn has_no_refused(outlet: &str, text: &str) {
    for mark in REFUSED {
        assert!(!text.contains(&format!("kanarie-{mark}-")), "{outlet} shows {mark}");
        assert!(!text.contains(&format!("K-{mark}")), "{outlet} names {mark}");
    }
}

both! {
    fn nothing_leaves_without_clearance_and_what_is_cleared_does(on: On) {
        let sandbox = project(&on);
        file(&sandbox, &CONTRACTS);
        let ran = on_day(&sandbox, TODAY, &["run", "avtal", "--format", "json", "-vv"]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        let run: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let run = &run["runs"][0];
        let count = |name: &str| run["balance"][name].as_u64().unwrap();
        // The withheld counts are right, by source row and by table.
        assert_eq!((count("rows_in"), count("accepted"), count("rejected"), count("withheld")), (9, 6, 1, 2), "{run}");
        for table in run["tables"].as_array().unwrap() {
            assert_eq!(table["withheld"], 2, "{table}");
        }
        let id = run["run"].as_str().unwrap().to_owned();

        for (table, ..) in CLASSES {
            is_cleared("view", table, &dump(&on, &sandbox, &format!("oppen_{table}")));
            is_cleared("lake", table, &asked(&sandbox, TODAY, &format!("SELECT * FROM lake.{table}"), &[]));
            is_cleared("sql", table, &asked(&sandbox, TODAY, &format!("SELECT * FROM register.{table}"), &[]));
        }
        let lake = lake_files(&sandbox);
        for (table, ..) in CLASSES {
            is_cleared("the lake's files and logs", table, &lake);
        }
        let events = dump(&on, &sandbox, "oppen_handelse");
        for (marks, leaves) in [(&OPEN[..], true), (&CLOSED[..], false), (&REFUSED[..], false)] {
            for mark in marks {
                assert_eq!(events.contains(&format!("K-{mark}\"")), leaves, "events: {mark}");
            }
        }
        // Logs hold no cell at all.
        assert!(!ran.stderr.contains("kanarie"), "{}", ran.stderr);

        // The receipt is the region's: places and counts, no cells, and of what is refused only a count.
        let workbook = sandbox.path().join("var/kvitto.xlsx");
        sandbox.ok(&["receipt", &id, "--out", workbook.to_str().unwrap()]);
        let mut book: calamine::Xlsx<_> = calamine::open_workbook(&workbook).unwrap();
        let cells: String = book.worksheets().into_iter().flat_map(|(_, range)| {
            range.cells().map(|(_, _, cell)| format!("{cell}\n")).collect::<Vec<_>>()
        }).collect();
        let receipts = [
            ("receipt", sandbox.ok(&["receipt", &id])),
            ("receipt in JSON", sandbox.json(&["receipt", &id]).to_string()),
            ("receipt as a workbook", cells),
            ("the kept receipt", dump(&on, &sandbox, "kvittens")),
        ];
        for (outlet, text) in &receipts {
            has_no_refused(outlet, text);
            assert!(!text.contains("kanarie-HEMLIGT"), "{outlet}");
        }
        assert!(receipts[0].1.contains("2 rader hör till avtal som regionen har beslutat att inte registrera"), "{}", receipts[0].1);
        assert!(receipts[0].1.contains("undantagna"), "{}", receipts[0].1);

        // What is rejected waits for its region with all of its cells; what is refused does not.
        let export = sandbox.path().join("var/karantan.parquet");
        sandbox.ok(&["quarantine", "export", "--out", export.to_str().unwrap()]);
        let (export, shown) = (parquet(&export), sandbox.json(&["quarantine", "show", &id]).to_string());
        for (outlet, text) in [("export", &export), ("quarantine", &shown)] {
            has_no_refused(outlet, text);
            assert!(text.contains(&canary("AVVISAT", "oppen")), "{outlet} lacks what is the region's own: {text}");
        }
        assert!(export.contains(&canary("AVVISAT", "person")), "the export is for whoever owns the rows");
        let said = [
            sandbox.ok(&["runs", &id]),
            sandbox.ok(&["quarantine", "list"]),
            sandbox.ok(&["secrecy", "list", "--all"]),
            ran.stdout.clone(),
            ran.stderr.clone(),
        ];
        for text in &said {
            has_no_refused("a command", text);
        }

        // The register keeps what is secret, for those who run it, and nothing of what is refused.
        let whole = asked(&sandbox, TODAY, "SELECT * FROM register.avtal", &["--operator"]);
        for mark in OPEN.iter().chain(&CLOSED) {
            assert!(whole.contains(&canary(mark, "skyddad")), "the register lacks {mark}");
        }
        for table in tables(&on, &sandbox) {
            has_no_refused(&table, &dump(&on, &sandbox, &format!("\"{table}\"")));
        }
        for (path, bytes) in sandbox.stored() {
            has_no_refused(&path.display().to_string(), &String::from_utf8_lossy(&bytes));
        }
        // Its landed bytes are gone: whoever wants them again is told why not.
        let landed: Vec<_> = sandbox.stored().into_iter().filter(|(path, _)| path.to_string_lossy().contains("original/")).collect();
        assert!(landed.is_empty(), "{:?}", landed.iter().map(|(path, _)| path).collect::<Vec<_>>());
        let replay = sandbox.run(&["quarantine", "replay", &id]);
        assert_ne!(replay.code, Some(0), "{}", replay.stdout);

        let listed = sandbox.json(&["--clock", TODAY, "secrecy", "list", "--all"]);
        let statuses: BTreeMap<&str, &str> = listed["avtal"].as_array().unwrap().iter()
            .map(|contract| (contract["avtals_id"].as_str().unwrap(), contract["status"].as_str().unwrap())).collect();
        let expected = BTreeMap::from([
            ("K-OPPET", "oppen"), ("K-TYST", "oppen"), ("K-UTGANGET", "oppen"),
            ("K-HEMLIGT", "hemlig"), ("K-DELVIS", "provas"), ("K-OPROVAT", "provas"),
        ]);
        assert_eq!(statuses, expected);
        assert_eq!(listed["undantagna_rader"], 2);
        sandbox.agrees("with secrets");
    }
}
