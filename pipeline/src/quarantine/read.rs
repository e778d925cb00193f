//! Reading a run's quarantine.

use std::fs::File;
use std::io::BufReader;

use arrow::array::{Array, AsArray, BinaryArray, ListArray, RecordBatch, StringArray, StructArray, UInt64Array};
use arrow::datatypes::UInt64Type;
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use sluss_schemas::chunk::RowId;

use super::row::{QuarantinedRow, StoredReason};
use super::shape::{SCHEMA, column};
use crate::keys::seal::SealReader;
use crate::keys::{Error, Result};

/// The rows of a quarantine object, one batch in memory at a time. After an error it ends.
pub struct Rows {
    stream: StreamReader<SealReader<BufReader<File>>>,
    batch: Option<(RecordBatch, usize)>,
    broken: bool,
}

impl Rows {
    pub(super) fn new(input: SealReader<BufReader<File>>) -> Result<Self> {
        let stream = StreamReader::try_new(input, None).map_err(read)?;
        if stream.schema() != *SCHEMA {
            return Err(read(ArrowError::SchemaError("written by another version of Sluss".to_owned())));
        }
        Ok(Self { stream, batch: None, broken: false })
    }

    fn next_row(&mut self) -> Result<Option<QuarantinedRow>> {
        loop {
            if let Some((batch, at)) = &mut self.batch
                && *at < batch.num_rows()
            {
                *at += 1;
                return row(batch, *at - 1).map(Some);
            }
            match self.stream.next() {
                None => return Ok(None),
                Some(batch) => self.batch = Some((batch.map_err(read)?, 0)),
            }
        }
    }
}

impl Iterator for Rows {
    type Item = Result<QuarantinedRow>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken {
            return None;
        }
        let row = self.next_row();
        self.broken = row.is_err();
        row.transpose()
    }
}

fn row(batch: &RecordBatch, at: usize) -> Result<QuarantinedRow> {
    let text = |i: usize| batch.column(i).as_string::<i32>();
    let optional = |i: usize| optional(text(i), at);
    let ids: &UInt64Array = batch.column(column::ROW).as_primitive::<UInt64Type>();
    let raw: &BinaryArray = batch.column(column::RAW).as_binary::<i32>();
    let [names, values] = fields(batch.column(column::CELLS).as_list::<i32>(), at)?;
    let [rules, columns, suggestions] = fields(batch.column(column::REASONS).as_list::<i32>(), at)?;
    Ok(QuarantinedRow {
        row: RowId(ids.value(at)),
        origin: text(column::NAME).value(at).to_owned(),
        part: optional(column::PART),
        table: optional(column::TABLE),
        cells: names.into_iter().map(Option::unwrap_or_default).zip(values).collect(),
        raw: raw.is_valid(at).then(|| raw.value(at).to_owned()),
        detail: optional(column::DETAIL),
        reasons: rules
            .into_iter()
            .map(Option::unwrap_or_default)
            .zip(columns)
            .zip(suggestions)
            .map(|((rule, column), suggestion)| StoredReason { rule, column, suggestion })
            .collect(),
    })
}

fn optional(values: &StringArray, at: usize) -> Option<String> {
    values.is_valid(at).then(|| values.value(at).to_owned())
}

/// The text fields of the structs in a list, field by field.
fn fields<const N: usize>(list: &ListArray, at: usize) -> Result<[Vec<Option<String>>; N]> {
    let items = list.value(at);
    let items: &StructArray = items.as_struct();
    let texts = items.columns().iter().map(|c| c.as_string::<i32>().iter().map(|v| v.map(str::to_owned)).collect());
    let texts: Vec<Vec<_>> = texts.collect();
    texts.try_into().map_err(|_| read(ArrowError::SchemaError("written by another version of Sluss".to_owned())))
}

fn read(source: ArrowError) -> Error {
    // A frame that did not verify says more than Arrow's wrapping of it.
    if let ArrowError::IoError(text, io) = source {
        return match io.downcast::<Error>() {
            Ok(error) => error,
            Err(io) => Error::Rows { act: "read", source: ArrowError::IoError(text, io) },
        };
    }
    Error::Rows { act: "read", source }
}
