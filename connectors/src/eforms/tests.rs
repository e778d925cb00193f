//! The connector `eforms`: the suite, and what a notice says in several places.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use arrow::array::{Array, AsArray};
use serde_json::json;
use sluss_schemas::chunk::Chunk;

use crate::compliance::{Case, check};
use crate::error::{Actor, ConnectorError, Result};
use crate::testing::{self, io};

/// A lot's result: its code, its contracts.
struct Lot {
    code: &'static str,
    contracts: Vec<Contract>,
}

/// A contract and its tender: the lot that the tender is for, and who tendered.
struct Contract {
    of: usize,
    by: Vec<&'static str>,
}

fn won(of: usize, by: &[&'static str]) -> Contract {
    Contract { of, by: by.to_vec() }
}

/// A notice with these results. Organisations are called by their ids: `Org A` is `A`.
fn notice(lots: &[Lot]) -> String {
    let (mut results, mut rest, mut projects, mut step) = (String::new(), String::new(), String::new(), 0);
    for (number, lot) in (1..).zip(lots) {
        let mut contracts = String::new();
        for contract in &lot.contracts {
            step += 1;
            write!(contracts, "<a:SettledContract><b:ID>C{step}</b:ID></a:SettledContract>").unwrap();
            let mut members = String::new();
            for id in &contract.by {
                write!(members, "<a:Tenderer><b:ID>{id}</b:ID></a:Tenderer>").unwrap();
            }
            write!(
                rest,
                "<a:LotTender><b:ID>T{step}</b:ID><a:TenderingParty><b:ID>P{step}</b:ID></a:TenderingParty>\
                 <a:TenderLot><b:ID>LOT-{of}</b:ID></a:TenderLot></a:LotTender>\
                 <a:SettledContract><b:ID>C{step}</b:ID><a:ContractReference><b:ID>K {step}</b:ID></a:ContractReference>\
                 <a:LotTender><b:ID>T{step}</b:ID></a:LotTender></a:SettledContract>\
                 <a:TenderingParty><b:ID>P{step}</b:ID>{members}</a:TenderingParty>",
                of = contract.of
            )
            .unwrap();
        }
        write!(
            results,
            "<a:LotResult><b:TenderResultCode>{}</b:TenderResultCode>{contracts}\
             <a:TenderLot><b:ID>LOT-{number}</b:ID></a:TenderLot></a:LotResult>",
            lot.code
        )
        .unwrap();
        write!(
            projects,
            "<ProcurementProjectLot><ID>LOT-{number}</ID><ProcurementProject><Name languageID=\"ENG\">Lot {number}</Name>\
             <Name languageID=\"SWE\">Område {number}</Name></ProcurementProject></ProcurementProjectLot>"
        )
        .unwrap();
    }
    let mut organisations = String::new();
    for id in ["BUYER", "A", "B", "C"] {
        write!(
            organisations,
            "<a:Organization><a:Company><PartyIdentification><b:ID>{id}</b:ID></PartyIdentification>\
             <PartyName><b:Name>Org {id}</b:Name></PartyName><PartyLegalEntity><CompanyID>5999000{id}</CompanyID>\
             </PartyLegalEntity></a:Company><a:TouchPoint><PartyIdentification><b:ID>{id}-OFFICE</b:ID>\
             </PartyIdentification></a:TouchPoint></a:Organization>"
        )
        .unwrap();
    }
    format!(
        "<?xml version=\"1.0\"?>\n<ContractAwardNotice xmlns:a=\"urn:a\" xmlns:b=\"urn:b\"><UBLExtensions><UBLExtension>\
         <ExtensionContent><EformsExtension><a:NoticeResult>{results}{rest}</a:NoticeResult>\
         <a:Organizations>{organisations}</a:Organizations></EformsExtension></ExtensionContent></UBLExtension>\
         </UBLExtensions><ID>N1</ID><ContractFolderID>U1</ContractFolderID><NoticeLanguageCode>SWE</NoticeLanguageCode>\
         <ContractingParty><Party><PartyIdentification><ID>BUYER-OFFICE</ID></PartyIdentification></Party>\
         </ContractingParty>{projects}</ContractAwardNotice>\n"
    )
}

async fn read(text: &str) -> Result<Vec<Chunk>> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("annons.xml"), text).unwrap();
    testing::read("eforms", dir.path(), json!({ "path": "annons.xml" })).await
}

