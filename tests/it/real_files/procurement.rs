//! Contracts that regions awarded in 2021, as the national authority publishes them, with all their dirt.

use std::collections::BTreeMap;

use serde_json::Value;

use super::readable::text;
use super::{broken, python, real, run, written};
use crate::sandbox::{Sandbox, root};

const JOB: &str = "national/upphandling/upphandling";
const FILE: &str = "upphandling-uhm/regioner_cpv85_2021_masked.tsv";

/// The source's rows by line, as column → cell.
fn source() -> BTreeMap<u64, BTreeMap<String, String>> {
    let file = std::fs::read_to_string(real(FILE)).unwrap();
    let mut lines = file.trim_start_matches('\u{feff}').lines().map(|l| l.split('\t').map(str::to_owned));
    let heading: Vec<String> = lines.next().unwrap().collect();
    (2..).zip(lines.map(|cells| heading.iter().cloned().zip(cells).collect())).collect()
}

/// The mapped row of every line, as column → value, before anything is rejected.
fn mapped(sandbox: &Sandbox) -> BTreeMap<u64, BTreeMap<String, String>> {
    let answer = sandbox.json(&["preview", JOB, "-n", "1000"]);
    let table = &answer["tables"][0];
    let columns: Vec<_> = table["columns"].as_array().unwrap().iter().map(text).collect();
    let rows = table["rows"].as_array().unwrap().iter();
    rows.map(|row| {
        let values = row["values"].as_array().unwrap().iter().map(text);
        (row["row"].as_u64().unwrap(), columns.iter().cloned().zip(values).collect())
    })
    .collect()
}

#[test]
fn every_row_is_mapped_and_nothing_is_made_up() {
    let Some(sandbox) = Sandbox::real() else { return };
    let (source, mapped) = (source(), mapped(&sandbox));
    assert_eq!((source.len(), mapped.len()), (352, 352));
    let (mut persons, mut blank) = (0, 0);
    for (line, row) in &mapped {
        let given = |column: &str| source[line][column].as_str();
        // Code and label stand in one cell: 85111100 Kirurgisk sjukhusvård.
        assert_eq!(format!("{} {}", row["cpv"], row["cpv_text"]), given("Huvudsaklig CPV-kod"), "line {line}");
        assert!(row["cpv"].len() == 8 && row["cpv"].bytes().all(|b| b.is_ascii_digit()), "line {line}");
        let form = given("Juridisk form för leverantör");
        assert_eq!(row["leverantor_juridisk_form"], form, "line {line}");
        let flag = match form {
            "" => "",
            "Fysiska personer" => "true",
            _ => "false",
        };
        assert_eq!(row["leverantor_fysisk_person"], flag, "line {line}");
        persons += u32::from(flag == "true");
        blank += u32::from(form.is_empty());
        for (ours, theirs) in [
            ("upphandlings_id", "Upphandlings-ID"),
            ("anbudsomrade_id", "Anbudsområdes-ID"),
            ("titel", "Upphandlingens titel"),
            ("kopare_namn", "Namn för köpare"),
            ("forfarande", "Förfarande"),
            ("avtalstyp", "Typ av avtal"),
            ("publicerad", "Publiceringsdatum"),
        ] {
            assert_eq!(row[ours], given(theirs), "line {line}, {ours}");
        }
    }
    assert_eq!((persons, blank), (18, 25), "natural persons are flagged, blank legal forms stay blank");
    let surgery = mapped.values().filter(|r| r["cpv"] == "85111100" && r["cpv_text"] == "Kirurgisk sjukhusvård");
    assert_eq!(surgery.count(), 2);
}

