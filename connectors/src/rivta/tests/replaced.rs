//! Deliveries that replace each other, in files.

use serde_json::json;

use super::{besok, column, folder, read, vantande};

fn answer(reference: &str, id: &str) -> String {
    format!(
        "<TillgangligVardSpeciVantandeResponse xmlns=\"urn:riv:skl:tillgangligVardSpeci:TillgangligVardSpeciVantandeResponder:1\">\
         <Meddelande>ok</Meddelande><ErsattningsId>{id}</ErsattningsId><LeveransReferens>{reference}</LeveransReferens>\
         </TillgangligVardSpeciVantandeResponse>"
    )
}

async fn contacts(files: &[(&str, String)]) -> Vec<String> {
    let dir = folder(files);
    let chunks = read(dir.path(), json!({ "path": "*.xml", "message": "vantande" })).await.unwrap();
    column(&chunks, "VardkontaktId")
}

#[tokio::test]
async fn the_later_delivery_of_an_id_holds() {
    let first = ("1.xml", vantande("ErsattningsId=\"7\"", &(besok("EXA") + &besok("EXB"))));
    let other = ("2.xml", vantande("LeveransReferens=\"L2\"", &besok("EXC")));
    let second = ("3.xml", vantande("ErsattningsId=\"7\"", &besok("EXA")));
    assert_eq!(contacts(&[first.clone(), other.clone()]).await, ["EXA", "EXB", "EXC"]);
    assert_eq!(contacts(&[first.clone(), other.clone(), second]).await, ["EXC", "EXA"]);
    // A replacement without a body only takes away.
    assert_eq!(contacts(&[first, other, ("4.xml", vantande("ErsattningsId=\"7\"", ""))]).await, ["EXC"]);
}

#[tokio::test]
async fn an_answer_in_the_folder_tells_what_is_replaced() {
    let first = ("1.xml", vantande("LeveransReferens=\"L1\"", &besok("EXA")));
    let told = ("1-svar.xml", answer("L1", "7"));
    let second = ("2.xml", vantande("ErsattningsId=\"7\" LeveransReferens=\"L2\"", &besok("EXB")));
    assert_eq!(contacts(&[first.clone(), told.clone()]).await, ["EXA"]);
    assert_eq!(contacts(&[first.clone(), told, second.clone()]).await, ["EXB"]);
    assert_eq!(contacts(&[first, second]).await, ["EXA", "EXB"], "nothing says that they belong together");
}

#[tokio::test]
async fn rows_tell_their_delivery() {
    let dir = folder(&[("1.xml", vantande("ErsattningsId=\"7\" LeveransReferens=\"L1\"", &besok("EXA")))]);
    let chunks = read(dir.path(), json!({ "path": "1.xml", "message": "vantande" })).await.unwrap();
    for (name, value) in [("DatatGallerFor", "2026-10-01"), ("ErsattningsId", "7"), ("LeveransReferens", "L1")] {
        assert_eq!(column(&chunks, name), [value]);
    }
}
