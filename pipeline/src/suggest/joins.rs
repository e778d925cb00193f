//! Which table of a database points at which, by what their columns hold; and what is in reach of each.

use sluss_schemas::synonym::{Dictionary, Name, fold};

use super::profile::{Kind, Profile};

/// Share of a column's values that must be found in the other's.
const INCLUDED: f64 = 0.98;
/// Joins in a row, and in all, at most.
const DEEPEST: u32 = 3;
const MOST: usize = 16;

/// A stream with its columns.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) name: String,
    pub(super) about: Name,
    pub(super) columns: Vec<Column>,
}

/// A column of a stream.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) profile: Profile,
    pub(super) name: Name,
}

/// A column that points at another stream's key: stream and column of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) child: (usize, usize),
    pub(super) parent: (usize, usize),
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
                .filter(|(p, _)| *p != c)
                .flat_map(|(p, parent)| parent.columns.iter().enumerate().map(move |(y, key)| (p, y, parent, key)));
            let scored = keys.filter_map(|(p, y, parent, key)| {
                let likely = points(dictionary, child, column, parent, key)?;
                Some((likely, Edge { child: (c, x), parent: (p, y) }))
            });
            let best = scored.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.parent.cmp(&a.1.parent)));
            edges.extend(best.map(|(_, edge)| edge));
        }
    }
    edges
}

/// How likely it is that a column points at a key; none where its values are not there.
fn points(dictionary: &Dictionary, child: &Stream, column: &Column, parent: &Stream, key: &Column) -> Option<f64> {
    let (from, to) = (&column.profile, &key.profile);
    if !to.is_key() || to.distinct < 2 || from.filled == 0 {
        return None;
    }
    let held = from.hashes.iter().filter(|hash| to.hashes.contains(*hash)).count();
    #[expect(clippy::cast_precision_loss, reason = "a share of counts")]
    let included = held as f64 / from.hashes.len().max(1) as f64;
    if included < INCLUDED || from.share(Kind::Date) >= 0.5 && from.share(Kind::Integer) < 0.5 {
        return None;
    }
    let alike = fold(&from.name) == fold(&to.name);
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
    let telling = from.is_text() && from.distinct >= 4 && from.share(Kind::Integer) < 0.5 && from.length() >= 3.0;
    if named == 0.0 && !telling {
        return None;
    }
    // A table's own key points at another's only where one row continues the other.
    if from.is_key() && named < 1.0 {
        return None;
    }
    Some(named + included + if telling { 0.3 } else { 0.0 })
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
