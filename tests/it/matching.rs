//! Matching end to end: contracts and waiting times find each other through organisations and units, people's
//! decisions stand, and nothing of a person or of a contract that is not open leaves.

use serde_json::Value;

use crate::both::{On, both};
use crate::sandbox::Sandbox;

const CLOCK: &str = "2026-11-23T08:00:00Z";
const REGION: &str = "regions/22-vasternorrland";
/// A number that Skatteverket publishes for tests, and what only a sole trader's rows hold.
const NUMBER: &str = "8112189876";
const FIRM: &str = "Kanariefågel Enskild Firma";

const ORGANISATIONS: &str = "SELECT nr AS orgnr, CASE WHEN enskild = 'nej' THEN namn END AS namn, \
    CASE WHEN enskild = 'ja' THEN namn END AS namn_enskild, ja_nej(enskild) AS enskild FROM source";
const UNITS: &str = "SELECT id AS hsa_id, namn, 'real' AS typ, orgnr, '22' AS lanskod, '2281' AS kommunkod FROM source";
const RELATIONS: &str = "SELECT objekt, fran, 'ersatter' AS typ, till, datum(dag) AS giltig_fran FROM source";
const CONTRACTS: &str = "SELECT '22' AS lanskod, nr AS avtals_id, 'Avtal ' || nr AS titel, DATE '2026-03-01' AS tecknat, \
    DATE '2024-07-01' AS giltig_fran, sekretess FROM source";
const ASSIGNMENTS: &str = "SELECT '22' AS lanskod, nr AS avtals_id, '1' AS uppdrags_id, '2321000206' AS bestallare_orgnr, \
    orgnr AS utforare_orgnr, namn AS utforare_namn, DATE '2024-07-01' AS giltig_fran FROM source";
const SERVICES: &str = "SELECT '22' AS lanskod, nr AS avtals_id, '1' AS uppdrags_id, 'T1' AS tjanst_id, enhet, \
    DATE '2024-07-01' AS giltig_fran FROM source WHERE enhet <> ''";
const WAITING: &str = "SELECT manad, '22' AS lanskod, enhet, '51101' AS aktivitet, '2' AS kontakttyp, \
    heltal(antal) AS antal_genomforda, heltal(antal) AS antal_ja, 0 AS antal_nej, 0 AS antal_ej_vg, 0 AS antal_vantande \
    FROM source";
const MATCHES: &str = include_str!("../../jobs/national/matchning/koppling.sql");

const FIRST: [&str; 5] = [
    "A1;ingen;5999000085;Kvarnvreten Ögon AB;SE5999000085-EX01",
    "A2;ingen;;Tallmonn Hud;",
    "A3;ingen;811218-9876;Kanariefågel Enskild Firma;",
    "A4;sekretess;;Tallmonn Hud;SE5999000101-EX03",
    "A5;ingen;;Kanariefågel Enskild Firma;",
];

fn job(sandbox: &Sandbox, name: &str, owner: &str, feeds: &[(&str, &str)]) {
    let tables: Vec<String> = feeds.iter().map(|(table, _)| format!("{table:?}")).collect();
    let file = name.rsplit('/').next().unwrap();
    let maps: String = feeds.iter().map(|(table, _)| format!("{table} = \"{file}-{table}.sql\"\n")).collect();
    sandbox.write(
        &format!("{name}.toml"),
        format!(
            "[job]\nowner = {owner:?}\nfeeds = [{}]\n[source]\nconnector = \"files\"\n[source.options]\npath = \"{file}.csv\"\n\
             format = \"csv\"\n[map]\n{maps}[limits]\nmax_ended_share = 1.0\nmax_rejected_share = 1.0\nmax_shrunken_share = 1.0\n",
            tables.join(", ")
        ),
    );
    for (table, sql) in feeds {
        sandbox.write(&format!("{name}-{table}.sql"), sql);
    }
}

fn contracts(sandbox: &Sandbox, rows: &[&str]) {
    sandbox.write(&format!("{REGION}/avtal.csv"), format!("nr;sekretess;orgnr;namn;enhet\n{}\n", rows.join("\n")));
}

