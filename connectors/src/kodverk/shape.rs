//! The columns that a code list gives, by the national table that they are meant for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The national table that rows are shaped for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Gives {
    /// Codes.
    #[default]
    Kod,
    /// A crosswalk.
    Kodmappning,
    /// Members of value sets.
    Vardomrade,
}

/// Columns of rows for `kod`.
const KOD: &[&str] = &[
    "system",
    "version",
    "kod",
    "text",
    "beskrivning",
    "giltig_fran",
    "giltig_till",
    "ersatt_av",
    "overordnad",
    "aktiv",
];
/// Columns of rows for `kodmappning`, and the texts of both codes.
const KODMAPPNING: &[&str] = &[
    "fran_system",
    "fran_kod",
    "fran_text",
    "till_system",
    "till_kod",
    "till_text",
    "grad",
    "fran_version",
    "till_version",
    "kommentar",
    "giltig_fran",
    "giltig_till",
];
/// Columns of rows for `vardomrade`, and the code's text.
const VARDOMRADE: &[&str] = &["omrade", "namn", "version", "system", "kod", "text", "giltig_fran", "giltig_till"];

impl Gives {
    /// Names of the columns, in order.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Kod => KOD,
            Self::Kodmappning => KODMAPPNING,
            Self::Vardomrade => VARDOMRADE,
        }
    }

    /// Columns that a list must have for its rows to mean anything.
    pub(super) fn needed(self) -> &'static [&'static str] {
        match self {
            Self::Kod | Self::Vardomrade => &["kod"],
            Self::Kodmappning => &["fran_kod", "till_kod"],
        }
    }

    /// What the first columns of a list without headings are taken for.
    pub(super) fn by_place(self) -> &'static [&'static str] {
        match self {
            Self::Kod | Self::Vardomrade => &["kod", "text"],
            Self::Kodmappning => &["fran_kod", "till_kod"],
        }
    }

    /// Place of a column.
    pub(super) fn place(self, column: &str) -> Option<usize> {
        self.columns().iter().position(|c| *c == column)
    }

    /// Whether a heading of `giltig_till` names the last day itself (*t.o.m.*).
    pub(super) fn is_last_day(heading: &str) -> bool {
        heading.ends_with("tom")
    }

    /// Headings that official lists use for a column, folded (see [`super::columns::fold`]).
    pub(super) fn headings(column: &str) -> &'static [&'static str] {
        match column {
            "kod" => &["kod", "code", "key", "koder", "kvåkod", "kvakod", "icd10kod", "icd10sekod", "kodvärde"],
            "text" => &[
                "text",
                "titel",
                "title",
                "value",
                "name",
                "namn",
                "benämning",
                "klartext",
                "kodtext",
                "display",
                "term",
            ],
            "beskrivning" => &["beskrivning", "beskrivandetext", "description", "definition"],
            "giltig_fran" => &[
                "giltigfran",
                "giltigfrån",
                "giltigfrom",
                "gällerfrån",
                "gällerfrom",
                "från",
                "from",
                "validfrom",
                "startdatum",
            ],
            "giltig_till" => {
                &["giltigtill", "gällertill", "till", "validto", "slutdatum", "giltigtom", "gällertom", "tom"]
            }
            "ersatt_av" => &["ersattav", "ersättsav", "ersättningskod", "replacedby"],
            "overordnad" => &["overordnad", "överordnad", "överordnadkod", "parent"],
            "aktiv" => &["aktiv", "active"],
            "system" => &["system", "kodsystem", "kodverk"],
            "version" => &["version"],
            "omrade" => &["omrade", "område", "vardomrade", "vårdområde", "värdemängd", "urval", "kodgrupp"],
            "namn" => &["namn", "områdesnamn"],
            "fran_system" => &["fransystem", "frånsystem"],
            "fran_kod" => &["frankod", "frånkod", "sourcecode", "regionensord"],
            "fran_text" => &["frantext", "fråntext"],
            "till_system" => &["tillsystem"],
            "till_kod" => &["tillkod", "targetcode"],
            "till_text" => &["tilltext"],
            "fran_version" => &["franversion", "frånversion"],
            "till_version" => &["tillversion"],
            "kommentar" => &["kommentar", "comment"],
            "grad" => &["grad", "överensstämmelse", "equivalence", "relationship"],
            _ => &[],
        }
    }
}
