//! Drafts from small sources whose answer is plain.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringViewArray};
use arrow::datatypes::{DataType, Field, Schema};
use sluss_schemas::code::CodeIndex;
use sluss_schemas::region;
use sluss_schemas::rule::Language;
use sluss_schemas::table::Tables;

use super::*;

/// A stream of texts: each column with its values.
fn stream(name: &str, columns: &[(&str, &[&str])]) -> Sample {
    let fields: Vec<Field> = columns.iter().map(|(name, _)| Field::new(*name, DataType::Utf8View, true)).collect();
    let arrays: Vec<ArrayRef> = columns
        .iter()
        .map(|(_, values)| Arc::new(StringViewArray::from_iter_values(values.iter().copied())) as ArrayRef)
        .collect();
    let rows = vec![RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()];
    Sample { name: name.into(), rows, unread: 0 }
}

fn drafted(samples: &[Sample], joinable: bool) -> Proposal {
    let (tables, codes) = (Tables::national(), CodeIndex::default());
    let owner = region::by_lanskod("22");
    draft(samples, Ground { tables: &tables, codes: &codes, owner, joinable, quote: Quote::Double })
}

fn source_of<'a>(proposal: &'a Proposal, table: &str, column: &str) -> Option<&'a Pair> {
    let tables = proposal.jobs.iter().flat_map(|job| &job.tables).filter(|t| t.table == table);
    tables.flat_map(|t| &t.pairs).find(|pair| pair.column == column && pair.taken)
}

const NUMBERS: &[&str] = &["K-101", "K-102", "K-103", "K-104"];
const DAYS: &[&str] = &["2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01"];
const LAST: &[&str] = &["31/12/2026", "30/11/2026", "31/10/2026", "30/09/2026"];
const COMPANIES: &[&str] = &["5560360793", "5566778899", "2321000206", "5560125790"];

fn contracts() -> Sample {
    stream(
        "avtal",
        &[
            ("Kontraktsnummer", NUMBERS),
            ("Kontraktsbenämning", &["Ögon", "Ortopedi", "Kirurgi", "Hud"]),
            ("Motpartens organisationsnr", COMPANIES),
            ("Startdatum", DAYS),
            ("Slutdatum", LAST),
            ("Kontaktpersons personnr", &["811218-9876", "811218-9876", "811218-9876", "811218-9876"]),
        ],
    )
}

#[test]
fn a_file_of_contracts_feeds_avtal_and_its_commission() {
    let proposal = drafted(&[contracts()], false);
    let fed: Vec<_> = proposal.jobs[0].tables.iter().map(|t| t.table.as_str()).collect();
    assert_eq!(fed, ["avtal", "uppdrag"]);
    for (column, source) in [
        ("avtals_id", "Kontraktsnummer"),
        ("titel", "Kontraktsbenämning"),
        ("leverantor_orgnr", "Motpartens organisationsnr"),
        ("giltig_fran", "Startdatum"),
        ("giltig_till", "Slutdatum"),
    ] {
        let pair = source_of(&proposal, "avtal", column).unwrap_or_else(|| panic!("{column}: {proposal:#?}"));
        assert_eq!(pair.source, source, "{column}");
    }
    let sql = proposal.jobs[0].tables[0].sql.told(Language::Swedish);
    assert!(sql.contains("'22' AS lanskod"), "{sql}");
    assert!(sql.contains("datum(\"Slutdatum\", 'DD/MM/YYYY') + INTERVAL '1 day' AS giltig_till"), "{sql}");
}

#[test]
fn personal_numbers_are_warned_of_and_never_mapped() {
    let proposal = drafted(&[contracts()], false);
    let told = format!("{:?}", proposal.warnings);
    assert!(told.contains("Kontaktpersons personnr") && told.contains("personal numbers"), "{told}");
    let all = proposal.jobs.iter().flat_map(|job| &job.tables).flat_map(|t| &t.pairs);
    assert!(all.into_iter().all(|pair| pair.source != "Kontaktpersons personnr"));
}

#[test]
fn no_cell_is_told() {
    let canaries = ["Kanariefågel AB", "Kanariegatan", "KANARIE-7", "811218-9876"];
    let proposal = drafted(
        &[stream(
            "avtal",
            &[
                ("avtalsnr", &["KANARIE-7", "KANARIE-8"]),
                ("titel", &["Kanariefågel AB", "Kanariegatan"]),
                ("status", &["Kanariegul", "Aktivt"]),
                ("start", &["2026-01-01", "811218-9876"]),
            ],
        )],
        false,
    );
    let json = serde_json::to_string(&proposal).unwrap();
    let debug = format!("{proposal:?}");
    for canary in canaries.iter().chain(&["Kanariegul"]) {
        assert!(!json.contains(canary) && !debug.contains(canary), "{canary}: {json}");
    }
    assert!(json.contains("avtalsnr"));
}

