//! Which tables a source feeds, and from which of its streams: one job for each grain.

use sluss_schemas::synonym::{Dictionary, dictionary};
use sluss_schemas::table::{Table, Tables};

use super::Ground;
use super::joins::{Edge, Step, Stream, reach};
use super::pair::{Paired, Reach, pair};

/// What tells enough of a table without a parent, and of one with.
const ROOT: f64 = 1.5;
const CHILD: f64 = 0.5;

/// The stream whose rows a job's rows are, what can be joined to them, and the tables that it feeds.
pub(super) struct Home<'a> {
    pub(super) base: usize,
    pub(super) steps: Vec<Step>,
    pub(super) tables: Vec<Paired<'a>>,
}

/// A column in reach: its step and its place in the stream.
pub(super) fn columns(streams: &[Stream], steps: &[Step]) -> Vec<(usize, usize)> {
    let count = |step: &Step| streams.get(step.stream).map_or(0, |s| s.columns.len());
    steps.iter().enumerate().flat_map(|(at, step)| (0..count(step)).map(move |column| (at, column))).collect()
}

fn reached<'a>(streams: &'a [Stream], steps: &'a [Step], edges: &[Edge]) -> Vec<Reach<'a>> {
    columns(streams, steps)
        .into_iter()
        .filter_map(|(at, place)| {
            let step = steps.get(at)?;
            let column = streams.get(step.stream)?.columns.get(place)?;
            let points = edges.iter().any(|edge| edge.child == (step.stream, place));
            Some(Reach { profile: &column.profile, name: &column.name, about: &step.about, joins: step.joins, points })
        })
        .collect()
}

/// A key column of a parent table, and the stream and column that it was found in.
type Fixed = (String, (usize, usize));

struct Planner<'a, 'g> {
    ground: Ground<'g>,
    streams: &'a [Stream],
    edges: &'a [Edge],
    dictionary: &'static Dictionary,
}

/// The homes of the tables of one family: those that the source says most about.
pub(super) fn homes<'g>(ground: Ground<'g>, streams: &[Stream], edges: &[Edge]) -> Vec<Home<'g>> {
    let planner = Planner { ground, streams, edges, dictionary: dictionary() };
    let roots = ground.tables.iter().filter(|table| table.parent.is_none());
    let families = roots.map(|root| planner.family(root));
    let score = |homes: &[Home<'_>]| homes.iter().flat_map(|home| &home.tables).map(Paired::score).sum::<f64>();
    families.max_by(|a, b| score(a).total_cmp(&score(b))).unwrap_or_default()
}

