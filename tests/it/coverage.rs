//! Coverage: what is counted, against rows that a person can count.

use serde_json::{Value, json};

use crate::both::{On, both};
use crate::sandbox::Sandbox;

const JOB: &str = r#"
[job]
owner = "22"
feeds = ["avtal", "uppdrag", "tjanst"]
[source]
connector = "files"
[source.options]
path = "avtal.csv"
format = "csv"
[map]
avtal = "avtal.sql"
uppdrag = "uppdrag.sql"
tjanst = "tjanst.sql"
[limits]
max_rejected_share = 0.5
"#;
const CONTRACTS: &str = "SELECT '22' AS lanskod, nr AS avtals_id, 'Avtal ' || nr AS titel, \
                         datum(fran) AS giltig_fran, datum(till) AS giltig_till FROM source";
const ASSIGNMENTS: &str = "SELECT '22' AS lanskod, nr AS avtals_id, '1' AS uppdrags_id, \
                           '2321000206' AS bestallare_orgnr, datum(fran) AS giltig_fran, \
                           datum(till) AS giltig_till FROM source";
const SERVICES: &str = "SELECT '22' AS lanskod, nr AS avtals_id, '1' AS uppdrags_id, '1' AS tjanst_id, kva, \
                        datum(fran) AS giltig_fran, datum(till) AS giltig_till FROM source";

fn deliver(sandbox: &Sandbox, rows: &[&str]) {
    sandbox.write("regions/22-vasternorrland/avtal.csv", format!("nr;fran;till;kva\n{}\n", rows.join("\n")));
}

fn of(sandbox: &Sandbox, clock: &str, table: &str) -> Value {
    let all = sandbox.json(&["--clock", clock, "coverage", "--all"]);
    let line = all.as_array().unwrap().iter().find(|line| line["lanskod"] == "22" && line["table"] == table);
    line.unwrap_or_else(|| panic!("{all}")).clone()
}

fn figures(line: &Value) -> Vec<Value> {
    ["expected", "registered", "change", "coded", "accepted", "rejected", "standing"]
        .map(|name| line[name].clone())
        .to_vec()
}

both! {
    fn figures_are_those_that_a_person_would_count(on: On) {
        let sandbox = Sandbox::empty();
        on.configure(&sandbox);
        let config = sandbox.path().join("sluss.toml");
        let told = std::fs::read_to_string(&config).unwrap() + "\n[coverage.expected.avtal]\n\"22\" = 8\n";
        std::fs::write(config, told).unwrap();
        sandbox.write("regions/22-vasternorrland/avtal.toml", JOB);
        for (name, sql) in [("avtal", CONTRACTS), ("uppdrag", ASSIGNMENTS), ("tjanst", SERVICES)] {
            sandbox.write(&format!("regions/22-vasternorrland/{name}.sql"), sql);
        }
        let first = "2026-03-01T08:00:00Z";
        // Nobody has tried: every region is there all the same.
        assert_eq!(figures(&of(&sandbox, first, "avtal")), json!([8, 0, null, null, 0, 0, "silent"]).as_array().unwrap()[..]);

        // Six: one of which has ended, one begins later, and one has a day that is none.
        deliver(&sandbox, &[
            "A1;2026-01-01;;AA017", "A2;2026-01-01;;", "A3;2026-01-01;;AA017", "A4;2020-01-01;2021-12-31;",
            "A5;2027-01-01;;", "A6;2026-02-30;;",
        ]);
        sandbox.ok(&["--clock", first, "run", "avtal"]);
        let line = of(&sandbox, first, "avtal");
        assert_eq!(figures(&line), json!([8, 4, null, null, 5, 1, "done"]).as_array().unwrap()[..]);
        assert_eq!((&line["share"], line["latest"].as_str().unwrap().get(..10)), (&json!(0.5), Some("2026-03-01")));
        let line = of(&sandbox, first, "tjanst");
        assert_eq!((&line["registered"], &line["coded"], &line["coded_share"]), (&json!(4), &json!(2), &json!(0.5)));

        // Forty days later two more, and then a delivery that is held: the figures stay, and say so.
        let later = "2026-04-10T08:00:00Z";
        deliver(&sandbox, &["A1;2026-01-01;;AA017", "A2;2026-01-01;;", "A3;2026-01-01;;AA017", "A4;2020-01-01;2021-12-31;",
            "A5;2027-01-01;;", "A7;2026-04-01;;", "A8;2026-04-01;;"]);
        sandbox.ok(&["--clock", later, "run", "avtal", "--full"]);
        deliver(&sandbox, &["A1;2026-01-01;;"]);
        assert_eq!(sandbox.run(&["--clock", later, "run", "avtal", "--full"]).code, Some(3));
        assert_eq!(figures(&of(&sandbox, later, "avtal")), json!([8, 6, 2, null, 7, 0, "held"]).as_array().unwrap()[..]);

        // The same as rows that analysts read.
        sandbox.write("national/tackning.toml", "[job]\nowner = \"nationell\"\nfeeds = [\"tackning\"]\n\
                       [source]\nconnector = \"tackning\"\n[map]\ntackning = \"tackning.sql\"\n");
        sandbox.write("national/tackning.sql", "SELECT lanskod, tabell, vantade, registrerade, forandring_30_dagar, andel_kodade, \
                       godkanda, avvisade, undantagna, senast, lage FROM source");
        sandbox.ok(&["--clock", later, "run", "tackning"]);
        let sql = "SELECT vantade, registrerade, forandring_30_dagar, godkanda, avvisade, lage \
                   FROM lake.tackning WHERE lanskod = '22' AND tabell = 'avtal'";
        let row = &sandbox.json(&["sql", sql])[0];
        assert_eq!(row, &json!({ "vantade": 8, "registrerade": 6, "forandring_30_dagar": 2, "godkanda": 7,
                                 "avvisade": 0, "lage": "halls" }));
        assert_eq!(sandbox.number("SELECT count(DISTINCT lanskod) n FROM lake.tackning"), 21);
    }
}

#[test]
fn what_is_asked_for_wrongly_is_told() {
    let sandbox = Sandbox::empty();
    for (asked, told) in [(["--region", "99"], "länskod"), (["--table", "avtl"], "avtal")] {
        let answer = sandbox.run(&[&["coverage"], &asked[..]].concat());
        assert!(matches!(answer.code, Some(1 | 2)) && answer.stderr.contains(told), "{}", answer.stderr);
    }
}
