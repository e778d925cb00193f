//! Receipts as a region sees them.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use sluss_schemas::chunk::RowId;
use sluss_schemas::rule::{Language, Severity, find};

use super::layout::WIDTH;
use super::*;
use crate::keys;
use crate::quarantine::{QuarantinedRow, StoredReason};

fn example(row: u64, column: &str, suggestion: Option<&str>) -> Example {
    Example {
        file: "in/avtal.xlsx".to_owned(),
        part: Some("Avtal 2026".to_owned()),
        row,
        column: (!column.is_empty()).then(|| column.to_owned()),
        suggestion: suggestion.map(str::to_owned),
    }
}

fn broken(rule: &str, table: Option<&str>, count: u64, examples: Vec<Example>) -> RuleCount {
    let severity = find(rule).map_or(Severity::Reject, |rule| rule.severity);
    RuleCount { rule: rule.to_owned(), severity, table: table.map(str::to_owned), count, examples }
}

fn receipt() -> Receipt {
    let file = |name: &str, part: Option<&str>, rows| FileCount {
        name: name.into(),
        part: part.map(str::to_owned),
        rows,
        answers: None,
        bytes: None,
    };
    let mut receipt = Receipt {
        run: "0193523a-7c1e-7000-8000-3f2a91c0d5e4".to_owned(),
        job: "avtal".to_owned(),
        owner: Owner::of("22"),
        delivered: "2026-11-22".parse().unwrap(),
        state: State::Done,
        files: vec![file("in/avtal.xlsx", Some("Avtal 2026"), 1234), file("in/enheter.csv", None, 12)],
        rows: SourceRows { read: 1246, accepted: 1206, rejected: 35, withheld: 4, filtered: 1 },
        tables: vec![
            TableCount {
                table: "avtal".to_owned(),
                mapped: 1233,
                accepted: 1200,
                repaired: 12,
                rejected: 29,
                withheld: 4,
                new: 10,
                changed: 5,
                ended: 1,
                unchanged: 1185,
                stale: 3,
            },
            TableCount {
                table: "uppdrag".to_owned(),
                mapped: 1233,
                accepted: 1230,
                rejected: 3,
                ..TableCount::default()
            },
        ],
        rules: vec![
            broken("reparerad", Some("avtal"), 12, vec![example(3, "Org.nr", None)]),
            broken("fel_antal_kolumner", None, 1, vec![example(99, "", None)]),
            broken(
                "orgnr_luhn",
                Some("avtal"),
                28,
                vec![example(17, "Org.nr", Some("232100-0180")), example(1034, "Org.nr", None)],
            ),
            broken("hsa_luhn", Some("uppdrag"), 2, vec![example(5, "Utförare", None), example(6, "Beställare", None)]),
        ],
        warnings: vec![Text {
            sv: "Kolumnen Anteckning är inte mappad och togs inte med.".to_owned(),
            en: "The column Anteckning is not mapped and was not included.".to_owned(),
        }],
        published: Published {
            delivered: Some("2026-11-22".parse().unwrap()),
            run: Some("0193523a-7c1e-7000-8000-3f2a91c0d5e4".to_owned()),
            tables: vec![
                PublishedTable { table: "avtal".to_owned(), rows: 1203 },
                PublishedTable { table: "uppdrag".to_owned(), rows: 1230 },
            ],
        },
    };
    receipt.sort_rules();
    receipt
}

fn held() -> Receipt {
    Receipt {
        state: State::Held {
            reason: Text {
                sv: "Leveransen saknar 412 av 1 203 avtal som ni hade.".to_owned(),
                en: "The delivery lacks 412 of the 1,203 contracts that you had.".to_owned(),
            },
        },
        rules: Vec::new(),
        warnings: Vec::new(),
        published: Published { delivered: Some("2026-10-20".parse().unwrap()), ..receipt().published },
        ..receipt()
    }
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        // Ordinary blanks, so that a person can edit the file.
        insta::assert_snapshot!(name, text.replace('\u{a0}', " "));
    });
}

#[test]
fn a_delivery_with_errors_in_swedish_and_english() {
    snapshot("kvitto_med_fel", &text(&receipt(), Language::Swedish));
    snapshot("receipt_with_errors", &text(&receipt(), Language::English));
}

#[test]
fn answers_of_an_address_are_one_line() {
    let answers = FileCount {
        name: "kalla.example/avtal".to_owned(),
        part: None,
        rows: 1_000_000,
        answers: Some(10_000),
        bytes: Some(41_200_001),
    };
    let receipt = Receipt { files: vec![answers], ..receipt() };
    for (language, line) in [
        (Language::Swedish, "kalla.example/avtal, 10 000 svar, 41 201 kB  1 000 000"),
        (Language::English, "kalla.example/avtal, 10,000 answers, 41,201 kB  1,000,000"),
    ] {
        let text = text(&receipt, language).replace('\u{a0}', " ");
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn a_held_and_a_clean_delivery() {
    snapshot("kvitto_hallet", &text(&held(), Language::Swedish));
    let clean = Receipt {
        rows: SourceRows { read: 7, accepted: 7, ..SourceRows::default() },
        rules: Vec::new(),
        warnings: Vec::new(),
        ..receipt()
    };
    assert!(text(&clean, Language::Swedish).ends_with("Leveransen är publicerad. Ni behöver inte göra något.\n"));
}

#[test]
fn figures_do_not_break_and_lines_fit() {
    let mut wide = receipt();
    wide.files[0].name = format!("{}/avtal.xlsx", "mapp".repeat(40));
    wide.rules[0].examples[0].file = wide.files[0].name.clone();
    wide.job = "jobb".repeat(30);
    for language in [Language::Swedish, Language::English] {
        let text = text(&wide, language);
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH, "{line}");
        }
    }
    assert!(text(&receipt(), Language::Swedish).contains("1\u{a0}234"));
    assert!(receipt().rows.adds_up());
}

