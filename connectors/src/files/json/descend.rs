//! Goes down to the rows and brings along what stands above them.

use std::collections::HashSet;
use std::io::Read;

use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::extract::{Extractor, Values, scalar_keys};
use super::path::Step;
use super::scan::{MAX_VALUE, Position, Scan, malformed};
use crate::error::{ConnectorError, Result};
use crate::files::cells::Cells;
use crate::files::format::Emit;

/// Columns that a file can have.
const MAX_COLUMNS: usize = 4096;

/// Paths, made ready.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// From the document to the rows.
    pub(super) rows: Vec<Step>,
    /// Number of columns.
    pub(super) width: usize,
    /// Columns within the row.
    pub(super) inner: Extractor,
    /// Columns of each object above the rows, from the outermost.
    pub(super) outer: Vec<Outer>,
    /// What joins several values.
    pub(super) separator: String,
    /// Rows must be objects.
    pub(super) objects: bool,
    /// A text in which the way to the rows is missing is an error, not one without rows.
    pub(super) strict: bool,
}

/// Columns of an object above the rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Outer {
    /// How they are taken.
    pub(super) extractor: Extractor,
    /// Their numbers.
    pub(super) columns: Vec<usize>,
}

/// Where rows go.
pub(super) enum Sink<'a> {
    /// Into chunks.
    Cells(Box<Cells>, &'a mut dyn Emit),
    /// Nowhere: only the names of their fields are gathered.
    Names(Names),
}

/// Names in the order in which they first occur.
#[derive(Default)]
pub(super) struct Names {
    /// The names.
    pub(super) list: Vec<String>,
    seen: HashSet<String>,
}

/// The way down through one text.
pub(super) struct Descent<'p, 's> {
    plan: &'p Plan,
    sink: Sink<'s>,
    values: Values,
    rows: u64,
    levels: Vec<Level>,
    open: usize,
    pending: Vec<Pending>,
    held: usize,
    /// Whether the way has been gone to its end, or to an array of nothing.
    reached: bool,
}

/// An object above the rows that is being read.
struct Level {
    values: Values,
    seen: HashSet<String>,
    pending_from: usize,
}

/// A row that waits for what may stand after it, in an object above.
struct Pending {
    row: u64,
    values: Vec<Option<String>>,
}

impl<'p, 's> Descent<'p, 's> {
    /// Begins.
    pub(super) fn new(plan: &'p Plan, sink: Sink<'s>) -> Self {
        let level = || Level { values: Values::new(plan.width), seen: HashSet::new(), pending_from: 0 };
        Self {
            plan,
            sink,
            values: Values::new(plan.width),
            rows: 0,
            levels: plan.outer.iter().map(|_| level()).collect(),
            open: 0,
            pending: Vec::new(),
            held: 0,
            reached: false,
        }
    }

    /// Reads a whole text.
    pub(super) fn document(&mut self, scan: &mut Scan<impl Read>) -> Result<()> {
        if scan.peek()?.is_none() {
            return Err(ConnectorError::source(say!("filen är tom", "the file is empty")));
        }
        self.open = 0;
        self.down(0, scan)?;
        match scan.peek()? {
            None if self.plan.strict && !self.reached => Err(ConnectorError::source(say!(
                "svaret har inga rader där de ska stå",
                "the answer has no rows where they should be"
            ))
            .hint(say!(
                "jämför `rows` med vad källan svarar; ett sådant svar är ofta ett felmeddelande",
                "compare `rows` with what the source answers; an answer like this is often an error message"
            ))),
            None => Ok(()),
            Some(_) => Err(scan.position().put(
                malformed(say!("det står mer efter slutet", "there is more after its end")).hint(say!(
                    "om varje rad är en egen text: ange lines = true i jobbfilen",
                    "if each line is a text of its own, set lines = true in the job file"
                )),
            )),
        }
    }

