//! The source: asks, keeps what comes, and hands it over as rows.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use ldap3::Scope as Depth;
use sluss_schemas::chunk::{Chunk, Cursor, Origin};
use sluss_schemas::landing::{Landing, LandingWriter};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::attributes::{Columns, named};
use super::connection::{Access, Address};
use super::entry::Entry;
use super::increment::Changes;
use super::options::{LdapOptions, Scope};
use super::pages::{Found, Pages, Search};
use super::{failure, ldif};
use crate::connect::{Field, Io, Source, Stream};
use crate::error::{ConnectorError, Result};
use crate::files::cells::Cells;
use crate::files::format::Emit;
use crate::files::tee::{cancelled, landing_failed};
use sluss_schemas::say;

/// Chunks that may wait for the pipeline.
const WAITING: usize = 2;
/// Entries to a page.
const PAGE: u16 = 500;

/// A directory that has been configured.
pub(super) struct Directory(Arc<Plan>);

struct Plan {
    address: Address,
    options: LdapOptions,
    columns: Columns,
    search: Search,
    changes: Option<Changes>,
    io: Io,
}

impl Directory {
    /// Checks the options. No I/O.
    pub(super) fn new(options: LdapOptions, io: &Io) -> Result<Self> {
        let address = Address::new(&options)?;
        let columns = Columns::new(&options)?;
        let filter = options.filter.clone().unwrap_or_else(|| "(objectClass=*)".to_owned());
        ldap3::parse_filter(&filter).map_err(|()| failure::explain(&ldap3::LdapError::FilterParsing))?;
        let mut attributes: Vec<String> = columns.wanted().map(ToOwned::to_owned).collect();
        let changes = match &options.increment {
            Some(increment) => {
                named(&increment.attribute)?;
                if !attributes.iter().any(|name| name.eq_ignore_ascii_case(&increment.attribute)) {
                    attributes.push(increment.attribute.clone());
                }
                let asked = format!(
                    "{} {} {:?} {filter} {}",
                    address.shown(),
                    options.base,
                    options.scope,
                    columns.described()
                );
                let print = blake3::hash(asked.as_bytes()).to_hex();
                Some(Changes::new(increment, print.chars().take(16).collect()))
            }
            None => None,
        };
        let page_size = options.page_size.unwrap_or(PAGE);
        if page_size == 0 {
            return Err(ConnectorError::configuration(say!("`page_size` är 0", "`page_size` is 0"))
                .hint(say!("utelämna den, eller skriv 500", "leave it out, or write 500")));
        }
        let scope = match options.scope {
            Scope::Subtree => Depth::Subtree,
            Scope::One => Depth::OneLevel,
            Scope::Base => Depth::Base,
        };
        // The time to wait is known when the secrets are.
        let timeout = std::time::Duration::ZERO;
        let search = Search { base: options.base.clone(), scope, filter, attributes, page_size, timeout };
        Ok(Self(Arc::new(Plan { address, options, columns, search, changes, io: io.clone() })))
    }
}

#[async_trait]
impl Source for Directory {
    async fn check(&self) -> Result<()> {
        let plan = &self.0;
        let access = plan.access().await?;
        let search = Search {
            scope: Depth::Base,
            filter: "(objectClass=*)".to_owned(),
            attributes: vec!["1.1".to_owned()],
            timeout: access.timeout,
            ..plan.search.clone()
        };
        let mut pages = Pages::new(access.connect().await?, search);
        let found = pages.next().await.map_err(|error| plan.placed(error))?;
        found.map(drop).ok_or_else(|| {
            plan.placed(
                ConnectorError::configuration(say!(
                    "katalogen visar inte posten `base` för det här kontot",
                    "the directory does not show the entry `base` to this account"
                ))
                .hint(say!("kontrollera `base`, och kontots behörighet", "check `base`, and the account's rights")),
            )
        })
    }

    async fn discover(&self) -> Result<Vec<Stream>> {
        self.check().await?;
        let columns = &self.0.columns;
        let field = |(name, kind): (&str, &str)| Field::text(name, kind);
        let columns = columns.names().into_iter().zip(columns.kinds()).map(field).collect();
        Ok(vec![Stream { name: self.0.options.base.clone(), columns }])
    }

    fn read(&self, after: Option<Cursor>, landing: Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>> {
        let plan = Arc::clone(&self.0);
        stream::once(async move { Reading::start(plan, after, landing) })
            .flat_map(|reading| stream::unfold(reading, Reading::next))
            .boxed()
    }
}

/// A reading under way. Dropping it closes the channel, which ends the reading wherever it is.
struct Reading {
    chunks: mpsc::Receiver<Result<Chunk>>,
    thread: Option<JoinHandle<()>>,
}

impl Reading {
    /// The answer is kept with calls that may block: the reading has a thread of its own.
    fn start(plan: Arc<Plan>, after: Option<Cursor>, landing: Arc<dyn Landing>) -> Self {
        let (rows, chunks) = mpsc::channel(WAITING);
        let handle = Handle::current();
        let thread = tokio::task::spawn_blocking(move || {
            handle.block_on(async move {
                let outcome = tokio::select! {
                    outcome = plan.read(after, landing.as_ref(), &rows) => outcome,
                    () = rows.closed() => Err(cancelled()),
                };
                if let Err(error) = outcome {
                    // Nobody may be listening any longer.
                    let _ = rows.send(Err(plan.placed(error))).await;
                }
            });
        });
        Self { chunks, thread: Some(thread) }
    }