fn project(on: &On) -> Sandbox {
    let sandbox = Sandbox::empty();
    on.configure(&sandbox);
    job(&sandbox, "national/organisationer", "nationell", &[("organisation", ORGANISATIONS)]);
    job(&sandbox, "national/enheter", "nationell", &[("enhet", UNITS)]);
    job(&sandbox, "national/samband", "nationell", &[("relation", RELATIONS)]);
    job(
        &sandbox,
        &format!("{REGION}/avtal"),
        "22",
        &[("avtal", CONTRACTS), ("uppdrag", ASSIGNMENTS), ("tjanst", SERVICES)],
    );
    job(&sandbox, &format!("{REGION}/vantetid"), "22", &[("vantetid", WAITING)]);
    sandbox.write("national/koppling.sql", MATCHES);
    sandbox.write(
        "national/koppling.toml",
        "[job]\nowner = \"nationell\"\nfeeds = [\"koppling\"]\n[source]\nconnector = \"matchning\"\n[map]\n\
         koppling = \"koppling.sql\"\n[limits]\nmax_ended_share = 1.0\nmax_shrunken_share = 1.0\n",
    );
    sandbox.write(
        "national/organisationer.csv",
        format!(
            "nr;namn;enskild\n2321000206;Region Västernorrland;nej\n5999000085;Kvarnvreten Ögon AB;nej\n\
             5999000101;Tallmon Hud AB;nej\n5999000317;Sjöglimten Rehab AB;nej\n5999000325;Lavskrikan Ortopedi AB;nej\n\
             5999000333;Myrslåtten Kirurgi AB;nej\n811218-9876;{FIRM};ja\n"
        ),
    );
    sandbox.write(
        "national/enheter.csv",
        "id;namn;orgnr\nSE5999000085-EX01;Ögonmottagningen Kvarnvreten;5999000085\n\
         SE5999000085-EX02;Ögoncentrum Sjöglimten;5999000085\nSE5999000101-EX03;Hudkliniken Tallmon;5999000101\n",
    );
    sandbox
        .write("national/samband.csv", "objekt;fran;till;dag\nenhet;SE5999000085-EX02;SE5999000085-EX01;2025-01-01\n");
    sandbox.write(
        &format!("{REGION}/vantetid.csv"),
        "manad;enhet;antal\n2026-10;SE5999000085-EX02;40\n2023-05;SE5999000085-EX01;30\n2026-10;se5999000101-ex03;25\n",
    );
    contracts(&sandbox, &FIRST);
    sandbox
}

fn run(sandbox: &Sandbox) -> Value {
    let answer = sandbox.json(&["--clock", CLOCK, "run", "--all", "--full", "--parallel", "1"]);
    assert_eq!(answer["failed"], Value::Array(vec![]), "{answer}");
    for run in answer["runs"].as_array().unwrap() {
        assert_eq!(run["state"], "done", "{run}");
    }
    answer
}

/// The match of a row, as an operator sees it.
fn of(sandbox: &Sandbox, table: &str, key: &str, role: &str) -> Value {
    let found = sandbox.json(&["--clock", CLOCK, "match", "show", table, key, role, "--operator"]);
    found["koppling"].clone()
}

