//! Writing a run's quarantine.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringViewArray, UInt64Array};
use arrow::error::ArrowError;
use arrow::ipc::writer::StreamWriter;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use sluss_schemas::chunk::{Origin, ROW_ID, RowId, Unread};
use sluss_schemas::personnummer;

use super::row::{IndexRow, QuarantinedRow, Reason, Rejected};
use super::shape::{Builders, SCHEMA};
use crate::keys::seal::{Kind, SealWriter};
use crate::keys::{DataKey, Error, PartialFile, Result};

/// Rows held in memory before they are written.
const ROWS: usize = 4096;
/// Bytes of cells held in memory before they are written.
const BYTES: usize = 4 << 20;

/// Takes the rejected rows of one run. Dropped before [`finish`](Self::finish), it leaves nothing.
pub struct QuarantineWriter {
    path: PathBuf,
    key: DataKey,
    waiting: Builders,
    out: Option<(PartialFile, StreamWriter<SealWriter<File>>)>,
    rows: u64,
}

/// A quarantine object that has been written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Rows in it. Without any, there is no object.
    pub rows: u64,
}

impl QuarantineWriter {
    pub(super) fn new(path: PathBuf, key: DataKey) -> Self {
        Self { path, key, waiting: Builders::new(), out: None, rows: 0 }
    }

