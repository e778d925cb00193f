//! A first pass over a document: which attributes and elements its rows have.

use std::collections::HashSet;

use sluss_schemas::say;

use super::document::{Handler, Tag};
use super::plan::Plan;
use super::track::Track;
use super::walk::check_root;
use crate::error::{ConnectorError, Result};

/// Columns that a document can have.
pub(super) const MAX_COLUMNS: usize = 4096;

/// Gathers the paths, relative to the row, of everything in rows that has a value.
pub(super) struct Survey<'a> {
    track: Track<'a>,
    row_depth: usize,
    path: String,
    open: Vec<Element>,
    seen: HashSet<String>,
    /// The paths in the order in which they first occur.
    pub(super) paths: Vec<String>,
}

struct Element {
    /// Length of the path up to and with the element.
    path: usize,
    children: bool,
    attributes: bool,
    text: bool,
}

impl<'a> Survey<'a> {
    /// A survey of the rows of `plan`.
    pub(super) fn new(plan: &'a Plan) -> Self {
        Self {
            track: Track::new(plan),
            row_depth: 0,
            path: String::new(),
            open: Vec::new(),
            seen: HashSet::new(),
            paths: Vec::new(),
        }
    }

    fn note(&mut self, path: &str) -> Result<()> {
        if !self.seen.contains(path) {
            if self.paths.len() >= MAX_COLUMNS {
                return Err(ConnectorError::source(say!(
                    "raderna har fler än {MAX_COLUMNS} olika element",
                    "rows have more than {MAX_COLUMNS} different elements"
                ))
                .hint(say!("namnge dem som behövs i columns", "name those that are wanted in columns")));
            }
            self.seen.insert(path.to_owned());
            self.paths.push(path.to_owned());
        }
        Ok(())
    }
}

impl Handler for Survey<'_> {
    fn start(&mut self, tag: &Tag<'_>) -> Result<()> {
        self.track.enter(tag);
        let depth = self.track.depth();
        if depth == 1 {
            check_root(&tag.local(), !self.track.at(1).is_empty())?;
        }
        let begins = self.row_depth == 0 && self.track.is(|node| node.row);
        if begins {
            self.row_depth = depth;
            self.path.clear();
        } else if self.row_depth == 0 {
            return Ok(());
        } else {
            if let Some(parent) = self.open.last_mut() {
                parent.children = true;
            }
            if !self.path.is_empty() {
                self.path.push('/');
            }
            self.path.push_str(&tag.local());
        }
        let mut attributes = Vec::new();
        tag.attributes(|attribute| {
            if !attribute.prefixed("xsi") {
                attributes.push(attribute.local().into_owned());
            }
            Ok(())
        })?;
        for name in &attributes {
            let slash = if self.path.is_empty() { "" } else { "/" };
            let path = format!("{}{slash}@{name}", self.path);
            self.note(&path)?;
        }
        let attributes = !attributes.is_empty();
        self.open.push(Element { path: self.path.len(), children: false, attributes, text: false });
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<()> {
        if let Some(element) = self.open.last_mut() {
            element.text |= !text.trim().is_empty();
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        if self.row_depth > 0
            && let Some(element) = self.open.pop()
        {
            let is_row = self.open.is_empty();
            let holds_others = element.children || is_row && element.attributes;
            let leaf = element.text || !holds_others;
            if leaf {
                let path = if is_row { ".".to_owned() } else { self.path.clone() };
                self.note(&path)?;
            }
            let parent = self.open.last().map_or(0, |e| e.path);
            debug_assert!(element.path >= parent);
            self.path.truncate(parent);
            if is_row {
                self.row_depth = 0;
            }
        }
        self.track.leave();
        Ok(())
    }

    fn wants_text(&self) -> bool {
        self.row_depth > 0
    }
}

/// Column names for paths: attributes of the row lose their `@` where no element has that name, and
/// the row's own text is called `text`.
pub(super) fn names(paths: &[String]) -> Vec<String> {
    let elements: HashSet<&str> = paths.iter().map(String::as_str).filter(|p| !p.starts_with('@')).collect();
    let name = |path: &String| match path.strip_prefix('@') {
        Some(local) if !elements.contains(local) => local.to_owned(),
        _ if path == "." => "text".to_owned(),
        _ => path.clone(),
    };
    paths.iter().map(name).collect()
}
