//! A contract that was registered before its region decided that it is not to be.

use super::world::{CONTRACTS, Contract, TODAY, asked, dump, file, lake_files, on_day, project};
use crate::both::{On, both};

both! {
    fn what_was_registered_before_ends_and_leaves_nowhere(on: On) {
        let sandbox = project(&on);
        let before = [CONTRACTS[0].clone(), CONTRACTS[1].clone()];
        file(&sandbox, &before);
        assert_eq!(on_day(&sandbox, TODAY, &["run", "avtal"]).code, Some(0));
        let job = std::fs::read_to_string(sandbox.path().join("regions/22/avtal.toml")).unwrap();
        // A half that ends would hold any other delivery; and the rest of it is not delivered again.
        sandbox.write("regions/22/avtal.toml", job.replace("max_ended_share = 1.0", "max_ended_share = 0.1"));
        file(&sandbox, &[Contract { said: "registreras_ej", ..CONTRACTS[0].clone() }, CONTRACTS[1].clone()]);
        let run = sandbox.json(&["--clock", "2026-11-24T08:00:00Z", "run", "avtal"])["runs"][0].clone();
        assert_eq!((&run["state"], &run["balance"]["withheld"]), (&"done".into(), &1.into()), "{run}");
        for table in ["avtal", "uppdrag", "kontakt"] {
            let day = "2026-11-24T08:00:00Z";
            let texts = [
                dump(&on, &sandbox, &format!("oppen_{table}")),
                asked(&sandbox, day, &format!("SELECT * FROM lake.{table}"), &[]),
                asked(&sandbox, day, &format!("SELECT * FROM register.{table}"), &[]),
            ];
            for text in texts {
                assert!(!text.contains("OPPET") && text.contains("TYST"), "{table}: {text}");
            }
        }
        assert!(!dump(&on, &sandbox, "oppen_handelse").contains("K-OPPET"));
        let rows: String = lake_files(&sandbox).lines().filter(|line| !line.starts_with("{\"")).collect();
        assert!(!rows.contains("kanarie-OPPET") && rows.contains("kanarie-TYST"), "{rows}");
        // It has ended, and waits to be erased from the history.
        let current = "SELECT count(*) FROM avtal WHERE reg_till IS NULL AND _aktuell AND avtals_id = 'K-OPPET'";
        assert_eq!(on.number(&sandbox, current), 0);
        assert_eq!(on.number(&sandbox, "SELECT count(*) FROM sekretess_undantag WHERE table_name IN ('avtal', 'uppdrag')"), 2);
        // Both deliveries that held it are destroyed.
        assert!(sandbox.stored().iter().all(|(path, _)| !path.to_string_lossy().contains("original/")));
        sandbox.agrees("after a refusal");

        // A region may change its mind: what it delivers now is what holds.
        sandbox.write("regions/22/avtal.toml", job);
        file(&sandbox, &before);
        assert_eq!(on_day(&sandbox, "2026-11-25T08:00:00Z", &["run", "avtal"]).code, Some(0));
        assert!(dump(&on, &sandbox, "oppen_avtal").contains("K-OPPET"));
        sandbox.agrees("after a change of mind");
    }

    fn a_project_may_let_secret_mean_refused_and_a_plan_counts_it(on: On) {
        let sandbox = project(&on);
        let path = sandbox.path().join("sluss.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}\n[secrecy]\nsecret_contracts = \"withhold\"\nunanswered = \"decide\"\n")).unwrap();
        file(&sandbox, &CONTRACTS[..4]);
        let planned = sandbox.json(&["--clock", TODAY, "plan", "avtal"]);
        assert!(planned.to_string().contains("\"withheld\":2"), "{planned}");
        let run = sandbox.json(&["--clock", TODAY, "run", "avtal"])["runs"][0].clone();
        assert_eq!(run["balance"]["withheld"], 2, "{run}");
        let view = dump(&on, &sandbox, "oppen_avtal");
        assert!(view.contains("K-OPPET") && !view.contains("K-TYST") && !view.contains("K-HEMLIGT"), "{view}");
        assert_eq!(on.number(&sandbox, "SELECT count(*) FROM avtal"), 2);
    }
}
