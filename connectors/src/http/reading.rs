//! A reading of many answers: each is fetched, lands, and is read before the next is asked for.

use std::collections::VecDeque;
use std::io::{Cursor as Bytes, Read};
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use sluss_schemas::chunk::{Chunk, Origin};
use sluss_schemas::landing::Landing;
use sluss_schemas::say;

use super::answer::Answer;
use super::client::{Ask, Http};
use crate::error::{ConnectorError, Result};
use crate::files::{Emit, Format, Input, crashed, landing_failed, placed};

/// Origins are numbered in 24 bits of a row's address.
const MAX_ORIGINS: u32 = 1 << 24;

/// A way through a source's answers.
#[async_trait]
pub(crate) trait Walk: Send + 'static {
    /// The chunks of the next answer; none after the last one.
    async fn step(&mut self) -> Result<Option<Vec<Chunk>>>;
}

/// The chunks of a walk. Nothing is asked for before somebody wants it, and dropping the stream ends
/// all of it. The first error is the last that comes.
pub(crate) fn stream(walk: impl Walk) -> BoxStream<'static, Result<Chunk>> {
    let state = Some((walk, VecDeque::new()));
    stream::unfold(state, |state| async {
        let (mut walk, mut waiting) = state?;
        loop {
            if let Some(chunk) = waiting.pop_front() {
                return Some((Ok(chunk), Some((walk, waiting))));
            }
            match walk.step().await {
                Ok(Some(chunks)) => waiting.extend(chunks),
                Ok(None) => return None,
                Err(error) => return Some((Err(error), None)),
            }
        }
    })
    .boxed()
}

/// Fetches answers and reads them.
pub(crate) struct Intake {
    http: Arc<Http>,
    landing: Arc<dyn Landing>,
    chunk_rows: usize,
    /// The next origin's ordinal.
    index: u32,
    /// Answers so far, also of the readings that this one goes on from.
    answers: u64,
}

/// An answer that has landed.
pub(crate) struct Page {
    /// What it is called.
    pub(crate) origin: Origin,
    /// The answer.
    pub(crate) answer: Answer,
}

impl Intake {
    /// Goes on after `answers` answers.
    pub(crate) fn new(http: Arc<Http>, landing: Arc<dyn Landing>, chunk_rows: usize, answers: u64) -> Self {
        Self { http, landing, chunk_rows: chunk_rows.max(1), index: 0, answers }
    }

    /// Answers so far.
    pub(crate) fn answers(&self) -> u64 {
        self.answers
    }

    /// The client.
    pub(crate) fn http(&self) -> &Arc<Http> {
        &self.http
    }

    /// The next answer's origin: `host/path #n`. What an address carries beyond its path may be a value
    /// out of a row, or a key: it is not told.
    pub(crate) fn origin(&mut self, place: &str) -> Result<Origin> {
        if self.index >= MAX_ORIGINS {
            return Err(ConnectorError::source(say!(
                "det är fler svar än en körning kan ta emot",
                "there are more answers than one run can take"
            ))
            .hint(say!(
                "be om större sidor, eller läs i flera jobb",
                "ask for larger pages, or read in several jobs"
            )));
        }
        self.answers += 1;
        let origin = Origin { index: self.index, name: format!("{place} #{}", self.answers), part: None };
        self.index += 1;
        Ok(origin)
    }

    /// Asks, and lets the answer land before anybody looks at it.
    pub(crate) async fn fetch(&mut self, ask: &Ask) -> Result<Page> {
        let answer = self.http.get(ask).await?;
        let origin = self.origin(&ask.place)?;
        if !answer.unchanged && !answer.accepted {
            let (landing, landed, body) = (Arc::clone(&self.landing), origin.clone(), answer.body.clone());
            blocking(move || {
                let mut writer = landing.begin(&landed).map_err(landing_failed)?;
                writer.write(&body).and_then(|()| writer.finish()).map_err(landing_failed)
            })
            .await
            .map_err(|error| placed(error, &origin.name))?;
            answer.check().map_err(|error| placed(error, &origin.name))?;
        }
        Ok(Page { origin, answer })
    }

    /// Reads the rows of an answer.
    pub(crate) async fn rows<F: Format + 'static>(&mut self, page: &Page, format: &Arc<F>) -> Result<Vec<Chunk>> {
        let (format, origin, chunk_rows) = (Arc::clone(format), page.origin.clone(), self.chunk_rows);
        let bytes = page.answer.body.clone();
        let first = origin.index;
        let (chunks, origins) = blocking(move || {
            let name = origin.name.clone();
            let input =
                Input { size: Some(bytes.len() as u64), bytes: reader(bytes), name: name.clone(), member: None };
            let mut rows = Gathered { origin, chunks: Vec::new(), origins: 0 };
            format.read(input, chunk_rows, &mut rows).map_err(|error| placed(error, &name))?;
            Ok((rows.chunks, rows.origins))
        })
        .await?;
        self.index = first + origins.max(1);
        Ok(chunks)
    }

    /// The rows that a chunk should have.
    pub(crate) fn chunk_rows(&self) -> usize {
        self.chunk_rows
    }

    /// Where answers land.
    pub(crate) fn landing(&self) -> &Arc<dyn Landing> {
        &self.landing
    }
}

/// Bytes as a file.
pub(crate) fn reader(bytes: bytes::Bytes) -> Box<dyn Read + Send> {
    Box::new(Bytes::new(bytes))
}

/// Work that takes its time, off the threads that wait for the network.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(crashed(&say!("ett svar lästes", "reading an answer"))))
}

/// The chunks of one answer: its size bounds them.
struct Gathered {
    origin: Origin,
    chunks: Vec<Chunk>,
    /// Origins that have been begun: parts of the answer.
    origins: u32,
}

impl Emit for Gathered {
    fn origin(&mut self, _name: &str, part: Option<&str>) -> Origin {
        let index = self.origin.index + self.origins;
        self.origins += 1;
        Origin { index, name: self.origin.name.clone(), part: part.map(str::to_owned) }
    }
    fn chunk(&mut self, chunk: Chunk) -> Result<()> {
        self.chunks.push(chunk);
        Ok(())
    }
}
