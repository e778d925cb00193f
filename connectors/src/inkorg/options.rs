//! `[source.options]` of the connector `inkorg`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::arrival::ArrivalOptions;
use crate::files::{CsvOptions, Encoding, FilesOptions, FixedOptions, FormatName, json, xlsx, xml};

/// Options of the connector `inkorg`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InkorgOptions {
    /// The folder that is watched, relative to the job's folder.
    pub folder: String,
    /// Glob over the files' names: `*` unless said. `**/*.csv` also looks into folders below.
    pub pattern: Option<String>,
    /// When a file has arrived, and what becomes of it.
    #[serde(default)]
    pub arrival: ArrivalOptions,
    /// The files' format.
    pub format: FormatName,
    /// Character encoding of `csv`, `tsv` and `fixed`; UTF-8 unless said. A byte order mark is
    /// tolerated.
    pub encoding: Option<Encoding>,
    /// Glob over the members of `.zip` archives; without it every member is read.
    pub member: Option<String>,
    /// Options of `csv` and `tsv`.
    pub csv: Option<CsvOptions>,
    /// Options of `fixed`.
    pub fixed: Option<FixedOptions>,
    /// Options of `xlsx` and `xls`.
    pub xlsx: Option<xlsx::Options>,
    /// Options of `json` and `ndjson`.
    pub json: Option<json::Options>,
    /// Options of `xml`.
    pub xml: Option<xml::Options>,
}

impl InkorgOptions {
    /// How files are read, in the words of the connector `files`.
    pub(super) fn form(self) -> FilesOptions {
        FilesOptions {
            path: None,
            url: None,
            s3: None,
            format: self.format,
            encoding: self.encoding,
            member: self.member,
            csv: self.csv,
            fixed: self.fixed,
            xlsx: self.xlsx,
            json: self.json,
            xml: self.xml,
        }
    }
}
