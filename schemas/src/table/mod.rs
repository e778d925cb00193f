//! National tables: one TOML file each (`schemas/tables/<table>.toml`), from which everything else
//! about a table is derived: Arrow schema, register DDL, reference page, JSON Schema.
//!
//! A project may add tables of its own in its `tables/` folder; they are read by the same parser.

pub mod ddl;
mod kind;

pub use kind::Kind;

use serde::{Deserialize, Serialize};

/// A national table as its file declares it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Name in the register, the lake and SQL: lower-case ASCII.
    pub name: String,
    /// Version: a new nullable column is minor, anything else is a migration.
    pub version: String,
    /// What the table holds, in Swedish.
    pub meaning: String,
    /// Where its truth lives.
    #[serde(default)]
    pub store: Store,
    /// Columns that identify a row, in order. Each is required.
    pub key: Vec<String>,
    /// The column that holds the owner's länskod, where rows are owned by a region.
    pub owner: Option<String>,
    /// Key columns that together point at the parent row: a rejected parent holds its children.
    pub parent: Option<Reference>,
    /// Lake partition columns (a `store = "lake"` table is replaced partition by partition).
    #[serde(default)]
    pub partition: Vec<String>,
    /// Days that rows are kept after they ended; none: for ever.
    pub retention_days: Option<u32>,
    /// The columns, in order.
    pub column: Vec<Column>,
    /// Rules beyond those that the columns imply.
    #[serde(default)]
    pub rule: Vec<RuleUse>,
}

/// Where a table's truth lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Store {
    /// Rows in the database, projected to the lake.
    #[default]
    Register,
    /// Rows in the lake only; the database holds the manifest.
    Lake,
}

/// One column of a national table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
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
    #[serde(default)]
    pub required: bool,
    /// Secrecy class.
    #[serde(default)]
    pub class: Class,
    /// Kind of identifier: normalised and checked as such.
    pub identifier: Option<Identifier>,
    /// Code system that its values belong to.
    pub code: Option<CodeUse>,
    /// Row of another table that it points at.
    pub references: Option<Reference>,
    /// A new value corrects the whole valid period instead of taking effect from the delivery.
    #[serde(default)]
    pub correction: bool,
    /// Takes part in the identity hash of a child without an id of its own.
    #[serde(default)]
    pub identity: bool,
    /// The only values allowed, where a code system would be too much.
    #[serde(default)]
    pub values: Vec<String>,
}

/// Secrecy class of a column (DESIGN §7). Only `Oppen` leaves for the analysts' lake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
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

/// Identifier kinds with their own normalisation and check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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
        /// Longest and shortest suffix after the hyphen; nationally 1–18.
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
    /// Any code: trimmed, upper-cased, checked against `code` if declared.
    Code,
}

impl Identifier {
    fn national_suffix() -> (u8, u8) {
        (1, 18)
    }
}

/// What a check digit that fails means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnLuhn {
    /// Reported, accepted.
    #[default]
    Warn,
    /// Rejected.
    Reject,
}

/// How a column uses a code system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeUse {
    /// The system's name in the code store (`kva`, `icd10se`, `snomed`, `verksamhet`, …).
    pub system: String,
    /// The column whose date the code must be valid on; without it, the delivery's date.
    pub on: Option<String>,
    /// Value set within the system that the code must belong to.
    pub value_set: Option<String>,
    /// Whether validity dates are checked at all.
    #[serde(default = "yes")]
    pub dated: bool,
}

fn yes() -> bool {
    true
}

/// A pointer to another table's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The table pointed at.
    pub table: String,
    /// Own columns that hold the other table's key, in its key's order. Empty for a single-column
    /// reference declared on the column itself.
    #[serde(default)]
    pub columns: Vec<String>,
    /// What a reference to nothing means: `reject` or `warn`.
    #[serde(default)]
    pub missing: OnMissing,
}

/// What a reference to a row that does not exist means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnMissing {
    /// Accepted with a warning: the other register may lag.
    #[default]
    Warn,
    /// Rejected.
    Reject,
}

/// A rule applied to named columns. The meaning of `columns` and the parameters is the rule's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleUse {
    /// The rule's id.
    pub rule: String,
    /// Columns in the rule's order.
    #[serde(default)]
    pub columns: Vec<String>,
    /// A number, where the rule takes one.
    pub limit: Option<i64>,
}
