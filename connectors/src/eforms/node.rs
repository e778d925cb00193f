//! A notice as a small tree: what an id refers to is known only when all of the document has been read.

use std::io::Read;

use sluss_schemas::say;

use crate::error::{ConnectorError, Result};
use crate::files::xml::document::{self, Handler, Tag};

/// Most text and names of one notice.
const MAX_BYTES: usize = 64 << 20;
/// What an element takes beside its name and text.
const ELEMENT_BYTES: usize = 128;

/// An element.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Its name without a prefix.
    pub(super) name: String,
    /// The language that it is written in, where it says so.
    language: Option<String>,
    /// The list that its code is of, where it says so.
    list: Option<String>,
    text: String,
    children: Vec<Node>,
}

impl Node {
    /// The children of this name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// All elements at the end of a path, in their order.
    pub(super) fn at<'a>(&'a self, path: &[&'a str]) -> Vec<&'a Node> {
        path.iter().fold(vec![self], |found, &name| found.into_iter().flat_map(|node| node.all(name)).collect())
    }

    /// The text of the first element at the end of a path that has any.
    pub(super) fn value<'a>(&'a self, path: &[&'a str]) -> Option<&'a str> {
        self.at(path).into_iter().find_map(Node::text)
    }

    /// As [`Self::value`], in the language if there is one in it.
    pub(super) fn said<'a>(&'a self, path: &[&'a str], language: Option<&str>) -> Option<&'a str> {
        let mut found = self.at(path).into_iter();
        let own = found.clone().find(|node| language.is_some() && node.language.as_deref() == language);
        own.and_then(Node::text).or_else(|| found.find_map(Node::text))
    }

    /// Every element of this name, wherever it stands below.
    pub(super) fn below<'a>(&'a self, name: &str, found: &mut Vec<&'a Node>) {
        for child in &self.children {
            if child.name == name {
                found.push(child);
            }
            child.below(name, found);
        }
    }

    /// The list that its code is of.
    pub(super) fn list(&self) -> Option<&str> {
        self.list.as_deref()
    }

    fn text(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }
}

/// Reads a document as a tree.
pub(super) fn read(input: impl Read) -> Result<Node> {
    let mut growing = Growing { open: Vec::new(), root: None, bytes: 0 };
    document::read(input, false, &mut growing)?;
    Ok(growing.root.unwrap_or_default())
}

struct Growing {
    open: Vec<Node>,
    root: Option<Node>,
    bytes: usize,
}

impl Growing {
    fn grow(&mut self, bytes: usize) -> Result<()> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes <= MAX_BYTES {
            return Ok(());
        }
        Err(ConnectorError::source(say!("annonsen är större än 64 MiB", "the notice is larger than 64 MiB"))
            .hint(say!("kontrollera att filen innehåller en enda annons", "check that the file holds a single notice")))
    }
}

impl Handler for Growing {
    fn start(&mut self, tag: &Tag<'_>) -> Result<()> {
        let mut node = Node { name: tag.local().into_owned(), ..Node::default() };
        self.grow(node.name.len() + ELEMENT_BYTES)?;
        tag.attributes(|attribute| {
            match &*attribute.local() {
                "languageID" => node.language = Some(attribute.value()?.into_owned()),
                "listName" => node.list = Some(attribute.value()?.into_owned()),
                _ => {}
            }
            Ok(())
        })?;
        self.open.push(node);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<()> {
        self.grow(text.len())?;
        if let Some(node) = self.open.last_mut() {
            node.text.push_str(text);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        if let Some(node) = self.open.pop() {
            match self.open.last_mut() {
                Some(parent) => parent.children.push(node),
                None => self.root = Some(node),
            }
        }
        Ok(())
    }

    fn wants_text(&self) -> bool {
        true
    }
}
