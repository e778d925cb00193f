//! JSON texts and NDJSON (a JSON text in each line), read as a stream.
//!
//! # What it reads
//!
//! `rows` leads to the rows: `entry[*].resource`, `data[*].values[*]`. Without it, the elements of an
//! array are the rows, and anything else is the only row. With `lines`, each line is a text of its own.
//!
//! A column is a path from the row: `adress.rad[0]`, `namn[*].text` (several values, joined by
//! `separator`), `identifier[system=hsa_id].value` (of the elements that have this text; a name of a
//! code system or of an identifier stands for all that sources call it), `.` (the row itself). `../id` leads to the object in which the row stands, `../../id`
//! to the one around it, `$.meta.date` to the whole text. They may stand after the rows: these then
//! wait, up to 64 MiB of them.
//!
//! Numbers keep their digits as they are written (`1.10`), texts lose quotes and escapes, truth values
//! are `true` and `false`, arrays and objects that no path goes into are JSON as it stands. Null and
//! absent are null. A row's number is its ordinal; with `lines` and without `rows`, its line.
//!
//! Without `columns`, each field of the rows that is not always an array or an object is a column, in
//! the order in which they first occur in the whole file: it is then read twice and held in memory, up
//! to 256 MiB.
//!
//! # Quirks
//!
//! - The encoding is UTF-8 (RFC 8259), with or without a byte order mark, or UTF-16 with one.
//! - A malformed text gives the rows before the fault, and then an error with line and column. With
//!   `lines`, only that line is not read: rule `olasbar_rad`.
//! - A row in which a wanted key occurs twice, or in which a path meets something else than it says, is
//!   `olasbar_rad`: which of two values counts is not for us to guess.
//! - A value is at most 64 MiB long, and holds at most 128 arrays and objects within each other.

mod descend;
mod envelope;
mod extract;
mod path;
mod scan;
#[cfg(test)]
mod tests;

pub(crate) use self::envelope::Envelope;
use std::io::{Cursor, Read};

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::say;

use self::descend::{Descent, Names, Outer, Plan, Sink};
use self::extract::Extractor;
use self::path::{Path, Start, Step};
use self::scan::Scan;
use super::cells::{Cells, distinct, text_fields};
use super::columns::ColumnMap;
use super::decode::{Decoded, broken_off};
use super::format::{Emit, Format, Input};
use crate::connect::Field;
use crate::error::{ConnectorError, Result};

/// Size up to which a file is held in memory to find its columns.
const MAX_HELD: u64 = 256 << 20;
/// Between several values of one column.
const SEPARATOR: &str = "|";

/// How to read JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Path to the rows: `entry[*].resource`. Without it, the elements of an array, else the whole.
    pub rows: Option<String>,
    /// Columns: names and paths from the row. Without it, the rows' own fields.
    pub columns: Option<ColumnMap>,
    /// What joins several values of one column; `|` unless something else is said.
    pub separator: Option<String>,
    /// Each line is a JSON text of its own (NDJSON).
    pub lines: bool,
}

/// The format, ready to read.
#[derive(Clone, Debug)]
pub(crate) struct Json {
    options: Options,
    rows: Option<Vec<Step>>,
    columns: Option<Columns>,
    strict: bool,
    flat: bool,
}

/// Names and paths.
type Columns = Vec<(String, Path)>;

impl Json {
    /// Checks the options.
    pub(crate) fn new(options: Options) -> Result<Self> {
        let rows = match options.rows.as_deref().map(Path::parse).transpose()? {
            Some(Path { start: Start::Above(levels), .. }) if levels > 0 => {
                return Err(ConnectorError::configuration(say!(
                    "rows kan inte börja med ../",
                    "rows cannot begin with ../"
                )));
            }
            rows => rows.map(|path| path.steps),
        };
        if rows.iter().flatten().any(|step| matches!(step, Step::Where(..))) {
            return Err(ConnectorError::configuration(say!(
                "rader kan inte väljas efter vad de innehåller",
                "rows cannot be chosen by what they hold"
            ))
            .hint(say!(
                "läs alla, och lämna bort det som inte ska med under [filter]",
                "read them all, and leave out what is not wanted under [filter]"
            )));
        }
        let columns = match &options.columns {
            Some(columns) => {
                columns.check()?;
                let parse = |(name, path): &(String, String)| Ok((name.clone(), Path::parse(path)?));
                Some(columns.0.iter().map(parse).collect::<Result<_>>()?)
            }
            None => None,
        };
        let json = Self { options, rows, columns, strict: false, flat: false };
        if let Some(columns) = &json.columns {
            json.plan(json.rows.clone().unwrap_or_default(), columns)?;
        }
        Ok(json)
    }

