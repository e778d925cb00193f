//! Reading the register: as it is, as it was believed at a time, about a day, of some keys.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BinaryBuilder, Float64Builder, Int64Builder, RecordBatch, StringViewBuilder};
use arrow::datatypes::{Field, Int64Type, Schema};
use chrono::{DateTime, NaiveDate, Utc};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use sluss_schemas::table::Kind;
use sluss_schemas::table::ddl::{Dialect, quoted};
use tokio::sync::mpsc;

use super::database::{Cell, Database};
use super::error::{Cause, RegisterError, Result};
use super::layout::{CONTENT, Holds, KEY, Layout, STALE, Slot};
use super::sql::{date_literal, hex, key_literal, literal, runs_of};
use super::{Store, postgres};

/// A stream of batches. It ends early only with an error.
pub type Batches = BoxStream<'static, Result<RecordBatch>>;

/// What is believed when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Believed {
    /// Now: every slice of every key's valid time.
    #[default]
    Now,
    /// Now, and what the sources delivered last: one slice for each key that has not ended.
    Current,
    /// After this publication.
    AtSeq(u64),
    /// At this instant.
    At(DateTime<Utc>),
    /// Ever: the whole history, in the order in which it was recorded.
    Ever,
}

/// Whose delivery a current row came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveredBy {
    /// A run of one of these jobs.
    Jobs(Vec<String>),
    /// A run of any other job.
    Others(Vec<String>),
}

/// A question to one table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// The table.
    pub table: String,
    /// Columns to give, also the register's own; none: the national ones and the valid time.
    pub columns: Option<Vec<String>>,
    /// Of this owner only.
    pub owner: Option<String>,
    /// Of rows that came with such a delivery only.
    pub delivered_by: Option<DeliveredBy>,
    /// What is believed when.
    pub believed: Believed,
    /// Of slices that are valid on this day only.
    pub valid_on: Option<NaiveDate>,
    /// Of these keys only.
    pub keys: Option<Vec<[u8; 16]>>,
    /// Where these text columns have these values only: how a person asks for a key.
    pub equal: Vec<(String, String)>,
}

/// Keys and content hashes of current rows, position by position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyBatch {
    /// The keys.
    pub keys: Vec<[u8; 16]>,
    /// The hashes of what was delivered for them.
    pub hashes: Vec<i64>,
}

/// Keys that one statement asks for.
const KEYS_AT_ONCE: usize = 8192;
/// Batches that may wait for their reader.
const AHEAD: usize = 2;

impl Store {
    /// The columns of an answer and the statements that give it, one for each part of the keys.
    /// `further` is a condition on the slices `t` beyond the question's own.
    async fn statements(&self, question: &Question, further: Option<&str>) -> Result<(Vec<Slot>, Vec<String>)> {
        let layout = self.layout(&question.table)?;
        let slots = layout.select(question.columns.as_deref())?;
        let believed = match question.believed {
            Believed::At(instant) => Believed::AtSeq(self.seq_at(instant).await?),
            other => other,
        };
        let dialect = self.database.dialect();
        let mut condition = condition(layout, dialect, question, believed)?;
        if let Some(further) = further {
            condition = format!("{condition} AND ({further})");
        }
        let columns: Vec<String> = slots.iter().map(|s| column(layout, s, believed)).collect();
        let columns = if columns.is_empty() { "1".to_owned() } else { columns.join(", ") };
        let order =
            if believed == Believed::Ever { " ORDER BY t._seq_fran, t._nyckel, t.giltig_fran, t._id" } else { "" };
        let select =
            |keys: &str| format!("SELECT {columns} FROM {} t WHERE {condition}{keys}{order}", layout.sql_name());
        let statements = match &question.keys {
            None => vec![select("")],
            Some(keys) => keys
                .chunks(KEYS_AT_ONCE)
                .map(|part| {
                    let keys: Vec<String> = part.iter().map(|key| key_literal(dialect, key)).collect();
                    select(&format!(" AND t.{KEY} IN ({})", keys.join(",")))
                })
                .collect(),
        };
        Ok((slots, statements))
    }

    /// The last publication whose recorded time is not after `instant`.
    pub(crate) async fn seq_at(&self, instant: DateTime<Utc>) -> Result<u64> {
        let sql = "SELECT COALESCE(MAX(publish_seq), 0) FROM korning WHERE publish_seq IS NOT NULL AND ended <= $1";
        let rows = self.database.fetch("find a publication", sql, &[instant.into()]).await?;
        rows.into_iter().next().map_or(Ok(0), |mut row| row.count())
    }

