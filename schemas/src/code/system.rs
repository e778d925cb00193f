//! One code system: its codes, its versions, and each code's periods of validity.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::NaiveDate;

use super::hash::CodeMap;
use super::nearest::Neighbours;
use super::{CodeRow, Verdict, day};

/// Ordinal of a code within its system.
pub(super) type CodeId = u32;

const NONE: u32 = u32::MAX;
/// Chains of successors longer than this are a loop.
const LONGEST_CHAIN: usize = 16;

/// One code system in all its versions.
#[derive(Debug, Default)]
pub struct System {
    name: String,
    codes: Vec<Box<str>>,
    ids: CodeMap<CodeId>,
    texts: Vec<Box<str>>,
    rows: Vec<Row>,
    versions: Vec<VersionRows>,
    version_ids: BTreeMap<String, u32>,
    resolved: OnceLock<Resolved>,
    pub(super) neighbours: OnceLock<Neighbours>,
}

/// A version of a system.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Version {
    /// Its name, as its publisher writes it.
    pub name: String,
    /// First day on which it rules; none where no row tells.
    pub from: Option<NaiveDate>,
    /// First day of the next version.
    pub to: Option<NaiveDate>,
    /// Number of codes.
    pub codes: usize,
}

#[derive(Debug)]
struct VersionRows {
    name: String,
    /// As [`System::set_version_start`] was told.
    told: Option<i32>,
    rows: usize,
}

/// A code in a version, as it came.
#[derive(Clone, Copy, Debug)]
struct Row {
    code: CodeId,
    version: u32,
    from: Option<i32>,
    to: Option<i32>,
    inactive: bool,
    label: u32,
    successor: u32,
}

/// A half-open period of days.
type Span = (i32, i32);

/// What all rows together say.
#[derive(Debug)]
pub(super) struct Resolved {
    /// Per code: the latest period, and where its earlier ones stand in `earlier`.
    lives: Vec<Life>,
    earlier: Vec<Span>,
    /// Row numbers by code, oldest version first, and where each code's begin.
    by_code: Vec<u32>,
    starts: Vec<u32>,
    /// Per version, in the order of arrival: its rank in time, its first day, the next one's.
    ranked: Vec<Ranked>,
    /// The first day that anything is known of.
    floor: i32,
}

/// A code's validity, small enough to lie together: the hot path reads one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    from: i32,
    to: i32,
    earlier: u32,
    count: u32,
}

#[derive(Clone, Copy, Debug)]
struct Ranked {
    rank: usize,
    from: Option<i32>,
    next: i32,
    /// Whether it ends earlier versions.
    rules: bool,
}

