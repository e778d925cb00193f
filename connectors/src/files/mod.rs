//! Files on disk or in an object store, in the formats that regions send.
//!
//! What it reads, how it gets there, its cursor and its quirks: `doc.md`, its reference page.

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
mod ipc;
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
pub use storage::{Given, Opens};

use crate::connect::{Connect, Io, Source};
use crate::error::Result;

pub(crate) use refuse::is_html;
pub(crate) use tee::landing_failed;

/// The connector `files`.
pub struct Files;

impl Connect for Files {
    const NAME: &'static str = "files";
    const DOC: &'static str = include_str!("doc.md");
    type Options = FilesOptions;

    fn open(options: FilesOptions, io: &Io) -> Result<Box<dyn Source>> {
        Ok(Box::new(driver::Files::new(&options, io)?))
    }
}
