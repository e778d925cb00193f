//! Care units: a region's directory as it was exported, the HSA file export, and fictitious units.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use super::readable::{cells, told};
use super::{broken, python, real, rows_of, run};
use crate::sandbox::{Answer, Sandbox, root};

const GOTEBORG: &str = "national/hsa-vgr/enheter";
const EXPORT: &str = "national/hsa-cache/enheter";
/// Stands in the export where persons were named.
const MASKED: &str = "MASKERAD";

#[test]
fn care_units_of_goteborg() {
    let Some(sandbox) = Sandbox::real() else { return };
    let outcome = run(&sandbox, GOTEBORG);
    assert_eq!((&outcome["balance"]["rows_in"], &outcome["balance"]["accepted"]), (&51.into(), &51.into()));
    assert_eq!(outcome["rules"], Value::Array(vec![]), "not a word about any of them");
    for (count, of) in [
        (51, "enhet"),
        (50, "enhet WHERE kommunkod IS NOT NULL"),
        (44, "plats WHERE sweref99_n IS NOT NULL AND koordinatkalla = 'rt90'"),
        (28, "(SELECT DISTINCT agare_id FROM register.oppettid)"),
        // 24:00 stands as it is: 1-7#00:00#24:00 eleven times, and 1-1#07:00#24:00.
        (12, "oppettid WHERE stanger = '24:00'"),
        (11, "oppettid WHERE dygnet_runt AND veckodag_fran = '1' AND veckodag_till = '7'"),
        (1, "oppettid WHERE oppnar = '07:00' AND stanger = '24:00' AND NOT dygnet_runt AND veckodag_till = '1'"),
        (0, "plats WHERE adressrad LIKE '%$%' OR postort LIKE '%$%'"),
    ] {
        let from = if of.starts_with('(') { of.to_owned() } else { format!("register.{of}") };
        assert_eq!(sandbox.number(&format!("SELECT count(*) n FROM {from}")), count, "{of}");
    }
    let units = sandbox.json(&["sql", "SELECT hsa_id FROM register.enhet WHERE NOT starts_with(hsa_id, 'SE232100')"]);
    assert_eq!(units, Value::Array(vec![]));
}

#[test]
fn masked_persons_are_in_no_table_receipt_or_log() {
    let Some(sandbox) = Sandbox::real() else { return };
    let source = std::fs::read_to_string(real("hsa-vgr/vardcentralerGoteborg.xml")).unwrap();
    assert!(source.matches(MASKED).count() >= 51, "nothing to look for");
    assert!(!told(&sandbox, GOTEBORG).contains(MASKED));
    for (path, bytes) in sandbox.stored() {
        let found = bytes.windows(MASKED.len()).any(|w| w == MASKED.as_bytes());
        assert!(!found, "a masked name stands in {}", path.display());
    }
    for cell in cells(&sandbox) {
        assert!(!cell.text.contains(MASKED), "a masked name stands in {}", cell.place);
    }
}

#[test]
fn positions_are_where_pyproj_puts_them() {
    let Some(sandbox) = Sandbox::real() else { return };
    let Some(mut python) = python() else { return };
    run(&sandbox, GOTEBORG);
    let ours = sandbox.json(&[
        "sql",
        "SELECT enhet, sweref99_n n, sweref99_e e, latitud lat, longitud lon FROM register.plats \
         WHERE sweref99_n IS NOT NULL",
    ]);
    let script = root().join("tests/it/real_files/positions.py");
    python.arg(script).arg(real("hsa-vgr/vardcentralerGoteborg.xml"));
    let mut child = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(ours.to_string().as_bytes()).unwrap();
    let answer = Answer::of(child.wait_with_output().unwrap());
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    let found: Value = serde_json::from_str(&answer.stdout).unwrap();
    println!("largest distances from pyproj: {found}");
    assert_eq!((&found["compared"], &found["left"]), (&44.into(), &0.into()), "every position of the file, no other");
    assert!(found["sweref"].as_f64().unwrap() <= 2.0 && found["wgs"].as_f64().unwrap() <= 2.0, "{found}");
}

