//! What a file format does: bytes in, chunks out, on a thread of its own.

use std::io::Read;

use sluss_schemas::chunk::{Chunk, Origin};

use crate::connect::Field;
use crate::error::Result;

/// One file (or archive member), decompressed, its bytes as they stood.
pub(crate) struct Input {
    /// The file's bytes in order. What is read from here is what lands.
    pub bytes: Box<dyn Read + Send>,
    /// Size where it is known, for formats that must hold the whole file.
    pub size: Option<u64>,
    /// Path as a person knows it (and archive member), for origins and errors.
    pub name: String,
    /// Archive member, where there is one.
    pub member: Option<String>,
}

/// Gives origins their ordinals and receives chunks. Returning an error means: stop reading
/// (the run was cancelled or has failed).
pub(crate) trait Emit {
    /// Begins a new origin (a file, or one sheet of it).
    fn origin(&mut self, name: &str, part: Option<&str>) -> Origin;
    /// Hands over a chunk, waiting while the pipeline is busy: memory stays bounded.
    fn chunk(&mut self, chunk: Chunk) -> Result<()>;
}

/// A file format with its options.
pub(crate) trait Format: Send + Sync {
    /// Reads the whole file and emits its rows in order, about `chunk_rows` at a time.
    fn read(&self, input: Input, chunk_rows: usize, emit: &mut dyn Emit) -> Result<()>;
    /// The columns that rows of this file have, reading as little as possible.
    fn columns(&self, input: Input) -> Result<Vec<Field>>;
    /// What must be known of the whole delivery before any of it is read; none where nothing must.
    fn survey(&self) -> Option<Box<dyn Survey>> {
        None
    }
}

/// Looks at all of a delivery, file by file, before any of it is read.
pub(crate) trait Survey {
    /// Looks at a file, or a member of an archive. A fault in it is left to the reading.
    fn look(&mut self, input: Input) -> Result<()>;
    /// The format that reads, knowing what was seen.
    fn format(self: Box<Self>) -> Box<dyn Format>;
}
