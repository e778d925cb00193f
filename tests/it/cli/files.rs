//! Files that commands write: a new project, a region's folder, workbooks, exports.

use calamine::{Data, Reader, Xlsx, open_workbook};

use super::{fits, keep, short, shot};
use crate::sandbox::Sandbox;

#[test]
fn a_new_region_can_be_checked_at_once() {
    let sandbox = Sandbox::empty();
    let made = shot(&sandbox, &["init", "region", "22"]);
    fits(&made);
    keep!("init_region", made);
    keep!("init_region_again", shot(&sandbox, &["init", "region", "22"]));
    for file in ["avtal.toml", "avtal.sql", "example.csv", "expected.csv"] {
        let text = std::fs::read_to_string(sandbox.path().join("regions/22-vasternorrland").join(file)).unwrap();
        assert!(!text.contains("{code}") && !text.contains("{name}") && !text.contains("{folder}"), "{text}");
        keep!(format!("init_{}", file.replace('.', "_")), text);
    }
    let rows = "Avtalsnr;Benämning;Gäller från;Gäller till\nA1;Ögonsjukvård;2026-01-01;2027-12-31\n";
    sandbox.write("regions/22-vasternorrland/kallor/avtal.csv", rows);
    keep!("init_check", shot(&sandbox, &["check", "--examples"]));
    sandbox.ok(&["run", "avtal"]);
}