    /// Answers a question, batch by batch. The reading runs ahead of its reader by two batches.
    pub(crate) async fn answer(&self, question: &Question) -> Result<Batches> {
        let (slots, statements) = self.statements(question, None).await?;
        if slots.is_empty() {
            return Err(RegisterError::table(&question.table, "was asked for no column"));
        }
        Ok(self.stream(slots, statements))
    }

    fn stream(&self, slots: Vec<Slot>, statements: Vec<String>) -> Batches {
        let (send, receive) = mpsc::channel(AHEAD);
        let store = self.clone();
        let work = tokio::spawn(async move {
            for sql in statements {
                match store.database.as_ref() {
                    Database::Sqlite(pools) => pools.read(&sql, &slots, &send).await?,
                    Database::Postgres(pool) => postgres::read(pool, &sql, &slots, &send).await?,
                }
                if send.is_closed() {
                    break;
                }
            }
            Ok(())
        });
        // The channel also closes when the work fails or panics: that must not look like the end.
        stream::unfold(Some((receive, work)), |state| async {
            let (mut receive, work) = state?;
            if let Some(batch) = receive.recv().await {
                return Some((Ok(batch), Some((receive, work))));
            }
            match work.await {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some((Err(error), None)),
                Err(_) => {
                    let cause = Cause("reading broke off".to_owned());
                    Some((Err(RegisterError::Database { doing: "read rows", cause }), None))
                }
            }
        })
        .boxed()
    }

    /// Keys and content hashes of the current rows of an owner, or of all.
    pub(crate) async fn current(
        &self,
        table: &str,
        owner: Option<&str>,
        delivered_by: Option<DeliveredBy>,
    ) -> Result<BoxStream<'static, Result<KeyBatch>>> {
        let question = Question {
            table: table.to_owned(),
            columns: Some(vec![KEY.to_owned(), CONTENT.to_owned()]),
            owner: owner.map(str::to_owned),
            delivered_by,
            believed: Believed::Current,
            ..Question::default()
        };
        Ok(self.answer(&question).await?.map(|batch| key_batch(&batch?)).boxed())
    }

    /// Which of `keys` have a slice that is believed then and meets the further condition.
    async fn keys_with(
        &self,
        table: &str,
        keys: &[[u8; 16]],
        believed: Believed,
        further: &str,
    ) -> Result<Vec<[u8; 16]>> {
        let question = Question {
            table: table.to_owned(),
            columns: Some(vec![KEY.to_owned(), CONTENT.to_owned()]),
            believed,
            keys: Some(keys.to_vec()),
            ..Question::default()
        };
        let (slots, statements) = self.statements(&question, Some(further)).await?;
        let mut batches = self.stream(slots, statements);
        let mut found = vec![];
        while let Some(batch) = batches.next().await {
            found.extend(key_batch(&batch?)?.keys);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Which of `keys` are current under another owner than `owner`.
    pub(crate) async fn foreign(&self, table: &str, owner: &str, keys: &[[u8; 16]]) -> Result<Vec<[u8; 16]>> {
        let others = format!("t._agare <> {}", literal(owner));
        self.keys_with(table, keys, Believed::Current, &others).await
    }

    /// Which of `keys` a delivery after the one that `run` reads has published or ended, or has brought as
    /// they were when they had been stale.
    pub(crate) async fn superseded(&self, run: &str, table: &str, keys: &[[u8; 16]]) -> Result<Vec<[u8; 16]>> {
        let later = format!(
            "(SELECT publish_seq FROM korning WHERE publish_seq IS NOT NULL \
             AND delivery_nr > (SELECT delivery_nr FROM korning WHERE id = {}))",
            literal(run)
        );
        let touched = format!(
            "t._seq_fran IN {later} OR t._seq_till IN {later} OR EXISTS (SELECT 1 FROM inaktuell i \
             WHERE i.table_name = {} AND i.key_hash = t._nyckel AND i.seq_to IN {later})",
            literal(table)
        );
        self.keys_with(table, keys, Believed::Ever, &touched).await
    }

    /// The keys of an owner's rows that are marked as stale.
    pub(crate) async fn stale(&self, table: &str, owner: &str) -> Result<Vec<[u8; 16]>> {
        self.layout(table)?;
        let sql =
            "SELECT key_hash FROM inaktuell WHERE table_name = $1 AND owner = $2 AND seq_to IS NULL ORDER BY key_hash";
        let rows = self.database.fetch("list stale rows", sql, &[table.into(), owner.into()]).await?;
        rows.into_iter().map(|mut row| row.key()).collect()
    }

    /// Answers one SELECT in SQL, whatever tables it reads, with at most `limit` rows.
    pub(crate) async fn ask(&self, sql: &str, limit: u32) -> Result<RecordBatch> {
        let sql = one_select(sql)?;
        // As a subquery nothing but a reading statement can stand there.
        let sql = format!("SELECT * FROM ({sql}\n) AS fraga LIMIT {limit}");
        let (names, rows) = self.database.ask(&sql).await?;
        let mut fields = vec![];
        let mut columns: Vec<ArrayRef> = vec![];
        for (i, name) in names.iter().enumerate() {
            let array = untyped(rows.iter().map(|row| row.get(i).unwrap_or(&Cell::Null)));
            fields.push(Field::new(name, array.data_type().clone(), true));
            columns.push(array);
        }
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows.len()));
        Ok(RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)?)
    }
}

