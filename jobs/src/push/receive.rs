//! Receiving: a delivery's bytes, as they come, into the landing zone. All of them, or none.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use futures::{Stream, StreamExt};
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::keys::Delivery;
use sluss_pipeline::run::{Engine, new_run};
use sluss_schemas::chunk::Origin;
use sluss_schemas::landing::{Landing, LandingWriter};
use sluss_schemas::say;
use tokio::sync::mpsc;

use super::deliver::Received;

/// Pieces that may wait to be written: with them a delivery takes no more memory than this.
const WAITING: usize = 4;

/// Why nothing was received. Nothing of it is left.
#[derive(Debug)]
pub(crate) enum NotReceived {
    /// More bytes than a delivery may have.
    TooLarge,
    /// Nothing came.
    Empty,
    /// The sender went away, or fell silent.
    BrokenOff,
    /// It says that it is packed with gzip, and is not, or not to its end.
    Unpackable,
    /// We could not keep it.
    NotKept(PipelineError),
}

/// What is known of a delivery before its bytes.
pub(crate) struct Incoming<'a> {
    pub(crate) owner: &'a str,
    /// What it is called when it has landed.
    pub(crate) name: String,
    /// It is packed with gzip on its way.
    pub(crate) packed: bool,
    /// Most bytes, unpacked.
    pub(crate) limit: u64,
}

/// Receives a delivery under the id of the run that will read it.
pub(crate) async fn receive<E>(
    engine: &Engine,
    incoming: Incoming<'_>,
    mut bytes: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<Received, NotReceived> {
    let run = new_run();
    let delivery = Delivery::new(incoming.owner, &run).map_err(|e| NotReceived::NotKept(e.into()))?;
    let landing = engine.land(&delivery).map_err(NotReceived::NotKept)?;
    let origin = Origin { index: 0, name: incoming.name.clone(), part: None };
    let writer = landing.begin(&origin).map_err(not_kept);
    let (pieces, arriving) = mpsc::channel::<Bytes>(WAITING);
    let outcome = match writer {
        Err(error) => Err(error),
        Ok(writer) => {
            let (packed, limit) = (incoming.packed, incoming.limit);
            let writing = tokio::task::spawn_blocking(move || write(writer, arriving, packed, limit));
            let mut whole = true;
            while let Some(piece) = bytes.next().await {
                let Ok(piece) = piece else {
                    whole = false;
                    break;
                };
                if pieces.send(piece).await.is_err() {
                    // The writer has given up: it says why.
                    break;
                }
            }
            drop(pieces);
            match writing.await.map_err(|e| not_kept(io::Error::other(e))).flatten() {
                // Only now it is known whether this was all: what is not sealed leaves nothing.
                Ok(written) if whole => written.seal(),
                Ok(_) => Err(NotReceived::BrokenOff),
                Err(error) => Err(error),
            }
        }
    };
    let landed = landing.objects().into_iter().next();
    match (outcome, landed) {
        (Ok(()), Some(landed)) => {
            Ok(Received { delivery, name: incoming.name, content: landed.content, bytes: landed.bytes })
        }
        (outcome, _) => {
            // Its key goes too. Should that fail, a sweep finds what is left.
            let _ = engine.zone.erase(&delivery);
            Err(outcome.err().unwrap_or(NotReceived::BrokenOff))
        }
    }
}

/// Everything has been written, and nothing sealed.
struct Written(Intake);

impl Written {
    fn seal(self) -> Result<(), NotReceived> {
        if self.0.bytes == 0 {
            return Err(NotReceived::Empty);
        }
        self.0.landing.finish().map_err(not_kept)
    }
}

/// Writes pieces until no more come.
fn write(
    landing: Box<dyn LandingWriter>,
    mut arriving: mpsc::Receiver<Bytes>,
    packed: bool,
    limit: u64,
) -> Result<Written, NotReceived> {
    let intake = Intake { landing, bytes: 0, limit };
    if !packed {
        let mut intake = intake;
        while let Some(piece) = arriving.blocking_recv() {
            intake.write_all(&piece).map_err(refused)?;
        }
        return Ok(Written(intake));
    }
    let mut unpack = MultiGzDecoder::new(intake);
    while let Some(piece) = arriving.blocking_recv() {
        unpack.write_all(&piece).map_err(refused)?;
    }
    unpack.finish().map(Written).map_err(refused)
}

/// Counts what lands.
struct Intake {
    landing: Box<dyn LandingWriter>,
    bytes: u64,
    limit: u64,
}

impl Write for Intake {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.limit {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, Own::TooLarge));
        }
        self.landing.write(bytes).map_err(|e| io::Error::other(Own::NotKept(e)))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Our own errors on their way through the decoder.
#[derive(Debug, thiserror::Error)]
enum Own {
    #[error("too large")]
    TooLarge,
    #[error("not kept")]
    NotKept(#[source] io::Error),
}

/// What a writer's error means: one that is not ours is the decoder's.
fn refused(error: io::Error) -> NotReceived {
    match error.downcast::<Own>() {
        Ok(Own::TooLarge) => NotReceived::TooLarge,
        Ok(Own::NotKept(error)) => not_kept(error),
        Err(_) => NotReceived::Unpackable,
    }
}

fn not_kept(error: io::Error) -> NotReceived {
    NotReceived::NotKept(
        PipelineError::operator(say!("leveransen kan inte sparas", "the delivery cannot be kept"))
            .hint(say!(
                "kontrollera att landningszonen går att skriva i och har plats",
                "check that the landing zone can be written to and has room"
            ))
            .because(error)
            .retryable(),
    )
}
