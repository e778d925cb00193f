//! Code lists as authorities publish them in text and in workbooks, imported through the program.

use serde_json::Value;

use super::{broken, real};
use crate::sandbox::{Sandbox, shared};

/// A project with no code system, where the real files are.
pub(super) fn project() -> Option<Sandbox> {
    shared().map(|_| Sandbox::empty())
}

/// `sluss codes import`, whatever comes of it.
pub(super) fn import(sandbox: &Sandbox, file: &str, more: &[&str]) -> Value {
    let path = real(file).display().to_string();
    sandbox.json(&[&["codes", "import", &path], more].concat())
}

/// Imports a list, of which every row must be taken, and gives the number of rows.
pub(super) fn imported(sandbox: &Sandbox, file: &str, more: &[&str]) -> u64 {
    let answer = import(sandbox, file, more);
    assert_eq!((&answer["state"], &answer["balance"]["rejected"]), (&"done".into(), &0.into()), "{file}: {answer}");
    let rows = answer["balance"]["accepted"].as_u64().unwrap();
    assert_eq!(answer["tables"][0]["changes"]["new"], rows, "{file}");
    rows
}

/// Number of codes of a system in the register.
fn codes(sandbox: &Sandbox, system: &str) -> i64 {
    sandbox.number(&format!("SELECT count(*) n FROM register.kod WHERE system = '{system}'"))
}

/// The verdict on a code on a day.
pub(super) fn check(sandbox: &Sandbox, system: &str, code: &str, on: &str) -> String {
    sandbox.json(&["codes", "check", system, code, "--on", on])["verdict"].as_str().unwrap().to_owned()
}

#[test]
fn lists_with_tabs() {
    let Some(sandbox) = project() else { return };
    for (file, system, rows) in [
        ("klinik", "mvo", 144),
        ("kommun", "kommun", 290),
        ("lan", "lan", 21),
        ("region", "sjukvardsregion", 6),
        ("sjukhus_par", "sjukhus", 452),
    ] {
        let more = ["--system", system, "--edition", "2020", "--valid-from", "2020-01-01"];
        assert_eq!(imported(&sandbox, &format!("kodlistor/{file}.tsv"), &more), rows, "{file}");
    }
    // Codes are text (01 is not 1), and trailing blanks are no part of them.
    assert_eq!(check(&sandbox, "lan", "01", "2021-01-01"), "valid");
    assert_eq!(sandbox.number("SELECT count(*) n FROM register.kod WHERE kod <> btrim(kod)"), 0);
    for code in ["511", "311", "301"] {
        assert_eq!(check(&sandbox, "mvo", code, "2021-01-01"), "valid", "{code}");
    }
}

