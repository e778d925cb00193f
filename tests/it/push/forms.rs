//! Every form in which rows can come says the same.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray};
use arrow::ipc::writer::StreamWriter;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_xlsxwriter::Workbook;

use super::{Listener, project, row, rows};
use crate::both::On;
use crate::sandbox::Sandbox;

const CSV: &str =
    "lanskod;avtals_id;titel;giltig_fran\n22;P-000;Ögonsjukvård åäö;2026-01-01\n22;P-001;Exempelavtal 1;2026-01-01\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (line, cells) in CSV.lines().enumerate() {
        for (column, cell) in cells.split(';').enumerate() {
            sheet.write_string(u32::try_from(line).unwrap(), u16::try_from(column).unwrap(), cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn arrow() -> Vec<u8> {
    let text = |values: [&str; 2]| Arc::new(StringArray::from(values.to_vec())) as ArrayRef;
    let batch = RecordBatch::try_from_iter([
        ("lanskod", text(["22", "22"])),
        ("avtals_id", text(["P-000", "P-001"])),
        ("titel", text(["Ögonsjukvård åäö", "Exempelavtal 1"])),
        ("giltig_fran", Arc::new(Date32Array::from(vec![20_454, 20_454])) as ArrayRef),
    ])
    .unwrap();
    let mut stream = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    stream.write(&batch).unwrap();
    stream.into_inner().unwrap()
}

fn published(sandbox: &Sandbox) -> String {
    let sql = "SELECT avtals_id, titel, giltig_fran FROM register.avtal ORDER BY avtals_id";
    sandbox.json(&["sql", sql]).to_string()
}

#[test]
fn each_form_gives_the_same_rows() {
    let json = serde_json::json!([
        { "lanskod": "22", "avtals_id": "P-000", "titel": "Ögonsjukvård åäö", "giltig_fran": "2026-01-01" },
        { "lanskod": "22", "avtals_id": "P-001", "titel": "Exempelavtal 1", "giltig_fran": "2026-01-01" },
    ]);
    let lines: String = json.as_array().unwrap().iter().map(|row| format!("{row}\n")).collect();
    let latin1: Vec<u8> = CSV.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let forms: Vec<(&str, bool, Vec<u8>)> = vec![
        ("application/json", false, json.to_string().into_bytes()),
        ("application/json", true, gzip(json.to_string().as_bytes())),
        ("application/x-ndjson", false, lines.into_bytes()),
        ("text/csv", false, CSV.as_bytes().to_vec()),
        ("text/csv; charset=utf-8; header=present", false, CSV.replace(';', ",").into_bytes()),
        ("text/csv; charset=iso-8859-1", true, gzip(&latin1)),
        (xlsx, false, workbook()),
        ("application/vnd.apache.arrow.stream", false, arrow()),
    ];
    let sandbox = project(&On::Sqlite, "");
    let listener = Listener::start(&sandbox);
    let mut first = None;
    for (form, packed, body) in forms {
        let mut headers = vec![("content-type", form)];
        if packed {
            headers.push(("content-encoding", "gzip"));
        }
        let reply = listener.post("avtal", &headers, body);
        assert_eq!(reply.status, 202, "{form}: {reply:?}");
        let (answer, report) = (reply.json(), reply.report());
        assert_eq!(answer["state"], "done", "{form}: {answer}");
        assert_eq!((&report["rows"]["read"], &report["rows"]["accepted"]), (&2.into(), &2.into()), "{form}: {report}");
        let now = published(&sandbox);
        assert!(now.contains("Ögonsjukvård åäö") && now.contains("2026-01-01"), "{form}: {now}");
        assert_eq!(*first.get_or_insert(now.clone()), now, "{form}");
        // The receipt is where the answer says.
        assert_eq!(reply.header("location"), answer["receipt"]);
        let receipt = listener.get(reply.header("location"), "vasternorrland", &[]);
        assert_eq!((receipt.status, receipt.json()["report"].clone()), (200, report), "{form}");
    }
    sandbox.agrees("after every form");
    assert_eq!(listener.stop(), Some(0));
}

#[test]
fn a_receipt_that_is_fetched_is_signed() {
    let sandbox = project(&On::Sqlite, "");
    let listener = Listener::start(&sandbox);
    let sent = listener.post("avtal", &[], serde_json::json!([row("22", 0)]).to_string());
    let place = sent.header("location").to_owned();
    let text = listener.get(&place, "vasternorrland", &[("accept", "text/plain")]);
    for (name, reply) in [("sent.json", sent), ("kvitto.txt", text)] {
        let signature =
            reply.header("sluss-signature").strip_prefix("key=1; ed25519=").unwrap_or_else(|| panic!("{reply:?}"));
        let path = sandbox.path().join(name);
        std::fs::write(&path, &reply.text).unwrap();
        std::fs::write(format!("{}.sig", path.display()), BASE64_STANDARD.decode(signature).unwrap()).unwrap();
        assert_eq!(sandbox.json(&["receipt", "--verify", path.to_str().unwrap()])["key"], 1, "{name}");
    }
    let keys = listener.get("/v1/receipt-keys", "", &[]);
    assert_eq!(keys.text.trim(), sandbox.ok(&["receipt", "--public-key"]).trim());
    assert_eq!(listener.stop(), Some(0));
}

#[test]
fn what_is_wrong_is_told_row_by_row_and_never_by_value() {
    let sandbox = project(&On::Sqlite, "");
    let listener = Listener::start(&sandbox);
    let mut wrong = row("22", 1);
    wrong["giltig_fran"] = "hemligtvärde".into();
    wrong["bestallare_orgnr"] = "2331000180".into();
    let foreign = row("14", 2);
    let body = serde_json::json!([row("22", 0), wrong, foreign]).to_string();
    let reply = listener.post("avtal", &[("accept-language", "en")], body);
    let report = reply.report();
    assert_eq!(report["rows"]["accepted"], 1, "{report}");
    assert_eq!(report["rows"]["rejected"], 2, "{report}");
    let broken: Vec<(&str, u64, &str)> = report["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| {
            let place = &rule["examples"][0];
            (
                rule["rule"].as_str().unwrap(),
                place["row"].as_u64().unwrap(),
                place["column"].as_str().unwrap_or_default(),
            )
        })
        .collect();
    for expected in
        [("felaktigt_datum", 2, "giltig_fran"), ("orgnr_luhn", 2, "bestallare_orgnr"), ("fel_agare", 3, "lanskod")]
    {
        assert!(broken.contains(&expected), "{expected:?} is not in {broken:?}");
    }
    assert!(report["verdict"].as_str().unwrap().contains("row"), "{report}");
    assert!(!reply.text.contains("hemligtvärde"), "{}", reply.text);
    assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal"), 1);
    // In words, in Swedish.
    let text = listener.get(reply.header("location"), "vasternorrland", &[("accept", "text/plain")]);
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    assert!(text.text.contains("rad 2") && text.text.contains("Region Västernorrland"), "{}", text.text);
    assert!(!text.text.contains("hemligtvärde"));
    // The row waits in the region's quarantine, and a replay reads it from where it landed.
    let run = reply.run();
    assert_eq!(sandbox.json(&["quarantine", "list"])["runs"][0]["run"], run);
    let again = sandbox.json(&["quarantine", "replay", &run]);
    assert_eq!(again["runs"][0]["balance"]["rejected"], 2, "{again}");
    listener.stop();
}

#[test]
fn a_job_with_a_mapping_takes_what_is_handed_in() {
    let sandbox = project(&On::Sqlite, "");
    let folder = "regions/22-vasternorrland";
    sandbox.write(
        &format!("{folder}/pushade.toml"),
        "[job]\nowner = \"22\"\nfeeds = [\"avtal\"]\nmode = \"snapshot\"\n[source]\nconnector = \"push\"\n\
         [source.options]\nformat = \"csv\"\ncsv = { delimiter = \"|\" }\nsample = \"example.csv\"\n[map]\navtal = \"pushade.sql\"\n\
         [limits]\nmax_rejected_share = 0.6\n",
    );
    sandbox.write(
        &format!("{folder}/pushade.sql"),
        "SELECT '22' AS lanskod, \"Nr\" AS avtals_id, \"Vad\" AS titel, datum(\"Från\") AS giltig_fran FROM source",
    );
    sandbox.write(&format!("{folder}/example.csv"), "Nr|Vad|Från\nEX|Exempel|2026-01-01\n");
    let columns = sandbox.json(&["discover", "pushade"]).to_string();
    assert!(columns.contains("Från"), "{columns}");
    assert_eq!(sandbox.json(&["check"])[0]["problems"], serde_json::json!([]));
    // Nothing to fetch: `run --all` passes it by, and by name it says why.
    assert_eq!(sandbox.json(&["run", "--all"])["runs"], serde_json::json!([]));
    let named = sandbox.run(&["run", "pushade"]);
    assert!(named.code == Some(2) && named.stderr.contains("sluss submit"), "{}", named.stderr);

    let listener = Listener::start(&sandbox);
    let csv = [("content-type", "text/csv")];
    let reply = listener.post("avtal", &csv, "Nr|Vad|Från\nA-1|Ett|2026-01-01\nA-2|Två|tills vidare\n");
    assert_eq!(reply.report()["rows"]["accepted"], 1, "{reply:?}");
    assert_eq!(reply.report()["job"], "regions/22-vasternorrland/pushade");
    assert_eq!(listener.post("avtal", &[], rows("22", 1)).status, 415, "the job has a form of its own");
    // Guards are those of every delivery: a snapshot that lacks everything is held.
    let held = listener.post("avtal", &csv, "Nr|Vad|Från\n");
    assert_eq!(held.json()["state"], "held", "{held:?}");
    assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal WHERE giltig_till IS NULL"), 1);
    listener.stop();
}
