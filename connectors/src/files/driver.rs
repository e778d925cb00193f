//! Drives a format over the files that were found: one thread, one file after the other.

use std::io::{Cursor as Bytes, Read};
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use globset::GlobMatcher;
use sluss_schemas::chunk::{Chunk, Cursor, Origin};
use sluss_schemas::landing::{Landing, NoLanding};
use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;
use sluss_schemas::say;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::archive::{self, Packing};
use super::format::{Emit, Format, Input};
use super::locate;
use super::options::FilesOptions;
use super::read::{AlreadyRead, Before};
use super::refuse;
use super::storage::{Found, Given, Storage};
use super::tee::{self, Tee};
use super::text;
use crate::arrival::{Content, Inbox};
use crate::caught::caught;
use crate::connect::{Field, Io, Source, Stream};
use crate::error::{Actor, ConnectorError, Result};

/// Chunks that may wait for the pipeline. With the one that is being made and the one that is held
/// back for its cursor, no more than four are in memory.
const WAITING: usize = 2;

/// Origins are numbered in 24 bits of a row's address.
const MAX_ORIGINS: u32 = 1 << 24;

/// Bytes looked at before a format gets a file.
const HEAD: u64 = 1024;

/// A configured source of files.
pub(crate) struct Files(Arc<Inner>);

struct Inner {
    storage: Storage,
    format: Box<dyn Format>,
    member: Option<String>,
    chunk_rows: usize,
}

impl Files {
    /// Checks the options. No I/O.
    pub(super) fn new(options: &FilesOptions, io: &Io) -> Result<Self> {
        Self::with_format(options, io, options.format()?)
    }

    /// With a format of one's own.
    pub(crate) fn with_format(options: &FilesOptions, io: &Io, format: Box<dyn Format>) -> Result<Self> {
        Self::at(Storage::new(options, io)?, options, io, format)
    }

    /// Of files that arrive in a folder that is watched; the options' own place is not looked at.
    pub(crate) fn arriving(options: &FilesOptions, inbox: Arc<Inbox>, io: &Io) -> Result<Self> {
        Self::at(Storage::Inbox(inbox), options, io, options.format()?)
    }

    fn at(storage: Storage, options: &FilesOptions, io: &Io, format: Box<dyn Format>) -> Result<Self> {
        if let Some(member) = &options.member {
            let _: GlobMatcher = locate::glob(member)?;
        }
        Ok(Self(Arc::new(Inner { storage, format, member: options.member.clone(), chunk_rows: io.chunk_rows.max(1) })))
    }

    /// Of one file that was handed over.
    pub(crate) fn given(given: Given, io: &Io, format: Box<dyn Format>) -> Self {
        let storage = Storage::Given(given);
        Self(Arc::new(Inner { storage, format, member: None, chunk_rows: io.chunk_rows.max(1) }))
    }

    /// The first file and its columns; none where a folder that is watched has none yet.
    async fn first(&self) -> Result<Option<Stream>> {
        let mut found = self.0.storage.list(&self.0.storage.already_read(None)?).await?;
        found.truncate(1);
        let inner = Arc::clone(&self.0);
        let task = tokio::task::spawn_blocking(move || {
            let Some(first) = found.pop() else { return Ok(None) };
            let columns = caught(|| inner.columns(&first))
                .map_err(|_| crashed(&say!("en fil kontrollerades", "looking at a file")));
            let columns = columns.flatten().map_err(|error| placed(error, &first.name))?;
            Ok(Some(Stream { name: first.name, columns }))
        });
        task.await
            .unwrap_or_else(|error| Err(crashed(&say!("en fil kontrollerades", "looking at a file")).because(error)))
    }
}

#[async_trait]
impl Source for Files {
    async fn check(&self) -> Result<()> {
        self.first().await.map(drop)
    }

    async fn discover(&self) -> Result<Vec<Stream>> {
        Ok(self.first().await?.into_iter().collect())
    }