#[test]
fn kva_side_by_side_in_two_versions() {
    let Some(sandbox) = project() else { return };
    let of = |year: &'static str, day: &'static str| ["--system", "kva", "--edition", year, "--valid-from", day];
    assert_eq!(imported(&sandbox, "kva-norddrg/KVA2010.xls", &of("2010", "2010-01-01")), 9_388, "BIFF");
    assert_eq!(imported(&sandbox, "kodlistor/kva.tsv", &of("2020", "2020-01-01")), 10_552);
    let listed = |which: &str| {
        let (here, there) = if which == "dropped" { ("2010", "2020") } else { ("2020", "2010") };
        let rows = sandbox.json(&[
            "sql",
            &format!(
                "SELECT kod FROM register.kod WHERE version = '{here}' EXCEPT \
                 SELECT kod FROM register.kod WHERE version = '{there}' ORDER BY kod"
            ),
        ]);
        rows.as_array().unwrap().iter().map(|r| r["kod"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (dropped, added) = (listed("dropped"), listed("added"));
    assert_eq!((dropped.len(), added.len()), (130, 1_294));
    for code in dropped.iter().step_by(65) {
        for (day, verdict) in [
            ("2009-12-31", "undecidable"),
            ("2010-01-01", "valid"),
            ("2019-12-31", "valid"),
            ("2020-01-01", "retired"),
            ("2026-11-01", "retired"),
        ] {
            assert_eq!(check(&sandbox, "kva", code, day), verdict, "{code} on {day}");
        }
    }
    for code in added.iter().step_by(650) {
        for (day, verdict) in [("2009-12-31", "undecidable"), ("2019-12-31", "not_yet"), ("2020-01-01", "valid")] {
            assert_eq!(check(&sandbox, "kva", code, day), verdict, "{code} on {day}");
        }
    }
    // The text is that of the day's version.
    let changed = sandbox.number(
        "SELECT count(*) n FROM register.kod a JOIN register.kod b ON a.kod = b.kod AND a.version = '2010' \
         AND b.version = '2020' AND a.text <> b.text",
    );
    assert_eq!(changed, 3_646);
    let forms = sandbox.number(
        "SELECT count(*) n FROM register.kod WHERE version = '2020' AND \
         NOT regexp_like(kod, '^([A-Z]{3}[0-9]{2}|[A-Z]{2}[0-9]{3})$')",
    );
    assert_eq!(forms, 0, "every real code has one of the two forms");
}

#[test]
fn a_row_is_judged_by_the_versions_of_its_own_day() {
    let Some(sandbox) = project() else { return };
    let of = |year: &'static str, day: &'static str| ["--system", "kva", "--edition", year, "--valid-from", day];
    imported(&sandbox, "kva-norddrg/KVA2010.xls", &of("2010", "2010-01-01"));
    imported(&sandbox, "kodlistor/kva.tsv", &of("2020", "2020-01-01"));
    let dropped = sandbox.json(&[
        "sql",
        "SELECT min(kod) kod FROM (SELECT kod FROM register.kod WHERE version = '2010' EXCEPT \
         SELECT kod FROM register.kod WHERE version = '2020')",
    ]);
    let dropped = dropped[0]["kod"].as_str().unwrap();
    // One service for each of the dropped code's three times: its contract begins then.
    let job = "[job]\nowner = \"22\"\nfeeds = [\"avtal\", \"uppdrag\", \"tjanst\"]\n[source]\nconnector = \"files\"\n\
        [source.options]\npath = \"avtal.csv\"\nformat = \"csv\"\n[map]\navtal = \"avtal.sql\"\n\
        uppdrag = \"uppdrag.sql\"\ntjanst = \"tjanst.sql\"\n[limits]\nmax_rejected_share = 1.0\n";
    let key = "'22' AS lanskod, nr AS avtals_id";
    for (name, text) in [
        ("avtal.toml", job.to_owned()),
        ("avtal.sql", format!("SELECT {key}, nr AS titel, datum(fran) AS giltig_fran FROM source")),
        (
            "uppdrag.sql",
            format!(
                "SELECT {key}, nr AS uppdrags_id, '2321000206' AS bestallare_orgnr, '2321000206' AS utforare_orgnr, \
                 datum(fran) AS giltig_fran FROM source"
            ),
        ),
        (
            "tjanst.sql",
            format!(
                "SELECT {key}, nr AS uppdrags_id, nr AS tjanst_id, kod AS kva, datum(fran) AS giltig_fran FROM source"
            ),
        ),
        (
            "avtal.csv",
            format!("nr;kod;fran\nA1;{dropped};2009-06-01\nA2;{dropped};2015-06-01\nA3;{dropped};2021-06-01\n"),
        ),
    ] {
        sandbox.write(&format!("regions/22-vasternorrland/{name}"), text);
    }
    let answer = sandbox.json(&["run", "avtal"]);
    let outcome = &answer["runs"][0];
    let one = |rule: &str| (rule.to_owned(), broken(outcome, rule));
    let expected = vec![("tjanst".to_owned(), "kva".to_owned(), 1)];
    assert_eq!(one("kod_utgangen"), ("kod_utgangen".to_owned(), expected.clone()), "{answer}");
    assert_eq!(one("kod_oavgjord"), ("kod_oavgjord".to_owned(), expected), "{answer}");
    let receipt = sandbox.json(&["receipt", outcome["run"].as_str().unwrap()]).to_string();
    assert!(receipt.contains("kod_utgangen") && receipt.contains("kod_oavgjord"), "{receipt}");
}

#[test]
fn diagnoses_in_the_official_text_forms() {
    let Some(sandbox) = project() else { return };
    let of = |system: &'static str| ["--system", system, "--edition", "2013", "--valid-from", "2013-01-01"];
    // UTF-8 with a byte order mark, CRLF, no headings.
    let columns = ["--option", "header_row=0", "--option", "columns.kod=1", "--option", "columns.text=3"];
    for (file, system, rows) in
        [("digit3", "icd10se_3", 2_056), ("digit4", "icd10se_4", 9_643), ("block", "icd10se_block", 264)]
    {
        let more = [&of(system)[..], &columns].concat();
        assert_eq!(imported(&sandbox, &format!("icd10se/{file}.txt"), &more), rows, "{file}");
    }
    // Fixed width in ISO-8859-1.
    let fields = "fields=[{name=\"kod\",start=1,width=7},{name=\"text\",start=8}]";
    let latin = ["--option", "encoding=iso-8859-1", "--option", "form=fixed", "--option", fields];
    let more = [&of("ksh97p")[..], &latin].concat();
    assert_eq!(imported(&sandbox, "icd10se/KSH97P_KOD.ANS", &more), 977);
    assert_eq!(check(&sandbox, "ksh97p", "A02-P", "2014-01-01"), "valid");
    let chapters = ["--option", "form=fixed", "--option", fields];
    let more = [&of("icd10se_kapitel")[..], &chapters].concat();
    assert_eq!(imported(&sandbox, "icd10se/diagnoskapitel.txt", &more), 22);
    let groups = [
        "--option",
        "header_row=0",
        "--option",
        "delimiter=:",
        "--option",
        "columns.kod=1",
        "--option",
        "columns.text=2",
    ];
    let more = [&of("icd10se_grupp")[..], &groups].concat();
    assert_eq!(imported(&sandbox, "icd10se/diagnosgrupper.txt", &more), 7);

    // An index of terms is no list of codes: a code has many. It is held, and every row says why.
    let more = [&of("ksh97p_termer")[..], &latin].concat();
    let held = import(&sandbox, "icd10se/KSH97P_SFAMALT.ANS", &more);
    assert_eq!((&held["state"], &held["balance"]["rows_in"]), (&"held".into(), &2_544.into()), "{held}");
    assert_eq!(broken(&held, "dubblett_konflikt"), [("kod".to_owned(), "-".to_owned(), 2_299)]);
    assert_eq!(codes(&sandbox, "ksh97p_termer"), 0);
}

#[test]
fn diagnoses_at_full_size() {
    let Some(sandbox) = project() else { return };
    let of = |year: &'static str, day: &'static str| ["--system", "icd10se", "--edition", year, "--valid-from", day];
    let columns = ["--option", "header_row=0", "--option", "columns.kod=1", "--option", "columns.text=3"];
    let older = [&of("2013", "2013-01-01")[..], &columns].concat();
    // A version may come in several files.
    assert_eq!(imported(&sandbox, "icd10se/digit4.txt", &older), 9_643);
    assert_eq!(imported(&sandbox, "icd10se/digit5.txt", &older), 23_985);
    assert_eq!(imported(&sandbox, "kodlistor/icd10se.tsv", &of("2022", "2022-01-01")), 33_547);
    let listed = sandbox.json(&["codes", "list"]);
    let system = listed["systems"].as_array().unwrap().iter().find(|s| s["system"] == "icd10se").unwrap();
    let versions: Vec<_> =
        system["versions"].as_array().unwrap().iter().map(|v| v["codes"].as_u64().unwrap()).collect();
    assert_eq!(versions, [33_628, 33_547]);
    // The later list has no codes of three characters; of the others these differ.
    let differ = |here: &str, there: &str| {
        sandbox.number(&format!(
            "SELECT count(*) n FROM (SELECT kod FROM register.kod WHERE version = '{here}' EXCEPT \
             SELECT kod FROM register.kod WHERE version = '{there}')"
        ))
    };
    assert_eq!((differ("2013", "2022"), differ("2022", "2013")), (84, 3));
    assert_eq!(check(&sandbox, "icd10se", "H250", "2023-01-01"), "valid");
}

#[test]
fn the_nordic_list_in_two_forms_is_one_list() {
    let Some(sandbox) = project() else { return };
    for form in ["csv", "txt"] {
        let system = format!("ncsp_{form}");
        let more =
            ["--system", &system, "--edition", "2013", "--valid-from", "2013-01-01", "--option", "encoding=iso-8859-1"];
        assert_eq!(imported(&sandbox, &format!("kva-norddrg/NCSP_SWE_2013.{form}"), &more), 9_630);
    }
    // The text form has no quotation marks within its texts; else they are the same, code by code.
    let alike = sandbox.number(
        "SELECT count(*) n FROM register.kod a JOIN register.kod b \
         ON a.kod = b.kod \
         AND replace(coalesce(a.text, ''), '\"', '') = replace(coalesce(b.text, ''), '\"', '') \
         WHERE a.system = 'ncsp_csv' AND b.system = 'ncsp_txt'",
    );
    // Before it was published, a spreadsheet took twelve codes of the list (MAA51) for months.
    let months = "FROM register.kod WHERE system = 'ncsp_csv' AND starts_with(kod, 'maalis.')";
    assert_eq!((alike, sandbox.number(&format!("SELECT count(*) n {months}"))), (9_618, 12));
    let restored = sandbox.number(&format!(
        "SELECT count(*) n FROM register.kod b JOIN (SELECT replace(kod, 'maalis.', 'MAA') kod, text {months}) a \
         ON a.kod = b.kod AND a.text = b.text WHERE b.system = 'ncsp_txt'"
    ));
    assert_eq!(restored, 12);
}

#[test]
fn a_file_that_is_missing_is_named_as_it_was_asked_for() {
    let sandbox = Sandbox::empty();
    for (path, told) in [("listor/saknas.tsv", "listor/saknas.tsv"), (".", ".")] {
        let answer = sandbox.json(&["codes", "import", path]);
        assert_eq!(answer["error"]["place"], told, "{answer}");
        assert_eq!(sandbox.run(&["codes", "import", path]).code, Some(2));
    }
    sandbox.write("../listor/sida.tsv", "<!DOCTYPE html><html></html>");
    let path = sandbox.path().parent().unwrap().join("listor/sida.tsv").display().to_string();
    let answer = sandbox.json(&["codes", "import", &path]);
    assert!(answer["error"]["place"].as_str().unwrap().starts_with(&path), "{answer}");
}
