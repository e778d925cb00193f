//! A file on its way to a format: every byte that is read also lands.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use sluss_schemas::chunk::Chunk;
use sluss_schemas::landing::LandingWriter;
use sluss_schemas::say;
use tokio::sync::mpsc;

use super::storage::ReadSeek;
use super::text;
use crate::arrival::Content;
use crate::error::{ConnectorError, Result};

/// A file whose bytes go to the landing zone as they are read, and whose reading stops when nobody
/// waits for its rows any longer. Clones are the same file.
#[derive(Clone)]
pub(super) struct Tee(Arc<Mutex<State>>);

struct State {
    file: Option<Box<dyn ReadSeek>>,
    landing: Option<Box<dyn LandingWriter>>,
    rows: Option<mpsc::Sender<Result<Chunk>>>,
    failure: Option<ConnectorError>,
    hasher: Option<blake3::Hasher>,
    /// The place where the file lies did not give its bytes.
    broken: bool,
}

impl Tee {
    /// Starts at the file's beginning. Without `rows` nobody can cancel.
    pub(super) fn new(
        file: Box<dyn ReadSeek>,
        landing: Box<dyn LandingWriter>,
        rows: Option<mpsc::Sender<Result<Chunk>>>,
    ) -> Self {
        Self(Arc::new(Mutex::new(State {
            file: Some(file),
            landing: Some(landing),
            rows,
            failure: None,
            hasher: None,
            broken: false,
        })))
    }

    /// Tells the content of what is read.
    pub(super) fn hashing(self) -> Self {
        self.state(|state| state.hasher = Some(blake3::Hasher::new()));
        self
    }

    /// The content of what has been read; all of it, when it is [`finish`](Self::finish)ed.
    pub(super) fn content(&self) -> Option<Content> {
        self.state(|state| state.hasher.as_ref().map(Content::from))
    }

    /// Reads what is left, so that all of the file lands, and seals it.
    pub(super) fn finish(&self) -> Result<()> {
        io::copy(&mut self.clone(), &mut io::sink())
            .map_err(|error| self.failure().unwrap_or_else(|| text::unreadable(error)))?;
        let landing = self.state(|state| state.landing.take());
        landing.map_or(Ok(()), LandingWriter::finish).map_err(landing_failed)
    }

    /// Whether the reading stopped because the bytes did not come.
    pub(super) fn is_broken(&self) -> bool {
        self.state(|state| state.broken)
    }

    /// What stopped the reading, where it was neither the file nor its format.
    pub(super) fn failure(&self) -> Option<ConnectorError> {
        self.state(|state| state.failure.take())
    }

    /// The file itself, from its beginning, when all of it has landed.
    pub(super) fn into_file(self) -> Result<Box<dyn ReadSeek>> {
        let mut file = self
            .state(|state| state.file.take())
            .ok_or_else(|| super::driver::crashed(&say!("ett arkiv lästes", "reading an archive")))?;
        file.seek(SeekFrom::Start(0)).map_err(text::unreadable)?;
        Ok(file)
    }

    fn state<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Read for Tee {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.state(|state| {
            if state.rows.as_ref().is_some_and(mpsc::Sender::is_closed) {
                state.failure = Some(cancelled());
                return Err(io::Error::other("cancelled"));
            }
            let Some(file) = &mut state.file else { return Ok(0) };
            let n = match file.read(buffer) {
                Ok(n) => n,
                Err(error) => {
                    state.broken |= error.kind() != io::ErrorKind::Interrupted;
                    return Err(error);
                }
            };
            if let Some(hasher) = &mut state.hasher {
                hasher.update(buffer.get(..n).unwrap_or_default());
            }
            if let Some(landing) = &mut state.landing
                && let Err(error) = landing.write(buffer.get(..n).unwrap_or_default())
            {
                state.failure = Some(landing_failed(error));
                return Err(io::Error::other("landing"));
            }
            Ok(n)
        })
    }
}

/// The reader of the rows has gone.
pub(crate) fn cancelled() -> ConnectorError {
    ConnectorError::operator(say!("läsningen avbröts", "reading was cancelled"))
}

/// The landing zone does not take the bytes: then nothing may go on.
pub(crate) fn landing_failed(error: io::Error) -> ConnectorError {
    ConnectorError::operator(say!("originalet kan inte sparas", "the original bytes cannot be kept"))
        .hint(say!(
            "kontrollera att landningszonen går att skriva i och har plats",
            "check that the landing zone can be written to and has room"
        ))
        .because(error)
        .retryable()
}
