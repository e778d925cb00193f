//! The source: a task that reads from the database, a thread that leads the rows out.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono_tz::Tz;
use futures::stream::{self, BoxStream, StreamExt};
use sluss_schemas::chunk::{Chunk, Cursor, Origin};
use sluss_schemas::landing::{Landing, NoLanding};
use sluss_schemas::say;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::address::{self, Address};
use super::column;
use super::cursor::Position;
use super::driver::{Driver, Message, Reading, Settings, Sink};
use super::fault;
use super::key;
use super::landed::Landed;
use super::mysql::MySql;
use super::options::{CursorOptions, Overlap, SqlOptions};
use super::outlet::{self, Plan};
use super::postgres::Postgres;
use super::query::{Dialect, Question};
use super::sqlite::Sqlite;
use crate::connect::{Io, Source, Stream};
use crate::error::{ConnectorError, Result};

/// Batches and chunks that may wait.
const WAITING: usize = 1;
/// How long the database may take, unless said.
const TIMEOUT: &str = "30 minutes";
/// Longest text from ODBC columns without a stated length, unless said.
const MAX_TEXT: usize = 64 << 10;

/// A configured database.
pub(super) struct SqlSource {
    driver: Arc<dyn Driver>,
    question: Option<Arc<Question>>,
    cursor: Option<CursorOptions>,
    zone: Tz,
    place: String,
    chunk_rows: usize,
}

impl SqlSource {
    /// Checks the options. No I/O but the query's file.
    pub(super) fn new(options: &SqlOptions, io: &Io) -> Result<Self> {
        let zone = options.time_zone.as_deref().unwrap_or("Europe/Stockholm");
        let zone = zone.parse::<Tz>().map_err(|_| {
            ConnectorError::configuration(say!(
                "`time_zone` är ingen tidszon som känns igen",
                "`time_zone` is not one that is known"
            ))
            .hint(say!("skriv den som `Europe/Stockholm` eller `UTC`", "write it as `Europe/Stockholm` or `UTC`"))
        })?;
        let timeout = key::duration(options.timeout.as_deref().unwrap_or(TIMEOUT))?;
        let timeout =
            timeout.to_std().ok().filter(|timeout| *timeout >= Duration::from_millis(1)).ok_or_else(|| {
                ConnectorError::configuration(say!("`timeout` är noll", "`timeout` is no time at all"))
                    .hint(say!("skriv den som `10 minutes`", "write it as `10 minutes`"))
            })?;
        if let Some(Overlap::Time(text)) = options.cursor.as_ref().and_then(|cursor| cursor.overlap.as_ref()) {
            key::duration(text)?;
        }
        let chunk_rows = io.chunk_rows.max(1);
        if let Some(file) = &options.landed {
            let driver = Arc::new(Landed::new(options, file, io)?);
            let question = Some(Arc::new(Question::landed(file)));
            return Ok(Self { driver, question, cursor: None, zone, place: file.clone(), chunk_rows });
        }
        let (address, place) = address::resolve(options, timeout, io)?;
        let settings = Settings {
            place: place.clone(),
            encoding: options.encoding.unwrap_or_default(),
            timeout,
            rows: options.fetch_rows.unwrap_or(chunk_rows).clamp(1, chunk_rows),
            max_text: options.max_text.unwrap_or(MAX_TEXT),
        };
        let (driver, dialect): (Arc<dyn Driver>, _) = match address {
            Address::Postgres(connect) => (Arc::new(Postgres::new(*connect, settings)), Dialect::Postgres),
            Address::MySql(connect) => (Arc::new(MySql::new(*connect, settings)), Dialect::MySql),
            Address::Sqlite(connect, file) => (Arc::new(Sqlite::new(*connect, file, settings)), Dialect::Sqlite),
            #[cfg(feature = "odbc")]
            Address::Odbc(string) => (Arc::new(super::odbc::Odbc::new(string, settings)), Dialect::Odbc),
            #[cfg(not(feature = "odbc"))]
            Address::Odbc(_) => {
                return Err(ConnectorError::operator(say!(
                    "programmet är byggt utan ODBC",
                    "this program was built without ODBC"
                ))
                .hint(say!(
                    "installera unixodbc-dev och bygg med `--features odbc`",
                    "install unixodbc-dev and build with `--features odbc`"
                )));
            }
        };
        let question = Question::new(options, dialect, io)?.map(Arc::new);
        Ok(Self { driver, question, cursor: options.cursor.clone(), zone, place, chunk_rows })
    }

