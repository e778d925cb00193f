//! A sole trader's number is a personal number, and yet what it is for works: a contract finds the provider
//! that it names.

use serde_json::Value;

use crate::both::{On, both};
use crate::sandbox::Sandbox;

/// Numbers that Skatteverket publishes for tests: one that is registered as a provider, one that is not.
const KNOWN: &str = "811218-9876";
const UNKNOWN: &str = "701063-2391";

fn job(owner: &str, feeds: &str, file: &str) -> String {
    format!(
        "[job]\nowner = \"{owner}\"\nfeeds = [\"{feeds}\"]\n[source]\nconnector = \"files\"\n[source.options]\n\
         path = \"{file}.csv\"\nformat = \"csv\"\n[map]\n{feeds} = \"{file}.sql\"\n"
    )
}

const PROVIDERS: &str = "SELECT nr AS orgnr, namn, namn IS NULL AS enskild FROM source";
const CONTRACTS: &str = "SELECT '22' AS lanskod, id AS avtals_id, 'Ögonsjukvård' AS titel, nr AS leverantor_orgnr, \
                         DATE '2026-01-01' AS giltig_fran FROM source";

fn receipt(sandbox: &Sandbox) -> Value {
    let runs = sandbox.json(&["runs", "-n", "1"]);
    let run = runs.as_array().or_else(|| runs["runs"].as_array()).unwrap()[0]["id"].as_str().unwrap().to_owned();
    sandbox.json(&["receipt", &run])
}

both! {
    fn a_contract_finds_the_sole_trader_that_it_names(on: On) {
        let sandbox = Sandbox::empty();
        on.configure(&sandbox);
        for (folder, owner, feeds, file, sql) in [
            ("national", "nationell", "organisation", "vardgivare", PROVIDERS),
            ("regions/22-vasternorrland", "22", "avtal", "avtal", CONTRACTS),
        ] {
            sandbox.write(&format!("{folder}/{file}.toml"), job(owner, feeds, file));
            sandbox.write(&format!("{folder}/{file}.sql"), sql);
        }
        sandbox.write("national/vardgivare.csv", format!("nr;namn\n{KNOWN};\n2321000206;Region Västernorrland\n"));
        sandbox.ok(&["run", "vardgivare"]);
        // Also written with its century, as registers have it.
        sandbox.write(
            "regions/22-vasternorrland/avtal.csv",
            format!("id;nr\nA1;{KNOWN}\nA2;19{KNOWN}\nA3;2321000206\nA4;{UNKNOWN}\nA5;5560360793\n"),
        );
        sandbox.ok(&["run", "avtal"]);

        let receipt = receipt(&sandbox);
        let broken = receipt["rules"].as_array().unwrap();
        let missing: Vec<&Value> = broken.iter().filter(|rule| rule["rule"] == "saknad_referens").collect();
        assert_eq!(missing.len(), 1, "{receipt}");
        assert_eq!(missing[0]["count"], 2, "of the one that is not registered and the one that nobody has: {receipt}");
        // It is found by its keyed hash, and by nothing else: the number itself is nowhere.
        let joined = "SELECT count(*) FROM register.avtal a JOIN register.organisation o ON o.orgnr = a.leverantor_orgnr";
        assert_eq!(sandbox.number(joined), 3);
        let hidden = "SELECT count(*) FROM register.avtal WHERE leverantor_orgnr LIKE 'p1-%'";
        assert_eq!(sandbox.number(hidden), 3);
        let bare: String = KNOWN.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(sandbox.number(&format!("SELECT count(*) FROM register.avtal WHERE leverantor_orgnr LIKE '%{bare}%'")), 0);
    }
}
