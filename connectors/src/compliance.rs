//! What every connector must do, checked on a real source: call [`check`] in the connector's tests.
//!
//! Schema valid and documented · check and discover answer · row addresses unique and rising ·
//! the same rows every time · a resumed reading gives the rest of the full one, from every cursor ·
//! the original bytes land, all and only · memory bounded · dropping the stream stops the work ·
//! errors tell who must act · no secret in any text.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, UInt64Type};
use arrow::util::display::array_value_to_string;
use futures::StreamExt;
use serde_json::Value;
use sluss_schemas::chunk::{Chunk, Cursor, Origin, ROW_ID, RowId};
use sluss_schemas::landing::{Landing, LandingWriter};

use crate::connect::{Io, Source, Stream};
use crate::error::{Actor, ConnectorError};
use crate::registry;

/// A source and what must come out of it.
pub struct Case {
    /// The connector's name.
    pub connector: &'static str,
    /// `[source.options]`.
    pub options: Value,
    /// What the connector is given.
    pub io: Io,
    /// Rows that must come.
    pub rows: usize,
    /// Rows that cannot be read, which must come too.
    pub unread: usize,
    /// The bytes that must land, by the origin's name; none: not looked at.
    pub landed: Option<BTreeMap<String, Vec<u8>>>,
    /// Texts that must not stand in any error, name or debugging output.
    pub secrets: Vec<String>,
    /// Options that cannot work, and who must act.
    pub broken: Vec<(Value, Actor)>,
}

/// Checks everything.
///
/// # Panics
///
/// With what is not as it should be.
///
/// The source needs at least one row; for the checks of memory and cancellation to mean something,
/// many more than [`Io::chunk_rows`].
pub async fn check(case: &Case) {
    whole(case, Resumed::Rest).await;
}

/// Checks everything, of a source whose cursor leaves an overlap for late rows: after a cursor come
/// the rest, and possibly rows that came before, unchanged.
///
/// # Panics
///
/// With what is not as it should be.
pub async fn check_overlapping(case: &Case) {
    whole(case, Resumed::Overlapping).await;
}

/// What comes after a cursor.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Resumed {
    /// The rest, row by row.
    Rest,
    /// The rest, and possibly rows that came before.
    Overlapping,
}

async fn whole(case: &Case, after_cursor: Resumed) {
    schema(case);
    broken(case).await;
    let source = open(case);
    source.check().await.unwrap_or_else(|error| panic!("check: {}", told(case, &error)));
    let streams = discovered(case, source.as_ref()).await;

    let landing = Arc::new(Kept::default());
    let chunks = all(case, source.as_ref(), None, &landing).await;
    addressed(case, &chunks);
    typed(&streams, &chunks);
    landed(case, &landing);
    let full = lines(&chunks);
    let rows = chunks.iter().map(|chunk| chunk.rows.num_rows()).sum::<usize>();
    let unread = chunks.iter().map(|chunk| chunk.unread.len()).sum::<usize>();
    assert_eq!((rows, unread), (case.rows, case.unread), "rows and unread rows");

    let again = all(case, open(case).as_ref(), None, &Arc::new(Kept::default())).await;
    assert_eq!(full, lines(&again), "a second reading differs from the first");

    resumed(case, source.as_ref(), &chunks, after_cursor).await;
    cancelled(case, source.as_ref(), &chunks).await;
}

fn open(case: &Case) -> Box<dyn Source> {
    registry::open(case.connector, case.options.clone(), &case.io)
        .unwrap_or_else(|error| panic!("open: {}", told(case, &error)))
}

/// An error's texts, which must hold no secret and name who must act (its type does).
fn told(case: &Case, error: &ConnectorError) -> String {
    let text = format!("{error} {error:?} {}", error.hint.as_deref().unwrap_or_default());
    discreet(case, &text);
    assert!(!error.what.is_empty() && !error.what.ends_with('.'), "an error is a phrase without full stop: {text}");
    text
}

fn discreet(case: &Case, text: &str) {
    for secret in &case.secrets {
        assert!(!text.contains(secret.as_str()), "a secret stands in a text that people see");
    }
}

fn schema(case: &Case) {
    let schema = registry::options_schema(case.connector).unwrap_or_else(|error| panic!("schema: {error}"));
    let schema = serde_json::to_value(schema).unwrap_or_default();
    assert_eq!(schema["type"], "object", "options are a table");
    assert_eq!(schema["additionalProperties"], false, "unknown options must be refused");
    let definitions = schema["$defs"].as_object().into_iter().flatten().map(|(name, schema)| (name.as_str(), schema));
    for (name, schema) in definitions.chain([("options", &schema)]) {
        for (option, schema) in schema["properties"].as_object().into_iter().flatten() {
            assert!(schema["description"].is_string(), "{name}.{option} has no description");
        }
    }
}

