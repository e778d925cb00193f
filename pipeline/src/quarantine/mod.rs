//! Rejected rows, kept whole and encrypted until their sender has mended them: nothing disappears.
//!
//! `<quarantine>/<owner>/<run>.rows` is one sealed object ([`crate::keys::seal`]) under the
//! delivery's data key, with an Arrow IPC stream in it. A row has its address, its origin, the
//! national table that rejected it, all its source columns as text (or the raw bytes of a row that
//! could not be read), and the reasons. It is written as the run goes on, a few thousand rows in
//! memory at a time, and read back as a stream, for `quarantine show` and for a replay.
//!
//! The ledger gets an [`IndexRow`] for each, which holds no value: what is in quarantine, and why,
//! can be listed without any key.

mod export;
mod read;
mod replay;
mod row;
mod shape;
mod store;
mod write;

pub use export::ExportWriter;
pub use read::Rows;
pub use replay::Replay;
pub use row::{IndexRow, QuarantinedRow, Reason, Rejected, StoredReason};
pub use store::Quarantine;
pub use write::{QuarantineWriter, Sealed};

#[cfg(test)]
mod tests;
