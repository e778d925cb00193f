//! Cells gathered row by row into the text columns of chunks.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringViewBuilder, UInt64Array};
use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};
use sluss_schemas::chunk::{Chunk, Origin, ROW_ID, RowId, Unread};
use sluss_schemas::say;

use super::format::Emit;
use crate::connect::Field;
use crate::error::{ConnectorError, Result};

/// A chunk is also handed over when its text has grown to this many bytes, so that memory stays
/// bounded when cells are long.
const CHUNK_BYTES: usize = 16 << 20;

/// Gathers one origin's rows and hands over a chunk whenever one is full.
///
/// At least one chunk comes out of an origin, with no rows if need be: an origin without rows still
/// has columns.
pub(crate) struct Cells {
    origin: Arc<Origin>,
    schema: SchemaRef,
    columns: Vec<StringViewBuilder>,
    rows: Vec<u64>,
    unread: Vec<Unread>,
    bytes: usize,
    chunk_rows: usize,
    handed_over: bool,
    stopped: bool,
}

impl Cells {
    /// Starts gathering rows of `origin` with the columns `names`.
    pub(crate) fn new<S: AsRef<str>>(origin: Origin, names: &[S], chunk_rows: usize) -> Self {
        let mut fields: Vec<_> =
            names.iter().map(|name| ArrowField::new(name.as_ref(), DataType::Utf8View, true)).collect();
        fields.push(ArrowField::new(ROW_ID, DataType::UInt64, false));
        Self {
            origin: Arc::new(origin),
            schema: Arc::new(Schema::new(fields)),
            columns: names.iter().map(|_| StringViewBuilder::new()).collect(),
            rows: Vec::new(),
            unread: Vec::new(),
            bytes: 0,
            chunk_rows: chunk_rows.max(1),
            handed_over: false,
            stopped: false,
        }
    }

    /// Adds row number `row`: one value for each column, none for what is absent.
    pub(crate) fn row<'a>(
        &mut self,
        row: u64,
        values: impl Iterator<Item = Option<&'a str>>,
        emit: &mut dyn Emit,
    ) -> Result<()> {
        let mut values = values;
        for column in &mut self.columns {
            match values.next().flatten() {
                Some(value) => {
                    self.bytes += value.len();
                    column.try_append_value(value).map_err(|e| too_long(row).because(e))?;
                }
                None => column.append_null(),
            }
        }
        self.rows.push(RowId::new(self.origin.index, row).0);
        if self.rows.len() >= self.chunk_rows || self.bytes >= CHUNK_BYTES {
            self.hand_over(emit)?;
        }
        Ok(())
    }

    /// Adds a row that could not be read.
    pub(crate) fn unread(
        &mut self,
        row: u64,
        rule: &'static str,
        detail: String,
        raw: Vec<u8>,
        emit: &mut dyn Emit,
    ) -> Result<()> {
        self.bytes += raw.len();
        self.unread.push(Unread { row: RowId::new(self.origin.index, row), rule, detail, raw });
        if self.unread.len() >= self.chunk_rows || self.bytes >= CHUNK_BYTES {
            self.hand_over(emit)?;
        }
        Ok(())
    }

    /// Hands over what is left, unless the receiver has said stop.
    pub(crate) fn finish(mut self, emit: &mut dyn Emit) -> Result<()> {
        if self.stopped {
            return Ok(());
        }
        if self.handed_over && self.rows.is_empty() && self.unread.is_empty() {
            return Ok(());
        }
        self.hand_over(emit)
    }

    fn hand_over(&mut self, emit: &mut dyn Emit) -> Result<()> {
        let mut arrays: Vec<ArrayRef> =
            self.columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
        arrays.push(Arc::new(UInt64Array::from(std::mem::take(&mut self.rows))));
        let rows = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(|e| {
            ConnectorError::source(say!("raderna passar inte sina kolumner", "the rows do not fit their columns"))
                .because(e)
        })?;
        self.bytes = 0;
        self.handed_over = true;
        let unread = std::mem::take(&mut self.unread);
        let handed = emit.chunk(Chunk { origin: Arc::clone(&self.origin), rows, unread, cursor: None });
        self.stopped = handed.is_err();
        handed
    }
}

fn too_long(row: u64) -> ConnectorError {
    ConnectorError::source(say!("ett värde är längre än 4 GiB", "a value is longer than 4 GiB"))
        .at(say!("rad {row}", "row {row}"))
}

/// Text columns as `discover` shows them.
pub(crate) fn text_fields<S: AsRef<str>>(names: &[S]) -> Vec<Field> {
    names.iter().map(|name| Field::text(name.as_ref(), "text")).collect()
}

/// Makes column names distinct: the second `Namn` becomes `Namn_2`. The row id's name is taken.
pub(super) fn distinct(names: Vec<String>) -> Vec<String> {
    let mut taken = std::collections::HashSet::from([ROW_ID.to_owned()]);
    let mut out = Vec::with_capacity(names.len());
    for name in names {
        let mut candidate = name.clone();
        let mut nth = 1_u32;
        while !taken.insert(candidate.clone()) {
            nth += 1;
            candidate = format!("{name}_{nth}");
        }
        out.push(candidate);
    }
    out
}

