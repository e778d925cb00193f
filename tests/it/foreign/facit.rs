//! The key to a database: what is true of it, as its maker wrote it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::database::Foreign;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Facit {
    /// Queries for the keys of the rows that are neither deleted, drafts nor history.
    pub(super) live: Pair<String>,
    count: Pair<Count>,
    cells: Pair<Vec<String>>,
    #[serde(default)]
    pub(super) told: Vec<Told>,
    #[serde(default)]
    pub(super) differ: Vec<Differ>,
    pub(super) reject: Vec<Reject>,
    pub(super) decoy: Vec<Decoy>,
    pub(super) sample: Vec<Sample>,
    /// National columns that have a source → the columns of the source that are equally right.
    pub(super) columns: BTreeMap<String, Vec<String>>,
    /// National columns that may be drafted from these, and need not be.
    pub(super) also: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pair<T> {
    pub(super) avtal: T,
    pub(super) tjanst: T,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Count {
    pub(super) live: usize,
    pub(super) accepted: usize,
}

/// Rows of a table that a rule rejects.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    pub(super) table: String,
    pub(super) rule: String,
    pub(super) rows: usize,
    pub(super) why: String,
}

/// A row that is live and not to be published.
#[derive(Deserialize)]
pub(super) struct Reject {
    pub(super) table: String,
    pub(super) key: String,
    /// What the region is to be told; none where the program differs.
    pub(super) rule: Option<String>,
}

/// A row of which the program thinks otherwise than the key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Differ {
    pub(super) table: String,
    pub(super) key: String,
    /// `accepts` or `rejects`.
    pub(super) program: String,
    pub(super) rule: Option<String>,
    /// `program` or `key`.
    pub(super) right: String,
    pub(super) why: String,
}

/// A service that is wrong, but deleted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decoy {
    pub(super) key: String,
}

/// A contract spelt out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sample {
    pub(super) avtals_id: String,
    pub(super) giltig_fran: String,
    pub(super) last_day: String,
    pub(super) utforare_orgnr: String,
    pub(super) bestallare_orgnr: String,
    /// Id, KVÅ, first day, last day.
    pub(super) tjanster: Vec<(String, String, String, String)>,
}

/// Which of a source's columns are right for each national one, and nothing more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Columns {
    pub(super) columns: BTreeMap<String, Vec<String>>,
    pub(super) also: BTreeMap<String, Vec<String>>,
}

impl Columns {
    pub(super) fn of(foreign: &Foreign) -> Self {
        let path = foreign.path().join("facit.toml");
        toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }
}

impl Facit {
    pub(super) fn of(foreign: &Foreign) -> Self {
        let path = foreign.path().join("facit.toml");
        toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    pub(super) fn count(&self, table: &str) -> &Count {
        if table == "avtal" { &self.count.avtal } else { &self.count.tjanst }
    }

    pub(super) fn cells(&self, table: &str) -> &[String] {
        if table == "avtal" { &self.cells.avtal } else { &self.cells.tjanst }
    }
}