#[test]
fn tables_that_point_at_each_other_are_joined_by_grain() {
    let proposal = drafted(
        &[
            stream(
                "tblAvtal",
                &[
                    ("AvtalId", &["1", "2", "3", "4"]),
                    ("Avtalsnummer", NUMBERS),
                    ("Avtalsnamn", &["Ögon", "Ortopedi", "Kirurgi", "Hud"]),
                    ("LeverantorId", &["11", "12", "11", "14"]),
                    ("GiltigFran", DAYS),
                ],
            ),
            stream(
                "tblLeverantor",
                &[
                    ("LeverantorId", &["11", "12", "13", "14"]),
                    ("Namn", &["Ett AB", "Två AB", "Tre AB", "Fyra AB"]),
                    ("OrgNr", COMPANIES),
                ],
            ),
            stream(
                "tblTjanst",
                &[
                    ("TjanstId", &["21", "22", "23", "24", "25"]),
                    ("AvtalId", &["1", "1", "2", "3", "4"]),
                    ("KVA", &["CJE20", "NGB49", "JAB30", "CJC00", "CJD10"]),
                    ("Benamning", &["Gråstarr", "Knä", "Bråck", "Ögon", "Öga"]),
                ],
            ),
        ],
        true,
    );
    let jobs: Vec<Vec<&str>> =
        proposal.jobs.iter().map(|job| job.tables.iter().map(|t| t.table.as_str()).collect()).collect();
    assert_eq!(jobs, [vec!["avtal", "uppdrag"], vec!["tjanst"]], "{proposal:#?}");
    assert_eq!(source_of(&proposal, "avtal", "leverantor_orgnr").map(|p| p.stream.as_str()), Some("tblLeverantor"));
    assert_eq!(source_of(&proposal, "avtal", "leverantor_namn").map(|p| p.source.as_str()), Some("Namn"));
    assert_eq!(source_of(&proposal, "tjanst", "avtals_id").map(|p| p.source.as_str()), Some("Avtalsnummer"));
    assert_eq!(source_of(&proposal, "tjanst", "kva").map(|p| p.source.as_str()), Some("KVA"));
    let query = proposal.jobs[0].query.as_deref().unwrap();
    assert!(query.contains("LEFT JOIN \"tblLeverantor\" t1 ON t1.\"LeverantorId\" = t0.\"LeverantorId\""), "{query}");
    let query = proposal.jobs[1].query.as_deref().unwrap();
    assert!(query.starts_with("SELECT") && query.contains("FROM \"tblTjanst\" t0"), "{query}");
    assert!(query.contains("LEFT JOIN \"tblAvtal\""), "{query}");
}

#[test]
fn a_flat_file_is_told_apart_by_grain() {
    let hsa = ["SE2321000206-A1", "SE2321000206-A2", "SE2321000206-A3", "SE2321000206-A4"];
    let proposal = drafted(
        &[stream(
            "avtal",
            &[
                ("avtalsnummer", &["K-1", "K-1", "K-2", "K-2"]),
                ("avtalsnamn", &["Ögon i norr", "Ögon i norr", "Höfter i syd", "Höfter i syd"]),
                ("leverantörens orgnr", &["5560360793", "5560360793", "5560125790", "5560125790"]),
                ("startdatum", &["2025-01-01", "2025-01-01", "2025-02-01", "2025-02-01"]),
                ("tjänst nr", &["1", "2", "1", "2"]),
                ("KVÅ-kod", &["CJE20", "NGB49", "JAB30", "CJC00"]),
                ("utförande enhet", &hsa),
                ("remisskrav", &["ja", "nej", "ja", "nej"]),
            ],
        )],
        false,
    );
    let fed: Vec<_> = proposal.jobs[0].tables.iter().map(|t| t.table.as_str()).collect();
    assert_eq!(fed, ["avtal", "uppdrag", "tjanst", "villkor"], "{proposal:#?}");
    assert_eq!(proposal.jobs[0].one_per[0], ("avtal".to_owned(), vec!["avtals_id".to_owned()]));
    assert!(source_of(&proposal, "uppdrag", "utforare_enhet").is_none(), "it differs within a commission");
    assert_eq!(source_of(&proposal, "tjanst", "enhet").map(|p| p.source.as_str()), Some("utförande enhet"));
    assert_eq!(source_of(&proposal, "villkor", "kod").map(|p| p.source.as_str()), Some("remisskrav"));
    let sql = proposal.jobs[0].tables[3].sql.told(Language::Swedish);
    assert!(sql.contains("CASE WHEN ja_nej(\"remisskrav\") THEN 'remisskrav' END AS kod"), "{sql}");
    assert!(sql.contains("'Remiss krävs' AS beskrivning") && sql.contains("WHERE ja_nej(\"remisskrav\")"), "{sql}");
}

