//! Walks through a document and makes rows of it.

use std::collections::HashMap;

use sluss_schemas::say;

use super::document::{Handler, Tag};
use super::plan::{ABOVE, Plan, Source, Target};
use super::track::Track;
use crate::error::{ConnectorError, Result};
use crate::files::cells::Cells;
use crate::files::format::Emit;

/// Bytes of text in one row at most.
const MAX_ROW: usize = 64 << 20;

/// Where rows go.
pub(super) enum Sink<'a> {
    /// Into chunks.
    Cells(Box<Cells>, &'a mut dyn Emit),
    /// Nowhere: only the keys of pairs are gathered.
    Keys,
}

/// The walk. Columns of pairs follow after those of the plan.
pub(super) struct Walk<'a> {
    plan: &'a Plan,
    track: Track<'a>,
    sink: Sink<'a>,
    separator: &'a str,
    /// Element, from the root down, with what stands in it before a row.
    outer: Vec<Outer>,
    above: bool,
    captures: Vec<Capture>,
    open: usize,
    row: Row,
    row_depth: usize,
    rows: u64,
    pair_depth: usize,
    key: Option<String>,
    value: Option<String>,
    keys: HashMap<String, usize>,
    /// Keys in the order in which they came.
    pub(super) found: Vec<String>,
}

/// The row that is being read.
#[derive(Default)]
struct Row {
    values: Vec<String>,
    present: Vec<bool>,
    size: usize,
    fault: Option<String>,
}

/// What stands in an open element outside rows.
#[derive(Default)]
struct Outer {
    values: Vec<(usize, String)>,
    asked: Vec<usize>,
}

/// An element whose value is being gathered.
#[derive(Default)]
struct Capture {
    target: Option<Target>,
    owner: usize,
    depth: usize,
    nil: bool,
    run: String,
    parts: String,
    children: bool,
}

impl Capture {
    fn reset(&mut self, target: Target, owner: usize, depth: usize, nil: bool) {
        self.run.clear();
        self.parts.clear();
        (self.target, self.owner, self.depth, self.nil, self.children) = (Some(target), owner, depth, nil, false);
    }

    /// A child begins or ends: the text up to here is a part of its own.
    fn part(&mut self, separator: &str) {
        self.children = true;
        if !self.run.trim().is_empty() {
            if !self.parts.is_empty() {
                self.parts.push_str(separator);
            }
            self.parts.push_str(&self.run);
        }
        self.run.clear();
    }
}

impl<'a> Walk<'a> {
    /// A walk by `plan`, with the columns of pairs that are known beforehand.
    pub(super) fn new(plan: &'a Plan, keys: &[String], separator: &'a str, sink: Sink<'a>) -> Self {
        let first = plan.sources.len();
        let width = first + keys.len();
        let above = plan.nodes.get(ABOVE).is_some_and(|n| {
            n.deep.is_some() || !n.edges.is_empty() || !n.attributes.is_empty() || !n.texts.is_empty()
        });
        Self {
            plan,
            track: Track::new(plan),
            sink,
            separator,
            outer: Vec::new(),
            above,
            captures: Vec::new(),
            open: 0,
            row: Row { values: vec![String::new(); width], present: vec![false; width], ..Row::default() },
            row_depth: 0,
            rows: 0,
            pair_depth: 0,
            key: None,
            value: None,
            keys: keys.iter().cloned().zip(first..).collect(),
            found: Vec::new(),
        }
    }

    /// Hands over the rows up to here, also when the document breaks off.
    pub(super) fn finish(self) -> Result<()> {
        match self.sink {
            Sink::Cells(cells, emit) => cells.finish(emit),
            Sink::Keys => Ok(()),
        }
    }

    /// Whether a row is being read.
    pub(super) fn in_row(&self) -> bool {
        self.row_depth > 0
    }

    /// Something is wrong with the row that is being read: it will be unread. The first fault is told.
    pub(super) fn fault(&mut self, what: String) {
        self.row.fault.get_or_insert(what);
    }