impl Store {
    /// When a key was marked as stale.
    pub(crate) async fn times_stale(&self, table: &str, key: &[u8; 16]) -> Result<Vec<(u64, Option<u64>)>> {
        let sql = format!(
            "SELECT seq_from, seq_to FROM inaktuell WHERE table_name = $1 AND key_hash = {} ORDER BY seq_from",
            key_literal(self.database.dialect(), key)
        );
        let rows = self.database.fetch("list stale marks", &sql, &[table.into()]).await?;
        rows.into_iter().map(|mut row| Ok((row.count()?, row.count_or_none()?))).collect()
    }

    /// The keys that publications after one and up to another touched, by the indexes of both numbers.
    pub(crate) fn touched(
        &self,
        table: &str,
        owner: Option<&str>,
        after: u64,
        to: u64,
    ) -> Result<BoxStream<'static, Result<Vec<[u8; 16]>>>> {
        let layout = self.layout(table)?;
        let own = owner.map(|owner| format!(" AND t._agare = {}", literal(owner))).unwrap_or_default();
        let part = |seq: &str| {
            format!("SELECT t.{KEY} FROM {} t WHERE t.{seq} > {after} AND t.{seq} <= {to}{own}", layout.sql_name())
        };
        let sql = format!("{} UNION {} ORDER BY 1", part("_seq_fran"), part("_seq_till"));
        let slots = layout.select(Some(&[KEY.to_owned()]))?;
        Ok(self.stream(slots, vec![sql]).map(|batch| keys(&batch?)).boxed())
    }
}

fn keys(batch: &RecordBatch) -> Result<Vec<[u8; 16]>> {
    let damaged = || RegisterError::Database { doing: "read keys", cause: Cause("unexpected columns".to_owned()) };
    let keys = batch.column(0).as_fixed_size_binary_opt().ok_or_else(damaged)?;
    let (keys, rest) = keys.value_data().as_chunks::<16>();
    if rest.is_empty() && keys.len() == batch.num_rows() { Ok(keys.to_vec()) } else { Err(damaged()) }
}

fn key_batch(batch: &RecordBatch) -> Result<KeyBatch> {
    let damaged = || RegisterError::Database { doing: "read keys", cause: Cause("unexpected columns".to_owned()) };
    let keys = batch.column(0).as_fixed_size_binary_opt().ok_or_else(damaged)?;
    let hashes = batch.column(1).as_primitive_opt::<Int64Type>().ok_or_else(damaged)?;
    let (keys, rest) = keys.value_data().as_chunks::<16>();
    if !rest.is_empty() || keys.len() < batch.num_rows() {
        return Err(damaged());
    }
    Ok(KeyBatch { keys: keys.to_vec(), hashes: hashes.values().to_vec() })
}

/// A column of the answer as SQL.
pub(super) fn column(layout: &Layout, slot: &Slot, believed: Believed) -> String {
    if slot.name != STALE {
        return format!("t.{}", quoted(&slot.name));
    }
    let when = match believed {
        Believed::AtSeq(seq) => format!("i.seq_from <= {seq} AND (i.seq_to IS NULL OR i.seq_to > {seq})"),
        // Whether it was stale at any time while it was believed.
        Believed::Ever | Believed::At(_) => "(t._seq_till IS NULL OR i.seq_from < t._seq_till) \
             AND (i.seq_to IS NULL OR i.seq_to > t._seq_fran)"
            .to_owned(),
        Believed::Now | Believed::Current => "i.seq_to IS NULL".to_owned(),
    };
    format!(
        "(t._aktuell = TRUE AND EXISTS (SELECT 1 FROM inaktuell i WHERE i.table_name = {} \
         AND i.key_hash = t.{KEY} AND {when})) AS {STALE}",
        literal(layout.name())
    )
}

