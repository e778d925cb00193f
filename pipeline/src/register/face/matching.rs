//! Decisions by people on which organisation or unit is meant.

use async_trait::async_trait;

use crate::matching::Decision;
use crate::register::{Result, Store};

/// Decisions by people on which organisation or unit is meant.
#[async_trait]
pub trait Matches: Send + Sync {
    /// Adds a decision on a row of `koppling`, or with none ends all: those that stood before it end, and the
    /// audit log says so, in one transaction.
    async fn decide_match(&self, key: [u8; 16], added: Option<&Decision>, who: &str) -> Result<()>;
    /// Decisions on matches in the order in which they were recorded: on one row, or all that stand.
    async fn match_decisions(&self, key: Option<&[u8; 16]>) -> Result<Vec<Decision>>;
}

#[async_trait]
impl Matches for Store {
    async fn decide_match(&self, key: [u8; 16], added: Option<&Decision>, who: &str) -> Result<()> {
        self.add_match(key, added, who).await
    }
    async fn match_decisions(&self, key: Option<&[u8; 16]>) -> Result<Vec<Decision>> {
        self.list_matches(key).await
    }
}
