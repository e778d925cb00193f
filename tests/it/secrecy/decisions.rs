//! The agency's own test: what is decided takes effect at once, is kept in history, and ends by itself.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::world::{CONTRACTS, TODAY, asked, canary, dump, file, lake_files, on_day, project};
use crate::both::{On, both};
use crate::sandbox::Sandbox;

fn leaves(sandbox: &Sandbox, day: &str) -> [bool; 3] {
    let canaries = [("avtal", "oppen"), ("uppdrag", "uppdragoppen"), ("kontakt", "kontaktoppen")];
    canaries.map(|(table, class)| {
        let canary = canary("OPPET", class);
        let lake = asked(sandbox, day, &format!("SELECT * FROM lake.{table}"), &[]).contains(&canary);
        let register = asked(sandbox, day, &format!("SELECT * FROM register.{table}"), &[]).contains(&canary);
        assert_eq!(lake, register, "{table} on {day}: lake {lake}, register {register}");
        lake
    })
}

fn decide(sandbox: &Sandbox, day: &str, arguments: &[&str]) -> serde_json::Value {
    let all =
        [&["secrecy", "decide", "22", "K-OPPET"], arguments, &["--by", "Enhetschef", "--format", "json"]].concat();
    let answer = on_day(sandbox, day, &all);
    assert_eq!(answer.code, Some(0), "{}{}", answer.stdout, answer.stderr);
    serde_json::from_str(&answer.stdout).unwrap()
}

both! {
    fn a_decision_holds_at_once_and_ends_by_itself(on: On) {
        let sandbox = project(&on);
        file(&sandbox, &CONTRACTS[..4]);
        assert_eq!(on_day(&sandbox, TODAY, &["run", "avtal"]).code, Some(0));
        assert_eq!(leaves(&sandbox, TODAY), [true; 3]);

        // Twenty years from the day that it was entered, where no day is named.
        let decided = decide(&sandbox, TODAY, &["hemlig", "--ground", "OSL 25:17 b", "--file-number", "2026/77"]);
        assert_eq!(decided["till"], "2046-03-02", "{decided}");
        let view = dump(&on, &sandbox, "oppen_avtal");
        assert!(!view.contains("K-OPPET") && view.contains("K-TYST"), "{view}");
        assert_eq!(leaves(&sandbox, TODAY), [false; 3]);
        // Not in earlier versions of the lake either.
        let rows: String = lake_files(&sandbox).lines().filter(|line| !line.starts_with("{\"")).collect();
        assert!(!rows.contains("kanarie-OPPET") && rows.contains("kanarie-TYST"), "{rows}");
        sandbox.agrees("after a decision");

        // Another decision ends the first; a day that comes opens the contract, with nobody's help.
        decide(&sandbox, TODAY, &["hemlig", "--ground", "OSL 25:17 b", "--until", "2027-01-01"]);
        assert_eq!(leaves(&sandbox, "2026-12-31T12:00:00Z"), [false; 3]);
        assert_eq!(leaves(&sandbox, "2027-01-01T12:00:00Z"), [true; 3]);
        let shown = sandbox.json(&["--clock", TODAY, "secrecy", "show", "22", "K-OPPET"]);
        let all = shown["beslut"].as_array().unwrap();
        assert_eq!(all.len(), 2, "{shown}");
        assert_eq!((&all[0]["reg_till"], all[0]["beslut"].as_str()), (&all[1]["reg_fran"], Some("2026/77")), "{shown}");
        assert!(all[1]["reg_till"].is_null() && shown["nu"]["status"] == "hemlig", "{shown}");

        // The agency can open what the region calls secret; the region's own secrecy ends by law.
        let secret = |day: &str| asked(&sandbox, day, "SELECT avtals_id FROM lake.avtal", &[]).contains("K-HEMLIGT");
        assert!(!secret("2028-03-01T12:00:00Z") && secret("2028-03-02T12:00:00Z"));
        on_day(&sandbox, TODAY, &["secrecy", "decide", "22", "K-HEMLIGT", "oppen", "--by", "Jurist"]);
        assert!(secret(TODAY));

        // A decision is never rewritten.
        for sql in [
            "UPDATE sekretess_beslut SET status = 'oppen', till = NULL WHERE status = 'hemlig'",
            "UPDATE sekretess_beslut SET reg_till = NULL WHERE reg_till IS NOT NULL",
            "DELETE FROM sekretess_beslut",
        ] {
            assert!(catch_unwind(AssertUnwindSafe(|| on.execute(&sandbox, sql))).is_err(), "{sql}");
        }
    }

    fn a_decision_without_ground_or_against_the_law_is_refused(on: On) {
        let sandbox = project(&on);
        file(&sandbox, &CONTRACTS[..6]);
        assert_eq!(on_day(&sandbox, TODAY, &["run", "avtal"]).code, Some(0));
        for (contract, arguments, why) in [
            ("K-OPPET", &["hemlig"][..], "lagrum"),
            ("K-OPPET", &["hemlig", "--ground", "OSL 31:16", "--until", "2030-01-01"], "längst"),
            ("K-OPPET", &["hemlig", "--ground", "OSL 31:16", "--until", "2026-11-01"], "redan"),
            ("K-UTGANGET", &["hemlig", "--ground", "OSL 31:16"], "upphört"),
            ("K-OPROVAT", &["hemlig", "--ground", "OSL 25:17 b"], "--until"),
            ("K-OPPET", &["hemlig", "--ground", "OSL 19:3"], "--until"),
            ("K-OPPET", &["oppen", "--until", "2030-01-01"], "slutdag"),
            ("K-OPPET", &["oppen", "--on", "2026-12-01"], "beslutsdagen"),
            ("K-SAKNAS", &["oppen"], "inget avtal"),
        ] {
            let all = [&["secrecy", "decide", "22", contract], arguments, &["--by", "Chef"]].concat();
            let answer = on_day(&sandbox, TODAY, &all);
            assert_eq!(answer.code, Some(2), "{all:?}: {}{}", answer.stdout, answer.stderr);
            assert!(answer.stderr.contains(why), "{all:?}: {}", answer.stderr);
        }
        assert_eq!(on.number(&sandbox, "SELECT count(*) FROM sekretess_beslut"), 0);
        assert_eq!(leaves(&sandbox, TODAY), [true; 3]);
    }
}
