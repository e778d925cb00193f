//! Messages of RIV-TA contracts, from files.
//!
//! What it reads, how it gets there, its cursor and its quirks: `doc.md`, its reference page.

mod deliveries;
mod options;
mod organization;
#[cfg(test)]
mod tests;
mod waiting;

pub use options::{MessageKind, RivtaOptions};

use self::deliveries::Delivery;
use crate::connect::{Connect, Io, Source};
use crate::error::Result;
use crate::files::driver::Files;
use crate::files::{FilesOptions, FormatName};

/// The connector `rivta`.
pub struct Rivta;

impl Connect for Rivta {
    const NAME: &'static str = "rivta";
    const DOC: &'static str = include_str!("doc.md");
    type Options = RivtaOptions;

    fn open(options: RivtaOptions, io: &Io) -> Result<Box<dyn Source>> {
        let format = Delivery::new(options.message.contract(), options.strict)?;
        let files = FilesOptions {
            path: options.path,
            url: options.url,
            s3: options.s3,
            format: FormatName::Xml,
            encoding: None,
            member: Some(options.member.unwrap_or_else(|| "*.xml".to_owned())),
            csv: None,
            fixed: None,
            xlsx: None,
            json: None,
            xml: None,
        };
        Ok(Box::new(Files::with_format(&files, io, Box::new(format))?))
    }
}
