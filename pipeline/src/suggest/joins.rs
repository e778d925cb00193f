//! Which table of a database points at which, by what their columns hold; and what is in reach of each.

use std::collections::HashSet;

use sluss_schemas::synonym::{Dictionary, Meaning, Name, fold};

use super::profile::{Kind, Profile};

/// Share of a column's values that must be found in the other's.
const INCLUDED: f64 = 0.98;
/// The same, of many long values.
const MANY_INCLUDED: f64 = 0.9;
/// Joins in a row, and in all, at most.
const DEEPEST: u32 = 3;
const MOST: usize = 16;

/// A stream with its columns.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) name: String,
    pub(super) about: Name,
    /// Holds what was: no rows are taken from it.
    pub(super) past: bool,
    pub(super) columns: Vec<Column>,
}

impl Stream {
    /// The thing that its name ends with: a row of contracts is a row.
    pub(super) fn head(&self, dictionary: &Dictionary) -> Option<Meaning> {
        self.about.meanings.iter().rev().find(|meaning| dictionary.is_thing(meaning)).copied()
    }
}

/// A column of a stream.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) profile: Profile,
    pub(super) name: Name,
    /// Its name, folded, without the letters that all of its table's columns begin with.
    pub(super) bare: String,
}

/// A column that points at another stream's key: stream and column of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) child: (usize, usize),
    pub(super) parent: (usize, usize),
    /// The key's second column, of each, where one does not tell the rows apart.
    pub(super) also: Option<(usize, usize)>,
    /// They are organisation numbers that people write in several ways.
    pub(super) loose: bool,
}

/// A stream in reach of another, and the join that leads to it.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) stream: usize,
    /// The step that it is joined to, and by what.
    pub(super) from: Option<(usize, Edge)>,
    pub(super) joins: u32,
    /// What its rows are, as seen from here: the pointing column tells supplier from orderer.
    pub(super) about: Name,
}

/// Every column that points at a key, each at one.
pub(super) fn edges(dictionary: &Dictionary, streams: &[Stream]) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (c, child) in streams.iter().enumerate() {
        for (x, column) in child.columns.iter().enumerate() {
            let keys = streams
                .iter()
                .enumerate()
                .filter(|(p, parent)| *p != c && !parent.past && !child.past)
                .flat_map(|(p, parent)| parent.columns.iter().enumerate().map(move |(y, key)| (p, y, parent, key)));
            let scored = keys.filter_map(|(p, y, parent, key)| {
                let (likely, loose) = points(dictionary, child, column, parent, key)?;
                Some((likely, Edge { child: (c, x), parent: (p, y), also: None, loose }))
            });
            let best = scored.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.parent.cmp(&a.1.parent)));
            edges.extend(best.map(|(_, edge)| edge));
        }
    }
    let both = streams.iter().enumerate().flat_map(|(c, _)| (0..streams.len()).map(move |p| (c, p)));
    for (c, p) in both.filter(|(c, p)| c != p) {
        // A child that has the parent's own key needs no second column.
        let is_joined = edges.iter().any(|edge| edge.child.0 == c && edge.parent.0 == p);
        edges.extend((!is_joined).then(|| by_two(streams, c, p)).flatten());
    }
    edges
}

/// Two columns that both streams call the same, and that together are the parent's key.
fn by_two(streams: &[Stream], c: usize, p: usize) -> Option<Edge> {
    let (child, parent) = (streams.get(c)?, streams.get(p)?);
    if child.past || parent.past {
        return None;
    }
    let same: Vec<(usize, usize)> = child
        .columns
        .iter()
        .enumerate()
        .filter_map(|(x, column)| {
            let y = parent.columns.iter().position(|key| key.bare == column.bare)?;
            let key = &parent.columns.get(y)?.profile;
            (key.filled == key.rows && key.share(Kind::Date) < 0.5).then_some((x, y))
        })
        .collect();
    let pairs = same.iter().enumerate().flat_map(|(at, a)| same.iter().skip(at + 1).map(move |b| (*a, *b)));
    pairs.into_iter().find_map(|((x, y), (x2, y2))| {
        let cells = |stream: &'_ Stream, a: usize, b: usize| {
            let (a, b) = (stream.columns.get(a)?.profile.cells(), stream.columns.get(b)?.profile.cells());
            Some(a.iter().copied().zip(b.iter().copied()).collect::<Vec<(u64, u64)>>())
        };
        let keys = cells(parent, y, y2)?;
        let known: HashSet<(u64, u64)> = keys.iter().copied().collect();
        let rows = cells(child, x, x2)?;
        let held = rows.iter().filter(|row| known.contains(row)).count();
        #[expect(clippy::cast_precision_loss, reason = "a share of counts")]
        let included = held as f64 / rows.len().max(1) as f64;
        let is_key = keys.len() >= 2 && known.len() == keys.len() && included >= INCLUDED;
        is_key.then_some(Edge { child: (c, x), parent: (p, y), also: Some((x2, y2)), loose: false })
    })
}

