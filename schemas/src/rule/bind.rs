//! Binds rules to a table's columns.

use super::{Judge, find};
use crate::table::{RuleUse, Table};

/// Why a rule cannot be applied as a table asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    pub(crate) what: String,
    pub(crate) hint: String,
}

/// The rules that the table's columns imply and those that it names, bound to its columns.
pub fn judges(table: &Table) -> Vec<Box<dyn Judge>> {
    table.rule.iter().filter_map(|used| bind(used, table).ok().flatten()).collect()
}

/// The kernel of a rule that a table names; none for a rule that others raise.
pub(crate) fn bind(used: &RuleUse, table: &Table) -> Result<Option<Box<dyn Judge>>, Unfit> {
    let _ = (find(&used.rule), table);
    Ok(None)
}
