//! Code lists in the forms of standards (FHIR, Genericode, RF2), imported through the program.

use super::codes::{check, import, imported, project};
use super::real;

#[test]
fn bundles_in_summary_mode_are_held_and_say_so() {
    let Some(sandbox) = project() else { return };
    for (file, parts, total, found) in [("codesystems-bundle", 118, "131", "118"), ("valuesets-bundle", 9, "18", "9")] {
        let answer = import(&sandbox, &format!("inera-terminologi/{file}.json"), &[]);
        assert_eq!((&answer["state"], &answer["balance"]["rows_in"]), (&"held".into(), &0.into()), "{answer}");
        let notices = answer["notices"].as_array().unwrap();
        let of = |kind: &str| notices.iter().filter(|n| n["kind"] == kind).collect::<Vec<_>>();
        assert_eq!(of("no_codes").len(), parts, "{file}: each resource is a version without codes");
        let differs = of("count_differs")[0]["detail"].as_str().unwrap();
        assert!(differs.contains(total) && differs.contains(found), "{differs}");
        let again =
            sandbox.run(&["codes", "import", &real(&format!("inera-terminologi/{file}.json")).display().to_string()]);
        assert_eq!(again.code, Some(3), "{}", again.stderr);
    }
}

#[test]
fn genericode_lists() {
    let Some(sandbox) = project() else { return };
    let cpv = "eforms-sdk/cpv_social-service-cpv.gc";
    let undated = sandbox.run(&["codes", "import", &real(cpv).display().to_string()]);
    assert_eq!(undated.code, Some(3), "the list does not say from when it is valid");
    assert!(undated.stdout.contains("--valid-from"), "{}", undated.stdout);
    for (file, rows) in [(cpv, 115), ("eforms-sdk/nuts_nuts-swe-lvl3.gc", 22), ("eforms-sdk/legal-basis.gc", 10)] {
        assert_eq!(imported(&sandbox, file, &["--valid-from", "2008-09-17"]), rows, "{file}");
    }
    let care = "FROM register.kod WHERE system = 'cpv' AND starts_with(kod, '85')";
    assert_eq!(sandbox.number(&format!("SELECT count(*) n {care}")), 98);
    assert_eq!(sandbox.number(&format!("SELECT count(*) n {care} AND coalesce(text, '') = ''")), 0);
    let surgery = sandbox.json(&["codes", "check", "cpv", "85111100", "--on", "2021-01-08"]);
    assert_eq!((&surgery["verdict"], &surgery["text"]), (&"valid".into(), &"Kirurgisk sjukhusvård".into()));
}

#[test]
fn releases_of_snomed_ct() {
    let concepts = |release: &str, day: &str| {
        format!("snomed-rf2-mini/{release}_snapshot__Snapshot__Terminology__sct2_Concept_Snapshot_{day}.txt")
    };
    for (release, day, rows) in [
        ("Base", "INT_20180731", 12),
        ("Base_with_Anthrax", "INT_20180731", 15),
        ("Base_with_Concepts_as_numbers", "INT_20200731", 19),
    ] {
        let Some(sandbox) = project() else { return };
        assert_eq!(imported(&sandbox, &concepts(release, day), &[]), rows, "{release}");
    }
    // Its day, 31 September, is none: the import has to be told when it began.
    let Some(sandbox) = project() else { return };
    let extension = concepts("Extension", "ExtensionA_20180931");
    assert_eq!(import(&sandbox, &extension, &[])["state"], "held");
    assert_eq!(imported(&sandbox, &extension, &["--valid-from", "2018-09-30"]), 3);
}

#[test]
fn a_delta_of_snomed_ct_retires_what_it_makes_inactive() {
    let Some(sandbox) = project() else { return };
    let file = |part: &str| format!("snomed-rf2-mini/Concept_Inactivation_{part}.txt");
    let snapshot = file("snapshot__Snapshot__Terminology__sct2_Concept_Snapshot_INT_20170131");
    assert_eq!(imported(&sandbox, &snapshot, &[]), 10);
    let delta = file("delta__Delta__Terminology__sct2_Concept_Delta_INT_20170731");
    let refused = sandbox.run(&["codes", "import", &real(&delta).display().to_string()]);
    assert_eq!(refused.code, Some(2), "a delta adds to a version, which must be named: {}", refused.stdout);
    assert_eq!(imported(&sandbox, &delta, &["--edition", "20170131"]), 1);
    let on = |code: &str, day: &str| check(&sandbox, "snomed", code, day);
    assert_eq!((on("362969004", "2017-07-30"), on("362969004", "2017-07-31")), ("valid".into(), "retired".into()));
    assert_eq!(on("138875005", "2018-01-01"), "valid", "and nothing else");
}
