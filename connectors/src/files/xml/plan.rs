//! All paths of a job woven into one graph, so that each element is looked at once.

use sluss_schemas::say;

use super::path::{Path, Start, Step, Test};
use crate::error::{ConnectorError, Result};

/// What becomes of a text or an attribute that a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A column's value within the row.
    Column(usize),
    /// A column's value that stands outside the row.
    Outer(usize),
    /// The key of a pair.
    Key,
    /// The value of a pair.
    Value,
}

/// A place in the graph.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Steps down from here.
    pub(super) edges: Vec<Edge>,
    /// The place that holds at every depth below here, where a path goes on with `//`.
    pub(super) deep: Option<usize>,
    /// Holds in all elements below.
    pub(super) sticky: bool,
    /// What wants the element's text.
    pub(super) texts: Vec<Target>,
    /// What wants its attributes.
    pub(super) attributes: Vec<(Test, Target)>,
    /// The element is a row.
    pub(super) row: bool,
    /// The element is a pair.
    pub(super) pair: bool,
}

/// A step down.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    /// What the element must be called.
    pub(super) test: Test,
    /// Which of several it must be.
    pub(super) nth: Option<u32>,
    /// Where it leads.
    pub(super) to: usize,
}

/// Where a column's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// From within the row.
    Row,
    /// From an element so many levels above the row, or what stands before the row below it.
    Above(usize),
    /// From a fixed place; the graph's places on the way there, from the root element down.
    Document(Vec<usize>),
}

/// The graph.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Places; 0 is the document, 1 any element above a row.
    pub(super) nodes: Vec<Node>,
    /// Columns in order.
    pub(super) sources: Vec<Source>,
    /// Whether namespaces are asked for.
    pub(super) namespaces: bool,
}

/// The document.
pub(super) const DOCUMENT: usize = 0;
/// Any element above a row.
pub(super) const ABOVE: usize = 1;

/// Paths of a list of pairs.
pub(super) struct Pair {
    /// From the row to a pair.
    pub(super) entry: Path,
    /// From the pair to its key.
    pub(super) key: Path,
    /// From the pair to its values.
    pub(super) value: Path,
}

impl Plan {
    /// Weaves the graph. Pairs fill columns by their keys; these columns' sources come after.
    pub(super) fn new(row: &Path, columns: &[Path], pair: Option<&Pair>) -> Result<Self> {
        let mut plan = Self { nodes: vec![Node::default(); 2], sources: Vec::new(), namespaces: false };
        if row.attribute.is_some() || row.steps.is_empty() || matches!(row.start, Start::Above(levels) if levels > 0) {
            return Err(ConnectorError::configuration(say!(
                "row leder inte till ett element",
                "row does not lead to an element"
            ))
            .hint(say!(
                "skriv row som //element, /rot/element eller element",
                "write row as //element, /root/element or element"
            )));
        }
        // A plain name is looked for at any depth.
        let mut steps = row.steps.clone();
        if let (Start::Above(_), Some(first)) = (row.start, steps.first_mut()) {
            first.deep = true;
        }
        let fixed = steps.iter().all(|s| !s.deep);
        let row_node = *plan.weave(DOCUMENT, &steps).last().unwrap_or(&DOCUMENT);
        plan.node(row_node).row = true;
        for (index, path) in columns.iter().enumerate() {
            let inside = match path.start {
                Start::Above(0) => Some(path.steps.as_slice()),
                Start::Document if fixed => path.steps.strip_prefix(steps.as_slice()),
                _ => None,
            };
            let (source, from, way, target) = match (inside, path.start) {
                (Some(way), _) => (Source::Row, row_node, way, Target::Column(index)),
                (None, Start::Above(levels)) => {
                    (Source::Above(levels), ABOVE, path.steps.as_slice(), Target::Outer(index))
                }
                (None, Start::Document) => {
                    if path.steps.iter().any(|s| s.deep) {
                        return Err(ConnectorError::configuration(say!(
                            "en kolumns sökväg från dokumentet kan inte innehålla //",
                            "a column's path from the document cannot hold //"
                        ))
                        .hint(say!(
                            "skriv alla steg, som /rot/huvud/a, eller .//a för vilket djup som helst i raden",
                            "write all its steps, as /root/header/a, or .//a for any depth within the row"
                        )));
                    }
                    (Source::Document(Vec::new()), DOCUMENT, path.steps.as_slice(), Target::Outer(index))
                }
            };
            let places = plan.weave(from, way);
            plan.end(places.last().copied().unwrap_or(from), path.attribute.as_ref(), target);
            plan.sources.push(if matches!(source, Source::Document(_)) { Source::Document(places) } else { source });
        }
        if let Some(pair) = pair {
            for (name, path) in [("entry", &pair.entry), ("key", &pair.key), ("value", &pair.value)] {
                if path.start != Start::Above(0)
                    || (name == "entry" && (path.steps.is_empty() || path.attribute.is_some()))
                {
                    return Err(ConnectorError::configuration(say!(
                        "{name} i pairs leder inte nedåt",
                        "{name} of pairs does not lead down"
                    ))
                    .hint(say!(
                        "entry utgår från raden; key och value utgår från entry",
                        "entry starts at the row; key and value start at the entry"
                    )));
                }
            }
            let entry = plan.weave(row_node, &pair.entry.steps).last().copied().unwrap_or(row_node);
            plan.node(entry).pair = true;
            for (path, target) in [(&pair.key, Target::Key), (&pair.value, Target::Value)] {
                let place = plan.weave(entry, &path.steps).last().copied().unwrap_or(entry);
                plan.end(place, path.attribute.as_ref(), target);
            }
        }
        Ok(plan)
    }

    /// Adds the places along `steps`; they are shared with paths that begin alike.
    fn weave(&mut self, from: usize, steps: &[Step]) -> Vec<usize> {
        let mut places = Vec::with_capacity(steps.len());
        let mut at = from;
        for step in steps {
            self.namespaces |= matches!(step.test, Test::Full(..));
            if step.deep {
                at = if let Some(deep) = self.node(at).deep {
                    deep
                } else {
                    let deep = self.add(Node { sticky: true, ..Node::default() });
                    self.node(at).deep = Some(deep);
                    deep
                };
            }
            let known = self.node(at).edges.iter().find(|e| e.test == step.test && e.nth == step.nth).map(|e| e.to);
            at = if let Some(to) = known {
                to
            } else {
                let to = self.add(Node::default());
                self.node(at).edges.push(Edge { test: step.test.clone(), nth: step.nth, to });
                to
            };
            places.push(at);
        }
        places
    }

    fn end(&mut self, place: usize, attribute: Option<&Test>, target: Target) {
        self.namespaces |= matches!(attribute, Some(Test::Full(..)));
        match attribute {
            Some(test) => self.node(place).attributes.push((test.clone(), target)),
            None => self.node(place).texts.push(target),
        }
    }

    fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    #[expect(clippy::indexing_slicing, reason = "places come from this graph alone, which only grows")]
    fn node(&mut self, place: usize) -> &mut Node {
        &mut self.nodes[place]
    }
}
