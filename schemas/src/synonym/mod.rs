//! What sources call the national columns: the dictionary in `schemas/synonyms/`, read once.
//!
//! `ord.toml` cuts a column's name into meanings, `kolumner.toml` says which meanings make a national
//! column, `varden.toml` which words stand for its few values.

mod name;
mod short;

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

pub use name::{Name, fold};
pub use short::Reading;

/// A meaning: the name of a group of words in `ord.toml`.
pub type Meaning = &'static str;

/// The dictionary as its files have it.
#[derive(Debug, Default, Deserialize)]
struct Words {
    vikt: BTreeMap<String, f64>,
    ord: BTreeMap<String, Vec<String>>,
    andelser: Endings,
}

/// Letters between and after words.
#[derive(Debug, Default, Deserialize)]
struct Endings {
    fog: Vec<String>,
    efter: Vec<String>,
}

/// Table → column → list.
type Lists = BTreeMap<String, BTreeMap<String, Vec<String>>>;
/// Table and column → value → words; under `namn`, `table.column` → meaning → value.
type Values = BTreeMap<String, BTreeMap<String, BTreeMap<String, toml::Value>>>;

static WORDS: LazyLock<Words> = LazyLock::new(|| parse(include_str!("../../synonyms/ord.toml")));
static COLUMNS: LazyLock<Lists> = LazyLock::new(|| parse(include_str!("../../synonyms/kolumner.toml")));
static VALUES: LazyLock<Values> = LazyLock::new(|| parse(include_str!("../../synonyms/varden.toml")));
static DICTIONARY: LazyLock<Dictionary> = LazyLock::new(Dictionary::build);
/// The phrases of every national column, made once.
static PHRASES: LazyLock<HashMap<String, HashMap<String, Vec<Phrase>>>> = LazyLock::new(|| {
    let of = |table: &crate::table::Table| {
        let columns = table.column.iter().map(|c| (c.name.clone(), DICTIONARY.phrases_of(&table.name, &c.name)));
        (table.name.clone(), columns.collect())
    };
    crate::table::national().iter().map(of).collect()
});

/// A test reads each of them, so that none is empty here.
fn parse<T: Default + for<'de> Deserialize<'de>>(text: &str) -> T {
    toml::from_str(text).unwrap_or_default()
}

/// Words and what they mean.
#[derive(Debug)]
pub struct Dictionary {
    words: BTreeMap<&'static str, Meaning>,
    weights: HashMap<Meaning, f64>,
}

/// The dictionary.
pub fn dictionary() -> &'static Dictionary {
    &DICTIONARY
}

/// Meanings that together name a national column.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase {
    meanings: Vec<Meaning>,
    weak: bool,
}

/// What surrounds a column's name.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// What the source's table is about.
    pub source: &'a Name,
    /// What the national table is about.
    pub national: &'a [Meaning],
}

impl Dictionary {
    fn build() -> Self {
        let words = &*WORDS;
        let known = words.ord.iter().flat_map(|(meaning, list)| list.iter().map(|w| (w.as_str(), meaning.as_str())));
        let weights = words.vikt.iter().map(|(meaning, weight)| (meaning.as_str(), *weight)).collect();
        Self { words: known.collect(), weights }
    }

    /// How much a meaning tells.
    fn weight(&self, meaning: Meaning) -> f64 {
        self.weights.get(meaning).copied().unwrap_or(1.0)
    }

    fn meaning(&self, word: &str) -> Option<Meaning> {
        self.words.get(word).copied()
    }

    /// What a name says.
    pub fn read(&self, name: &str) -> Name {
        Name::read(name, self, &WORDS.andelser)
    }

    /// What a national table is about.
    pub fn about(&self, table: &str) -> Vec<Meaning> {
        let list = COLUMNS.get("entitet").and_then(|tables| tables.get(table));
        list.into_iter().flatten().filter_map(|word| Some(WORDS.ord.get_key_value(word)?.0.as_str())).collect()
    }

    /// What a national column is called.
    pub fn phrases(&self, table: &str, column: &str) -> Vec<Phrase> {
        match PHRASES.get(table).and_then(|columns| columns.get(column)) {
            Some(phrases) => phrases.clone(),
            None => self.phrases_of(table, column),
        }
    }

    fn phrases_of(&self, table: &str, column: &str) -> Vec<Phrase> {
        let own = COLUMNS.get(table).and_then(|columns| columns.get(column));
        // A table's own phrases are instead of those that all tables have.
        let list = own.or_else(|| COLUMNS.get("alla").and_then(|columns| columns.get(column)));
        let mut phrases: Vec<Phrase> = list.into_iter().flatten().map(|text| Self::phrase(text)).collect();
        let name = self.read(column);
        if name.unknown == 0 {
            phrases.push(Phrase { meanings: name.meanings, weak: false });
        }
        phrases
    }

