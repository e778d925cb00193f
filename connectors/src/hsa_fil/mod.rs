//! HSA's file export of units.
//!
//! # What it reads
//!
//! `FileGetHsaUnitsResponse` (`urn:riv:hsa:HsaWsResponder:3`), plain, as `.gz` or zipped: one row for
//! each unit, with a column for each of the schema's elements. Members of a care unit are joined by
//! `|`. Two columns are made: `parentDN` (the unit above, by the distinguished name) and
//! `parentHsaIdentity` (its id, where the delivery holds it).
//!
//! # Access
//!
//! As the connector `files`: a path below the job's folder, or an object store. Everything lands as it
//! was sent.
//!
//! # Cursor
//!
//! Fingerprints of the files that have been read. An export is whole: read it as a snapshot.
//!
//! # Quirks
//!
//! - The document is held against the schema. A unit that breaks it (no DN, an element twice or in the
//!   wrong place) is unread; an export without units, or of another kind, is an error.
//! - Several files, or members of an archive, are one delivery: parents are found across them. They are
//!   read twice for it, and up to four million units are held by name.
//! - A unit that stands there twice comes twice, and the rules of the table say so. Where one DN has
//!   several ids, its children have no `parentHsaIdentity`.
//! - Instants of start and end are the export's, with their zone.
//!
//! # Example
//!
//! ```toml
//! [source]
//! connector = "hsa_fil"
//! [source.options]
//! path = "in/hsa-*.zip"
//! ```

mod contract;
mod parents;
#[cfg(test)]
pub(crate) mod tests;

use schemars::JsonSchema;
use serde::Deserialize;

use self::parents::Export;
use crate::connect::{Connect, Io, Source};
use crate::error::Result;
use crate::files::driver::Files;
use crate::files::{FilesOptions, FormatName, Paths, S3Options};

/// The connector `hsa_fil`.
pub struct HsaFil;

/// Options of the connector `hsa_fil`. Exactly one of `path` and `url` says where the export is.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HsaFilOptions {
    /// A file, a folder, a glob or a list of these, relative to the job's folder.
    pub path: Option<Paths>,
    /// A file, a prefix or a glob in an object store: `s3://bucket/hsa/*.zip`.
    pub url: Option<String>,
    /// How to reach an S3 object store.
    pub s3: Option<S3Options>,
    /// Which members of a `.zip` are read: `*.xml` unless said.
    pub member: Option<String>,
    /// Hold every value against the schema's types too; a unit that breaks them is unread. Without it
    /// the rules of the national table judge the values.
    #[serde(default)]
    pub strict: bool,
}

impl Connect for HsaFil {
    const NAME: &'static str = "hsa_fil";
    type Options = HsaFilOptions;

    fn open(options: HsaFilOptions, io: &Io) -> Result<Box<dyn Source>> {
        let format = Export::new(options.strict)?;
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
