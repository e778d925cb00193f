//! Connector `files`: files on disk or in an object store, in the formats that regions send.

#[cfg(any(test, feature = "compliance"))]
pub mod account;
mod archive;
mod cells;
mod column;
mod columns;
mod csv;
mod cursor;
mod driver;
mod encoding;
mod fixed;
mod format;
pub mod json;
mod locate;
mod objects;
mod options;
mod refuse;
mod storage;
mod tee;
#[cfg(test)]
mod tests;
mod text;
mod window;
mod decode;
pub mod xlsx;
pub mod xml;

pub use columns::ColumnMap;
pub use csv::{CsvOptions, Header};
pub use encoding::Encoding;
pub use fixed::{FixedField, FixedOptions, Trim};
pub use options::{FilesOptions, FormatName, Paths, S3Options};

use crate::connect::{Connect, Io, Source};
use crate::error::Result;

/// The connector `files`.
pub struct Files;

impl Connect for Files {
    const NAME: &'static str = "files";
    type Options = FilesOptions;

    fn open(options: FilesOptions, io: &Io) -> Result<Box<dyn Source>> {
        Ok(Box::new(driver::Files::new(&options, io)?))
    }
}
