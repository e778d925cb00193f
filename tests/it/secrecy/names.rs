//! Rows that name a contract where ids hold slashes: the database's views and the lake show the same of them.

use super::world::{TODAY, project};
use crate::both::{On, both};

/// Contract, what is said of it, and what the contact in the same row names.
const ROWS: [(&str, &str, &str); 6] = [
    ("A", "ej_provad", "A"),
    // Open itself, and could be something of the one above.
    ("A/B", "ingen", "A/B"),
    ("C", "ingen", "C"),
    ("C/D", "ingen", "C/D"),
    ("E//F", "ingen", "E//F"),
    ("CD", "ej_provad", "CD"),
];

both! {
    fn a_name_that_could_be_of_a_closed_contract_is_shown_nowhere(on: On) {
        let sandbox = project(&on);
        let rows = ROWS.map(|(id, said, named)| format!("{id};T;M;L;;2026-04-01;{said};O;U;{named};x@exempel.se\n"));
        let heading = "nr;titel;modell;leverantor;signerat;fran;sekretess;omfattning;under;kontakt;epost\n";
        sandbox.write("regions/22/avtal.csv", format!("{heading}{}", rows.concat()));
        sandbox.ok(&["--clock", TODAY, "run", "--all"]);
        assert_eq!(on.number(&sandbox, "SELECT COUNT(*) FROM kontakt"), 6);
        let view = on.texts(&sandbox, "SELECT agare_id FROM oppen_kontakt ORDER BY agare_id");
        assert_eq!(view, ["22/C", "22/C/D", "22/E//F"]);
        let lake = sandbox.json(&["--clock", TODAY, "sql", "SELECT agare_id FROM lake.kontakt ORDER BY agare_id"]);
        let lake: Vec<_> = lake.as_array().unwrap().iter().map(|row| row["agare_id"].as_str().unwrap()).collect();
        assert_eq!(lake, view);
    }
}
