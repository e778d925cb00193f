//! A small project with everything that the commit protocol has: one job feeds a register table, and
//! a table whose rows are in the lake alone.

use std::fmt::Write as _;

use crate::both::On;
use crate::sandbox::Sandbox;

pub(crate) const JOB: &str = "avtal";

const FOLDER: &str = "regions/22-vasternorrland";
const TOML: &str = r#"
[job]
owner = "22"
feeds = ["avtal", "matning"]
[source]
connector = "files"
[source.options]
path = "avtal.csv"
format = "csv"
[map]
avtal = "avtal.sql"
matning = "matning.sql"
"#;
const AVTAL: &str = "SELECT '22' AS lanskod, nr AS avtals_id, namn AS titel, datum(fran) AS giltig_fran FROM source";
const MATNING: &str =
    "SELECT '22' AS lanskod, manad, id, heltal(antal) AS antal FROM (SELECT manad, nr AS id, antal FROM source)";
const TABLE: &str = r#"
name = "matning"
version = "1.0"
meaning = "En mätning per avtal och månad."
store = "lake"
key = ["lanskod", "manad", "id"]
owner = "lanskod"
partition = ["lanskod", "manad"]
[[column]]
name = "lanskod"
type = "text"
meaning = "Länskod."
required = true
[[column]]
name = "manad"
type = "text"
meaning = "Månad."
required = true
[[column]]
name = "id"
type = "text"
meaning = "Avtalets nummer."
required = true
[[column]]
name = "antal"
type = "integer"
meaning = "Antal."
"#;

/// The project without a delivery.
pub(crate) fn project(on: &On) -> Sandbox {
    let sandbox = Sandbox::empty();
    on.configure(&sandbox);
    sandbox.write(&format!("{FOLDER}/avtal.toml"), TOML);
    sandbox.write(&format!("{FOLDER}/avtal.sql"), AVTAL);
    sandbox.write(&format!("{FOLDER}/matning.sql"), MATNING);
    sandbox.write("tables/matning.toml", TABLE);
    sandbox
}

/// Puts the file of an edition in place. Even and odd editions differ: some contracts are new, some
/// changed, some gone, one cannot be read; of the three months one is as it was.
pub(crate) fn deliver(sandbox: &Sandbox, edition: usize) {
    sandbox.write(&format!("{FOLDER}/avtal.csv"), rows(edition % 2));
}

fn rows(edition: usize) -> String {
    let numbers = if edition == 0 { 0..40 } else { 3..44 };
    let mut text = "nr;namn;fran;manad;antal\n".to_owned();
    for nr in numbers {
        let month = nr % 3 + 1;
        let moved = edition == 1 && nr % 7 == 0;
        let name = if moved { "ändrat" } else { "avtal" };
        let day = if edition == 1 && nr == 5 { "2026-02-30" } else { "2026-01-01" };
        let count = if moved && month < 3 { nr + 100 } else { nr };
        writeln!(text, "A{nr};{name} {nr};{day};2026-0{month};{count}").unwrap();
    }
    text
}

/// What is published: rows and sums of lake and register.
pub(crate) fn figures(sandbox: &Sandbox) -> serde_json::Value {
    let sql = "SELECT (SELECT count(*) FROM lake.avtal) a, (SELECT count(*) FROM register.avtal) b, \
               (SELECT count(*) FROM lake.avtal WHERE giltig_till IS NULL) c, \
               (SELECT count(*) FROM register.avtal WHERE titel LIKE 'ändrat%' AND giltig_till IS NULL) d, \
               (SELECT count(*) FROM lake.matning) e, (SELECT sum(antal) FROM lake.matning) f";
    sandbox.json(&["sql", sql])[0].take()
}
