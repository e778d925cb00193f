//! `[source.options]` of the `files` connector: parser, editor help and reference page in one.

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::say;
use sluss_schemas::secret::SecretRef;

use super::csv::CsvOptions;
use super::encoding::Encoding;
use super::fixed::FixedOptions;
use super::format::Format;
use super::ipc::Ipc;
use super::json::{self, Json};
use super::xlsx::{self, Xlsx};
use super::xml::{self, Xml};
use crate::error::{ConnectorError, Result};

/// Options of the `files` connector. Exactly one of `path` and `url` says where the files are.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilesOptions {
    /// A file, a folder (its files, not its sub-folders), a glob (`in/**/*.csv`) or a list of
    /// these, relative to the job's folder. Hidden files are left out unless named.
    pub path: Option<Paths>,
    /// A file, a prefix (ending in `/`) or a glob in an object store: `s3://bucket/prefix/*.csv`.
    /// `file:///folder` is the same as `path`.
    pub url: Option<String>,
    /// How to reach an S3 object store; only with an `s3://` url.
    pub s3: Option<S3Options>,
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

/// One place or several.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Paths {
    /// One.
    One(String),
    /// Several; read together in the order of the files' names.
    Many(Vec<String>),
}

impl Paths {
    /// All of them.
    pub fn list(&self) -> &[String] {
        match self {
            Self::One(path) => std::slice::from_ref(path),
            Self::Many(paths) => paths,
        }
    }
}

/// The formats that `files` reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FormatName {
    /// Separated values, `;` unless said (RFC 4180).
    Csv,
    /// Tab-separated values: as `csv` with a tab for delimiter.
    Tsv,
    /// Fields at fixed positions.
    Fixed,
    /// Excel workbook (Office Open XML).
    Xlsx,
    /// Excel workbook up to 2003 (BIFF).
    Xls,
    /// JSON: an array of objects, or objects at a path.
    Json,
    /// JSON, one object per line.
    Ndjson,
    /// XML: one row per element at a path.
    Xml,
    /// Arrow IPC stream.
    Arrow,
}

impl FormatName {
    /// The options table that belongs to the format.
    fn table(self) -> &'static str {
        match self {
            Self::Csv | Self::Tsv => "csv",
            Self::Fixed => "fixed",
            Self::Xlsx | Self::Xls => "xlsx",
            Self::Json | Self::Ndjson => "json",
            Self::Xml => "xml",
            // It has no options.
            Self::Arrow => "",
        }
    }
}

/// How to reach an S3 object store. Credentials are references, never values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct S3Options {
    /// Address of a store that is not Amazon's: `https://s3.example.se`.
    pub endpoint: Option<String>,
    /// Region; `eu-north-1` unless said.
    pub region: Option<String>,
    /// Access key id, by reference.
    pub access_key_id: Option<SecretRef>,
    /// Secret access key, by reference.
    pub secret_access_key: Option<SecretRef>,
    /// Session token, by reference, for temporary credentials.
    pub session_token: Option<SecretRef>,
    /// Allow plain HTTP. Only for a store on the same machine.
    #[serde(default)]
    pub allow_http: bool,
    /// Put the bucket in the host name instead of the path.
    #[serde(default)]
    pub virtual_hosted: bool,
    /// Read without credentials: for public buckets.
    #[serde(default)]
    pub anonymous: bool,
}

impl FilesOptions {
    /// Makes the format, checked: options of another format are an error, not ignored.
    pub(crate) fn format(&self) -> Result<Box<dyn Format>> {
        let wanted = self.format.table();
        let given = [
            ("csv", self.csv.is_some()),
            ("fixed", self.fixed.is_some()),
            ("xlsx", self.xlsx.is_some()),
            ("json", self.json.is_some()),
            ("xml", self.xml.is_some()),
        ];
        for (table, there) in given {
            if there && table != wanted {
                return Err(ConnectorError::configuration(say!(
                    "inställningarna i `{table}` hör till ett annat format än det som läses",
                    "the options in `{table}` belong to another format than the one that is read"
                ))
                .hint(say!("ta bort `{table}` eller ändra `format`", "remove `{table}` or change `format`")));
            }
        }
        if self.encoding.is_some() && !matches!(wanted, "csv" | "fixed") {
            return Err(ConnectorError::configuration(say!(
                "`encoding` gäller inte här: formatet har egna regler för det",
                "`encoding` does not apply: the format has rules of its own for it"
            ))
            .hint(say!("ta bort `encoding`", "remove `encoding`")));
        }
        let encoding = self.encoding.unwrap_or_default();
        Ok(match self.format {
            FormatName::Csv => Box::new(self.csv.clone().unwrap_or_default().format(b';', encoding)?),
            FormatName::Tsv => Box::new(self.csv.clone().unwrap_or_default().format(b'\t', encoding)?),
            FormatName::Fixed => {
                let options = self.fixed.clone().ok_or_else(|| {
                    ConnectorError::configuration(say!(
                        "formatet `fixed` behöver sina fält",
                        "the format `fixed` needs its fields"
                    ))
                    .hint(say!(
                        "lägg till [[source.options.fixed.fields]] med name, start och width för varje fält",
                        "add [[source.options.fixed.fields]] with name, start and width for each field"
                    ))
                })?;
                Box::new(options.format(encoding)?)
            }
            FormatName::Xlsx | FormatName::Xls => Box::new(Xlsx::new(self.xlsx.clone().unwrap_or_default())?),
            FormatName::Json | FormatName::Ndjson => {
                let mut options = self.json.clone().unwrap_or_default();
                options.lines |= self.format == FormatName::Ndjson;
                Box::new(Json::new(options)?)
            }
            FormatName::Arrow => Box::new(Ipc),
            FormatName::Xml => {
                let options = self.xml.clone().ok_or_else(|| {
                    ConnectorError::configuration(say!(
                        "formatet `xml` behöver veta vilka element som är rader",
                        "the format `xml` needs to know which elements are rows"
                    ))
                    .hint(say!(
                        "lägg till [source.options.xml] med `row = \"//element\"`",
                        "add [source.options.xml] with `row = \"//element\"`"
                    ))
                })?;
                Box::new(Xml::new(options)?)
            }
        })
    }
}
