//! Is every byte accounted for? What tests and fuzzing ask of the text formats, whatever they read.

use std::io::Cursor as Bytes;

use arrow::array::AsArray;
use arrow::datatypes::UInt64Type;
use memchr::memchr_iter;
use sluss_schemas::chunk::{Chunk, Origin, RowId};

use super::csv::{CsvOptions, Header};
use super::encoding::Encoding;
use super::fixed::{FixedField, FixedOptions, Trim};
use super::format::{Emit, Format, Input};
use super::text;
use crate::error::Result;

/// Reads `bytes` as CSV of two columns: accepted rows, rejected rows and blank lines must together
/// be all of it, in order, each line once.
///
/// # Panics
///
/// When they are not.
pub fn csv(bytes: &[u8], chunk_rows: usize, max_field_bytes: usize) {
    for encoding in [Encoding::Utf8, Encoding::Latin1, Encoding::Windows1252] {
        let options = CsvOptions {
            header: Header::Flag(false),
            columns: Some(vec!["a".into(), "b".into()]),
            max_field_bytes: Some(max_field_bytes),
            ..CsvOptions::default()
        };
        let Ok(format) = options.format(b';', encoding) else { continue };
        // A file that is refused as a whole is accounted for as a whole.
        let Ok(chunks) = parse(&format, bytes, chunk_rows) else { continue };
        let rows = rows(&chunks, encoding);
        let letters = |bytes: &[u8]| bytes.iter().filter(|b| !matches!(b, b'"' | b'\r' | b'\n' | b';')).count();
        let found: usize = rows.iter().map(|(_, row)| letters(row)).sum();
        assert_eq!(found, letters(without_mark(bytes, encoding)), "letters that came out, and went in");
        let line_end = text::line_end(bytes);
        for pair in rows.windows(2) {
            let [(first, row), (second, _)] = pair else { continue };
            let end = first + 1 + memchr_iter(line_end, row).count() as u64;
            assert!(end <= *second, "the rows on lines {first} and {second} share a line");
        }
    }
}

/// Reads `bytes` as lines of fixed fields: each line that is not blank must be a row or rejected.
///
/// # Panics
///
/// When one is not.
pub fn fixed(bytes: &[u8], chunk_rows: usize) {
    for encoding in [Encoding::Utf8, Encoding::Latin1] {
        let field = |name: &str, start, width| FixedField { name: name.into(), start, width };
        let options = FixedOptions {
            fields: vec![field("a", 1, Some(2)), field("b", 4, None)],
            trim: Trim::Both,
            skip_lines: 0,
            length: None,
            short_lines: false,
            null: vec![],
        };
        let Ok(format) = options.format(encoding) else { continue };
        let Ok(chunks) = parse(&format, bytes, chunk_rows) else { continue };
        let (line_end, bytes) = (text::line_end(bytes), without_mark(bytes, encoding));
        let lines = bytes.split(|b| *b == line_end).map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        assert_eq!(rows(&chunks, encoding).len(), lines.filter(|line| !line.is_empty()).count(), "lines");
    }
}

/// A text without its byte order mark.
fn without_mark(bytes: &[u8], encoding: Encoding) -> &[u8] {
    let mark = (encoding == Encoding::Utf8).then(|| bytes.strip_prefix(b"\xEF\xBB\xBF")).flatten();
    mark.unwrap_or(bytes)
}

/// Line and bytes of every row, accepted or not, in the order of their lines.
fn rows(chunks: &[Chunk], encoding: Encoding) -> Vec<(u64, Vec<u8>)> {
    let mut rows = Vec::new();
    for chunk in chunks {
        let Some((ids, columns)) = chunk.rows.columns().split_last() else { continue };
        for (row, id) in ids.as_primitive::<UInt64Type>().values().iter().enumerate() {
            let cells: Vec<&str> = columns.iter().map(|column| column.as_string_view().value(row)).collect();
            rows.push((RowId(*id).row(), encoding.original(cells.concat().as_bytes())));
        }
        rows.extend(chunk.unread.iter().map(|unread| (unread.row.row(), unread.raw.clone())));
    }
    rows.sort();
    rows
}

/// Chunks in a list.
#[derive(Default)]
struct Collected {
    origins: u32,
    chunks: Vec<Chunk>,
}

impl Emit for Collected {
    fn origin(&mut self, name: &str, part: Option<&str>) -> Origin {
        self.origins += 1;
        Origin { index: self.origins - 1, name: name.into(), part: part.map(Into::into) }
    }
    fn chunk(&mut self, chunk: Chunk) -> Result<()> {
        self.chunks.push(chunk);
        Ok(())
    }
}

/// Bytes as a file.
pub(crate) fn input(bytes: &[u8]) -> Input {
    let size = Some(bytes.len() as u64);
    Input { bytes: Box::new(Bytes::new(bytes.to_vec())), size, name: "fil".into(), member: None }
}

/// A format's rows out of bytes, without the driver.
pub(crate) fn parse(format: &dyn Format, bytes: &[u8], chunk_rows: usize) -> Result<Vec<Chunk>> {
    let mut collected = Collected::default();
    format.read(input(bytes), chunk_rows, &mut collected)?;
    Ok(collected.chunks)
}
