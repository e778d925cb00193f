//! What each kind of database does for the source.

use std::time::Duration;

use async_trait::async_trait;
use backon::{ExponentialBuilder, Retryable};
use futures::TryStreamExt;
use futures::stream::BoxStream;
use tokio::sync::mpsc;

use sluss_schemas::say;

use super::batch::{Batch, Gather};
use super::column::{self, Column};
use super::cursor::Position;
use super::fault;
use super::key::Key;
use super::options::Overlap;
use super::query::Question;
use crate::connect::{Field, Stream};
use crate::error::{ConnectorError, Result};
use crate::files::Encoding;

/// A kind of database.
#[async_trait]
pub(super) trait Driver: Send + Sync {
    /// Tables and views that can be read, with their columns.
    async fn tables(&self) -> Result<Vec<Stream>>;
    /// The columns of what is asked for.
    async fn describe(&self, question: &Question) -> Result<Vec<Column>>;
    /// Reads it: says its columns, then its rows.
    async fn read(&self, question: &Question, reading: Reading, out: &Sink) -> Result<()>;
}

/// What a driver is told besides its address.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// What the database is called.
    pub(super) place: String,
    /// Encoding of text that the server does not convert.
    pub(super) encoding: Encoding,
    /// Longest time for a statement or a fetch.
    pub(super) timeout: Duration,
    /// Rows asked for at a time.
    pub(super) rows: usize,
    /// Longest text from ODBC.
    #[cfg_attr(not(feature = "odbc"), expect(dead_code, reason = "only ODBC needs to be told"))]
    pub(super) max_text: usize,
}

/// Where a reading begins.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// After this position.
    pub(super) after: Option<Position>,
    /// And so far before it.
    pub(super) overlap: Option<Overlap>,
}

impl Reading {
    /// Nothing new was found: then the highest value must not lie before it.
    pub(super) fn not_behind(&self, latest: Option<&Key>, place: &str) -> Result<()> {
        let (Some(after), Some(latest)) = (&self.after, latest) else { return Ok(()) };
        let from = match &self.overlap {
            Some(overlap) => after.key.before(overlap)?,
            None => after.key.clone(),
        };
        if latest.is_before(&from) {
            return Err(ConnectorError::source(say!(
                "källans senaste rad ligger före den som lästes sist",
                "the source's latest row lies before the one that was read last"
            ))
            .at(place)
            .hint(say!(
                "har databasen återställts från en kopia? kör jobbet en gång med --full",
                "has the database been restored from a copy? run the job once with --full"
            )));
        }
        Ok(())
    }
}

/// What a driver says while it reads.
pub(super) enum Message {
    /// First: the columns, and how many rows came before these.
    Columns(Vec<Column>, u64),
    /// Rows.
    Batch(Batch),
    /// Last: there is no more.
    End,
}

/// Where a driver's rows go.
#[derive(Clone)]
pub(super) struct Sink(mpsc::Sender<Result<Message>>);

impl Sink {
    /// To this channel.
    pub(super) fn new(channel: mpsc::Sender<Result<Message>>) -> Self {
        Self(channel)
    }

    /// Sends a message, as soon as there is room.
    pub(super) async fn send(&self, message: Result<Message>) -> Result<()> {
        self.0.send(message).await.map_err(|_| fault::cancelled())
    }

    /// Says the columns, checked.
    pub(super) async fn columns(&self, columns: &[Column], question: &Question, reading: &Reading) -> Result<()> {
        column::check(columns)?;
        question.check_cursor(columns)?;
        let before = reading.after.as_ref().map_or(0, |after| after.rows);
        self.send(Ok(Message::Columns(columns.to_vec(), before))).await
    }

    /// Sends what has been gathered, if anything.
    pub(super) async fn rest(&self, gather: &mut Gather) -> Result<()> {
        if gather.is_empty() { Ok(()) } else { self.send(Ok(Message::Batch(gather.take()?))).await }
    }
}

/// Columns, ordered by table, as streams.
pub(super) fn streams(columns: impl Iterator<Item = (String, Field)>) -> Vec<Stream> {
    let mut streams: Vec<Stream> = Vec::new();
    for (name, column) in columns {
        match streams.last_mut() {
            Some(stream) if stream.name == name => stream.columns.push(column),
            _ => streams.push(Stream { name, columns: vec![column] }),
        }
    }
    streams
}

/// Takes rows until there are enough or no more. True where there are no more.
pub(super) async fn fill<R>(
    rows: &mut BoxStream<'_, std::result::Result<R, sqlx::Error>>,
    gather: &mut Gather,
    add: impl Fn(&R, &mut Gather) -> std::result::Result<(), sqlx::Error>,
) -> std::result::Result<bool, sqlx::Error> {
    while !gather.is_full() {
        let Some(row) = rows.try_next().await? else { return Ok(true) };
        add(&row, gather)?;
        gather.end_row();
    }
    Ok(false)
}

/// Connects, and tries again for a while where that may help.
pub(super) async fn connect<T, F, A>(attempt: A) -> Result<T>
where
    A: FnMut() -> F,
    F: Future<Output = Result<T>>,
{
    let waits = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(250))
        .with_max_delay(Duration::from_secs(4))
        .with_max_times(4);
    attempt.retry(waits).when(|error: &ConnectorError| error.retry).await
}

/// Waits no longer than the time-out for what the database does.
pub(super) async fn within<T>(
    settings: &Settings,
    work: impl Future<Output = std::result::Result<T, sqlx::Error>>,
) -> Result<T> {
    match tokio::time::timeout(settings.timeout, work).await {
        Ok(done) => done.map_err(|error| fault::of(&error, &settings.place)),
        Err(_) => Err(fault::too_slow(&settings.place)),
    }
}
