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
