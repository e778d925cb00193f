//! Award notices of public procurement: eForms in UBL.
//!
//! What it reads, how it gets there, its cursor and its quirks: `doc.md`, its reference page.

mod node;
mod notice;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::say;

use self::notice::COLUMNS;
use crate::connect::{Connect, Field, Io, Source};
use crate::error::{ConnectorError, Result};
use crate::files::cells::Cells;
use crate::files::driver::Files;
use crate::files::format::{Emit, Format, Input};
use crate::files::{FilesOptions, FormatName, Paths, S3Options, text_fields};

/// The connector `eforms`.
pub struct Eforms;

/// Options of the connector `eforms`. Exactly one of `path` and `url` says where the notices are.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EformsOptions {
    /// A file, a folder, a glob or a list of these, relative to the job's folder.
    pub path: Option<Paths>,
    /// A file, a prefix or a glob in an object store: `s3://bucket/annonser/*.xml`.
    pub url: Option<String>,
    /// How to reach an S3 object store.
    pub s3: Option<S3Options>,
    /// Which members of a `.zip` are read: `*.xml` unless said.
    pub member: Option<String>,
}

impl Connect for Eforms {
    const NAME: &'static str = "eforms";
    const DOC: &'static str = include_str!("doc.md");
    type Options = EformsOptions;

    fn open(options: EformsOptions, io: &Io) -> Result<Box<dyn Source>> {
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
        Ok(Box::new(Files::with_format(&files, io, Box::new(Notices))?))
    }
}

/// Notices, one in each file.
struct Notices;

/// Notices that award nothing.
const OTHERS: [&str; 3] = ["ContractNotice", "PriorInformationNotice", "BusinessRegistrationInformationNotice"];

impl Format for Notices {
    fn read(&self, input: Input, chunk_rows: usize, emit: &mut dyn Emit) -> Result<()> {
        let origin = emit.origin(&input.name, input.member.as_deref());
        let mut cells = Cells::new(origin, &COLUMNS, chunk_rows);
        let root = node::read(input.bytes)?;
        if root.name == "ContractAwardNotice" {
            for (row, values) in (1..).zip(notice::winners(&root)) {
                cells.row(row, values.iter().map(Option::as_deref), emit)?;
            }
        } else if !OTHERS.contains(&root.name.as_str()) {
            return Err(ConnectorError::source(say!(
                "dokumentet är ingen upphandlingsannons i eForms",
                "the document is not a procurement notice in eForms"
            ))
            .hint(say!(
                "kontrollera att filen är den XML som annonsdatabasen lämnar ut",
                "check that the file is the XML that the notice database gives out"
            )));
        }
        cells.finish(emit)
    }

    fn columns(&self, _input: Input) -> Result<Vec<Field>> {
        Ok(text_fields(&COLUMNS))
    }
}
