//! Files on disk or in an object store, in the formats that regions send.
//!
//! # What it reads
//!
//! CSV and TSV, fixed fields, XLSX and XLS, JSON and NDJSON, XML; plain, as `.gz`, or as members of
//! `.zip`. A source is one file, a folder, a glob, or a list of these, read in the order of the
//! names. Files that are no delivery (a web page, a workbook called `.csv`, a damaged archive) end
//! the reading with an error; rows that cannot be read do not: they come as unread, with line,
//! reason and bytes.
//!
//! # Access
//!
//! A path relative to the job's folder, or `s3://bucket/prefix/` with credentials by reference.
//! Every file lands as it was sent, packed if it was packed, also one that could not be understood.
//!
//! # Cursor
//!
//! Fingerprints of the files that have been read to their end (of name, size and time of change, or
//! the store's tag), which come with each file's last chunk. A file that is replaced is read again.
//!
//! # Quirks
//!
//! - Finding no file is an error; a file without rows is not.
//! - Encodings are declared, never guessed. UTF-16 is refused.
//! - A file that is changed while it is read fails the run.
//! - A text row's number is the physical line that it starts on.
//!
//! # Example
//!
//! ```toml
//! [source]
//! connector = "files"
//! [source.options]
//! path     = "in/*.csv.gz"
//! format   = "csv"
//! encoding = "iso-8859-1"
//! csv      = { columns = ["avtals_id", "titel"], null = ["NULL"] }
//! ```

#[cfg(any(test, feature = "compliance"))]
pub mod account;
mod archive;
pub(crate) mod cells;
mod column;
mod columns;
mod csv;
mod cursor;
mod decode;
pub(crate) mod driver;
mod encoding;
mod fixed;
pub(crate) mod format;
pub mod json;
pub(crate) mod locate;
mod objects;
mod options;
pub(crate) mod pieces;
mod read;
mod refuse;
pub(crate) mod storage;
pub(crate) mod tee;
#[cfg(test)]
mod tests;
mod text;
mod window;
pub mod xlsx;
pub mod xml;

pub(crate) use cells::text_fields;
pub use columns::ColumnMap;
pub use csv::{CsvOptions, Header};
pub(crate) use driver::{Files as Driver, crashed, placed};
pub use encoding::Encoding;
pub use fixed::{FixedField, FixedOptions, Trim};
pub(crate) use format::{Emit, Format, Input};
pub use options::{FilesOptions, FormatName, Paths, S3Options};

use crate::connect::{Connect, Io, Source};
use crate::error::Result;

pub(crate) use refuse::is_html;
pub(crate) use tee::landing_failed;

/// The connector `files`.
pub struct Files;

impl Connect for Files {
    const NAME: &'static str = "files";
    type Options = FilesOptions;

    fn open(options: FilesOptions, io: &Io) -> Result<Box<dyn Source>> {
        Ok(Box::new(driver::Files::new(&options, io)?))
    }
}
