//! XML documents, read as a stream.
//!
//! # What it reads
//!
//! `row` leads to the elements that are rows; each column is a path from there, in a small part of
//! `XPath`: `a/b`, `a/@x`, `a[2]`, `.//a`, `*`, `.` (the row's own text). `../@x` and `../a` lead to
//! what stands above the row, `/root/header/a` to what stands at a fixed place before it. Names are
//! compared without their prefix; `p:a` asks for the namespace that `namespaces` gives to `p`.
//!
//! An element's value is its text, exactly. Several values of a column are joined by `separator`,
//! and so are the texts within an element that has children. An element without text is an empty
//! string, one that is absent or `xsi:nil` is null. A row's number is its ordinal.
//!
//! Lists of pairs (`<entry><key>ou</key><value>…</value></entry>`) become columns by `pairs`.
//!
//! Without `columns`, all attributes and elements of the rows are columns, in the order in which they
//! first occur in the whole file: it is then read twice and held in memory, up to 256 MiB.
//!
//! # Quirks
//!
//! - The encoding is that of the byte order mark, else of the XML declaration, else UTF-8.
//!   `ISO-8859-1` is read as windows-1252, which holds it and is what senders mean. A document that
//!   names UTF-16 and is not is read as UTF-8.
//! - Document types are not read: nothing is fetched, and an entity of their own is an error.
//! - A malformed document gives the rows before the fault, and then an error with the line. The
//!   error names nothing from the document, since in a malformed one anything may look like a name.
//! - A value outside the rows that stands after the first row that needs it is an error.
//! - Rows within rows are refused.

mod checked;
pub(crate) mod contract;
pub(crate) mod document;
pub(crate) mod message;
mod path;
mod plan;
mod survey;
#[cfg(test)]
mod tests;
mod track;
mod walk;

use std::io::Read;

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::say;

use self::path::{Namespaces, Path};
use self::plan::{Pair, Plan};
use self::survey::Survey;
use self::walk::{Sink, Walk};
use super::cells::{Cells, distinct, text_fields};
use super::columns::ColumnMap;
use super::decode::broken_off;
use super::format::{Emit, Format, Input};
use crate::connect::Field;
use crate::error::{ConnectorError, Result};

/// Size up to which a file is held in memory to find its columns.
const MAX_HELD: u64 = 256 << 20;
/// Between several values of one column.
const SEPARATOR: &str = "|";

/// How to read XML documents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Path to the elements that are rows: `//hsaUnit`, `/root/units/unit`, `Besok`.
    pub row: String,
    /// Columns: names and paths from the row. Without it, everything in the rows that has a value.
    pub columns: Option<ColumnMap>,
    /// What joins several values of one column; `|` unless something else is said.
    pub separator: Option<String>,
    /// Namespaces by the prefixes that paths use.
    pub namespaces: Namespaces,
    /// Rows that are lists of pairs of a key and a value: each key becomes a column.
    pub pairs: Option<Pairs>,
}

/// Where a row has its pairs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pairs {
    /// Path from the row to a pair.
    pub entry: String,
    /// Path from the pair to its key.
    pub key: String,
    /// Path from the pair to its value, or its values.
    pub value: String,
    /// The keys that are wanted. Without it, all that occur in the file.
    pub keys: Option<Vec<String>>,
}

/// The format, ready to read.
#[derive(Clone, Debug)]
pub(crate) struct Xml {
    options: Options,
    plan: Plan,
}

/// A plan and the names of its columns, those of pairs apart.
struct Shape {
    plan: Plan,
    names: Vec<String>,
    keys: Vec<String>,
}

impl Shape {
    fn all(&self) -> Vec<String> {
        distinct(self.names.iter().chain(&self.keys).cloned().collect())
    }
}

impl Xml {
    /// Checks the options.
    pub(crate) fn new(options: Options) -> Result<Self> {
        if options.row.trim().is_empty() {
            return Err(ConnectorError::configuration(say!(
                "row saknas: sökvägen till de element som är rader",
                "row is missing: the path to the elements that are rows"
            ))
            .hint(say!("skriv row = \"//element\"", "write row = \"//element\"")));
        }
        if let Some(columns) = &options.columns {
            columns.check()?;
        }
        let paths: Vec<&str> = options.columns.iter().flat_map(|c| &c.0).map(|(_, path)| path.as_str()).collect();
        let plan = options.plan(&paths)?;
        Ok(Self { options, plan })
    }

    fn separator(&self) -> &str {
        self.options.separator.as_deref().unwrap_or(SEPARATOR)
    }

