//! Which jobs build on which: code systems → catalogue → contracts → waiting times → situation picture.
//!
//! A job builds on those that feed what its own tables point at or what its source reads, of its own owner or
//! of the nation's, and on those that it names in `after`. References in a circle are cut.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use globset::Glob;
use sluss_schemas::region;
use sluss_schemas::table::Tables;

use crate::matching::precedence::SAID;

/// Tables of the code systems: everything that has codes is judged by them.
const CODES: [&str; 3] = ["kod", "kodmappning", "vardomrade"];
/// Deeper than references lead.
const DEEPEST: usize = 8;

/// What of a job decides its place.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Whose rows it publishes.
    pub owner: String,
    /// Tables that it feeds.
    pub feeds: Vec<String>,
    /// Tables of the lake or the register that its source reads.
    pub reads: Vec<String>,
    /// Jobs that it names itself.
    pub after: Vec<String>,
}

/// The order among jobs.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    places: HashMap<String, Place>,
}

#[derive(Clone, Debug, Default)]
struct Place {
    level: usize,
    before: BTreeSet<String>,
    beside: BTreeSet<String>,
}

impl Graph {
    /// Puts jobs in order.
    pub fn new(tables: &Tables, jobs: &[Node]) -> Self {
        let mut levels = HashMap::new();
        let mut level = |table: &str| *levels.entry(table.to_owned()).or_insert_with(|| level(tables, table, 0));
        let mut places: HashMap<String, Place> = HashMap::new();
        let mut feeders: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
        for job in jobs {
            let feeds = job.feeds.iter().map(|table| level(table)).max();
            let reads = job.reads.iter().map(|table| 1 + level(table)).max();
            let own = feeds.max(reads).unwrap_or_default();
            places.insert(job.name.clone(), Place { level: own, ..Place::default() });
            for table in &job.feeds {
                feeders.entry(table).or_default().push(job);
            }
        }
        for job in jobs {
            let own = places.get(&job.name).map(|place| place.level).unwrap_or_default();
            let (mut before, mut beside) = (BTreeSet::new(), BTreeSet::new());
            for table in needs(tables, job) {
                let feeding = feeders.get(table.as_str()).into_iter().flatten();
                let earlier = feeding.filter(|other| places.get(&other.name).is_some_and(|p| p.level < own));
                before.extend(earlier.filter(|other| related(&other.owner, &job.owner)).map(|o| o.name.clone()));
            }
            for pattern in &job.after {
                let Ok(pattern) = Glob::new(pattern).map(|glob| glob.compile_matcher()) else { continue };
                before.extend(jobs.iter().filter(|o| pattern.is_match(&o.name)).map(|o| o.name.clone()));
            }
            for table in &job.feeds {
                let feeding = feeders.get(table.as_str()).into_iter().flatten();
                beside.extend(feeding.filter(|other| other.owner == job.owner).map(|other| other.name.clone()));
            }
            before.remove(&job.name);
            beside.remove(&job.name);
            if let Some(place) = places.get_mut(&job.name) {
                (place.before, place.beside) = (before, beside);
            }
        }
        let mut graph = Self { places };
        graph.cut_circles(jobs);
        graph
    }

    /// The jobs that are to have run before this one, where they are due too.
    pub fn before(&self, job: &str) -> impl Iterator<Item = &str> {
        self.places.get(job).into_iter().flat_map(|place| place.before.iter().map(String::as_str))
    }

    /// The jobs that feed one of the same tables for the same owner: they never run at the same time.
    pub fn beside(&self, job: &str) -> impl Iterator<Item = &str> {
        self.places.get(job).into_iter().flat_map(|place| place.beside.iter().map(String::as_str))
    }

    /// How far down the stream the job is: code systems are 0.
    pub fn level(&self, job: &str) -> usize {
        self.places.get(job).map(|place| place.level).unwrap_or_default()
    }

    /// `after` may name jobs that come later by what they feed: an edge that closes a circle is left out,
    /// the same whatever the order of the files.
    fn cut_circles(&mut self, jobs: &[Node]) {
        let mut named: Vec<&Node> = jobs.iter().filter(|job| !job.after.is_empty()).collect();
        named.sort_by(|a, b| a.name.cmp(&b.name));
        for job in named {
            let before: Vec<String> = self.before(&job.name).map(str::to_owned).collect();
            for other in before {
                if self.leads(&other, &job.name)
                    && let Some(place) = self.places.get_mut(&job.name)
                {
                    place.before.remove(&other);
                }
            }
        }
    }

