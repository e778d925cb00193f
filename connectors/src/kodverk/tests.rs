//! Every form on synthetic lists, and on the official files where they are at hand.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use arrow::array::AsArray;
use arrow::datatypes::UInt64Type;
use chrono::{DateTime, Utc};
use futures::StreamExt;
use proptest::prelude::*;
use sluss_schemas::chunk::{Chunk, Origin, ROW_ID, RowId};
use sluss_schemas::clock::FixedClock;
use sluss_schemas::code::{CodeIndex, CodeRow, Degree, MappingRow, MemberRow, Verdict};
use sluss_schemas::landing::{Landing, LandingWriter};

use super::NoticeKind::{CountDiffers, NoCodes, OtherKind, Repeated};
use super::*;
use crate::connect::{Io, Source};
use crate::error::{Actor, ConnectorError, Result};
use crate::testing::NoSecrets;

/// A file's name and bytes.
type File = (String, Vec<u8>);

/// Keeps what lands.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<File>>>);

struct KeptWriter {
    kept: Kept,
    name: String,
    bytes: Vec<u8>,
}

impl Landing for Kept {
    fn begin(&self, origin: &Origin) -> io::Result<Box<dyn LandingWriter>> {
        Ok(Box::new(KeptWriter { kept: self.clone(), name: origin.name.clone(), bytes: Vec::new() }))
    }
}

impl LandingWriter for KeptWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
    fn finish(self: Box<Self>) -> io::Result<()> {
        self.kept.0.lock().unwrap().push((self.name, self.bytes));
        Ok(())
    }
}

fn io_at(base: &Path) -> Io {
    let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
    Io { base: base.to_owned(), secrets: Arc::new(NoSecrets), clock: Arc::new(FixedClock(now)), chunk_rows: 1000 }
}

/// All that one reading gave.
struct Read {
    chunks: Vec<Chunk>,
    notices: Notices,
    landed: Vec<File>,
}

impl Read {
    fn rows(&self) -> usize {
        self.chunks.iter().map(|c| c.rows.num_rows()).sum()
    }

    fn column(&self, name: &str) -> Vec<Option<String>> {
        let mut all = Vec::new();
        for chunk in &self.chunks {
            let column = chunk.rows.column_by_name(name).unwrap().as_string_view();
            all.extend(column.iter().map(|v| v.map(str::to_owned)));
        }
        all
    }

    fn texts(&self, name: &str) -> Vec<String> {
        self.column(name).into_iter().map(|v| v.unwrap_or_else(|| "∅".to_owned())).collect()
    }

    fn places(&self) -> Vec<u64> {
        let mut all = Vec::new();
        for chunk in &self.chunks {
            let ids = chunk.rows.column_by_name(ROW_ID).unwrap().as_primitive::<UInt64Type>();
            all.extend(ids.values().iter().map(|id| RowId(*id).row()));
        }
        all
    }

    fn unread(&self) -> Vec<(u64, &'static str)> {
        self.chunks.iter().flat_map(|c| &c.unread).map(|u| (u.row.row(), u.rule)).collect()
    }

    fn add_to(&self, index: &mut CodeIndex) {
        let [system, version, code, text, from, to, active, successor] =
            ["system", "version", "kod", "text", "giltig_fran", "giltig_till", "aktiv", "ersatt_av"]
                .map(|c| self.column(c));
        for i in 0..code.len() {
            index.add(&CodeRow {
                system: system[i].as_deref().unwrap(),
                version: version[i].as_deref().unwrap(),
                code: code[i].as_deref().unwrap(),
                label: text[i].as_deref(),
                from: from[i].as_deref().map(|d| d.parse().unwrap()),
                to: to[i].as_deref().filter(|d| !d.is_empty()).map(|d| d.parse().unwrap()),
                inactive: active[i].as_deref() == Some("nej"),
                successor: successor[i].as_deref(),
            });
        }
    }
}

fn read_in(base: &Path, options: Options) -> Result<Read> {
    let source = KodverkSource::open(options, &io_at(base))?;
    let kept = Kept::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let chunks = runtime.block_on(async {
        let mut stream = source.read(None, Arc::new(kept.clone()));
        let mut chunks = Vec::new();
        while let Some(chunk) = stream.next().await {
            chunks.push(chunk?);
        }
        Ok::<_, ConnectorError>(chunks)
    })?;
    let landed = kept.0.lock().unwrap().clone();
    Ok(Read { chunks, notices: source.notices(), landed })
}

/// Options as a job file gives them.
fn options(toml: &str) -> Options {
    let value: serde_json::Value = serde_json::from_str(toml).unwrap();
    serde_json::from_value(value).unwrap()
}

/// Reads `bytes` as a file called `name` with the options in `json`.
fn read(name: &str, bytes: &[u8], json: &str) -> Result<Read> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), bytes).unwrap();
    let mut told: serde_json::Value = serde_json::from_str(json).unwrap();
    told["path"] = name.into();
    read_in(folder.path(), serde_json::from_value(told).unwrap())
}

fn ok(name: &str, bytes: &[u8], json: &str) -> Read {
    read(name, bytes, json).unwrap()
}

fn fails(name: &str, bytes: &[u8], json: &str) -> ConnectorError {
    match read(name, bytes, json) {
        Ok(_) => panic!("{name} was read"),
        Err(e) => e,
    }
}

const EX: &str = r#"{"system": "ex", "version": "2026", "valid_from": "2026-01-01"}"#;

