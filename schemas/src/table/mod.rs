//! National tables: one TOML file each (`schemas/tables/<table>.toml`), from which everything else
//! about a table is derived: Arrow schema, register DDL, reference page, JSON Schema.
//!
//! A project may add tables of its own in its `tables/` folder; they are read by the same parser.

mod check;
mod column;
pub mod ddl;
mod kind;
mod national;
mod page;
mod parse;
mod row_schema;
mod short;

use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use serde::{Deserialize, Serialize};

pub use column::{Class, CodeUse, Column, Identifier, OnLuhn, OnMissing, Reference};
pub use kind::{Kind, KindError};
pub use national::{Tables, national};
pub use parse::TableError;
pub(crate) use parse::nearest;

use crate::rule::Severity;
use crate::secrecy::Link;

/// First day of a row's validity, wherever a table has valid time.
pub const VALID_FROM: &str = "giltig_fran";

/// First day *after* a row's validity; null while it is open.
pub const VALID_TO: &str = "giltig_till";

/// A national table as its file declares it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Name in the register, the lake and SQL: lower-case ASCII, and the file's own name.
    pub name: String,
    /// Version: a new nullable column is minor, anything else is a migration.
    pub version: String,
    /// What the table holds, in Swedish.
    pub meaning: String,
    /// Where its truth lives.
    #[serde(default)]
    pub store: Store,
    /// Columns that identify a row, in order. Each is required.
    ///
    /// Where columns are marked `identity`, the last of them is the row's own id, which is computed
    /// for a row that comes without one (see [`Table::identity`]).
    pub key: Vec<String>,
    /// The column that holds the owner's länskod, where rows are owned by a region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Key columns that together point at the parent row: a rejected parent holds its children.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Reference>,
    /// Columns that name a contract, or something of one, otherwise than by `parent`: their rows are as
    /// secret as the contract is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contract: Vec<Link>,
    /// Lake partition columns (a `store = "lake"` table is replaced partition by partition).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partition: Vec<String>,
    /// Days that rows are kept after they ended; none: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
    /// Rows end by themselves: questions to register and lake show none whose `giltig_till` has come.
    /// What was offered before is in the history.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expires: bool,
    /// Secrecy class of the source's rows. Where they are persons', nothing of a row leaves the landed
    /// file but what the mapping makes of it: a rejected row is kept without its source cells.
    #[serde(default, skip_serializing_if = "Class::is_open")]
    pub source_class: Class,
    /// The columns, in order.
    pub column: Vec<Column>,
    /// Rules beyond those that the columns imply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
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

/// A rule applied to named columns. The meaning of `columns` and the parameters is the rule's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleUse {
    /// The rule's id.
    pub rule: String,
    /// Columns in the rule's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// A number, where the rule takes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// What breaking it means in this table, where that differs from the rule's own severity. A rule
    /// that the pipeline raises by itself may stand here for this alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
}

/// JSON Schema of a table's file, for editors.
pub fn file_schema() -> serde_json::Value {
    schemars::schema_for!(Table).to_value()
}

impl Table {
    /// The typed batch of this table: its columns in order. Every field is nullable, since a batch
    /// holds rows that are still to be judged.
    pub fn arrow_schema(&self) -> SchemaRef {
        let fields: Vec<Field> = self.column.iter().map(|c| Field::new(&c.name, c.kind.arrow(), true)).collect();
        Arc::new(Schema::new(fields))
    }

    /// The column called `name`.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.column.iter().find(|c| c.name == name)
    }

    /// Where the column called `name` stands, from 0.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.column.iter().position(|c| c.name == name)
    }

    /// The columns that every reader may see: the only ones in the analysts' lake.
    pub fn cleared_columns(&self) -> impl Iterator<Item = &Column> {
        self.column.iter().filter(|c| c.class == Class::Oppen)
    }

    /// The key column that is computed, and the columns that it is computed from, where the table
    /// declares identity columns: a child that comes without an id gets the hash of its parent's
    /// key and these.
    pub fn identity(&self) -> Option<(&Column, Vec<&Column>)> {
        let from: Vec<&Column> = self.column.iter().filter(|c| c.identity).collect();
        let own = self.key.last().and_then(|name| self.column(name))?;
        (!from.is_empty()).then_some((own, from))
    }

    /// The code systems and value sets that the columns are judged by, so that a run can tell once
    /// which of them the store lacks.
    pub fn code_systems(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.column.iter().filter_map(|c| c.code.as_ref()).map(|c| (c.system.as_str(), c.value_set.as_deref()))
    }

    /// The owner that rows of a delivery by `owner` must name: where the table has an owner column, and
    /// where it judges by `fel_agare` whose rows a region sends.
    pub fn owned_by(&self, owner: &str) -> Option<String> {
        let named = self.rule.iter().any(|used| used.rule == "fel_agare" && !used.columns.is_empty());
        let own = self.owner.is_some() || named && crate::region::by_lanskod(owner).is_some();
        own.then(|| owner.to_owned())
    }

    /// Whether rows have valid time of their own.
    pub fn has_valid_time(&self) -> bool {
        self.position(VALID_FROM).is_some()
    }

    /// What breaking `rule` means in this table, on the column at `column` (none: the whole row).
    ///
    /// A `[[rule]]` that says so goes first, then what the column declares (`luhn`, `missing`), then
    /// the rule's own severity. An id that no rule has rejects: it cannot be told that it may pass.
    pub fn severity(&self, rule: &str, column: Option<u16>) -> Severity {
        let column = column.and_then(|c| self.column.get(usize::from(c)));
        let used = self.rule.iter().find_map(|used| {
            let here = used.columns.is_empty() || column.is_none_or(|c| used.columns.contains(&c.name));
            used.severity.filter(|_| used.rule == rule && here)
        });
        used.or_else(|| column.map_or_else(|| self.parent_severity(rule), |c| c.severity(rule)))
            .or_else(|| crate::rule::find(rule).map(|doc| doc.severity))
            .unwrap_or(Severity::Reject)
    }

    fn parent_severity(&self, rule: &str) -> Option<Severity> {
        let missing = self.parent.as_ref().map(|p| p.missing)?;
        (rule == "saknad_foralder").then_some(missing.severity())
    }
}