#[test]
fn names_that_say_nothing_are_known_by_what_they_hold() {
    let proposal = drafted(
        &[stream(
            "blad1",
            &[
                ("avtalsnummer", NUMBERS),
                ("avtalstitel", &["Ögon", "Ortopedi", "Kirurgi", "Hud"]),
                ("startdatum", DAYS),
                ("Qxz", &["CJE20", "NGB49", "JAB30", "CJC00"]),
            ],
        )],
        false,
    );
    let kva = source_of(&proposal, "tjanst", "kva");
    assert_eq!(kva.map(|pair| pair.source.as_str()), Some("Qxz"), "{proposal:#?}");
}

#[test]
fn a_source_about_something_else_gets_no_draft() {
    let proposal = drafted(&[stream("logg", &[("qx", &["a", "b"]), ("qy", &["c", "d"])])], false);
    assert!(proposal.jobs.is_empty(), "{proposal:?}");
}

#[test]
fn conditions_in_columns_become_a_row_each() {
    let proposal = drafted(
        &[stream(
            "tjanster",
            &[
                ("avtalsnummer", &["K-1", "K-1", "K-2", "K-2"]),
                ("avtalsnamn", &["Ögon i norr", "Ögon i norr", "Höfter i syd", "Höfter i syd"]),
                ("startdatum", DAYS),
                ("tjänst nr", &["1", "2", "1", "2"]),
                ("KVÅ-kod", &["CJE20", "NGB49", "JAB30", "CJC00"]),
                ("Ålder från", &["18", "", "65", "18"]),
                ("Ålder till", &["64", "17", "", "64"]),
                ("Kön", &["K", "", "M", ""]),
            ],
        )],
        false,
    );
    let tables = proposal.jobs.iter().flat_map(|job| &job.tables);
    let sql = tables.filter(|table| table.table == "malgrupp").map(|table| table.sql.told(Language::Swedish)).next();
    let sql = sql.unwrap_or_else(|| panic!("{proposal:#?}"));
    assert!(sql.contains("unnest(make_array(") && sql.contains("vart['kod'] AS kod"), "{sql}");
    assert!(sql.contains("CAST(\"Ålder från\" AS VARCHAR)") && sql.contains("THEN 'kon' END"), "{sql}");
    assert_eq!(source_of(&proposal, "malgrupp", "varde_max").map(|p| p.source.as_str()), Some("Ålder till"));
}

#[test]
fn how_the_supplier_is_reached_and_what_is_deleted_is_drafted_beside_the_contracts() {
    let proposal = drafted(
        &[stream(
            "avtal",
            &[
                ("Kontraktsnummer", NUMBERS),
                ("Kontraktsbenämning", &["Ögon i norr", "Ortopedi i syd", "Kirurgi", "Hud"]),
                ("Startdatum", DAYS),
                ("Kontakttelefon", &["08-465 004 05", "031-390 06 06", "040-628 04 07", "0980-319 208"]),
                ("Kontakt e-post", &["a@b.example", "c@d.example", "e@f.example", "g@h.example"]),
                ("Kontaktpersons namn", &["Anna A", "Bo B", "Cia C", "Dan D"]),
                ("Makulerad", &["N", "J", "N", "N"]),
            ],
        )],
        false,
    );
    assert_eq!(source_of(&proposal, "kontakt", "telefon").map(|p| p.source.as_str()), Some("Kontakttelefon"));
    assert_eq!(source_of(&proposal, "kontakt", "epost").map(|p| p.source.as_str()), Some("Kontakt e-post"));
    assert!(source_of(&proposal, "kontakt", "benamning").is_none(), "a person's name is nobody's");
    let filter = &proposal.jobs[0].filters[0];
    assert_eq!((filter.name.as_str(), filter.condition.as_str()), ("borttagna", "ja_nej(\"Makulerad\")"));
}
