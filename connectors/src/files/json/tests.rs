//! Texts as senders make them, and the real ones.

use proptest::prelude::*;

use super::super::cells::tests::{Kept, input, real};
use super::*;
use crate::error::Actor;

fn options(json: &str) -> Options {
    serde_json::from_str(json).unwrap()
}

fn try_read(bytes: &[u8], options: Options) -> (Kept, Result<()>) {
    let mut kept = Kept::default();
    let outcome = Json::new(options).and_then(|json| json.read(input(bytes), 3, &mut kept));
    (kept, outcome)
}

fn read(bytes: impl AsRef<[u8]>, json: &str) -> Kept {
    let (kept, outcome) = try_read(bytes.as_ref(), options(json));
    outcome.unwrap();
    kept
}

fn fails(bytes: &[u8], json: &str) -> ConnectorError {
    try_read(bytes, options(json)).1.unwrap_err()
}

#[test]
fn fields_of_an_array_are_columns() {
    let kept = read(
        "\u{feff}[ {\"id\": \"01\", \"pris\": 1.10, \"ja\": true}, {\"pris\": 1E5, \"ny\": null, \"namn\": \"Å\\u00e4\\n\\\"x\\\"\", \"adress\": {\"ort\": 1}} ]",
        "{}",
    );
    assert_eq!(kept.names(), ["id", "pris", "ja", "ny", "namn"]);
    assert_eq!(kept.column("id"), ["01", "-"]);
    assert_eq!(kept.column("pris"), ["1.10", "1E5"]);
    assert_eq!(kept.column("ja"), ["true", "-"]);
    assert_eq!(kept.column("namn"), ["-", "Åä\n\"x\""]);
    assert_eq!(kept.rows().iter().map(|r| r.0).collect::<Vec<_>>(), [1, 2]);
    let fields = Json::new(Options::default()).unwrap().columns(input("{\"a\": 1, \"b\": []}")).unwrap();
    assert_eq!(fields, text_fields(&["a"]));
}