    fn read(&self, after: Option<Cursor>, landing: Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>> {
        let inner = Arc::clone(&self.0);
        stream::once(async move { inner.start(after, landing).await })
            .flat_map(|started| match started {
                Ok(reading) => stream::unfold(reading, Reading::next).boxed(),
                Err(error) => stream::once(async { Err(error) }).boxed(),
            })
            .boxed()
    }
}

/// A reading under way. Dropping it closes the channel, and the thread stops at its next read or chunk.
struct Reading {
    chunks: mpsc::Receiver<Result<Chunk>>,
    thread: Option<JoinHandle<()>>,
}

impl Reading {
    async fn next(mut self) -> Option<(Result<Chunk>, Self)> {
        if let Some(chunk) = self.chunks.recv().await {
            return Some((chunk, self));
        }
        // The thread has ended: by itself, or by a panic, which is this job's failure and no more.
        match self.thread.take()?.await {
            Ok(()) => None,
            Err(_) => Some((Err(crashed(&say!("en fil lästes", "reading a file"))), self)),
        }
    }
}

impl Inner {
    async fn start(self: Arc<Self>, after: Option<Cursor>, landing: Arc<dyn Landing>) -> Result<Reading> {
        let mut read = self.storage.already_read(after.as_ref())?;
        let found = self.storage.list(&read).await?;
        read.keep(&found);
        let (rows, chunks) = mpsc::channel(WAITING);
        let thread = tokio::task::spawn_blocking(move || {
            let outcome = caught(|| self.files(&found, read, landing.as_ref(), &rows));
            if let Err(error) = outcome.map_err(|_| crashed(&say!("en fil lästes", "reading a file"))).flatten() {
                // Nobody listens any longer: then nobody is to be told.
                let _ = rows.blocking_send(Err(error));
            }
        });
        Ok(Reading { chunks, thread: Some(thread) })
    }

    fn files(
        &self,
        found: &[Found],
        mut read: AlreadyRead,
        landing: &dyn Landing,
        rows: &mpsc::Sender<Result<Chunk>>,
    ) -> Result<()> {
        let surveyed = self.surveyed(found, rows)?;
        let format = surveyed.as_deref().unwrap_or(self.format.as_ref());
        let mut outlet = Outlet { rows, next: 0, held: None };
        for file in found {
            match read.has(file, || self.content(file, rows)).map_err(|error| placed(error, &file.name))? {
                Before::Never => {}
                Before::Version => continue,
                Before::Content(content) => {
                    tracing::info!(file = %file.name, "not read: its content has been read before");
                    self.storage.knows(file, content);
                    continue;
                }
            }
            if outlet.next >= MAX_ORIGINS {
                return Err(ConnectorError::source(say!(
                    "det är fler filer än en körning kan ta",
                    "there are more files than one run can take"
                ))
                .hint(say!(
                    "läs dem i flera jobb, eller arkivera dem som är lästa",
                    "read them in several jobs, or archive those that have been read"
                )));
            }
            let content = self
                .file(file, format, landing, read.by_content(), &mut outlet)
                .map_err(|error| placed(error, &file.name))?;
            if !self.storage.is_unchanged(file).map_err(|error| placed(error, &file.name))? {
                return Err(ConnectorError::source(say!(
                    "filen ändrades medan den lästes",
                    "the file was changed while it was read"
                ))
                .at(&file.name)
                .hint(say!("kör igen när avsändaren är klar", "run again when the sender has finished"))
                .retryable());
            }
            read.add(file, content);
            if let Some(content) = content {
                self.storage.knows(file, content);
            }
            outlet.end_of_file(read.cursor())?;
        }
        Ok(())
    }

    /// Looks at all files first, where the format must. Files that were read by an earlier run too: they
    /// are still a part of the delivery.
    fn surveyed(&self, found: &[Found], rows: &mpsc::Sender<Result<Chunk>>) -> Result<Option<Box<dyn Format>>> {
        let Some(mut survey) = self.format.survey() else { return Ok(None) };
        for file in found {
            let tee = Tee::new(self.storage.open(file)?, Box::new(NoLanding), Some(rows.clone()));
            // What cannot be read comes up again, with its place, when the file's turn comes.
            let outcome = self.inputs(file, &tee, false, &mut |input| survey.look(input));
            if rows.is_closed() {
                return Err(tee::cancelled());
            }
            if let Err(error) = outcome {
                tracing::debug!(file = %file.name, "not surveyed to its end: {error}");
            }
        }
        Ok(Some(survey.format()))
    }

    /// Reads a file for its content only.
    fn content(&self, file: &Found, rows: &mpsc::Sender<Result<Chunk>>) -> Result<Content> {
        let tee = Tee::new(self.storage.open(file)?, Box::new(NoLanding), Some(rows.clone())).hashing();
        tee.finish()?;
        tee.content().ok_or_else(|| crashed(&say!("en fil lästes", "reading a file")))
    }

