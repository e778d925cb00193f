//! The connector `hsa_fil`: the suite, the hierarchy, what breaks the schema, and real exports.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use sluss_schemas::chunk::Chunk;

use crate::compliance::{Case, check};
use crate::error::{Actor, Result};
use crate::testing::{self, column, io, unread};

async fn read(base: &Path, options: Value) -> Result<Vec<Chunk>> {
    testing::read("hsa_fil", base, options).await
}

fn export(units: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<FileGetHsaUnitsResponse xmlns=\"urn:riv:hsa:HsaWsResponder:3\">\
         <startDate>2026-11-01T02:00:00+01:00</startDate><endDate>2026-11-01T02:03:00+01:00</endDate>\
         <hsaUnits>{units}</hsaUnits></FileGetHsaUnitsResponse>\n"
    )
}

fn unit(id: &str, dn: &str) -> String {
    format!("<hsaUnit><hsaIdentity>{id}</hsaIdentity><DN>{dn}</DN><name>{id}</name></hsaUnit>\n")
}

fn folder(files: &[(&str, String)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

#[tokio::test(flavor = "multi_thread")]
async fn passes_the_suite() {
    let mut units = unit("SE5999009052-EXREGION", "o=Region Exempel,c=SE");
    for n in 0..20_000 {
        let dn = format!("ou=Mottagning {n},o=Region Exempel,c=SE");
        units += &if n % 1000 == 7 {
            unit("SE5999009052-UTAN", "").replace("<DN></DN>", "")
        } else {
            unit(&format!("SE5999009052-EX{n}"), &dn)
        };
    }
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [("enheter.xml", export(&units)), ("LÄS MIG.txt", "inte XML".to_owned())] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let zip = zip.finish().unwrap().into_inner();
    let dir = folder(&[("b.xml", export(&unit("SE5999009052-EXB", "ou=B,ou=Mottagning 3,o=Region Exempel,c=SE")))]);
    fs::write(dir.path().join("a.zip"), &zip).unwrap();
    let landed = ["a.zip", "b.xml"].map(|name| (name.to_owned(), fs::read(dir.path().join(name)).unwrap()));
    let mut case = Case {
        connector: "hsa_fil",
        options: json!({ "path": ["a.zip", "b.xml"] }),
        io: io(dir.path(), 2000),
        rows: 20_001 - 20 + 1,
        unread: 20,
        landed: Some(BTreeMap::from(landed)),
        secrets: vec![],
        broken: vec![
            (json!({ "path": "finns-inte.zip" }), Actor::Source),
            (json!({}), Actor::Configuration),
            (json!({ "path": "a.zip", "member": "*.xsd" }), Actor::Source),
        ],
    };
    check(&case).await;
    case.options["strict"] = json!(true);
    check(&case).await;
}

#[tokio::test]
async fn the_unit_above_is_found_across_files_whatever_the_order() {
    let dir = folder(&[
        (
            "1.xml",
            export(
                &[
                    unit("SE1-C", "ou=C,OU=B,o=A,c=SE"),
                    unit("SE1-D", r"ou=D\, E,ou=Tvilling,o=A,c=SE"),
                    unit("SE1-X", "ou=X,ou=Okänd,o=A,c=SE"),
                ]
                .concat(),
            ),
        ),
        (
            "2.xml",
            export(
                &[
                    unit("SE1-B", "ou=B, o=A, c=SE"),
                    unit("SE1-A", "o=A,c=SE"),
                    unit("SE1-T1", "ou=Tvilling,o=A,c=SE"),
                    unit("SE1-T2", "ou=Tvilling,o=A,c=SE"),
                ]
                .concat(),
            ),
        ),
    ]);
    let chunks = read(dir.path(), json!({ "path": "*.xml" })).await.unwrap();
    assert_eq!(column(&chunks, "hsaIdentity"), ["SE1-C", "SE1-D", "SE1-X", "SE1-B", "SE1-A", "SE1-T1", "SE1-T2"]);
    assert_eq!(
        column(&chunks, "parentDN")[..4],
        ["OU=B,o=A,c=SE", "ou=Tvilling,o=A,c=SE", "ou=Okänd,o=A,c=SE", "o=A, c=SE"]
    );
    assert_eq!(column(&chunks, "parentHsaIdentity"), ["SE1-B", "-", "-", "SE1-A", "-", "SE1-A", "SE1-A"]);
}

#[tokio::test]
async fn what_breaks_the_schema_is_told() {
    let right = unit("SE1-A", "o=A,c=SE");
    for (units, wanted) in [
        ("<hsaUnit><hsaIdentity>x</hsaIdentity></hsaUnit>", "elementet DN saknas"),
        ("<hsaUnit><DN>x</DN><hsaIdentity>x</hsaIdentity></hsaUnit>", "elementet hsaIdentity står på fel plats"),
        ("<hsaUnit><DN>x</DN><DN>y</DN></hsaUnit>", "elementet DN står där mer än en gång"),
        ("<hsaUnit><DN>x</DN><hemligt>y</hemligt></hsaUnit>", "ett element i hsaUnit som schemat inte har"),
        ("<hsaUnit><DN>x</DN>text</hsaUnit>", "text mellan elementen i hsaUnit"),
    ] {
        let dir = folder(&[("a.xml", export(&format!("{right}{units}{right}")))]);
        let chunks = read(dir.path(), json!({ "path": "a.xml" })).await.unwrap();
        let unread = unread(&chunks);
        assert_eq!((column(&chunks, "DN").len(), unread.len(), unread[0].0), (2, 1, 2), "{units}");
        assert!(unread[0].1.contains(wanted) && !unread[0].1.contains("hemligt"), "{}", unread[0].1);
    }
    // Types only where the job asks for them.
    let typed = "<hsaUnit><DN>o=A</DN><isHsaHealthCareUnit>ja</isHsaHealthCareUnit></hsaUnit>";
    let dir = folder(&[("a.xml", export(typed))]);
    assert!(unread(&read(dir.path(), json!({ "path": "a.xml" })).await.unwrap()).is_empty());
    let strict = unread(&read(dir.path(), json!({ "path": "a.xml", "strict": true })).await.unwrap());
    assert_eq!(strict, [(1, "elementet isHsaHealthCareUnit är inte true eller false".to_owned())]);

    for (document, wanted) in [
        (export(""), "the element hsaUnit is missing"),
        (export("<unit/>"), "in hsaUnits that the schema does not have"),
        (export(&right).replace("hsa:HsaWsResponder:3", "hsa:HsaWsResponder:4"), "is not HSA's file export"),
        ("<svar><fel>nej</fel></svar>".to_owned(), "is not HSA's file export"),
        ("<html><body>403</body></html>".to_owned(), "web page"),
        (export(&right).replace("</hsaUnits>", ""), "end tag"),
        (export(&right).chars().take(300).collect(), "malformed"),
        (String::new(), "no XML element"),
    ] {
        let dir = folder(&[("a.xml", document)]);
        let error = read(dir.path(), json!({ "path": "a.xml" })).await.unwrap_err();
        assert!(error.to_string().contains(wanted) && error.actor == Actor::Source, "{wanted}: {error}");
    }
}

/// Real exports, where they are.
fn real() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "where the test data lie is no configuration of the program")]
    let shared = std::env::var("SLUSS_SHARED")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let folder = shared.join("real/hsa-cache");
    if !folder.is_dir() {
        println!("skipped: no real exports at {}", folder.display());
        return None;
    }
    Some(folder)
}