impl System {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// The system's canonical name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of distinct codes over all versions.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether it has no codes.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    pub(super) fn add(&mut self, row: &CodeRow<'_>) {
        self.resolved.take();
        self.neighbours.take();
        let version = self.version_id(row.version);
        if let Some(rows) = self.versions.get_mut(version as usize) {
            rows.rows += 1;
        }
        let Some(code) = self.code_id(row.code) else { return };
        let label = row.label.map_or(NONE, |text| self.keep(text));
        let successor = row.successor.filter(|s| !s.is_empty()).map_or(NONE, |text| self.keep(text));
        let (from, to) = match (row.from.map(day), row.to.map(day)) {
            // When it was in use is not told, only that it no longer is.
            (from, None) if row.inactive => (None, from),
            dates => dates,
        };
        self.rows.push(Row { code, version, from, to, inactive: row.inactive, label, successor });
    }

    pub(super) fn set_version_start(&mut self, version: &str, start: NaiveDate) {
        self.resolved.take();
        let id = self.version_id(version);
        if let Some(rows) = self.versions.get_mut(id as usize) {
            rows.told = Some(day(start));
        }
    }

    fn version_id(&mut self, name: &str) -> u32 {
        if let Some(id) = self.version_ids.get(name) {
            return *id;
        }
        let id = u32::try_from(self.versions.len()).unwrap_or(NONE);
        self.version_ids.insert(name.to_owned(), id);
        self.versions.push(VersionRows { name: name.to_owned(), told: None, rows: 0 });
        id
    }

    fn code_id(&mut self, code: &str) -> Option<CodeId> {
        if let Some(id) = self.ids.get(code) {
            return Some(*id);
        }
        let id = CodeId::try_from(self.codes.len()).ok()?;
        self.ids.insert(code.into(), id);
        self.codes.push(code.into());
        Some(id)
    }

    fn keep(&mut self, text: &str) -> u32 {
        let id = u32::try_from(self.texts.len()).unwrap_or(NONE);
        self.texts.push(text.into());
        id
    }

    pub(super) fn id(&self, code: &str) -> Option<CodeId> {
        self.ids.get(code).copied()
    }

    pub(super) fn code(&self, id: CodeId) -> Option<&str> {
        self.codes.get(id as usize).map(|c| &**c)
    }

    pub(super) fn codes(&self) -> &[Box<str>] {
        &self.codes
    }

    pub(super) fn resolved(&self) -> &Resolved {
        self.resolved.get_or_init(|| self.resolve())
    }

    /// The codes that are valid on a day (days since 1970-01-01), each with its text, in the codes' order.
    pub fn valid_on(&self, day: i32) -> Vec<(&str, Option<&str>)> {
        let valid = self.codes.iter().map(|code| &**code).filter(|code| self.check(code, day) == Verdict::Valid);
        let mut list: Vec<_> = valid.map(|code| (code, self.label(code, day))).collect();
        list.sort_unstable();
        list
    }

    /// Whether any version has the code.
    pub fn has(&self, code: &str) -> bool {
        self.ids.contains_key(code)
    }

    /// Judges a code on a day (days since 1970-01-01) by this system alone.
    pub fn check(&self, code: &str, day: i32) -> Verdict {
        match self.ids.get(code) {
            Some(id) => self.resolved().check(*id, day),
            None if day < self.resolved().floor => Verdict::Undecidable,
            None => Verdict::Unknown,
        }
    }

    /// Versions, oldest first.
    pub fn versions(&self) -> Vec<Version> {
        let resolved = self.resolved();
        let mut list: Vec<(usize, Version)> = (self.versions.iter().zip(&resolved.ranked))
            .map(|(version, ranked)| {
                let to = (ranked.next < i32::MAX).then_some(ranked.next).and_then(date);
                let from = ranked.from.and_then(date);
                (ranked.rank, Version { name: version.name.clone(), from, to, codes: version.rows })
            })
            .collect();
        list.sort_by_key(|(rank, _)| *rank);
        list.into_iter().map(|(_, version)| version).collect()
    }

    /// The code's text in the version that ruled on that day; before the first, in the first.
    pub fn label(&self, code: &str, day: i32) -> Option<&str> {
        self.label_of(self.id(code)?, day)
    }

    pub(super) fn label_of(&self, id: CodeId, day: i32) -> Option<&str> {
        let resolved = self.resolved();
        let labelled = || resolved.rows_of(id).filter_map(|r| self.rows.get(r)).filter(|r| r.label != NONE);
        let ruling = labelled().rfind(|row| {
            resolved.ranked.get(row.version as usize).is_some_and(|v| v.from.is_none_or(|from| from <= day))
        });
        let row = ruling.or_else(|| labelled().next())?;
        self.texts.get(row.label as usize).map(|t| &**t)
    }

    /// The code that replaces `code` and is valid on `day`: chains are followed to their end.
    pub fn successor(&self, code: &str, day: i32) -> Option<&str> {
        let resolved = self.resolved();
        let mut id = self.id(code)?;
        for _ in 0..LONGEST_CHAIN {
            let next = (resolved.rows_of(id).filter_map(|r| self.rows.get(r)))
                .rfind(|row| row.successor != NONE)
                .and_then(|row| self.texts.get(row.successor as usize))?;
            id = self.id(next)?;
            if resolved.check(id, day) == Verdict::Valid {
                return self.code(id);
            }
        }
        None
    }

    fn resolve(&self) -> Resolved {
        let ranked = self.rank_versions();
        // What is listed as no longer in use tells nothing of the time before.
        let floor = (self.rows.iter().filter(|r| !r.inactive).filter_map(|r| r.from))
            .chain(ranked.iter().filter(|v| v.rules).filter_map(|v| v.from))
            .min()
            .unwrap_or(i32::MIN);
        let rank = |row: &Row| ranked.get(row.version as usize).map_or(0, |v| v.rank);
        let mut by_code: Vec<u32> = (0..u32::try_from(self.rows.len()).unwrap_or(NONE)).collect();
        by_code.sort_by_key(|r| self.rows.get(*r as usize).map(|row| (row.code, rank(row))));

        let mut lives = Vec::with_capacity(self.codes.len());
        let mut earlier = Vec::new();
        let mut starts = Vec::with_capacity(self.codes.len() + 1);
        let mut at = 0_usize;
        let mut spans = Vec::new();
        for id in 0..self.codes.len() {
            starts.push(u32::try_from(at).unwrap_or(NONE));
            spans.clear();
            while let Some(row) = by_code.get(at).and_then(|r| self.rows.get(*r as usize))
                && row.code as usize == id
            {
                let next = ranked.get(row.version as usize).map_or(i32::MAX, |v| v.next);
                add_span(&mut spans, row, floor, next);
                at += 1;
            }
            join(&mut spans);
            let (from, to) = spans.pop().unwrap_or((i32::MAX, i32::MAX));
            lives.push(Life {
                from,
                to,
                earlier: u32::try_from(earlier.len()).unwrap_or(NONE),
                count: u32::try_from(spans.len()).unwrap_or(0),
            });
            earlier.append(&mut spans);
        }
        starts.push(u32::try_from(at).unwrap_or(NONE));
        Resolved { lives, earlier, by_code, starts, ranked, floor }
    }

    /// Per version, the first and the last start among those of its rows that count.
    fn firsts(&self, counts: impl Fn(&Row) -> bool) -> Vec<Option<(i32, i32)>> {
        let mut firsts: Vec<Option<(i32, i32)>> = vec![None; self.versions.len()];
        for row in self.rows.iter().filter(|row| counts(row)) {
            if let (Some(slot), Some(from)) = (firsts.get_mut(row.version as usize), row.from) {
                *slot = Some(slot.map_or((from, from), |(low, high)| (low.min(from), high.max(from))));
            }
        }
        firsts
    }

    /// Versions in time. A version without codes (a resource in summary mode) rules nothing, and one
    /// called `base+more` adds to the version `base`: what it does not list it leaves as it was.
    fn rank_versions(&self) -> Vec<Ranked> {
        // What is listed as no longer in use tells the version's start only where nothing else does.
        let (in_use, listed) = (self.firsts(|row| !row.inactive), self.firsts(|_| true));
        let from: Vec<Option<i32>> = (self.versions.iter().zip(in_use.iter().zip(&listed)))
            .map(|(version, (in_use, listed))| {
                version.told.or_else(|| match in_use {
                    Some((low, high)) if low == high => Some(*low),
                    // Dates of the codes' own: they do not tell when the list itself began.
                    Some((low, _)) => named_start(&version.name).or(Some(*low)),
                    None => named_start(&version.name).or(listed.map(|(low, _)| low)),
                })
            })
            .collect();
        let mut order: Vec<usize> = (0..self.versions.len()).collect();
        let name = |v: usize| self.versions.get(v).map(|version| version.name.as_str());
        order.sort_by(|a, b| (from.get(*a), name(*a)).cmp(&(from.get(*b), name(*b))));
        let rules =
            |v: usize| self.versions.get(v).is_some_and(|version| version.rows > 0 && !version.name.contains('+'));
        let mut ranked = vec![Ranked { rank: 0, from: None, next: i32::MAX, rules: false }; self.versions.len()];
        for (rank, v) in order.iter().enumerate() {
            let own = from.get(*v).copied().flatten();
            let next = (order.iter().skip(rank + 1))
                .filter(|w| rules(**w))
                .filter_map(|w| from.get(*w).copied().flatten())
                .find(|start| own.is_none_or(|own| *start > own));
            if let Some(slot) = ranked.get_mut(*v) {
                *slot = Ranked { rank, from: own, next: next.unwrap_or(i32::MAX), rules: rules(*v) };
            }
        }
        ranked
    }
}

