//! Asking the register: what it believes and believed, and what a delivery is compared with.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use futures::stream::BoxStream;

use crate::register::layout::{Layout, own_names};
use crate::register::{Batches, Believed, DeliveredBy, KeyBatch, Question, Result, Store};

/// Asking the register: what it believes and believed, and what a delivery is compared with.
#[async_trait]
pub trait Ask: Send + Sync {
    /// The last publish sequence number; 0 before the first.
    async fn base(&self) -> Result<u64>;
    /// The columns of a batch that is read: `columns` by name, or the national ones and the valid
    /// time. The register's own columns can be named too.
    fn schema(&self, table: &str, columns: Option<&[String]>) -> Result<SchemaRef>;
    /// Keys and content hashes of the rows that `owner`'s sources (or all) deliver now: what a
    /// delivery is compared with. In no order.
    async fn current_keys(&self, table: &str, owner: Option<&str>) -> Result<BoxStream<'static, Result<KeyBatch>>> {
        self.current_keys_by(table, owner, None).await
    }
    /// Of them, those that came with such a delivery.
    async fn current_keys_by(
        &self,
        table: &str,
        owner: Option<&str>,
        delivered_by: Option<DeliveredBy>,
    ) -> Result<BoxStream<'static, Result<KeyBatch>>>;
    /// Which of `keys` another owner publishes. A publication with such a key is refused.
    async fn foreign_keys(&self, table: &str, owner: &str, keys: &[[u8; 16]]) -> Result<Vec<[u8; 16]>>;
    /// Which of `keys` a delivery after the one that `run` reads has published or ended: what a
    /// replay's publication will leave alone.
    async fn superseded_keys(&self, run: &str, table: &str, keys: &[[u8; 16]]) -> Result<Vec<[u8; 16]>>;
    /// The keys of `owner` whose rows are marked as stale.
    async fn stale_keys(&self, table: &str, owner: &str) -> Result<Vec<[u8; 16]>>;
    /// When a key was marked as stale: from which publication to before which.
    async fn stale_times(&self, table: &str, key: &[u8; 16]) -> Result<Vec<(u64, Option<u64>)>>;
    /// The last publication that had been recorded at this instant; 0 before the first.
    async fn publication_at(&self, instant: DateTime<Utc>) -> Result<u64>;
    /// The keys, of an owner or of all, that publications after `after` and up to `to` touched. In the
    /// keys' order.
    async fn touched_keys(
        &self,
        table: &str,
        owner: Option<&str>,
        after: u64,
        to: u64,
    ) -> Result<BoxStream<'static, Result<Vec<[u8; 16]>>>>;
    /// Answers any question to one table.
    async fn read(&self, question: &Question) -> Result<Batches>;
    /// Answers one SELECT, read-only and untyped, with at most `limit` rows.
    async fn query(&self, sql: &str, limit: u32) -> Result<RecordBatch>;
    /// The current rows of `keys`: national columns and valid time, and the register's own.
    async fn load_current(&self, table: &str, owner: Option<&str>, keys: &[[u8; 16]]) -> Result<Batches> {
        self.read(&Question {
            table: table.to_owned(),
            columns: Some(all_columns(&self.schema(table, None)?)),
            owner: owner.map(str::to_owned),
            believed: Believed::Current,
            keys: Some(keys.to_vec()),
            ..Question::default()
        })
        .await
    }
    /// What was believed after publication `at_seq`: every slice, with the register's own columns.
    async fn current_rows(&self, table: &str, owner: Option<&str>, at_seq: u64) -> Result<Batches> {
        self.read(&Question {
            table: table.to_owned(),
            columns: Some(all_columns(&self.schema(table, None)?)),
            owner: owner.map(str::to_owned),
            believed: Believed::AtSeq(at_seq),
            ..Question::default()
        })
        .await
    }
    /// What is believed now: every slice.
    async fn scan(&self, table: &str, columns: Option<&[String]>, owner: Option<&str>) -> Result<Batches> {
        self.read(&Question {
            table: table.to_owned(),
            columns: columns.map(<[String]>::to_vec),
            owner: owner.map(str::to_owned),
            ..Question::default()
        })
        .await
    }
    /// What the register says of the rows whose key columns have these values: now or at
    /// `recorded`, about every day or about `valid_on`.
    async fn show(
        &self,
        table: &str,
        key: &[(String, String)],
        valid_on: Option<NaiveDate>,
        recorded: Option<DateTime<Utc>>,
    ) -> Result<Batches> {
        self.read(&Question {
            table: table.to_owned(),
            columns: Some(all_columns(&self.schema(table, None)?)),
            believed: recorded.map_or(Believed::Now, Believed::At),
            valid_on,
            equal: key.to_vec(),
            ..Question::default()
        })
        .await
    }
    /// Everything that the register ever believed of the rows whose key columns have these values.
    async fn history(&self, table: &str, key: &[(String, String)]) -> Result<Batches> {
        self.read(&Question {
            table: table.to_owned(),
            columns: Some(all_columns(&self.schema(table, None)?)),
            believed: Believed::Ever,
            equal: key.to_vec(),
            ..Question::default()
        })
        .await
    }
}

#[async_trait]
impl Ask for Store {
    async fn base(&self) -> Result<u64> {
        let rows = self.database.fetch("find the base", "SELECT publish_seq FROM sekvens WHERE id = 1", &[]).await?;
        rows.into_iter().next().map_or(Ok(0), |mut row| row.count())
    }
    fn schema(&self, table: &str, columns: Option<&[String]>) -> Result<SchemaRef> {
        Ok(Layout::schema(&self.layout(table)?.select(columns)?))
    }
    async fn current_keys_by(
        &self,
        table: &str,
        owner: Option<&str>,
        delivered_by: Option<DeliveredBy>,
    ) -> Result<BoxStream<'static, Result<KeyBatch>>> {
        self.current(table, owner, delivered_by).await
    }
    async fn foreign_keys(&self, table: &str, owner: &str, keys: &[[u8; 16]]) -> Result<Vec<[u8; 16]>> {
        self.foreign(table, owner, keys).await
    }
    async fn superseded_keys(&self, run: &str, table: &str, keys: &[[u8; 16]]) -> Result<Vec<[u8; 16]>> {
        self.superseded(run, table, keys).await
    }
    async fn stale_keys(&self, table: &str, owner: &str) -> Result<Vec<[u8; 16]>> {
        self.stale(table, owner).await
    }
    async fn stale_times(&self, table: &str, key: &[u8; 16]) -> Result<Vec<(u64, Option<u64>)>> {
        self.times_stale(table, key).await
    }
    async fn publication_at(&self, instant: DateTime<Utc>) -> Result<u64> {
        self.seq_at(instant).await
    }
    async fn touched_keys(
        &self,
        table: &str,
        owner: Option<&str>,
        after: u64,
        to: u64,
    ) -> Result<BoxStream<'static, Result<Vec<[u8; 16]>>>> {
        self.touched(table, owner, after, to)
    }
    async fn read(&self, question: &Question) -> Result<Batches> {
        self.answer(question).await
    }
    async fn query(&self, sql: &str, limit: u32) -> Result<RecordBatch> {
        self.ask(sql, limit).await
    }
}

/// The shown columns and all of the register's own.
fn all_columns(shown: &SchemaRef) -> Vec<String> {
    let own = own_names();
    shown.fields().iter().map(|f| f.name().clone()).chain(own.map(str::to_owned)).collect()
}
