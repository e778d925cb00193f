//! The order in which a delivery's tables are settled.

use std::collections::HashSet;

use super::engine::Engine;
use crate::lake::bond_of;

impl Engine {
    /// The feeds with parents before children, and whether others of them point at each; what hangs on
    /// contracts before what does not, since a source row that is withheld there is withheld everywhere.
    pub(super) fn parents_first(&self, feeds: &[String]) -> Vec<(String, bool)> {
        let parent =
            |name: &str| self.project.tables.get(name).and_then(|t| t.parent.as_ref()).map(|p| p.table.clone());
        let mut done: HashSet<String> = HashSet::new();
        let mut order = Vec::new();
        while order.len() < feeds.len() {
            let before = order.len();
            for name in feeds {
                let waits = parent(name).is_some_and(|p| p != *name && feeds.contains(&p) && !done.contains(&p));
                if !waits && done.insert(name.clone()) {
                    let is_parent = feeds.iter().any(|child| parent(child).as_deref() == Some(name));
                    order.push((name.clone(), is_parent));
                }
            }
            if order.len() == before {
                break;
            }
        }
        order.sort_by_key(|(name, _): &(String, bool)| {
            self.project.tables.get(name).is_none_or(|table| bond_of(table, &self.project.tables).is_none())
        });
        order
    }
}
