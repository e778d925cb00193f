//! The connector `rivta`: the suite, replacements, and the schemas' own verdict.

mod replaced;
mod schema;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sluss_schemas::chunk::Chunk;

use crate::compliance::{Case, check};
use crate::error::{Actor, Result};
use crate::testing::{self, column, io, unread};

async fn read(base: &Path, options: Value) -> Result<Vec<Chunk>> {
    testing::read("rivta", base, options).await
}

/// A waiting contact that breaks nothing.
fn besok(id: &str) -> String {
    format!(
        r#"<Besok Regionkod="21" HSAIdRegion="SE1-R" HSAIdVardgivare="SE1-V" HSAIdVardenhet="SE1-E" VardkontaktId="{id}" Vardgaranti="1" Fas="2" Mvo="972" FodelseAr="1976" Kon="K" Lkf="0000" Bokningssatt="3" Vardkontakt="0" Yrkeskategori="XS915" BeslutAktivitet="2026-05-01T08:00:00"/>"#
    ) + "\n"
}

/// A message of waiting contacts, with attributes of its own.
fn vantande(attributes: &str, rows: &str) -> String {
    let body = if rows.is_empty() {
        String::new()
    } else {
        format!("<Kontakt DatatGallerFor=\"2026-10-01\">{rows}</Kontakt>")
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<t:TillgangligVardSpeciVantande \
         xmlns:t=\"urn:riv:skl:tillgangligVardSpeci:TillgangligVardSpeciVantandeResponder:1\" {attributes}>{body}\
         </t:TillgangligVardSpeciVantande>\n"
    )
    .replace("<Kontakt", "<t:Kontakt")
    .replace("</Kontakt", "</t:Kontakt")
    .replace("<Besok", "<t:Besok")
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
    let rows: String = (0..20_000).map(|n| besok(&format!("EX{n}"))).collect();
    let short = vantande("ErsattningsId=\"7\"", &besok("EXB").replace("<Besok", "<Besok/><Besok"));
    let dir = folder(&[("a.xml", vantande("LeveransReferens=\"L1\"", &rows)), ("b.xml", short)]);
    let landed = ["a.xml", "b.xml"].map(|name| (name.to_owned(), fs::read(dir.path().join(name)).unwrap()));
    let mut case = Case {
        connector: "rivta",
        options: json!({ "path": ["a.xml", "b.xml"], "message": "vantande" }),
        io: io(dir.path(), 500),
        rows: 20_002,
        unread: 0,
        landed: Some(BTreeMap::from(landed)),
        secrets: vec![],
        broken: vec![
            (json!({ "path": "a.xml", "message": "genomforda" }), Actor::Source),
            (json!({ "path": "a.xml", "message": "okand" }), Actor::Configuration),
            (json!({ "path": "a.xml" }), Actor::Configuration),
            (json!({ "message": "vantande" }), Actor::Configuration),
        ],
    };
    check(&case).await;
    case.options["strict"] = json!(true);
    (case.rows, case.unread) = (20_001, 1);
    check(&case).await;
}

#[tokio::test]
async fn envelopes_are_opened_and_errors_in_them_told() {
    let soap = |body: &str| {
        format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header><x>y</x></s:Header><s:Body>{body}</s:Body></s:Envelope>"
        )
    };
    let namespace = "urn:riv:infrastructure:directory:organization:GetHealthCareProviderResponder:1";
    let provider = "<healthCareProvider><healthCareProviderHsaId>SE1</healthCareProviderHsaId>\
        <healthCareProviderName>Exempel</healthCareProviderName><healthCareProviderOrgNo>5999009052</healthCareProviderOrgNo>\
        <feignedHealthCareProvider>true</feignedHealthCareProvider><z:nytt xmlns:z=\"urn:z\"><a/></z:nytt></healthCareProvider>";
    let answer = format!(
        "<GetHealthCareProviderResponse xmlns=\"{namespace}\">{provider}{provider}</GetHealthCareProviderResponse>"
    );
    let options = json!({ "path": "a.xml", "message": "health_care_provider", "strict": true });
    for document in [answer.clone(), soap(&answer)] {
        let dir = folder(&[("a.xml", document)]);
        let chunks = read(dir.path(), options.clone()).await.unwrap();
        assert_eq!(column(&chunks, "healthCareProviderOrgNo"), ["5999009052", "5999009052"]);
        assert_eq!((column(&chunks, "feignedHealthCareProvider")[0].as_str(), unread(&chunks).len()), ("true", 0));
    }
    let fault = soap("<s:Fault><faultcode>s:Server</faultcode><faultstring>hemligt</faultstring></s:Fault>");
    for (document, wanted) in [
        (fault, "SOAP fault"),
        (soap(""), "does not hold"),
        (soap("<x/>"), "is not an answer"),
        (soap(&answer).chars().take(400).collect(), "malformed"),
    ] {
        let dir = folder(&[("a.xml", document)]);
        let error = read(dir.path(), options.clone()).await.unwrap_err();
        assert!(error.to_string().contains(wanted) && !format!("{error:?}").contains("hemligt"), "{wanted}: {error}");
        assert_eq!(error.actor, Actor::Source);
    }
}

#[tokio::test]
async fn values_within_values_and_above_rows_are_columns() {
    let namespace = "urn:riv:infrastructure:directory:organization:GetUnitResponder:5";
    let core = "urn:riv:infrastructure:directory:organization:5";
    let hour = |day: u8| {
        format!(
            "<surgeryHour><c:fromDay>{day}</c:fromDay><c:fromTime>08:00:00</c:fromTime><c:toDay>{day}</c:toDay><c:toTime>24:00:00</c:toTime></surgeryHour>"
        )
    };
    let unit = format!(
        "<GetUnitResponse xmlns=\"{namespace}\" xmlns:c=\"{core}\"><unit>\
         <businessClassification><businessClassificationCode>1500</businessClassificationCode></businessClassification>\
         <unitHsaId>SE1-E</unitHsaId><unitName>Enhet</unitName>\
         <postalAddress><c:addressLine>Enhet</c:addressLine><c:addressLine>Gatan 1</c:addressLine></postalAddress>\
         <publicName>Enheten</publicName>{}{}</unit></GetUnitResponse>",
        hour(1),
        hour(3)
    );
    let dir = folder(&[("a.xml", unit)]);
    let chunks = read(dir.path(), json!({ "path": "a.xml", "message": "unit", "strict": true })).await.unwrap();
    assert_eq!(unread(&chunks), []);
    for (name, value) in [
        ("unitHsaId", "SE1-E"),
        ("businessClassification_businessClassificationCode", "1500"),
        ("postalAddress_addressLine", "Enhet|Gatan 1"),
        ("surgeryHour_fromDay", "1|3"),
        ("surgeryHour_toTime", "24:00:00|24:00:00"),
        ("unitFunction_telephoneHour_fromDay", "-"),
    ] {
        assert_eq!(column(&chunks, name), [value], "{name}");
    }
}
