//! Connector `files`: files on disk or in an object store, in the formats that regions send.

mod archive;
mod column;
mod csv;
mod cursor;
mod decode;
mod driver;
mod fixed;
mod format;
mod json;
mod locate;
mod objects;
mod options;
mod storage;
mod tee;
#[cfg(test)]
mod tests;
mod text;
mod xlsx;
mod xml;

pub use csv::{CsvOptions, Header};
pub use decode::Encoding;
pub use fixed::{FixedField, FixedOptions, Trim};
pub use json::JsonOptions;
pub use options::{FilesOptions, FormatName, Paths, S3Options};
pub use xlsx::XlsxOptions;
pub use xml::XmlOptions;

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