    /// Whether `from` waits, through others, for `to`.
    fn leads(&self, from: &str, to: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(job) = open.pop() {
            if job == to {
                return true;
            }
            if seen.insert(job) {
                open.extend(self.before(job));
            }
        }
        false
    }
}

/// The tables that must be there before the job's own.
fn needs(tables: &Tables, job: &Node) -> BTreeSet<String> {
    let mut out: BTreeSet<String> = job.reads.iter().cloned().collect();
    let mut open: Vec<&str> = job.feeds.iter().map(String::as_str).collect();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    while let Some(name) = open.pop() {
        let Some(table) = tables.get(name).filter(|_| seen.insert(name)) else { continue };
        for reference in table.column.iter().filter_map(|c| c.references.as_ref()).chain(&table.parent) {
            out.insert(reference.table.clone());
            open.push(&reference.table);
        }
    }
    if !job.feeds.iter().any(|table| CODES.contains(&table.as_str())) {
        out.extend(CODES.map(str::to_owned));
    }
    out
}

/// A region's rows point at its own and at the nation's; the nation's may be made from all.
fn related(one: &str, other: &str) -> bool {
    let is_region = |owner: &str| region::by_lanskod(owner).is_some();
    one == other || !is_region(one) || !is_region(other)
}

/// How many tables must come before this one.
fn level(tables: &Tables, name: &str, depth: usize) -> usize {
    // What each source says, before one of them wins, is the ground of the table itself.
    if CODES.contains(&name) || name.ends_with(SAID) || depth > DEEPEST {
        return 0;
    }
    let Some(table) = tables.get(name) else { return 1 };
    let pointed = table.column.iter().filter_map(|c| c.references.as_ref()).chain(&table.parent);
    let before = pointed.filter(|r| r.table != name).map(|r| level(tables, &r.table, depth + 1)).max();
    1 + before.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(name: &str, owner: &str, feeds: &[&str], reads: &[&str], after: &[&str]) -> Node {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Node {
            name: name.to_owned(),
            owner: owner.to_owned(),
            feeds: owned(feeds),
            reads: owned(reads),
            after: owned(after),
        }
    }

    fn graph(more: &[Node]) -> Graph {
        let mut jobs = vec![
            job("kva", "nationell", &["kod"], &[], &[]),
            job("icd", "nationell", &["kod"], &[], &[]),
            job("hsa", "nationell", &["organisation"], &[], &[]),
            job("22/avtal", "22", &["avtal", "uppdrag"], &[], &[]),
            job("22/tjanster", "22", &["tjanst"], &[], &[]),
            job("10/avtal", "10", &["avtal"], &[], &[]),
            job("22/genomforda", "22", &["genomford"], &[], &[]),
            job("22/vantetid", "22", &["vantetid"], &["genomford"], &[]),
        ];
        jobs.extend_from_slice(more);
        Graph::new(&Tables::national(), &jobs)
    }

    fn before(graph: &Graph, job: &str) -> Vec<String> {
        graph.before(job).map(str::to_owned).collect()
    }

    #[test]
    fn jobs_come_after_what_they_build_on() {
        let graph = graph(&[]);
        assert_eq!(before(&graph, "kva"), Vec::<String>::new());
        assert!(before(&graph, "22/avtal").contains(&"hsa".to_owned()));
        let services = before(&graph, "22/tjanster");
        assert!(services.contains(&"22/avtal".to_owned()) && services.contains(&"icd".to_owned()));
        assert!(!services.contains(&"10/avtal".to_owned()), "another region's contracts are no ground");
        assert!(before(&graph, "22/vantetid").contains(&"22/genomforda".to_owned()));
        assert_eq!(graph.beside("kva").collect::<Vec<_>>(), ["icd"]);
        assert_eq!(graph.beside("22/avtal").count(), 0);
    }

    #[test]
    fn what_is_named_comes_first_and_circles_are_cut_the_same_way_always() {
        let late = job("a", "nationell", &["upphandling"], &[], &["22/*", "b"]);
        let circle = job("b", "nationell", &["utbud"], &[], &["a"]);
        let one = graph(&[late.clone(), circle.clone()]);
        let other = graph(&[circle, late]);
        assert!(before(&one, "a").contains(&"22/vantetid".to_owned()));
        for graph in [&one, &other] {
            assert!(!before(graph, "a").contains(&"b".to_owned()));
            assert!(before(graph, "b").contains(&"a".to_owned()));
        }
    }
}
