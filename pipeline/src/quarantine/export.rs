//! Rejected rows as one Parquet file, for analysis by their owner.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use sluss_schemas::say;
use tempfile::NamedTempFile;

use super::row::QuarantinedRow;
use crate::error::{PipelineError, Result};

/// Rows in memory at a time.
const ROWS: usize = 8192;

/// Texts that every row has, before its cells.
const TEXTS: [&str; 5] = ["_korning", "_tabell", "_fil", "_del", "_fynd"];
/// The row that a person sees, from 1.
const ROW: &str = "_rad";

/// Writes rejected rows: every cell as nullable text, `_korning`, `_tabell`, `_fil`, `_del`, `_rad`,
/// and `_fynd` with a line for each finding: rule, column and suggestion with tabs between.
///
/// The file holds cell values. It is readable to its owner only, and has its name when it is whole.
pub struct ExportWriter {
    writer: ArrowWriter<NamedTempFile>,
    schema: SchemaRef,
    places: HashMap<String, usize>,
    texts: [StringBuilder; TEXTS.len()],
    rows: Int64Builder,
    cells: Vec<StringBuilder>,
    filled: Vec<bool>,
    waiting: usize,
    written: u64,
}

impl ExportWriter {
    /// A file in the folder of `path`, with these columns for cells.
    pub fn create(path: &Path, columns: &[String]) -> Result<Self> {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = NamedTempFile::new_in(folder).map_err(|e| {
            PipelineError::operator(say!(
                "det går inte att skriva i mappen för exporten",
                "the export's folder cannot be written to"
            ))
            .at(folder.display().to_string())
            .because(e)
        })?;
        let text = |name: &str, nullable| Field::new(name, DataType::Utf8, nullable);
        let mut fields: Vec<Field> = columns.iter().map(|name| text(name, true)).collect();
        fields.extend(TEXTS.iter().map(|name| text(name, *name == "_tabell" || *name == "_del")));
        fields.push(Field::new(ROW, DataType::Int64, false));
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
        Ok(Self {
            writer: ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties)).map_err(failed)?,
            schema,
            places: columns.iter().enumerate().map(|(at, name)| (name.clone(), at)).collect(),
            texts: Default::default(),
            rows: Int64Builder::new(),
            cells: columns.iter().map(|_| StringBuilder::new()).collect(),
            filled: vec![false; columns.len()],
            waiting: 0,
            written: 0,
        })
    }

    /// A cell of `row` that the file has no column for: begin anew with it.
    pub fn unknown<'a>(&self, row: &'a QuarantinedRow) -> Option<&'a str> {
        row.cells.iter().map(|(name, _)| name.as_str()).find(|name| !self.places.contains_key(*name))
    }

    /// Adds a row of a run. Cells that the file has no column for are left out.
    pub fn add(&mut self, run: &str, row: &QuarantinedRow) -> Result<()> {
        self.filled.fill(false);
        for (name, value) in &row.cells {
            let Some(at) = self.places.get(name).copied() else { continue };
            if let Some(cell) = self.cells.get_mut(at)
                && let Some(filled) = self.filled.get_mut(at)
                && !*filled
            {
                cell.append_option(value.as_deref());
                *filled = true;
            }
        }
        for (cell, _) in self.cells.iter_mut().zip(&self.filled).filter(|(_, filled)| !**filled) {
            cell.append_null();
        }
        let mut findings = String::new();
        for reason in &row.reasons {
            findings.push_str(&reason.rule);
            for part in [&reason.column, &reason.suggestion] {
                findings.push('\t');
                findings.push_str(part.as_deref().unwrap_or_default());
            }
            findings.push('\n');
        }
        let [of_run, table, file, part, found] = &mut self.texts;
        of_run.append_value(run);
        table.append_option(row.table.as_deref());
        file.append_value(&row.origin);
        part.append_option(row.part.as_deref());
        found.append_value(findings);
        self.rows.append_value(row.row.row().cast_signed());
        self.waiting += 1;
        if self.waiting == ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        columns.extend(self.cells.iter_mut().map(|c| Arc::new(c.finish()) as ArrayRef));
        columns.extend(self.texts.iter_mut().map(|c| Arc::new(c.finish()) as ArrayRef));
        columns.push(Arc::new(self.rows.finish()));
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
        self.writer.write(&batch).map_err(failed)?;
        self.written += self.waiting as u64;
        self.waiting = 0;
        Ok(())
    }

    /// Gives the file its name. How many rows it has.
    pub fn finish(mut self, path: &Path) -> Result<u64> {
        self.flush()?;
        let written = self.written;
        let file = self.writer.into_inner().map_err(failed)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| {
            PipelineError::operator(say!("exporten kan inte få sitt namn", "the export cannot be given its name"))
                .at(path.display().to_string())
                .because(e.error)
        })?;
        Ok(written)
    }
}

fn failed(error: ParquetError) -> PipelineError {
    PipelineError::operator(say!("exporten kunde inte skrivas", "the export could not be written")).because(error)
}
