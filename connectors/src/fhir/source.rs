//! The source: a server, or files.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use sluss_schemas::chunk::{Chunk, Cursor, ROW_ID};
use sluss_schemas::landing::{Landing, NoLanding};
use sluss_schemas::say;

use super::bundle::Bundles;
use super::codes::Codes;
use super::export::Exporting;
use super::options::Options;
use super::plan::Plan;
use super::walk::Reading;
use crate::connect::{Connect, Io, Source, Stream};
use crate::error::{ConnectorError, Result};
use crate::files::{Driver, FilesOptions, Format, FormatName, text_fields};
use crate::http::cursor::State;
use crate::http::reading;

/// The connector `fhir`.
#[derive(Clone, Copy, Debug)]
pub struct Fhir;

impl Connect for Fhir {
    const NAME: &'static str = "fhir";
    const DOC: &'static str = include_str!("doc.md");
    type Options = Options;

    fn open(options: Options, io: &Io) -> Result<Box<dyn Source>> {
        let both = say!(
            "ange var resurserna finns: `url = \"https://…\"` eller `path = \"…\"`, en av dem",
            "say where the resources are: `url = \"https://…\"` or `path = \"…\"`, one of them"
        );
        match (&options.url, &options.path) {
            (Some(url), None) => Ok(Box::new(Server { plan: Arc::new(Plan::new(&options, url, io)?) })),
            (None, Some(_)) => files(options, io),
            (Some(_), Some(_)) => Err(ConnectorError::configuration(say!(
                "både `url` och `path` är angivna",
                "both `url` and `path` are set"
            ))
            .hint(both)),
            (None, None) => Err(ConnectorError::configuration(say!(
                "varken `url` eller `path` är angiven",
                "neither `url` nor `path` is set"
            ))
            .hint(both)),
        }
    }
}

/// Bundles in files: found, unpacked and remembered as the connector `files` does.
fn files(options: Options, io: &Io) -> Result<Box<dyn Source>> {
    let asks = options.increments.is_some() || options.export.is_some() || options.expand.is_some();
    if asks || options.auth.is_some() || !options.include.is_empty() || !options.query.is_empty() {
        return Err(ConnectorError::configuration(say!(
            "filer kan inte tillfrågas om en del av sig",
            "files cannot be asked for a part of them"
        ))
        .hint(say!(
            "ta bort `increments`, `export`, `expand`, `include`, `query` och `auth`, eller ange `url`",
            "take out `increments`, `export`, `expand`, `include`, `query` and `auth`, or give `url`"
        )));
    }
    let format: Box<dyn Format> = if let Some(gives) = options.resource.gives() {
        Box::new(Codes::new(&options, gives, io)?)
    } else {
        let kinds: Vec<_> = [options.resource].into_iter().chain(options.also.iter().copied()).collect();
        Box::new(Bundles::new(&kinds, options.columns.as_ref(), options.separator.as_ref(), true)?)
    };
    let files = FilesOptions {
        path: options.path,
        url: None,
        s3: None,
        format: FormatName::Json,
        encoding: None,
        member: None,
        csv: None,
        fixed: None,
        xlsx: None,
        json: None,
        xml: None,
    };
    Ok(Box::new(Driver::with_format(&files, io, format)?))
}

#[derive(Debug)]
struct Server {
    plan: Arc<Plan>,
}

#[async_trait]
impl Source for Server {
    async fn check(&self) -> Result<()> {
        self.discover().await.map(drop)
    }

    async fn discover(&self) -> Result<Vec<Stream>> {
        // One page, also of what is to be exported: an export is a lot of work for a server.
        let mut reading = match Reading::new(Arc::clone(&self.plan), None, Arc::new(NoLanding)) {
            Ok(walk) => reading::stream(walk.at_most_one()),
            Err(error) => return Err(error),
        };
        let Some(first) = reading.next().await.transpose()? else {
            return Err(ConnectorError::source(say!(
                "servern ger ingenting att läsa",
                "the server gives nothing to read"
            ))
            .at(self.plan.place.clone()));
        };
        let schema = first.rows.schema();
        let names: Vec<_> = schema.fields().iter().map(|field| field.name()).filter(|name| *name != ROW_ID).collect();
        Ok(vec![Stream { name: self.plan.place.clone(), columns: text_fields(&names) }])
    }

    fn read(&self, after: Option<Cursor>, landing: Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>> {
        let plan = Arc::clone(&self.plan);
        let state = match after.map(|cursor| State::read(&cursor, Fhir::NAME)).transpose() {
            Ok(state) => state,
            Err(error) => return stream::once(async { Err(error) }).boxed(),
        };
        let walk = if plan.export.is_some() {
            Exporting::new(plan, state.as_ref(), landing).map(reading::stream)
        } else {
            Reading::new(plan, state, landing).map(reading::stream)
        };
        walk.unwrap_or_else(|error| stream::once(async { Err(error) }).boxed())
    }
}
