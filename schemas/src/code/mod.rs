//! Code systems in memory: every version of every code, asked for its validity on a date.
//!
//! Built once per run from the `kod` table; looked up columnar, in process.

use std::collections::HashMap;
use chrono::NaiveDate;

/// What the store says of a code on a date (DESIGN §6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Valid on that date.
    Valid,
    /// No version of the system has it. With the nearest code, where one is near.
    Unknown {
        /// Nearest valid code by edit distance and look-alike characters.
        nearest: Option<String>,
    },
    /// It was valid earlier. With its successor, where the store knows one.
    Retired {
        /// The code that replaces it.
        successor: Option<String>,
    },
    /// It becomes valid later.
    NotYet,
    /// It belongs to another system that the store has.
    WrongSystem {
        /// That system.
        system: String,
    },
    /// It is in the system, but not in the value set asked for.
    NotInValueSet,
    /// The date is before the first version that the store has: a warning, not a verdict.
    Undecidable,
}

/// All code systems that a run needs.
#[derive(Debug, Default)]
pub struct CodeIndex {
    systems: HashMap<String, System>,
}

#[derive(Debug, Default)]
struct System {}

/// One code of one version, as the `kod` table holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRow<'a> {
    /// Code system.
    pub system: &'a str,
    /// The code in its canonical form.
    pub code: &'a str,
    /// First day of validity.
    pub from: NaiveDate,
    /// First day after validity, where it ended.
    pub to: Option<NaiveDate>,
    /// The code that replaces it.
    pub successor: Option<&'a str>,
}

impl CodeIndex {
    /// Adds a code. Several rows of one code (versions) are joined into its periods of validity.
    pub fn add(&mut self, row: &CodeRow<'_>) {
        self.systems.entry(row.system.to_owned()).or_default();
    }

    /// Judges `code` of `system` on `date`.
    pub fn check(&self, system: &str, code: &str, date: NaiveDate) -> Verdict {
        let _ = (system, code, date);
        Verdict::Unknown { nearest: None }
    }
}
