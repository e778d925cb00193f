//! Fields at fixed positions.

use proptest::prelude::*;

use super::super::encoding::Encoding;
use super::super::fixed::{FixedField, FixedOptions, Trim};
use super::{lines, parse};
use crate::files::account;

fn options() -> FixedOptions {
    let field = |name: &str, start, width| FixedField { name: name.into(), start, width };
    FixedOptions {
        fields: vec![field("kod", 1, Some(4)), field("namn", 6, Some(6)), field("rest", 13, None)],
        trim: Trim::Both,
        skip_lines: 0,
        length: None,
        short_lines: false,
        null: vec![],
    }
}

fn rows(options: FixedOptions, text: &[u8], encoding: Encoding) -> Vec<String> {
    lines(&parse(&options.format(encoding).unwrap(), text, 3).unwrap())
}

#[test]
fn positions_are_characters() {
    let text = "A00- Kolera x\r\n\nÅÄÖ1 åäöåäö rest\nB0\n";
    let expected = ["1 A00-|Kolera|x", "3 ÅÄÖ1|åäöåäö|rest", "4 fel_antal_kolumner (2 tecken, minst 13 väntade) B0"];
    assert_eq!(rows(options(), text.as_bytes(), Encoding::Utf8), expected);
    let latin1: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert_eq!(rows(options(), &latin1, Encoding::Latin1), expected);
}

#[test]
fn short_lines_lengths_and_padding() {
    let short = FixedOptions { short_lines: true, skip_lines: 1, ..options() };
    assert_eq!(rows(short, b"rubrik\nA00- Ko", Encoding::Utf8), ["2 A00-|Ko|"]);
    let exact = FixedOptions { length: Some(14), trim: Trim::None, ..options() };
    assert_eq!(
        rows(exact, b"A00- Ko     xy\nA00- Ko     xyz\n", Encoding::Utf8),
        ["1 A00-|Ko    |xy", "2 fel_antal_kolumner (15 tecken, 14 väntade) A00- Ko     xyz"]
    );
}

#[test]
fn bad_bytes_cost_their_line_only() {
    let rows = rows(options(), b"A00- Kolera x\nA\xE500 Kolera x\nA0\x000 Kolera x\nA01- Kolera y", Encoding::Utf8);
    assert_eq!(rows.len(), 4);
    assert!(rows[1].starts_with("2 ogiltiga_tecken (byte 2 på raden)"));
    assert!(rows[2].starts_with("3 ogiltiga_tecken (nolltecken, byte 3 på raden)"));
    assert_eq!(rows[3], "4 A01-|Kolera|y");
}

#[test]
fn fields_are_checked() {
    for (start, width, length) in [(0, Some(1), None), (1, Some(0), None), (5, Some(5), Some(8))] {
        let fields = vec![FixedField { name: "a".into(), start, width }];
        assert!(FixedOptions { fields, length, ..options() }.format(Encoding::Utf8).is_err());
    }
    assert!(FixedOptions { fields: vec![], ..options() }.format(Encoding::Utf8).is_err());
}

proptest! {
    #[test]
    fn every_line_is_a_row_or_rejected(bytes in prop::collection::vec(any::<u8>(), 0..600), chunk_rows in 1_usize..9) {
        account::fixed(&bytes, chunk_rows);
    }
}