fn condition(layout: &Layout, dialect: Dialect, question: &Question, believed: Believed) -> Result<String> {
    let mut all = vec![match believed {
        Believed::Now => "t.reg_till IS NULL".to_owned(),
        Believed::Current => "t.reg_till IS NULL AND t._aktuell = TRUE".to_owned(),
        Believed::AtSeq(seq) => format!("t._seq_fran <= {seq} AND (t._seq_till IS NULL OR t._seq_till > {seq})"),
        Believed::Ever | Believed::At(_) => "TRUE".to_owned(),
    }];
    if let Some(owner) = &question.owner {
        all.push(format!("t._agare = {}", literal(owner)));
    }
    if let Some(by) = &question.delivered_by {
        let (jobs, whether) = match by {
            DeliveredBy::Jobs(jobs) => (jobs, "IN"),
            DeliveredBy::Others(jobs) => (jobs, "NOT IN"),
        };
        all.push(format!("t._korning {whether} {}", runs_of(jobs)));
    }
    if let Some(day) = question.valid_on {
        let day = date_literal(dialect, day);
        all.push(format!("(t.giltig_fran IS NULL OR t.giltig_fran <= {day})"));
        all.push(format!("(t.giltig_till IS NULL OR t.giltig_till > {day})"));
    }
    for (name, value) in &question.equal {
        let text = layout.readable.iter().any(|s| &s.name == name && s.holds == Holds::Value(Kind::Text));
        if !text {
            return Err(RegisterError::UnknownColumn { table: layout.name().to_owned(), column: name.clone() });
        }
        if value.contains('\0') {
            return Ok("FALSE".to_owned());
        }
        all.push(format!("t.{} = {}", quoted(name), literal(value)));
    }
    Ok(all.join(" AND "))
}

/// Checks that `sql` is one statement that reads.
fn one_select(sql: &str) -> Result<&str> {
    let sql = sql.trim().trim_end_matches(';').trim_end();
    let first: String = sql.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    if !matches!(first.as_str(), "select" | "with" | "values") {
        return Err(RegisterError::Query("it does not begin with SELECT, WITH or VALUES"));
    }
    // A semicolon could only begin another statement, or stand in a literal, where its SQL escape
    // or a parameter serves as well.
    if sql.contains(';') {
        return Err(RegisterError::Query("it holds a semicolon"));
    }
    if sql.contains('\0') {
        return Err(RegisterError::Query("it holds a null character"));
    }
    Ok(sql)
}

/// A column of cells whose type only the cells tell: the narrowest that holds them all.
fn untyped<'a>(cells: impl Iterator<Item = &'a Cell> + Clone) -> ArrayRef {
    let has = |wanted: fn(&Cell) -> bool| cells.clone().any(wanted);
    let text = has(|c| matches!(c, Cell::Text(_)));
    let bytes = has(|c| matches!(c, Cell::Bytes(_)));
    let real = has(|c| matches!(c, Cell::Real(_)));
    let integer = has(|c| matches!(c, Cell::Int(_)));
    if bytes && !text && !real && !integer {
        let mut builder = BinaryBuilder::new();
        cells.for_each(|cell| builder.append_option(if let Cell::Bytes(b) = cell { Some(b) } else { None }));
        return Arc::new(builder.finish());
    }
    if real && !text && !bytes {
        let mut builder = Float64Builder::new();
        for cell in cells {
            match cell {
                Cell::Real(value) => builder.append_value(*value),
                // Beside fractions an integer is shown as one: exact up to 2^53.
                #[expect(clippy::cast_precision_loss, reason = "a mixed column of an untyped answer")]
                Cell::Int(value) => builder.append_value(*value as f64),
                _ => builder.append_null(),
            }
        }
        return Arc::new(builder.finish());
    }
    if integer && !text && !bytes {
        let mut builder = Int64Builder::new();
        cells.for_each(|cell| builder.append_option(if let Cell::Int(v) = cell { Some(*v) } else { None }));
        return Arc::new(builder.finish());
    }
    let mut builder = StringViewBuilder::new();
    for cell in cells {
        match cell {
            Cell::Null => builder.append_null(),
            Cell::Text(text) => builder.append_value(text),
            Cell::Int(value) => builder.append_value(value.to_string()),
            Cell::Real(value) => builder.append_value(value.to_string()),
            Cell::Bytes(bytes) => builder.append_value(hex(bytes)),
        }
    }
    Arc::new(builder.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_reading_statement_may_be_asked() {
        assert!(one_select("SELECT 1").is_ok());
        assert!(one_select(" with x as (select 1) select * from x ; ").is_ok());
        assert!(one_select("DELETE FROM avtal").is_err());
        assert!(one_select("SELECT 1; DELETE FROM avtal").is_err());
        assert!(one_select("ATTACH 'x' AS y").is_err());
        assert!(one_select("").is_err());
    }
}