    fn begin_row(&mut self) -> Result<()> {
        self.rows += 1;
        self.row_depth = self.track.depth();
        self.row.begin();
        for (column, source) in self.plan.sources.iter().enumerate() {
            let depth = match source {
                Source::Row => continue,
                Source::Above(levels) => self.row_depth.checked_sub(*levels),
                Source::Document(places) => (1..self.row_depth).rev().find(|depth| {
                    let place = places.get(depth - 1);
                    place.is_some_and(|place| self.track.at(*depth).iter().any(|held| held.0 == *place))
                }),
            };
            let Some(outer) = depth.and_then(|depth| self.outer.get_mut(depth)) else { continue };
            if !outer.asked.contains(&column) {
                outer.asked.push(column);
            }
            if let Some((_, value)) = outer.values.iter().find(|(c, _)| *c == column) {
                self.row.add(column, value, self.separator)?;
            }
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<()> {
        self.row_depth = 0;
        let Sink::Cells(cells, emit) = &mut self.sink else { return Ok(()) };
        let values = self.row.values.iter().zip(&self.row.present);
        let values = values.map(|(value, present)| present.then_some(value.as_str()));
        match self.row.fault.take() {
            None => cells.row(self.rows, values, *emit),
            Some(fault) => {
                let raw = serde_json::to_vec(&values.collect::<Vec<_>>()).unwrap_or_default();
                cells.unread(self.rows, "olasbar_rad", fault, raw, *emit)
            }
        }
    }

    fn deliver(&mut self, target: Target, owner: usize, value: &str) -> Result<()> {
        match target {
            Target::Column(column) => self.row.add(column, value, self.separator),
            Target::Key => {
                self.key = Some(value.to_owned());
                Ok(())
            }
            Target::Value => {
                match &mut self.value {
                    Some(known) => {
                        known.push_str(self.separator);
                        known.push_str(value);
                    }
                    None => self.value = Some(value.to_owned()),
                }
                Ok(())
            }
            Target::Outer(column) => {
                let depths = match self.plan.sources.get(column) {
                    Some(Source::Above(_)) => owner..=owner,
                    _ => 1..=self.track.depth(),
                };
                for depth in depths {
                    if let Some(outer) = self.outer.get_mut(depth) {
                        outer.add(column, value, self.separator)?;
                    }
                }
                Ok(())
            }
        }
    }

    fn attributes(&mut self, tag: &Tag<'_>) -> Result<()> {
        let depth = self.track.depth();
        for index in 0..self.track.at(depth).len() {
            let Some(&place) = self.track.at(depth).get(index) else { break };
            let Some(wanted) = self.track.node(place).map(|n| n.attributes.as_slice()) else { continue };
            if wanted.is_empty() {
                continue;
            }
            // Attributes mostly come in the order in which they are wanted: look on from the last one.
            let mut next = 0;
            tag.attributes(|attribute| {
                let (before, after) = wanted.split_at(next.min(wanted.len()));
                let mut value = None;
                for (number, (test, target)) in (next..).zip(after).chain((0..).zip(before)) {
                    if attribute.is(test) {
                        next = number + 1;
                        if value.is_none() {
                            value = Some(attribute.value()?);
                        }
                        self.deliver(*target, place.1, value.as_deref().unwrap_or_default())?;
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn end_pair(&mut self) {
        self.pair_depth = 0;
        let (key, value) = (self.key.take(), self.value.take());
        let Some(key) = key else {
            if value.is_some() {
                self.row.fault = Some(format!("a pair without a key in row element {}", self.rows));
            }
            return;
        };
        if let Some(column) = self.keys.get(&key) {
            if let Some(value) = value
                && let Err(e) = self.row.add(*column, &value, self.separator)
            {
                self.row.fault = Some(e.what.to_string());
            }
        } else if matches!(self.sink, Sink::Keys) {
            self.keys.insert(key.clone(), usize::MAX);
            self.found.push(key);
        }
    }
}

impl Handler for Walk<'_> {
    fn start(&mut self, tag: &Tag<'_>) -> Result<()> {
        self.track.enter(tag);
        let depth = self.track.depth();
        if depth == 1 {
            check_root(&tag.local(), !self.track.at(1).is_empty())?;
        }
        let separator = self.separator;
        for capture in self.captures.iter_mut().take(self.open) {
            capture.part(separator);
        }
        let is_row = self.track.is(|node| node.row);
        if self.row_depth == 0 {
            self.outer.resize_with(depth + 1, Outer::default);
            if is_row {
                self.begin_row()?;
            } else if self.above {
                self.track.enter_above();
            }
        } else if is_row {
            return Err(ConnectorError::configuration(say!(
                "det finns rader inuti rader",
                "there are rows within rows"
            ))
            .hint(say!(
                "ge row en sökväg till en enda nivå: /rot/a/b i stället för //b",
                "give row a path that leads to one level only: /root/a/b instead of //b"
            )));
        }
        if self.row_depth > 0 && self.pair_depth == 0 && self.track.is(|node| node.pair) {
            self.pair_depth = depth;
            (self.key, self.value) = (None, None);
        }
        if tag.has_attributes() {
            self.attributes(tag)?;
        }
        let mut nil = None;
        for index in 0..self.track.at(depth).len() {
            let Some(&place) = self.track.at(depth).get(index) else { break };
            let Some(node) = self.track.node(place) else { continue };
            for target in &node.texts {
                let nil = match nil {
                    Some(nil) => nil,
                    None => *nil.insert(tag.is_nil()?),
                };
                if self.captures.len() == self.open {
                    self.captures.push(Capture::default());
                }
                if let Some(capture) = self.captures.get_mut(self.open) {
                    capture.reset(*target, place.1, depth, nil);
                    self.open += 1;
                }
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<()> {
        for capture in self.captures.iter_mut().take(self.open) {
            if capture.run.len() + capture.parts.len() + text.len() > MAX_ROW {
                return Err(row_too_long());
            }
            capture.run.push_str(text);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        let depth = self.track.depth();
        let separator = self.separator;
        while let Some(last) = self.open.checked_sub(1) {
            let Some(capture) = self.captures.get_mut(last) else { break };
            if capture.depth < depth {
                break;
            }
            self.open = last;
            if capture.children {
                capture.part(separator);
            }
            let mut capture = std::mem::take(capture);
            let value = if capture.children { &capture.parts } else { &capture.run };
            if let (Some(target), false) = (capture.target, capture.nil) {
                self.deliver(target, capture.owner, value)?;
            }
            capture.target = None;
            if let Some(place) = self.captures.get_mut(last) {
                *place = capture;
            }
        }
        for capture in self.captures.iter_mut().take(self.open) {
            capture.part(separator);
        }
        if depth == self.pair_depth {
            self.end_pair();
        }
        if depth == self.row_depth {
            self.end_row()?;
        }
        if self.row_depth == 0 {
            self.outer.truncate(depth);
        }
        self.track.leave();
        Ok(())
    }

    fn wants_text(&self) -> bool {
        self.open > 0
    }
}

impl Row {
    fn begin(&mut self) {
        self.size = 0;
        self.fault = None;
        self.present.fill(false);
    }

    fn add(&mut self, column: usize, value: &str, separator: &str) -> Result<()> {
        let (Some(known), Some(present)) = (self.values.get_mut(column), self.present.get_mut(column)) else {
            return Ok(());
        };
        self.size += value.len() + separator.len();
        if self.size > MAX_ROW {
            return Err(row_too_long());
        }
        if *present {
            known.push_str(separator);
        } else {
            known.clear();
            *present = true;
        }
        known.push_str(value);
        Ok(())
    }
}

impl Outer {
    fn add(&mut self, column: usize, value: &str, separator: &str) -> Result<()> {
        if self.asked.contains(&column) {
            return Err(malformed_order());
        }
        match self.values.iter_mut().find(|(c, _)| *c == column) {
            Some((_, known)) if known.len() + value.len() > MAX_ROW => return Err(row_too_long()),
            Some((_, known)) => {
                known.push_str(separator);
                known.push_str(value);
            }
            None => self.values.push((column, value.to_owned())),
        }
        Ok(())
    }
}

fn row_too_long() -> ConnectorError {
    ConnectorError::source(say!("en rad är längre än {MAX_ROW} byte", "a row is longer than {MAX_ROW} bytes")).hint(
        say!(
            "kontrollera att row leder till raderna och inte till det som omger dem",
            "check that row leads to the rows and not to what holds them"
        ),
    )
}

fn malformed_order() -> ConnectorError {
    ConnectorError::source(say!(
        "ett värde utanför raderna står efter den första rad som behöver det",
        "a value outside the rows stands after the first row that needs it"
    ))
    .hint(say!(
        "ta bort kolumnen ur columns, eller läs den i ett eget jobb",
        "take the column out of columns, or read it as a job of its own"
    ))
}

/// Refuses a document that is not of the kind that the job reads.
pub(super) fn check_root(name: &str, known: bool) -> Result<()> {
    if name.eq_ignore_ascii_case("html") {
        return Err(ConnectorError::source(say!("filen är en HTML-sida", "the file is an HTML page")).hint(say!(
            "läs sidan: den kan säga varför källan inte skickade data",
            "look at the page: it may say why the source did not send the data"
        )));
    }
    if known {
        return Ok(());
    }
    Err(ConnectorError::source(say!(
        "dokumentets rotelement är inte det som row börjar med",
        "the document's root element is not the one that row begins with"
    ))
    .hint(say!(
        "kontrollera att filen är av det slag som jobbet läser, och row i jobbfilen",
        "check that the file is of the kind that the job reads, and row in the job file"
    )))
}
