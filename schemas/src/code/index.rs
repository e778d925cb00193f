//! All code systems, value sets and crosswalks that a run needs.

use std::collections::BTreeMap;

use arrow::array::{Date32Array, StringViewArray};
use chrono::NaiveDate;

use super::search::Hit;
use super::{
    Checker, CodeRow, Crosswalk, MappingRow, MemberRow, System, ValueSet, Verdict, Version, day, nearest, search,
};

/// Shortest code that is looked for in other systems: `1` is a code of many.
const SHORTEST_TELLING: usize = 3;

/// All code systems that a run needs. Rows may be added in any order; what they say together is
/// worked out at the first question (or by [`CodeIndex::finish`]).
#[derive(Debug, Default)]
pub struct CodeIndex {
    systems: BTreeMap<String, System>,
    sets: BTreeMap<String, ValueSet>,
    crosswalks: BTreeMap<(String, String), Crosswalk>,
}

impl CodeIndex {
    /// Adds a code. Several rows of one code (versions) are joined into its periods of validity.
    pub fn add(&mut self, row: &CodeRow<'_>) {
        self.system_mut(row.system).add(row);
    }

    /// Tells when a version began, where its rows carry dates of their own and its name is no date.
    pub fn set_version_start(&mut self, system: &str, version: &str, start: NaiveDate) {
        self.system_mut(system).set_version_start(version, start);
    }

    /// Adds a member to a value set.
    pub fn add_member(&mut self, row: &MemberRow<'_>) {
        if !self.sets.contains_key(row.set) {
            self.sets.insert(row.set.to_owned(), ValueSet::default());
        }
        if let Some(set) = self.sets.get_mut(row.set) {
            set.add(row);
        }
    }

    /// Adds a row of a crosswalk.
    pub fn add_mapping(&mut self, row: &MappingRow<'_>) {
        let key = (row.from_system.to_owned(), row.to_system.to_owned());
        self.crosswalks.entry(key).or_default().add(row);
    }

    /// Works out every system now, so that the first row is not the one that waits.
    #[must_use]
    pub fn finish(self) -> Self {
        for system in self.systems.values() {
            system.resolved();
        }
        self
    }

    fn system_mut(&mut self, name: &str) -> &mut System {
        self.systems.entry(name.to_owned()).or_insert_with(|| System::new(name))
    }

    /// Whether the store has any code of the system.
    pub fn has_system(&self, name: &str) -> bool {
        self.system(name).is_some_and(|s| !s.is_empty())
    }

    /// One system.
    pub fn system(&self, name: &str) -> Option<&System> {
        self.systems.get(name)
    }

    /// All systems by name.
    pub fn systems(&self) -> impl Iterator<Item = &System> {
        self.systems.values()
    }

    /// A system's versions, oldest first.
    pub fn versions(&self, system: &str) -> Vec<Version> {
        self.system(system).map(System::versions).unwrap_or_default()
    }

    /// Number of distinct codes over all systems.
    pub fn len(&self) -> usize {
        self.systems.values().map(System::len).sum()
    }

    /// Whether there are no codes at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A value set by name.
    pub fn value_set(&self, name: &str) -> Option<&ValueSet> {
        self.sets.get(name)
    }

    /// All value sets by name.
    pub fn value_sets(&self) -> impl Iterator<Item = (&str, &ValueSet)> {
        self.sets.iter().map(|(name, set)| (name.as_str(), set))
    }

    /// The crosswalk from one system (or a region's own words) to another.
    pub fn crosswalk(&self, from_system: &str, to_system: &str) -> Option<&Crosswalk> {
        self.crosswalks.get(&(from_system.to_owned(), to_system.to_owned()))
    }

    /// All crosswalks, by the names of their two systems.
    pub fn crosswalks(&self) -> impl Iterator<Item = (&str, &str, &Crosswalk)> {
        self.crosswalks.iter().map(|((from, to), walk)| (from.as_str(), to.as_str(), walk))
    }

    /// Judges `code` of `system` on `date`.
    pub fn check(&self, system: &str, code: &str, date: NaiveDate) -> Verdict {
        self.checker(system, None, true).check(code, Some(day(date)))
    }

    /// Judges `code` of `system` on `date`, and whether the value set has it.
    pub fn check_in(&self, system: &str, value_set: &str, code: &str, date: NaiveDate) -> Verdict {
        self.checker(system, Some(value_set), true).check(code, Some(day(date)))
    }

    /// A check bound to a system and, where wanted, a value set. With `dated` false only whether
    /// any version has the code is asked.
    pub fn checker<'a>(&'a self, system: &'a str, value_set: Option<&'a str>, dated: bool) -> Checker<'a> {
        Checker::new(self, system, value_set, dated)
    }

    /// Judges a column on each row's own date (see [`Checker::column`]).
    pub fn check_column(
        &self,
        system: &str,
        codes: &StringViewArray,
        dates: Option<&Date32Array>,
        today: NaiveDate,
        found: &mut dyn FnMut(usize, Verdict),
    ) {
        self.checker(system, None, true).column(codes, dates, day(today), found);
    }

    /// The other system that has the code: the first by name. Codes of one or two characters are
    /// in too many systems to tell anything.
    pub fn other_system(&self, system: &str, code: &str) -> Option<&str> {
        if code.len() < SHORTEST_TELLING {
            return None;
        }
        self.systems.values().find(|s| s.name() != system && s.has(code)).map(System::name)
    }

    /// The code that replaces a retired one and is valid on `date`.
    pub fn successor(&self, system: &str, code: &str, date: NaiveDate) -> Option<&str> {
        self.system(system)?.successor(code, day(date))
    }

    /// The valid code that `code` was probably meant to be: by look-alike characters and at most
    /// two edits. Only a single best one is given.
    pub fn nearest(&self, system: &str, code: &str, date: NaiveDate) -> Option<&str> {
        nearest::nearest(self.system(system)?, code, day(date))
    }

    /// What the sender probably meant, where the store can tell: the successor of a retired code,
    /// else the nearest valid one of an unknown code.
    pub fn suggestion(&self, verdict: Verdict, system: &str, code: &str, date: NaiveDate) -> Option<&str> {
        match verdict {
            Verdict::Retired => self.successor(system, code, date),
            Verdict::Unknown => self.nearest(system, code, date),
            Verdict::Valid | Verdict::NotYet | Verdict::WrongSystem | Verdict::NotInValueSet | Verdict::Undecidable => {
                None
            }
        }
    }

    /// The code's text as it read on `date`.
    pub fn label(&self, system: &str, code: &str, date: NaiveDate) -> Option<&str> {
        self.system(system)?.label(code, day(date))
    }

    /// The best `n` codes for what a person typed: a code, its beginning, or words of its text.
    pub fn search(&self, system: &str, text: &str, n: usize) -> Vec<Hit<'_>> {
        self.system(system).map(|s| search::search(s, text, n)).unwrap_or_default()
    }
}
