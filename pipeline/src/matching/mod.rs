//! Entity matching: what a source calls a performer or a unit, and which organisation or unit that is.
//!
//! A [`Mention`] is what a source says; an [`Entity`] is a row of `organisation` or `enhet` with its earlier
//! names and places. Keys that agree decide first, also through what has replaced what; only what no key
//! finds is scored against a few candidates ([`index`]), by signs that are added up ([`score`]). What is
//! likely and clearly ahead is taken, what is doubtful waits for a person, whose decision stands.
//!
//! A sole trader is a person: found by its keyed hash and by nothing else, never by a likeness of names, and
//! nothing of it is written into the result.

pub mod alike;
mod decision;
mod entities;
mod index;
mod mentions;
pub mod name;
pub mod number;
pub mod precedence;
mod resolve;
mod rows;
pub mod score;
mod settings;
mod signs;
mod succession;
#[cfg(test)]
mod tests;
mod vocabulary;
mod weigh;

use chrono::NaiveDate;

pub use decision::{Decided, Decision, Judgement, key_of};
pub use entities::world;
pub use index::Index;
pub use mentions::{SOURCES, mentions};
pub use resolve::{Found, Method, Outcome, Resolver, Rival};
pub use rows::{TABLE, rows, schema};
pub use settings::{Settings, Weights};
pub use signs::Sign;
pub use succession::{Led, Replaced, Successions};

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An organisation, by its number.
    Organisation,
    /// A unit, by its HSA-id.
    Unit,
}

impl Kind {
    /// The national table that it stands in.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Unit => "enhet",
        }
    }
}

/// A name of an entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Called {
    /// The name.
    pub name: String,
    /// Whose.
    pub whose: score::Whose,
}

/// Where an entity is, or was.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placed {
    /// Kommun's code.
    pub kommun: Option<String>,
    /// Town.
    pub town: Option<String>,
    /// It is no longer there.
    pub earlier: bool,
}

/// An organisation or unit that can be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Which.
    pub kind: Kind,
    /// Organisation number or HSA-id.
    pub id: String,
    /// The organisation number: its own, or its provider's.
    pub number: Option<String>,
    /// Its names.
    pub names: Vec<Called>,
    /// Its places.
    pub places: Vec<Placed>,
    /// Its counties.
    pub counties: Vec<String>,
    /// The first day that it is there.
    pub from: Option<NaiveDate>,
    /// The first day that it is no longer.
    pub till: Option<NaiveDate>,
    /// It is a person: by its key alone.
    pub person: bool,
}

/// What a source says of a performer or a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mention {
    /// The national table that it stands in.
    pub table: String,
    /// The row's key, its parts with slashes between.
    pub key: String,
    /// What it is there.
    pub role: String,
    /// The region that says it.
    pub region: Option<String>,
    /// An organisation or a unit.
    pub wants: Option<Kind>,
    /// The key that it gives: organisation number or HSA-id.
    pub id: Option<String>,
    /// An organisation number that is known of it beside that.
    pub number: Option<String>,
    /// What it is called there.
    pub name: Option<String>,
    /// Kommun's code.
    pub kommun: Option<String>,
    /// Town.
    pub town: Option<String>,
    /// County.
    pub county: Option<String>,
    /// The day of which it speaks.
    pub day: NaiveDate,
    /// How many published rows hang on it.
    pub weight: u64,
    /// Nobody said that there is one: where none is surely found, nothing is said.
    pub guess: bool,
}