    fn phrase(text: &str) -> Phrase {
        let weak = text.ends_with('?');
        let words = text.trim_end_matches('?').split(' ');
        let meanings = words.filter_map(|word| Some(WORDS.ord.get_key_value(word)?.0.as_str()));
        Phrase { meanings: meanings.collect(), weak }
    }

    /// How well a source column's name says a national column: 0 to 1, and the meanings that it was known by.
    pub fn likeness(&self, phrases: &[Phrase], name: &Name, about: About<'_>) -> (f64, Vec<Meaning>) {
        let mut best = (0.0, Vec::new());
        for phrase in phrases {
            let score = self.score(phrase, name, about);
            if score > best.0 {
                best = (score, phrase.meanings.iter().filter(|m| name.says(m)).copied().collect());
            }
        }
        best
    }

    fn score(&self, phrase: &Phrase, name: &Name, about: About<'_>) -> f64 {
        let (mut matched, mut missing, mut said, mut used) = (0.0, 0.0, false, Vec::new());
        for meaning in &phrase.meanings {
            let weight = self.weight(meaning);
            if name.meanings.contains(meaning) {
                matched += weight;
                said = true;
            } else if let Some((at, fit)) = name.perhaps(meaning) {
                matched += fit * weight;
                missing += 0.5 * (1.0 - fit) * weight;
                used.push(at);
                said = true;
            } else if about.source.meanings.contains(meaning) {
                matched += 0.85 * weight;
            } else if ROLES.contains(meaning) {
                return 0.0;
            } else {
                missing += weight;
            }
        }
        if !said {
            return 0.0;
        }
        let known = |meaning: &Meaning| about.national.contains(meaning) || about.source.meanings.contains(meaning);
        let extra = |meaning: &Meaning| self.weight(meaning) * if known(meaning) { 0.15 } else { 1.0 };
        let mut beside: f64 = name.meanings.iter().filter(|m| !phrase.meanings.contains(m)).map(extra).sum();
        // An abbreviation that is nothing of this is as letters that nobody knows.
        let unread = name
            .maybe
            .iter()
            .enumerate()
            .filter(|(at, one)| !used.contains(at) && !one.readings.iter().any(|reading| known(&reading.meaning)));
        let unknown = name.unknown + unread.map(|(_, one)| one.letters).sum::<usize>();
        beside += (0.12 * f64::from(u32::try_from(unknown).unwrap_or(u32::MAX))).min(0.8);
        let mut score = matched / (matched + missing + 0.8 * beside);
        if phrase.weak {
            score *= 0.7;
        }
        if name.guessed {
            score *= 0.9;
        }
        // Who wrote the row, and when, is nothing of what it says.
        if ROW.iter().any(|meaning| name.meanings.contains(meaning) && !phrase.meanings.contains(meaning)) {
            score *= 0.6;
        }
        // A bare name in a table about something else is that thing's name.
        let things = |meaning: &Meaning| self.is_thing(meaning);
        let elsewhere = about.source.meanings.iter().any(things)
            && !about.source.meanings.iter().any(|m| about.national.contains(m));
        if elsewhere && !phrase.meanings.iter().any(things) && phrase.meanings.iter().all(|m| GENERIC.contains(m)) {
            score *= 0.5;
        }
        score
    }

    /// Whether a meaning is something that a table can be about.
    pub fn is_thing(&self, meaning: Meaning) -> bool {
        const MORE: [&str; 5] = ["leverantor", "utforare", "bestallare", "person", "dokument"];
        let mut about = COLUMNS.get("entitet").into_iter().flatten().flat_map(|(_, list)| list);
        MORE.contains(&meaning) || about.any(|word| word == meaning)
    }

    /// The words for each value of a national column, in lower case.
    pub fn values(&self, table: &str, column: &str) -> Vec<(&'static str, Vec<&'static str>)> {
        let values = VALUES.get(table).and_then(|columns| columns.get(column)).into_iter().flatten();
        let words = |list: &'static toml::Value| {
            list.as_array().map(|words| words.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>())
        };
        values.map(|(value, list)| (value.as_str(), words(list).unwrap_or_default())).collect()
    }

    /// The value of a national column that a source column's name implies: `remisskrav` of `villkor.kod`.
    pub fn implied(&self, table: &str, column: &str, name: &Name) -> Option<&'static str> {
        let words = VALUES.get("namn")?.get(&format!("{table}.{column}"))?;
        let said = name.meanings.iter().find_map(|meaning| words.get(*meaning)?.as_str());
        said.or_else(|| words.iter().filter(|(meaning, _)| name.says(meaning)).find_map(|(_, value)| value.as_str()))
    }
}