#[test]
fn columns_come_from_within_the_row() {
    let kept = read(
        r#"{"x": [{"r": {"a": {"b": ["p", "q", null, 3]}, "n": [{"t": "1"}, {"t": "2", "u": {"v": [7]}}], "odd.key": "o", "big": 12345678901234567890.0}}]}"#,
        r#"{"rows": "x[*].r", "separator": ";", "columns": {"all": "a.b[*]", "first": "a.b[0]", "t": "n[*].t", "deep": "n[1].u.v[0]",
            "odd": "['odd.key']", "json": "a", "none": "a.z", "big": "big", "beyond": "a.b[9]", "whole": "$.x[*].r.big"}}"#,
    );
    assert_eq!(kept.column("all"), ["p;q;3"]);
    assert_eq!(kept.column("first"), ["p"]);
    assert_eq!(kept.column("t"), ["1;2"]);
    assert_eq!(kept.column("deep"), ["7"]);
    assert_eq!(kept.column("odd"), ["o"]);
    assert_eq!(kept.column("json"), [r#"{"b": ["p", "q", null, 3]}"#]);
    assert_eq!(kept.column("big"), ["12345678901234567890.0"]);
    assert_eq!(kept.column("whole"), kept.column("big"));
    assert_eq!((kept.column("none"), kept.column("beyond")), (vec!["-".to_owned()], vec!["-".to_owned()]));
}

#[test]
fn columns_come_from_what_stands_above_also_when_it_comes_later() {
    let text = r#"{"sida": 1, "data": [
        {"kpi": "a", "values": [{"v": 1}, {"v": 2}], "period": 2024},
        {"period": 2025, "values": [{"v": 3}, {"v": 4}, {"v": 5}, {"v": 6}], "kpi": "b"},
        {"values": [{"v": 7}]}], "slut": {"datum": "2026"}}"#;
    let kept = read(
        text,
        r#"{"rows": "$.data[*].values[*]", "columns": {"v": "v", "kpi": "../kpi", "period": "$.data[*].period", "sida": "../../sida", "slut": "$.slut.datum"}}"#,
    );
    assert_eq!(kept.column("v"), ["1", "2", "3", "4", "5", "6", "7"]);
    assert_eq!(kept.column("kpi"), ["a", "a", "b", "b", "b", "b", "-"]);
    assert_eq!(kept.column("period"), ["2024", "2024", "2025", "2025", "2025", "2025", "-"]);
    assert_eq!(kept.column("sida"), ["1"; 7]);
    assert_eq!(kept.column("slut"), ["2026"; 7]);
    assert_eq!(kept.rows().iter().map(|r| r.0).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn lines_are_rows_and_a_bad_line_is_not_the_end() {
    let mut text = b"\xEF\xBB\xBF{\"a\": 1}\r\n\n{\"a\": 01}\n{\"a\": \"\xE5\"}\n[1]\n{\"a\": \"hemligt\n{\"a\": 2, \"a\": 3}\n{\"a\": \"\\ud800\"}\n".to_vec();
    text.extend_from_slice(b"{\"a\": \"sist\"}");
    for json in [r#"{"lines": true}"#, r#"{"lines": true, "columns": ["a"]}"#] {
        let kept = read(&text, json);
        assert_eq!(kept.names(), ["a"]);
        let rows = kept.rows();
        assert_eq!(rows, [(1, vec![Some("1".into())]), (9, vec![Some("sist".into())])]);
        let unread = kept.unread();
        assert_eq!(unread.iter().map(|u| u.0).collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8]);
        assert!(unread.iter().all(|u| u.1 == "olasbar_rad"));
        assert_eq!(unread[0].2, "line 3, column 8: invalid number");
        assert_eq!(unread[1].2, "line 4, column 8: bytes that are not UTF-8");
        assert_eq!(unread[4].2, "a occurs twice");
        assert!(unread.iter().all(|u| !u.2.contains("hemligt")));
        let raw: Vec<_> = kept.chunks.iter().flat_map(|c| &c.unread).map(|u| u.raw.clone()).collect();
        assert_eq!(raw[1], b"{\"a\": \"\xE5\"}");
    }
    let kept = read(
        r#"{"r": [{"a": 1}, {"a": 2}]}
{"r": [{"a": 3}], "k": 9}"#,
        r#"{"lines": true, "rows": "r[*]", "columns": {"a": "a", "k": "../k"}}"#,
    );
    assert_eq!(
        (kept.column("a"), kept.column("k")),
        (vec!["1".into(), "2".into(), "3".into()], vec!["-".into(), "-".into(), "9".into()])
    );
}

#[test]
fn utf_16_with_its_mark_is_read() {
    for lines in [false, true] {
        let bytes: Vec<u8> = "\u{feff}{\"a\": \"å\"}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(bytes, &format!(r#"{{"lines": {lines}}}"#)).column("a"), ["å"]);
    }
}

#[test]
fn a_fault_comes_after_the_rows_before_it() {
    let text = b"{\"d\": [\n  {\"a\": 1},\n  {\"a\": 2},\n  {\"a\": tru}\n]}";
    for json in [r#"{"rows": "d[*]", "columns": ["a"]}"#, r#"{"rows": "d[*]"}"#] {
        let (kept, outcome) = try_read(text, options(json));
        let error = outcome.unwrap_err();
        assert_eq!(error.to_string(), "the JSON is malformed: expected ident (line 4, column 12)");
        assert_eq!(error.actor, Actor::Source);
        assert_eq!(kept.column("a"), ["1", "2"]);
    }
}