    /// Adds rows of `source` (a chunk's rows, with [`ROW_ID`]) that `table` rejects. What the ledger
    /// may know of them comes back, in their order.
    pub fn reject(
        &mut self,
        origin: &Origin,
        table: &str,
        source: &RecordBatch,
        rejected: &[Rejected<'_>],
    ) -> Result<Vec<IndexRow>> {
        let ids = row_ids(source)?;
        let cells = cells(source)?;
        let name = personnummer::mask(&origin.name);
        let mut index = Vec::with_capacity(rejected.len());
        for Rejected { row, reasons } in rejected {
            if *row >= source.num_rows() {
                return Err(written(ArrowError::InvalidArgumentError(
                    "a rejected row is outside its batch".to_owned(),
                )));
            }
            let id = RowId(ids.value(*row));
            self.place(id, &name, origin.part.as_deref(), Some(table));
            for (column, values) in &cells {
                values.read(*row, |value| self.waiting.cell(column, value))?;
            }
            self.waiting.raw(None);
            self.waiting.detail.append_null();
            index.push(IndexRow { row: id, table: Some(table.to_owned()), rules: self.reasons(reasons) });
            self.row_done()?;
        }
        Ok(index)
    }

    /// Adds a row that the connector could not read.
    pub fn unread(&mut self, origin: &Origin, unread: &Unread) -> Result<IndexRow> {
        let name = personnummer::mask(&origin.name);
        self.place(unread.row, &name, origin.part.as_deref(), None);
        self.waiting.raw(Some(&unread.raw));
        self.waiting.detail.append_value(&unread.detail);
        let rules = self.reasons(&[Reason { rule: unread.rule, column: None, suggestion: None }]);
        self.row_done()?;
        Ok(IndexRow { row: unread.row, table: None, rules })
    }

    /// Adds a row that was read from quarantine.
    pub(super) fn keep(&mut self, row: &QuarantinedRow) -> Result<()> {
        self.place(row.row, &row.origin, row.part.as_deref(), row.table.as_deref());
        for (column, value) in &row.cells {
            self.waiting.cell(column, value.as_deref());
        }
        self.waiting.raw(row.raw.as_deref());
        self.waiting.detail.append_option(row.detail.as_deref());
        let reasons: Vec<_> = row
            .reasons
            .iter()
            .map(|r| Reason { rule: &r.rule, column: r.column.as_deref(), suggestion: r.suggestion.as_deref() })
            .collect();
        self.reasons(&reasons);
        self.row_done()
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Seals the object and gives it its name, in place of an earlier one of the same run.
    pub fn finish(mut self) -> Result<Sealed> {
        self.write_waiting()?;
        if let Some((partial, mut stream)) = self.out.take() {
            stream.finish().map_err(written)?;
            let file = stream.into_inner().map_err(written)?.finish()?;
            partial.persist(file, &self.path)?;
        }
        Ok(Sealed { rows: self.rows })
    }

    fn place(&mut self, row: RowId, name: &str, part: Option<&str>, table: Option<&str>) {
        self.waiting.row.append_value(row.0);
        self.waiting.name.append_value(name);
        self.waiting.part.append_option(part);
        self.waiting.table.append_option(table);
    }

    fn reasons(&mut self, reasons: &[Reason<'_>]) -> Vec<String> {
        let mut rules: Vec<String> = Vec::with_capacity(reasons.len());
        for reason in reasons {
            self.waiting.reason(reason.rule, reason.column, reason.suggestion);
            if !rules.iter().any(|known| known == reason.rule) {
                rules.push(reason.rule.to_owned());
            }
        }
        rules
    }

    fn row_done(&mut self) -> Result<()> {
        self.waiting.end_cells();
        self.waiting.end_reasons();
        self.rows += 1;
        if self.waiting.rows() >= ROWS || self.waiting.bytes() >= BYTES {
            self.write_waiting()?;
        }
        Ok(())
    }

    fn write_waiting(&mut self) -> Result<()> {
        if self.waiting.rows() == 0 {
            return Ok(());
        }
        let batch = self.waiting.take().map_err(written)?;
        let (_, stream) = match &mut self.out {
            Some(out) => out,
            none => {
                let folder = self.path.parent().unwrap_or(&self.path);
                let (partial, file) = PartialFile::create(folder, self.key.delivery().run())?;
                let sealed = SealWriter::new(file, &self.key, Kind::Quarantine)?;
                none.insert((partial, StreamWriter::try_new(sealed, &SCHEMA).map_err(written)?))
            }
        };
        stream.write(&batch).map_err(written)
    }
}

/// One source column as text.
enum Cells<'a> {
    /// As text formats give it: no copy.
    Text(&'a StringViewArray),
    /// Any other type, written out.
    Other(&'a ArrayRef, ArrayFormatter<'a>),
}

impl Cells<'_> {
    fn read(&self, row: usize, give: impl FnOnce(Option<&str>)) -> Result<()> {
        match self {
            Self::Text(values) => give(values.is_valid(row).then(|| values.value(row))),
            Self::Other(values, _) if values.is_null(row) => give(None),
            Self::Other(_, formatter) => {
                let mut text = String::new();
                formatter.value(row).write(&mut text).map_err(|_| unformatted())?;
                give(Some(&text));
            }
        }
        Ok(())
    }
}

fn cells(source: &RecordBatch) -> Result<Vec<(&str, Cells<'_>)>> {
    let schema = source.schema_ref();
    let own = schema.fields().iter().zip(source.columns()).filter(|(field, _)| field.name() != ROW_ID);
    own.map(|(field, values)| {
        let cells = if let Some(text) = values.as_any().downcast_ref() {
            Cells::Text(text)
        } else {
            Cells::Other(values, ArrayFormatter::try_new(values, &FormatOptions::new()).map_err(written)?)
        };
        Ok((field.name().as_str(), cells))
    })
    .collect()
}

fn row_ids(source: &RecordBatch) -> Result<&UInt64Array> {
    let column = source.column_by_name(ROW_ID).map(Arc::as_ref).and_then(|c| c.as_any().downcast_ref());
    column.ok_or_else(|| written(ArrowError::SchemaError(format!("a source batch lacks its column {ROW_ID}"))))
}

/// The formatter's own words would show the value.
fn unformatted() -> Error {
    written(ArrowError::CastError("a source value cannot be written as text".to_owned()))
}

fn written(source: ArrowError) -> Error {
    Error::Rows { act: "written", source }
}
