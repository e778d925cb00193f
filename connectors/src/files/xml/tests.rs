//! Documents as senders make them, and the real ones.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::super::cells::tests::{Kept, input, real};
use super::*;
use crate::error::Actor;

fn options(json: &str) -> Options {
    serde_json::from_str(json).unwrap()
}

fn try_read(bytes: &[u8], options: Options) -> (Kept, Result<()>) {
    let mut kept = Kept::default();
    let outcome = Xml::new(options).and_then(|xml| xml.read(input(bytes), 3, &mut kept));
    (kept, outcome)
}

fn read(bytes: &[u8], json: &str) -> Kept {
    let (kept, outcome) = try_read(bytes, options(json));
    outcome.unwrap();
    kept
}

fn fails(bytes: &[u8], json: &str) -> ConnectorError {
    try_read(bytes, options(json)).1.unwrap_err()
}

#[test]
fn columns_come_from_within_the_row() {
    let kept = read(
        b"<r xmlns:x='u'><row id='1'><a>A</a><b><c k='7'>C1</c><c>C2</c></b>t</row><row id='2' x:id='3'><a/><b/></row></r>",
        r#"{"row": "row", "separator": ";", "columns":
            {"id": "@id", "a": "a", "c": "b/c", "first": "b/c[1]", "second": "b/c[2]", "k": "b/c/@k", "all": "b", "any": "*/c", "deep": ".//c", "own": ".", "none": "x"}}"#,
    );
    assert_eq!(kept.column("id"), ["1", "2;3"]);
    assert_eq!(kept.column("a"), ["A", ""]);
    for name in ["c", "any", "deep", "all"] {
        assert_eq!(kept.column(name)[0], "C1;C2", "{name}");
    }
    assert_eq!((kept.column("first")[0].as_str(), kept.column("second")[0].as_str()), ("C1", "C2"));
    assert_eq!(kept.column("k"), ["7", "-"]);
    assert_eq!(kept.column("own")[0], "A;C1;C2;t");
    assert_eq!(kept.column("none"), ["-", "-"]);
    assert_eq!(kept.rows().iter().map(|r| r.0).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn columns_come_from_what_stands_above_and_before() {
    let document = "<R v='1'><H><d>2026</d><d>27</d></H>
        <K g='jan'><n>x</n><row><a>1</a></row><row><a>2</a></row></K>
        <K><row><a>3</a></row></K>
        <K g='mar'><n>y</n><row><a>4</a></row></K></R>";
    let kept = read(
        document.as_bytes(),
        r#"{"row": "/R/K/row", "columns": {"a": "/R/K/row/a", "v": "/R/@v", "d": "/R/H/d", "g": "../@g", "n": "../n",
            "abs_g": "/R/K/@g", "abs_n": "/R/K/n", "top": "../../@v", "far": "../../../@v"}}"#,
    );
    assert_eq!(kept.column("a"), ["1", "2", "3", "4"]);
    assert_eq!(kept.column("v"), ["1"; 4]);
    assert_eq!(kept.column("d"), ["2026|27"; 4]);
    assert_eq!(kept.column("top"), ["1"; 4]);
    assert_eq!(kept.column("far"), ["-"; 4]);
    // What the third group lacks is not taken from the group before.
    for (name, expected) in [("g", ["jan", "jan", "-", "mar"]), ("n", ["x", "x", "-", "y"])] {
        assert_eq!(kept.column(name), expected);
        assert_eq!(kept.column(&format!("abs_{name}")), expected);
    }
}

