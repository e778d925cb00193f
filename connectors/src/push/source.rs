//! A delivery as a source; and the wait for one.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use sluss_schemas::chunk::{Chunk, Cursor};
use sluss_schemas::landing::Landing;
use sluss_schemas::say;

use super::options::Options;
use crate::connect::{Connect, Io, Source, Stream};
use crate::error::{ConnectorError, Result};
use crate::files::{Driver, Given};
use crate::options::explain;

/// The connector `push`.
pub struct Push;

impl Connect for Push {
    const NAME: &'static str = "push";
    const DOC: &'static str = include_str!("doc.md");
    type Options = Options;

    fn open(options: Options, io: &Io) -> Result<Box<dyn Source>> {
        let files = options.files();
        let format = files.format()?;
        Ok(match &files.path {
            Some(_) => Box::new(Driver::with_format(&files, io, format)?),
            None => Box::new(Waiting),
        })
    }
}

/// The delivery `given` as the source that a job's `[source.options]` describe. No I/O.
pub fn delivery(options: serde_json::Value, given: Given, io: &Io) -> Result<Box<dyn Source>> {
    let options: Options = serde_json::from_value(options).map_err(|error| explain(&error))?;
    let format = options.files().format()?;
    Ok(Box::new(Driver::given(given, io, format)))
}

/// Nothing has been handed in.
struct Waiting;

#[async_trait]
impl Source for Waiting {
    async fn check(&self) -> Result<()> {
        Ok(())
    }

    async fn discover(&self) -> Result<Vec<Stream>> {
        Ok(Vec::new())
    }

    fn read(&self, _after: Option<Cursor>, _landing: Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>> {
        stream::once(async {
            Err(ConnectorError::configuration(say!(
                "jobbet läser det som lämnas in, och inget är inlämnat",
                "the job reads what is handed in, and nothing has been"
            ))
            .hint(say!(
                "lämna in en fil med `sluss submit FIL`, eller ange en provfil i `sample`",
                "hand in a file with `sluss submit FILE`, or name a sample file in `sample`"
            )))
        })
        .boxed()
    }
}
