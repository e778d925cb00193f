//! The rows as they were read, kept as an Arrow IPC stream, and read from it again.
//!
//! Beside the source's own columns each row has its address and, where it could not be read, the
//! rule that it breaks, the facts and the row as it came.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt64Type};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use sluss_schemas::chunk::{Origin, ROW_ID, RowId};
use sluss_schemas::landing::{Landing, LandingWriter};
use sluss_schemas::say;

use super::batch::{Bad, Batch};
use super::cell::Wrong;
use super::fault;
use crate::error::{ConnectorError, Result};

/// What tells of rows that could not be read.
const UNREAD: [(&str, DataType); 3] =
    [("_olast_regel", DataType::Utf8), ("_olast_uppgift", DataType::Utf8), ("_olast_rad", DataType::Binary)];

/// Keeps every batch. Dropped before [`Self::finish`], it leaves nothing.
pub(super) struct Kept {
    writer: StreamWriter<Sink>,
    schema: SchemaRef,
}

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
    /// Begins the stream of one reading, whose rows are of this type.
    pub(super) fn begin(landing: &dyn Landing, origin: &Origin, rows: &SchemaRef) -> Result<Self> {
        let unread = UNREAD.map(|(name, kind)| Arc::new(Field::new(name, kind, true)));
        let fields: Vec<_> = rows.fields().iter().cloned().chain(unread).collect();
        let schema = Arc::new(Schema::new(fields));
        let sink = Sink(landing.begin(origin).map_err(fault::landing)?);
        Ok(Self { writer: StreamWriter::try_new(sink, &schema).map_err(failed)?, schema })
    }

    /// Keeps these rows, and what is wrong with some of them.
    pub(super) fn write(&mut self, rows: &RecordBatch, bad: &[Bad]) -> Result<()> {
        let (mut rules, mut details, mut bytes) = (StringBuilder::new(), StringBuilder::new(), BinaryBuilder::new());
        let mut bad = bad.iter().peekable();
        for row in 0..rows.num_rows() {
            let bad = bad.next_if(|bad| bad.row == row);
            rules.append_option(bad.map(|bad| bad.rule));
            details.append_option(bad.map(|bad| bad.detail.as_str()));
            bytes.append_option(bad.map(|bad| bad.raw.as_slice()));
        }
        let mut columns: Vec<ArrayRef> = rows.columns().to_vec();
        columns.extend([Arc::new(rules.finish()) as ArrayRef, Arc::new(details.finish()), Arc::new(bytes.finish())]);
        let rows = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(failed)?;
        self.writer.write(&rows).map_err(failed)
    }

    /// All rows have come.
    pub(super) fn finish(self) -> Result<()> {
        let sink = self.writer.into_inner().map_err(failed)?;
        sink.0.finish().map_err(fault::landing)
    }
}

/// Reads a stream that [`Kept`] wrote.
pub(super) struct Again {
    reader: StreamReader<BufReader<File>>,
    /// The source's own columns.
    pub(super) columns: Vec<Field>,
}

impl Again {
    /// Opens it.
    pub(super) fn open(file: File) -> Result<Self> {
        let reader = StreamReader::try_new(BufReader::new(file), None).map_err(unreadable)?;
        let fields: Vec<Field> = reader.schema().fields().iter().map(|field| field.as_ref().clone()).collect();
        let own = fields.len().checked_sub(UNREAD.len() + 1).ok_or_else(alien)?;
        let (columns, rest) = fields.split_at_checked(own).ok_or_else(alien)?;
        let names = [ROW_ID].into_iter().chain(UNREAD.map(|(name, _)| name));
        if !rest.iter().map(Field::name).eq(names) {
            return Err(alien());
        }
        Ok(Self { columns: columns.to_vec(), reader })
    }

    /// The next rows, and the number of the first.
    pub(super) fn next(&mut self) -> Result<Option<(Batch, u64)>> {
        let Some(rows) = self.reader.next().transpose().map_err(unreadable)? else { return Ok(None) };
        let own = self.columns.len();
        let column = |nth: usize| rows.columns().get(own + nth).ok_or_else(alien);
        let ids = column(0)?.as_primitive_opt::<UInt64Type>().ok_or_else(alien)?;
        let rules = column(1)?.as_string_opt::<i32>().ok_or_else(alien)?;
        let details = column(2)?.as_string_opt::<i32>().ok_or_else(alien)?;
        let bytes = column(3)?.as_binary_opt::<i32>().ok_or_else(alien)?;
        let bad = (0..rows.num_rows()).filter(|row| rules.is_valid(*row)).map(|row| Bad {
            row,
            rule: Wrong::rule_called(rules.value(row)),
            detail: if details.is_null(row) { String::new() } else { details.value(row).to_owned() },
            raw: if bytes.is_null(row) { Vec::new() } else { bytes.value(row).to_vec() },
        });
        let bad = bad.collect();
        let first = ids.values().first().map_or(1, |id| RowId(*id).row());
        let own: Vec<usize> = (0..own).collect();
        Ok(Some((Batch { rows: rows.project(&own).map_err(unreadable)?, bad }, first)))
    }
}

fn alien() -> ConnectorError {
    ConnectorError::source(say!(
        "filen innehåller inte raderna från en tidigare läsning",
        "the file does not hold the rows of an earlier reading"
    ))
    .hint(say!(
        "`landed` är för det som kopplingen själv har sparat; andra filer läses av `files`",
        "`landed` is for what this connector kept itself; other files are read by `files`"
    ))
}

fn unreadable(_: ArrowError) -> ConnectorError {
    // The library's own words may quote what it found.
    ConnectorError::source(say!(
        "raderna från den tidigare läsningen går inte att läsa till slutet",
        "the rows of the earlier reading cannot be read to their end"
    ))
    .hint(say!("kör själva jobbet igen", "run the job itself again"))
}

fn failed(error: ArrowError) -> ConnectorError {
    match error {
        ArrowError::IoError(_, error) => fault::landing(error),
        error => fault::ours(&say!("spara raderna", "keeping the rows")).because(error),
    }
}
