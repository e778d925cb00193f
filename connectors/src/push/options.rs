//! `[source.options]` of a job that is handed its deliveries.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::files::{CsvOptions, Encoding, FilesOptions, FixedOptions, FormatName, Paths, json, xlsx, xml};

/// Options of the connector `push`: the form of what is handed in.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The deliveries' format.
    pub format: FormatName,
    /// A file beside the job in the deliveries' form, for `check`, `discover` and `preview`.
    pub sample: Option<String>,
    /// Character encoding of `csv`, `tsv` and `fixed`; UTF-8 unless said.
    pub encoding: Option<Encoding>,
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

impl Options {
    /// The same for files; the sample stands for what will come.
    pub(super) fn files(self) -> FilesOptions {
        FilesOptions {
            path: self.sample.map(Paths::One),
            url: None,
            s3: None,
            format: self.format,
            encoding: self.encoding,
            member: None,
            csv: self.csv,
            fixed: self.fixed,
            xlsx: self.xlsx,
            json: self.json,
            xml: self.xml,
        }
    }
}
