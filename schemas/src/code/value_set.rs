//! Value sets: named sets of codes, such as the care areas of the table `vardomrade`.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::day;
use super::hash::CodeMap;

/// One member of a value set. A code that ends in `*` stands for all codes that begin so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberRow<'a> {
    /// The set's name: `katarakt`.
    pub set: &'a str,
    /// The system that the code belongs to.
    pub system: &'a str,
    /// The code, or a beginning of codes followed by `*`.
    pub code: &'a str,
    /// First day of membership; none: always.
    pub from: Option<NaiveDate>,
    /// First day after membership; none: still.
    pub to: Option<NaiveDate>,
}

/// A named set of codes of one or several systems.
#[derive(Debug, Default)]
pub struct ValueSet {
    systems: BTreeMap<String, Members>,
}

#[derive(Debug, Default)]
pub(super) struct Members {
    codes: CodeMap<Vec<(i32, i32)>>,
    beginnings: Vec<(Box<str>, (i32, i32))>,
}

impl ValueSet {
    pub(super) fn add(&mut self, row: &MemberRow<'_>) {
        if !self.systems.contains_key(row.system) {
            self.systems.insert(row.system.to_owned(), Members::default());
        }
        let Some(members) = self.systems.get_mut(row.system) else { return };
        let span = (row.from.map_or(i32::MIN, day), row.to.map_or(i32::MAX, day));
        match row.code.strip_suffix('*') {
            Some(beginning) => members.beginnings.push((beginning.into(), span)),
            None => members.codes.entry(row.code.into()).or_default().push(span),
        }
    }

    pub(super) fn members(&self, system: &str) -> Option<&Members> {
        self.systems.get(system)
    }

    /// Whether the set has the code of that system on that day; with no day, on any.
    pub fn has(&self, system: &str, code: &str, day: Option<i32>) -> bool {
        self.members(system).is_some_and(|m| m.has(code, day))
    }

    /// The systems that the set takes codes from.
    pub fn systems(&self) -> impl Iterator<Item = &str> {
        self.systems.keys().map(String::as_str)
    }

    /// Number of member rows: single codes and beginnings of codes.
    pub fn len(&self) -> usize {
        self.systems.values().map(|m| m.codes.len() + m.beginnings.len()).sum()
    }

    /// Whether it has no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Members {
    pub(super) fn has(&self, code: &str, day: Option<i32>) -> bool {
        let on = |(from, to): &(i32, i32)| day.is_none_or(|d| *from <= d && d < *to);
        self.codes.get(code).is_some_and(|spans| spans.iter().any(on))
            || self.beginnings.iter().any(|(beginning, span)| code.starts_with(&**beginning) && on(span))
    }
}
