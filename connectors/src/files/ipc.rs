//! Arrow IPC streams: typed columns, told as the text that they would be in a file.
//!
//! Dates become `2026-01-05`, points in time `2026-01-05T08:00:00`, truth values `true` and `false`:
//! from here on a stream is judged as every other form of the same rows. Lists and structures are
//! refused. A stream must be ended by its sender; one that breaks off gives the rows before that.

use std::io::{self, Read};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use arrow::buffer::Buffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamDecoder;
use sluss_schemas::chunk::{Chunk, Origin, ROW_ID, RowId};
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::format::{Emit, Format, Input};
use super::text;
use crate::connect::Field;
use crate::error::{ConnectorError, Result};

/// Bytes that the decoder is given at a time.
const BLOCK: usize = 256 << 10;

/// The format, which has no options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ipc;

impl Format for Ipc {
    fn read(&self, input: Input, chunk_rows: usize, emit: &mut dyn Emit) -> Result<()> {
        let origin = Arc::new(emit.origin(&input.name, input.member.as_deref()));
        let mut stream = Stream::new(input.bytes);
        let mut out = Out { origin, schema: None, next: 1, any: false, chunk_rows: chunk_rows.max(1) };
        while let Some(batch) = stream.next()? {
            out.batch(&batch, emit)?;
        }
        let schema = stream.schema()?;
        if !out.any {
            // A stream without rows still has columns.
            out.batch(&RecordBatch::new_empty(schema), emit)?;
        }
        Ok(())
    }

    fn columns(&self, input: Input) -> Result<Vec<Field>> {
        let mut stream = Stream::new(input.bytes);
        stream.next()?;
        let schema = stream.schema()?;
        fits(&schema)?;
        Ok(schema.fields().iter().map(|f| Field::text(f.name(), f.data_type().to_string())).collect())
    }
}

/// Batches out of bytes. What a message says of its own size is not believed: memory grows with what comes.
struct Stream {
    bytes: Box<dyn Read + Send>,
    decoder: StreamDecoder,
    waiting: Buffer,
    read: u64,
}

impl Stream {
    fn new(bytes: Box<dyn Read + Send>) -> Self {
        Self { bytes, decoder: StreamDecoder::new(), waiting: Buffer::from(Vec::<u8>::new()), read: 0 }
    }

    fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if self.waiting.is_empty() {
                let mut block = vec![0; BLOCK];
                let taken = read(&mut self.bytes, &mut block).map_err(text::unreadable)?;
                if taken == 0 {
                    self.decoder.finish().map_err(|e| broken(&e))?;
                    return Ok(None);
                }
                block.truncate(taken);
                self.read += taken as u64;
                self.waiting = Buffer::from(block);
            }
            if let Some(batch) = self.decoder.decode(&mut self.waiting).map_err(|e| broken(&e))? {
                // Rows take at least a bit each: a batch that claims more has none.
                if batch.num_rows() as u64 > self.read.saturating_mul(8) {
                    return Err(refused(say!(
                        "strömmen säger sig ha fler rader än den har plats för",
                        "the stream claims more rows than it has room for"
                    )));
                }
                return Ok(Some(batch));
            }
        }
    }

    fn schema(&self) -> Result<SchemaRef> {
        self.decoder.schema().ok_or_else(|| {
            refused(say!("strömmen är tom: den har inget schema", "the stream is empty: it has no schema"))
        })
    }
}