    /// The columns, where the options tell them all.
    fn declared(&self) -> Option<Shape> {
        let names = match (&self.options.columns, &self.options.pairs) {
            (Some(columns), _) => columns.names(),
            (None, Some(_)) => Vec::new(),
            (None, None) => return None,
        };
        let keys = match &self.options.pairs {
            Some(pairs) => pairs.keys.clone()?,
            None => Vec::new(),
        };
        Some(Shape { plan: self.plan.clone(), names, keys })
    }

    /// The columns, found by a pass over the whole file, or over what comes before its fault.
    fn surveyed(&self, bytes: &[u8]) -> Result<(Shape, Result<()>)> {
        if self.options.pairs.is_some() {
            let mut walk = Walk::new(&self.plan, &[], self.separator(), Sink::Keys);
            let outcome = document::read(bytes, self.plan.namespaces, &mut walk);
            let names = self.options.columns.as_ref().map(ColumnMap::names).unwrap_or_default();
            return Ok((Shape { plan: self.plan.clone(), names, keys: walk.found }, outcome));
        }
        let mut survey = Survey::new(&self.plan);
        let outcome = document::read(bytes, self.plan.namespaces, &mut survey);
        let paths: Vec<&str> = survey.paths.iter().map(String::as_str).collect();
        let plan = self.options.plan(&paths)?;
        Ok((Shape { plan, names: survey::names(&survey.paths), keys: Vec::new() }, outcome))
    }
}

impl Options {
    fn plan(&self, columns: &[&str]) -> Result<Plan> {
        let parse = |text: &str| Path::parse(text, &self.namespaces);
        let pair = self.pairs.as_ref().map(|pairs| {
            Ok::<_, ConnectorError>(Pair {
                entry: parse(&pairs.entry)?,
                key: parse(&pairs.key)?,
                value: parse(&pairs.value)?,
            })
        });
        let columns: Vec<Path> = columns.iter().map(|path| parse(path)).collect::<Result<_>>()?;
        Plan::new(&parse(&self.row)?, &columns, pair.transpose()?.as_ref())
    }
}

impl Format for Xml {
    fn read(&self, input: Input, chunk_rows: usize, emit: &mut dyn Emit) -> Result<()> {
        let origin = emit.origin(&input.name, input.member.as_deref());
        let (shape, bytes): (Shape, Box<dyn Read>) = if let Some(shape) = self.declared() {
            (shape, input.bytes)
        } else {
            let bytes = hold(input)?;
            // A fault comes up again when the rows before it have been read.
            let (shape, _) = self.surveyed(&bytes)?;
            (shape, Box::new(std::io::Cursor::new(bytes)))
        };
        let cells = Cells::new(origin, &shape.all(), chunk_rows);
        let mut walk = Walk::new(&shape.plan, &shape.keys, self.separator(), Sink::Cells(Box::new(cells), emit));
        let outcome = document::read(bytes, shape.plan.namespaces, &mut walk);
        walk.finish()?;
        outcome
    }

    fn columns(&self, input: Input) -> Result<Vec<Field>> {
        if let Some(shape) = self.declared() {
            return Ok(text_fields(&shape.all()));
        }
        let (shape, outcome) = self.surveyed(&hold(input)?)?;
        outcome?;
        Ok(text_fields(&shape.all()))
    }
}

/// Reads a file into memory.
fn hold(input: Input) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.bytes.take(MAX_HELD + 1).read_to_end(&mut bytes).map_err(|e| broken_off().because(e))?;
    if bytes.len() as u64 > MAX_HELD {
        return Err(ConnectorError::configuration(say!(
            "filen är för stor för att kolumnerna ska hittas av sig själva",
            "the file is too large to find its columns by itself"
        ))
        .hint(say!(
            "namnge dem i columns: då läses en fil av vilken storlek som helst",
            "name them in columns: then a file of any size is read as a stream"
        )));
    }
    Ok(bytes)
}

/// Reads any bytes, for the fuzz target.
#[cfg(feature = "compliance")]
pub fn fuzz(data: &[u8]) {
    let columns = ["@a", "b", "c/d[2]", ".//e", "../f", "/g/@h", "."].map(|path| (path.to_owned(), path.to_owned()));
    let pairs = Pairs { entry: "*".to_owned(), key: "@k".to_owned(), value: "*".to_owned(), keys: None };
    for (columns, pairs) in [(None, None), (Some(ColumnMap(columns.to_vec())), None), (None, Some(pairs))] {
        let options = Options { row: "//row".to_owned(), columns, pairs, ..Options::default() };
        let _ = Xml::new(options).and_then(|xml| super::cells::drain(&xml, data));
    }
}
