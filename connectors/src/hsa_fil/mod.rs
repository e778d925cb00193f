//! HSA's file export of units.
//!
//! What it reads, how it gets there, its cursor and its quirks: `doc.md`, its reference page.

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
    const DOC: &'static str = include_str!("doc.md");
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