#[test]
fn a_delimited_list_with_bom_and_crlf() {
    let list =
        "\u{FEFF}Kod;Titel;Giltig från\r\nEXA01;Öga, vänster;\r\n\r\nEXA02;\"Öga; \"\"höger\"\"\";2026-03-01\r\n";
    let read = ok("ex.csv", list.as_bytes(), EX);
    assert_eq!(read.texts("kod"), ["EXA01", "EXA02"]);
    assert_eq!(read.texts("text"), ["Öga, vänster", "Öga; \"höger\""]);
    assert_eq!(read.texts("giltig_fran"), ["2026-01-01", "2026-03-01"], "the version's start where there is none");
    assert_eq!(read.texts("system"), ["ex", "ex"]);
    assert_eq!(read.texts("beskrivning"), ["∅", "∅"]);
    assert_eq!(read.places(), [2, 4], "physical lines");
    assert_eq!(read.landed, [("ex.csv".to_owned(), list.as_bytes().to_vec())], "as it stood, mark and all");
    assert!(read.unread().is_empty() && read.notices.list().is_empty());
}

#[test]
fn encodings_are_declared() {
    let read = ok("ex.tsv", b"kod\ttext\nEXA01\t\xD6ga \x80\n", r#"{"encoding": "windows-1252"}"#);
    assert_eq!(read.texts("text"), ["Öga €"]);
    let read = ok("ex.tsv", b"kod\ttext\nEXA01\t\xD6ga\n", r#"{"encoding": "iso-8859-1"}"#);
    assert_eq!(read.texts("text"), ["Öga"]);
    let read = ok("ex.tsv", b"kod\ttext\nEXA01\t\xD6ga\nEXA02\tn\xC3\xA4sa", "{}");
    assert_eq!((read.texts("kod"), read.unread()), (vec!["EXA02".to_owned()], vec![(2, "ogiltiga_tecken")]));
    let read = ok("ex.tsv", "\u{FEFF}kod\ttext\nEXA01\tÖga".as_bytes(), r#"{"encoding": "iso-8859-1"}"#);
    assert_eq!((read.texts("text"), read.notices.count(NoticeKind::Encoding)), (vec!["Öga".to_owned()], 1));
}

#[test]
fn a_bad_row_does_not_stop_the_next() {
    let list = "kod;text\nEXA01;a;b\nEXA02;\"öppet\nEXA03;c\nEXA04;d\r e;f\nEXA05\nEXA06;g";
    let read = ok("ex.csv", list.as_bytes(), "{}");
    assert_eq!(read.texts("kod"), ["EXA03", "EXA04", " e", "EXA06"]);
    assert_eq!(read.unread(), [(2, "fel_antal_kolumner"), (3, "oavslutat_citat"), (6, "fel_antal_kolumner")]);
    let raw: Vec<_> = read.chunks.iter().flat_map(|c| &c.unread).map(|u| u.raw.clone()).collect();
    assert_eq!(raw, [b"EXA01;a;b\n".to_vec(), "EXA02;\"öppet\n".as_bytes().to_vec(), b"EXA05\n".to_vec()]);
}

#[test]
fn text_within_quotes_may_have_line_breaks() {
    let read = ok("ex.csv", b"kod,text\r\nEXA01,\"a\r\nb\"\r\nEXA02,c", "{}");
    assert_eq!(read.texts("text"), ["a\r\nb", "c"]);
    assert_eq!(read.places(), [2, 4]);
    let read = ok("ex.csv", "kod;text\nEXA01;5\" rör\nEXA02;\"x".as_bytes(), r#"{"quote": ""}"#);
    assert_eq!(read.texts("text"), ["5\" rör".to_owned(), "\"x".to_owned()]);
}

#[test]
fn columns_by_heading_by_number_and_by_place() {
    let list = b"EXA01\t\tbra\nEXA02\t\t\n";
    let read = ok("ex.txt", list, r#"{"header_row": 0, "columns": {"kod": 1, "text": 3}}"#);
    assert_eq!(read.texts("text"), ["bra", ""], "an empty cell is an empty text");
    let read = ok("ex.tsv", b"EXA01\tbra \n", r#"{"header_row": 0}"#);
    assert_eq!(read.texts("text"), ["bra "], "blanks are the table's to mend");
    let list = b"titelrad;;\nNr;KOD (ny);Ben\n1;EXA01;x\n";
    let read = ok("ex.csv", list, r#"{"header_row": 2, "columns": {"kod": "kod ny", "text": "BEN"}}"#);
    assert_eq!((read.texts("kod"), read.texts("text")), (vec!["EXA01".to_owned()], vec!["x".to_owned()]));
    let told = |json: &str| fails("ex.csv", b"a;b\n1;2\n", json);
    assert_eq!(told("{}").actor, Actor::Configuration);
    assert_eq!(told(r#"{"columns": {"kod": 3}}"#).to_string(), "the list has 2 columns, not a number 3 (ex.csv)");
    assert_eq!(told(r#"{"columns": {"kod": 0}}"#).actor, Actor::Configuration);
    assert!(told(r#"{"columns": {"kod": "c"}}"#).to_string().contains("no column called c"));
    assert_eq!(told(r#"{"columns": {"kodd": 1}}"#).hint.as_deref(), Some("did you mean kod?"));
    assert!(read_in(Path::new("."), options(r#"{"path": "x", "constants": {"ko": "1"}}"#)).is_err());
}

#[test]
fn a_last_day_becomes_the_first_day_after() {
    let list = |heading: &str| {
        format!("kod;{heading}\nEXA01;2025-12-31\nEXA02;\nEXA03;20240228\nEXA04;9999-12-31\nEXA05;snart\n")
    };
    let after = ["2026-01-01", "", "2024-02-29", "", "snart"];
    assert_eq!(ok("ex.csv", list("Giltig t.o.m.").as_bytes(), "{}").texts("giltig_till"), after);
    assert_eq!(ok("ex.csv", list("giltig_till").as_bytes(), r#"{"end_inclusive": true}"#).texts("giltig_till"), after);
    assert_eq!(ok("ex.csv", list("giltig_till").as_bytes(), "{}").texts("giltig_till")[0], "2025-12-31");
}

#[test]
fn files_that_are_no_lists_are_refused() {
    let page = b"<!DOCTYPE html><html><body>Fel 502</body></html>";
    assert!(fails("ex.csv", page, "{}").what.contains("web page"));
    assert!(fails("ex.csv", b"\xFF\xFEk\0o\0d\0", "{}").what.contains("UTF-16"));
    assert!(fails("ex.json", b"{\"resourceType\": \"Patient\"}", "{}").what.contains("no codes"));
    assert!(fails("ex.json", b"{\"resourceType\": \"OperationOutcome\"}", "{}").what.contains("error"));
    assert!(fails("ex.json", b"{\"a\": \"hemligt", "{}").to_string().contains("line 1"));
    assert!(!format!("{:?}", fails("ex.json", b"{\"a\": hemligt}", "{}")).contains("hemligt"));
    assert!(fails("ex.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 och sedan inget", "{}").what.contains("workbook"));
    assert!(fails("ex.xlsx", b"PK\x03\x04 och sedan inget", "{}").what.contains("workbook"));
    assert!(fails("ex.gc", b"<a>genericode", "{}").what.contains("XML"));
    assert!(fails("ex.dat", b"bara ord", "{}").hint.is_some());
    let folder = tempfile::tempdir().unwrap();
    let missing = read_in(folder.path(), options(r#"{"path": "saknas.csv"}"#)).err().unwrap();
    assert_eq!((&*missing.what, missing.actor), ("no such file", Actor::Configuration));
    for empty in ["ex.csv", "ex.tsv"] {
        assert_eq!(ok(empty, b"", "{}").rows(), 0);
    }
}

#[test]
fn fixed_width_is_counted_in_characters() {
    let list = "Å00-   Ögon  \nA02-P  Näsa\nkort\n\nB99\u{a0}";
    let json = r#"{"fields": [{"name": "kod", "start": 1, "width": 7}, {"name": "text", "start": 8}]}"#;
    let read = ok("ex.ans", list.as_bytes(), json);
    assert_eq!(read.texts("kod"), ["Å00-", "A02-P", "kort", "B99"]);
    assert_eq!(read.texts("text"), ["Ögon", "Näsa", "", ""]);
    assert_eq!(read.places(), [1, 2, 3, 5]);
    let json = r#"{"fields": [{"name": "text", "start": 1, "width": 2}, {"name": "kod", "start": 4}]}"#;
    assert_eq!(ok("ex.ans", b"ab EXA01\nab\n", json).unread(), [(2, "fel_antal_kolumner")]);
    assert!(fails("ex.ans", b"x", r#"{"fields": [{"name": "text", "start": 1}]}"#).what.contains("kod"));
}

#[test]
fn a_workbook_with_title_rows() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Koder").unwrap();
    sheet.write(0, 1, "Exempelklassifikation 2026").unwrap();
    for (column, heading) in ["Kod", "Titel", "Giltig från"].iter().enumerate() {
        sheet.write(2, u16::try_from(column + 1).unwrap(), *heading).unwrap();
    }
    sheet.write(3, 1, "EXA01").unwrap();
    sheet.write(3, 2, "Öga").unwrap();
    let date = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 3, 1).unwrap();
    sheet.write_with_format(3, 3, &date, &rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd")).unwrap();
    sheet.write(5, 1, 511).unwrap();
    sheet.write(5, 2, "Som tal").unwrap();
    sheet.write(6, 1, 138_875_005_138_875_005.0).unwrap();
    book.add_worksheet().set_name("Annat").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let read = ok("ex.xlsx", &bytes, EX);
    assert_eq!(read.texts("kod"), ["EXA01", "511"]);
    assert_eq!(read.texts("giltig_fran"), ["2026-03-01", "2026-01-01"]);
    assert_eq!(read.places(), [4, 6], "rows of the sheet");
    assert_eq!(read.unread(), [(7, "oprecist_tal")]);
    assert_eq!(read.chunks[0].origin.part.as_deref(), Some("Koder"));
    assert_eq!(ok("ex.xlsx", &bytes, r#"{"header_row": 3}"#).rows(), 2);
    assert_eq!(ok("ex.xlsx", &bytes, r#"{"sheet": "Annat"}"#).rows(), 0);
    let error = fails("ex.xlsx", &bytes, r#"{"sheet": "Borta"}"#);
    assert_eq!(error.hint.as_deref(), Some("it has Koder, Annat"));
}

#[test]
fn a_fhir_code_system_with_properties_and_children() {
    let json = r#"{"resourceType": "CodeSystem", "url": "urn:oid: 1.2.752.129.2.2.1.3", "version": "4", "count": 3,
      "concept": [
        {"code": "EX1", "display": "Ett", "definition": "Mer", "property": [
          {"code": "effectiveDate", "valueDateTime": "2020-01-01T00:00:00+01:00"},
          {"code": "status", "valueCode": "active"}],
         "concept": [{"code": "EX11", "concept": [{"code": "EX111"}]}]},
        {"code": "EX2", "property": [
          {"code": "inactive", "valueBoolean": true}, {"code": "retirementDate", "valueDateTime": "2024-07-01"},
          {"code": "replacedBy", "valueCode": "EX1"}, {"code": "parent", "valueCode": "EX9"}]},
        {"display": "utan kod"}]}"#;
    let read = ok("ex.json", json.as_bytes(), "{}");
    assert_eq!(read.texts("system"), ["verksamhet"; 4]);
    assert_eq!(read.texts("kod"), ["EX1", "EX11", "EX111", "EX2"]);
    assert_eq!(read.texts("overordnad"), ["∅", "EX1", "EX11", "EX9"]);
    assert_eq!(read.texts("giltig_fran"), ["2020-01-01", "∅", "∅", "∅"]);
    assert_eq!(read.texts("giltig_till"), ["∅", "∅", "∅", "2024-07-01"]);
    assert_eq!(read.texts("ersatt_av"), ["∅", "∅", "∅", "EX1"]);
    assert_eq!(read.texts("aktiv"), ["ja", "∅", "∅", "nej"]);
    assert_eq!(read.unread(), [(5, "tomt_obligatoriskt")]);
    assert_eq!(read.notices.count(NoticeKind::CountDiffers), 1);
    assert_eq!(read.chunks[0].origin.part.as_deref(), Some("verksamhet 4"));
}

#[test]
fn fhir_value_sets_and_maps() {
    let set = r#"{"resourceType": "ValueSet", "url": "https://x.invalid/vs/Exempel-Område", "version": "1", "compose": {
      "include": [{"system": "http://snomed.info/sct", "concept": [{"code": "EX1", "display": "Ett"}, {"code": "EX2"}]},
                  {"system": "http://snomed.info/sct", "filter": [{"property": "concept"}]}]}}"#;
    let read = ok("vs.json", set.as_bytes(), r#"{"table": "vardomrade"}"#);
    assert_eq!(
        (read.texts("omrade"), read.texts("system")),
        (vec!["exempel_omrade".to_owned(); 2], vec!["snomed".to_owned(); 2])
    );
    assert_eq!(read.notices.count(NoticeKind::NotListed), 1);
    let expanded = r#"{"resourceType": "ValueSet", "url": "https://x.invalid/a", "expansion": {"total": 4, "contains": [
      {"contains": [{"system": "s", "code": "EX1"}, {"system": "s", "code": "EX2", "display": "Två"}]}]}}"#;
    let read = ok("vs.json", expanded.as_bytes(), r#"{"table": "vardomrade", "value_set": "omr"}"#);
    assert_eq!((read.texts("omrade")[0].as_str(), read.texts("text")), ("omr", vec!["∅".to_owned(), "Två".to_owned()]));
    assert_eq!(read.notices.count(NoticeKind::CountDiffers), 1);

    let map = r#"{"resourceType": "ConceptMap", "url": "https://x.invalid/m", "version": "2", "group": [{
      "source": "1.2.752.116.1.3.2.1.4", "target": "http://snomed.info/sct", "element": [
        {"code": "EXA01", "target": [{"code": "EX1", "equivalence": "wider"}, {"code": "EX2", "relationship": "equivalent"}]},
        {"code": "EXA02", "target": [{"code": "EX3", "equivalence": "unmatched"}]},
        {"code": "EXA03", "noMap": true}, {"target": []}]}]}"#;
    let read = ok("cm.json", map.as_bytes(), r#"{"table": "kodmappning"}"#);
    assert_eq!(read.texts("fran_system"), ["kva", "kva"]);
    assert_eq!(
        (read.texts("till_kod"), read.texts("grad")),
        (vec!["EX1".to_owned(), "EX2".to_owned()], vec!["vidare".to_owned(), "lika".to_owned()])
    );
    assert_eq!(read.notices.count(NoticeKind::Unmatched), 1);
    assert_eq!(read.unread(), [(4, "tomt_obligatoriskt")]);
    assert_eq!(fails("cm.json", map.as_bytes(), "{}").actor, Actor::Configuration);
}

#[test]
fn a_bundle_tells_what_is_odd() {
    let system = |version: &str, concept: &str| {
        format!(
            r#"{{"resource": {{"resourceType": "CodeSystem", "url": "https://x.invalid/ks/ex", "version": "{version}"{concept}}}}}"#
        )
    };
    let full = system("2", r#", "concept": [{"code": "EX1"}]"#);
    let bundle = format!(
        r#"{{"resourceType": "Bundle", "total": 9, "entry": [{}, {full}, {full}, {{"resource": {{"resourceType": "ValueSet"}}}}, {{}}]}}"#,
        system("1", "")
    );
    let read = ok("b.json", bundle.as_bytes(), "{}");
    assert_eq!(read.rows(), 2);
    let parts: Vec<_> =
        read.chunks.iter().map(|c| (c.origin.index, c.origin.part.clone().unwrap(), c.rows.num_rows())).collect();
    let expected = [(0, "ex 1".to_owned(), 0), (1, "ex 2".to_owned(), 1), (2, "ex 2".to_owned(), 1)];
    assert_eq!(parts, expected);
    let kinds: Vec<_> = read.notices.list().into_iter().map(|n| n.kind).collect();
    assert_eq!(kinds, [CountDiffers, NoCodes, Repeated, OtherKind, CountDiffers]);
}

#[test]
fn genericode_takes_swedish_texts() {
    let list = r#"<?xml version="1.0"?><gc:CodeList xmlns:gc="http://docs.oasis-open.org/codelist/ns/genericode/1.0/">
      <Identification><ShortName>Ex</ShortName><LongName Identifier="listId">http://data.europa.eu/cpv/Cpv2008/Code</LongName>
        <Version>1.2</Version><Agency><ShortName>OP</ShortName></Agency></Identification>
      <ColumnSet><Column Id="code"><ShortName>Code</ShortName></Column><Key Id="k"><ShortName>K</ShortName><ColumnRef Ref="code"/></Key></ColumnSet>
      <SimpleCodeList><Row><Value ColumnRef="code"><SimpleValue>EX1</SimpleValue></Value>
        <Value ColumnRef="swe_label"><SimpleValue>Hälso- &amp; sjukvård &#229;</SimpleValue></Value></Row>
        <Row><Value ColumnRef="code"><SimpleValue>EX2</SimpleValue></Value><Value ColumnRef="Name"><SimpleValue>Health</SimpleValue></Value></Row>
      </SimpleCodeList></gc:CodeList>"#;
    let read = ok("ex.gc", list.as_bytes(), "{}");
    assert_eq!(read.texts("kod"), ["EX1", "EX2"]);
    assert_eq!(read.texts("text"), ["Hälso- & sjukvård å", "Health"]);
    assert_eq!((read.texts("system"), read.texts("version")), (vec!["cpv".to_owned(); 2], vec!["1.2".to_owned(); 2]));
    let read = ok("ex.gc", list.as_bytes(), r#"{"columns": {"text": "Name"}, "system": "eget"}"#);
    assert_eq!(
        (read.texts("text"), read.texts("system")[0].as_str()),
        (vec!["∅".to_owned(), "Health".to_owned()], "eget")
    );
}

#[test]
fn rf2_joins_terms_and_tells_what_ended() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "sct2_Concept_Snapshot_EX_20260131.txt",
        "# ett test\nid\teffectiveTime\tactive\tmoduleId\tdefinitionStatusId\r\n138875005\t20020131\t1\tm\td\r\n\n138875006\t20180231\t0\tm\td\n404684003\t20170731\t0\tm\td\nfel\trad\n",
    );
    let heading = "id\teffectiveTime\tactive\tmoduleId\tconceptId\tlanguageCode\ttypeId\tterm\tcaseSignificanceId\n";
    let term = |id: u32, active: u8, concept: &str, language: &str, kind: &str, term: &str| {
        format!("{id}\t20020131\t{active}\tm\t{concept}\t{language}\t{kind}\t{term}\tc\n")
    };
    let (full, synonym) = ("900000000000003001", "900000000000013009");
    write(
        "sct2_Description_Snapshot-sv_EX_20260131.txt",
        &(heading.to_owned()
            + &term(1, 0, "138875005", "sv", synonym, "utgången")
            + &term(2, 1, "138875005", "sv", synonym, "först \"citat")
            + &term(3, 1, "138875005", "sv", synonym, "vald")),
    );
    write(
        "sct2_Description_Snapshot-en_EX_20260131.txt",
        &(heading.to_owned()
            + &term(4, 1, "138875005", "en", full, "Root (top)")
            + &term(5, 1, "404684003", "en", full, "Finding (finding)")),
    );
    write(
        "der2_cRefset_LanguageSnapshot-sv_EX_20260131.txt",
        "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\tacceptabilityId\nu\t20020131\t1\tm\tr\t3\t900000000000548007\n",
    );
    write(
        "der2_Refset_SimpleSnapshot_EX_20260131.txt",
        "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\nu\t20260131\t1\tm\t99\t138875005\nv\t20250131\t0\tm\t99\t404684003\nw\t20260131\t1\tm\t98\t404684003\n",
    );

    let concepts = |more: &str| {
        read_in(folder.path(), options(&format!(r#"{{"path": "sct2_Concept_Snapshot_EX_20260131.txt"{more}}}"#)))
            .unwrap()
    };
    let read = concepts("");
    assert_eq!(read.texts("kod"), ["138875005", "138875006", "404684003"]);
    assert_eq!(read.texts("text"), ["först \"citat", "∅", "Finding (finding)"]);
    assert_eq!(read.texts("beskrivning"), ["Root (top)", "∅", "Finding (finding)"]);
    assert_eq!(
        read.texts("giltig_fran"),
        ["2026-01-31", "20180231", "2017-07-31"],
        "a day that is none stays as it stands"
    );
    assert_eq!(read.texts("giltig_till"), ["∅"; 3], "a period must not be empty: that it has ended stands in aktiv");
    assert_eq!(read.texts("aktiv"), ["ja", "nej", "nej"]);
    assert_eq!(read.texts("version"), ["20260131"; 3]);
    assert_eq!(read.places(), [3, 5, 6]);
    assert_eq!(read.unread(), [(7, "fel_antal_kolumner")]);
    assert_eq!(read.notices.count(NoticeKind::Verhoeff), 1);
    assert_eq!(read.landed.len(), 3, "the descriptions land too");
    let read = concepts(
        r#", "language_refset": "der2_cRefset_LanguageSnapshot-sv_EX_20260131.txt", "valid_from": "2026-02-01""#,
    );
    assert_eq!((read.texts("text")[0].as_str(), read.texts("giltig_fran")[0].as_str()), ("vald", "2026-02-01"));

    let members = |more: &str| {
        let json = format!(r#"{{"path": "der2_Refset_SimpleSnapshot_EX_20260131.txt", "table": "vardomrade"{more}}}"#);
        read_in(folder.path(), options(&json)).unwrap()
    };
    assert_eq!(members("").texts("omrade"), ["99", "99", "98"]);
    let read = members(r#", "refset": "99", "value_set": "vardtjanst""#);
    assert_eq!(
        (read.texts("omrade")[0].as_str(), read.texts("giltig_till")),
        ("vardtjanst", vec!["∅".to_owned(), "2025-01-31".to_owned()])
    );
    assert!(
        read_in(folder.path(), options(r#"{"path": "der2_Refset_SimpleSnapshot_EX_20260131.txt"}"#)).is_err(),
        "its ids are members, not concepts"
    );
}

#[test]
fn a_reading_may_be_dropped_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let mut list = "kod;text\n".to_owned();
    for i in 0..50_000 {
        writeln!(list, "EX{i};x").unwrap();
    }
    std::fs::write(folder.path().join("ex.csv"), &list).unwrap();
    let source = KodverkSource::open(options(r#"{"path": "ex.csv"}"#), &io_at(folder.path())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        source.check().await.unwrap();
        let streams = source.discover().await.unwrap();
        assert_eq!((streams.len(), streams[0].columns.len()), (1, 10));
        let kept = Kept::default();
        let mut stream = source.read(None, Arc::new(kept.clone()));
        assert_eq!(stream.next().await.unwrap().unwrap().rows.num_rows(), 1000);
        drop(stream);
        assert!(kept.0.lock().unwrap().is_empty(), "half a file leaves nothing");
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), form in 0_usize..8) {
        let forms = ["auto", "tsv", "csv", "xls", "xlsx", "fhir", "rf2", "genericode"];
        let _ = read("ex.txt", &bytes, &format!(r#"{{"form": "{}", "header_row": 0}}"#, forms[form]));
    }

    #[test]
    fn what_is_written_is_read(rows in prop::collection::vec(("[A-Z0-9]{1,8}", "[^\u{0}\u{feff}]{0,20}"), 1..20)) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut list = String::new();
        for (code, text) in &rows {
            write!(list, "{code};{}\r\n", quoted(text)).unwrap();
        }
        let read = ok("ex.csv", list.as_bytes(), r#"{"header_row": 0, "delimiter": ";"}"#);
        let (codes, texts): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        prop_assert_eq!((read.texts("kod"), read.texts("text")), (codes, texts));
    }
}

// ── The sample ─────────────────────────────────────────────────────────────────────────────────

/// The sample lists of the project in `jobs/`, read with the options of their jobs.
fn sample(job: &str) -> Read {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/exempel/kodverk"));
    let text = std::fs::read_to_string(folder.join(format!("{job}.toml"))).unwrap();
    let told: Vec<String> = (text.lines().skip_while(|l| *l != "[source.options]").skip(1))
        .take_while(|l| !l.is_empty())
        .map(|l| l.split_once('=').map(|(k, v)| format!("\"{}\": {}", k.trim(), v.trim())).unwrap())
        .collect();
    read_in(folder, options(&format!("{{{}}}", told.join(", ")))).unwrap()
}

#[test]
fn the_sample_shows_every_verdict() {
    let mut index = CodeIndex::default();
    let (old, new) = (sample("exempelkoder-2015"), sample("exempelkoder-2020"));
    old.add_to(&mut index);
    new.add_to(&mut index);
    let areas = sample("vardomraden");
    let [sets, systems, codes] = ["omrade", "system", "kod"].map(|c| areas.texts(c));
    for i in 0..codes.len() {
        let (set, system, code) = (&sets[i], &systems[i], &codes[i]);
        index.add_member(&MemberRow { set, system, code, from: None, to: None });
    }
    let words = sample("exempelord");
    let [froms, sources, tos, targets, degrees] =
        ["fran_system", "fran_kod", "till_system", "till_kod", "grad"].map(|c| words.texts(c));
    for i in 0..sources.len() {
        let degree = Degree::read(&degrees[i]).unwrap();
        let (from_system, from, to_system, to) = (&froms[i], &sources[i], &tos[i], &targets[i]);
        index.add_mapping(&MappingRow { from_system, from, to_system, to, degree });
    }
    for read in [&old, &new, &areas, &words] {
        assert!(read.unread().is_empty() && read.notices.list().is_empty());
    }
    let day = |y, m, d| chrono::NaiveDate::from_ymd_opt(y, m, d).unwrap();
    let on = day(2026, 11, 1);
    let check = |code| index.check("kva", code, on);
    assert_eq!(check("EXA01"), Verdict::Valid);
    assert_eq!(check("EXU01"), Verdict::Retired);
    assert_eq!(check("EXU02"), Verdict::Retired);
    assert_eq!(index.successor("kva", "EXU02", on), Some("EXA03"));
    assert_eq!(index.check("kva", "EXU02", day(2019, 12, 31)), Verdict::Valid);
    assert_eq!(check("EXN01"), Verdict::NotYet);
    assert_eq!(check("EXS01"), Verdict::Retired);
    assert_eq!(check("E950"), Verdict::WrongSystem);
    assert_eq!(check("EXZ99"), Verdict::Unknown);
    assert_eq!(index.nearest("kva", "EXAO1", on), Some("EXA01"));
    assert_eq!(index.check("kva", "EXA01", day(1996, 1, 1)), Verdict::Undecidable);
    assert_eq!(index.check_in("kva", "exempel_katarakt", "EXA03", on), Verdict::Valid);
    assert_eq!(index.check_in("kva", "exempel_katarakt", "EXB01", on), Verdict::NotInValueSet);
    assert_eq!(index.label("kva", "EXC02", day(2016, 1, 1)), Some("Exempelåtgärd: knäprotes, halv"));
    let walk = index.crosswalk("exempelord", "vardtjanst").unwrap();
    assert_eq!(walk.one("gråstarr").map(|t| &*t.code), Some("EXV1"));
    assert_eq!(walk.targets("Knä och rehab").len(), 2);
    let katarakt = sets.iter().zip(&systems).filter(|(set, system)| *set == "katarakt" && *system == "kva").count();
    assert_eq!(katarakt, 15);
}

#[test]
fn no_sample_code_is_in_an_official_list() {
    let Some(shared) = real() else { return };
    let mut official = std::collections::HashSet::new();
    for path in ["kodlistor/kva.tsv", "kodlistor/icd10se.tsv", "kodlistor/klinik.tsv"] {
        official.extend(read_in(&shared, options(&format!(r#"{{"path": "{path}"}}"#))).unwrap().texts("kod"));
    }
    for digits in 3..=5 {
        let json = format!(r#"{{"path": "icd10se/digit{digits}.txt", "header_row": 0, "columns": {{"kod": 1}}}}"#);
        official.extend(read_in(&shared, options(&json)).unwrap().texts("kod"));
    }
    for job in ["exempelkoder-2015", "exempelkoder-2020"] {
        assert!(sample(job).texts("kod").iter().all(|code| !official.contains(code)), "{job}");
    }
    let areas = sample("vardomraden");
    let real_area = |(set, system): (String, String)| !set.starts_with("exempel") && system == "kva";
    let codes = areas.texts("omrade").into_iter().zip(areas.texts("system")).zip(areas.texts("kod"));
    let mut sizes = std::collections::BTreeMap::new();
    for ((set, system), code) in codes {
        if real_area((set.clone(), system)) {
            let members = match code.strip_suffix('*') {
                Some(beginning) => official.iter().filter(|c| c.len() == 5 && c.starts_with(beginning)).count(),
                None => usize::from(official.contains(&code)),
            };
            *sizes.entry(set).or_insert(0) += members;
        }
    }
    println!("care areas in the official list: {sizes:?}");
    assert_eq!(sizes.into_values().collect::<Vec<_>>(), [15, 8, 20], "katarakt, knaprotes, ljumskbrack");
}

// ── The official files ─────────────────────────────────────────────────────────────────────────

fn real() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "tells where the shared files are")]
    let folder = std::env::var("SLUSS_SHARED")
        .map_or_else(|_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")), PathBuf::from)
        .join("real");
    let found = folder.is_dir();
    if !found {
        println!("skipped: no official files at {}", folder.display());
    }
    found.then_some(folder)
}

#[test]
fn official_text_lists() {
    let Some(shared) = real() else { return };
    let no_headings = r#""header_row": 0, "columns": {"kod": 1, "text": 3}"#;
    let latin = r#""encoding": "iso-8859-1""#;
    let fixed = r#""encoding": "iso-8859-1", "fields": [{"name": "kod", "start": 1, "width": 7}, {"name": "text", "start": 8}]"#;
    for (path, more, rows, first, last) in [
        ("kodlistor/kva.tsv", "", 10_552, "AA001", "ZZU10"),
        ("kodlistor/icd10se.tsv", "", 33_547, "A000", "Z999"),
        ("kodlistor/klinik.tsv", "", 144, "003", "999"),
        ("kodlistor/kommun.tsv", "", 290, "0114", "2584"),
        ("kodlistor/lan.tsv", "", 21, "01", "25"),
        ("kodlistor/region.tsv", "", 6, "1", "6"),
        ("kodlistor/sjukhus_par.tsv", "", 452, "10010", "65600"),
        ("icd10se/digit3.txt", no_headings, 2_056, "A00", "Z99"),
        ("icd10se/digit4.txt", no_headings, 9_643, "A000", "Z999"),
        ("icd10se/digit5.txt", no_headings, 23_985, "A083A", "Z966X"),
        ("icd10se/block.txt", no_headings, 264, "A00-A09", "Z80-Z99"),
        ("icd10se/KSH97P_KOD.ANS", fixed, 977, "A00-", "Z91-P"),
        ("icd10se/KSH97P_SFAMALT.ANS", fixed, 2_544, "A00-", "Z91-P"),
        ("kva-norddrg/NCSP_SWE_2013.csv", latin, 9_630, "AA001", "ZZU10"),
        ("kva-norddrg/NCSP_SWE_2013.txt", latin, 9_630, "AA001", "ZZU10"),
    ] {
        let comma = if more.is_empty() { "" } else { "," };
        let read = read_in(&shared, options(&format!(r#"{{"path": "{path}"{comma} {more}}}"#))).unwrap();
        let codes = read.texts("kod");
        println!(
            "{path}: {} rows, {} unread, first {}, last {}",
            codes.len(),
            read.unread().len(),
            codes[0],
            codes[codes.len() - 1]
        );
        assert_eq!((read.rows(), read.unread().len()), (rows, 0), "{path}");
        assert_eq!((codes[0].as_str(), codes[codes.len() - 1].as_str()), (first, last), "{path}");
        assert_eq!(read.landed[0].1, std::fs::read(shared.join(path)).unwrap(), "{path} landed as it stood");
        assert!(read.texts("text").iter().all(|t| !t.contains('\u{FFFD}')), "{path}");
    }
}

#[test]
fn official_workbook_and_versions_side_by_side() {
    let Some(shared) = real() else { return };
    let old = read_in(
        &shared,
        options(
            r#"{"path": "kva-norddrg/KVA2010.xls", "system": "kva", "version": "2010", "valid_from": "2010-01-01"}"#,
        ),
    )
    .unwrap();
    let new = read_in(
        &shared,
        options(r#"{"path": "kodlistor/kva.tsv", "system": "kva", "version": "2020", "valid_from": "2020-01-01"}"#),
    )
    .unwrap();
    println!("KVA2010.xls: {} rows, {:?}", old.rows(), old.chunks[0].origin.part);
    let codes = |read: &Read| read.texts("kod").into_iter().collect::<std::collections::BTreeSet<_>>();
    let (before, after) = (codes(&old), codes(&new));
    let dropped: Vec<_> = before.difference(&after).collect();
    let added: Vec<_> = after.difference(&before).collect();
    println!(
        "{} codes in 2010, {} in 2020: {} dropped, {} added",
        before.len(),
        after.len(),
        dropped.len(),
        added.len()
    );
    assert_eq!((dropped.len(), added.len()), (130, 1_294));
    let mut index = CodeIndex::default();
    old.add_to(&mut index);
    new.add_to(&mut index);
    let day = |y, m, d| chrono::NaiveDate::from_ymd_opt(y, m, d).unwrap();
    for code in &dropped {
        assert_eq!(index.check("kva", code, day(2019, 12, 31)), Verdict::Valid);
        assert_eq!(index.check("kva", code, day(2020, 1, 1)), Verdict::Retired);
    }
    for code in &added {
        assert_eq!(index.check("kva", code, day(2019, 12, 31)), Verdict::NotYet);
        assert_eq!(index.check("kva", code, day(2009, 12, 31)), Verdict::Undecidable);
    }
}

#[test]
fn official_fhir_bundles() {
    let Some(shared) = real() else { return };
    let systems = read_in(&shared, options(r#"{"path": "inera-terminologi/codesystems-bundle.json"}"#)).unwrap();
    let notices = systems.notices.list();
    println!("code systems: {} parts, {} rows", systems.chunks.len(), systems.rows());
    for notice in notices.iter().filter(|n| n.kind != NoticeKind::NoCodes) {
        println!("{notice}");
    }
    assert_eq!((systems.chunks.len(), systems.rows()), (118, 0));
    assert_eq!(systems.notices.count(NoticeKind::NoCodes), 118);
    assert!(notices[0].detail.contains("131") && notices[0].detail.contains("118"));
    let sets =
        read_in(&shared, options(r#"{"path": "inera-terminologi/valuesets-bundle.json", "table": "vardomrade"}"#))
            .unwrap();
    assert_eq!((sets.chunks.len(), sets.rows(), sets.notices.count(NoticeKind::NoCodes)), (9, 0, 9));
    assert!(sets.notices.list()[0].detail.contains("18") && sets.notices.list()[0].detail.contains('9'));
}

#[test]
fn official_genericode() {
    let Some(shared) = real() else { return };
    let read_list = |name: &str| read_in(&shared, options(&format!(r#"{{"path": "eforms-sdk/{name}"}}"#))).unwrap();
    let cpv = read_list("cpv_social-service-cpv.gc");
    let care: Vec<_> =
        cpv.texts("kod").into_iter().zip(cpv.texts("text")).filter(|(code, _)| code.starts_with("85")).collect();
    println!("cpv: {} codes, {} begin with 85", cpv.rows(), care.len());
    assert_eq!(care.len(), 98);
    assert!(care.iter().all(|(_, text)| !text.is_empty() && text != "∅"));
    assert_eq!(cpv.texts("system")[0], "cpv");
    let nuts = read_list("nuts_nuts-swe-lvl3.gc");
    println!("nuts: {} codes", nuts.rows());
    let swedish = nuts.texts("kod").into_iter().filter(|c| c.starts_with("SE") && c != "SEZZZ").count();
    assert_eq!((nuts.rows(), swedish), (22, 21), "the regions, and the one outside all of them");
    assert!(nuts.texts("text").contains(&"Västra Götalands län".to_owned()));
    println!("legal basis: {} codes", read_list("legal-basis.gc").rows());
}

#[test]
fn official_rf2() {
    let Some(shared) = real() else { return };
    let base = shared.join("snomed-rf2-mini");
    let list = |name: &str| read_in(&base, options(&format!(r#"{{"path": "{name}"}}"#))).unwrap();
    let concept =
        |release: &str, day: &str| format!("{release}__Snapshot__Terminology__sct2_Concept_Snapshot_{day}.txt");
    for (release, day, rows, with_text) in [
        ("Base_snapshot", "INT_20180731", 12, 10),
        ("Base_with_Anthrax_snapshot", "INT_20180731", 15, 15),
        ("Base_with_Concepts_as_numbers_snapshot", "INT_20200731", 19, 11),
        ("Concept_Inactivation_snapshot", "INT_20170131", 10, 10),
        ("Extension_snapshot", "ExtensionA_20180931", 3, 1),
    ] {
        let read = list(&concept(release, day));
        let texts = read.texts("text").into_iter().filter(|t| t != "∅").count();
        println!("{release}: {} concepts, {texts} with a term, {} unread", read.rows(), read.unread().len());
        for notice in read.notices.list() {
            println!("  {notice}");
        }
        assert_eq!((read.rows(), texts, read.unread().len()), (rows, with_text, 0), "{release}");
    }
    let mut index = CodeIndex::default();
    list(&concept("Concept_Inactivation_snapshot", "INT_20170131")).add_to(&mut index);
    let delta = r#"{"path": "Concept_Inactivation_delta__Delta__Terminology__sct2_Concept_Delta_INT_20170731.txt", "version": "20170131"}"#;
    let delta = read_in(&base, options(delta)).unwrap();
    assert_eq!(delta.texts("version"), ["20170131+20170731"]);
    delta.add_to(&mut index);
    let check = |code, y, m, d| index.check("snomed", code, chrono::NaiveDate::from_ymd_opt(y, m, d).unwrap());
    assert_eq!(check("362969004", 2017, 7, 30), Verdict::Valid);
    assert_eq!(check("362969004", 2017, 7, 31), Verdict::Retired, "the delta ends it");
    assert_eq!(check("138875005", 2018, 1, 1), Verdict::Valid, "and nothing else");
}

#[test]
fn official_naming_systems() {
    let Some(shared) = real() else { return };
    let mut aliases = sluss_schemas::code::alias::Aliases::national();
    let (mut files, mut conflicts) = (0, Vec::new());
    let mut paths: Vec<_> =
        std::fs::read_dir(shared.join("inera-namingsystem")).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths.iter().filter(|p| p.extension().is_some_and(|e| e == "json")) {
        conflicts.extend(aliases.add_naming_system(&std::fs::read_to_string(path).unwrap()).unwrap().1);
        files += 1;
    }
    println!("{files} naming systems, {} names, conflicts: {conflicts:?}", aliases.len());
    assert_eq!(files, 128);
    for (alias, name) in
        [("1.2.752.129.2.2.2.1", "kva"), ("1.2.752.116.1.1.1.1.3", "icd10se"), ("1.2.752.129.2.2.1.3", "verksamhet")]
    {
        assert_eq!(aliases.canonical(alias), Some(name));
    }
}
