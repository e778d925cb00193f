//! A contract that opens is told of: once, in order, of all that hangs on it, to those who could not see it
//! before and to nobody else.

use std::process::Stdio;

use super::world::{CONTRACTS, Contract, asked, dump, file, on_day, project};
use crate::both::{On, both};
use crate::commit_protocol::die_at;
use crate::sandbox::Sandbox;

/// Two years from the day on which it was entered. The views go by the server's own clock: its days are past.
const SOON: Contract = Contract { mark: "SNART", said: "sekretess", signed: "2024-02-10", start: "2025-01-01" };
const BEFORE: &str = "2026-02-01T08:00:00Z";
const EVE: &str = "2026-02-10T22:59:00Z";
const DAY: &str = "2026-02-10T23:01:00Z";

/// Number, table, kind and key of the events of a contract, those that tell of its opening and all others.
fn events(on: &On, sandbox: &Sandbox, mark: &str) -> [i64; 2] {
    ["IS NOT NULL", "IS NULL"].map(|opened| {
        let sql = format!("SELECT count(*) FROM handelse WHERE oppnad {opened} AND key LIKE '%{mark}%'");
        on.number(sandbox, &sql)
    })
}

/// How many events of a contract those are told who see what may leave.
fn cleared(on: &On, sandbox: &Sandbox, mark: &str, kind: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM oppen_handelse WHERE kind = '{kind}' AND key LIKE '%{mark}%'");
    on.number(sandbox, &sql)
}

fn in_order(on: &On, sandbox: &Sandbox) {
    let differs = "SELECT (SELECT count(*) FROM handelse) + (SELECT max(no) FROM handelse) - 2 * event_no FROM sekvens";
    assert_eq!(on.number(sandbox, differs), 0);
}

both! {
    fn the_day_that_opens_a_contract_tells_of_it_once(on: On) {
        let sandbox = project(&on);
        file(&sandbox, &[SOON.clone(), CONTRACTS[0].clone()]);
        assert_eq!(on_day(&sandbox, BEFORE, &["run", "avtal"]).code, Some(0));
        assert_eq!(events(&on, &sandbox, "SNART"), [0, 3]);
        assert_eq!(on.number(&sandbox, "SELECT count(*) FROM sekretess_stangd"), 1);
        let last = on.number(&sandbox, "SELECT event_no FROM sekvens");
        // In Sweden it is still the day before.
        assert_eq!(on_day(&sandbox, EVE, &["project"]).code, Some(0));
        assert_eq!(events(&on, &sandbox, "SNART"), [0, 3]);

        die_at(&sandbox, &["--clock", DAY, "project"], "oppnad-handelser");
        assert_eq!(events(&on, &sandbox, "SNART"), [0, 3]);
        let at_once: Vec<_> = (0..3)
            .map(|_| sandbox.command(&["--clock", DAY, "project"]).stdout(Stdio::null()).spawn().unwrap())
            .collect();
        for process in at_once {
            assert!(process.wait_with_output().unwrap().status.success());
        }
        assert_eq!(on_day(&sandbox, DAY, &["project"]).code, Some(0));
        // The contract, its commission and its contact; the contract first.
        assert_eq!(events(&on, &sandbox, "SNART"), [3, 3]);
        assert_eq!(events(&on, &sandbox, "OPPET")[0], 0);
        let first = format!("SELECT count(*) FROM handelse WHERE no = {} AND table_name = 'avtal' AND kind = 'new'", last + 1);
        assert_eq!(on.number(&sandbox, &first), 1);
        in_order(&on, &sandbox);
        assert_eq!(on.number(&sandbox, "SELECT count(*) FROM sekretess_stangd"), 0);
        // Whoever begins to follow today is told of each row once too.
        assert_eq!(cleared(&on, &sandbox, "SNART", "new"), 3);
        assert!(asked(&sandbox, DAY, "SELECT avtals_id FROM lake.avtal", &[]).contains("K-SNART"));
        sandbox.agrees("after an opening");
    }

    fn a_decision_and_a_regions_word_open_too_and_a_refusal_leaves_nothing(on: On) {
        let sandbox = project(&on);
        let said = |said: &'static str| Contract { said, ..CONTRACTS[3].clone() };
        file(&sandbox, &[said("sekretess"), CONTRACTS[0].clone()]);
        let run = |day: &str| assert_eq!(on_day(&sandbox, day, &["run", "avtal"]).code, Some(0));
        run("2026-11-01T08:00:00Z");
        let decide = |verdict: &[&str]| {
            let all = [&["secrecy", "decide", "22", "K-HEMLIGT"], verdict, &["--by", "Jurist"]].concat();
            assert_eq!(on_day(&sandbox, "2026-11-02T08:00:00Z", &all).code, Some(0));
        };
        decide(&["oppen"]);
        assert_eq!(events(&on, &sandbox, "HEMLIGT")[0], 3);
        // Closed and opened once more: told once more.
        decide(&["provas"]);
        assert_eq!(cleared(&on, &sandbox, "HEMLIGT", "new"), 0);
        decide(&["oppen"]);
        assert_eq!(events(&on, &sandbox, "HEMLIGT")[0], 6);
        assert_eq!(cleared(&on, &sandbox, "HEMLIGT", "new"), 3);

        // What hangs on it did not change in the region's delivery, and yet it can be seen only now.
        decide(&["provas"]);
        file(&sandbox, &[said("ingen"), CONTRACTS[0].clone()]);
        run("2026-11-03T08:00:00Z");
        assert_eq!(events(&on, &sandbox, "HEMLIGT")[0], 6, "the agency's test goes before the region's word");
        file(&sandbox, &[CONTRACTS[3].clone(), Contract { said: "sekretess", ..CONTRACTS[0].clone() }]);
        run("2026-11-04T08:00:00Z");
        assert!(dump(&on, &sandbox, "sekretess_stangd").contains("K-OPPET"));
        file(&sandbox, &[CONTRACTS[3].clone(), CONTRACTS[0].clone()]);
        run("2026-11-05T08:00:00Z");
        assert_eq!(events(&on, &sandbox, "OPPET")[0], 3);

        // A contract that is refused stands nowhere, not even among what is closed.
        file(&sandbox, &[said("registreras_ej"), CONTRACTS[0].clone()]);
        run("2026-11-06T08:00:00Z");
        assert!(!dump(&on, &sandbox, "sekretess_stangd").contains("K-HEMLIGT"));
        assert_eq!(cleared(&on, &sandbox, "HEMLIGT", "new"), 0);
        in_order(&on, &sandbox);
        sandbox.agrees("after a refusal");
    }
}
