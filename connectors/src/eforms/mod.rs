//! Award notices of public procurement: eForms in UBL.
//!
//! # What it reads
//!
//! `ContractAwardNotice` documents of the eForms SDK, one in each file; plain, as `.gz` or zipped. A row
//! is a winner of a lot: the notice says in one place which tender won a lot, in others who stands behind
//! the tender and what that organisation is called, and refers from one to the next by ids. The connector
//! follows these. A consortium gives a row for each of its members, and a lot without a winner one row
//! with no winner in it, so that no lot is lost.
//!
//! Columns, all text: `notice_id`, `notice_version`, `procedure_id`, `notice_type`, `issued`,
//! `legal_basis`, `buyer_orgnr`, `buyer_name`, `buyer_type`, `buyers`, `title`, `nature`, `procedure`,
//! `lots`, `lot_id`, `lot_title`, `cpv`, `framework`, `dynamic_purchasing`, `auction`, `result`, `tenders`,
//! `tender_id`, `contract_id`, `contract_date`, `winner_orgnr`, `winner_name`, `winner_size`,
//! `winner_natural_person`, `winner_leads`, `withheld`. Codes are the SDK's own (`selec-w`, `open`,
//! `services`); a mapping says what they are nationally.
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
//! - Winners are the tenders of the lot's settled contracts, not all that were received. A lot that is
//!   said to have a winner and has no contract comes without one.
//! - Several buyers: the first is the one that is named, `buyers` says how many there are.
//! - Names in several languages: that of the notice, else the first.
//! - Fields that the buyer withholds are listed in `withheld` by the SDK's codes, joined by `|`; what
//!   stands in such a field is not to be believed.
//! - Other notices (of planning, of competition) give no rows. Any other document is an error.
//! - A notice is held in memory, up to 64 MiB of it.
//!
//! # Example
//!
//! ```toml
//! [source]
//! connector = "eforms"
//! [source.options]
//! path = "kallor/tilldelningar/*.xml"
//! ```

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