fn read(from: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    loop {
        match from.read(block) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Rows on their way out.
struct Out {
    origin: Arc<Origin>,
    schema: Option<SchemaRef>,
    next: u64,
    any: bool,
    chunk_rows: usize,
}

impl Out {
    fn batch(&mut self, batch: &RecordBatch, emit: &mut dyn Emit) -> Result<()> {
        let schema = match &self.schema {
            Some(schema) => Arc::clone(schema),
            None => Arc::clone(self.schema.insert(text_schema(&batch.schema())?)),
        };
        let mut from = 0;
        while from < batch.num_rows() || !self.any {
            let part = batch.slice(from, self.chunk_rows.min(batch.num_rows() - from));
            let rows = part.num_rows();
            let text = |column: &ArrayRef| cast(column, &DataType::Utf8View).map_err(|e| broken(&e));
            let mut columns = part.columns().iter().map(text).collect::<Result<Vec<_>>>()?;
            let end = self.next + rows as u64;
            let ids = (self.next..end).map(|row| RowId::new(self.origin.index, row).0);
            columns.push(Arc::new(UInt64Array::from_iter_values(ids)));
            let rows_of = RecordBatch::try_new(Arc::clone(&schema), columns).map_err(|e| broken(&e))?;
            (self.next, self.any, from) = (end, true, from + rows);
            emit.chunk(Chunk { origin: Arc::clone(&self.origin), rows: rows_of, unread: Vec::new(), cursor: None })?;
        }
        Ok(())
    }
}

/// The columns as text, and the rows' address.
fn text_schema(given: &Schema) -> Result<SchemaRef> {
    fits(given)?;
    let names: Vec<String> = given.fields().iter().map(|f| f.name().clone()).collect();
    text::check_names(&names).map_err(refused)?;
    let mut fields: Vec<_> = names.into_iter().map(|name| ArrowField::new(name, DataType::Utf8View, true)).collect();
    fields.push(ArrowField::new(ROW_ID, DataType::UInt64, false));
    Ok(Arc::new(Schema::new(fields)))
}

/// Only columns of single values.
fn fits(schema: &Schema) -> Result<()> {
    for (i, field) in schema.fields().iter().enumerate() {
        let kind = match field.data_type() {
            DataType::Dictionary(_, values) => values.as_ref(),
            other => other,
        };
        let single = kind.is_numeric()
            || matches!(
                kind,
                DataType::Null
                    | DataType::Boolean
                    | DataType::Utf8
                    | DataType::LargeUtf8
                    | DataType::Utf8View
                    | DataType::Date32
                    | DataType::Date64
                    | DataType::Time32(_)
                    | DataType::Time64(_)
                    | DataType::Timestamp(_, _)
            );
        if !single {
            return Err(refused(say!(
                "kolumn {} är en lista, en struktur eller bytes",
                "column {} is a list, a structure or bytes",
                i + 1
            )));
        }
    }
    Ok(())
}

fn refused(what: impl Into<Message>) -> ConnectorError {
    ConnectorError::source(what).hint(say!(
        "skicka en Arrow IPC-ström vars kolumner har ett värde i varje rad: text, tal, datum, tidpunkt eller sant/falskt",
        "send an Arrow IPC stream whose columns have one value in each row: text, number, date, time or truth value"
    ))
}

/// What the decoder says may quote a value: nothing of it is told.
fn broken(error: &ArrowError) -> ConnectorError {
    let kind = match error {
        ArrowError::IpcError(_) | ArrowError::ParseError(_) => "format",
        ArrowError::CastError(_) => "type",
        _ => "content",
    };
    tracing::debug!(kind, "an Arrow stream cannot be read");
    refused(say!("det är ingen hel Arrow IPC-ström", "this is not a whole Arrow IPC stream"))
}

#[cfg(test)]
mod tests {
    use arrow::array::{Date32Array, Int64Array, ListArray, StringArray};
    use arrow::datatypes::Int32Type;
    use arrow::ipc::writer::StreamWriter;
    use proptest::prelude::*;

    use super::*;
    use crate::files::cells::tests::{Kept, input};

    fn stream(batches: &[RecordBatch]) -> Vec<u8> {
        let mut writer = StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
        for batch in batches {
            writer.write(batch).unwrap();
        }
        writer.into_inner().unwrap()
    }

    fn batch(ids: &[&str]) -> RecordBatch {
        let days = Date32Array::from_iter_values((0..ids.len()).map(|_| 20_458));
        let numbers = (0..ids.len()).map(|i| (i > 0).then_some(i64::try_from(i).unwrap())).collect::<Int64Array>();
        RecordBatch::try_from_iter([
            ("avtals_id", Arc::new(StringArray::from(ids.to_vec())) as ArrayRef),
            ("giltig_fran", Arc::new(days)),
            ("antal", Arc::new(numbers)),
        ])
        .unwrap()
    }

    fn read(bytes: Vec<u8>) -> (Kept, Result<()>) {
        let mut kept = Kept::default();
        let outcome = Ipc.read(input(bytes), 2, &mut kept);
        (kept, outcome)
    }

    #[test]
    fn typed_columns_become_text() {
        let (kept, outcome) = read(stream(&[batch(&["a", "b", "c"]), batch(&["d"])]));
        outcome.unwrap();
        assert_eq!(kept.names(), ["avtals_id", "giltig_fran", "antal"]);
        assert_eq!(kept.column("avtals_id"), ["a", "b", "c", "d"]);
        assert_eq!(kept.column("giltig_fran"), ["2026-01-05"; 4]);
        assert_eq!(kept.column("antal"), ["-", "1", "2", "-"]);
        assert_eq!(kept.rows().iter().map(|(row, _)| *row).collect::<Vec<_>>(), [1, 2, 3, 4]);
    }

    #[test]
    fn no_rows_still_have_columns() {
        let (kept, outcome) = read(stream(&[batch(&[])]));
        outcome.unwrap();
        assert_eq!((kept.names().len(), kept.rows().len()), (3, 0));
    }

    #[test]
    fn what_breaks_off_is_an_error_after_its_rows() {
        let whole = stream(&[batch(&["a", "b"]), batch(&["c", "d"])]);
        let (kept, outcome) = read(whole[..whole.len() - 200].to_vec());
        assert!(outcome.is_err());
        assert_eq!(kept.column("avtals_id"), ["a", "b"]);
        assert!(read(Vec::new()).1.is_err());
    }

    #[test]
    fn lists_are_refused() {
        let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)])]);
        let (_, outcome) = read(stream(&[RecordBatch::try_from_iter([("a", Arc::new(list) as ArrayRef)]).unwrap()]));
        assert!(outcome.unwrap_err().what.contains("list"));
    }

    proptest! {
        #[test]
        fn damaged_streams_are_errors_and_nothing_else(at in 0..2_000_usize, byte in any::<u8>()) {
            let mut bytes = stream(&[batch(&["a", "b"]), batch(&["c", "d"])]);
            let at = at % bytes.len();
            bytes[at] = byte;
            // A panic of the decoder is caught where files are driven; here it would be seen.
            let _ = crate::caught::caught(|| read(bytes).1.is_ok());
        }
    }
}
