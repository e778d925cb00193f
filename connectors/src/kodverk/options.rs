//! `[source.options]` of the connector `kodverk`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::shape::Gives;

/// What a job tells of its code list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The file, relative to the job's folder. For RF2: the concept file (or, for a value set,
    /// the simple refset file).
    pub path: String,
    /// The file's form; `auto` goes by its name and first bytes.
    #[serde(default)]
    pub form: Form,
    /// Which national table the rows are shaped for.
    #[serde(default)]
    pub table: Gives,
    /// Encoding of a text file. UTF-8 where nothing is said; a byte order mark is always obeyed.
    pub encoding: Option<Encoding>,
    /// The system's canonical name. Needed where the file does not say.
    pub system: Option<String>,
    /// The version's name. Needed where the file does not say.
    pub version: Option<String>,
    /// The version's first day (`2026-01-01`): `giltig_fran` of every code without a date of its own.
    pub valid_from: Option<String>,
    /// Name of the value set, for `table = "vardomrade"`, where the file does not say.
    pub value_set: Option<String>,
    /// The row that holds the headings, counted from 1; 0 where there is none. For Excel it is looked
    /// for among the first rows where nothing is said.
    pub header_row: Option<u32>,
    /// National column → the list's column, by heading or by number from 1.
    #[serde(default)]
    pub columns: BTreeMap<String, ColumnRef>,
    /// National column → a text that every row without one gets.
    #[serde(default)]
    pub constants: BTreeMap<String, String>,
    /// The list's `giltig_till` is the last day of validity, not the first day after. Taken for granted
    /// where the heading says *t.o.m.*
    #[serde(default)]
    pub end_inclusive: bool,
    /// Delimiter of a delimited file; else `;`, tab or `,`, whichever the first line has most of.
    pub delimiter: Option<char>,
    /// Quotation mark of a delimited file; `""` for none. Else `"`.
    pub quote: Option<String>,
    /// The fields of a fixed-width file.
    #[serde(default)]
    pub fields: Vec<FixedField>,
    /// Sheet of a workbook; else the first.
    pub sheet: Option<String>,
    /// RF2 description files. Else those beside the concept file, by their names.
    #[serde(default)]
    pub descriptions: Vec<String>,
    /// RF2 language refset file: tells the preferred term.
    pub language_refset: Option<String>,
    /// RF2: the simple refset to take, by its id. Else all that the file has.
    pub refset: Option<String>,
}

/// Forms of code lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// By name and first bytes.
    #[default]
    Auto,
    /// Tab-separated text.
    Tsv,
    /// Text separated by semicolons or commas.
    Csv,
    /// Fixed width.
    Fixed,
    /// Excel 97–2003.
    Xls,
    /// Excel from 2007.
    Xlsx,
    /// FHIR JSON: `CodeSystem`, `ValueSet`, `ConceptMap`, or a `Bundle` of them.
    Fhir,
    /// SNOMED CT release format 2.
    Rf2,
    /// OASIS Genericode 1.0.
    Genericode,
}

/// Encodings of text files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// ISO-8859-1.
    #[serde(rename = "iso-8859-1")]
    Latin1,
    /// Windows-1252.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

/// A column of the list: its heading, or its number from 1.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ColumnRef {
    /// Number from 1.
    Number(u32),
    /// Heading, without regard to case and blanks.
    Name(String),
}

/// A field of a fixed-width file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedField {
    /// The national column that it fills.
    pub name: String,
    /// First character, from 1.
    pub start: u32,
    /// Number of characters; to the end of the line where nothing is said.
    pub width: Option<u32>,
}
