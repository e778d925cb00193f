//! Bulk export: the server prepares files, and they are read as they come.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Buf, Bytes};
use reqwest::Response;
use serde::Deserialize;
use sluss_schemas::chunk::{Chunk, Origin};
use sluss_schemas::landing::{Landing, LandingWriter};
use sluss_schemas::say;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::outcome;
use super::plan::{Plan, Reads};
use super::source::Fhir;
use crate::connect::Connect;
use crate::error::{ConnectorError, Result};
use crate::files::{Emit, Format, Input, crashed, landing_failed, placed};
use crate::http::cursor::State;
use crate::http::increment::Increment;
use crate::http::reading::{Intake, Walk};
use crate::http::{Ask, Http};

/// Chunks that may wait for the pipeline.
const WAITING: usize = 2;
/// How often the server is asked whether the files are there, where it does not say.
const PAUSE: Duration = Duration::from_secs(5);

/// What the server has prepared.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    transaction_time: String,
    output: Vec<File>,
    #[serde(default)]
    error: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "type")]
    kind: String,
    url: String,
    count: Option<u64>,
}

/// An export under way.
pub(super) struct Exporting {
    plan: Arc<Plan>,
    intake: Intake,
    increment: Option<Increment>,
    files: Option<VecDeque<File>>,
    taken: String,
    current: Option<Current>,
    held: Option<Chunk>,
    ended: bool,
}

/// The file that is read now.
struct Current {
    chunks: mpsc::Receiver<Result<Chunk>>,
    thread: JoinHandle<()>,
    rows: u64,
    count: Option<u64>,
    name: String,
}

impl Exporting {
    /// Everything, or what has changed since the export that a cursor tells of.
    pub(super) fn new(plan: Arc<Plan>, state: Option<&State>, landing: Arc<dyn Landing>) -> Result<Self> {
        let increment = plan.increment(state)?;
        let intake = Intake::new(Arc::clone(&plan.http), landing, plan.chunk_rows, 0);
        let taken = String::new();
        Ok(Self { plan, intake, increment, files: None, taken, current: None, held: None, ended: false })
    }

    /// Asks for the files and waits until they are there.
    async fn prepare(&mut self) -> Result<VecDeque<File>> {
        let plan = Arc::clone(&self.plan);
        let mut url = plan.first.clone();
        if let Some(since) = self.increment.as_ref().and_then(Increment::since) {
            url.query_pairs_mut().append_pair(plan.since.0, &since);
        }
        let ask = Ask {
            accept: "application/fhir+json",
            prefer: Some("respond-async"),
            told: Some(outcome::told),
            place: plan.place.clone(),
            ..Ask::json(url.clone())
        };
        let started = self.intake.fetch(&ask).await?;
        let location = started.answer.location.filter(|_| started.answer.accepted).ok_or_else(|| {
            ConnectorError::source(say!("servern börjar inte någon export", "the server does not begin an export"))
                .at(plan.place.clone())
                .hint(say!(
                    "kontrollera om den kan bulkexport; utelämna annars `export`",
                    "check whether it knows bulk export; else leave out `export`"
                ))
        })?;
        let status = Ask { prefer: None, accept: "application/json", ..ask };
        let status = Ask { url: plan.http.next(&url, &location)?, ..status };
        let patience = Duration::from_secs(plan.export.unwrap_or_default());
        let until = Instant::now() + patience;
        loop {
            let page = self.intake.fetch(&status).await?;
            if !page.answer.accepted {
                return self.manifest(&page.answer.body).map_err(|error| placed(error, &page.origin.name));
            }
            let pause = page.answer.asked.unwrap_or(PAUSE);
            if Instant::now() + pause > until {
                return Err(ConnectorError::source(say!(
                    "servern blir inte klar med exporten i tid",
                    "the server does not finish the export in time"
                ))
                .at(plan.place.clone())
                .hint(say!(
                    "höj `export.patience_s`, eller fråga källans förvaltare",
                    "raise `export.patience_s`, or ask the source's administrator"
                ))
                .retryable());
            }
            sleep(pause).await;
        }
    }

    fn manifest(&mut self, body: &[u8]) -> Result<VecDeque<File>> {
        // The parser's words may quote addresses.
        let manifest: Manifest = serde_json::from_slice(body).map_err(|_| {
            ConnectorError::source(say!(
                "listan över exporterade filer går inte att läsa",
                "the list of exported files is not one"
            ))
            .hint(say!("fråga källans förvaltare", "ask the source's administrator"))
        })?;
        if !manifest.error.is_empty() {
            return Err(ConnectorError::source(say!(
                "servern berättar om fel i exporten: den är inte hel",
                "the server tells of errors in the export: it is not whole"
            ))
            .hint(say!("fråga källans förvaltare", "ask the source's administrator")));
        }
        self.taken = manifest.transaction_time;
        Ok(manifest.output.into_iter().filter(|file| file.kind != "OperationOutcome").collect())
    }

