//! A check bound to one system (and value set): what a rule holds on to while it judges a column.

use arrow::array::{Array, Date32Array, StringViewArray};

use super::system::{CodeId, Resolved, System};
use super::value_set::{Members, ValueSet};
use super::{CodeIndex, Verdict};

/// Judges codes of one system. Made by [`CodeIndex::checker`].
#[derive(Clone, Copy, Debug)]
pub struct Checker<'a> {
    index: &'a CodeIndex,
    system: Option<(&'a System, &'a Resolved)>,
    name: &'a str,
    set: Option<SetUse<'a>>,
    dated: bool,
}

/// The value set asked for. Without members nothing of this system belongs to it; without the set
/// itself nothing can be said.
#[derive(Clone, Copy, Debug)]
enum SetUse<'a> {
    Missing,
    Loaded(Option<&'a Members>),
}

/// Slots of the cache that a column's check keeps: sources repeat a few codes.
const SLOTS: usize = 1024;
/// Longest string that a view holds within itself (Arrow columnar format, variable-size binary view).
const INLINE: u32 = 12;

impl<'a> Checker<'a> {
    pub(super) fn new(index: &'a CodeIndex, name: &'a str, set: Option<&'a str>, dated: bool) -> Self {
        let system = index.system(name).filter(|s| !s.is_empty()).map(|s| (s, s.resolved()));
        let set = set.map(|set| match index.value_set(set) {
            Some(set) => SetUse::Loaded(ValueSet::members(set, name)),
            None => SetUse::Missing,
        });
        Self { index, system, name, set, dated }
    }

    /// Judges one code. `day` counts from 1970-01-01; without one (or in a check without dates) the
    /// question is only whether any version has the code.
    #[inline]
    pub fn check(&self, code: &str, day: Option<i32>) -> Verdict {
        let Some((system, resolved)) = self.system else { return Verdict::Undecidable };
        self.judge(resolved, system.id(code), code, day.filter(|_| self.dated))
    }

    #[inline]
    fn judge(&self, resolved: &Resolved, id: Option<CodeId>, code: &str, day: Option<i32>) -> Verdict {
        let Some(id) = id else { return self.absent(resolved, code, day) };
        match day.map_or(Verdict::Valid, |day| resolved.check(id, day)) {
            Verdict::Valid => self.within(code, day),
            verdict => verdict,
        }
    }

    #[inline]
    fn within(&self, code: &str, day: Option<i32>) -> Verdict {
        match self.set {
            None => Verdict::Valid,
            Some(SetUse::Missing) => Verdict::Undecidable,
            Some(SetUse::Loaded(Some(members))) if members.has(code, day) => Verdict::Valid,
            Some(SetUse::Loaded(_)) => Verdict::NotInValueSet,
        }
    }

    #[cold]
    fn absent(&self, resolved: &Resolved, code: &str, day: Option<i32>) -> Verdict {
        if day.is_some_and(|day| day < resolved.floor()) {
            Verdict::Undecidable
        } else if self.index.other_system(self.name, code).is_some() {
            Verdict::WrongSystem
        } else {
            Verdict::Unknown
        }
    }

    /// Judges a column and tells of every row that is not valid. Nulls are passed over.
    ///
    /// Each row is judged on its own date; one whose date is missing, only on whether the code
    /// exists. Without `dates` all rows are judged on `today`.
    pub fn column(
        &self,
        codes: &StringViewArray,
        dates: Option<&Date32Array>,
        today: i32,
        found: &mut dyn FnMut(usize, Verdict),
    ) {
        let Some((system, resolved)) = self.system else {
            (0..codes.len()).filter(|r| codes.is_valid(*r)).for_each(|r| found(r, Verdict::Undecidable));
            return;
        };
        // Codes of up to 12 bytes lie within their view, so equal views are equal codes.
        let mut seen: Vec<(u128, Option<CodeId>)> = vec![(u128::MAX, None); SLOTS];
        for (row, view) in codes.views().iter().enumerate() {
            if codes.is_null(row) {
                continue;
            }
            let day = match dates {
                _ if !self.dated => None,
                None => Some(today),
                Some(dates) if row < dates.len() && dates.is_valid(row) => Some(dates.value(row)),
                Some(_) => None,
            };
            let code = codes.value(row);
            let id = if length(*view) <= INLINE
                && let Some(slot) = seen.get_mut(slot(*view))
            {
                if slot.0 != *view {
                    *slot = (*view, system.id(code));
                }
                slot.1
            } else {
                system.id(code)
            };
            let verdict = self.judge(resolved, id, code, day);
            if verdict != Verdict::Valid {
                found(row, verdict);
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a view's low 32 bits are its length")]
fn length(view: u128) -> u32 {
    view as u32
}

#[expect(clippy::cast_possible_truncation, reason = "folds a view to a few bits")]
fn slot(view: u128) -> usize {
    let folded = (view as u64) ^ ((view >> 64) as u64).rotate_left(23);
    (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54) as usize
}