/// Meanings that every table's columns have, each its own. Days are not among them: a contract's are its
/// services' too.
const GENERIC: [&str; 9] = ["namn", "nummer", "titel", "beskrivning", "text", "typ", "status", "kod", "anteckning"];

/// Parties that a column is not about unless it, or its table, says so.
const ROLES: [&str; 2] = ["bestallare", "region"];

/// What a database keeps about its rows.
const ROW: [&str; 3] = ["skapad", "andrad", "borttagen"];

#[cfg(test)]
mod tests {
    use super::*;

    fn meanings(name: &str) -> Vec<&'static str> {
        dictionary().read(name).meanings
    }

    #[test]
    fn the_files_are_read_and_agree() {
        assert!(toml::from_str::<Words>(include_str!("../../synonyms/ord.toml")).is_ok());
        assert!(toml::from_str::<Lists>(include_str!("../../synonyms/kolumner.toml")).is_ok());
        assert!(toml::from_str::<Values>(include_str!("../../synonyms/varden.toml")).is_ok());
        let mut seen = std::collections::BTreeMap::new();
        for (meaning, words) in &WORDS.ord {
            for word in words {
                assert_eq!(fold(word), *word, "{word} is folded");
                assert_eq!(seen.insert(word, meaning), None, "{word} has one meaning");
            }
        }
        for (table, columns) in COLUMNS.iter().filter(|(table, _)| *table != "entitet") {
            for (column, phrases) in columns {
                let national = crate::table::national();
                let there =
                    national.iter().any(|t| (t.name == *table || table == "alla") && t.column(column).is_some());
                assert!(there, "{table}.{column} is a national column");
                for word in phrases.iter().flat_map(|p| p.trim_end_matches('?').split(' ')) {
                    assert!(WORDS.ord.contains_key(word), "{table}.{column}: {word} has words");
                }
            }
        }
        for (table, columns) in VALUES.iter().filter(|(table, _)| *table != "namn") {
            for (column, values) in columns {
                let national = crate::table::national().iter().find(|t| t.name == *table);
                let allowed = &national.and_then(|t| t.column(column)).expect("a national column").values;
                assert!(values.keys().all(|value| allowed.contains(value)), "{table}.{column}");
            }
        }
    }

    #[test]
    fn names_are_cut_into_meanings() {
        assert_eq!(meanings("AvtalStartDatum"), ["avtal", "start", "datum"]);
        assert_eq!(meanings("leverantörens organisationsnummer"), ["leverantor", "orgnr"]);
        assert_eq!(meanings("lev_orgnr"), ["leverantor", "orgnr"]);
        assert_eq!(meanings("Giltig fr.o.m."), ["giltig", "start"]);
        assert_eq!(meanings("gäller t o m"), ["giltig", "slut"]);
        assert_eq!(meanings("E-post"), ["epost"]);
        assert_eq!(meanings("HSA-id"), ["hsa"]);
        assert_eq!(meanings("KVÅkod"), ["kva"]);
        assert_eq!(meanings("Avtalets nummer"), ["avtal", "nummer"]);
        assert_eq!(meanings("UPPSÄGNINGSTID_MÅN"), ["uppsagning", "manad"]);
        assert!(dictionary().read("xyzzy").unknown > 0);
    }

    #[test]
    fn the_nearest_column_wins() {
        let dictionary = dictionary();
        let nothing = Name::default();
        let avtal = dictionary.about("avtal");
        let best = |name: &str, source: &Name| {
            let table = crate::table::national().iter().find(|t| t.name == "avtal").expect("the table");
            let name = dictionary.read(name);
            let about = About { source, national: &avtal };
            let score = |c: &str| dictionary.likeness(&dictionary.phrases("avtal", c), &name, about).0;
            let best = table.column.iter().max_by(|a, b| score(&a.name).total_cmp(&score(&b.name)));
            best.map(|c| (c.name.clone(), score(&c.name))).expect("a column")
        };
        for (name, column) in [
            ("Avtalsnummer", "avtals_id"),
            ("Avtalsbenämning", "titel"),
            ("Startdatum", "giltig_fran"),
            ("contract_end_date", "giltig_till"),
            ("Motpartens org.nr", "leverantor_orgnr"),
            ("supplier name", "leverantor_namn"),
            ("Undertecknat datum", "tecknat"),
            ("Diarienr", "diarienummer"),
        ] {
            let (found, score) = best(name, &nothing);
            assert!(found == column && score > 0.8, "{name}: {found} {score}");
        }
        let supplier = dictionary.read("tblLeverantör");
        assert_eq!(best("Namn", &supplier).0, "leverantor_namn", "a supplier's name is no contract's title");
    }
}