both! {
    fn contracts_and_waiting_times_find_each_other(on: On) {
        let sandbox = project(&on);
        run(&sandbox);
        let a1 = of(&sandbox, "uppdrag", "22/A1/1", "utforare");
        assert_eq!((&a1["utfall"], &a1["mal"], &a1["namn"]), (&"exakt".into(), &"5999000085".into(), &"Kvarnvreten Ögon AB".into()));
        let a2 = of(&sandbox, "uppdrag", "22/A2/1", "utforare");
        assert_eq!((&a2["utfall"], &a2["mal"]), (&"sannolik".into(), &"5999000101".into()), "{a2}");
        // The service names a unit that has been replaced, the statistics the one that replaced it.
        let service = of(&sandbox, "tjanst", "22/A1/1/T1", "enhet");
        assert_eq!((&service["metod"], &service["mal"]), (&"ersatt".into(), &"SE5999000085-EX02".into()), "{service}");
        let before = of(&sandbox, "vantetid", "22/SE5999000085-EX01", "enhet");
        assert_eq!((&before["mal"], &before["mal_nu"]), (&"SE5999000085-EX01".into(), &"SE5999000085-EX02".into()), "{before}");
        // From contract to waiting time in SQL, over lake tables that everybody may read.
        let joined = "SELECT u.avtals_id, v.manad, v.antal_genomforda AS antal FROM lake.tjanst u \
                      JOIN lake.koppling t ON t.kalla = 'tjanst' AND t.kalla_nyckel = u.lanskod || '/' || u.avtals_id || '/' || u.uppdrags_id || '/' || u.tjanst_id \
                      JOIN lake.koppling w ON w.kalla = 'vantetid' AND w.enhet_nu = t.enhet_nu \
                      JOIN lake.vantetid v ON w.kalla_nyckel = v.lanskod || '/' || v.enhet \
                      WHERE t.utfall IN ('beslutad', 'exakt', 'sannolik') ORDER BY v.manad";
        let rows = sandbox.json(&["--clock", CLOCK, "sql", joined]);
        assert_eq!(rows, serde_json::json!([
            { "avtals_id": "A1", "manad": "2023-05", "antal": 30 }, { "avtals_id": "A1", "manad": "2026-10", "antal": 40 },
        ]));
        // The same input again publishes nothing.
        let again = run(&sandbox);
        for run in again["runs"].as_array().unwrap() {
            assert_eq!(run["publish_seq"], Value::Null, "{}", run["job"]);
        }
        sandbox.agrees("after matching");
    }

    fn nothing_of_a_person_or_of_a_closed_contract_leaves(on: On) {
        let sandbox = project(&on);
        run(&sandbox);
        let person = of(&sandbox, "uppdrag", "22/A3/1", "utforare");
        assert_eq!((&person["utfall"], &person["mal"]), (&"exakt".into(), &Value::Null), "{person}");
        assert!(person["skal"].as_str().unwrap().contains("enskild"), "{person}");
        // The firm's name without its number is not compared with the person's.
        let named = of(&sandbox, "uppdrag", "22/A5/1", "utforare");
        assert_eq!((&named["utfall"], &named["mal"]), (&"ingen".into(), &Value::Null), "{named}");
        let told = sandbox.run(&["--clock", CLOCK, "-v", "-v", "match", "run"]);
        let mut all = told.stdout + &told.stderr;
        for asked in [
            &["match", "list", "--all", "-n", "1000", "--operator", "--format", "json"][..],
            &["match", "show", "uppdrag", "22/A3/1", "utforare", "--operator"],
            &["sql", "SELECT * FROM register.koppling", "--operator", "--format", "json"],
            &["sql", "SELECT * FROM lake.koppling", "--format", "json"],
            &["audit", "list", "-n", "1000", "--format", "json"],
        ] {
            all += &sandbox.ok(asked);
        }
        for word in ["p1-", "Kanarie", NUMBER, "811218", "Tallmonn"] {
            assert!(!all.contains(word), "{word}");
        }
        // A contract that is secret is counted, and its match is an operator's alone.
        let open = sandbox.json(&["--clock", CLOCK, "match", "list", "--all", "-n", "1000"]);
        assert!(open["undantagna"].as_u64().unwrap() >= 2, "{open}");
        let lake = sandbox.json(&["--clock", CLOCK, "sql", "SELECT kalla_nyckel FROM lake.koppling"]);
        for told in [open.to_string(), lake.to_string()] {
            assert!(told.contains("22/A1/1") && !told.contains("22/A4"), "{told}");
        }
        let kept = sandbox.run(&["--clock", CLOCK, "match", "show", "uppdrag", "22/A4/1", "utforare"]);
        assert!(kept.code == Some(2) && kept.stderr.contains("--operator"), "{}", kept.stderr);
        assert_eq!(of(&sandbox, "uppdrag", "22/A4/1", "utforare")["mal"], "5999000101");
    }

    fn a_decision_stands_until_somebody_decides_otherwise(on: On) {
        let sandbox = project(&on);
        run(&sandbox);
        let row = ["uppdrag", "22/A2/1", "utforare"];
        let decide = |what: &str, more: &[&str]| {
            sandbox.run(&[&["--clock", CLOCK, "match", what][..], &row, &["--by", "Prövaren"], more].concat())
        };
        let now = || of(&sandbox, row[0], row[1], row[2]);
        assert_eq!(decide("reject", &[]).code, Some(0));
        assert_eq!(now()["utfall"], "sannolik", "the table follows with the next run");
        run(&sandbox);
        assert_ne!(now()["mal"], "5999000101", "{}", now());
        assert_eq!(decide("accept", &["--target", "5999000325"]).code, Some(0));
        for _ in 0..2 {
            run(&sandbox);
            let found = now();
            assert_eq!((&found["utfall"], &found["mal"]), (&"beslutad".into(), &"5999000325".into()), "{found}");
        }
        let shown = sandbox.json(&["match", "show", row[0], row[1], row[2]]);
        let decisions = shown["beslut"].as_array().unwrap();
        assert_eq!(decisions.len(), 2, "{shown}");
        assert!(decisions[0]["reg_till"].is_string() && decisions[1]["reg_till"].is_null(), "{shown}");
        // Persons are nobody's to decide on, and a target must be there.
        for target in ["p1-00112233445566778899aabbccddeeff", "5999000341"] {
            let answer = decide("accept", &["--target", target]);
            assert_eq!(answer.code, Some(2), "{}", answer.stderr);
            assert!(!answer.stderr.contains("p1-"), "{}", answer.stderr);
        }
        assert_eq!(decide("reopen", &[]).code, Some(0));
        run(&sandbox);
        assert_eq!((&now()["utfall"], &now()["mal"]), (&"sannolik".into(), &"5999000101".into()));
        let log = sandbox.json(&["audit", "list", "-n", "1000"]).to_string();
        assert_eq!(log.matches("\"matching\"").count(), 3, "{log}");
        assert!(!log.contains("22/A2"), "{log}");
        sandbox.ok(&["audit", "verify"]);
    }

    fn what_is_refused_is_erased_with_its_matches_and_decisions(on: On) {
        let sandbox = project(&on);
        run(&sandbox);
        sandbox.ok(&["--clock", CLOCK, "match", "accept", "uppdrag", "22/A2/1", "utforare", "--by", "Prövaren"]);
        let left = |sql: &str| on.number(&sandbox, sql);
        assert_eq!(left("SELECT COUNT(*) FROM koppling_beslut"), 1);
        contracts(&sandbox, &[FIRST[0], "A2;registreras_ej;;Tallmonn Hud;", FIRST[2], FIRST[3], FIRST[4]]);
        run(&sandbox);
        let named = "SELECT COUNT(*) FROM koppling WHERE kalla_nyckel = '22/A2/1'";
        assert!(left(named) > 0, "the history is still there");
        let lake = sandbox.json(&["--clock", CLOCK, "sql", "SELECT kalla_nyckel FROM lake.koppling"]).to_string();
        assert!(!lake.contains("22/A2"), "{lake}");
        sandbox.ok(&["--clock", CLOCK, "retention", "run", "--now"]);
        assert_eq!((left(named), left("SELECT COUNT(*) FROM koppling_beslut")), (0, 0));
        assert!(left("SELECT COUNT(*) FROM koppling WHERE kalla_nyckel = '22/A1/1'") > 0);
    }
}

