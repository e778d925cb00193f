//! What `discover --suggest` drafts for databases that its dictionary's authors have not seen, column by
//! column against their key. A floor against getting worse: the figures are what was reached, and the aim is
//! 0.9 right of what is drafted, and 0.8 drafted of what there is.

use std::collections::BTreeMap;

use serde_json::Value;

use super::database::{ALL, BLIND, Foreign};
use super::facit::{Columns, Facit};

/// The tables that a region's contracts fill; units, places and organisations come from the national katalog.
const OF_CONTRACTS: [&str; 6] = ["avtal", "uppdrag", "tjanst", "villkor", "malgrupp", "kontakt"];
/// Reached in all five, per national column of the contracts' tables.
const FLOOR: (f64, f64) = (0.97, 0.88);
/// Reached in the five that the method was frozen before: numbered columns, a table of properties, one table of
/// all documents. What is not understood there is left out, and told.
const BLIND_FLOOR: (f64, f64) = (0.86, 0.44);

/// Hits, false alarms and misses.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    right: usize,
    wrong: usize,
    missed: usize,
}

impl Score {
    #[expect(clippy::cast_precision_loss, reason = "shares of small counts")]
    fn shares(self) -> (f64, f64) {
        let share = |part: usize, rest: usize| part as f64 / (part + rest).max(1) as f64;
        (share(self.right, self.wrong), share(self.right, self.missed))
    }

    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }
}

#[test]
fn drafts_of_databases_unseen_are_measured_against_their_keys() {
    let mut contracts = Score::default();
    for foreign in &BLIND {
        let Some(address) = foreign.server() else { return };
        foreign.load(&address, &[]);
        let sandbox = foreign.unmapped(&address);
        // A source like no national table is an answer, too.
        let answer = sandbox.json(&["discover", &foreign.job("avtal"), "--suggest"]);
        let empty = serde_json::json!([]);
        assert_eq!(answer.get("problems").unwrap_or(&empty), &empty, "{}: the draft can run", foreign.name());
        contracts.add(judge(foreign, &Columns::of(foreign), &answer).0);
    }
    row("unseen five", "avtal …", contracts);
    let (precision, recall) = contracts.shares();
    assert!(precision >= BLIND_FLOOR.0 && recall >= BLIND_FLOOR.1, "precision {precision:.3}, recall {recall:.3}");
}

#[test]
fn drafts_of_foreign_databases_are_measured_against_their_keys() {
    let (mut contracts, mut others) = (Score::default(), Score::default());
    for foreign in &ALL {
        let Some(address) = foreign.server() else { return };
        foreign.load(&address, &[]);
        let sandbox = foreign.unmapped(&address);
        let answer = sandbox.json(&["discover", &foreign.job("avtal"), "--suggest"]);
        assert_eq!(answer["problems"], serde_json::json!([]), "{}: the draft can run", foreign.name());
        let Facit { columns, also, .. } = Facit::of(foreign);
        let (of_contracts, of_others) = judge(foreign, &Columns { columns, also }, &answer);
        contracts.add(of_contracts);
        others.add(of_others);
    }
    row("all five", "avtal …", contracts);
    row("all five", "enhet …", others);
    let (precision, recall) = contracts.shares();
    assert!(precision >= FLOOR.0 && recall >= FLOOR.1, "precision {precision:.3}, recall {recall:.3}");
}

fn row(name: &str, tables: &str, score: Score) {
    let (precision, recall) = score.shares();
    println!(
        "suggest: {name:14} {tables:8} {:3} right {:3} wrong {:3} missed  precision {precision:.2} recall {recall:.2}",
        score.right, score.wrong, score.missed
    );
}

/// The contracts' tables and the others.
fn judge(foreign: &Foreign, facit: &Columns, answer: &Value) -> (Score, Score) {
    let drafted = drafted(answer);
    let (mut contracts, mut others, mut notes) = (Score::default(), Score::default(), Vec::new());
    let is_of_contracts = |column: &str| OF_CONTRACTS.contains(&column.split('.').next().unwrap());
    for (column, source) in &drafted {
        let score = if is_of_contracts(column) { &mut contracts } else { &mut others };
        let right = |map: &BTreeMap<String, Vec<String>>| map.get(column).is_some_and(|from| from.contains(source));
        if right(&facit.columns) || right(&facit.also) {
            score.right += 1;
        } else {
            score.wrong += 1;
            notes.push(format!("wrong:  {column} from {source}, not {:?}", facit.columns.get(column)));
        }
    }
    for (column, from) in &facit.columns {
        if !drafted.contains_key(column) {
            if is_of_contracts(column) { &mut contracts } else { &mut others }.missed += 1;
            notes.push(format!("missed: {column} from {from:?}"));
        }
    }
    row(foreign.name(), "avtal …", contracts);
    row(foreign.name(), "enhet …", others);
    for note in notes {
        println!("    {note}");
    }
    (contracts, others)
}

/// National columns that are in the draft → the source's columns, with their tables.
fn drafted(answer: &Value) -> BTreeMap<String, String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut drafted = BTreeMap::new();
    for job in list(&answer["jobs"]) {
        for table in list(&job["tables"]) {
            for pair in list(&table["pairs"]).iter().filter(|pair| pair["taken"] == true && pair["column"] != "lanskod")
            {
                let source = behind(&text(&job["query"]), &text(&pair["source"]));
                let stream = text(&pair["stream"]);
                let stream = stream.rsplit_once('.').map_or(stream.as_str(), |(_, table)| table);
                drafted.insert(
                    format!("{}.{}", text(&table["table"]), text(&pair["column"])),
                    format!("{stream}.{source}"),
                );
            }
        }
    }
    drafted
}

/// The column that a drafted query gives a name of its own, where two tables have it.
fn behind(query: &str, name: &str) -> String {
    let is_quote = |c: char| c == '"' || c == '`';
    let named = query.lines().filter_map(|line| line.trim().trim_end_matches(',').split_once(" AS "));
    let mut named = named.filter(|(_, alias)| alias.trim_matches(is_quote) == name);
    let column = named.next().and_then(|(column, _)| column.split_once('.'));
    column.map_or_else(|| name.to_owned(), |(_, column)| column.trim_matches(is_quote).to_owned())
}
