//! Every kind of source that a job can name: the connectors, and what has been published.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::Schema;
use serde_json::Value;
use sluss_connectors::{page, registry};

use crate::derived;

/// A kind of source.
pub(crate) struct SourceKind {
    /// Its name in a job.
    pub(crate) name: &'static str,
    /// What its reference page tells beside the options.
    pub(crate) doc: &'static str,
    /// Schema of `[source.options]`.
    pub(crate) schema: Schema,
}

impl SourceKind {
    /// Its reference page (Markdown, Swedish).
    pub(crate) fn page(self) -> String {
        page::page(self.name, self.doc, &Value::from(self.schema))
    }

    /// What it is, in one sentence.
    pub(crate) fn summary(&self) -> String {
        page::summary(self.doc)
    }
}

/// All of them, in reading order.
pub(crate) fn all() -> impl Iterator<Item = SourceKind> {
    let connectors = registry::ALL.iter().map(|connector| SourceKind {
        name: connector.name(),
        doc: connector.doc(),
        schema: connector.schema(),
    });
    connectors.chain(derived::kinds())
}

/// The reference pages of all of them, by their files' names, with a list of them.
pub fn pages() -> BTreeMap<String, String> {
    let mut index = String::from("# Kopplingar\n\n| koppling | källa |\n|---|---|\n");
    let mut pages = BTreeMap::new();
    for kind in all() {
        let name = kind.name;
        // Writing to a string cannot fail.
        let _ = writeln!(index, "| [`{name}`]({name}.md) | {} |", kind.summary());
        pages.insert(format!("{name}.md"), kind.page());
    }
    pages.insert("README.md".to_owned(), index);
    pages
}