#[test]
fn a_failed_first_delivery_says_that_nothing_is_there() {
    let reason = Text { sv: "Servern svarar inte.".to_owned(), en: "The server does not answer.".to_owned() };
    let failed = Receipt { state: State::Failed { reason }, published: Published::default(), ..receipt() };
    let text = text(&failed, Language::Swedish);
    assert!(text.replace('\n', " ").contains("Servern svarar inte. Ni har inget publicerat sedan tidigare."));
}

#[test]
fn json_is_whole_and_reads_back() {
    for whole in [receipt(), held()] {
        let json = json(&whole, Language::Swedish).unwrap();
        assert_eq!(serde_json::from_str::<Receipt>(&json).unwrap(), whole);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["version"], 1);
        assert_eq!(value["texts"].as_array().unwrap().len(), whole.rules.len());
    }
    snapshot("kvitto_json", &json(&receipt(), Language::Swedish).unwrap());
}

fn own_rows() -> Vec<keys::Result<QuarantinedRow>> {
    let reason = |rule: &str, column: &str, suggestion: Option<&str>| StoredReason {
        rule: rule.to_owned(),
        column: Some(column.to_owned()),
        suggestion: suggestion.map(str::to_owned),
    };
    let row = QuarantinedRow {
        row: RowId::new(0, 17),
        origin: "in/avtal.xlsx".to_owned(),
        part: Some("Avtal 2026".to_owned()),
        table: Some("avtal".to_owned()),
        cells: vec![
            ("Avtals-id".to_owned(), Some("SN143-2012".to_owned())),
            ("Org.nr".to_owned(), Some("=2331000180".to_owned())),
        ],
        raw: None,
        detail: None,
        reasons: vec![reason("orgnr_luhn", "Org.nr", Some("232100-0180")), reason("kod_okand", "tjanst", None)],
    };
    let unread = QuarantinedRow {
        row: RowId::new(1, 99),
        table: None,
        cells: Vec::new(),
        raw: Some(b"a;b\xff".to_vec()),
        reasons: vec![StoredReason { rule: "fel_antal_kolumner".to_owned(), column: None, suggestion: None }],
        ..row.clone()
    };
    vec![Ok(row), Ok(unread)]
}

fn open(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

fn lines(workbook: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str) -> Vec<Vec<String>> {
    let range = workbook.worksheet_range(sheet).unwrap();
    range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
}

#[test]
fn the_workbook_has_a_line_for_each_error_and_the_own_rows() {
    let mut rows = own_rows().into_iter();
    let mut workbook = open(xlsx(&receipt(), Language::Swedish, Some(&mut rows)).unwrap());
    assert_eq!(workbook.sheet_names(), ["Sammanfattning", "Fel", "Era rader 1", "Era rader 2"]);
    let errors = lines(&mut workbook, "Fel");
    let heads = ["Fil", "Blad", "Rad", "Kolumn", "Tabell", "Regel", "Betydelse", "Vad är fel", "Gör så här", "Förslag"];
    assert_eq!(errors[0], heads);
    assert_eq!(errors[1][..6], ["in/avtal.xlsx", "Avtal 2026", "17", "Org.nr", "avtal", "orgnr_luhn"]);
    assert_eq!(errors[1][9], "232100-0180");
    assert_eq!(errors[2][5], "kod_okand");
    assert_eq!(errors[3][5], "fel_antal_kolumner");
    let own = lines(&mut workbook, "Era rader 1");
    assert_eq!(own[0], ["Fil", "Blad", "Rad", "Vad är fel", "Avtals-id", "Org.nr"]);
    assert_eq!(own[1][4..], ["SN143-2012", "=2331000180"], "a value is text, never a formula");
    assert_eq!(lines(&mut workbook, "Era rader 2")[0][4], "Raden som den kom");
    let summary = lines(&mut workbook, "Sammanfattning");
    assert!(summary.iter().any(|line| line[0] == "Status" || line[0] == "Läge"));
}

#[test]
fn without_own_rows_the_workbook_holds_examples_and_no_values() {
    let bytes = xlsx(&receipt(), Language::English, None).unwrap();
    let mut workbook = open(bytes.clone());
    assert_eq!(workbook.sheet_names(), ["Summary", "Errors"]);
    let errors = lines(&mut workbook, "Errors");
    assert!(errors.iter().any(|line| line[0].starts_with("Examples of each error")));
    assert_eq!(bytes, xlsx(&receipt(), Language::English, None).unwrap(), "the same receipt gives the same bytes");
    let none = Receipt { rules: Vec::new(), ..receipt() };
    let errors = lines(&mut open(xlsx(&none, Language::Swedish, None).unwrap()), "Fel");
    assert!(errors.iter().any(|line| line[0] == "Inga fel"));
}

#[test]
fn long_and_odd_cells_do_not_break_the_workbook() {
    let mut row = own_rows().remove(0).unwrap();
    row.cells = vec![("x".repeat(40_000), Some("😀\u{1}".repeat(40_000))), (String::new(), None)];
    let mut rows = vec![Ok(row)].into_iter();
    assert!(xlsx(&receipt(), Language::Swedish, Some(&mut rows)).is_ok());
    let mut broken = vec![Err(keys::Error::Misplaced)].into_iter();
    assert!(matches!(xlsx(&receipt(), Language::Swedish, Some(&mut broken)), Err(WorkbookError::Rows(_))));
}
