//! Real files: what is known of them comes out.

use serde_json::Value;

use crate::sandbox::{Sandbox, shared};

#[test]
fn waiting_times_equal_the_competence_centres_answers() {
    let Some(sandbox) = Sandbox::real() else { return };
    let run = &sandbox.json(&["run", "regions/14-vgr/vantetider"])["runs"][0];
    assert_eq!(run["state"], "done", "{run}");
    let split = sandbox.json(&[
        "sql",
        "SELECT inom_vardgaranti g, count(*) n FROM genomford WHERE lanskod = '14' GROUP BY 1 ORDER BY 1",
    ]);
    let split: Vec<_> =
        split.as_array().unwrap().iter().map(|r| (r["g"].as_str().unwrap(), r["n"].as_i64().unwrap())).collect();
    assert_eq!(split, [("EJ_VG", 17), ("JA", 49), ("NEJ", 4)]);

    // Every computed column, as a multiset of rows.
    let answers = std::fs::read_to_string(shared().unwrap().join("real/vantetid-kchd/steg3_beraknade.tsv")).unwrap();
    let mut lines = answers.lines();
    let heading: Vec<_> = lines.next().unwrap().trim_start_matches('\u{feff}').split('\t').collect();
    let names = ["vantetid_dagar", "patientresa_dagar", "remiss_beslut_dagar", "inom_vardgaranti", "intervall"];
    let mut expected: Vec<String> = lines
        .map(|line| {
            let cells: Vec<_> = line.split('\t').collect();
            names.map(|name| cells[heading.iter().position(|h| *h == name).unwrap()].replace("None", "null")).join("|")
        })
        .collect();
    expected.sort();
    let got = sandbox.json(&["sql", &format!("SELECT {} FROM genomford", names.join(", "))]);
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut got: Vec<String> =
        got.as_array().unwrap().iter().map(|row| names.map(|name| text(&row[name])).join("|")).collect();
    got.sort();
    assert_eq!(got, expected);
}

#[test]
fn no_person_can_be_found_in_anything_that_can_be_read() {
    let Some(sandbox) = Sandbox::real() else { return };
    sandbox.ok(&["run", "regions/14-vgr/vantetider"]);
    let source =
        std::fs::read_to_string(shared().unwrap().join("real/vantetid-kchd/katarakt_testdata_100__1__VGR.csv"))
            .unwrap();
    let mut lines = source.lines();
    let heading: Vec<_> = lines.next().unwrap().trim_start_matches('\u{feff}').split(';').collect();
    let at = |name: &str| heading.iter().position(|h| *h == name).unwrap();
    let canaries: Vec<String> = lines
        .flat_map(|line| {
            let cells: Vec<_> = line.split(';').collect();
            ["remiss_id", "vardkontakt_id"].map(|name| cells[at(name)].to_owned())
        })
        .filter(|c| c.len() > 6)
        .collect();
    assert!(canaries.len() > 100);
    let finder = |bytes: &[u8], canary: &str| bytes.windows(canary.len()).any(|w| w == canary.as_bytes());
    for (path, bytes) in sandbox.stored() {
        for canary in canaries.iter().step_by(7) {
            assert!(!finder(&bytes, canary), "a referral or contact id stands in {}", path.display());
        }
    }
    let columns =
        sandbox.json(&["sql", "SELECT column_name FROM information_schema.columns WHERE table_name = 'genomford'"]);
    for forbidden in ["fodelsear", "beslut_datum", "start_datum", "remiss_datum", "remiss_id", "vardkontakt_id"] {
        assert!(!columns.to_string().contains(&format!("\"{forbidden}\"")), "{forbidden} is a column");
    }
}

#[test]
fn care_units_of_goteborg() {
    let Some(sandbox) = Sandbox::real() else { return };
    let run = &sandbox.json(&["run", "national/hsa-vgr/enheter"])["runs"][0];
    assert_eq!(run["state"], "done", "{run}");
    assert_eq!(sandbox.number("SELECT count(*) n FROM register.enhet"), 51);
    assert_eq!(sandbox.number("SELECT count(*) n FROM register.plats WHERE sweref99_n IS NOT NULL"), 44);
    for (path, bytes) in sandbox.stored() {
        assert!(!bytes.windows(8).any(|w| w == b"MASKERAD"), "a masked name stands in {}", path.display());
    }
}

#[test]
fn procurement_notices() {
    let Some(sandbox) = Sandbox::real() else { return };
    let run = &sandbox.json(&["run", "national/upphandling/upphandling", "--believe", "provläsning"])["runs"][0];
    assert_eq!(run["balance"]["rows_in"], 352, "{run}");
    let receipt = sandbox.json(&["receipt", run["run"].as_str().unwrap()]).to_string();
    assert!(receipt.contains("orgnr_luhn") && receipt.contains("2321000180"), "{receipt}");
}