#[tokio::test]
async fn real_exports_come_or_say_why_not() {
    let Some(folder) = real() else { return };
    for (file, units, faults) in [
        ("simpleTest.xml", 6, 0),
        ("simpleTest-ISO-8859-1.xml", 5, 0),
        ("simpleTestShort.xml", 2, 0),
        ("simpleTestSpecialHtmlSigns.xml", 1, 0),
        ("duplicateTest.xml", 3, 0),
        ("invalidTest.xml", 4, 0),
        ("hsaCacheMissingDN.xml", 5, 1),
    ] {
        let chunks = read(&folder, json!({ "path": file })).await.unwrap_or_else(|e| panic!("{file}: {e}"));
        assert_eq!((column(&chunks, "DN").len(), unread(&chunks).len()), (units, faults), "{file}");
    }
    let simple = read(&folder, json!({ "path": "simpleTest.xml" })).await.unwrap();
    let parents = ["SE0000000002-1234", "SE0000000002-1234", "SE0000000003-1234", "SE0000000004-1234", "-", "-"];
    assert_eq!(column(&simple, "parentHsaIdentity"), parents);
    // The same in two parts.
    let parts = read(&folder, json!({ "path": "simpleTestPart?.xml" })).await.unwrap();
    assert!(column(&parts, "parentHsaIdentity").iter().any(|id| id != "-"));
    for (file, wanted) in [("hsaCacheMalformed.xml", "malformed"), ("hsaCacheNoUnits.xml", "hsaUnit is missing")] {
        let error = read(&folder, json!({ "path": file })).await.unwrap_err();
        assert!(error.to_string().contains(wanted), "{file}: {error}");
    }
}