/// How likely it is that a column points at a key; none where its values are not there.
fn points(
    dictionary: &Dictionary,
    child: &Stream,
    column: &Column,
    parent: &Stream,
    key: &Column,
) -> Option<(f64, bool)> {
    let (from, to) = (&column.profile, &key.profile);
    if !to.is_key() || to.distinct < 2 || from.filled == 0 {
        return None;
    }
    let held = from.hashes.iter().filter(|hash| to.hashes.contains(*hash)).count();
    #[expect(clippy::cast_precision_loss, reason = "a share of counts")]
    let share = |held: usize, all: usize| held as f64 / all.max(1) as f64;
    let strict = share(held, from.hashes.len());
    let numbers = [from, to].iter().all(|profile| profile.share(Kind::Orgnr) >= 0.8);
    let loose = numbers && strict < INCLUDED && to.orgnrs.len() as u64 == to.filled;
    let alike = from.orgnrs.iter().filter(|hash| to.orgnrs.contains(*hash)).count();
    let included = if loose { share(alike, from.orgnrs.len()) } else { strict };
    // Many long values are not in a key by chance, and some point at rows that are gone.
    let least = if from.distinct >= 8 && from.length() >= 8.0 { MANY_INCLUDED } else { INCLUDED };
    if included < least || from.share(Kind::Date) >= 0.5 && from.share(Kind::Integer) < 0.5 {
        return None;
    }
    let alike = fold(&from.name) == fold(&to.name) || numbers;
    let bare = key.name.meanings == ["nummer"] && key.name.unknown == 0;
    let says = |name: &Name| name.meanings.iter().any(|m| dictionary.is_thing(m) && parent.about.meanings.contains(m));
    // `leverantor_id` of a table called `leverantor`; `LevId` in both.
    let part = fold(&parent.name).rsplit('.').next().is_some_and(|own| {
        let own = own.trim_start_matches("tbl").trim_start_matches('_');
        own.chars().count() >= 3 && fold(&from.name).starts_with(own)
    });
    let named = if alike && !bare {
        1.0
    } else if says(&column.name) && !says_of(dictionary, &column.name, child) || part {
        0.9
    } else {
        0.0
    };
    // Small whole numbers are in each other by chance; texts hardly.
    let words = from.is_text() && from.distinct >= 4 && from.share(Kind::Integer) < 0.5 && from.length() >= 3.0;
    let long = from.is_running() && from.distinct >= 8 && from.length() >= 4.0 && included >= 1.0;
    let telling = words || long;
    if named == 0.0 && !telling {
        return None;
    }
    // A table's own key points at another's only where one row continues the other.
    if from.is_key() && named < 0.9 {
        return None;
    }
    Some((named + included + if telling { 0.3 } else { 0.0 }, loose))
}

/// Whether a column's name is of its own table.
fn says_of(dictionary: &Dictionary, name: &Name, stream: &Stream) -> bool {
    name.meanings.iter().filter(|m| dictionary.is_thing(m)).all(|m| stream.about.meanings.contains(m))
}

/// A stream and what can be joined to each of its rows.
pub(super) fn reach(streams: &[Stream], edges: &[Edge], base: usize) -> Vec<Step> {
    let about = streams.get(base).map(|s| s.about.clone()).unwrap_or_default();
    let mut steps = vec![Step { stream: base, from: None, joins: 0, about }];
    let mut at = 0;
    while let Some(step) = steps.get(at).cloned() {
        let on_the_way = path(&steps, at);
        for edge in edges.iter().filter(|edge| edge.child.0 == step.stream) {
            let target = edge.parent.0;
            if step.joins >= DEEPEST || steps.len() >= MOST || on_the_way.contains(&target) {
                continue;
            }
            let Some(stream) = streams.get(target) else { continue };
            let mut about = stream.about.clone();
            let pointing = streams.get(step.stream).and_then(|s| s.columns.get(edge.child.1));
            for meaning in
                pointing.into_iter().flat_map(|c| &c.name.meanings).filter(|m| **m != "nummer" && **m != "kod")
            {
                if !about.meanings.contains(meaning) {
                    about.meanings.push(meaning);
                }
            }
            steps.push(Step { stream: target, from: Some((at, *edge)), joins: step.joins + 1, about });
        }
        at += 1;
    }
    steps
}

/// The streams from a step back to the base.
fn path(steps: &[Step], at: usize) -> Vec<usize> {
    let mut streams = Vec::new();
    let mut next = Some(at);
    while let Some(step) = next.and_then(|at| steps.get(at)) {
        streams.push(step.stream);
        next = step.from.map(|(from, _)| from);
    }
    streams
}
