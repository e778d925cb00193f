//! The source.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use sluss_schemas::chunk::{Chunk, Cursor, ROW_ID};
use sluss_schemas::landing::{Landing, NoLanding};
use sluss_schemas::say;

use super::options::Options;
use super::plan::Plan;
use super::walk::Reading;
use crate::connect::{Connect, Io, Source, Stream};
use crate::error::{ConnectorError, Result};
use crate::files::text_fields;
use crate::http::cursor::State;
use crate::http::reading;

/// The connector `rest`.
#[derive(Clone, Copy, Debug)]
pub struct Rest;

impl Connect for Rest {
    const NAME: &'static str = "rest";
    const DOC: &'static str = include_str!("doc.md");
    type Options = Options;

    fn open(options: Options, io: &Io) -> Result<Box<dyn Source>> {
        Ok(Box::new(RestSource { plan: Arc::new(Plan::new(options, io)?) }))
    }
}

#[derive(Debug)]
struct RestSource {
    plan: Arc<Plan>,
}

#[async_trait]
impl Source for RestSource {
    async fn check(&self) -> Result<()> {
        self.discover().await.map(drop)
    }

    async fn discover(&self) -> Result<Vec<Stream>> {
        let mut reading = self.read(None, Arc::new(NoLanding));
        let Some(first) = reading.next().await.transpose()? else {
            return Err(ConnectorError::source(say!(
                "källan ger ingenting att läsa",
                "the source gives nothing to read"
            ))
            .at(self.plan.asked.address.place.clone())
            .hint(say!("kontrollera vad `parent` frågar efter", "check what `parent` asks for")));
        };
        let schema = first.rows.schema();
        let names: Vec<_> = schema.fields().iter().map(|field| field.name()).filter(|name| *name != ROW_ID).collect();
        Ok(vec![Stream { name: self.plan.asked.address.place.clone(), columns: text_fields(&names) }])
    }

    fn read(&self, after: Option<Cursor>, landing: Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>> {
        let state = after.map(|cursor| State::read(&cursor, Rest::NAME)).transpose();
        match state.and_then(|state| Reading::new(Arc::clone(&self.plan), state, landing)) {
            Ok(walk) => reading::stream(walk),
            Err(error) => stream::once(async { Err(error) }).boxed(),
        }
    }
}