/// What `xmllint` says of documents by the real schema.
pub(crate) fn valid_by_schema(schema: &Path, document: &Path) -> Option<bool> {
    let output = Command::new("xmllint").args(["--nonet", "--noout", "--schema"]).arg(schema).arg(document).output();
    if output.is_err() {
        println!("skipped: xmllint is not installed (tests/setup.sh)");
    }
    Some(output.ok()?.status.success())
}

#[tokio::test]
async fn the_schema_s_own_verdict_is_ours() {
    let Some(folder) = real() else { return };
    let children = [
        "<hsaIdentity>SE1</hsaIdentity>",
        "<DN>o=A</DN>",
        "<name>n</name>",
        "<unitIsArchived>true</unitIsArchived>",
        "<hsaHealthCareUnitMembers><hsaHealthCareUnitMember>a</hsaHealthCareUnitMember></hsaHealthCareUnitMembers>",
        "<startDate>2026-01-01T00:00:00Z</startDate>",
        "<endDate>igår</endDate>",
        "<unitIsArchived>ja</unitIsArchived>",
        "<x/>",
    ];
    let dir = tempfile::tempdir().unwrap();
    let (mut valid, mut invalid) = (0, 0);
    // Every subset of the first six in order, and each with one thing more or out of order.
    for mask in 0..64_u32 {
        let chosen: Vec<&str> = (0..6).filter(|bit| mask & (1 << bit) != 0).map(|bit| children[bit]).collect();
        for extra in [None, Some(mask as usize % children.len())] {
            let mut unit = String::from("<hsaUnit>");
            for child in chosen.iter().copied().chain(extra.map(|nth| children[nth])) {
                let _ = write!(unit, "{child}");
            }
            fs::write(dir.path().join("a.xml"), export(&(unit + "</hsaUnit>"))).unwrap();
            let Some(verdict) = valid_by_schema(&folder.join("HsaCache.xsd"), &dir.path().join("a.xml")) else {
                return;
            };
            let ours = read(dir.path(), json!({ "path": "a.xml", "strict": true })).await.unwrap();
            assert_eq!(unread(&ours).is_empty(), verdict, "{chosen:?} {extra:?} {:?}", unread(&ours));
            if verdict { valid += 1 } else { invalid += 1 }
        }
    }
    assert!(valid > 30 && invalid > 30, "{valid} {invalid}");
}

#[tokio::test]
async fn the_sample_s_export_keeps_the_schema() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../jobs/national/hsa/kallor");
    let chunks = read(&sources, json!({ "path": "hsa-enheter.zip", "strict": true })).await.unwrap();
    assert_eq!(unread(&chunks), []);
    let (ids, parents) = (column(&chunks, "hsaIdentity"), column(&chunks, "parentHsaIdentity"));
    assert!(ids.len() > 100 && parents.iter().any(|parent| ids.contains(parent)), "{}", ids.len());
}