    fn question(&self) -> Result<&Arc<Question>> {
        self.question.as_ref().ok_or_else(|| {
            ConnectorError::configuration(say!(
                "inget anger vad som ska läsas ur databasen",
                "nothing says what to read of the database"
            ))
            .at(&self.place)
            .hint(say!(
                "ange `table` eller `query`; `sluss discover` visar tabellerna",
                "set `table` or `query`; `sluss discover` lists the tables"
            ))
        })
    }

    fn start(&self, after: Option<&Cursor>, landing: Arc<dyn Landing>) -> Result<Running> {
        let question = Arc::clone(self.question()?);
        let after = after.map(|cursor| Position::from(cursor, question.cursor())).transpose()?;
        let plan = Plan {
            origin: Origin { index: 0, name: self.place.clone(), part: Some(question.name().to_owned()) },
            zone: self.zone,
            cursor: question.cursor().map(ToOwned::to_owned),
            after: after.clone(),
            chunk_rows: self.chunk_rows,
        };
        let place = self.place.clone();
        let (batches, mut incoming) = mpsc::channel(WAITING);
        let (outgoing, chunks) = mpsc::channel(WAITING);
        let driver = Arc::clone(&self.driver);
        let overlap = self.cursor.as_ref().and_then(|cursor| cursor.overlap.clone());
        let reader = tokio::spawn(async move {
            let sink = Sink::new(batches);
            let end = driver.read(&question, Reading { after, overlap }, &sink).await.map(|()| Message::End);
            // Nobody may be listening any longer.
            let _ = sink.send(end).await;
        });
        let outlet = tokio::task::spawn_blocking(move || {
            if let Err(error) = outlet::run(plan, landing.as_ref(), &mut incoming, &outgoing) {
                let _ = outgoing.blocking_send(Err(placed(error, &place)));
            }
        });
        Ok(Running { chunks, _reader: Reader(reader), outlet: Some(outlet) })
    }
}

#[async_trait]
impl Source for SqlSource {
    async fn check(&self) -> Result<()> {
        // Only reading proves the right to read.
        let mut running = self.start(None, Arc::new(NoLanding))?;
        match running.chunks.recv().await {
            Some(first) => first.map(drop),
            None => Err(fault::ours(&say!("läsa rader", "reading rows"))),
        }
    }

    async fn discover(&self) -> Result<Vec<Stream>> {
        let at = |error| placed(error, &self.place);
        let Some(question) = &self.question else { return self.driver.tables().await.map_err(at) };
        let columns = self.driver.describe(question).await.map_err(at)?;
        column::check(&columns).and_then(|()| question.check_cursor(&columns)).map_err(at)?;
        Ok(vec![Stream { name: question.name().to_owned(), columns: column::fields(&columns) }])
    }

    fn read(&self, after: Option<Cursor>, landing: Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>> {
        match self.start(after.as_ref(), landing) {
            Ok(running) => stream::unfold(running, Running::next).boxed(),
            Err(error) => stream::once(async { Err(error) }).boxed(),
        }
    }
}

/// Adds the database to where an error says that it happened.
fn placed(error: ConnectorError, place: &str) -> ConnectorError {
    if error.place.is_none() { error.at(place) } else { error }
}

/// A reading under way. Dropping it ends the task, which breaks off the connection, and the thread at
/// its next batch.
struct Running {
    chunks: mpsc::Receiver<Result<Chunk>>,
    _reader: Reader,
    outlet: Option<JoinHandle<()>>,
}

struct Reader(JoinHandle<()>);

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Running {
    async fn next(mut self) -> Option<(Result<Chunk>, Self)> {
        if let Some(chunk) = self.chunks.recv().await {
            return Some((chunk, self));
        }
        // The thread has ended: by itself, or by a panic, which is this job's failure and no more.
        match self.outlet.take()?.await {
            Ok(()) => None,
            Err(_) => Some((Err(fault::ours(&say!("läsa rader", "reading rows"))), self)),
        }
    }
}