/// The period that one row gives its code. A later version's stated end also ends what earlier
/// versions left open.
fn add_span(spans: &mut Vec<Span>, row: &Row, floor: i32, next: i32) {
    if let Some(to) = row.to {
        for span in spans.iter_mut() {
            span.1 = span.1.min(to).max(span.0);
        }
    }
    let (from, to) = match (row.from, row.to) {
        (Some(from), to) => (from, to.unwrap_or(if row.inactive { from } else { next })),
        // Only its end is told. A list that no longer uses it says nothing of the time before.
        (None, Some(to)) if row.inactive => (to, to),
        (None, Some(to)) => (floor.min(to), to),
        (None, None) => (floor, if row.inactive { floor } else { next }),
    };
    spans.push((from, to.max(from)));
}

/// Sorts periods and joins those that touch.
fn join(spans: &mut Vec<Span>) {
    spans.sort_unstable();
    spans.dedup_by(|next, kept| {
        let touches = next.0 <= kept.1;
        if touches {
            kept.1 = kept.1.max(next.1);
        }
        touches
    });
}

impl Resolved {
    /// A code's life; one that never was for an id that does not exist.
    pub(super) fn life(&self, id: CodeId) -> Life {
        self.lives.get(id as usize).copied().unwrap_or(Life { from: i32::MAX, to: i32::MAX, earlier: 0, count: 0 })
    }