    /// Reads a file; gives its content where that is to be known.
    fn file(
        &self,
        file: &Found,
        format: &dyn Format,
        landing: &dyn Landing,
        by_content: bool,
        outlet: &mut Outlet<'_>,
    ) -> Result<Option<Content>> {
        let first = Origin { index: outlet.next, name: file.name.clone(), part: None };
        let landing = landing.begin(&first).map_err(tee::landing_failed)?;
        let tee = Tee::new(self.storage.open(file)?, landing, Some(outlet.rows.clone()));
        let tee = if by_content { tee.hashing() } else { tee };
        let outcome = self.inputs(file, &tee, true, &mut |input| format.read(input, self.chunk_rows, outlet));
        if outlet.rows.is_closed() {
            return Err(tee::cancelled());
        }
        if let Some(failure) = tee.failure() {
            return Err(failure);
        }
        // What could not be understood is kept all the same: someone will want to look at it.
        let landed = tee.finish();
        // A file without rows keeps its number, which is what it landed under.
        outlet.next = outlet.next.max(first.index + 1);
        if let Err(error) = outcome {
            // What could be read, and is still as it was, and yet makes no sense: that is the file's own.
            if !tee.is_broken() && self.storage.is_unchanged(file).unwrap_or_default() {
                self.storage.failed(file, &error);
            }
            return Err(error);
        }
        landed?;
        Ok(tee.content())
    }

    fn columns(&self, file: &Found) -> Result<Vec<Field>> {
        let tee = Tee::new(self.storage.open(file)?, Box::new(NoLanding), None);
        let mut columns = None;
        self.inputs(file, &tee, false, &mut |input| {
            if columns.is_none() {
                columns = Some(self.format.columns(input)?);
            }
            Ok(())
        })?;
        Ok(columns.unwrap_or_default())
    }

    /// Gives `take` the file, or the members of an archive that it is.
    fn inputs(&self, file: &Found, tee: &Tee, land: bool, take: &mut dyn FnMut(Input) -> Result<()>) -> Result<()> {
        let input = |bytes: Box<dyn Read + Send>, size, member| checked(bytes, size, file.name.clone(), member);
        match Packing::of(&file.name) {
            Packing::None => take(input(Box::new(tee.clone()), Some(file.size), None)?),
            Packing::Gzip => take(input(archive::gunzip(tee.clone()), None, None)?),
            Packing::Zip => {
                // An archive's directory is at its end: it lands whole before its members are read.
                if land {
                    tee.finish()?;
                }
                let (archive, members) = archive::members(tee.clone().into_file()?, self.member.as_deref())?;
                for member in &members {
                    let opened = input(archive.open(member), Some(member.size), Some(member.name.clone()));
                    opened.and_then(&mut *take).map_err(|error| placed(error, &member.name))?;
                }
                Ok(())
            }
        }
    }
}

/// Looks at the first bytes: a web page is no delivery, whatever it is called.
fn checked(mut bytes: Box<dyn Read + Send>, size: Option<u64>, name: String, member: Option<String>) -> Result<Input> {
    let mut head = Vec::new();
    bytes.by_ref().take(HEAD).read_to_end(&mut head).map_err(text::unreadable)?;
    if refuse::is_html(&head) {
        return Err(refuse::html());
    }
    Ok(Input { bytes: Box::new(Bytes::new(head).chain(bytes)), size, name, member })
}

/// Where a format's chunks go.
struct Outlet<'a> {
    rows: &'a mpsc::Sender<Result<Chunk>>,
    /// The next origin's ordinal.
    next: u32,
    /// The latest chunk, held back until it is known whether the file ends with it.
    held: Option<Chunk>,
}

impl Outlet<'_> {
    fn end_of_file(&mut self, cursor: Cursor) -> Result<()> {
        match self.held.take() {
            Some(last) => self.send(Chunk { cursor: Some(cursor), ..last }),
            None => Ok(()),
        }
    }

    fn send(&self, chunk: Chunk) -> Result<()> {
        self.rows.blocking_send(Ok(chunk)).map_err(|_| tee::cancelled())
    }
}

impl Emit for Outlet<'_> {
    fn origin(&mut self, name: &str, part: Option<&str>) -> Origin {
        let index = self.next;
        self.next += 1;
        Origin { index, name: name.to_owned(), part: part.map(ToOwned::to_owned) }
    }

    fn chunk(&mut self, chunk: Chunk) -> Result<()> {
        match self.held.replace(chunk) {
            Some(earlier) => self.send(earlier),
            None => Ok(()),
        }
    }
}

/// Adds the file to where an error says that it happened.
pub(crate) fn placed(mut error: ConnectorError, name: &str) -> ConnectorError {
    error.place = Some(match error.place.take() {
        None => name.into(),
        Some(place) if place.starts_with(name) => place,
        Some(place) => Message::join([&name.into(), &place], ", "),
    });
    error
}

/// A failure of our own.
pub(crate) fn crashed(doing: &Message) -> ConnectorError {
    let [sv, en] = [Language::Swedish, Language::English].map(|language| doing.told(language));
    let what = Message::new(format!("sluss gick fel när {sv}"), format!("sluss failed while {en}"));
    let mut error = ConnectorError::source(what).hint(say!(
        "rapportera felet med filens namn och storlek, inte dess innehåll",
        "report this with the file's name and size, not its content"
    ));
    error.actor = Actor::Us;
    error
}
