//! Erasing for good, and keyed hashes under a new key.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use crate::register::{ErasedRows, Erasure, Rekeying, Result, Store};

/// Erasing for good, and keyed hashes under a new key.
#[async_trait]
pub trait Erase: Send + Sync {
    /// Notes an erasure and removes its rows, with their history, in one transaction. Repeating it removes
    /// what has come back.
    async fn erase(&self, erasure: &Erasure) -> Result<ErasedRows>;
    /// Erasures that were begun and not carried through, the earliest first.
    async fn unfinished_erasures(&self) -> Result<Vec<Erasure>>;
    /// Notes that an erasure has been carried through, with counts.
    async fn finish_erasure(&self, erasure: &Erasure, removed: &serde_json::Value) -> Result<()>;
    /// Lets readers of the lake have this version of a table: earlier ones are gone.
    async fn repin(&self, table: &str, version: u64) -> Result<()>;
    /// Keys of which nothing has been valid since before `day`, or believed since before `recorded`.
    async fn ended_keys(&self, table: &str, day: NaiveDate, recorded: DateTime<Utc>) -> Result<Vec<String>>;
    /// Changes receipts for which `clean` gives another text. Gives how many.
    async fn clean_receipts(&self, clean: &(dyn for<'t> Fn(&'t str) -> Option<String> + Send + Sync)) -> Result<u64>;
    /// The version of the pseudonym key that the keyed hashes have; `current` where none has been noted.
    async fn pseudonym_version(&self, current: u32) -> Result<u32>;
    /// Brings every keyed hash of a sole trader's number to `to.version`, with the keys, ids and content hashes
    /// that are made of it, in one transaction. What is left to do in the lake comes back as an erasure.
    async fn rekey(&self, to: &Rekeying<'_>) -> Result<Option<Erasure>>;
    /// Writes the database anew, so that its pages hold nothing of removed rows. Whether it has a log that
    /// may hold them still (PostgreSQL's write-ahead log, until it is recycled).
    async fn scrub(&self, tables: &[String]) -> Result<bool>;
}

#[async_trait]
impl Erase for Store {
    async fn erase(&self, erasure: &Erasure) -> Result<ErasedRows> {
        self.erase_rows(erasure).await
    }
    async fn unfinished_erasures(&self) -> Result<Vec<Erasure>> {
        self.unfinished().await
    }
    async fn finish_erasure(&self, erasure: &Erasure, removed: &serde_json::Value) -> Result<()> {
        self.erasure_done(erasure, removed).await
    }
    async fn repin(&self, table: &str, version: u64) -> Result<()> {
        self.repin_table(table, version).await
    }
    async fn ended_keys(&self, table: &str, day: NaiveDate, recorded: DateTime<Utc>) -> Result<Vec<String>> {
        self.keys_ended(table, day, recorded).await
    }
    async fn clean_receipts(&self, clean: &(dyn for<'t> Fn(&'t str) -> Option<String> + Send + Sync)) -> Result<u64> {
        self.mask_receipts(clean).await
    }
    async fn pseudonym_version(&self, current: u32) -> Result<u32> {
        self.noted_version(current).await
    }
    async fn rekey(&self, to: &Rekeying<'_>) -> Result<Option<Erasure>> {
        self.rekey_rows(to).await
    }
    async fn scrub(&self, tables: &[String]) -> Result<bool> {
        self.scrub_pages(tables).await?;
        Ok(self.keeps_a_log())
    }
}