#[test]
fn malformed_texts_are_told_by_their_fault_and_place() {
    for (text, told) in [
        ("", "the file is empty"),
        (" \n", "the file is empty"),
        ("[{\"a\": 1}", "the JSON is malformed: the text ends too early (line 1, column 10)"),
        ("[{\"a\": 1", "the JSON is malformed: the text ends within a value (line 1, column 9)"),
        ("[{\"a\": 1]", "the JSON is malformed: brackets do not match (line 1, column 9)"),
        ("[{\"a\": 1}\n{}]", "the JSON is malformed: there should be a comma or ] (line 2, column 1)"),
        ("[{\"a\": 1},]", "the JSON is malformed: a value is missing (line 1, column 11)"),
        ("[{\"a\": 1}] x", "the JSON is malformed: there is more after its end (line 1, column 12)"),
        ("[{\"å\": 1, b}]", "the JSON is malformed: key must be a string (line 1, column 11)"),
        ("<html>", "the JSON is malformed: expected value (line 1, column 1)"),
    ] {
        assert_eq!(fails(text.as_bytes(), r#"{"columns": ["a"]}"#).to_string(), told, "{text}");
    }
    let told = fails(b"[{\"a\": 1},\n{\"a\": \"\xFF\"}]", r#"{"columns": ["a"]}"#).to_string();
    assert_eq!(told, "the JSON is malformed: it has bytes that are not UTF-8 (line 2, column 8)");
    let told = fails(b"{\"a\": 1, \"a\" 2}", r#"{"rows": "x[*]", "columns": ["a"]}"#).to_string();
    assert_eq!(told, "the JSON is malformed: there should be a colon (line 1, column 14)");
    // What nobody wants is checked, too.
    let told = fails(b"{\"z\": [1,,2], \"x\": []}", r#"{"rows": "x[*]", "columns": ["a"]}"#).to_string();
    assert!(told.starts_with("the JSON is malformed: expected value"), "{told}");
    let told = fails(b"{\"x\": {\"a\": 1}}", r#"{"rows": "x[*]", "columns": ["a"]}"#).to_string();
    assert_eq!(told, "a value that should be an array is not (line 1, column 7)");
    let deep = "[".repeat(100_000);
    assert!(fails(deep.as_bytes(), "{}").to_string().contains("within each other"));
    assert!(fails(b"{\"a\":1}\n{\"a\":2}", r#"{"columns": ["a"]}"#).hint.unwrap().contains("lines = true"));
}

#[test]
fn rows_that_are_not_as_the_paths_have_it_are_unread() {
    let kept = read(
        r#"[{"a": {"b": 1}}, {"a": 5}, {"a": null}, null, 7, {"a": {"b": 1, "b": 2}}, {"c": 1, "c": 2}]"#,
        r#"{"columns": {"b": "a.b"}}"#,
    );
    assert_eq!(kept.column("b"), ["1", "-", "-"]);
    assert_eq!(
        kept.unread().iter().map(|u| (u.0, u.2.as_str())).collect::<Vec<_>>(),
        [
            (2, "what should hold b is not an object"),
            (4, "the row is null"),
            (5, "what should hold a is not an object"),
            (6, "b occurs twice")
        ]
    );
    assert_eq!(read("[1, \"x\"]", r#"{"columns": {"v": "."}}"#).column("v"), ["1", "x"]);
    assert_eq!(read("[1, {\"a\": 2}]", "{}").unread()[0].2, "the row is not an object");
    assert_eq!(read("{\"a\": 1}", "{}").column("a"), ["1"]);
    assert_eq!(read("[]", r#"{"columns": ["a"]}"#).rows().len(), 0);
    assert_eq!(read("{\"r\": null}", r#"{"rows": "r[*]", "columns": ["a"]}"#).rows().len(), 0);
}

#[test]
fn wrong_options_are_refused() {
    for json in [
        r#"{"rows": "../a"}"#,
        r#"{"rows": "a["}"#,
        r#"{"columns": {}}"#,
        r#"{"columns": {"x": "../a"}}"#,
        r#"{"rows": "a[*]", "columns": {"x": "../../b"}}"#,
        r#"{"rows": "a[*].b[*]", "columns": {"x": "../b"}}"#,
        r#"{"rows": "[*]", "columns": {"x": "$[0].a"}}"#,
    ] {
        assert_eq!(Json::new(options(json)).unwrap_err().actor, Actor::Configuration, "{json}");
    }
    assert!(serde_json::from_str::<Options>(r#"{"row": "a"}"#).is_err());
}

#[test]
fn a_long_array_is_read_in_pieces() {
    let mut text = b"{\"before\": [".to_vec();
    text.extend(std::iter::repeat_n(b"{\"x\": [1, 2, \"]\"]}, ".as_slice(), 100_000).flatten());
    text.extend_from_slice(b"{}], \"rows\": [");
    for n in 0..50_000 {
        text.extend_from_slice(format!("{{\"n\": {n}, \"text\": \"å{n}\"}},\n").as_bytes());
    }
    text.extend_from_slice(b"{\"n\": -1, \"text\": null}]}");
    let json = Json::new(options(r#"{"rows": "rows[*]", "columns": ["n", "text"]}"#)).unwrap();
    let mut kept = Kept::default();
    json.read(input(text), 8192, &mut kept).unwrap();
    let rows = kept.rows();
    assert_eq!((rows.len(), kept.chunks.len()), (50_001, 7));
    assert_eq!(rows[49_999].1, [Some("49999".to_owned()), Some("å49999".to_owned())]);
    assert_eq!(rows[50_000].1, [Some("-1".to_owned()), None]);
}

#[test]
fn the_real_units_and_code_systems_are_read() {
    if let Some(bytes) = real("hsa-inera-fake/TSTNMT2321000156-1061.json") {
        let kept = read(
            &bytes,
            r#"{"rows": "careUnits[*]", "columns": {"id": "id", "namn": "name", "vardgivare": "../id", "del": "subUnits[*].id"}}"#,
        );
        assert_eq!(kept.column("id")[0], "TSTNMT2321000156-1062");
        assert_eq!(kept.column("vardgivare")[0], "TSTNMT2321000156-1061");
        assert_eq!(kept.column("del")[0], "TSTNMT2321000156-1064|TSTNMT2321000156-1065");
        let kept = read(
            &bytes,
            r#"{"rows": "careUnits[*].subUnits[*]", "columns": {"id": "id", "enhet": "../id", "vardgivare": "../../id"}}"#,
        );
        assert_eq!(
            kept.rows()[0].1.iter().flatten().collect::<Vec<_>>(),
            ["TSTNMT2321000156-1064", "TSTNMT2321000156-1062", "TSTNMT2321000156-1061"]
        );
    }
    if let Some(bytes) = real("inera-terminologi/codesystems-bundle.json") {
        let kept = read(
            &bytes,
            r#"{"rows": "entry[*].resource", "columns": {"url": "url", "version": "version", "typ": "$.type", "id": "identifier[*].value"}}"#,
        );
        assert_eq!(kept.rows().len(), 118);
        assert!(kept.column("typ").iter().all(|t| t == "searchset"));
        let own = read(&bytes, r#"{"rows": "entry[*].resource"}"#);
        assert_eq!(own.names()[..3], ["resourceType", "id", "url"]);
    }
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![r"[ -~åäöÅÄÖ\n\t\u{1}€]{0,12}", Just(String::new())]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        rows in proptest::collection::vec((proptest::option::of(value()), any::<i64>(), any::<bool>()), 0..20),
        pretty: bool, lines: bool,
    ) {
        let json: Vec<_> = rows.iter().map(|(text, n, b)| serde_json::json!({"t": text, "n": n, "d": {"b": [b]}})).collect();
        let text = if lines {
            json.iter().flat_map(|row| [row.to_string(), "\n".to_owned()]).collect::<String>()
        } else if pretty {
            serde_json::to_string_pretty(&json).unwrap()
        } else {
            serde_json::to_string(&json).unwrap()
        };
        prop_assume!(!text.is_empty());
        let kept = read(&text, &format!(r#"{{"lines": {lines}, "columns": {{"t": "t", "n": "n", "b": "d.b[0]"}}}}"#));
        let expected: Vec<_> = (1..).zip(&rows).map(|(i, (t, n, b))| (i, vec![t.clone(), Some(n.to_string()), Some(b.to_string())])).collect();
        prop_assert_eq!(kept.rows(), expected);
    }

    #[test]
    fn damaged_texts_end_in_an_error_or_in_rows(cut in any::<proptest::sample::Index>(), put in r#"[{}\[\]",:\\a-z0-9 \n]{0,5}"#) {
        let text = "{\"h\": {\"x\": 1},\n\"r\": [{\"a\": \"A\\u00e5\", \"b\": [1.5, {\"c\": null}]}, {\"a\": true}], \"s\": [{}]}";
        let (before, after) = text.split_at(cut.index(text.len()));
        let text = [before, &put, after].concat();
        for json in [
            "{}",
            r#"{"lines": true}"#,
            r#"{"rows": "r[*]", "columns": {"a": "a", "c": "b[*].c", "b": "b[0]", "x": "../h.x", "s": "$.s"}}"#,
        ] {
            let (kept, outcome) = try_read(text.as_bytes(), options(json));
            // A text that is JSON is never called malformed, and the other way round.
            if json == "{}" {
                let valid = serde_json::from_str::<serde_json::Value>(&text).is_ok();
                let said = outcome.is_ok();
                prop_assert!(valid == said || !kept.unread().is_empty(), "{text}: {outcome:?}");
            }
        }
    }

    #[test]
    fn any_bytes_end_in_an_error_or_in_rows(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = try_read(&bytes, options("{}"));
        let _ = try_read(&bytes, options(r#"{"lines": true, "rows": "a[*]"}"#));
    }
}

#[test]
fn elements_are_chosen_by_what_they_are_called() {
    let text = r#"[{"id": [{"system": "urn:oid:1.2.752.129.2.1.4.1", "value": "SE1"}, {"system": "annat", "value": "2"},
        {"value": "3"}, 4, null]}, {"id": []}, {"id": null}]"#;
    let json = r#"{"columns": {"hsa": "id[system=hsa_id].value", "annat": "id[system=annat].value", "alla": "id[*]"}}"#;
    let kept = read(text, &json.replace(r#", "alla": "id[*]""#, ""));
    assert_eq!(kept.column("hsa"), ["SE1", "-", "-"], "by the canonical name");
    assert_eq!(kept.column("annat"), ["2", "-", "-"], "by the text itself");
    let kept =
        read(r#"[{"id": {"system": "hsa_id", "value": "SE1"}}]"#, r#"{"columns": {"hsa": "id[system=hsa_id].value"}}"#);
    assert_eq!(kept.unread().len(), 1, "what is no array has no elements");
    assert_eq!(fails(b"[]", r#"{"rows": "a[b=c]"}"#).actor, Actor::Configuration);
}

#[test]
fn an_array_on_the_way_stands_for_its_elements_where_that_is_wanted() {
    let text = r#"{"a": [{"b": [1, 2], "c": {"d": "x"}}, {"b": 3, "c": [{"d": "y"}, {"e": 0}]}], "f": "g", "h": {"k": "p", "v": 5}}"#;
    let columns = r#"{"columns": {"b": "a.b", "d": "a.c.d", "first": "a[0].b", "none": "f.x.y", "one": "f[*]", "by": "h[k=p].v"}}"#;
    let mut kept = Kept::default();
    Json::new(options(columns)).unwrap().flat().read(input(text), 3, &mut kept).unwrap();
    for (name, value) in [("b", "1|2|3"), ("d", "x|y"), ("first", "1|2"), ("none", "-"), ("one", "g"), ("by", "5")] {
        assert_eq!(kept.column(name), [value], "{name}");
    }
    assert_eq!(read(text, columns).unread().len(), 1, "elsewhere an array is one");
}

#[test]
fn an_answer_must_have_its_rows() {
    let strict = |text: &str| {
        let json = Json::new(options(r#"{"rows": "a.b[*].c[*]", "columns": ["id"]}"#)).unwrap().strict();
        json.read(input(text), 3, &mut Kept::default())
    };
    for right in [
        r#"{"a": {"b": []}}"#,
        r#"{"a": {"b": null}}"#,
        r#"{"a": {"b": [{}]}}"#,
        r#"{"a": {"b": [{"c": [{"id": 1}]}]}}"#,
    ] {
        assert!(strict(right).is_ok(), "{right}");
    }
    for wrong in [r#"{"a": {}}"#, "{}", r#"{"a": null}"#, "null", r#"{"fel": "a.b"}"#] {
        assert!(strict(wrong).is_err(), "{wrong}");
    }
}
