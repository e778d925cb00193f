//! The national XML form of a delivery (RIV-TA tillgangligVardSpeci 1.0) gives what the flat form gives.

use std::fmt::Write as _;
use std::process::Command;

use super::flat::Flat;
use super::{real, run};
use crate::sandbox::{Sandbox, root, shared};

const FLAT_JOB: &str = "regions/14-vastra-gotaland/vantetider";

/// Attribute of `Besok` and the flat column that holds the same. The schema of waiting contacts lacks
/// the start and the kind of emergency.
const ATTRIBUTES: [(&str, &str); 31] = [
    ("Regionkod", "regionkod"),
    ("HSAIdRegion", "hsaid_region"),
    ("Sjukhus", "sjukhuskod"),
    ("SjukhusNamn", "sjukhusnamn"),
    ("HSAIdVardgivare", "hsaid_vardgivare"),
    ("HSAIdVardenhet", "hsaid_vardenhet"),
    ("HSAIdEnhet", "hsaid_enhet"),
    ("VardkontaktId", "vardkontakt_id"),
    ("Vardgaranti", "vardgaranti"),
    ("Fas", "fas"),
    ("Mvo", "mvo_kod"),
    ("Aktivitet", "aktivitetskod"),
    ("AktivitetKVA", "aktivitet_kva"),
    ("AktivitetICD", "aktivitet_icd"),
    ("FodelseAr", "fodelsear"),
    ("Kon", "kon"),
    ("Lkf", "lkf"),
    ("HSAIdPatientListning", "hsaid_listning"),
    ("Bokningssatt", "bokningssatt"),
    ("Vardkontakt", "vardkontakttyp"),
    ("Yrkeskategori", "yrkeskategori"),
    ("Avvikelse", "avvikelsekod"),
    ("BeslutAktivitet", "beslut_datum"),
    ("StartAktivitet", "start_datum"),
    ("MedicinsktMaldatum", "medicinskt_maldatum"),
    ("TypAkutverksamhet", "typ_akutverksamhet"),
    ("Remittenttyp", "remittenttyp"),
    ("Remittent", "remittent_hsaid"),
    ("RemissId", "remiss_id"),
    ("RemissDatum", "remiss_datum"),
    ("AnkomstDatum", "ankomst_datum"),
];

/// The rows with this status as a delivery in XML. Spellings that the schema allows besides the flat
/// file's own take turns.
fn xml(file: &Flat, kind: &str, status: &str) -> String {
    let name = format!("TillgangligVardSpeci{kind}");
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{name} xmlns=\"urn:riv:skl:tillgangligVardSpeci:{name}Responder:1\" \
         LeveransReferens=\"prov\">\n<Kontakt DatatGallerFor=\"2026-02-01\">\n"
    );
    let rows = file.rows.iter().filter(|row| file.get(row, "status") == status);
    for (i, row) in rows.enumerate() {
        text.push_str("<Besok");
        for (attribute, column) in ATTRIBUTES {
            let value = file.get(row, column);
            let spelled = match (column, value, i % 4) {
                ("vardgaranti", "JA", 1) => "1",
                ("vardgaranti", "JA", 2) => "j",
                ("vardgaranti", "NEJ", 1) => "2",
                ("vardgaranti", "NEJ", 2) => "False",
                ("kon", "1", 1) => "man",
                ("kon", "1", 2) => "M",
                ("kon", "2", 1) => "Kvinna",
                ("kon", "2", 2) => "k",
                _ => value,
            };
            let has = kind == "Genomforda" || attribute != "TypAkutverksamhet";
            if has && !value.is_empty() {
                let _ = write!(text, " {attribute}=\"{spelled}\"");
            }
        }
        text.push_str("/>\n");
    }
    text + &format!("</Kontakt>\n</{name}>\n")
}

/// A job of the sample country for another owner, over another file.
fn moved(job: &str, path: &str) -> String {
    let text = std::fs::read_to_string(root().join("jobs").join(job)).unwrap();
    let lines = text.lines().map(|line| match line.split_once('=').map(|(key, _)| key.trim()) {
        Some("path") => format!("path = {path:?}"),
        Some("owner") => "owner = \"14\"".to_owned(),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn xml_that_fits_the_schema_gives_the_same_tables_as_the_flat_file() {
    if shared().is_none() {
        return;
    }
    let file = Flat::read(&real("vantetid-kchd/katarakt_testdata_100__1__VGR.csv"));
    let (flat, rivta) = (Sandbox::demo(), Sandbox::demo());
    // The same secret for both, or the same contact would have two names.
    std::fs::copy(flat.path().join(".secrets/pseudonymnyckel"), rivta.path().join(".secrets/pseudonymnyckel")).unwrap();

    flat.write("leverans/vgr.csv", file.text());
    flat.write(&format!("{FLAT_JOB}.toml"), moved(&format!("{FLAT_JOB}.toml"), "../../leverans/vgr.csv"));
    let outcome = run(&flat, FLAT_JOB);
    assert_eq!(outcome["balance"]["accepted"], 100, "{outcome}");

    for (kind, job, status, rows) in
        [("Genomforda", "genomforda", "GENOMFORD", 70), ("Vantande", "vantande", "VANTANDE", 30)]
    {
        let delivery = format!("leverans/{job}.xml");
        rivta.write(&delivery, xml(&file, kind, status));
        let schema = real(&format!("vantetid-rivta/TillgangligVardSpeci{kind}Responder_1_0.xsd"));
        let mut xmllint = Command::new("xmllint");
        let judged = xmllint.arg("--noout").arg("--schema").arg(schema).arg(rivta.path().join(&delivery)).output();
        match judged {
            Ok(judged) => assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stderr)),
            Err(e) => println!("skipped: xmllint cannot be run ({e}); tests/setup.sh installs it"),
        }
        let name = format!("regions/14-vastra-gotaland/{job}");
        rivta.write(
            &format!("{name}.toml"),
            moved(&format!("regions/05-ostergotland/{job}.toml"), &format!("../../{delivery}")),
        );
        let outcome = run(&rivta, &name);
        assert_eq!(outcome["balance"]["accepted"], rows, "{outcome}");
    }

    for sandbox in [&flat, &rivta] {
        run(sandbox, "regions/14-vastra-gotaland/vantetid");
    }
    for (table, key, rows) in [("genomford", "kontakt", 70), ("vantande", "kontakt", 30), ("vantetid", "enhet", 4)] {
        // Whence a row came is the one thing in which they differ.
        let all = format!("SELECT * EXCEPT (_korning, _rad) FROM lake.{table} ORDER BY {key}");
        let (one, other) = (flat.json(&["sql", &all]), rivta.json(&["sql", &all]));
        assert_eq!(one.as_array().map(Vec::len), Some(rows));
        assert_eq!(one, other, "{table}");
    }
}
