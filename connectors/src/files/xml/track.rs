//! Follows a document through the graph of paths.

use super::document::Tag;
use super::plan::{ABOVE, DOCUMENT, Node, Plan};

/// A place in the graph, and the depth of the element from which its path is counted.
pub(super) type Place = (usize, usize);

/// Where in the graph each open element is.
pub(super) struct Track<'p> {
    plan: &'p Plan,
    places: Vec<Place>,
    levels: Vec<Level>,
    depth: usize,
}

#[derive(Default)]
struct Level {
    from: usize,
    counts: Vec<(usize, usize, usize, u32)>,
}

impl<'p> Track<'p> {
    /// Before the root element.
    pub(super) fn new(plan: &'p Plan) -> Self {
        let mut track = Self { plan, places: Vec::new(), levels: vec![Level::default()], depth: 0 };
        track.hold((DOCUMENT, 0));
        track
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// A place's node.
    pub(super) fn node(&self, place: Place) -> Option<&'p Node> {
        self.plan.nodes.get(place.0)
    }

    /// The places of the open element at `depth`.
    pub(super) fn at(&self, depth: usize) -> &[Place] {
        let from = self.levels.get(depth).map_or(self.places.len(), |l| l.from);
        let to = if depth < self.depth { self.levels.get(depth + 1).map(|l| l.from) } else { None };
        self.places.get(from..to.unwrap_or(self.places.len())).unwrap_or_default()
    }

    /// Whether the element just entered is of a kind.
    pub(super) fn is(&self, kind: impl Fn(&Node) -> bool) -> bool {
        self.at(self.depth).iter().any(|place| self.node(*place).is_some_and(&kind))
    }

    /// An element begins.
    pub(super) fn enter(&mut self, tag: &Tag<'_>) {
        let (from, to) = (self.levels.get(self.depth).map_or(0, |l| l.from), self.places.len());
        let parent = self.depth;
        self.depth += 1;
        if self.levels.len() <= self.depth {
            self.levels.push(Level::default());
        }
        if let Some(level) = self.levels.get_mut(self.depth) {
            level.from = to;
            level.counts.clear();
        }
        let plan = self.plan;
        for index in from..to {
            let Some(&(place, owner)) = self.places.get(index) else { break };
            let Some(node) = plan.nodes.get(place) else { continue };
            if node.sticky {
                self.hold((place, owner));
            }
            for (number, edge) in node.edges.iter().enumerate() {
                if tag.is(&edge.test) && edge.nth.is_none_or(|nth| nth == self.count(parent, place, owner, number)) {
                    self.hold((edge.to, owner));
                }
            }
        }
    }

    /// The element just entered stands above a row: paths that lead up may start at it.
    pub(super) fn enter_above(&mut self) {
        self.hold((ABOVE, self.depth));
    }

    /// The element ends.
    pub(super) fn leave(&mut self) {
        if let Some(level) = self.levels.get(self.depth) {
            self.places.truncate(level.from);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn hold(&mut self, place: Place) {
        let from = self.levels.get(self.depth).map_or(0, |l| l.from);
        if self.places.get(from..).unwrap_or_default().contains(&place) {
            return;
        }
        self.places.push(place);
        if let Some(deep) = self.node(place).and_then(|n| n.deep) {
            self.hold((deep, place.1));
        }
    }

    /// Counts a child of the open element at `level` that has the name of an edge.
    fn count(&mut self, level: usize, place: usize, owner: usize, edge: usize) -> u32 {
        let Some(level) = self.levels.get_mut(level) else { return 0 };
        if let Some(known) = level.counts.iter_mut().find(|c| (c.0, c.1, c.2) == (place, owner, edge)) {
            known.3 = known.3.saturating_add(1);
            return known.3;
        }
        level.counts.push((place, owner, edge, 1));
        1
    }
}