    /// For answers of servers: where the way to the rows is missing, it is an error.
    pub(crate) fn strict(self) -> Self {
        Self { strict: true, ..self }
    }

    /// For FHIR: an array on a column's way stands for its elements, and what is not there is absent.
    pub(crate) fn flat(self) -> Self {
        Self { flat: true, ..self }
    }

    /// Makes the paths ready.
    fn plan(&self, rows: Vec<Step>, columns: &[(String, Path)]) -> Result<Plan> {
        let ways: Vec<usize> = (0..rows.len()).filter(|i| matches!(rows.get(*i), Some(Step::Key(_)))).collect();
        let mut inner: Vec<(usize, Vec<Step>)> = Vec::new();
        let mut outer: Vec<Vec<(usize, Vec<Step>)>> = vec![Vec::new(); ways.len()];
        for (column, (name, path)) in columns.iter().enumerate() {
            let (level, steps) = match path.start {
                Start::Above(0) => (None, path.steps.clone()),
                Start::Above(levels) => (ways.len().checked_sub(levels).or(Some(usize::MAX)), path.steps.clone()),
                Start::Document => {
                    // Into the row, or through the innermost object on the way there that the path shares.
                    let within = path.steps.strip_prefix(rows.as_slice()).map(|rest| (None, rest.to_vec()));
                    let through = || {
                        ways.iter().enumerate().rev().find_map(|(level, way)| {
                            Some((Some(level), path.steps.strip_prefix(rows.get(..*way)?)?.to_vec()))
                        })
                    };
                    within.or_else(through).unwrap_or((Some(usize::MAX), Vec::new()))
                }
            };
            match level {
                None => inner.push((column, steps)),
                Some(level) => {
                    let way = ways.get(level).and_then(|way| rows.get(*way));
                    let place = outer
                        .get_mut(level)
                        .filter(|_| matches!(steps.first(), Some(Step::Key(_))) && steps.first() != way);
                    let Some(place) = place else {
                        return Err(ConnectorError::configuration(say!(
                            "sökvägen för {name} leder inte till ett fält ovanför raderna",
                            "the path of {name} does not lead to a field above the rows"
                        ))
                        .hint(say!(
                            "../ leder till objektet som innehåller raden, $. till hela textens",
                            "../ leads to the object that holds the row, $. to that of the whole text"
                        )));
                    };
                    place.push((column, steps));
                }
            }
        }
        let extractor = |paths: &[(usize, Vec<Step>)]| {
            Extractor::new(paths.iter().map(|(c, s)| (*c, s.as_slice()))).flat(self.flat)
        };
        Ok(Plan {
            width: columns.len(),
            inner: extractor(&inner),
            outer: outer
                .iter()
                .map(|paths| Outer { extractor: extractor(paths), columns: paths.iter().map(|(c, _)| *c).collect() })
                .collect(),
            separator: self.options.separator.clone().unwrap_or_else(|| SEPARATOR.to_owned()),
            objects: self.options.columns.is_none(),
            strict: self.strict,
            rows,
        })
    }

