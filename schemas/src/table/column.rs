//! One column of a national table: its type, its meaning, and what its values must be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::Kind;
use super::short;
use crate::rule::Severity;

/// One column of a national table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Lower-case ASCII name.
    pub name: String,
    /// Type in every store.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What it means, in Swedish.
    pub meaning: String,
    /// A row without it is rejected (`tomt_obligatoriskt`).
    #[serde(default, skip_serializing_if = "is_default")]
    pub required: bool,
    /// Secrecy class.
    #[serde(default, skip_serializing_if = "is_default")]
    pub class: Class,
    /// Kind of identifier: normalised and checked as such. `"orgnr"` is short for `{ kind = "orgnr" }`.
    #[serde(default, deserialize_with = "short::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<short::NameOr<Identifier>>")]
    pub identifier: Option<Identifier>,
    /// Code system that its values belong to. `"kva"` is short for `{ system = "kva" }`.
    #[serde(default, deserialize_with = "short::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<short::NameOr<CodeUse>>")]
    pub code: Option<CodeUse>,
    /// Row of another table that it points at. `"enhet"` is short for `{ table = "enhet" }`.
    #[serde(default, deserialize_with = "short::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<short::NameOr<Reference>>")]
    pub references: Option<Reference>,
    /// A new value corrects the whole valid period instead of taking effect from the delivery.
    #[serde(default, skip_serializing_if = "is_default")]
    pub correction: bool,
    /// Takes part in the identity hash of a child without an id of its own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub identity: bool,
    /// The only values allowed, where a code system would be too much.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Column {
    /// Text that a person wrote: neither identifier nor code nor one of a few values.
    pub fn is_free_text(&self) -> bool {
        self.kind == Kind::Text && self.identifier.is_none() && self.code.is_none() && self.values.is_empty()
    }

    /// What breaking `rule` means for this column, where its declaration says.
    pub(super) fn severity(&self, rule: &str) -> Option<Severity> {
        match rule {
            "hsa_luhn" => match self.identifier {
                Some(Identifier::HsaId { luhn: OnLuhn::Reject, .. }) => Some(Severity::Reject),
                _ => None,
            },
            "saknad_referens" => self.references.as_ref().map(|r| r.missing.severity()),
            _ => None,
        }
    }
}

/// Secrecy class of a column (DESIGN §7). Only `Oppen` leaves for the analysts' lake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Open to every reader of the register and the lake.
    #[default]
    Oppen,
    /// Protected: never in shared lake files, receipts of others, logs.
    Skyddad,
    /// Personal data: as `Skyddad`, and subject to retention, extract and erasure.
    Personuppgift,
}

impl Class {
    /// Whether every reader may see it.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
    pub(super) fn is_open(&self) -> bool {
        *self == Self::Oppen
    }
}

/// Identifier kinds with their own normalisation and check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "kind")]
pub enum Identifier {
    /// Organisation number; a sole trader's is stored as a keyed hash.
    Orgnr,
    /// HSA-id.
    HsaId {
        /// What a prefix that fails Luhn means: nationally a warning.
        #[serde(default)]
        luhn: OnLuhn,
        /// Fold to upper case (a repair); nationally the string is kept as written.
        #[serde(default)]
        fold_case: bool,
        /// Shortest and longest suffix after the hyphen; nationally 1–18.
        #[serde(default = "Identifier::national_suffix")]
        suffix: (u8, u8),
    },
    /// SNOMED CT identifier of a concept (Verhoeff).
    Sctid,
    /// Global location number.
    Gln,
    /// Swedish post code.
    Postnummer,
    /// Telephone number in international form.
    Telefon,
    /// Länskod (two digits).
    Lanskod,
    /// Calendar month, `YYYY-MM` (ISO 8601-1 §5.2.2.2).
    Manad,
    /// Calendar week, `YYYY-Www` (ISO 8601-1 §5.2.4).
    Vecka,
    /// Any code: trimmed, upper-cased, checked against `code` if declared.
    Code,
}

impl Identifier {
    fn national_suffix() -> (u8, u8) {
        (1, 18)
    }
}

impl short::FromName for Identifier {
    fn from_name<E: serde::de::Error>(name: &str) -> Result<Self, E> {
        let kind = [("kind", name)];
        Self::deserialize(serde::de::value::MapDeserializer::new(kind.into_iter()))
    }
}

/// What a check digit that fails means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnLuhn {
    /// Reported, accepted.
    #[default]
    Warn,
    /// Rejected.
    Reject,
}

/// How a column uses a code system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeUse {
    /// The system's name in the code store (`kva`, `icd10se`, `snomed`, `verksamhet`, …).
    pub system: String,
    /// The column whose date (or `YYYY-MM` month) the code must be valid on; without it, the
    /// delivery's date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// Value set within the system that the code must belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_set: Option<String>,
    /// Whether validity dates are checked at all.
    #[serde(default = "yes")]
    pub dated: bool,
}

fn yes() -> bool {
    true
}

impl short::FromName for CodeUse {
    fn from_name<E: serde::de::Error>(name: &str) -> Result<Self, E> {
        Ok(Self { system: name.to_owned(), on: None, value_set: None, dated: true })
    }
}

/// A pointer to another table's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The table pointed at.
    pub table: String,
    /// Own columns that hold the other table's key, in its key's order. Empty for a single-column
    /// reference declared on the column itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// What a reference to nothing means: `reject` or `warn`.
    #[serde(default)]
    pub missing: OnMissing,
}

impl short::FromName for Reference {
    fn from_name<E: serde::de::Error>(name: &str) -> Result<Self, E> {
        Ok(Self { table: name.to_owned(), columns: Vec::new(), missing: OnMissing::Warn })
    }
}

/// What a reference to a row that does not exist means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnMissing {
    /// Accepted with a warning: the other register may lag.
    #[default]
    Warn,
    /// Rejected.
    Reject,
}

impl OnMissing {
    pub(super) fn severity(self) -> Severity {
        match self {
            Self::Warn => Severity::Warn,
            Self::Reject => Severity::Reject,
        }
    }
}
