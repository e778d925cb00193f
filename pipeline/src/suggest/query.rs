//! The query that joins a database's tables to the rows that a job reads.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::draft::Work;

impl Work<'_, '_> {
    /// The query that joins what the mappings read.
    pub(super) fn query(&self) -> String {
        let mut needed: BTreeSet<usize> = BTreeSet::from([0]);
        for at in self.names.keys() {
            let mut next = self.columns.get(*at).map(|(step, _)| *step);
            while let Some(step) = next {
                needed.insert(step);
                next = self.home.steps.get(step).and_then(|s| s.from).map(|(from, _)| from);
            }
        }
        let quote = self.ground.quote;
        let alias = |step: usize| format!("t{step}");
        let selected: Vec<String> = self
            .names
            .iter()
            .filter_map(|(at, name)| {
                let (step, _) = self.columns.get(*at)?;
                let own = &self.column(*at)?.profile.name;
                let field = format!("{}.{}", alias(*step), quote.name(own));
                Some(if own == name { field } else { format!("{field} AS {}", quote.name(name)) })
            })
            .collect();
        let mut out = format!("SELECT\n    {}", selected.join(",\n    "));
        for step in needed {
            let Some(here) = self.home.steps.get(step) else { continue };
            let Some(stream) = self.streams.get(here.stream) else { continue };
            let table = quote.path(&stream.name);
            let column = |stream: usize, column: usize| {
                self.streams.get(stream).and_then(|s| s.columns.get(column)).map(|c| quote.name(&c.profile.name))
            };
            match here.from {
                None => {
                    let _ = write!(out, "\nFROM {table} {}", alias(step));
                }
                Some((from, edge)) => {
                    let (this, that) = (alias(step), alias(from));
                    let pairs = std::iter::once((edge.child.1, edge.parent.1)).chain(edge.also);
                    let on = pairs.map(|(child, parent)| {
                        let parent = format!("{this}.{}", column(edge.parent.0, parent).unwrap_or_default());
                        let child = format!("{that}.{}", column(edge.child.0, child).unwrap_or_default());
                        if edge.loose {
                            format!("{} = {}", bare(&parent), bare(&child))
                        } else {
                            format!("{parent} = {child}")
                        }
                    });
                    let on = on.collect::<Vec<_>>().join(" AND ");
                    let _ = write!(out, "\nLEFT JOIN {table} {this} ON {on}");
                }
            }
        }
        out.push('\n');
        out
    }
}

/// An organisation number without what people write in it, in the SQL of every database.
fn bare(column: &str) -> String {
    format!("replace(replace({column}, '-', ''), ' ', '')")
}
