//! Which tables a source feeds, and from which of its streams: one job for each grain.

use sluss_schemas::synonym::{Dictionary, dictionary};
use sluss_schemas::table::{Column, Kind, Table, Tables, VALID_FROM, VALID_TO};

use super::conditions::{BOTH, sibling, spread, spread_over};
use super::contact::contact;
use super::joins::{Edge, Step, Stream, reach};
use super::pair::{Paired, Reach, pair};
use super::sql;
use super::{Ground, THRESHOLD};
use crate::matching::precedence::SAID;

/// What tells enough of a table without a parent, and of one with.
const ROOT: f64 = 1.5;
const CHILD: f64 = 0.5;
/// What tells so much that a table is drafted although a column is lacking.
const MUCH: f64 = 3.0;
/// Share of a column's cells from which it holds days.
const MOSTLY_DAYS: f64 = 0.8;

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

fn reached<'a>(streams: &'a [Stream], steps: &'a [Step], edges: &[Edge], claimed: &[(usize, usize)]) -> Vec<Reach<'a>> {
    columns(streams, steps)
        .into_iter()
        .filter_map(|(at, place)| {
            let step = steps.get(at)?;
            let column = streams.get(step.stream)?.columns.get(place)?;
            let points = edges.iter().any(|edge| {
                (edge.child == (step.stream, place) && edge.also.is_none())
                    || (edge.child.0 == step.stream && edge.also.is_some_and(|(child, _)| child == place))
            });
            let claimed = claimed.contains(&(step.stream, place));
            let key = edges.iter().any(|edge| edge.parent == (step.stream, place));
            let (profile, name) = (&column.profile, &column.name);
            let technical = (points || key) && profile.is_running();
            Some(Reach { profile, name, about: &step.about, joins: step.joins, points, claimed, technical })
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
    // What is computed here, or is a second place for the same, is no source's to feed at first.
    let given = |table: &&Table| table.name != crate::matching::TABLE && !table.name.ends_with(SAID);
    let roots = ground.tables.iter().filter(|table| table.parent.is_none()).filter(given);
    let families = roots.map(|root| planner.family(root));
    let score = |homes: &[Home<'_>]| homes.iter().flat_map(|home| &home.tables).map(Paired::score).sum::<f64>();
    families.max_by(|a, b| score(a).total_cmp(&score(b))).unwrap_or_default()
}

impl<'g> Planner<'_, 'g> {
    fn family(&self, root: &'g Table) -> Vec<Home<'g>> {
        let present = (0..self.streams.len()).filter(|at| self.streams.get(*at).is_some_and(|stream| !stream.past));
        let best = present.map(|base| (self.affinity(root, base), base));
        let Some((_, base)) = best.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(&a.1))) else {
            return Vec::new();
        };
        let (mut all, mut fixed) = (Vec::<Candidate<'g>>::new(), Vec::<Fixed>::new());
        let mut claims: Vec<(&str, (usize, usize))> = Vec::new();
        for table in family(self.ground.tables, root) {
            let home = if table.name == root.name { base } else { self.home(table, base) };
            let steps = reach(self.streams, self.edges, home);
            // Rows of both kinds stand in the same columns.
            let beside = sibling(&table.name);
            let claimed: Vec<_> =
                claims.iter().filter(|(by, _)| Some(*by) != beside).map(|(_, place)| *place).collect();
            let days = self.days_of_service(&all, home);
            let fixed_here: Vec<Fixed> = if beside.is_some() { [fixed.clone(), days].concat() } else { fixed.clone() };
            let mut paired = self.pair(table, &steps, &fixed_here, &claimed);
            if beside.is_some() {
                let own = self.streams.get(home).and_then(|stream| stream.head(self.dictionary));
                let apart = own.is_some_and(|head| BOTH.contains(&head));
                let names = |one: &Candidate<'_>| Some(one.paired.table.name.as_str()) == beside && one.base == home;
                paired.divided = apart && (all.iter().any(names) || own != Some(table.name.as_str()));
                let parts = spread(table, &reached(self.streams, &steps, self.edges, &[]));
                if !apart && !parts.is_empty() {
                    spread_over(&mut paired, &reached(self.streams, &steps, self.edges, &[]), parts);
                }
            }
            if self.lacks(&paired, &all) {
                continue;
            }
            let all_columns = columns(self.streams, &steps);
            let place = |reach: usize| {
                let (at, place) = *all_columns.get(reach)?;
                Some((steps.get(at)?.stream, place))
            };
            let keys = table.key.iter().filter_map(|key| Some((key.clone(), place(paired.taken(key)?.reach)?)));
            for key in keys.collect::<Vec<Fixed>>() {
                if !fixed.iter().any(|(name, _)| *name == key.0) {
                    fixed.push(key);
                }
            }
            let enough = paired.score() >= if table.parent.is_some() { CHILD } else { ROOT };
            let own = paired.found.iter().filter(|found| table.column.get(found.column).is_some_and(is_own));
            let own = own.filter(|found| enough && found.weight.confidence >= THRESHOLD);
            claims.extend(own.filter_map(|found| Some((table.name.as_str(), place(found.reach)?))));
            all.push(Candidate { base: home, steps, paired, enough });
        }
        let mut homes = self.kept(root, all);
        self.contacts(&mut homes);
        // Rows of one table of conditions are divided between two national ones.
        for home in &mut homes {
            let both = BOTH.iter().all(|name| home.tables.iter().any(|paired| paired.table.name == *name));
            home.tables.iter_mut().filter(|paired| paired.table.name == "villkor").for_each(|villkor| {
                villkor.divided |= both && villkor.spread.is_empty() && villkor.implied.is_empty();
            });
        }
        homes
    }

    /// The days of the service that rows without days of their own hang on.
    fn days_of_service(&self, all: &[Candidate<'_>], home: usize) -> Vec<Fixed> {
        let own = self.streams.get(home).into_iter().flat_map(|stream| &stream.columns);
        let has_days = own.into_iter().any(|column| column.profile.share(super::profile::Kind::Date) >= MOSTLY_DAYS);
        let service = all.iter().find(|one| one.paired.table.name == "tjanst" && one.base != home && !has_days);
        let Some(service) = service else { return Vec::new() };
        let places = columns(self.streams, &service.steps);
        let days = [VALID_FROM, VALID_TO].into_iter().filter_map(|name| {
            let (at, place) = *places.get(service.paired.taken(name)?.reach)?;
            Some((name.to_owned(), (service.steps.get(at)?.stream, place)))
        });
        days.collect()
    }

    /// How the supplier is reached, beside the contracts.
    fn contacts(&self, homes: &mut [Home<'g>]) {
        let Some(table) = self.ground.tables.get("kontakt") else { return };
        let of_contracts = |home: &&mut Home<'g>| {
            home.tables.iter().any(|paired| paired.table.name == "avtal" && paired.taken("avtals_id").is_some())
        };
        let Some(home) = homes.iter_mut().find(of_contracts).filter(|_| self.ground.owner.is_some()) else { return };
        home.tables.extend(contact(table, &reached(self.streams, &home.steps, self.edges, &[])));
    }

    /// The tables that the source tells enough of, and those that they hang on.
    fn kept(&self, root: &Table, all: Vec<Candidate<'g>>) -> Vec<Home<'g>> {
        let has_root = all.iter().any(|one| one.enough && one.paired.table.name == root.name);
        // Services alone: what they hang on comes from another source.
        let about = all.iter().position(|one| one.enough && self.is_about(one.paired.table, one.base));
        let first = if has_root { 0 } else { about.unwrap_or_default() };
        let enough: Vec<&Table> = all.iter().filter(|one| one.enough).map(|one| one.paired.table).collect();
        let carries = |table: &Table| {
            has_root && enough.iter().any(|child| above(self.ground.tables, child).any(|name| name == table.name))
        };
        let keep: Vec<bool> =
            all.iter().enumerate().map(|(at, one)| at >= first && (one.enough || carries(one.paired.table))).collect();
        let mut homes: Vec<Home<'g>> = Vec::new();
        for (one, _) in all.into_iter().zip(keep).filter(|(_, keep)| *keep) {
            match homes.iter_mut().find(|known| known.base == one.base) {
                Some(known) => known.tables.push(one.paired),
                None => homes.push(Home { base: one.base, steps: one.steps, tables: vec![one.paired] }),
            }
        }
        // A table that only carries others is of no use alone.
        let told: f64 = homes.iter().flat_map(|home| &home.tables).map(Paired::score).sum();
        if told < 1.0 { Vec::new() } else { homes }
    }

    fn pair(&self, table: &'g Table, steps: &[Step], fixed: &[Fixed], claimed: &[(usize, usize)]) -> Paired<'g> {
        let reach = reached(self.streams, steps, self.edges, claimed);
        let all = columns(self.streams, steps);
        let place = |(stream, column): (usize, usize)| {
            all.iter().position(|(at, c)| *c == column && steps.get(*at).is_some_and(|s| s.stream == stream))
        };
        let fixed: Vec<(String, usize)> =
            fixed.iter().filter_map(|(name, at)| Some((name.clone(), place(*at)?))).collect();
        let mut paired = pair(table, &reach, &fixed);
        // Whose rows they are is known.
        let owner = table.owner.as_ref().filter(|_| self.ground.owner.is_some());
        let owner = owner.and_then(|owner| table.position(owner));
        paired.found.retain(|found| Some(found.column) != owner);
        paired
    }

    /// How much a stream is about a table.
    fn affinity(&self, table: &'g Table, base: usize) -> f64 {
        let steps = reach(self.streams, self.edges, base);
        let own: Vec<Step> = steps.iter().take(1).cloned().collect();
        let (near, far) = (self.pair(table, &own, &[], &[]).score(), self.pair(table, &steps, &[], &[]).score());
        let named = match self.about(table, base) {
            Some(0) => 1.0,
            Some(_) => 0.6,
            None => 0.0,
        };
        near + 0.3 * far + named
    }

    /// Whether a stream's name ends with what the table is about; nought where it is the table's first word.
    fn about(&self, table: &Table, base: usize) -> Option<usize> {
        let head = self.streams.get(base)?.head(self.dictionary)?;
        self.dictionary.about(&table.name).iter().position(|meaning| *meaning == head)
    }

    fn is_about(&self, table: &Table, base: usize) -> bool {
        self.about(table, base).is_some()
    }

    /// The stream whose rows are a child table's: one that is called so and leads to the root's, else the
    /// root's own where it tells of the table, else the one that tells most.
    fn home(&self, table: &'g Table, root: usize) -> usize {
        let leads = |base: &usize| {
            *base == root || reach(self.streams, self.edges, *base).iter().any(|step| step.stream == root)
        };
        let present = (0..self.streams.len()).filter(|at| self.streams.get(*at).is_some_and(|stream| !stream.past));
        let candidates: Vec<usize> = present.filter(leads).collect();
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

    /// Whether a key has no source and nothing to be made from; or another column that every row must have,
    /// where little else speaks for the table.
    fn lacks(&self, paired: &Paired<'_>, before: &[Candidate<'_>]) -> bool {
        let table = paired.table;
        let much = paired.score() >= if table.parent.is_some() { MUCH / 2.0 } else { MUCH };
        let needed =
            table.column.iter().filter(|column| column.required && (!much || table.key.contains(&column.name)));
        needed.into_iter().any(|column| {
            let others = before.iter().map(|one| &one.paired);
            paired.taken(&column.name).is_none() && sql::made(self.ground, paired, &column.name, others).is_none()
        })
    }
}

/// A table and where its rows would come from.
struct Candidate<'g> {
    base: usize,
    steps: Vec<Step>,
    paired: Paired<'g>,
    enough: bool,
}

/// What is a table's own and no other's: not its parties, its days or its keys.
fn is_own(column: &Column) -> bool {
    let party = column.name.ends_with("_namn") || column.identifier.is_some() || column.name.ends_with("_id");
    !party && column.kind != Kind::Date
}

/// The tables that a table hangs on.
fn above<'t>(tables: &'t Tables, table: &'t Table) -> impl Iterator<Item = &'t str> {
    let parent = |table: &&'t Table| tables.get(&table.parent.as_ref()?.table);
    std::iter::successors(parent(&table), move |table| parent(table)).map(|table| table.name.as_str())
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
