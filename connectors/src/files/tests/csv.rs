//! CSV: what is read, what is rejected, and that nothing is lost.

use proptest::prelude::*;

use super::super::csv::{CsvFormat, CsvOptions, Header};
use super::super::encoding::Encoding;
use super::{Chunk, input, lines, parse};
use crate::error::Actor;
use crate::files::account;
use crate::files::format::Format;

fn format(options: CsvOptions) -> CsvFormat {
    options.format(b';', Encoding::Utf8).unwrap()
}

fn rows(text: &str) -> Vec<String> {
    lines(&parse(&format(CsvOptions::default()), text.as_bytes(), 100).unwrap())
}

fn without_header() -> CsvOptions {
    CsvOptions { header: Header::Flag(false), ..CsvOptions::default() }
}

#[test]
fn rows_carry_their_physical_line() {
    assert_eq!(rows("a;b\n1;2\n\n\"x\ny\";3\r\n4;5"), ["2 1|2", "4 x\ny|3", "6 4|5"]);
    assert_eq!(rows("\u{feff}a;b\n1;2"), ["2 1|2"]);
}

#[test]
fn wrong_number_of_fields_is_told_and_reading_goes_on() {
    assert_eq!(
        rows("a;b\n1;2;3\n4;5\n6\n"),
        ["2 fel_antal_kolumner (3 fält, 2 väntade) 1;2;3", "3 4|5", "4 fel_antal_kolumner (1 fält, 2 väntade) 6"]
    );
}

#[test]
fn bad_bytes_cost_their_row_only() {
    let text = b"a;b\nr\xE5d;1\nok;2\nz\x00;3\n\xFF;\"4;\nok;5\n";
    let rows = lines(&parse(&format(CsvOptions::default()), text, 100).unwrap());
    assert_eq!(rows[0], "2 ogiltiga_tecken (byte 2 på raden) r\u{fffd}d;1");
    assert_eq!(rows[1], "3 ok|2");
    assert!(rows[2].starts_with("4 ogiltiga_tecken (nolltecken, byte 2 på raden)"));
    assert!(rows[3].starts_with("5 oavslutat_citat (citattecknet öppnas på rad 5)"));
    assert_eq!(rows[4], "6 ok|5");
}

#[test]
fn rejected_rows_keep_their_own_bytes() {
    for encoding in [Encoding::Latin1, Encoding::Windows1252] {
        let format = CsvOptions::default().format(b';', encoding).unwrap();
        let chunks = parse(&format, b"a;b\nr\xE5\x80d\r\n\xF6;1\n", 100).unwrap();
        assert_eq!(chunks[0].unread[0].raw, b"r\xE5\x80d");
        assert_eq!(lines(&chunks)[1], "3 ö|1");
    }
}

#[test]
fn a_stray_quote_does_not_swallow_the_file() {
    let lines: Vec<String> = (0..50_000).map(|i| format!("{i};x\n")).collect();
    let text = format!("a;b\n1;\"oj\n{}", lines.concat());
    let rows = rows(&text);
    assert_eq!(rows.len(), 50_001);
    assert_eq!(rows[0], "2 oavslutat_citat (citattecknet öppnas på rad 2) 1;\"oj");
    assert_eq!(rows[50_000], "50002 49999|x");
}

#[test]
fn header_forms() {
    let names = |options: CsvOptions, text: &str| -> Vec<String> {
        format(options).columns(input(text.as_bytes())).unwrap().into_iter().map(|field| field.name).collect()
    };
    assert_eq!(names(CsvOptions::default(), "\n a ;;c\n1;2;3"), ["a", "kolumn_2", "c"]);
    assert_eq!(names(without_header(), "1;2"), ["kolumn_1", "kolumn_2"]);
    let titled = CsvOptions { header: Header::Line(3), ..CsvOptions::default() };
    assert_eq!(names(titled.clone(), "Rapport;\n\"skräp\na;b\n1;2"), ["a", "b"]);
    let chunks = parse(&format(titled), b"Rapport;\n\"skr\na;b\n1;2", 100).unwrap();
    assert_eq!(lines(&chunks), ["4 1|2"]);
    let declared = CsvOptions { columns: Some(vec!["x".into(), "y".into()]), ..without_header() };
    assert_eq!(lines(&parse(&format(declared), b"1;2\n3", 100).unwrap()).len(), 2);
}

#[test]
fn empty_files_have_no_rows() {
    assert!(parse(&format(CsvOptions::default()), b"", 100).unwrap().is_empty());
    assert!(parse(&format(CsvOptions::default()), b"\xEF\xBB\xBF\r\n\n", 100).unwrap().is_empty());
    let chunks = parse(&format(CsvOptions::default()), b"a;b\n", 100).unwrap();
    assert_eq!((chunks.len(), chunks[0].rows.num_rows(), chunks[0].rows.num_columns()), (1, 0, 3));
}

