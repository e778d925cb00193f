//! The rows as they were read, kept as an Arrow IPC stream.

use std::io::{self, Write};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::writer::StreamWriter;
use sluss_schemas::chunk::Origin;
use sluss_schemas::landing::{Landing, LandingWriter};
use sluss_schemas::say;

use super::fault;
use crate::error::Result;

/// Keeps every batch. Dropped before [`Self::finish`], it leaves nothing.
pub(super) struct Kept(StreamWriter<Sink>);

struct Sink(Box<dyn LandingWriter>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map(|()| bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Kept {
    /// Begins the stream of one reading.
    pub(super) fn begin(landing: &dyn Landing, origin: &Origin, schema: &SchemaRef) -> Result<Self> {
        let sink = Sink(landing.begin(origin).map_err(fault::landing)?);
        Ok(Self(StreamWriter::try_new(sink, &Arc::clone(schema)).map_err(failed)?))
    }

    /// Keeps these rows.
    pub(super) fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        self.0.write(rows).map_err(failed)
    }

    /// All rows have come.
    pub(super) fn finish(self) -> Result<()> {
        let sink = self.0.into_inner().map_err(failed)?;
        sink.0.finish().map_err(fault::landing)
    }
}

fn failed(error: ArrowError) -> crate::error::ConnectorError {
    match error {
        ArrowError::IoError(_, error) => fault::landing(error),
        error => fault::ours(&say!("spara raderna", "keeping the rows")).because(error),
    }
}