#[test]
fn a_value_after_the_rows_that_need_it_is_an_error() {
    let document = b"<R>\n<row/><end>x</end></R>";
    for path in ["../end", "/R/end"] {
        let (kept, outcome) =
            try_read(document, options(&format!(r#"{{"row": "row", "columns": {{"e": "{path}"}}}}"#)));
        let error = outcome.unwrap_err();
        assert!(error.to_string().contains("after the first row that needs it (line 2)"), "{error}");
        assert_eq!(kept.rows().len(), 1);
    }
}

#[test]
fn text_is_exact() {
    let kept = read(
        "<r><row a=' x&#10;y\tz &amp; &lt;å&gt;'><t>  rad&#xd;$1\r\nrad 2 <![CDATA[<b>&amp;]]>&quot;  </t><n xmlns:xsi='i' xsi:nil='true'/><e></e></row></r>".as_bytes(),
        r#"{"row": "row", "columns": {"a": "@a", "t": "t", "n": "n", "e": "e"}}"#,
    );
    assert_eq!(kept.column("a"), [" x\ny z & <å>"]);
    assert_eq!(kept.column("t"), ["  rad\r$1\nrad 2 <b>&amp;\"  "]);
    assert_eq!((kept.column("n"), kept.column("e")), (vec!["-".to_owned()], vec![String::new()]));
}

#[test]
fn names_are_local_or_in_a_declared_namespace() {
    let document = b"<n:r xmlns:n='urn:n' xmlns:o='urn:o'><n:row n:x='1' x='2'><n:a>N</n:a><o:a>O</o:a></n:row></n:r>";
    let kept = read(
        document,
        r#"{"row": "q:row", "namespaces": {"q": "urn:n", "p": "urn:o"}, "columns": {"both": "a", "n": "q:a", "o": "p:a", "x": "@q:x"}}"#,
    );
    assert_eq!(kept.rows()[0].1.iter().flatten().collect::<Vec<_>>(), ["N|O", "N", "O", "1"]);
    assert_eq!(fails(document, r#"{"row": "z:row"}"#).actor, Actor::Configuration);
}

#[test]
fn without_columns_all_that_occurs_is_a_column() {
    let document = b"<r><row id='1'><id>x</id><a><b u='m'>1</b></a></row><row kod='2'><late> </late><a/></row></r>";
    let kept = read(document, r#"{"row": "row"}"#);
    assert_eq!(kept.names(), ["@id", "id", "a/b/@u", "a/b", "kod", "late", "a"]);
    assert_eq!(kept.column("kod"), ["-", "2"]);
    let fields = Xml::new(options(r#"{"row": "row"}"#)).unwrap().columns(input(document)).unwrap();
    assert_eq!(fields.len(), 7);
    let text = read(b"<r><row>ett</row></r>", r#"{"row": "row"}"#);
    assert_eq!(text.column("text"), ["ett"]);
}

#[test]
fn pairs_become_columns() {
    let document = b"<r><u><e><k>namn</k><v><s>A</s><s>B</s></v></e><e><k>ort</k><v><s>X</s></v></e><e><k>namn</k><v><s>C</s></v></e></u>
        <u id='9'><e><k>tel</k><v/></e><e><k>tom</k></e></u><u><e><v><s>hemligt</s></v></e></u></r>";
    let all = r#"{"row": "u", "columns": {"id": "@id"}, "pairs": {"entry": "e", "key": "k", "value": "v"}}"#;
    let kept = read(document, all);
    assert_eq!(kept.names(), ["id", "namn", "ort", "tel", "tom"]);
    assert_eq!(kept.column("namn"), ["A|B|C", "-"]);
    assert_eq!(kept.column("tel"), ["-", ""]);
    assert_eq!(kept.column("tom"), ["-", "-"]);
    assert_eq!(kept.unread(), [(3, "olasbar_rad", "a pair without a key in row element 3".to_owned())]);
    let wanted = r#"{"row": "u", "pairs": {"entry": "e", "key": "k", "value": "v/s", "keys": ["ort", "saknas"]}}"#;
    let kept = read(document, wanted);
    assert_eq!((kept.names(), kept.column("ort")), (vec!["ort".into(), "saknas".into()], vec!["X".into(), "-".into()]));
}

#[test]
fn a_fault_comes_after_the_rows_before_it() {
    let mut document = "<r>\n".to_owned();
    for n in 0..5 {
        let _ = writeln!(document, "<row><a>{n}</a></row>");
    }
    document.push_str("<row><a>5</b></row></r>");
    for json in [r#"{"row": "row", "columns": {"a": "a"}}"#, r#"{"row": "row"}"#] {
        let (kept, outcome) = try_read(document.as_bytes(), options(json));
        let error = outcome.unwrap_err();
        assert_eq!(error.to_string(), "the XML is malformed: an end tag does not match its start tag (line 7)");
        assert_eq!(error.actor, Actor::Source);
        assert_eq!(kept.column("a"), ["0", "1", "2", "3", "4"]);
    }
}

#[test]
fn malformed_documents_are_told_by_their_fault() {
    for (document, told) in [
        ("", "the file holds no XML element (line 1)"),
        ("  ", "the file holds no XML element (line 1)"),
        ("hej", "the XML is malformed: there is text outside the root element (line 1)"),
        ("<r><row>", "the XML is malformed: the document ends before its last element (line 1)"),
        ("<r/>\n<r/>", "the XML is malformed: there is a second root element (line 2)"),
        ("<r><row a='1' a='2'/></r>", "the XML is malformed: an attribute is written wrongly or stands twice (line 1)"),
        ("<r><row>a & b</row></r>", "the XML is malformed: an & begins no reference (line 1)"),
        ("<r><row>&hej;</row></r>", "an entity (&…;) is used that XML itself does not have (line 1)"),
        ("<r><row a='&hej;'/></r>", "an entity (&…;) is used that XML itself does not have (line 1)"),
        ("<r><row>&#0;</row></r>", "the XML is malformed: a reference (&#…;) stands for no sign (line 1)"),
        ("<r><row></r>", "the XML is malformed: an end tag does not match its start tag (line 1)"),
        ("</r>", "the XML is malformed: an end tag has no start tag (line 1)"),
        ("<r>\n<row", "the XML is malformed: the document ends within a tag, a comment or the like (line 2)"),
        ("<HTML><body>Fel</body></HTML>", "the file is an HTML page (line 1)"),
    ] {
        assert_eq!(fails(document.as_bytes(), r#"{"row": "row", "columns": {"a": "@a", "t": "."}}"#).to_string(), told);
    }
    let error = fails(b"<r>\n\n<row>\xE5</row></r>", r#"{"row": "row", "columns": {"t": "."}}"#);
    assert_eq!(error.to_string(), "the XML is malformed: it has bytes that are not UTF-8 (line 3)");
    let error = fails(b"<other/>", r#"{"row": "/r/row", "columns": {"t": "."}}"#);
    assert!(error.to_string().starts_with("the document's root element is not the one"), "{error}");
}

#[test]
fn entities_of_a_document_type_are_not_read() {
    let laughs = r#"<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><r><row>&b;</row></r>"#;
    let fetch = r#"<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><row>&x;</row></r>"#;
    for document in [laughs, fetch] {
        let error = fails(document.as_bytes(), r#"{"row": "row", "columns": {"t": "."}}"#);
        assert!(error.to_string().starts_with("an entity"), "{error}");
    }
    let unused = r#"<!DOCTYPE r SYSTEM "http://127.0.0.1:1/r.dtd"><r><row>1</row></r>"#;
    assert_eq!(read(unused.as_bytes(), r#"{"row": "row"}"#).column("text"), ["1"]);
}

#[test]
fn depth_is_limited_and_rows_within_rows_are_refused() {
    let deep = format!("{}{}", "<a>".repeat(300), "</a>".repeat(300));
    assert!(fails(deep.as_bytes(), r#"{"row": "row"}"#).to_string().contains("within each other"));
    let nested = b"<r><row><a/><row/></row></r>";
    assert_eq!(fails(nested, r#"{"row": "row", "columns": {"a": "a"}}"#).actor, Actor::Configuration);
    assert_eq!(read(nested, r#"{"row": "/r/row", "columns": {"a": "a"}}"#).rows().len(), 1);
}

#[test]
fn wrong_options_are_refused() {
    for json in [
        "{}",
        r#"{"row": "@a"}"#,
        r#"{"row": "../a"}"#,
        r#"{"row": "a", "columns": {}}"#,
        r#"{"row": "a", "columns": {"x": "b["}}"#,
        r#"{"row": "a", "columns": {"x": "//b", "y": "/r//b"}}"#,
        r#"{"row": "a", "pairs": {"entry": "../e", "key": "k", "value": "v"}}"#,
    ] {
        assert_eq!(Xml::new(options(json)).unwrap_err().actor, Actor::Configuration, "{json}");
    }
    assert!(serde_json::from_str::<Options>(r#"{"rows": "a"}"#).is_err());
}

const BESOK: &str = r#"{"row": "Besok", "columns": {"DatatGallerFor": "../@DatatGallerFor",
    "ErsattningsId": "../../@ErsattningsId", "Regionkod": "@Regionkod", "VardkontaktId": "@VardkontaktId",
    "Vardgaranti": "@Vardgaranti", "Avvikelse": "@Avvikelse", "BeslutAktivitet": "@BeslutAktivitet", "Remittent": "@Remittent"}}"#;

#[test]
fn waiting_times_are_read_and_the_samples_are_valid() {
    for (name, bytes) in [
        ("Genomforda", include_bytes!("fixtures/genomforda.xml").as_slice()),
        ("Vantande", include_bytes!("fixtures/vantande.xml")),
    ] {
        let kept = read(bytes, BESOK);
        assert_eq!(kept.column("DatatGallerFor"), ["2026-04-01"; 4]);
        assert_eq!(kept.column("ErsattningsId"), ["EXEMPEL-7"; 4]);
        assert_eq!(kept.column("Regionkod"), ["10", "51", "65", "10"]);
        assert_eq!(kept.column("Avvikelse"), ["-", "1", "-", "1"]);
        assert_eq!(kept.column("Remittent")[..3], ["Vårdcentralen & Hälsan", "Å \"Ä\" Ö", "<saknas>"]);
        // The delivery may come in a SOAP envelope.
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (declaration, body) = text.split_once("?>").unwrap();
        let soap =
            format!("{declaration}?><s:Envelope xmlns:s='urn:s'><s:Header/><s:Body>{body}</s:Body></s:Envelope>");
        assert_eq!(read(soap.as_bytes(), BESOK).rows(), kept.rows());
        validate(name, bytes);
    }
}

/// Checks a sample against the schema of the national delivery, where xmllint and the schema are there.
fn validate(name: &str, bytes: &[u8]) {
    use std::io::Write;
    let Some(schema) = real(&format!("vantetid-rivta/TillgangligVardSpeci{name}Responder_1_0.xsd")) else { return };
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&schema).unwrap();
    let mut command = std::process::Command::new("xmllint");
    command.arg("--noout").arg("--schema").arg(file.path()).arg("-");
    let piped = std::process::Stdio::piped;
    let Ok(mut child) = command.stdin(piped()).stdout(piped()).stderr(piped()).spawn() else {
        println!("skipped: xmllint is absent");
        return;
    };
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

const UNITS: &str = r#"{"row": "/FileGetHsaUnitsResponse/hsaUnits/hsaUnit", "columns":
    {"hsa_id": "hsaIdentity", "dn": "DN", "namn": "name", "start": "/FileGetHsaUnitsResponse/startDate"}}"#;

#[test]
fn each_file_of_the_hsa_cache_ends_as_its_name_says() {
    for (name, rows) in [
        ("duplicateTest", 3),
        ("hsaCacheMissingDN", 6),
        ("hsaCacheNoUnits", 0),
        ("invalidTest", 4),
        ("simpleTest-ISO-8859-1", 5),
        ("simpleTest", 6),
        ("simpleTestPart1", 2),
        ("simpleTestPart2", 3),
        ("simpleTestShort", 2),
        ("simpleTestSpecialHtmlSigns", 1),
    ] {
        let Some(bytes) = real(&format!("hsa-cache/{name}.xml")) else { return };
        let kept = read(&bytes, UNITS);
        assert_eq!((kept.rows().len(), kept.unread().len()), (rows, 0), "{name}");
        assert!(kept.column("start").iter().all(|s| s == "2013-03-15T15:38:42.597+01:00"));
        let nulls = |column: &str| kept.column(column).iter().filter(|v| *v == "-").count();
        let missing = (nulls("hsa_id"), nulls("dn"));
        match name {
            "hsaCacheMissingDN" => assert_eq!(missing, (0, 1)),
            "invalidTest" => assert_eq!(missing, (1, 0)),
            _ => assert_eq!(missing, (0, 0), "{name}"),
        }
        if name == "simpleTestSpecialHtmlSigns" {
            assert_eq!(kept.column("namn"), ["Forskning & Utveckling"]);
        }
        if name == "duplicateTest" {
            assert_eq!(kept.column("hsa_id")[0], kept.column("hsa_id")[1]);
        }
        // The copy of the ISO-8859-1 file has lost its letters (each is the three bytes of U+FFFD): it
        // is read as it says, and the same document is encoded here once more.
        if name == "simpleTest-ISO-8859-1" {
            assert!(kept.column("dn")[0].starts_with("ou=N\u{ef}\u{bf}\u{bd}ssj"));
        }
        if name == "simpleTest" {
            let text = String::from_utf8(bytes).unwrap().replacen("UTF-8", "ISO-8859-1", 1);
            let latin = encoding_rs::WINDOWS_1252.encode(&text).0;
            assert_eq!(read(&latin, UNITS).rows(), kept.rows());
            assert!(kept.column("dn")[0].starts_with("ou=Nässjö"));
        }
    }
    let Some(bytes) = real("hsa-cache/hsaCacheMalformed.xml") else { return };
    let (kept, outcome) = try_read(&bytes, options(UNITS));
    assert_eq!(kept.rows().len(), 5);
    let error = outcome.unwrap_err();
    assert_eq!(error.to_string(), "the XML is malformed: an end tag does not match its start tag (line 57)");
}

#[test]
fn the_real_units_of_goteborg_are_pivoted() {
    let Some(bytes) = real("hsa-vgr/vardcentralerGoteborg.xml") else { return };
    let kept = read(
        &bytes,
        r#"{"row": "/object-stream/*/unit/*", "pairs": {"entry": "attributes/value/entry/*", "key": "key", "value": "value"}}"#,
    );
    assert_eq!(kept.rows().len(), 51);
    let filled = |key: &str| kept.column(key).iter().filter(|v| *v != "-").count();
    for (key, count) in [
        ("hsaidentity", 51),
        ("hsamunicipalitycode", 50),
        ("hsageographicalcoordinates", 44),
        ("hsasurgeryhours", 28),
        ("mail", 5),
    ] {
        assert_eq!(filled(key), count, "{key}");
    }
    assert_eq!(kept.names().len(), 42);
    assert!(kept.column("hsastreetaddress").iter().any(|v| v.contains("\r$")));
    assert!(kept.column("hsabusinessclassificationcode").iter().any(|v| v.contains('|')));
}

#[test]
fn the_real_code_tables_are_pivoted_or_listed() {
    if let Some(bytes) = real("hsa-vgr/vgrcaretype.xml") {
        let kept = read(&bytes, r#"{"row": "/object-stream/*/entry/*", "columns": {"kod": "key", "namn": "value"}}"#);
        assert!(kept.column("kod").contains(&"01".to_owned()));
    }
    if let Some(bytes) = real("eforms-sdk/nuts_nuts-swe-lvl3.gc") {
        let kept = read(
            &bytes,
            r#"{"row": "//Row", "pairs": {"entry": "Value", "key": "@ColumnRef", "value": "SimpleValue"}}"#,
        );
        assert!(kept.column("code").contains(&"SE110".to_owned()));
        assert!(kept.names().contains(&"swe_label".to_owned()));
    }
}

#[test]
fn the_real_award_notices_are_read() {
    let json = r#"{"row": "//efac:NoticeResult/efac:LotTender",
        "namespaces": {"cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
            "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
            "efac": "http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1"},
        "columns": {"id": "cbc:ID", "belopp": "cac:LegalMonetaryTotal/cbc:PayableAmount",
            "valuta": "cac:LegalMonetaryTotal/cbc:PayableAmount/@currencyID", "total": "../cbc:TotalAmount"}}"#;
    let Some(bytes) = real("eforms-sdk/can_24_minimal.xml") else { return };
    let kept = read(&bytes, json);
    assert_eq!(kept.column("id")[0], "TEN-0001");
    assert_eq!((kept.column("belopp")[0].as_str(), kept.column("valuta")[0].as_str()), ("95414", "EUR"));
    assert_eq!(kept.column("total")[0], "390697.84");
    for name in ["can_24_maximal", "can_25_withheld", "can-social_24", "can_24_no_tenders", "INVALID_can_24_stage-1"] {
        let Some(bytes) = real(&format!("eforms-sdk/{name}.xml")) else { return };
        let rows = read(&bytes, json).rows().len();
        println!("{name}: {rows} tenders");
    }
}

/// Escapes a value as a writer would.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\r' | '\n' | '\t' => drop(write!(out, "&#{};", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(rows in proptest::collection::vec((r"[ -~åäöÅÄÖ\r\n\t€]{0,20}", proptest::option::of(r"[ -~åäö\r\n]{0,20}")), 0..20), latin: bool) {
        let mut document = format!("<?xml version=\"1.0\" encoding=\"{}\"?><r>", if latin { "windows-1252" } else { "UTF-8" });
        for (attribute, text) in &rows {
            let text = text.as_ref().map_or_else(String::new, |t| format!("<t>{}</t>", escaped(t)));
            let _ = write!(document, "<row a=\"{}\">{text}</row>", escaped(attribute));
        }
        document.push_str("</r>");
        let bytes = if latin { encoding_rs::WINDOWS_1252.encode(&document).0.into_owned() } else { document.into_bytes() };
        let kept = read(&bytes, r#"{"row": "/r/row", "columns": {"a": "@a", "t": "t"}}"#);
        let expected: Vec<_> = (1..).zip(&rows).map(|(n, (a, t))| (n, vec![Some(a.clone()), t.clone()])).collect();
        prop_assert_eq!(kept.rows(), expected);
    }

    #[test]
    fn damaged_documents_end_in_an_error_or_in_rows(cut in any::<proptest::sample::Index>(), put in r#"[<>/="'a-z0-9 &;#!?\[\]-]{0,6}"#) {
        let document = "<r a='1'><!--c--><h>x</h><row a='1'><t>A&amp;<![CDATA[b]]></t><k>n</k><v>1</v></row><row/></r>";
        let (before, after) = document.split_at(cut.index(document.len()));
        let document = [before, &put, after].concat();
        for json in [
            r#"{"row": "row"}"#,
            r#"{"row": "/r/row", "columns": {"a": "@a", "t": "t[1]", "h": "../h", "r": "/r/@a", "d": ".//t", "s": "."}}"#,
            r#"{"row": "row", "pairs": {"entry": "*", "key": ".", "value": "."}}"#,
        ] {
            let _ = try_read(document.as_bytes(), options(json));
        }
    }

    #[test]
    fn any_bytes_end_in_an_error_or_in_rows(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = try_read(&bytes, options(r#"{"row": "//*"}"#));
    }
}