#[test]
fn refused_files_tell_who_must_act() {
    let error = |options: CsvOptions, text: &[u8]| parse(&format(options), text, 100).unwrap_err();
    let declared = CsvOptions { columns: Some(vec!["a".into(), "b".into()]), ..CsvOptions::default() };
    let drift = error(declared.clone(), b"a;c\n1;2\n");
    assert_eq!((drift.actor, drift.to_string().contains("missing: b; new: `c`")), (Actor::Source, true));
    assert!(parse(&format(declared), b"b;a\n1;2\n", 100).is_ok());
    assert!(error(CsvOptions::default(), b"a;a\n").to_string().contains("`a`"));
    let encoding = error(CsvOptions::default(), b"k\xF6n;b\n");
    assert_eq!((encoding.actor, encoding.hint.unwrap().contains("windows-1252")), (Actor::Configuration, true));
    for head in [&b"<!DOCTYPE html>"[..], b"PK\x03\x04", b"\xFF\xFEa\0"] {
        assert_eq!(error(CsvOptions::default(), head).actor, Actor::Source);
    }
}

#[test]
fn options_are_checked() {
    let wrong = [
        CsvOptions { delimiter: Some('å'), ..CsvOptions::default() },
        CsvOptions { delimiter: Some('"'), ..CsvOptions::default() },
        CsvOptions { quote: Some("''".into()), ..CsvOptions::default() },
        CsvOptions { header: Header::Line(0), ..CsvOptions::default() },
        CsvOptions { columns: Some(vec!["a".into(), "a".into()]), ..CsvOptions::default() },
    ];
    for options in wrong {
        assert_eq!(options.format(b';', Encoding::Utf8).err().unwrap().actor, Actor::Configuration);
    }
}

#[test]
fn null_texts_comments_and_no_quotes() {
    let options = CsvOptions {
        null: vec!["NULL".into()],
        comment: Some('#'),
        quote: Some(String::new()),
        ..CsvOptions::default()
    };
    let chunks = parse(&format(options), b"# c\na;b\n#x\nNULL;\"y\n;z\n", 100).unwrap();
    assert_eq!(lines(&chunks), ["4 ~|\"y", "5 |z"]);
}

#[test]
fn carriage_returns_alone_end_lines_in_files_that_have_nothing_else() {
    assert_eq!(rows("a;b\r1;2\r\r3;\"x\ry\"\r"), ["2 1|2", "4 3|x\ry"]);
    assert_eq!(rows("a;b\n1\r2;3\n"), ["2 1\r2|3"]);
}

#[test]
fn chunks_are_as_large_as_asked() {
    let text = format!("a\n{}", "x\n".repeat(1000));
    let chunks = parse(&format(CsvOptions::default()), text.as_bytes(), 300).unwrap();
    let sizes: Vec<_> = chunks.iter().map(|chunk| chunk.rows.num_rows()).collect();
    assert_eq!(sizes, [300, 300, 300, 100]);
}

#[test]
fn records_that_span_blocks_come_whole() {
    let long = "x".repeat(700_000);
    let text = format!("a;b\n\"{long}\";1\n2;{long}\n");
    assert_eq!(rows(&text), [format!("2 {long}|1"), format!("3 2|{long}")]);
    let chunks = parse(&format(CsvOptions::default()), format!("a;b\n\"{}\n1;2\n", "x".repeat(2 << 20)).as_bytes(), 9);
    assert_eq!(chunks.unwrap()[0].unread[0].rule, "oavslutat_citat");
}

fn quoted(cell: &str, always: bool) -> String {
    if always || cell.contains([';', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.into()
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        table in prop::collection::vec(prop::collection::vec("[a-zåäö;\"\r\n #,0-9]{0,20}", 3), 1..40),
        always: bool,
        crlf: bool,
        chunk_rows in 1_usize..50,
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut text = String::from("a;b;c");
        text.push_str(end);
        for row in &table {
            let cells: Vec<_> = row.iter().map(|cell| quoted(cell, always)).collect();
            text.push_str(&cells.join(";"));
            text.push_str(end);
        }
        let chunks = parse(&format(CsvOptions::default()), text.as_bytes(), chunk_rows).unwrap();
        let read: Vec<Vec<String>> = chunks.iter().flat_map(cells).collect();
        prop_assert_eq!(read, table);
    }

    #[test]
    fn every_byte_is_accounted_for(
        bytes in prop::collection::vec(prop::sample::select(b"ab;;\"\"\n\n\r\x00\xE5\xC3\xA5#".to_vec()), 0..400),
        chunk_rows in 1_usize..9,
        limit in 1_usize..40,
    ) {
        account::csv(&bytes, chunk_rows, limit);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        for encoding in [Encoding::Utf8, Encoding::Latin1, Encoding::Windows1252] {
            let _ = parse(&CsvOptions::default().format(b';', encoding).unwrap(), &bytes, 10);
        }
    }
}

fn cells(chunk: &Chunk) -> Vec<Vec<String>> {
    use arrow::array::AsArray;
    let columns = chunk.rows.num_columns() - 1;
    (0..chunk.rows.num_rows())
        .map(|row| (0..columns).map(|column| chunk.rows.column(column).as_string_view().value(row).into()).collect())
        .collect()
}
