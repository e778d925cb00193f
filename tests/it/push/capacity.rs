//! Free capacity: offers and requests by push, and none of them after its time.

use serde_json::{Value, json};

use super::{Listener, project};
use crate::both::{On, both};
use crate::sandbox::Sandbox;

fn offer(owner: &str, number: &str, until: &str) -> Value {
    json!({
        "agare": owner, "kapacitet_id": number, "slag": "erbjudande", "lanskod": "22",
        "beskrivning": "Exempel: starroperationer", "antal": 10, "antal_av": "operationer",
        "giltig_fran": "2026-01-01", "giltig_till": until,
    })
}

fn shown(sandbox: &Sandbox, from: &str, on: &str) -> Vec<String> {
    let sql = format!("SELECT kapacitet_id FROM {from} ORDER BY 1");
    let rows = sandbox.json(&["--clock", &format!("{on}T12:00:00Z"), "sql", &sql]);
    rows.as_array().unwrap().iter().map(|row| row["kapacitet_id"].as_str().unwrap().to_owned()).collect()
}

both! {
    fn an_offer_ends_by_itself(on: On) {
        let sandbox = project(&on, "");
        let listener = Listener::start(&sandbox);
        let body = json!([
            offer("22", "KORT", "2026-02-01"),
            offer("22", "LANG", "2999-01-01"),
            offer("14", "NAGON-ANNANS", "2999-01-01"),
            { "agare": "22", "kapacitet_id": "UTAN-SLUT", "slag": "forfragan", "giltig_fran": "2026-01-01" },
        ]);
        let reply = listener.send("POST", "/v1/regions/22/ledig_kapacitet", "bara-kapacitet", &[], body.to_string().into_bytes());
        let report = reply.report();
        assert_eq!((&report["rows"]["accepted"], &report["rows"]["rejected"]), (&2.into(), &2.into()), "{report}");
        let rules: Vec<&str> = report["rules"].as_array().unwrap().iter().map(|r| r["rule"].as_str().unwrap()).collect();
        assert!(rules.contains(&"fel_agare") && rules.contains(&"tomt_obligatoriskt"), "{rules:?}");
        listener.stop();
        for from in ["register.ledig_kapacitet", "lake.ledig_kapacitet"] {
            assert_eq!(shown(&sandbox, from, "2026-01-31"), ["KORT", "LANG"], "{from}");
            assert_eq!(shown(&sandbox, from, "2026-02-01"), ["LANG"], "{from}");
        }
        // The view in the database itself goes by today's date.
        assert_eq!(on.number(&sandbox, "SELECT count(*) FROM ledig_kapacitet_nu"), 1);
        // The register has not forgotten it.
        let history = sandbox.json(&["register", "history", "ledig_kapacitet", "22", "KORT"]);
        assert!(history.to_string().contains("KORT"), "{history}");
        sandbox.agrees("with offers");
    }
}