/// Reads bytes and lets the rows go.
#[cfg(feature = "compliance")]
pub(super) fn drain(format: &dyn super::format::Format, data: &[u8]) -> Result<()> {
    struct Drain(u32);
    impl Emit for Drain {
        fn origin(&mut self, name: &str, part: Option<&str>) -> Origin {
            self.0 += 1;
            Origin { index: self.0 - 1, name: name.to_owned(), part: part.map(str::to_owned) }
        }
        fn chunk(&mut self, _: Chunk) -> Result<()> {
            Ok(())
        }
    }
    let bytes = Box::new(std::io::Cursor::new(data.to_vec()));
    let input = super::format::Input { bytes, size: None, name: "fuzz".to_owned(), member: None };
    format.read(input, 100, &mut Drain(0))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Keeps what a format emits.
    #[derive(Default)]
    pub(in crate::files) struct Kept {
        pub(in crate::files) origins: Vec<Origin>,
        pub(in crate::files) chunks: Vec<Chunk>,
    }

    impl Emit for Kept {
        fn origin(&mut self, name: &str, part: Option<&str>) -> Origin {
            let index = u32::try_from(self.origins.len()).unwrap();
            let origin = Origin { index, name: name.to_owned(), part: part.map(str::to_owned) };
            self.origins.push(origin.clone());
            origin
        }
        fn chunk(&mut self, chunk: Chunk) -> Result<()> {
            self.chunks.push(chunk);
            Ok(())
        }
    }

    impl Kept {
        /// Column names without the row id.
        pub(in crate::files) fn names(&self) -> Vec<String> {
            let schema = self.chunks[0].rows.schema();
            let names: Vec<_> = schema.fields().iter().map(|f| f.name().clone()).collect();
            assert_eq!(names.last().map(String::as_str), Some(ROW_ID));
            names[..names.len() - 1].to_vec()
        }
        /// All rows with their row numbers.
        pub(in crate::files) fn rows(&self) -> Vec<(u64, Vec<Option<String>>)> {
            use arrow::array::{Array, AsArray};
            let mut out = Vec::new();
            for chunk in &self.chunks {
                assert_eq!(chunk.rows.schema(), self.chunks[0].rows.schema());
                let last = chunk.rows.num_columns() - 1;
                let ids = chunk.rows.column(last).as_primitive::<arrow::datatypes::UInt64Type>();
                for r in 0..chunk.rows.num_rows() {
                    let values = (0..last)
                        .map(|c| {
                            let column = chunk.rows.column(c).as_string_view();
                            column.is_valid(r).then(|| column.value(r).to_owned())
                        })
                        .collect();
                    assert_eq!(RowId(ids.value(r)).origin(), u64::from(chunk.origin.index));
                    out.push((RowId(ids.value(r)).row(), values));
                }
            }
            out
        }
        /// One column's values, `-` for null.
        pub(in crate::files) fn column(&self, name: &str) -> Vec<String> {
            let at = self.names().iter().position(|n| n == name).unwrap_or_else(|| panic!("no column {name}"));
            self.rows().into_iter().map(|(_, row)| row[at].clone().unwrap_or_else(|| "-".to_owned())).collect()
        }
        /// All rows that could not be read: row number, rule, detail.
        pub(in crate::files) fn unread(&self) -> Vec<(u64, &'static str, String)> {
            self.chunks.iter().flat_map(|c| &c.unread).map(|u| (u.row.row(), u.rule, u.detail.clone())).collect()
        }
    }

    /// Bytes as a format gets them.
    pub(in crate::files) fn input(bytes: impl Into<Vec<u8>>) -> crate::files::format::Input {
        let bytes = bytes.into();
        crate::files::format::Input {
            size: Some(bytes.len() as u64),
            bytes: Box::new(std::io::Cursor::new(bytes)),
            name: "prov".to_owned(),
            member: None,
        }
    }

    /// A file under `shared/real`, where it is there.
    pub(in crate::files) fn real(path: &str) -> Option<Vec<u8>> {
        let shared = std::env::var_os("SLUSS_SHARED").map_or_else(
            || std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")),
            std::path::PathBuf::from,
        );
        let bytes = std::fs::read(shared.join("real").join(path)).ok();
        if bytes.is_none() {
            println!("skipped: shared/real/{path} is absent");
        }
        bytes
    }

    #[test]
    fn names_become_distinct() {
        let names = ["Namn", "Namn", "_rad", "Namn_2", "Namn"].map(str::to_owned).to_vec();
        assert_eq!(distinct(names), ["Namn", "Namn_2", "_rad_2", "Namn_2_2", "Namn_3"]);
    }

    #[test]
    fn a_chunk_is_handed_over_when_full_and_at_the_end() {
        let mut kept = Kept::default();
        let origin = kept.origin("a", None);
        let mut cells = Cells::new(origin, &["x"], 2);
        for n in 1..=3 {
            cells.row(n, [Some("v")].into_iter(), &mut kept).unwrap();
        }
        cells.finish(&mut kept).unwrap();
        assert_eq!(kept.chunks.iter().map(|c| c.rows.num_rows()).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn no_rows_still_have_columns() {
        let mut kept = Kept::default();
        let origin = kept.origin("a", None);
        Cells::new(origin, &["x"], 2).finish(&mut kept).unwrap();
        assert_eq!((kept.names(), kept.rows().len()), (vec!["x".to_owned()], 0));
    }
}