const SAID: &str = "SELECT KALLA AS kalla, nr AS orgnr, CASE WHEN form <> '10' THEN namn END AS namn, \
    CASE WHEN form = '10' THEN namn END AS namn_enskild, alias, form AS juridisk_form, form = '10' AS enskild FROM source";

/// Two sources that speak of the same organisations, and the row that everybody reads.
fn two_sources(on: &On) -> Sandbox {
    let sandbox = Sandbox::empty();
    on.configure(&sandbox);
    for source in ["hsa", "ivo"] {
        let sql = SAID.replace("KALLA", &format!("'{source}'"));
        job(&sandbox, &format!("national/{source}"), "nationell", &[("organisation_uppgift", &sql)]);
    }
    sandbox.write(
        "national/guld.toml",
        "[job]\nowner = \"nationell\"\nfeeds = [\"organisation\"]\n[source]\n\
        connector = \"foretrade\"\n[source.options]\ntable = \"organisation\"\n[map]\norganisation = \"guld.sql\"\n\
        [limits]\nmax_ended_share = 1.0\n",
    );
    sandbox.write(
        "national/guld.sql",
        "SELECT orgnr, hsa_id, namn, namn_enskild, alias, vardgivare, bestallare, juridisk_form, agarkategori, enskild, aktiv, \
         lanskod, kommunkod, giltig_fran, giltig_till FROM source",
    );
    let config = sandbox.path().join("sluss.toml");
    let told = std::fs::read_to_string(&config).unwrap()
        + "\n[precedence.organisation]\norder = [\"hsa\", \"ivo\"]\n[precedence.organisation.columns]\nnamn = [\"ivo\", \"hsa\"]\n";
    std::fs::write(config, told).unwrap();
    sandbox
        .write("national/hsa.csv", format!("nr;namn;alias;form\n5999000085;Kvarnvreten;;49\n811218-9876;{FIRM};;10\n"));
    sandbox.write("national/ivo.csv", "nr;namn;alias;form\n5999000085;Kvarnvreten Ögon AB;Kvarnen;99\n");
    sandbox
}