async fn broken(case: &Case) {
    let mut unknown = case.options.clone();
    if let Some(options) = unknown.as_object_mut() {
        options.insert("no_such_option".into(), Value::Bool(true));
    }
    for (options, actor) in case.broken.iter().chain([&(unknown, Actor::Configuration)]) {
        let error = match registry::open(case.connector, options.clone(), &case.io) {
            Err(error) => Some(error),
            Ok(source) => source.read(None, Arc::new(Kept::default())).any_error().await,
        };
        let error = error.unwrap_or_else(|| panic!("options that cannot work were accepted: {options}"));
        let text = told(case, &error);
        assert_eq!(error.actor, *actor, "{text}");
        assert!(error.hint.is_some() || *actor == Actor::Us, "no next step: {text}");
    }
}

/// The error that a stream ends with.
trait AnyError {
    fn any_error(self) -> impl Future<Output = Option<ConnectorError>>;
}

impl<S: futures::Stream<Item = crate::error::Result<Chunk>> + Unpin> AnyError for S {
    async fn any_error(mut self) -> Option<ConnectorError> {
        while let Some(chunk) = self.next().await {
            if let Err(error) = chunk {
                assert!(self.next().await.is_none(), "a stream goes on after an error");
                return Some(error);
            }
        }
        None
    }
}

async fn discovered(case: &Case, source: &dyn Source) -> Vec<Stream> {
    let streams = source.discover().await.unwrap_or_else(|error| panic!("discover: {}", told(case, &error)));
    assert!(!streams.is_empty(), "no stream was discovered");
    for stream in &streams {
        discreet(case, &format!("{stream:?}"));
        assert!(!stream.columns.is_empty(), "the stream {} has no columns", stream.name);
    }
    streams
}

/// What was discovered is what comes: a mapping that is planned over the one runs on the other.
fn typed(streams: &[Stream], chunks: &[Chunk]) {
    let Some(first) = chunks.first() else { return };
    let schema = first.rows.schema();
    let fields = schema.fields().iter().filter(|field| field.name() != ROW_ID);
    let came: BTreeMap<&str, &DataType> = fields.map(|field| (field.name().as_str(), field.data_type())).collect();
    let said = |stream: &Stream| -> bool {
        let said: BTreeMap<_, _> = stream.columns.iter().map(|c| (c.name.as_str(), &c.arrow)).collect();
        said == came
    };
    assert!(streams.iter().any(said), "the columns that come are not those that are discovered: {came:?} {streams:?}");
}

async fn all(case: &Case, source: &dyn Source, after: Option<Cursor>, landing: &Arc<Kept>) -> Vec<Chunk> {
    let mut stream = source.read(after, Arc::clone(landing) as Arc<dyn Landing>);
    let mut chunks = Vec::new();
    while let Some(chunk) = stream.next().await {
        chunks.push(chunk.unwrap_or_else(|error| panic!("read: {}", told(case, &error))));
    }
    chunks
}

fn ids(rows: &RecordBatch) -> &[u64] {
    let column = rows.columns().last().unwrap_or_else(|| panic!("a batch has no columns"));
    assert_eq!(rows.schema().fields().last().map(|field| field.name().clone()).as_deref(), Some(ROW_ID));
    assert_eq!(column.data_type(), &DataType::UInt64, "{ROW_ID}");
    assert_eq!(column.null_count(), 0, "{ROW_ID}");
    column.as_primitive::<UInt64Type>().values()
}

fn addressed(case: &Case, chunks: &[Chunk]) {
    let mut seen = BTreeSet::new();
    let mut names = BTreeMap::new();
    let mut schemas = BTreeMap::new();
    let mut latest: Option<u64> = None;
    for chunk in chunks {
        discreet(case, &format!("{:?} {:?}", chunk.origin, chunk.cursor));
        assert!(chunk.rows.num_rows() + chunk.unread.len() <= 2 * case.io.chunk_rows, "a chunk is too large");
        let known = names.entry(chunk.origin.index).or_insert_with(|| Arc::clone(&chunk.origin));
        assert_eq!(**known, *chunk.origin, "one ordinal, two origins");
        let schema = schemas.entry(chunk.origin.index).or_insert_with(|| chunk.rows.schema());
        assert_eq!(*schema, chunk.rows.schema(), "the schema changes within an origin");
        for id in ids(&chunk.rows) {
            assert_eq!(RowId(*id).origin(), u64::from(chunk.origin.index), "an address of another origin");
            assert!(RowId(*id).row() > 0, "rows are counted from 1");
            assert!(latest.is_none_or(|latest| latest < *id), "addresses do not rise");
            latest = Some(*id);
            assert!(seen.insert(*id), "an address comes twice");
        }
        for unread in &chunk.unread {
            assert_eq!(unread.row.origin(), u64::from(chunk.origin.index), "an unread row of another origin");
            assert!(seen.insert(unread.row.0), "an unread row's address comes twice");
            assert!(!unread.rule.is_empty() && !unread.detail.is_empty(), "an unread row without its reason");
        }
    }
}

