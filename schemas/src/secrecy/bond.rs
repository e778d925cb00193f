//! How the rows of a table hang on a contract, and so share its status.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;

/// The table of contracts.
pub const CONTRACT: &str = "avtal";

/// The columns of the contract's table that its status is computed from.
const DECIDING: [&str; 6] = ["lanskod", "avtals_id", "tecknat", "sekretess", "sekretess_grund", "sekretess_till"];

/// A column that names a contract, or something of one, by its key's parts with slashes between.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The column: `22/1432012-008`, perhaps with more parts.
    pub column: String,
    /// The column that says what it names.
    pub kind: String,
    /// Its values that mean a contract, or something of one.
    pub kinds: Vec<String>,
}

/// How a table's rows hang on a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bond {
    /// They do not.
    None,
    /// By these columns: the contract's region and its id there.
    Key {
        /// The region.
        lanskod: String,
        /// The id.
        avtals_id: String,
    },
    /// Some of them, by what they name.
    Named(Vec<Link>),
}

/// Whether the contracts' table has what a status is computed from: a project's own need not.
pub fn applies(contracts: &Table) -> bool {
    contracts.name == CONTRACT && DECIDING.iter().all(|name| contracts.column(name).is_some())
}

/// What a contract is called in columns that name one.
pub fn contract_name(lanskod: &str, avtals_id: &str) -> String {
    format!("{lanskod}/{avtals_id}")
}

impl Bond {
    /// How `table` hangs on a contract, where `find` gives its parents.
    pub fn of<'a>(table: &'a Table, find: &dyn Fn(&str) -> Option<&'a Table>) -> Self {
        if !find(CONTRACT).is_some_and(applies) {
            return Self::None;
        }
        // The contract's key, as this table's own columns hold it: followed from parent to parent.
        let mut path = vec![table];
        while let Some(parent) = path.last().and_then(|t| t.parent.as_ref()).and_then(|p| find(&p.table)) {
            if path.iter().any(|seen| seen.name == parent.name) {
                break;
            }
            path.push(parent);
        }
        if path.last().is_some_and(|top| top.name == CONTRACT) {
            let own = |name: &str| {
                path.iter().rev().skip(1).zip(path.iter().rev()).try_fold(name.to_owned(), |held, (child, parent)| {
                    let at = parent.key.iter().position(|key| *key == held)?;
                    child.parent.as_ref()?.columns.get(at).cloned()
                })
            };
            if let (Some(lanskod), Some(avtals_id)) = (own("lanskod"), own("avtals_id")) {
                return Self::Key { lanskod, avtals_id };
            }
        }
        if table.contract.is_empty() { Self::None } else { Self::Named(table.contract.clone()) }
    }

    /// Whether any row can hang on a contract.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Tables;

    #[test]
    fn all_that_hangs_on_a_contract_is_known() {
        let tables = Tables::national();
        let key = Bond::Key { lanskod: "lanskod".into(), avtals_id: "avtals_id".into() };
        for table in &tables {
            let bond = Bond::of(table, &|name| tables.get(name));
            match table.name.as_str() {
                "avtal" | "uppdrag" | "tjanst" | "villkor" | "malgrupp" => assert_eq!(bond, key, "{}", table.name),
                "kontakt" | "oppettid" | "tillstand" | "relation" | "koppling" => {
                    assert!(matches!(bond, Bond::Named(_)), "{}", table.name);
                }
                _ => {
                    assert_eq!(bond, Bond::None, "{}", table.name);
                    let names = table.column.iter().any(|c| c.name == "avtals_id" || c.name == "agare_id");
                    assert!(!names, "{} names contracts: say how in `contract`", table.name);
                }
            }
        }
    }
}
