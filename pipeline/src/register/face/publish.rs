//! Publishing: rows and keys are staged, and then published in one transaction.

use arrow::array::RecordBatch;
use async_trait::async_trait;

use crate::register::{KeyKind, Publication, Published, Result, Store};

/// Publishing: rows and keys are staged, and then published in one transaction.
#[async_trait]
pub trait Publish: Send + Sync {
    /// Stages new and changed rows: the national columns, [`KEY`] (16 bytes), [`CONTENT`] (64-bit
    /// integer) and `_rad` (unsigned). Which rows are new, which changed and which neither is
    /// decided in the publication. A key may be staged once.
    async fn stage(&self, run: &str, table: &str, batch: &RecordBatch) -> Result<()>;
    /// Stages keys without rows.
    async fn stage_keys(&self, run: &str, table: &str, keys: &[[u8; 16]], kind: KeyKind) -> Result<()>;
    /// Removes what a run has staged, for a new plan.
    async fn unstage(&self, run: &str) -> Result<()>;
    /// Publishes a run in one transaction. Publishing it again gives the first result.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Moved`] if another run published one of the tables for the same owner
    /// after `base`: nothing has happened, and a new plan is wanted. [`RegisterError::Fenced`] if
    /// the lease has passed on.
    async fn publish(&self, publication: &Publication) -> Result<Published>;
}

#[async_trait]
impl Publish for Store {
    async fn stage(&self, run: &str, table: &str, batch: &RecordBatch) -> Result<()> {
        self.stage_rows(run, table, batch).await
    }
    async fn stage_keys(&self, run: &str, table: &str, keys: &[[u8; 16]], kind: KeyKind) -> Result<()> {
        self.stage_some_keys(run, table, keys, kind).await
    }
    async fn unstage(&self, run: &str) -> Result<()> {
        let number = self.open_run(run).await?;
        self.discard(number).await
    }
    async fn publish(&self, publication: &Publication) -> Result<Published> {
        self.publish_run(publication).await
    }
}
