//! Workbooks as senders make them, written here and read back, and the real ones.

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format as Look, Formula, Workbook, Worksheet, XlsxError};

use super::super::cells::tests::{Kept, input, real};
use super::*;
use crate::error::Actor;

fn book(fill: impl FnOnce(&mut Worksheet) -> std::result::Result<(), XlsxError>) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Avtal").unwrap();
    fill(sheet).unwrap();
    book.save_to_buffer().unwrap()
}

fn read(bytes: Vec<u8>, options: Options) -> Result<Kept> {
    let mut kept = Kept::default();
    Xlsx::new(options)?.read(input(bytes), 1000, &mut kept)?;
    Ok(kept)
}

fn fails(bytes: impl Into<Vec<u8>>, options: Options) -> ConnectorError {
    read(bytes.into(), options).err().expect("an error")
}

fn row(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|v| (*v != "-").then(|| (*v).to_owned())).collect()
}

#[test]
fn every_kind_of_cell_has_its_canonical_text() {
    let bytes = book(|s| {
        for (c, name) in (0..).zip(["Text", "Tal", "Org.nr", "Län", "Datum", "Tid", "Klockan", "Ja", "Andel", "Formel"])
        {
            s.write(0, c, name)?;
        }
        s.write(1, 0, "Vård & omsorg\nåäö ")?;
        s.write(1, 1, 1234.5)?;
        s.write(1, 2, 2_321_000_180_i64)?;
        s.write_with_format(1, 3, 1, &Look::new().set_num_format("00"))?;
        let day = ExcelDateTime::from_ymd(2026, 1, 5)?;
        s.write_with_format(1, 4, &day, &Look::new().set_num_format("yyyy-mm-dd"))?;
        let moment = ExcelDateTime::from_ymd(2026, 1, 5)?.and_hms(8, 0, 0)?;
        s.write_with_format(1, 5, &moment, &Look::new().set_num_format("yyyy-mm-dd hh:mm"))?;
        let clock = ExcelDateTime::from_hms(8, 30, 0)?;
        s.write_with_format(1, 6, &clock, &Look::new().set_num_format("hh:mm"))?;
        s.write(1, 7, true)?;
        s.write_with_format(1, 8, 0.843, &Look::new().set_num_format("0.0%"))?;
        s.write(1, 9, Formula::new("B2*2").set_result("2469"))?;
        s.write(2, 2, "0123")?;
        Ok(())
    });
    let kept = read(bytes, Options::default()).unwrap();
    let rows = kept.rows();
    assert_eq!(rows[0].0, 2);
    assert_eq!(
        rows[0].1,
        row(&[
            "Vård & omsorg\nåäö ",
            "1234.5",
            "2321000180",
            "01",
            "2026-01-05",
            "2026-01-05T08:00:00",
            "08:30:00",
            "true",
            "0.843",
            "2469"
        ])
    );
    assert_eq!(rows[1].1[2].as_deref(), Some("0123"));
    assert_eq!(kept.names()[3], "Län");
    assert_eq!(kept.origins[0].part.as_deref(), Some("Avtal"));
}