/// The rows, with these columns; `~` is none.
fn rows(chunks: &[Chunk], columns: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    for chunk in chunks {
        let columns: Vec<_> =
            columns.iter().map(|name| chunk.rows.column_by_name(name).unwrap().as_string_view()).collect();
        for row in 0..chunk.rows.num_rows() {
            let cells = columns.iter().map(|c| if c.is_null(row) { "~" } else { c.value(row) });
            out.push(cells.collect::<Vec<_>>().join(" · "));
        }
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn it_passes_the_suite() {
    let dir = tempfile::tempdir().unwrap();
    let lots: Vec<_> = (1..=2000).map(|lot| Lot { code: "selec-w", contracts: vec![won(lot, &["A", "B"])] }).collect();
    let (large, small) = (notice(&lots), notice(&[Lot { code: "clos-nw", contracts: vec![] }]));
    fs::write(dir.path().join("a.xml"), &large).unwrap();
    fs::write(dir.path().join("b.xml"), &small).unwrap();
    fs::write(dir.path().join("c.xml"), "<ContractNotice/>").unwrap();
    fs::write(dir.path().join("faktura.xml"), "<Invoice/>").unwrap();
    let landed = [("a.xml", large), ("b.xml", small), ("c.xml", "<ContractNotice/>".to_owned())];
    check(&Case {
        connector: "eforms",
        options: json!({ "path": ["a.xml", "b.xml", "c.xml"] }),
        io: io(dir.path(), 500),
        rows: 4001,
        unread: 0,
        landed: Some(BTreeMap::from(landed.map(|(name, text)| (name.to_owned(), text.into_bytes())))),
        secrets: vec![],
        broken: vec![
            (json!({ "path": "finns-inte.xml" }), Actor::Source),
            (json!({ "path": "faktura.xml" }), Actor::Source),
            (json!({}), Actor::Configuration),
        ],
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_a_winner_of_a_lot() {
    let text = notice(&[
        Lot { code: "selec-w", contracts: vec![won(1, &["A"]), won(1, &["B"])] },
        Lot { code: "selec-w", contracts: vec![won(2, &["B", "C"])] },
        Lot { code: "clos-nw", contracts: vec![] },
    ]);
    let chunks = read(&text).await.unwrap();
    let columns =
        ["procedure_id", "lot_id", "lot_title", "result", "winner_name", "winner_orgnr", "contract_id", "lots"];
    assert_eq!(
        rows(&chunks, &columns),
        [
            "U1 · LOT-1 · Område 1 · selec-w · Org A · 5999000A · K 1 · 3",
            "U1 · LOT-1 · Område 1 · selec-w · Org B · 5999000B · K 2 · 3",
            "U1 · LOT-2 · Område 2 · selec-w · Org B · 5999000B · K 3 · 3",
            "U1 · LOT-2 · Område 2 · selec-w · Org C · 5999000C · K 3 · 3",
            "U1 · LOT-3 · Område 3 · clos-nw · ~ · ~ · ~ · 3",
        ]
    );
    // The buyer is referred to by one of its offices.
    assert_eq!(rows(&chunks, &["buyer_name", "buyers"])[0], "Org BUYER · 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_contradicts_itself_names_nobody() {
    // The lot has a winner, but its contract's tender is for another lot; an organisation that is nowhere.
    let text = notice(&[
        Lot { code: "selec-w", contracts: vec![won(2, &["A"])] },
        Lot { code: "selec-w", contracts: vec![won(2, &["NOBODY"])] },
        Lot { code: "selec-w", contracts: vec![] },
    ]);
    let chunks = read(&text).await.unwrap();
    assert_eq!(
        rows(&chunks, &["lot_id", "winner_name", "contract_id"]),
        ["LOT-1 · ~ · ~", "LOT-2 · ~ · K 2", "LOT-3 · ~ · ~"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withheld_is_said() {
    let secret =
        "<a:FieldsPrivacy><b:FieldIdentifierCode>win-cho</b:FieldIdentifierCode></a:FieldsPrivacy><b:TenderResultCode>";
    let text =
        notice(&[Lot { code: "selec-w", contracts: vec![won(1, &["A"])] }]).replacen("<b:TenderResultCode>", secret, 1);
    let chunks = read(&text).await.unwrap();
    assert_eq!(rows(&chunks, &["winner_name", "withheld"]), ["Org A · win-cho"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_notice_is_refused() {
    let fault = |result: Result<Vec<Chunk>>| -> ConnectorError { result.err().unwrap() };
    let other = fault(read("<Invoice xmlns=\"urn:x\"><ID>1</ID></Invoice>").await);
    assert_eq!(other.actor, Actor::Source, "{other}");
    let broken = fault(read("<ContractAwardNotice><ID>1</ContractAwardNotice>").await);
    assert_eq!(broken.actor, Actor::Source, "{broken}");
    let page = fault(read("<!DOCTYPE html><html><body>403</body></html>").await);
    assert_eq!(page.actor, Actor::Source, "{page}");
    assert!(rows(&read("<PriorInformationNotice/>").await.unwrap(), &["notice_id"]).is_empty());
}