    /// Reads a line that is a row, or that holds rows.
    pub(super) fn line(&mut self, number: u64, line: &[u8]) -> Result<()> {
        let faulty = match std::str::from_utf8(line) {
            Err(e) => {
                let before = line.get(..e.valid_up_to()).unwrap_or_default();
                let column = String::from_utf8_lossy(before).chars().count() + 1;
                Some((column, say!("byte som inte är UTF-8", "bytes that are not UTF-8")))
            }
            Ok(text) => match serde_json::from_str::<serde::de::IgnoredAny>(text) {
                Err(e) => Some((column(&e, line), syntax(&e))),
                Ok(_) => None,
            },
        };
        if let Some((column, what)) = faulty {
            self.rows = if self.plan.rows.is_empty() { number } else { self.rows + 1 };
            return self.unread(format!("line {number}, column {column}: {what}"), line.to_vec());
        }
        if self.plan.rows.is_empty() {
            self.rows = number - 1;
            return self.row(line.trim_ascii()).map_err(|e| at_row(e, || Position { line: number, column: 1 }));
        }
        self.open = 0;
        self.down(0, &mut Scan::new(line)).map_err(|e| e.at(say!("rad {number}", "line {number}")))
    }

    /// Hands over the rows up to here, also when the text breaks off.
    pub(super) fn finish(self) -> Result<Names> {
        match self.sink {
            Sink::Cells(cells, emit) => cells.finish(emit).map(|()| Names::default()),
            Sink::Names(names) => Ok(names),
        }
    }

    fn down(&mut self, step: usize, scan: &mut Scan<impl Read>) -> Result<()> {
        let plan = self.plan;
        let first = scan.peek()?;
        match plan.rows.get(step) {
            None => {
                self.reached = true;
                let json = scan.value_only()?;
                let length = json.len();
                // A row's place is counted only where it is needed, since that takes a look back.
                self.row(json).map_err(|e| at_row(e, || scan.position_before(length)))
            }
            Some(step) if first == Some(b'n') => {
                // A list that is null is one of nothing, said in as many words.
                self.reached |= *step == Step::Each;
                ignore(scan)
            }
            Some(Step::Key(key)) if first == Some(b'{') => self.object(step, key, scan),
            Some(Step::Each) if first == Some(b'[') => self.array(step, None, scan),
            Some(Step::Nth(n)) if first == Some(b'[') => self.array(step, Some(*n), scan),
            Some(Step::Key(key)) => Err(scan.position().put(
                ConnectorError::source(say!(
                    "det som ska innehålla {key} är inget objekt",
                    "what should hold {key} is not an object"
                ))
                .hint(say!("jämför filen med rows i jobbfilen", "compare the file with rows in the job file")),
            )),
            Some(_) => Err(scan.position().put(
                ConnectorError::source(say!(
                    "ett värde som ska vara en lista är det inte",
                    "a value that should be an array is not"
                ))
                .hint(say!("jämför filen med rows i jobbfilen", "compare the file with rows in the job file")),
            )),
        }
    }

    fn array(&mut self, step: usize, nth: Option<usize>, scan: &mut Scan<impl Read>) -> Result<()> {
        scan.take(b'[')?;
        self.reached = true;
        if scan.take(b']')? {
            return Ok(());
        }
        let mut index = 0;
        loop {
            if nth.is_none_or(|n| n == index) {
                self.down(step + 1, scan)?;
            } else {
                ignore(scan)?;
            }
            index += 1;
            if scan.take(b']')? {
                return Ok(());
            }
            if !scan.take(b',')? {
                return Err(unexpected(scan, "a comma or ]")?);
            }
        }
    }

    fn object(&mut self, step: usize, way: &str, scan: &mut Scan<impl Read>) -> Result<()> {
        let level = self.open;
        self.open += 1;
        let from = self.pending.len();
        if let Some(level) = self.levels.get_mut(level) {
            level.values.clear();
            level.seen.clear();
            level.pending_from = from;
        }
        scan.take(b'{')?;
        if !scan.take(b'}')? {
            loop {
                if scan.peek()? != Some(b'"') {
                    return Err(unexpected(scan, "a key in quotes")?);
                }
                let key = scan.value_only()?;
                let length = key.len();
                let key = serde_json::from_slice::<String>(key)
                    .map_err(|e| scan.position_before(length).put(malformed(syntax(&e))))?;
                if !scan.take(b':')? {
                    return Err(unexpected(scan, "a colon")?);
                }
                if key == way {
                    self.down(step + 1, scan)?;
                } else {
                    self.member(level, &key, scan)?;
                }
                if scan.take(b'}')? {
                    break;
                }
                if !scan.take(b',')? {
                    return Err(unexpected(scan, "a comma or }")?);
                }
            }
        }
        self.close(level)
    }