#[test]
fn an_error_cell_makes_its_row_unread() {
    let bytes = book(|s| {
        s.write_row(0, 0, ["A", "B", "C"])?;
        s.write_row(1, 0, ["1", "2", "3"])?;
        s.write(2, 0, "hemligt")?;
        s.write(2, 2, Formula::new("VLOOKUP(1,A1:A1,1,0)").set_result("#N/A"))?;
        s.write_row(3, 0, ["7", "8", "9"]).map(|_| ())
    });
    let kept = read(bytes.clone(), Options::default()).unwrap();
    assert_eq!(kept.rows().iter().map(|r| r.0).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(kept.unread(), [(3, "olasbar_rad", "C3 #N/A".to_owned())]);
    assert_eq!(kept.chunks[0].unread[0].raw, br##"["hemligt",null,"#N/A"]"##);
    // A column that nobody wants may hold what it likes.
    let wanted = Options { columns: Some(vec!["B".into(), "A".into()]), ..Options::default() };
    let kept = read(bytes, wanted).unwrap();
    assert_eq!(kept.rows()[1], (3, row(&["-", "hemligt"])));
}

#[test]
fn title_rows_above_the_table_are_passed_over() {
    let bytes = book(|s| {
        s.merge_range(0, 0, 0, 3, "Vårdavtal i länet", &Look::new())?;
        s.write(1, 0, "Uttag 2026")?;
        s.write_row(3, 1, ["Avtals-\nnr", "Leverantör ", "Från"])?;
        s.write_row(4, 1, ["MT162", "Exempel AB", "2026"])?;
        s.write_row(6, 1, ["MT163", "Exempel AB", "2026"]).map(|_| ())
    });
    let options = Options { header_contains: vec!["avtals- nr".into(), "Leverantör".into()], ..Options::default() };
    let kept = read(bytes.clone(), options.clone()).unwrap();
    assert_eq!(kept.names(), ["Avtals- nr", "Leverantör", "Från"]);
    assert_eq!(kept.rows().iter().map(|r| r.0).collect::<Vec<_>>(), [5, 7]);

    let kept = read(bytes.clone(), Options { stop_at_empty: true, ..options.clone() }).unwrap();
    assert_eq!(kept.rows().len(), 1);
    let kept = read(bytes.clone(), Options { skip_empty_rows: Some(false), ..options }).unwrap();
    assert_eq!(kept.rows()[1], (6, row(&["-", "-", "-"])));

    let by_range = Options { range: Some("C4:D5".into()), ..Options::default() };
    let kept = read(bytes.clone(), by_range).unwrap();
    assert_eq!(
        (kept.names(), kept.rows()),
        (vec!["Leverantör".into(), "Från".into()], vec![(5, row(&["Exempel AB", "2026"]))])
    );

    let error =
        fails(bytes, Options { header_contains: vec!["Avtals- nr".into(), "Belopp".into()], ..Options::default() });
    assert_eq!(error.to_string(), "no row has the heading Belopp (sheet Avtal)");
}

#[test]
fn headings_in_two_rows_are_joined() {
    let bytes = book(|s| {
        s.merge_range(0, 0, 1, 0, "Avtal", &Look::new())?;
        s.merge_range(0, 1, 0, 2, "Period", &Look::new())?;
        s.write_row(1, 1, ["Från", "Till", "Anm"])?;
        s.write_row(2, 0, ["1", "2", "3", "4"]).map(|_| ())
    });
    let kept = read(bytes, Options { header_rows: Some(2), ..Options::default() }).unwrap();
    assert_eq!(kept.names(), ["Avtal", "Period / Från", "Period / Till", "Anm"]);
    assert_eq!(kept.rows(), [(3, row(&["1", "2", "3", "4"]))]);
}

#[test]
fn a_value_beside_the_headings_is_not_lost() {
    let bytes = book(|s| {
        s.write_row(0, 0, ["A", "", "C"])?;
        s.write_row(1, 0, ["1", "2", "3", "obs"])?;
        s.write_row(2, 0, ["4", "5", "6"]).map(|_| ())
    });
    let kept = read(bytes.clone(), Options::default()).unwrap();
    assert_eq!(kept.names(), ["A", "kolumn_b", "C"]);
    assert_eq!(kept.unread(), [(2, "fel_antal_kolumner", "D2".to_owned())]);
    let kept = read(bytes, Options { range: Some("A:C".into()), ..Options::default() }).unwrap();
    assert_eq!(kept.rows().len(), 2);
}

#[test]
fn a_sheet_without_headings_is_named_by_the_job() {
    let bytes = book(|s| s.write_row(0, 1, ["x", "y"]).map(|_| ()));
    let options = Options {
        header_row: Some(0),
        range: Some("B1".into()),
        columns: Some(vec!["a".into(), "b".into()]),
        ..Options::default()
    };
    let kept = read(bytes, options).unwrap();
    assert_eq!((kept.names(), kept.rows()), (vec!["a".into(), "b".into()], vec![(1, row(&["x", "y"]))]));
}

#[test]
fn several_sheets_are_origins_with_one_shape() {
    let mut book = Workbook::new();
    for (name, columns) in [("Avtal 2025", ["A", "B"]), ("Listor", ["x", "y"]), ("avtal 2026", ["B", "A"])] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        sheet.write_row(0, 0, columns).unwrap();
        sheet.write_row(1, 0, columns.map(str::to_lowercase)).unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    let kept = read(bytes.clone(), Options { sheets: Some("avtal*".into()), ..Options::default() }).unwrap();
    assert_eq!(kept.origins.len(), 2);
    assert_eq!(kept.column("A"), ["a", "a"]);
    let error = fails(bytes.clone(), Options { sheets: Some("*".into()), ..Options::default() });
    assert!(error.to_string().contains("same columns"), "{error}");
    let second = Options { sheet: Some(SheetChoice::Number(2)), ..Options::default() };
    assert_eq!(read(bytes.clone(), second).unwrap().names(), ["x", "y"]);
    let none = Options { sheet: Some(SheetChoice::Name("Saknas".into())), ..Options::default() };
    assert!(fails(bytes, none).to_string().contains("does not have the sheet"));
}

#[test]
fn a_missing_column_is_an_error_that_suggests_and_does_not_tell() {
    let bytes = book(|s| s.write_row(0, 0, ["Avtalsnummer", "Karl Karlsson"]).map(|_| ()));
    let error = fails(bytes, Options { columns: Some(vec!["Avtalsnumer".into()]), ..Options::default() });
    assert_eq!(error.to_string(), "the heading Avtalsnumer is missing (sheet Avtal, row 1)");
    assert!(error.hint.unwrap().contains("Avtalsnummer"));
}

#[test]
fn what_is_no_workbook_is_told_by_name() {
    let told = |bytes: &[u8]| {
        let error = fails(bytes, Options::default());
        assert_eq!(error.actor, Actor::Source);
        error.to_string()
    };
    assert_eq!(told(b""), "the file is empty");
    assert_eq!(told(b"\xEF\xBB\xBF <!DOCTYPE html><p>Fel</p>"), "the file is not an Excel workbook but an HTML page");
    assert_eq!(told(b"<html><table>"), "the file is not an Excel workbook but an HTML page");
    assert_eq!(told(b"A;B\n1;2\n"), "the file is not an Excel workbook but a text file");
    assert_eq!(told(b"%PDF-1.7"), "the file is not an Excel workbook but a PDF");
    assert_eq!(
        told(b"\x09\x08\x10\x00\x00\x06\x05\x00"),
        "the file is not an Excel workbook but a workbook from before Excel 5"
    );
    let whole = book(|s| s.write(0, 0, "x").map(|_| ()));
    assert_eq!(told(&whole[..whole.len() / 2]), "the workbook is damaged or incomplete");
}

#[test]
fn an_empty_sheet_is_told() {
    assert_eq!(fails(book(|_| Ok(())), Options::default()).to_string(), "the sheet is empty (sheet Avtal)");
    let kept = read(book(|s| s.write_row(0, 0, ["A"]).map(|_| ())), Options::default()).unwrap();
    assert_eq!((kept.names(), kept.rows().len()), (vec!["A".to_owned()], 0));
}

/// Packs parts as a workbook would be.
fn pack(parts: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_bomb_is_refused_also_when_it_lies_about_its_size() {
    let zeros = vec![b' '; 8 << 20];
    let bomb = pack(&[("_rels/.rels", b"<x/>"), ("xl/worksheets/sheet1.xml", &zeros)]);
    let small = Options { max_bytes: Some(1 << 20), ..Options::default() };
    assert!(fails(bomb.clone(), small.clone()).to_string().contains("larger than 1048576 bytes"));
    // The stated sizes (local header and directory) become 100.
    let mut lying = bomb;
    let stated = u32::try_from(zeros.len()).unwrap().to_le_bytes();
    let places: Vec<_> = memchr::memmem::find_iter(&lying, &stated).collect();
    assert!(!places.is_empty());
    for at in places {
        lying[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    let error = fails(lying, small);
    assert!(error.to_string().contains("larger than") || error.to_string().contains("damaged"), "{error}");
}

#[test]
fn a_table_of_texts_that_claims_to_be_endless_is_refused() {
    let bytes =
        pack(&[("_rels/.rels", b"<x/>"), ("xl/sharedStrings.xml", br#"<sst uniqueCount="99999999999999"></sst>"#)]);
    assert_eq!(fails(bytes, Options::default()).to_string(), "the workbook is damaged or incomplete");
}

/// A workbook with one sheet, from the XML of its parts.
fn raw_book(properties: &str, styles: &str, sheet: &str) -> Vec<u8> {
    let workbook = format!(
        r#"<workbook xmlns:r="r"><workbookPr {properties}/><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>"#
    );
    let relation = |kind: &str, target: &str| {
        format!(
            r#"<Relationships><Relationship Id="r1" Type="x/relationships/{kind}" Target="{target}"/></Relationships>"#
        )
    };
    pack(&[
        ("_rels/.rels", relation("officeDocument", "xl/workbook.xml").as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml").as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/sharedStrings.xml", br#"<sst uniqueCount="1"><si><t>x</t></si></sst>"#),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// Styles of which number 1 is a date.
const STYLES: &str = r#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;

#[test]
fn dates_are_counted_from_1904_where_the_workbook_says_so() {
    let sheet = r#"<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>dag</t></is></c></row>
        <row r="2"><c r="A2" s="1"><v>44565</v></c></row></sheetData></worksheet>"#;
    for (properties, day) in [(r#"date1904="1""#, "2026-01-05"), ("", "2022-01-04")] {
        assert_eq!(read(raw_book(properties, STYLES, sheet), Options::default()).unwrap().column("dag"), [day]);
    }
}

#[test]
fn damage_comes_after_the_rows_before_it_and_shows_no_value() {
    let sheet = r#"<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>
        <row r="2"><c r="A2" t="inlineStr"><is><t>före</t></is></c></row><row r="3"><c r="A3"><v>1</v></c><c r="B3" t="e"><v>hemligt</v></c></row></sheetData></worksheet>"#;
    let mut kept = Kept::default();
    let xlsx = Xlsx::new(Options::default()).unwrap();
    let error = xlsx.read(input(raw_book("", STYLES, sheet)), 1000, &mut kept).unwrap_err();
    assert_eq!(kept.column("a"), ["före"]);
    assert_eq!(error.to_string(), "a cell holds an error value that is not known (sheet A, row 3 or after)");
    assert!(!format!("{error:?}").contains("hemligt"));
}

/// A compound file (MS-CFB) that holds one named, empty stream.
fn compound(stream: &str) -> Vec<u8> {
    let mut file = vec![0xFF_u8; 4 * 512];
    file[..76].fill(0);
    file[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    for (at, value) in [(24, 0x3E_u16), (26, 3), (28, 0xFFFE), (30, 9), (32, 6)] {
        file[at..at + 2].copy_from_slice(&value.to_le_bytes());
    }
    // One table of sectors, in sector 0; the directory in sector 1; no small streams.
    for (at, value) in [(44, 1_u32), (48, 1), (56, 4096), (60, 0xFFFF_FFFE), (64, 0), (68, 0xFFFF_FFFE), (76, 0)] {
        file[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    for (at, value) in [(512, 0xFFFF_FFFD_u32), (516, 0xFFFF_FFFE), (520, 0xFFFF_FFFE)] {
        file[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    file[1024..1536].fill(0);
    for (entry, name) in ["Root Entry", stream].into_iter().enumerate() {
        let at = 1024 + entry * 128;
        for (i, unit) in name.encode_utf16().enumerate() {
            file[at + i * 2..at + i * 2 + 2].copy_from_slice(&unit.to_le_bytes());
        }
        file[at + 116..at + 120].copy_from_slice(&0xFFFF_FFFE_u32.to_le_bytes());
    }
    file
}

#[test]
fn passwords_and_other_documents_are_told() {
    let locked = fails(compound("EncryptedPackage"), Options::default()).to_string();
    assert_eq!(locked, "the workbook is protected by a password");
    let other = fails(compound("WordDocument"), Options::default()).to_string();
    assert_eq!(other, "the file is not an Excel workbook but another kind of Office document");
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    for options in [
        Options { sheet: Some(SheetChoice::Number(1)), sheets: Some("*".into()), ..Options::default() },
        Options { header_row: Some(0), ..Options::default() },
        Options { range: Some("4B".into()), ..Options::default() },
        Options { header_rows: Some(3), ..Options::default() },
        Options { header_row: Some(2), range: Some("B4:Q".into()), ..Options::default() },
        Options { columns: Some(vec!["a".into(), "a".into()]), ..Options::default() },
    ] {
        assert_eq!(Xlsx::new(options).unwrap_err().actor, Actor::Configuration);
    }
    let parsed: Options = serde_json::from_str(r#"{"sheet": 2, "header_contains": ["Avtalsnr"]}"#).unwrap();
    assert_eq!(parsed.sheet, Some(SheetChoice::Number(2)));
    assert!(serde_json::from_str::<Options>(r#"{"shet": 2}"#).is_err());
}

/// Rows, filled cells and bytes of text are those that two other readers (openpyxl, xlrd) find.
#[test]
fn the_real_workbooks_are_read_without_loss() {
    for (path, rows, filled, bytes) in [
        ("upphandling-uhm/regioner_upphandlingar_2021.xlsx", 2062, 58_068, 947_856),
        ("upphandling-uhm/number_of_valfrihetsystem.xlsx", 0, 0, 0),
        ("kva-norddrg/KVA2010.xls", 9388, 29_732, 863_951),
    ] {
        let Some(file) = real(path) else { continue };
        let kept = read(file, Options::default()).unwrap();
        assert_eq!(kept.unread(), []);
        let cells: Vec<_> = kept.rows().into_iter().flat_map(|(_, row)| row).flatten().collect();
        let text: usize = cells.iter().map(String::len).sum();
        assert_eq!((kept.rows().len(), cells.len(), text), (rows, filled, bytes), "{path}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_back(
        texts in proptest::collection::vec(r"[ -~åäöÅÄÖ\n\t]{1,20}|_x000D_|_x0041_é|[0-9]{10,12}|0[0-9]{3}", 1..40),
        numbers in proptest::collection::vec(-999_999_999_999_i64..999_999_999_999, 1..40),
        days in proptest::collection::vec(61_u32..100_000, 1..40),
    ) {
        let rows = texts.len().min(numbers.len()).min(days.len());
        let bytes = book(|s| {
            s.write_row(0, 0, ["t", "n", "d"])?;
            let date = Look::new().set_num_format("yyyy-mm-dd");
            for r in 0..rows {
                let at = u32::try_from(r).unwrap() + 1;
                s.write_string(at, 0, &texts[r])?;
                #[expect(clippy::cast_precision_loss, reason = "within 2^53")]
                s.write_number(at, 1, numbers[r] as f64)?;
                s.write_number_with_format(at, 2, days[r], &date)?;
            }
            Ok(())
        });
        let kept = read(bytes, Options { skip_empty_rows: Some(false), ..Options::default() }).unwrap();
        let epoch = chrono::NaiveDate::from_ymd_opt(1899, 12, 30).unwrap();
        let expected: Vec<_> = (0..rows).map(|r| {
            let day = epoch + chrono::Duration::days(i64::from(days[r]));
            (r as u64 + 2, vec![Some(texts[r].clone()), Some(numbers[r].to_string()), Some(day.to_string())])
        }).collect();
        prop_assert_eq!(kept.rows(), expected);
    }

    #[test]
    fn damaged_workbooks_end_in_an_error_or_in_rows(at in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = book(|s| {
            s.write_row(0, 0, ["t", "n"])?;
            s.write_row(1, 0, ["å", "1"]).map(|_| ())
        });
        for (index, byte) in at {
            let i = index.index(bytes.len());
            bytes[i] = byte;
        }
        let _ = read(bytes, Options::default());
    }

    #[test]
    fn damaged_sheets_end_in_an_error_or_in_rows(cut in any::<proptest::sample::Index>(), put in r#"[<>/="a-z0-9 &;#]{0,6}"#) {
        let sheet = concat!(
            r#"<worksheet><dimension ref="A1:B2"/><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>h</t></is></c>"#,
            r#"<c r="B1" t="s"><v>0</v></c></row><row r="2"><c r="A2"><v>1.5</v></c><c r="B2" t="e"><v>#N/A</v></c></row></sheetData></worksheet>"#
        );
        let at = cut.index(sheet.len());
        let (before, after) = sheet.split_at(at);
        let sheet = [before, &put, after].concat();
        let bytes = raw_book("", STYLES, &sheet);
        let _ = read(bytes, Options::default());
    }
}
