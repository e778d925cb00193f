//! Our verdict on messages, and that of the real schemas.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{besok, read, unread, vantande};
use crate::hsa_fil::tests::valid_by_schema;

fn real() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "where the test data lie is no configuration of the program")]
    let shared = std::env::var("SLUSS_SHARED")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let folder = shared.join("real/vantetid-rivta");
    if !folder.is_dir() {
        println!("skipped: no real schemas at {}", folder.display());
        return None;
    }
    Some(folder)
}

/// Whether we find nothing wrong: no error, and no row unread.
async fn ours(folder: &Path, message: &str) -> bool {
    let options = json!({ "path": "a.xml", "message": message, "strict": true });
    read(folder, options).await.is_ok_and(|chunks| unread(&chunks).is_empty())
}

#[tokio::test]
async fn waiting_contacts_are_judged_as_their_schema_does() {
    let Some(real) = real() else { return };
    let right = besok("EX1");
    let mut rows = vec![
        right.clone(),
        right.clone() + &right,
        right.replace("/>", ">text</Besok>").replace("</Besok>", "</t:Besok>"),
    ];
    // Each attribute away, empty, and with values on both sides of what is allowed. (Not with blanks
    // around: xmllint forgets to take them off before it compares, XML Schema does not.)
    let names: Vec<&str> = right
        .split('"')
        .step_by(2)
        .filter_map(|part| part.trim().trim_end_matches('=').split(' ').next_back())
        .collect();
    for name in names.iter().filter(|name| !name.contains('>')) {
        let value = right.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
        let with = |new: &str| right.replace(&format!("{name}=\"{value}\""), &format!("{name}=\"{new}\""));
        rows.push(right.replace(&format!(" {name}=\"{value}\""), ""));
        for new in [
            "",
            "0",
            "1",
            "2",
            "5",
            "6",
            "9",
            "10",
            "65",
            "66",
            "91",
            "92",
            "-1",
            "+1",
            "1.0",
            "ja",
            "Nej",
            "k",
            "okänt",
            "XS926",
            "XS927",
            "åäö",
            "1900",
            "1901",
            "2026Z",
            "02026",
            "2009-12-31T23:59:59",
            "2010-01-01T00:00:00",
            "2026-02-30T00:00:00",
            "2026-10-01T24:00:00",
            "2026-10-01T08:00:00.5Z",
            "2026-10-01",
            "2026-10-01T08:00:00+01:00",
            "2026-10-01T08:00:00+15:00",
            "2026-10-01 08:00",
        ] {
            rows.push(with(new));
        }
    }
    for extra in [
        "Avvikelse=\"3\"",
        "Avvikelse=\"4\"",
        "Okant=\"1\"",
        "AktivitetICD=\"H25\"",
        "AktivitetICD=\"H259\"",
        "AktivitetKVA=\"CJE20\"",
        "RemissDatum=\"1899-12-31T00:00:00\"",
        "RemissDatum=\"1900-01-01T00:00:00\"",
        "Sjukhus=\"1234\"",
        "StartAktivitet=\"2026-10-01T08:00:00\"",
    ] {
        rows.push(right.replace("<Besok", &format!("<Besok {extra}")));
    }
    let mut documents: Vec<String> = rows.iter().map(|rows| vantande("", rows)).collect();
    let whole = vantande("LeveransReferens=\"L\"", &right);
    documents.extend([
        vantande("ErsattningsId=\"7\"", ""),
        vantande("Okant=\"7\"", &right),
        whole.replace("2026-10-01\"", "2026-10\""),
        whole.replace(" DatatGallerFor=\"2026-10-01\"", ""),
        whole.replace("t:Besok", "t:Besokt"),
        whole.replace("<t:Kontakt", "<t:Kontakt Okant=\"1\""),
        whole.replace("VantandeResponder:1", "VantandeResponder:2"),
        whole.replace("</t:Kontakt>", "</t:Kontakt><t:Kontakt DatatGallerFor=\"2026-10-01\"/>"),
        whole.replace("</t:Kontakt>", "text</t:Kontakt>"),
    ]);
    let dir = tempfile::tempdir().unwrap();
    let (schema, file) = (real.join("TillgangligVardSpeciVantandeResponder_1_0.xsd"), dir.path().join("a.xml"));
    let (mut valid, mut invalid) = (0, 0);
    for document in &documents {
        fs::write(&file, document).unwrap();
        let Some(verdict) = valid_by_schema(&schema, &file) else { return };
        assert_eq!(ours(dir.path(), "vantande").await, verdict, "{document}");
        if verdict { valid += 1 } else { invalid += 1 }
    }
    assert!(valid > 30 && invalid > 300, "{valid} {invalid}");
}

#[tokio::test]
async fn the_sample_s_messages_keep_the_schema_s_structure() {
    let Some(real) = real() else { return };
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../jobs/regions/05-ostergotland/kallor");
    for (message, file, schema, rows) in [
        ("genomforda", "genomforda-2026-10.xml", "TillgangligVardSpeciGenomfordaResponder_1_0.xsd", "Besok"),
        ("vantande", "vantande-2026-10.xml", "TillgangligVardSpeciVantandeResponder_1_0.xsd", "Besok"),
    ] {
        let count = fs::read_to_string(sources.join(file)).unwrap().matches(&format!("<{rows} ")).count();
        let chunks = read(&sources, json!({ "path": file, "message": message })).await.unwrap();
        assert_eq!((chunks.iter().map(|c| c.rows.num_rows()).sum::<usize>(), unread(&chunks).len()), (count, 0));
        let strict = read(&sources, json!({ "path": file, "message": message, "strict": true })).await.unwrap();
        let Some(verdict) = valid_by_schema(&real.join(schema), &sources.join(file)) else { return };
        assert_eq!(unread(&strict).is_empty(), verdict, "{file}: {:?}", unread(&strict).first());
    }
}