    /// A member of an object above the rows.
    fn member(&mut self, level: usize, key: &str, scan: &mut Scan<impl Read>) -> Result<()> {
        let plan = self.plan;
        let (Some(outer), Some(state)) = (plan.outer.get(level), self.levels.get_mut(level)) else {
            return ignore(scan);
        };
        if !outer.extractor.keys().any(|wanted| wanted == key) {
            return ignore(scan);
        }
        let json = scan.value_only()?;
        let length = json.len();
        let taken = check(json).and_then(|json| {
            outer.extractor.member(key, json, &plan.separator, &mut state.values).map_err(|e| malformed(syntax(&e)))
        });
        taken.map_err(|e| scan.position_before(length).put(e))?;
        let fault = state.values.fault.take().or_else(|| {
            (!state.seen.insert(key.to_owned())).then(|| say!("{key} förekommer två gånger", "{key} occurs twice"))
        });
        match fault {
            Some(fault) => {
                Err(scan.position_before(length).put(ConnectorError::source(fault).hint(say!(
                    "jämför filen med columns i jobbfilen",
                    "compare the file with columns in the job file"
                ))))
            }
            None => Ok(()),
        }
    }

    /// An object above the rows ends: rows within it get what has come after them.
    fn close(&mut self, level: usize) -> Result<()> {
        self.open = level;
        if let (Some(outer), Some(state)) = (self.plan.outer.get(level), self.levels.get(level)) {
            for pending in self.pending.iter_mut().skip(state.pending_from) {
                for column in &outer.columns {
                    if let Some(place) = pending.values.get_mut(*column) {
                        *place = state.values.get(*column).map(str::to_owned);
                    }
                }
            }
        }
        if self.settled(level) { self.release() } else { Ok(()) }
    }

    /// Whether nothing can come any more for columns of the outermost `levels` objects.
    fn settled(&self, levels: usize) -> bool {
        let mut levels = self.plan.outer.iter().zip(&self.levels).take(levels);
        levels.all(|(outer, state)| outer.extractor.keys().all(|key| state.seen.contains(key)))
    }

    fn row(&mut self, json: &[u8]) -> Result<()> {
        self.rows += 1;
        let text = std::str::from_utf8(json).map_err(|_| not_text().because(Within { line: 1, column: 1 }))?;
        if let Sink::Names(names) = &mut self.sink {
            scalar_keys(text, |key| names.note(key)).map_err(|e| in_row(&e, text))?;
            if names.list.len() > MAX_COLUMNS {
                return Err(ConnectorError::source(say!(
                    "raderna har fler än {MAX_COLUMNS} olika fält",
                    "rows have more than {MAX_COLUMNS} different fields"
                ))
                .hint(say!("namnge dem som behövs i columns", "name those that are wanted in columns")));
            }
            return Ok(());
        }
        self.values.clear();
        let plan = self.plan;
        match plan.inner.value(text, &plan.separator, &mut self.values) {
            Err(e) if e.is_data() => return self.unread("a text has a wrong escape".to_owned(), json.to_vec()),
            outcome => outcome.map_err(|e| in_row(&e, text))?,
        }
        let fault = match text.as_bytes().first() {
            Some(b'n') => Some(say!("raden är null", "the row is null")),
            Some(b'{') => self.values.fault.take(),
            _ if plan.objects => Some(say!("raden är inget objekt", "the row is not an object")),
            _ => self.values.fault.take(),
        };
        if let Some(fault) = fault {
            return self.unread(fault.to_string(), json.to_vec());
        }
        for (outer, state) in plan.outer.iter().zip(&self.levels) {
            for column in &outer.columns {
                if let Some(value) = state.values.get(*column) {
                    self.values.add(*column, value, &plan.separator);
                }
            }
        }
        if !self.pending.is_empty() || !self.settled(self.open) {
            self.held += self.values.iter().flatten().map(str::len).sum::<usize>() + 32 * plan.width;
            if self.held > MAX_VALUE {
                return Err(ConnectorError::source(say!(
                    "ett värde ovanför raderna står för långt efter den första",
                    "a value above the rows stands too far after the first of them"
                ))
                .hint(say!(
                    "ta bort kolumnen ur columns, eller läs den i ett eget jobb",
                    "take its column out of columns, or read it as a job of its own"
                )));
            }
            let values = self.values.iter().map(|v| v.map(str::to_owned)).collect();
            self.pending.push(Pending { row: self.rows, values });
            return Ok(());
        }
        match &mut self.sink {
            Sink::Cells(cells, emit) => cells.row(self.rows, self.values.iter(), *emit),
            Sink::Names(_) => Ok(()),
        }
    }