    /// Reads a file whose columns are known.
    fn go(&self, bytes: Box<dyn Read + '_>, columns: &[(String, Path)], sink: Sink<'_>) -> (Result<()>, Result<Names>) {
        let mut scan = match self.open(bytes) {
            Ok(scan) => scan,
            Err(e) => return (Err(e), Ok(Names::default())),
        };
        let rows = match &self.rows {
            Some(rows) => Ok(rows.clone()),
            None if self.options.lines => Ok(Vec::new()),
            None => scan.peek().map(|first| if first == Some(b'[') { vec![Step::Each] } else { Vec::new() }),
        };
        let plan = match rows.and_then(|rows| self.plan(rows, columns)) {
            Ok(plan) => plan,
            Err(e) => return (Err(e), Ok(Names::default())),
        };
        let mut descent = Descent::new(&plan, sink);
        let outcome = if self.options.lines { lines(&mut scan, &mut descent) } else { descent.document(&mut scan) };
        (outcome, descent.finish())
    }

    /// The text in UTF-8. With `lines` its bytes are left as they are, so that a line with bad ones can
    /// be told from the others.
    fn open<'r>(&self, mut bytes: Box<dyn Read + 'r>) -> Result<Scan<Box<dyn Read + 'r>>> {
        if !self.options.lines {
            return Ok(Scan::new(Box::new(Decoded::json(bytes)?)));
        }
        let mut head = Vec::with_capacity(3);
        bytes.by_ref().take(3).read_to_end(&mut head).map_err(|e| broken_off().because(e))?;
        let wide = head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF");
        let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head).to_vec();
        let whole = Cursor::new(start).chain(bytes);
        Ok(Scan::new(if wide { Box::new(Decoded::json(whole)?) } else { Box::new(whole) }))
    }

    /// The columns, found by a pass over the whole file, or over what comes before its fault.
    fn surveyed(&self, bytes: &[u8]) -> (Columns, Result<()>) {
        let (outcome, names) = self.go(Box::new(bytes), &[], Sink::Names(Names::default()));
        let names = names.map(|n| n.list).unwrap_or_default();
        let column = |(name, key)| (name, Path { start: Start::Above(0), steps: vec![Step::Key(key)] });
        (distinct(names.clone()).into_iter().zip(names).map(column).collect(), outcome)
    }
}

fn lines(scan: &mut Scan<impl Read>, descent: &mut Descent<'_, '_>) -> Result<()> {
    let mut number = 0;
    let mut any = false;
    loop {
        number += 1;
        let line =
            scan.line().map_err(|e| if e.place.is_some() { e } else { e.at(say!("rad {number}", "line {number}")) })?;
        let Some(line) = line else { break };
        if !line.trim_ascii().is_empty() {
            any = true;
            descent.line(number, line)?;
        }
    }
    if any { Ok(()) } else { Err(ConnectorError::source(say!("filen är tom", "the file is empty"))) }
}

impl Format for Json {
    fn read(&self, input: Input, chunk_rows: usize, emit: &mut dyn Emit) -> Result<()> {
        let origin = emit.origin(&input.name, input.member.as_deref());
        let (columns, bytes): (Columns, Box<dyn Read>) = if let Some(columns) = &self.columns {
            (columns.clone(), input.bytes)
        } else {
            let bytes = hold(input)?;
            // A fault comes up again when the rows before it have been read.
            let (columns, _) = self.surveyed(&bytes);
            (columns, Box::new(Cursor::new(bytes)))
        };
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let cells = Cells::new(origin, &names, chunk_rows);
        let (outcome, finished) = self.go(bytes, &columns, Sink::Cells(Box::new(cells), emit));
        finished?;
        outcome
    }

    fn columns(&self, input: Input) -> Result<Vec<Field>> {
        let (found, outcome) = match &self.columns {
            Some(columns) => (columns.clone(), Ok(())),
            None => self.surveyed(&hold(input)?),
        };
        outcome?;
        Ok(text_fields(&found.iter().map(|(name, _)| name).collect::<Vec<_>>()))
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
    let columns = ["a", "b[*].c", "d[1]", "../e.f", "$.g", "."].map(|path| (path.to_owned(), path.to_owned()));
    for options in [
        Options::default(),
        Options { lines: true, ..Options::default() },
        Options {
            rows: Some("h.rows[*]".to_owned()),
            columns: Some(ColumnMap(columns.to_vec())),
            ..Options::default()
        },
    ] {
        let _ = Json::new(options).and_then(|json| super::cells::drain(&json, data));
    }
}
