//! Code systems in memory: every version of every code, asked for its validity on a date.
//!
//! Built once per run from the tables `kod`, `kodmappning` and `vardomrade`; asked columnar, in
//! process, never by a request per row.
//!
//! A *version* of a system holds from its own start until the next version's start. A code that a
//! later version lacks is retired from that version's first day; one that only a later version has
//! is not yet valid before it. Dates that a list states for a code itself rule over this. A version
//! called `base+more` only adds to the version `base`.

pub mod alias;
mod checker;
mod crosswalk;
mod hash;
mod index;
mod nearest;
mod search;
mod system;
mod value_set;

pub use checker::Checker;
pub use crosswalk::{Crosswalk, Degree, MappingRow, Target, Unmapped};
pub use index::CodeIndex;
pub use search::Hit;
pub use system::{System, Version};
pub use value_set::{MemberRow, ValueSet};

use chrono::{Datelike, NaiveDate};

/// What the store says of a code on a date (DESIGN §6). Small and `Copy`; what goes with a verdict
/// (nearest code, successor, the right system) is asked for on its own, since few rows need it:
/// [`CodeIndex::nearest`], [`CodeIndex::successor`], [`CodeIndex::other_system`], or
/// [`CodeIndex::suggestion`] for whichever applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Valid on that date.
    Valid,
    /// No version of the system has it.
    Unknown,
    /// It was valid earlier.
    Retired,
    /// It becomes valid later.
    NotYet,
    /// It belongs to another system that the store has.
    WrongSystem,
    /// It is in the system, but not in the value set asked for.
    NotInValueSet,
    /// The date is before the first version that the store has, or the store has no version at all:
    /// a warning, not a verdict.
    Undecidable,
}

/// One code of one version, as the `kod` table holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CodeRow<'a> {
    /// Code system, by its canonical name.
    pub system: &'a str,
    /// Version of the system that lists the code.
    pub version: &'a str,
    /// The code in its canonical form.
    pub code: &'a str,
    /// Its Swedish text in that version.
    pub label: Option<&'a str>,
    /// First day of validity: the code's own where the list states one, else the version's start.
    /// None: since before anything that the store knows.
    pub from: Option<NaiveDate>,
    /// First day after validity, where the list states it.
    pub to: Option<NaiveDate>,
    /// The version lists it as no longer in use: retired from `to`, or else from the version's start.
    pub inactive: bool,
    /// The code that replaces it.
    pub successor: Option<&'a str>,
}

/// Days since 1970-01-01, as Arrow's `Date32` counts them.
pub(crate) fn day(date: NaiveDate) -> i32 {
    const EPOCH: i32 = 719_163;
    date.num_days_from_ce() - EPOCH
}

#[cfg(test)]
mod tests;