    /// Hands over the rows that waited.
    fn release(&mut self) -> Result<()> {
        self.held = 0;
        for level in &mut self.levels {
            level.pending_from = 0;
        }
        for pending in self.pending.drain(..) {
            if let Sink::Cells(cells, emit) = &mut self.sink {
                cells.row(pending.row, pending.values.iter().map(Option::as_deref), *emit)?;
            }
        }
        Ok(())
    }

    fn unread(&mut self, detail: String, raw: Vec<u8>) -> Result<()> {
        match &mut self.sink {
            Sink::Cells(cells, emit) => cells.unread(self.rows, "olasbar_rad", detail, raw, *emit),
            Sink::Names(_) => Ok(()),
        }
    }
}

impl Names {
    fn note(&mut self, name: &str) {
        if !self.seen.contains(name) {
            self.seen.insert(name.to_owned());
            self.list.push(name.to_owned());
        }
    }
}

/// Passes over a value that nobody wants, and checks it where it is not too long.
fn ignore(scan: &mut Scan<impl Read>) -> Result<()> {
    let Some(json) = scan.skip()? else { return Ok(()) };
    let length = json.len();
    let checked = check(json)
        .and_then(|json| serde_json::from_str::<serde::de::IgnoredAny>(json).map_err(|e| malformed(syntax(&e))));
    checked.map(|_| ()).map_err(|e| scan.position_before(length).put(e))
}

fn check(json: &[u8]) -> Result<&str> {
    std::str::from_utf8(json).map_err(|_| not_text())
}

fn not_text() -> ConnectorError {
    malformed(say!("den har byte som inte är UTF-8", "it has bytes that are not UTF-8"))
}

/// What the library says of a text, without the place within the value, and without any value.
fn syntax(error: &serde_json::Error) -> Message {
    if error.is_data() {
        return say!("ett värde är fel skrivet", "a value is written wrongly");
    }
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().into()
}

/// A fault within a row, with its place there.
fn in_row(error: &serde_json::Error, text: &str) -> ConnectorError {
    malformed(syntax(error)).because(Within { line: error.line(), column: column(error, text.as_bytes()) })
}

/// The character, from 1, at which the library found a fault; it counts bytes itself.
fn column(error: &serde_json::Error, text: &[u8]) -> usize {
    let line = text.split(|b| *b == b'\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let before = line.get(..error.column().saturating_sub(1)).unwrap_or(line);
    String::from_utf8_lossy(before).chars().count() + 1
}

/// A place within a row.
#[derive(Debug)]
struct Within {
    line: usize,
    column: usize,
}

impl std::fmt::Display for Within {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {} of the row", self.line, self.column)
    }
}

impl std::error::Error for Within {}

/// Gives a fault within a row its place in the text.
fn at_row(error: ConnectorError, row: impl FnOnce() -> Position) -> ConnectorError {
    match error.source.as_ref().and_then(|source| source.downcast_ref::<Within>()) {
        Some(within) => row().then(within.line, within.column).put(error),
        None => error,
    }
}

fn unexpected(scan: &mut Scan<impl Read>, expected: &str) -> Result<ConnectorError> {
    let ended = scan.peek()?.is_none();
    let why = match (ended, expected) {
        (true, _) => say!("texten slutar för tidigt", "the text ends too early"),
        (false, "a comma or ]") => say!("här ska stå ett komma eller ]", "there should be a comma or ]"),
        (false, "a comma or }") => say!("här ska stå ett komma eller }}", "there should be a comma or }}"),
        (false, "a key in quotes") => {
            say!("här ska stå ett namn inom citattecken", "there should be a key in quotes")
        }
        (false, _) => say!("här ska stå ett kolon", "there should be a colon"),
    };
    Ok(scan.position().put(malformed(why)))
}
