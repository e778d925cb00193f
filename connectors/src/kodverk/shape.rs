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
/// Columns of rows for `kodmappning`.
const KODMAPPNING: &[&str] =
    &["fran_system", "fran_kod", "fran_text", "till_system", "till_kod", "till_text", "grad", "version", "beskrivning"];
/// Columns of rows for `vardomrade`.
const VARDOMRADE: &[&str] = &["vardomrade", "version", "system", "kod", "text", "giltig_fran", "giltig_till"];

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
                &["giltigtill", "giltigtom", "gällertill", "gällertom", "till", "validto", "slutdatum", "tom"]
            }
            "ersatt_av" => &["ersattav", "ersättsav", "ersättningskod", "replacedby"],
            "overordnad" => &["overordnad", "överordnad", "överordnadkod", "parent"],
            "aktiv" => &["aktiv", "active"],
            "system" => &["system", "kodsystem", "kodverk"],
            "version" => &["version"],
            "vardomrade" => &["vardomrade", "vårdområde", "värdemängd", "kodgrupp"],
            "fran_system" => &["fransystem", "frånsystem"],
            "fran_kod" => &["frankod", "frånkod", "sourcecode", "regionensord"],
            "fran_text" => &["frantext", "fråntext"],
            "till_system" => &["tillsystem"],
            "till_kod" => &["tillkod", "targetcode"],
            "till_text" => &["tilltext"],
            "grad" => &["grad", "överensstämmelse", "equivalence", "relationship"],
            _ => &[],
        }
    }
}
