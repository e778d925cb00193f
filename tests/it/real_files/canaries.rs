//! What may not stand in anything that can be read: the ids, dates and birth years of real rows.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::flat::{Flat, day};
use super::readable::Cell;

const DATES: [&str; 5] = ["beslut_datum", "start_datum", "medicinskt_maldatum", "remiss_datum", "ankomst_datum"];
const IDS: [&str; 2] = ["remiss_id", "vardkontakt_id"];

/// The facts about persons in a waiting-time file.
pub(super) struct Canaries {
    /// Ids (their telling last part) and dates (`2026-02-01`), by their length in bytes.
    texts: BTreeMap<usize, HashSet<Vec<u8>>>,
    /// Dates without hyphens.
    compact: BTreeSet<String>,
    years: BTreeSet<String>,
}

impl Canaries {
    pub(super) fn of(file: &Flat) -> Self {
        let dates: BTreeSet<String> = DATES.iter().flat_map(|c| file.column(c)).map(|d| day(d).to_string()).collect();
        let ids: BTreeSet<&str> =
            IDS.iter().flat_map(|c| file.column(c)).map(|id| id.rsplit('-').next().unwrap()).collect();
        assert!(dates.len() > 100 && ids.len() > 150 && ids.iter().all(|id| id.len() >= 10));
        let mut texts: BTreeMap<usize, HashSet<Vec<u8>>> = BTreeMap::new();
        for text in dates.iter().map(String::as_str).chain(ids) {
            texts.entry(text.len()).or_default().insert(text.as_bytes().to_vec());
        }
        let compact = dates.iter().map(|d| d.replace('-', "")).collect();
        Self { texts, compact, years: file.column("fodelsear").map(str::to_owned).collect() }
    }

    /// Leaves out what stands in `bytes` for reasons of its own: the example of a date in a table's
    /// description, in a project that has not run anything.
    pub(super) fn forget(&mut self, bytes: &[u8]) {
        let before: usize = self.texts.values().map(HashSet::len).sum();
        for (length, texts) in &mut self.texts {
            for window in bytes.windows(*length) {
                texts.remove(window);
            }
        }
        let after: usize = self.texts.values().map(HashSet::len).sum();
        assert!(before - after < 3, "too many to be chance");
    }

    /// Panics where an id or a date stands in `bytes`.
    pub(super) fn not_in(&self, bytes: &[u8], place: &str) {
        for (length, texts) in &self.texts {
            let found = bytes.windows(*length).find(|window| texts.contains(*window));
            assert!(found.is_none(), "{} stands in {place}", String::from_utf8_lossy(found.unwrap_or_default()));
        }
    }

    /// Panics where an id, a date or (in a row of a national table) a birth year stands in a cell.
    pub(super) fn not_in_cell(&self, cell: &Cell) {
        self.not_in(cell.text.as_bytes(), &cell.place);
        for word in cell.text.split(|c: char| !c.is_alphanumeric()) {
            assert!(!self.compact.contains(word), "the date {word} stands in {}", cell.place);
            // A run's id is made of hexadecimal digits, and the ledger counts rows and bytes.
            let may_be_a_year = cell.is_national && !cell.place.ends_with("_korning");
            assert!(!(may_be_a_year && self.years.contains(word)), "the birth year {word} stands in {}", cell.place);
        }
    }
}
