//! The rows of an earlier reading, read again: what a replay maps anew.

use std::fs::File;
use std::path::PathBuf;

use async_trait::async_trait;
use sluss_schemas::say;

use super::column::{self, Column, Target};
use super::driver::{Driver, Message, Reading, Sink};
use super::fault;
use super::land::Again;
use super::options::SqlOptions;
use super::query::Question;
use crate::connect::{Io, Stream};
use crate::error::{ConnectorError, Result};

/// A file that this connector kept.
pub(super) struct Landed {
    file: PathBuf,
}

impl Landed {
    /// Refuses what only a database can be asked. No I/O.
    pub(super) fn new(options: &SqlOptions, file: &str, io: &Io) -> Result<Self> {
        let asks = [
            options.url.is_some(),
            options.path.is_some(),
            options.table.is_some(),
            options.query.is_some(),
            options.query_file.is_some(),
            options.cursor.is_some(),
            !options.order_by.is_empty(),
        ];
        if asks.contains(&true) {
            return Err(ConnectorError::configuration(say!(
                "`landed` står i stället för en databas",
                "`landed` takes the place of a database"
            ))
            .hint(say!(
                "ta bort `landed`, eller allt annat än `time_zone`",
                "remove `landed`, or all options but `time_zone`"
            )));
        }
        Ok(Self { file: io.base.join(file) })
    }

    fn open(file: &PathBuf) -> Result<Again> {
        let file = File::open(file).map_err(|error| {
            ConnectorError::source(say!(
                "raderna från den tidigare läsningen går inte att öppna",
                "the rows of the earlier reading cannot be opened"
            ))
            .hint(say!(
                "kontrollera `landed`: sökvägen räknas från jobbets mapp",
                "check `landed`: it is relative to the job's folder"
            ))
            .because(error)
        })?;
        Again::open(file)
    }
}

fn columns(again: &Again) -> Vec<Column> {
    let column = |field: &arrow::datatypes::Field| Column {
        name: field.name().clone(),
        kind: field.data_type().to_string().to_lowercase(),
        target: Target::of(field.data_type()),
        nullable: true,
    };
    again.columns.iter().map(column).collect()
}

#[async_trait]
impl Driver for Landed {
    async fn tables(&self) -> Result<Vec<Stream>> {
        Ok(Vec::new())
    }

    async fn describe(&self, _question: &Question) -> Result<Vec<Column>> {
        let file = self.file.clone();
        let columns = tokio::task::spawn_blocking(move || Self::open(&file).map(|again| columns(&again)));
        columns.await.unwrap_or_else(|_| Err(fault::ours(&say!("läsa sparade rader", "reading kept rows"))))
    }

    async fn read(&self, _question: &Question, _reading: Reading, out: &Sink) -> Result<()> {
        let (file, out) = (self.file.clone(), out.clone());
        let done = tokio::task::spawn_blocking(move || {
            let mut again = Self::open(&file)?;
            let columns = columns(&again);
            column::check(&columns)?;
            let mut next = again.next()?;
            let before = next.as_ref().map_or(0, |(_, first)| first.saturating_sub(1));
            let runtime = tokio::runtime::Handle::current();
            runtime.block_on(out.send(Ok(Message::Columns(columns, before))))?;
            while let Some((batch, _)) = next {
                runtime.block_on(out.send(Ok(Message::Batch(batch))))?;
                next = again.next()?;
            }
            Ok(())
        });
        done.await.unwrap_or_else(|_| Err(fault::ours(&say!("läsa sparade rader", "reading kept rows"))))
    }
}