/// Everything that came, as text, in the order of the addresses: chunks may end elsewhere when a
/// reading is resumed. Without the origins' ordinals, which a resumed reading counts anew.
fn lines(chunks: &[Chunk]) -> Vec<String> {
    let mut lines = Vec::new();
    for chunk in chunks {
        let origin = format!("{} {:?}", chunk.origin.name, chunk.origin.part);
        let (columns, schema) = (chunk.rows.num_columns() - 1, chunk.rows.schema());
        for (row, id) in ids(&chunk.rows).iter().enumerate() {
            let mut line = format!("{origin} {}", RowId(*id).row());
            for column in 0..columns {
                let array = chunk.rows.column(column);
                let text = if array.is_null(row) { None } else { array_value_to_string(array, row).ok() };
                line.push(' ');
                line.push_str(schema.field(column).name());
                line.push_str(&text.map_or("~".to_owned(), |text| format!("={text}")));
            }
            lines.push((*id, line));
        }
        for unread in &chunk.unread {
            let line = format!("{origin} {} {} {} {:?}", unread.row.row(), unread.rule, unread.detail, unread.raw);
            lines.push((unread.row.0, line));
        }
    }
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}

/// Lines without the rows' numbers, which an overlap shifts.
fn unnumbered(lines: &[String]) -> BTreeSet<String> {
    let without =
        |line: &String| line.split(' ').filter(|word| word.parse::<u64>().is_err()).collect::<Vec<_>>().join(" ");
    lines.iter().map(without).collect()
}

fn landed(case: &Case, landing: &Kept) {
    assert_eq!(landing.open.load(Ordering::SeqCst), 0, "a landed object was neither finished nor given up");
    let Some(wanted) = &case.landed else { return };
    let kept = landing.sealed.lock().unwrap_or_else(PoisonError::into_inner);
    let names = |objects: &BTreeMap<String, Vec<u8>>| objects.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&kept), names(wanted), "what landed");
    for (name, bytes) in wanted {
        assert!(kept.get(name) == Some(bytes), "the bytes that landed of {name} are not those of the source");
    }
}

async fn resumed(case: &Case, source: &dyn Source, chunks: &[Chunk], after_cursor: Resumed) {
    let mut cursors = 0;
    let full = unnumbered(&lines(chunks));
    for (nth, chunk) in chunks.iter().enumerate() {
        let Some(cursor) = &chunk.cursor else { continue };
        cursors += 1;
        let rest = all(case, source, Some(cursor.clone()), &Arc::new(Kept::default())).await;
        let wanted = chunks.get(nth + 1..).unwrap_or_default();
        if after_cursor == Resumed::Rest {
            assert_eq!(lines(&rest), lines(wanted), "what follows after cursor {cursors}");
            continue;
        }
        let (rest, wanted) = (unnumbered(&lines(&rest)), unnumbered(&lines(wanted)));
        assert!(wanted.is_subset(&rest), "rows are missing after cursor {cursors}");
        assert!(rest.is_subset(&full), "rows come after cursor {cursors} that a full reading does not give");
    }
    assert!(cursors == 0 || chunks.last().is_some_and(|chunk| chunk.cursor.is_some()), "the end has no cursor");
}

/// Takes one chunk and waits: the source must not run ahead. Then drops the stream: it must stop.
async fn cancelled(case: &Case, source: &dyn Source, chunks: &[Chunk]) {
    let landing = Arc::new(Kept::default());
    let mut stream = source.read(None, Arc::clone(&landing) as Arc<dyn Landing>);
    let first = stream.next().await;
    assert!(first.is_some(), "no chunk came");
    let mut before = usize::MAX;
    while before != landing.bytes.load(Ordering::SeqCst) {
        before = landing.bytes.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    if let (Some(wanted), true) = (&case.landed, chunks.len() >= 32) {
        let all: usize = wanted.values().map(Vec::len).sum();
        assert!(before < all, "the source reads on while nobody takes what it has read");
    }
    drop(stream);
    for _ in 0..100 {
        if landing.open.load(Ordering::SeqCst) == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the source goes on reading 5 seconds after its stream was dropped");
}

/// A landing zone in memory.
#[derive(Clone, Default)]
pub struct Kept {
    sealed: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    open: Arc<AtomicUsize>,
    bytes: Arc<AtomicUsize>,
}

impl Kept {
    /// What has landed and been sealed, by the origin's name.
    pub fn sealed(&self) -> BTreeMap<String, Vec<u8>> {
        self.sealed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Landing for Kept {
    fn begin(&self, origin: &Origin) -> io::Result<Box<dyn LandingWriter>> {
        self.open.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(Keeping { kept: self.clone(), name: origin.name.clone(), bytes: Vec::new() }))
    }
}

struct Keeping {
    kept: Kept,
    name: String,
    bytes: Vec<u8>,
}

impl LandingWriter for Keeping {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.kept.bytes.fetch_add(bytes.len(), Ordering::SeqCst);
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.bytes);
        self.kept.sealed.lock().unwrap_or_else(PoisonError::into_inner).insert(self.name.clone(), bytes);
        Ok(())
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        self.kept.open.fetch_sub(1, Ordering::SeqCst);
    }
}