#[test]
fn every_region_has_a_folder_name_of_its_own() {
    let sandbox = Sandbox::empty();
    for region in sluss_schemas::region::REGIONS {
        sandbox.ok(&["init", "region", region.lanskod]);
    }
    let mut folders: Vec<_> = std::fs::read_dir(sandbox.path().join("regions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert_eq!(folders.len(), 21);
    assert!(folders.iter().all(|f| f.is_ascii()), "{folders:?}");
    keep!("init_regions", folders.join("\n"));
}

#[test]
fn a_receipt_is_a_workbook_too() {
    let sandbox = Sandbox::demo();
    let runs = sandbox.json(&["run", "national/hsa/organisationer"]);
    let run = runs["runs"][0]["run"].as_str().unwrap();
    let path = sandbox.path().join("kvitto.xlsx");
    keep!("receipt_xlsx", shot(&sandbox, &["receipt", short(run), "--out", path.to_str().unwrap()]));
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    let sheets = book.sheet_names();
    assert!(sheets.len() >= 2, "{sheets:?}");
    let cells: Vec<String> = sheets
        .iter()
        .flat_map(|sheet| {
            let range = book.worksheet_range(sheet).unwrap();
            range.used_cells().map(|(_, _, cell)| cell.clone()).collect::<Vec<_>>()
        })
        .filter_map(|cell| match cell {
            Data::String(text) => Some(text),
            _ => None,
        })
        .collect();
    assert!(cells.iter().any(|c| c.contains("orgnr_luhn")), "{cells:?}");
    for name in ["kvitto.json", "kvitto.txt"] {
        sandbox.ok(&["receipt", run, "--out", sandbox.path().join(name).to_str().unwrap()]);
        assert!(std::fs::metadata(sandbox.path().join(name)).unwrap().len() > 100);
    }
    keep!("receipt_pdf", shot(&sandbox, &["receipt", short(run), "--out", "kvitto.pdf"]));
}

#[test]
fn a_receipt_is_signed_and_a_changed_one_is_told() {
    let sandbox = Sandbox::demo();
    let runs = sandbox.json(&["run", "national/hsa/organisationer"]);
    let run = runs["runs"][0]["run"].as_str().unwrap();
    let file = |name: &str| sandbox.path().join(name);
    for name in ["kvitto.xlsx", "kvitto.json", "kvitto.txt"] {
        let path = file(name).display().to_string();
        let signature = sandbox.json(&["receipt", run, "--out", &path])["signature"].as_str().unwrap().to_owned();
        assert_eq!(signature, format!("{path}.sig"));
        assert_eq!(sandbox.json(&["receipt", "--verify", &path])["key"], 1, "{name}");
    }
    // With nothing of ours.
    let key = file("nyckel.pem");
    std::fs::write(&key, sandbox.ok(&["receipt", "--public-key"])).unwrap();
    let openssl = std::process::Command::new("openssl")
        .args(["pkeyutl", "-verify", "-pubin", "-rawin", "-inkey"])
        .arg(&key)
        .arg("-in")
        .arg(file("kvitto.json"))
        .arg("-sigfile")
        .arg(file("kvitto.json.sig"))
        .output();
    match openssl {
        Ok(answer) => assert!(answer.status.success(), "{answer:?}"),
        Err(error) => println!("skipped: openssl cannot be run ({error})"),
    }
    // A new key signs what comes; what the old one signed stands.
    let secret = file(".secrets/kvittonyckel");
    let old = std::fs::read_to_string(&secret).unwrap();
    let new = "2:9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    std::fs::write(&secret, format!("{}\n{new}\n", old.trim())).unwrap();
    assert_eq!(sandbox.json(&["receipt", "--verify", file("kvitto.txt").to_str().unwrap()])["key"], 1);
    sandbox.ok(&["receipt", run, "--out", file("kvitto.txt").to_str().unwrap()]);
    assert_eq!(sandbox.json(&["receipt", "--verify", file("kvitto.txt").to_str().unwrap()])["key"], 2);
    let keys = sandbox.json(&["receipt", "--public-key"]);
    assert_eq!(keys.as_array().unwrap().len(), 2, "{keys}");

    let mut changed = std::fs::read(file("kvitto.json")).unwrap();
    let digit = changed.iter().position(u8::is_ascii_digit).unwrap();
    changed[digit] ^= 1;
    std::fs::write(file("kvitto.json"), changed).unwrap();
    let answer = sandbox.run(&["receipt", "--verify", file("kvitto.json").to_str().unwrap()]);
    assert_eq!(answer.code, Some(1));
    assert!(answer.stderr.contains("filen är ändrad"), "{}", answer.stderr);
    std::fs::remove_file(file("kvitto.json.sig")).unwrap();
    assert_eq!(sandbox.run(&["receipt", "--verify", file("kvitto.json").to_str().unwrap()]).code, Some(1));
}

#[test]
fn an_export_without_rows_has_the_national_columns() {
    let sandbox = Sandbox::empty();
    sandbox.ok(&["init", "region", "22"]);
    let path = sandbox.path().join("tom.parquet");
    keep!("export_nothing", shot(&sandbox, &["quarantine", "export", "--out", path.to_str().unwrap()]));
    let file = std::fs::File::open(&path).unwrap();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let columns: Vec<_> = reader.schema().fields().iter().map(|f| f.name().clone()).collect();
    let avtal = sluss_schemas::table::national().iter().find(|t| t.name == "avtal").unwrap();
    for column in &avtal.column {
        assert!(columns.contains(&column.name), "{} is missing: {columns:?}", column.name);
    }
    assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
}

#[test]
fn codes_are_imported_by_hand() {
    let sandbox = Sandbox::empty();
    sandbox.write("lista.tsv", "kod\ttext\nWEX01\tExempel ett\nWEX02\tExempel två\n");
    let file = sandbox.path().join("lista.tsv");
    let arguments = [
        "codes",
        "import",
        file.to_str().unwrap(),
        "--system",
        "exempel",
        "--edition",
        "1",
        "--valid-from",
        "2026-01-01",
    ];
    keep!("codes_import", shot(&sandbox, &arguments));
    keep!("codes_import_again", shot(&sandbox, &arguments));
    keep!("codes_import_nothing", shot(&sandbox, &["codes", "import", "finns-inte.tsv", "--system", "exempel"]));
}
