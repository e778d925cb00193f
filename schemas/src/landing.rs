//! The landing zone as a connector sees it: somewhere to leave the original bytes.

use std::io;

use crate::chunk::Origin;

/// Keeps the original bytes of what comes in. The pipeline implements it (encrypted, content
/// addressed); [`NoLanding`] stands in where nothing may be written.
pub trait Landing: Send + Sync {
    /// Begins to keep the bytes of `origin`'s file. Call once per file, also when several origins
    /// (sheets, members) come out of it: use the first of them.
    fn begin(&self, origin: &Origin) -> io::Result<Box<dyn LandingWriter>>;
}

/// Receives one file's bytes in order.
pub trait LandingWriter: Send {
    /// Appends bytes.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// All bytes have come: seals the object. A writer that is dropped instead leaves nothing.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Keeps nothing: for `discover`, `preview` and `check`.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoLanding;

impl Landing for NoLanding {
    fn begin(&self, _origin: &Origin) -> io::Result<Box<dyn LandingWriter>> {
        Ok(Box::new(NoLanding))
    }
}

impl LandingWriter for NoLanding {
    fn write(&mut self, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn finish(self: Box<Self>) -> io::Result<()> {
        Ok(())
    }
}