    pub(super) fn check(&self, id: CodeId, day: i32) -> Verdict {
        self.judge(self.life(id), day)
    }

    #[inline]
    pub(super) fn judge(&self, life: Life, day: i32) -> Verdict {
        if life.from <= day && day < life.to { Verdict::Valid } else { self.judge_rest(life, day) }
    }

    #[cold]
    fn judge_rest(&self, life: Life, day: i32) -> Verdict {
        let first = life.earlier as usize;
        let earlier = self.earlier.get(first..first + life.count as usize).unwrap_or_default();
        if earlier.iter().any(|(from, to)| *from <= day && day < *to) {
            return Verdict::Valid;
        }
        let first_end = earlier.first().map_or(life.to, |(_, to)| *to);
        if day >= first_end {
            Verdict::Retired
        } else if day < self.floor {
            Verdict::Undecidable
        } else {
            Verdict::NotYet
        }
    }

    pub(super) fn floor(&self) -> i32 {
        self.floor
    }

    fn rows_of(&self, id: CodeId) -> impl DoubleEndedIterator<Item = usize> {
        let at = |i: usize| self.starts.get(i).map_or(0, |s| *s as usize);
        let rows = self.by_code.get(at(id as usize)..at(id as usize + 1)).unwrap_or_default();
        rows.iter().map(|r| *r as usize)
    }
}

/// The start that a version's name tells: a year (`2010`), a day (`20180731`, `2020-01-01`), or a
/// SNOMED CT version URI, which ends in its day. Of `base+more` it is `more` that tells.
fn named_start(name: &str) -> Option<i32> {
    let last = name.rsplit(['/', '+']).next().unwrap_or(name);
    let digits: String = last.chars().filter(|c| *c != '-').collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize, to: usize| digits.get(from..to).and_then(|d| d.parse::<u32>().ok());
    let year = i32::try_from(number(0, 4)?).ok().filter(|y| (1900..2200).contains(y))?;
    match digits.len() {
        4 => NaiveDate::from_ymd_opt(year, 1, 1).map(day),
        8 => NaiveDate::from_ymd_opt(year, number(4, 6)?, number(6, 8)?).map(day),
        _ => None,
    }
}

fn date(day: i32) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(day)
}
