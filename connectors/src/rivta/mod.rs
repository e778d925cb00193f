//! Messages of RIV-TA contracts, from files.
//!
//! # What it reads
//!
//! Requests of the national waiting-time delivery (`tillgangligVardSpeci` 1.0: completed contacts with
//! their diagnoses, causes and procedures; waiting contacts) and answers of HSA's directory services
//! (`infrastructure:directory:organization`: unit 5, care unit 2, provider 1, care unit members 2), bare
//! or in a SOAP envelope; plain, as `.gz` or zipped. A job reads one kind of `message`. Columns are the
//! schema's attributes and elements by their names; a value within another has both names
//! (`surgeryHour_fromDay`), and several values are joined by `|`, in the order in which they stand.
//!
//! # Access
//!
//! As the connector `files`: a path below the job's folder, or an object store. Everything lands as it
//! was sent.
//!
//! # Cursor
//!
//! Fingerprints of the files that have been read.
//!
//! # Quirks
//!
//! - Each document is held against the schema: one of another kind, an error message (SOAP fault) or one
//!   whose elements are not where they belong is an error; within a row it makes that row unread. With
//!   `strict`, attributes and values are held against their types too.
//! - A waiting-time delivery that names an `ErsattningsId` replaces earlier ones: those with the same id,
//!   and those to which a service's answer in the same folder gave it (by `LeveransReferens`). Among
//!   deliveries with one id the last by name holds. What is replaced lands and gives no rows; a
//!   replacement without a body only takes away. Completed contacts, diagnoses, causes and procedures
//!   are replaced kind by kind, but a replacement of contacts takes theirs away too.
//! - Read a folder with replacements as a snapshot: what an earlier run published of a delivery that is
//!   now replaced ends only then.
//!
//! # Example
//!
//! ```toml
//! [source]
//! connector = "rivta"
//! [source.options]
//! path    = "in/genomforda-*.xml"
//! message = "genomforda"
//! ```

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