/// The project set to one of the export's test files.
fn export(sandbox: &Sandbox, file: &str) {
    let path = sandbox.path().join("sluss.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("hsa_cache_fil"));
    let lines: Vec<_> = lines.map(str::to_owned).chain([format!("hsa_cache_fil = {file:?}")]).collect();
    std::fs::write(path, lines.join("\n")).unwrap();
}

/// What the register has of the units, without whence it came.
fn units(sandbox: &Sandbox) -> Value {
    sandbox.json(&["sql", "SELECT * EXCEPT (_korning, _rad) FROM lake.enhet ORDER BY hsa_id"])
}

#[test]
fn each_file_of_the_hsa_export_ends_as_its_name_says() {
    // File, rows in it, rows accepted, rows whose id's prefix fails its check digit.
    for (file, rows, accepted, failing) in [
        ("simpleTest.xml", 6, 6, 5),
        ("simpleTest-ISO-8859-1.xml", 5, 5, 4),
        ("simpleTestShort.xml", 2, 2, 2),
        ("simpleTestPart1.xml", 2, 2, 1),
        ("simpleTestPart2.xml", 3, 3, 3),
        ("simpleTestSpecialHtmlSigns.xml", 1, 1, 0),
        // The name in the directory is no part of a unit nationally: without it the row is as whole.
        ("hsaCacheMissingDN.xml", 6, 6, 5),
        ("duplicateTest.xml", 3, 2, 3),
        ("invalidTest.xml", 4, 3, 3),
    ] {
        let Some(sandbox) = Sandbox::real() else { return };
        export(&sandbox, file);
        let outcome = run(&sandbox, EXPORT);
        assert_eq!((&outcome["balance"]["rows_in"], &outcome["balance"]["accepted"]), (&rows.into(), &accepted.into()));
        assert_eq!(rows_of(&outcome, "hsa_luhn"), failing, "{file} warns of prefixes");
        assert_eq!(units(&sandbox).as_array().map(Vec::len), Some(accepted), "{file}: a warning keeps no unit out");
        let expected = |of: &str, column: &str| {
            if file == of { vec![("enhet".to_owned(), column.to_owned(), 1)] } else { vec![] }
        };
        assert_eq!(broken(&outcome, "dubblett_exakt"), expected("duplicateTest.xml", "-"), "{file}");
        assert_eq!(broken(&outcome, "tomt_obligatoriskt"), expected("invalidTest.xml", "hsa_id"), "{file}");
    }
}

#[test]
fn a_malformed_export_is_refused_with_its_place_and_nothing_is_lost() {
    let Some(sandbox) = Sandbox::real() else { return };
    run(&sandbox, EXPORT);
    let before = units(&sandbox);
    export(&sandbox, "hsaCacheMalformed.xml");
    let answer = sandbox.run(&["run", EXPORT, "--full"]);
    assert_eq!(answer.code, Some(1), "{}", answer.stdout);
    // The end tag that does not match stands on line 57; what it and the cells say stays out.
    assert!(answer.stderr.contains("hsaCacheMalformed.xml") && answer.stderr.contains("57"), "{}", answer.stderr);
    assert!(!answer.stderr.contains("UNIQUE_STRING") && !answer.stderr.contains("panicked"), "{}", answer.stderr);
    assert_eq!(units(&sandbox), before, "of a file that cannot be read, nothing is published");

    export(&sandbox, "hsaCacheNoUnits.xml");
    let answer = sandbox.run(&["run", EXPORT, "--full"]);
    assert_eq!(answer.code, Some(3), "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("0 rader"), "{}", answer.stdout);
    assert_eq!(units(&sandbox), before);
}

#[test]
fn forms_of_the_same_units_give_the_same_rows() {
    let Some(whole) = Sandbox::real() else { return };
    run(&whole, EXPORT);
    let whole = units(&whole);
    let of = |files: &[&str]| {
        let sandbox = Sandbox::real().unwrap();
        for file in files {
            export(&sandbox, file);
            assert_eq!(sandbox.json(&["run", EXPORT, "--full"])["runs"][0]["state"], "done");
        }
        units(&sandbox)
    };
    let first_five = Value::Array(whole.as_array().unwrap()[..5].to_vec());
    assert_eq!(of(&["hsaCacheMissingDN.xml"]), whole);
    assert_eq!(of(&["simpleTestPart1.xml", "simpleTestPart2.xml"]), first_five, "a second part adds to the first");
    let names = of(&["simpleTestSpecialHtmlSigns.xml"]);
    assert_eq!(names[0]["namn"], "Forskning & Utveckling");

    // The export's own file in ISO-8859-1 lost its å, ä and ö before it came here (U+FFFD stands for
    // them, and is read as the declared encoding says): its ids are right, and a sound one is made.
    let ids = |units: &Value| units.as_array().unwrap().iter().map(|u| u["hsa_id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&of(&["simpleTest-ISO-8859-1.xml"])), ids(&first_five));
    let text = std::fs::read_to_string(real("hsa-cache/simpleTest.xml")).unwrap();
    let latin: Vec<u8> = text.replacen("UTF-8", "ISO-8859-1", 1).chars().map(|c| u8::try_from(c).unwrap()).collect();
    let sandbox = Sandbox::real().unwrap();
    sandbox.write("leverans/latin.xml", latin);
    let job = std::fs::read_to_string(sandbox.path().join(format!("{EXPORT}.toml"))).unwrap();
    let job = job.replace("${shared}/real/hsa-cache/${hsa_cache_fil}", "../../leverans/latin.xml");
    sandbox.write(&format!("{EXPORT}.toml"), job);
    run(&sandbox, EXPORT);
    assert_eq!(units(&sandbox), whole);
}

#[test]
fn fictitious_units_are_classed_and_never_published() {
    let Some(sandbox) = Sandbox::real() else { return };
    let (mut ids, mut test, mut none, mut others) = (0, 0, 0, 0);
    for job in ["vardgivare", "vardenheter", "underenheter"] {
        let answer = sandbox.json(&["run", &format!("national/hsa-fake/{job}")]);
        let outcome = &answer["runs"][0];
        assert_eq!((&outcome["state"], &outcome["publish_seq"]), (&"planned".into(), &Value::Null), "{answer}");
        let of_ids = |rule: &str| -> u64 {
            broken(outcome, rule).iter().filter(|(_, column, _)| column == "hsa_id").map(|(_, _, rows)| rows).sum()
        };
        let rows = outcome["balance"]["rows_in"].as_u64().unwrap();
        ids += rows;
        test += of_ids("hsa_test");
        none += of_ids("hsa_felformat");
        others += rows - of_ids("hsa_test") - of_ids("hsa_felformat");
    }
    assert_eq!((ids, test, none, others), (154, 65, 84, 5), "ids, test ids, no HSA-ids, with the form of real ones");
    assert_eq!(sandbox.number("SELECT count(*) n FROM register.enhet"), 0);
    assert_eq!(sandbox.delta_commits(), 0, "nothing has reached the lake");
}
