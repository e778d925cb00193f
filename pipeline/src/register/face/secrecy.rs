//! How contracts stand, what has been decided of them, and what was kept back.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::NaiveDate;
use sluss_schemas::secrecy::{Bond, Decision, Rules};

use crate::register::{Mirrored, Result, Standing, Store};

/// How contracts stand, what has been decided of them, and what was kept back.
#[async_trait]
pub trait Secrecy: Send + Sync {
    /// Lets statuses and views follow the project's choices.
    async fn set_secrecy(&self, rules: &Rules) -> Result<()>;
    /// How contracts stand on a day: all, or those that are not open.
    async fn secrecy(&self, today: NaiveDate, closed_only: bool) -> Result<Vec<Standing>>;
    /// Adds a decision on a contract, which ends the one before it. The views follow at once.
    async fn decide_secrecy(&self, decision: &Decision) -> Result<()>;
    /// Every decision on a contract, in the order in which they were recorded.
    async fn secrecy_decisions(&self, lanskod: &str, avtals_id: &str) -> Result<Vec<Decision>>;
    /// Tells those who follow the cleared events of contracts that have opened since this was last called:
    /// once, under the counters' lock. Gives how many events that were.
    async fn announce_openings(&self, today: NaiveDate) -> Result<u64>;
    /// The keys of the rows of `table` that are believed of these contracts of `owner`, which it hangs on
    /// by `bond`.
    async fn contract_keys(
        &self,
        table: &str,
        bond: &Bond,
        owner: &str,
        contracts: &[(String, String)],
    ) -> Result<Vec<[u8; 16]>>;
    /// What was kept back when the lake was last written.
    async fn mirrored_secrecy(&self) -> Result<Vec<Mirrored>>;
    /// Notes what was kept back now; with `version`, the lake table's last publication stands there.
    async fn note_mirrored_secrecy(&self, mirrored: &Mirrored, version: Option<u64>) -> Result<()>;
    /// Keys whose region has decided that they are not to be registered, and whose history still is: what a
    /// retention erases.
    async fn refused_keys(&self) -> Result<BTreeMap<String, Vec<String>>>;
}

#[async_trait]
impl Secrecy for Store {
    async fn set_secrecy(&self, rules: &Rules) -> Result<()> {
        self.follow_rules(rules).await
    }
    async fn secrecy(&self, today: NaiveDate, closed_only: bool) -> Result<Vec<Standing>> {
        self.standings(today, closed_only).await
    }
    async fn decide_secrecy(&self, decision: &Decision) -> Result<()> {
        self.add_decision(decision).await
    }
    async fn secrecy_decisions(&self, lanskod: &str, avtals_id: &str) -> Result<Vec<Decision>> {
        self.list_decisions(lanskod, avtals_id).await
    }
    async fn announce_openings(&self, today: NaiveDate) -> Result<u64> {
        self.tell_of_openings(today).await
    }
    async fn contract_keys(
        &self,
        table: &str,
        bond: &Bond,
        owner: &str,
        contracts: &[(String, String)],
    ) -> Result<Vec<[u8; 16]>> {
        self.keys_of_contracts(table, bond, owner, contracts).await
    }
    async fn mirrored_secrecy(&self) -> Result<Vec<Mirrored>> {
        self.list_mirrored().await
    }
    async fn note_mirrored_secrecy(&self, mirrored: &Mirrored, version: Option<u64>) -> Result<()> {
        self.note_mirrored(mirrored, version).await
    }
    async fn refused_keys(&self) -> Result<BTreeMap<String, Vec<String>>> {
        self.keys_refused().await
    }
}