impl<'g> Planner<'_, 'g> {
    fn family(&self, root: &'g Table) -> Vec<Home<'g>> {
        let best = (0..self.streams.len()).map(|base| (self.affinity(root, base), base));
        let Some((_, base)) = best.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(&a.1))) else {
            return Vec::new();
        };
        let mut homes: Vec<Home<'g>> = Vec::new();
        let mut fixed: Vec<Fixed> = Vec::new();
        for table in family(self.ground.tables, root) {
            let home = if table.name == root.name { base } else { self.home(table, base) };
            let steps = reach(self.streams, self.edges, home);
            let paired = self.pair(table, &steps, &fixed);
            let missing = self.lacks(&paired, &homes);
            let enough = paired.score() >= if table.parent.is_some() { CHILD } else { ROOT };
            if missing || !enough && !self.carries(table, &homes) {
                continue;
            }
            let found: Vec<Fixed> = table
                .key
                .iter()
                .filter_map(|key| {
                    let (at, place) = *columns(self.streams, &steps).get(paired.taken(key)?.reach)?;
                    Some((key.clone(), (steps.get(at)?.stream, place)))
                })
                .collect();
            for key in found {
                if !fixed.iter().any(|(name, _)| *name == key.0) {
                    fixed.push(key);
                }
            }
            match homes.iter_mut().find(|known| known.base == home) {
                Some(known) => known.tables.push(paired),
                None => homes.push(Home { base: home, steps, tables: vec![paired] }),
            }
        }
        // A table that only carries others is of no use alone.
        let told: f64 = homes.iter().flat_map(|home| &home.tables).map(Paired::score).sum();
        if told < ROOT.min(1.0) { Vec::new() } else { homes }
    }

    fn pair(&self, table: &'g Table, steps: &[Step], fixed: &[Fixed]) -> Paired<'g> {
        let reach = reached(self.streams, steps, self.edges);
        let all = columns(self.streams, steps);
        let place = |(stream, column): (usize, usize)| {
            all.iter().position(|(at, c)| *c == column && steps.get(*at).is_some_and(|s| s.stream == stream))
        };
        let fixed: Vec<(String, usize)> =
            fixed.iter().filter_map(|(name, at)| Some((name.clone(), place(*at)?))).collect();
        pair(table, &reach, &fixed)
    }

    /// How much a stream is about a table.
    fn affinity(&self, table: &'g Table, base: usize) -> f64 {
        let steps = reach(self.streams, self.edges, base);
        let own: Vec<Step> = steps.iter().take(1).cloned().collect();
        let (near, far) = (self.pair(table, &own, &[]).score(), self.pair(table, &steps, &[]).score());
        near + 0.3 * far + if self.is_about(table, base) { 1.0 } else { 0.0 }
    }

    fn is_about(&self, table: &Table, base: usize) -> bool {
        let about = self.dictionary.about(&table.name);
        self.streams.get(base).is_some_and(|s| s.about.meanings.iter().any(|meaning| about.contains(meaning)))
    }

    /// The stream whose rows are a child table's: one that is called so and leads to the root's, else the
    /// root's own where it tells of the table, else the one that tells most.
    fn home(&self, table: &'g Table, root: usize) -> usize {
        let leads = |base: &usize| {
            *base == root || reach(self.streams, self.edges, *base).iter().any(|step| step.stream == root)
        };
        let candidates: Vec<usize> = (0..self.streams.len()).filter(leads).collect();
        let best = |list: &mut dyn Iterator<Item = usize>| {
            let scored = list.map(|base| (self.affinity(table, base), base));
            scored.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(&a.1)))
        };
        let named = best(&mut candidates.iter().copied().filter(|base| *base != root && self.is_about(table, *base)));
        if let Some((_, base)) = named {
            return base;
        }
        let here = self.affinity(table, root);
        match best(&mut candidates.iter().copied().filter(|base| *base != root)) {
            Some((score, base)) if here < CHILD && score >= 1.0 => base,
            _ => root,
        }
    }

    /// Whether a column that every row must have has no source and nothing to be made from.
    fn lacks(&self, paired: &Paired<'_>, homes: &[Home<'_>]) -> bool {
        let table = paired.table;
        table.column.iter().filter(|column| column.required).any(|column| {
            paired.taken(&column.name).is_none()
                && super::sql::made(self.ground, paired, &column.name, homes.iter().flat_map(|h| &h.tables)).is_none()
        })
    }

    /// Whether a table is needed for what hangs on it: an uppdrag for the services of an avtal.
    fn carries(&self, table: &Table, homes: &[Home<'_>]) -> bool {
        let has_children =
            self.ground.tables.iter().any(|child| child.parent.as_ref().is_some_and(|p| p.table == table.name));
        let parent = table.parent.as_ref().map(|p| p.table.as_str());
        has_children && homes.iter().flat_map(|home| &home.tables).any(|known| Some(known.table.name.as_str()) == parent)
    }
}

/// A table and all that hangs on it, parents first.
pub(super) fn family<'t>(tables: &'t Tables, root: &'t Table) -> Vec<&'t Table> {
    let mut list = vec![root];
    let mut at = 0;
    while let Some(table) = list.get(at) {
        let name = table.name.clone();
        list.extend(tables.iter().filter(|child| child.parent.as_ref().is_some_and(|p| p.table == name)));
        at += 1;
    }
    list
}
