//! Accounting per source row: in = accepted + rejected + withheld + filtered, checked by the run itself.

use std::collections::BTreeMap;

use arrow::array::UInt64Array;
use roaring::RoaringTreemap;
use sluss_schemas::say;

use crate::error::{PipelineError, Result};
use crate::map::FilterCounts;

/// What became of every source row.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// Rows that the connector read.
    read: RoaringTreemap,
    /// Rows that it could not read.
    pub unread: u64,
    /// Rows that came out of some mapping.
    mapped: RoaringTreemap,
    /// Rows of which something was rejected.
    rejected: RoaringTreemap,
    /// Rows of contracts that their region has decided not to register.
    withheld: RoaringTreemap,
    /// Rows that named filters left out.
    pub filtered: FilterCounts,
}

/// The account in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Balance {
    /// Source rows.
    pub rows_in: u64,
    /// Rows of which everything was accepted.
    pub accepted: u64,
    /// Rows that could not be read, or of which something was rejected.
    pub rejected: u64,
    /// Rows of contracts that their region has decided not to register.
    pub withheld: u64,
    /// Rows left out, by the filter's name.
    pub filtered: BTreeMap<String, u64>,
}

impl Account {
    /// Rows that go into the mappings.
    pub(super) fn read(&mut self, rows: &UInt64Array) {
        append(&mut self.read, rows);
    }

    /// Rows that came out of a mapping.
    pub(super) fn mapped(&mut self, rows: &UInt64Array) {
        append(&mut self.mapped, rows);
    }

    /// A row of which something was rejected.
    pub(super) fn rejected(&mut self, row: u64) {
        self.rejected.insert(row);
    }

    /// A row of which something is withheld: whatever else it is, this is what it counts as.
    pub(super) fn withheld(&mut self, row: u64) {
        self.withheld.insert(row);
    }

    /// Joins the account of another table of the same run.
    pub(super) fn join(&mut self, other: &Self) {
        self.mapped |= &other.mapped;
        self.rejected |= &other.rejected;
        self.withheld |= &other.withheld;
    }

    /// Rows that no mapping gave anything for and no filter took: they must not vanish.
    pub(super) fn lost(&self) -> RoaringTreemap {
        &self.read - &self.mapped
    }

    /// The figures. An account that does not balance is a defect of ours, and stops the run.
    pub(super) fn balance(&self, rows_in: u64) -> Result<Balance> {
        let rejected = (&self.rejected - &self.withheld).len() + self.unread;
        let accepted = (&(&self.read - &self.rejected) - &self.withheld).len();
        let withheld = self.withheld.len();
        let balance = Balance { rows_in, accepted, rejected, withheld, filtered: self.filtered.clone() };
        let filtered: u64 = balance.filtered.values().sum();
        if rows_in != accepted + rejected + balance.withheld + filtered {
            return Err(PipelineError::us(say!(
                "räkenskapen går inte ihop: {rows_in} in, {accepted} godtagna, {rejected} avvisade, {withheld} undantagna, {filtered} bortfiltrerade",
                "the account does not balance: {rows_in} in, {accepted} accepted, {rejected} rejected, {withheld} withheld, {filtered} filtered"
            )));
        }
        Ok(balance)
    }
}

/// Rows mostly come in rising order, where a bitmap grows at its end.
fn append(set: &mut RoaringTreemap, rows: &UInt64Array) {
    let values = rows.values();
    let Some((&first, &last)) = values.first().zip(values.last()) else { return };
    let dense = last.checked_sub(first).is_some_and(|span| span + 1 == values.len() as u64);
    if dense && values.is_sorted() {
        set.insert_range(first..=last);
        return;
    }
    for value in values {
        set.insert(*value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_counted_once_however_many_tables_it_feeds() {
        let mut account = Account::default();
        account.read(&UInt64Array::from(vec![2, 3, 4, 6]));
        account.unread = 1;
        account.filtered.insert("ej_vard".into(), 2);
        for table in [[2, 3, 4, 6], [2, 3, 4, 6]] {
            let mut own = Account::default();
            own.mapped(&UInt64Array::from(table.to_vec()));
            own.rejected(3);
            account.join(&own);
        }
        let balance = account.balance(7).unwrap();
        assert_eq!((balance.accepted, balance.rejected), (3, 2));
        // Whatever else a withheld row is, that is what it counts as.
        let mut own = Account::default();
        own.withheld(3);
        own.withheld(4);
        account.join(&own);
        let balance = account.balance(7).unwrap();
        assert_eq!((balance.accepted, balance.rejected, balance.withheld), (2, 1, 2));
        assert!(account.lost().is_empty());
        assert!(account.balance(8).is_err());
    }
}
