//! A source of files that arrive: the files driver on an inbox.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;
use sluss_schemas::chunk::{Chunk, Cursor};
use sluss_schemas::landing::Landing;

use super::inbox::Inbox;
use crate::connect::{Ended, Io, Source, Stream};
use crate::error::Result;
use crate::files::{Driver, FilesOptions};

/// Files that arrive in a folder.
pub(crate) struct Arrivals {
    inbox: Arc<Inbox>,
    files: Driver,
}

impl Arrivals {
    /// Reads what arrives in `inbox` as `options` say; where files are is the inbox's to tell. No I/O.
    pub(crate) fn new(inbox: Inbox, options: &FilesOptions, io: &Io) -> Result<Self> {
        let inbox = Arc::new(inbox);
        Ok(Self { files: Driver::arriving(options, Arc::clone(&inbox), io)?, inbox })
    }
}

#[async_trait]
impl Source for Arrivals {
    /// Only that the folder can be listed: that nothing has arrived is no fault.
    async fn check(&self) -> Result<()> {
        self.inbox.look().await.map(drop)
    }

    async fn discover(&self) -> Result<Vec<Stream>> {
        self.files.discover().await
    }

    fn read(&self, after: Option<Cursor>, landing: Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>> {
        self.files.read(after, landing)
    }

    fn arrives(&self) -> bool {
        true
    }

    async fn waiting(&self, after: Option<&Cursor>) -> Result<Option<u64>> {
        self.inbox.waiting(&self.inbox.contents(after)?).await
    }

    async fn ended(&self, ended: Ended<'_>) -> Result<()> {
        match ended {
            Ended::Published(cursor) => self.inbox.put_away(cursor).await,
            Ended::Failed => self.inbox.put_aside().await,
        }
    }
}