both! {
    fn each_attribute_is_that_of_the_source_whose_word_counts(on: On) {
        let sandbox = two_sources(&on);
        let row = "SELECT namn, alias, juridisk_form FROM lake.organisation WHERE orgnr = '5999000085'";
        run(&sandbox);
        let golden = serde_json::json!([{ "namn": "Kvarnvreten Ögon AB", "alias": "Kvarnen", "juridisk_form": "49" }]);
        assert_eq!(sandbox.json(&["sql", row]), golden);
        let shown = sandbox.json(&["register", "show", "organisation", "5999000085", "--sources"]);
        let of = |column: &str| {
            shown["attribut"].as_array().unwrap().iter().find(|a| a["kolumn"] == column).unwrap().clone()
        };
        assert_eq!((&of("namn")["kalla"], &of("juridisk_form")["kalla"], &of("alias")["kalla"]), (&"ivo".into(), &"hsa".into(), &"ivo".into()));
        assert_eq!(of("namn")["uppgifter"], serde_json::json!([["ivo", "Kvarnvreten Ögon AB"], ["hsa", "Kvarnvreten"]]));
        // A sole trader comes through under its keyed hash, and its name where personal data stands.
        let persons = "SELECT COUNT(*) n FROM register.organisation WHERE enskild AND namn IS NULL AND orgnr LIKE 'p1-%' \
                       AND namn_enskild IS NOT NULL";
        assert_eq!(sandbox.number(persons), 1);
        let lake = sandbox.json(&["sql", "SELECT * FROM lake.organisation_uppgift"]).to_string();
        assert!(lake.contains("Kvarnen") && !lake.contains("Kanarie") && !lake.contains(NUMBER), "{lake}");
        // However often both deliver, neither overwrites the other.
        for run in run(&sandbox)["runs"].as_array().unwrap() {
            assert_eq!(run["publish_seq"], Value::Null, "{}", run["job"]);
        }
        // A source that says no more gives way to the next.
        sandbox.write("national/ivo.csv", "nr;namn;alias;form\n5999000325;Lavskrikan;;49\n");
        run(&sandbox);
        let golden = serde_json::json!([{ "namn": "Kvarnvreten", "alias": null, "juridisk_form": "49" }]);
        let found = sandbox.json(&["sql", row]);
        assert_eq!((&found[0]["namn"], &found[0]["alias"], &found[0]["juridisk_form"]), (&golden[0]["namn"], &Value::Null, &golden[0]["juridisk_form"]));
    }
}