    async fn next(mut self) -> Option<(Result<Chunk>, Self)> {
        if let Some(chunk) = self.chunks.recv().await {
            return Some((chunk, self));
        }
        match self.thread.take()?.await {
            Ok(()) => None,
            Err(_) => Some((Err(failure::crashed(&say!("en katalog lästes", "reading a directory"))), self)),
        }
    }
}

/// Chunks that are ready to go.
#[derive(Default)]
struct Ready(Vec<Chunk>);

impl Emit for Ready {
    fn origin(&mut self, name: &str, part: Option<&str>) -> Origin {
        Origin { index: 0, name: name.to_owned(), part: part.map(ToOwned::to_owned) }
    }
    fn chunk(&mut self, chunk: Chunk) -> Result<()> {
        self.0.push(chunk);
        Ok(())
    }
}

impl Plan {
    /// Certificates are read from disk.
    async fn access(self: &Arc<Self>) -> Result<Access> {
        let plan = Arc::clone(self);
        let read = tokio::task::spawn_blocking(move || plan.address.access(&plan.options, &plan.io)).await;
        read.unwrap_or_else(|error| {
            Err(failure::crashed(&say!("certifikat lästes", "reading certificates")).because(error))
        })
    }

    fn placed(&self, error: ConnectorError) -> ConnectorError {
        if error.place.is_some() { error } else { error.at(self.name()) }
    }

    /// The search as a person knows it.
    fn name(&self) -> String {
        format!("{}/{}", self.address.shown(), self.options.base)
    }

    async fn read(
        self: &Arc<Self>,
        after: Option<Cursor>,
        landing: &dyn Landing,
        rows: &mpsc::Sender<Result<Chunk>>,
    ) -> Result<()> {
        // Changes made while the reading is under way may be missed by it: they are the next one's.
        let changes = self.changes.clone().map(|changes| changes.until(self.io.clock.now()));
        let mut changes = match (changes, &after) {
            (Some(changes), Some(after)) => Some(changes.after(after)?),
            (changes, _) => changes,
        };
        let access = self.access().await?;
        let mut search = Search { timeout: access.timeout, ..self.search.clone() };
        if let Some(changes) = &mut changes {
            if !self.cursor_stands(changes, &access, &search).await? {
                changes.forget();
            }
            search.filter = changes.filter(&search.filter);
        }
        let mut pages = Pages::new(access.connect().await?, search);

        let mut ready = Ready::default();
        let origin = ready.origin(&self.name(), None);
        let mut keeping = landing.begin(&origin).map_err(landing_failed)?;
        keeping.write(ldif::HEAD.as_bytes()).map_err(landing_failed)?;
        let mut cells = Cells::new(origin, &self.columns.names(), self.io.chunk_rows);
        let mut row = 0;
        // The latest chunk is held back until it is known whether it is the last, which has the cursor.
        let mut held: Option<Chunk> = None;
        while let Some(found) = pages.next().await? {
            match found {
                Found::Entry(entry) => {
                    self.entry(&entry, &mut row, changes.as_mut(), keeping.as_mut(), &mut cells, &mut ready)?;
                }
                Found::Referral(addresses) => {
                    row += 1;
                    let raw = ldif::referral(&addresses);
                    keeping.write(raw.as_bytes()).map_err(landing_failed)?;
                    let detail = "en annan katalog har mer av detta, och hänvisningar följs inte".to_owned();
                    cells.unread(row, "olasbar_rad", detail, raw.into_bytes(), &mut ready)?;
                }
            }
            for chunk in ready.0.drain(..) {
                if let Some(earlier) = held.replace(chunk) {
                    rows.send(Ok(earlier)).await.map_err(|_| cancelled())?;
                }
            }
        }
        cells.finish(&mut ready)?;
        keeping.finish().map_err(landing_failed)?;
        let mut last = held.into_iter().chain(ready.0).peekable();
        while let Some(mut chunk) = last.next() {
            if last.peek().is_none() {
                chunk.cursor = changes.as_ref().and_then(Changes::cursor);
            }
            rows.send(Ok(chunk)).await.map_err(|_| cancelled())?;
        }
        Ok(())
    }

    /// Whether the directory still has the entry that the cursor came from, or one that was changed
    /// after it. It has neither when that entry was removed, or when the directory was put back to an
    /// earlier state: then what was changed cannot be asked for, and everything is read.
    async fn cursor_stands(&self, changes: &Changes, access: &Access, search: &Search) -> Result<bool> {
        let Some(filter) = changes.since_cursor(&search.filter) else { return Ok(true) };
        let search = Search { filter, attributes: vec!["1.1".to_owned()], page_size: 1, ..search.clone() };
        Ok(Pages::new(access.connect().await?, search).next().await?.is_some())
    }

    fn entry(
        &self,
        entry: &Entry,
        row: &mut u64,
        changes: Option<&mut Changes>,
        keeping: &mut dyn LandingWriter,
        cells: &mut Cells,
        ready: &mut Ready,
    ) -> Result<()> {
        let raw = ldif::entry(entry);
        keeping.write(raw.as_bytes()).map_err(landing_failed)?;
        if let Some(changes) = changes {
            let time = entry.values(changes.attribute()).first().and_then(|value| std::str::from_utf8(value).ok());
            changes.note(time)?;
        }
        match self.columns.rows(entry) {
            Ok(found) => {
                for values in found {
                    *row += 1;
                    cells.row(*row, values.iter().map(Option::as_deref), ready)?;
                }
                Ok(())
            }
            Err(detail) => {
                *row += 1;
                cells.unread(*row, "olasbar_rad", detail, raw.into_bytes(), ready)
            }
        }
    }
}
