//! The compliance suite, on every format.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::io;
use crate::compliance::{Case, check};
use crate::error::Actor;

/// A case over the files in `base/in`, which must land as they are.
fn case(base: &Path, options: Value, rows: usize, unread: usize) -> Case {
    let files = fs::read_dir(base.join("in")).unwrap().map(|entry| entry.unwrap().path());
    let landed: BTreeMap<String, Vec<u8>> = files
        .map(|path| (format!("in/{}", path.file_name().unwrap().to_string_lossy()), fs::read(path).unwrap()))
        .collect();
    let mut nowhere = options.clone();
    nowhere["path"] = json!("finns/inte");
    let mut nothing = options.clone();
    nothing.as_object_mut().unwrap().remove("path");
    Case {
        connector: "files",
        options,
        io: io(base, 50),
        rows,
        unread,
        landed: Some(landed),
        secrets: vec!["AKIAHEMLIG".into(), "mycket-hemligt".into()],
        broken: vec![(nowhere, Actor::Source), (nothing, Actor::Configuration)],
    }
}

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("in")).unwrap();
    dir
}

fn separated(delimiter: char) -> String {
    let header = ["id", "namn", "tal"].join(&delimiter.to_string()) + "\n";
    let rows = (0..40_000).map(|i| match i % 1000 {
        7 => format!("{i}{delimiter}x\n"),
        8 => format!("{i}{delimiter}\"två\r\nrader\"{delimiter}{i}\n"),
        9 => format!("{i}{delimiter}\"öppet{delimiter}{i}\n"),
        _ => format!("{i}{delimiter}åäö{delimiter}{i}\n"),
    });
    std::iter::once(header).chain(rows).collect::<Vec<_>>().concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn csv() {
    let dir = folder();
    fs::write(dir.path().join("in/a.csv"), separated(';')).unwrap();
    fs::write(dir.path().join("in/b.csv"), "id;namn;tal\n1;2;3").unwrap();
    fs::write(dir.path().join("in/c.csv"), "id;namn;tal\n").unwrap();
    check(&case(dir.path(), json!({ "path": "in/*.csv", "format": "csv" }), 39_921, 80)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tsv_in_latin1() {
    let dir = folder();
    let text: Vec<u8> = separated('\t').chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    fs::write(dir.path().join("in/a.txt"), text).unwrap();
    check(&case(dir.path(), json!({ "path": "in", "format": "tsv", "encoding": "iso-8859-1" }), 39_920, 80)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fixed() {
    let dir = folder();
    let text: Vec<String> = (0..20_000).map(|i| format!("{i:<8}åäö {i:>8}\n")).collect();
    fs::write(dir.path().join("in/a.txt"), text.concat() + "kort\n").unwrap();
    let fields = json!([{ "name": "a", "start": 1, "width": 8 }, { "name": "b", "start": 9, "width": 4 },
                        { "name": "c", "start": 13 }]);
    let options = json!({ "path": "in/a.txt", "format": "fixed", "fixed": { "fields": fields } });
    check(&case(dir.path(), options, 20_000, 1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn packed() {
    use std::io::Write;
    let dir = folder();
    let mut zip = zip::ZipWriter::new(fs::File::create(dir.path().join("in/a.zip")).unwrap());
    for name in ["1.csv", "2.csv"] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(separated(';').as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(separated(';').as_bytes()).unwrap();
    fs::write(dir.path().join("in/b.csv.gz"), gz.finish().unwrap()).unwrap();
    let mut case = case(dir.path(), json!({ "path": "in", "format": "csv" }), 3 * 39_920, 3 * 80);
    // A packed file lands whole before its many rows come: what is ahead is its size, not its rows'.
    case.io.chunk_rows = 20_000;
    check(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn xlsx() {
    let dir = folder();
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, rows) in [("Avtal", 5_000), ("Uppdrag", 100)] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet.write_row(0, 0, ["id", "namn"]).unwrap();
        for row in 1..=rows {
            sheet.write(row, 0, row).unwrap();
            sheet.write(row, 1, format!("åäö {row}")).unwrap();
        }
    }
    book.save(dir.path().join("in/a.xlsx")).unwrap();
    let options = json!({ "path": "in/a.xlsx", "format": "xlsx", "xlsx": { "sheets": "*" } });
    let mut case = case(dir.path(), options, 5_100, 0);
    // A workbook is read whole before its first row comes.
    case.io.chunk_rows = 1000;
    check(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn xml() {
    let dir = folder();
    let rows: Vec<String> = (0..20_000).map(|i| format!("<rad id=\"{i}\"><namn>åäö {i}</namn></rad>\n")).collect();
    fs::write(dir.path().join("in/a.xml"), format!("<?xml version=\"1.0\"?>\n<rader>{}</rader>\n", rows.concat()))
        .unwrap();
    let options = json!({ "path": "in/a.xml", "format": "xml",
                          "xml": { "row": "/rader/rad", "columns": { "id": "@id", "namn": "namn" } } });
    check(&case(dir.path(), options, 20_000, 0)).await;
}