    /// Begins to read a file.
    async fn begin(&mut self, file: File) -> Result<Current> {
        let Reads::Resources(_, format) = &self.plan.reads else {
            return Err(crashed(&say!("en export lästes", "reading an export")));
        };
        let url = self.plan.http.next(&self.plan.first, &file.url)?;
        let place = Http::place(&url);
        let ask = Ask { accept: "application/fhir+ndjson", told: Some(outcome::told), ..Ask::json(url) };
        let response = self.plan.http.stream(&ask).await?;
        let origin = self.intake.origin(&place)?;
        let name = origin.name.clone();
        let writer = self.intake.landing().begin(&origin).map_err(landing_failed)?;
        let (rows, chunks) = mpsc::channel(WAITING);
        let (format, chunk_rows) = (Arc::clone(format), self.intake.chunk_rows());
        let handle = Handle::current();
        let thread = tokio::task::spawn_blocking(move || {
            let outcome = read(&*format, response, writer, &origin, chunk_rows, &rows, handle);
            if let Err(error) = outcome {
                // Nobody listens any longer: then nobody is to be told.
                let _ = rows.blocking_send(Err(placed(error, &origin.name)));
            }
        });
        Ok(Current { chunks, thread, rows: 0, count: file.count, name })
    }

    /// The position at the end: the server's own time of the export.
    fn end(&self) -> Option<State> {
        self.increment.as_ref()?;
        Some(State { high: Some(self.taken.clone()), ..State::default() })
    }
}

#[async_trait]
impl Walk for Exporting {
    async fn step(&mut self) -> Result<Option<Vec<Chunk>>> {
        if self.files.is_none() && !self.ended {
            self.files = Some(self.prepare().await?);
        }
        while !self.ended {
            if let Some(current) = &mut self.current {
                if let Some(chunk) = current.chunks.recv().await {
                    let chunk = chunk?;
                    current.rows += (chunk.rows.num_rows() + chunk.unread.len()) as u64;
                    return Ok(Some(self.held.replace(chunk).into_iter().collect()));
                }
                let Some(done) = self.current.take() else { continue };
                done.thread.await.map_err(|_| crashed(&say!("en export lästes", "reading an export")))?;
                if done.count.is_some_and(|count| done.rows < count) {
                    return Err(ConnectorError::source(say!(
                        "en exporterad fil innehåller färre resurser än servern uppger",
                        "an exported file holds fewer resources than the server tells"
                    ))
                    .at(done.name)
                    .hint(say!(
                        "kör igen; fråga källans förvaltare om det fortsätter",
                        "run again; if it stays so, ask the source's administrator"
                    ))
                    .retryable());
                }
            }
            match self.files.as_mut().and_then(VecDeque::pop_front) {
                Some(file) => self.current = Some(self.begin(file).await?),
                None => self.ended = true,
            }
        }
        let Some(mut last) = self.held.take() else { return Ok(None) };
        last.cursor = self.end().map(|state| state.cursor(Fhir::NAME));
        Ok(Some(vec![last]))
    }
}

/// Reads a file as it comes, on a thread of its own.
fn read(
    format: &impl Format,
    response: Response,
    writer: Box<dyn LandingWriter>,
    origin: &Origin,
    chunk_rows: usize,
    rows: &mpsc::Sender<Result<Chunk>>,
    handle: Handle,
) -> Result<()> {
    let tee = Tee { response, piece: Bytes::new(), handle, rows: rows.clone(), landing: Some(writer), done: None };
    let shared = Arc::new(std::sync::Mutex::new(tee));
    let input =
        Input { bytes: Box::new(Shared(Arc::clone(&shared))), size: None, name: origin.name.clone(), member: None };
    let outcome = format.read(input, chunk_rows, &mut Sending { origin, rows });
    let mut tee = shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(error) = tee.done.take() {
        return Err(error);
    }
    outcome?;
    tee.landing.take().map_or(Ok(()), LandingWriter::finish).map_err(landing_failed)
}

/// An answer as a file: each piece lands, and then is read.
struct Tee {
    response: Response,
    piece: Bytes,
    handle: Handle,
    rows: mpsc::Sender<Result<Chunk>>,
    landing: Option<Box<dyn LandingWriter>>,
    /// What ended the reading, where it was not the format.
    done: Option<ConnectorError>,
}

struct Shared(Arc<std::sync::Mutex<Tee>>);

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut tee = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        tee.fill().map_err(|error| {
            tee.done = Some(error);
            io::Error::other("the file cannot be read on")
        })?;
        let n = tee.piece.len().min(buffer.len());
        if let Some(place) = buffer.get_mut(..n) {
            tee.piece.copy_to_slice(place);
        }
        Ok(n)
    }
}

impl Tee {
    fn fill(&mut self) -> Result<()> {
        if !self.piece.is_empty() {
            return Ok(());
        }
        let (rows, response) = (&self.rows, &mut self.response);
        let piece = self.handle.block_on(async {
            tokio::select! {
                () = rows.closed() => None,
                piece = response.chunk() => Some(piece),
            }
        });
        let Some(piece) = piece else {
            return Err(crashed(&say!("en läsning som ingen väntar på pågick", "reading for nobody")));
        };
        let piece = piece.map_err(|_| {
            ConnectorError::source(say!(
                "anslutningen bröts innan filen var hel",
                "the connection broke before the file was whole"
            ))
            .hint(say!("kör igen", "run again"))
            .retryable()
        })?;
        self.piece = piece.unwrap_or_default();
        match &mut self.landing {
            Some(landing) => landing.write(&self.piece).map_err(landing_failed),
            None => Ok(()),
        }
    }
}

struct Sending<'a> {
    origin: &'a Origin,
    rows: &'a mpsc::Sender<Result<Chunk>>,
}

impl Emit for Sending<'_> {
    fn origin(&mut self, _name: &str, _part: Option<&str>) -> Origin {
        self.origin.clone()
    }
    fn chunk(&mut self, chunk: Chunk) -> Result<()> {
        self.rows
            .blocking_send(Ok(chunk))
            .map_err(|_| crashed(&say!("en läsning som ingen väntar på pågick", "reading for nobody")))
    }
}
