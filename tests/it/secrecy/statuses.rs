//! The register's views say in SQL what the model says in Rust.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sluss_schemas::secrecy::{Answer, Decided, Ground, OwnTest, Rules, Said, Verdict};

use super::world::on_day;
use crate::both::{On, both};
use crate::sandbox::Sandbox;

const JOB: &str = "[job]\nowner = \"22\"\nfeeds = [\"avtal\"]\n[source]\nconnector = \"files\"\n[source.options]\n\
    path = \"avtal.csv\"\nformat = \"csv\"\n[map]\navtal = \"avtal.sql\"\n[limits]\nmax_rejected_share = 1.0\n";
const SQL: &str = "SELECT '22' AS lanskod, nr AS avtals_id, nr AS titel, datum(signerat) AS tecknat, \
    DATE '2020-01-01' AS giltig_fran, sekretess, grund AS sekretess_grund, datum(till) AS sekretess_till FROM source";

const SAID: [&str; 5] = ["", "ingen", "delvis", "sekretess", "ej_provad"];
const GROUNDS: [&str; 4] = ["", "OSL 31:16", "25 kap. 17 b § OSL", "OSL 19:3"];
const SIGNED: [&str; 5] = ["", "2024-02-29", "2022-02-28", "2006-11-30", "2004-02-29"];
const UNTIL: [&str; 4] = ["", "2024-03-01", "2026-03-01", "2055-01-01"];
const DAYS: [&str; 8] =
    ["2024-02-28", "2024-02-29", "2024-03-01", "2026-02-28", "2026-03-01", "2026-12-01", "2024-03-02", "2055-01-01"];

/// Each contract's answer by its id.
fn grid() -> BTreeMap<String, (String, Answer)> {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    let mut all = BTreeMap::new();
    for said in SAID {
        for ground in GROUNDS {
            for signed in SIGNED {
                for until in UNTIL {
                    let id = format!("G-{:03}", all.len());
                    let line = format!("{id};{signed};{said};{ground};{until}\n");
                    let answer = Answer {
                        said: Said::read(Some(said).filter(|said| !said.is_empty())),
                        ground: if ground.is_empty() { Ground::Region } else { Ground::read(ground) },
                        until: day(until),
                        signed: day(signed),
                    };
                    all.insert(id, (line, answer));
                }
            }
        }
    }
    all
}

fn says(sandbox: &Sandbox, rules: Rules, decided: &BTreeMap<String, Decided>) {
    for day in DAYS {
        let clock = format!("{day}T12:00:00Z");
        let listed = sandbox.json(&["--clock", &clock, "secrecy", "list", "--all"]);
        let listed = listed["avtal"].as_array().unwrap();
        assert_eq!(listed.len(), grid().len());
        for contract in listed {
            let id = contract["avtals_id"].as_str().unwrap();
            let (line, answer) = &grid()[id];
            let model = rules.status(answer, decided.get(id).copied(), day.parse().unwrap());
            assert_eq!(contract["status"], model.name(), "{day}: {line}");
        }
    }
}

both! {
    fn the_views_say_what_the_model_says(on: On) {
        let sandbox = Sandbox::empty();
        on.configure(&sandbox);
        sandbox.write("regions/22/avtal.toml", JOB);
        sandbox.write("regions/22/avtal.sql", SQL);
        let lines: String = grid().into_values().map(|(line, _)| line).collect();
        sandbox.write("regions/22/avtal.csv", format!("nr;signerat;sekretess;grund;till\n{lines}"));
        let ran = on_day(&sandbox, "2026-11-23T08:00:00Z", &["run", "avtal", "--format", "json"]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        says(&sandbox, Rules::default(), &BTreeMap::new());

        let path = sandbox.path().join("sluss.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}\n[secrecy]\ncarried_over = false\nunanswered = \"decide\"\n\
            untested = \"open\"\npartly = \"open\"\nopen_at_region = \"decide\"\n")).unwrap();
        let rules = Rules {
            carried_over: false, unanswered: OwnTest::Decide, untested: OwnTest::Open, partly: OwnTest::Open,
            open_at_region: OwnTest::Decide, ..Rules::default()
        };
        let clock = ["--clock", "2024-02-27T12:00:00Z"];
        let mut decided = BTreeMap::new();
        for (id, verdict, until) in [("G-001", "oppen", None), ("G-100", "provas", None), ("G-399", "hemlig", Some("2026-03-01"))] {
            let mut arguments = vec!["secrecy", "decide", "22", id, verdict, "--by", "Chef"];
            arguments.extend(until.iter().flat_map(|day| ["--ground", "OSL 19:3", "--until", day]));
            sandbox.ok(&[&clock[..], &arguments].concat());
            let verdict = match verdict { "oppen" => Verdict::Oppen, "provas" => Verdict::Provas, _ => Verdict::Hemlig };
            decided.insert(id.to_owned(), Decided { verdict, until: until.and_then(|day| day.parse().ok()) });
        }
        says(&sandbox, rules, &decided);
    }
}