#[test]
fn dirt_is_rejected_with_its_reasons() {
    let Some(sandbox) = Sandbox::real() else { return };
    let outcome = run(&sandbox, JOB);
    let balance = &outcome["balance"];
    assert_eq!(
        (&balance["rows_in"], &balance["accepted"], &balance["rejected"]),
        (&352.into(), &338.into(), &14.into())
    );
    let table = |column: &str, rows| vec![("upphandling".to_owned(), column.to_owned(), rows)];
    assert_eq!(broken(&outcome, "orgnr_luhn"), table("kopare_orgnr", 1));
    // Four groups of rows share a key, since masked names are alike: two say the same throughout, and
    // their first row stays; in two the rows contradict each other, and none is believed.
    assert_eq!(broken(&outcome, "dubblett_exakt"), table("-", 3));
    assert_eq!(broken(&outcome, "dubblett_konflikt"), table("-", 10));
    let source = source();
    let mut groups: BTreeMap<[&str; 3], Vec<u64>> = BTreeMap::new();
    for (line, row) in &source {
        let key = ["Upphandlings-ID", "Anbudsområdes-ID", "Namn för leverantör"].map(|c| row[c].as_str());
        groups.entry(key).or_default().push(*line);
    }
    let mut groups: Vec<_> = groups.into_values().filter(|lines| lines.len() > 1).collect();
    groups.sort();
    assert_eq!(
        groups,
        [vec![124, 126, 127], vec![156, 164], vec![199, 201, 202], vec![295, 301, 305, 312, 313, 318, 321],]
    );

    let receipt = sandbox.json(&["receipt", outcome["run"].as_str().unwrap()]);
    let lines = |rule: &str| {
        let rules = receipt["rules"].as_array().unwrap().iter().filter(|r| r["rule"] == rule);
        let examples = rules.flat_map(|r| r["examples"].as_array().unwrap());
        let mut lines: Vec<_> = examples.map(|e| e["row"].as_u64().unwrap()).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!(lines("dubblett_exakt"), [126, 127, 164]);
    assert_eq!(lines("dubblett_konflikt"), groups[2..].concat());
    assert_eq!(lines("orgnr_luhn"), [215]);
    let told = sandbox.ok(&["receipt", outcome["run"].as_str().unwrap()]);
    assert!(told.contains("rad 215, kolumn kopare_orgnr") && told.contains("menade ni 2321000180?"), "{told}");
    assert!(!told.contains("2331000180"), "a receipt says where a wrong value stands, not the value");

    let rows = |of: &str| sandbox.number(&format!("SELECT count(*) n FROM register.upphandling WHERE {of}"));
    assert_eq!(rows("true"), 338);
    // Of the 18 persons 13 wait in quarantine; the name of a person goes nowhere that all can read.
    assert_eq!(rows("leverantor_fysisk_person"), 5);
    assert_eq!(rows("leverantor_juridisk_form IS NULL AND leverantor_fysisk_person IS NULL"), 25);
    assert_ne!(sandbox.run(&["sql", "SELECT leverantor_namn FROM lake.upphandling"]).code, Some(0));
}

#[test]
fn the_workbook_beside_it_is_read_without_loss() {
    let Some(sandbox) = Sandbox::real() else { return };
    let Some(mut python) = python() else { return };
    let outcome = run(&sandbox, "national/upphandling/annonser");
    assert_eq!((&outcome["balance"]["rows_in"], &outcome["balance"]["rejected"]), (&2062.into(), &0.into()));
    let ours = sandbox.json(&["sql", "SELECT * FROM lake.upphandling_annons ORDER BY _rad"]);
    let script = root().join("tests/it/real_files/workbook.py");
    let theirs = written(python.arg(script).arg(real("upphandling-uhm/regioner_upphandlingar_2021.xlsx")));
    let mut lines = theirs.lines().map(|line| serde_json::from_str::<Vec<Option<String>>>(line).unwrap());
    // Each column of the table has the workbook's heading for its meaning.
    let table = std::fs::read_to_string(root().join("tests/real/tables/upphandling_annons.toml")).unwrap();
    let table: toml::Value = toml::from_str(&table).unwrap();
    let of = |field: &str| -> Vec<_> {
        table["column"].as_array().unwrap().iter().map(|c| c[field].as_str().unwrap().to_owned()).collect()
    };
    let (names, headings) = (of("name"), of("meaning").into_iter().map(Some).collect::<Vec<_>>());
    assert_eq!(lines.next().unwrap(), headings);
    let (mut cells, mut rows, columns) = (0, 0, names.len());
    for (row, theirs) in ours.as_array().unwrap().iter().zip(lines) {
        let line = row["_rad"].as_u64().unwrap();
        assert_eq!(line, rows + 2, "every row, in its place");
        for (name, theirs) in names.iter().zip(&theirs) {
            let ours = row.get(name).filter(|v| !v.is_null()).map(text);
            assert_eq!(&ours, theirs, "row {line}, {name}");
            cells += u32::from(theirs.is_some());
        }
        rows += 1;
    }
    println!("{rows} rows of {columns} columns, {cells} cells: all equal");
    assert_eq!((rows, columns), (2062, 33));
    assert_eq!(ours.as_array().map(Vec::len), Some(2062));

    // Where both files tell of one procurement, they say the same of it (but for a capital in three titles).
    run(&sandbox, JOB);
    let both = "lake.upphandling u JOIN lake.upphandling_annons a USING (upphandlings_id)";
    let shared = sandbox.number(&format!("SELECT count(*) n FROM {both}"));
    let differing = sandbox.json(&[
        "sql",
        &format!(
            "SELECT upphandlings_id FROM {both} WHERE u.kopare_orgnr <> a.organisationsnummer_for_kopare \
             OR lower(u.titel) <> lower(a.upphandlingens_titel) OR concat(u.cpv, ' ', u.cpv_text) <> a.huvudsaklig_cpv_kod \
             OR CAST(u.publicerad AS varchar) <> a.publiceringsdatum"
        ),
    ]);
    assert!(shared > 0);
    assert_eq!(differing, Value::Array(vec![]), "of {shared} rows");
}

#[test]
fn award_notices_name_the_winners_of_their_lots() {
    let Some(sandbox) = Sandbox::real() else { return };
    let job = "national/upphandling/tilldelningar";
    let answer = sandbox.json(&["preview", job, "-n", "100"]);
    let table = &answer["tables"][0];
    let place = |name: &str| table["columns"].as_array().unwrap().iter().position(|c| c == name).unwrap();
    let rows = table["rows"].as_array().unwrap().iter();
    let mut winners: Vec<_> = rows
        .filter(|row| !row["values"][place("leverantor_namn")].is_null())
        .map(|row| ["leverantor_namn", "anbudsomrade_id"].map(|name| text(&row["values"][place(name)])).join(", "))
        .collect();
    winners.sort();
    // Of eight notices: the losers of a lot are not among them, nor who "won" a lot by another lot's tender.
    assert_eq!(
        winners,
        [
            "Competitor, LOT-0001",
            "Deloitte — Main Account LLP, LOT-0000",
            "Espaces Verts Lemire, LOT-0000",
            "Roche Diagnostics Ltd, LOT-0000",
        ]
    );
    // No buyer is Swedish: each row comes back with its reason, and the lots that nobody won are counted.
    let outcome = run(&sandbox, job);
    let balance = &outcome["balance"];
    assert_eq!((&balance["rows_in"], &balance["accepted"]), (&11.into(), &0.into()), "{balance}");
    assert_eq!(balance["filtered"]["ingen_tilldelning"], 4, "{balance}");
}
