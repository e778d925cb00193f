//! Bringing the keyed hashes of sole traders' numbers to a new version of their key.
//!
//! The numbers are not stored, and need not be: versions are chained ([`crate::keys::pseudonym`]), so that the
//! new hash is made of the old one and equals what the next delivery gets. With it change, in the same
//! transaction: the row's key where it is part of that, a child's id that is made of its parent's key, the
//! content hash, events and stale marks. History is not rewritten by this: it says what it said, under other
//! keys. The guards that forbid all changes are taken down and put up again within the transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringViewArray};
use arrow::datatypes::Int64Type;
use futures::TryStreamExt;
use sluss_schemas::table::Identifier;
use sluss_schemas::table::ddl::{Dialect, ddl, quoted};

use super::Store;
use super::database::{Arg, Tx};
use super::erase::{Erasure, Targets};
use super::error::{Cause, RegisterError, Result};
use super::layout::{CONTENT, KEY, Layout};
use super::read::{Believed, Question};
use super::roles::{lower, raise};
use super::sql::key_literal;
use crate::merge::{content_hashes, identities, key_hashes};

/// A new version of the pseudonym key.
pub struct Rekeying<'a> {
    /// The id under which what is left to do is noted.
    pub id: &'a str,
    /// The version.
    pub version: u32,
    /// A stored hash, of whatever version, in the new one; none for what is no hash.
    pub rekey: &'a (dyn for<'t> Fn(&'t str) -> Option<String> + Send + Sync),
}

impl std::fmt::Debug for Rekeying<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rekeying").field("version", &self.version).finish_non_exhaustive()
    }
}

/// What changes in the rows of one key with one content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    key: ([u8; 16], [u8; 16]),
    content: (i64, i64),
    /// Column, old and new value.
    values: Vec<(String, String, String)>,
    /// The computed id, where the table has one.
    id: Option<(String, String)>,
}

impl Store {
    pub(crate) async fn noted_version(&self, current: u32) -> Result<u32> {
        let sql = "SELECT version FROM pseudonymversion WHERE id = 1";
        let rows = self.database.fetch("find the key's version", sql, &[]).await?;
        if let Some(mut row) = rows.into_iter().next() {
            return u32::try_from(row.count()?).map_err(|_| unexpected());
        }
        let sql = "INSERT INTO pseudonymversion (id, version) VALUES (1, $1) ON CONFLICT (id) DO NOTHING";
        self.database.execute("note the key's version", sql, &[u64::from(current).into()]).await?;
        Ok(current)
    }

    pub(crate) async fn rekey_rows(&self, to: &Rekeying<'_>) -> Result<Option<Erasure>> {
        if self.noted_version(to.version).await? >= to.version {
            return Ok(None);
        }
        let dialect = self.database.dialect();
        let mut tx = self.database.begin().await?;
        // Publications hold this row: nobody publishes until the keys are new.
        let sql = format!("SELECT publish_seq FROM sekvens WHERE id = 1{}", self.row_lock());
        tx.fetch("lock the counters", &sql, &[]).await?;
        let mut targets = Targets::default();
        let lowered = lower(&mut tx, self.layouts.keys().map(String::as_str)).await?;
        for layout in self.layouts.values() {
            let changes = self.changes(layout, to).await?;
            if changes.is_empty() {
                continue;
            }
            targets.rows.insert(layout.name().to_owned(), Vec::new());
            let guard = quoted(&format!("{}_andring", layout.name()));
            let on = if dialect == Dialect::Postgres { format!(" ON {}", layout.sql_name()) } else { String::new() };
            tx.define("take a guard down", &format!("DROP TRIGGER IF EXISTS {guard}{on}")).await?;
            for change in &changes {
                apply(&mut tx, layout, dialect, change).await?;
            }
            for statement in ddl(&layout.table, dialect) {
                tx.define("put a guard up", &statement).await?;
            }
        }
        raise(&mut tx, &lowered).await?;
        let sql = "UPDATE pseudonymversion SET version = $1 WHERE id = 1";
        tx.execute("note the key's version", sql, &[u64::from(to.version).into()]).await?;
        let erasure = Erasure {
            id: to.id.to_owned(),
            kind: "rekey".to_owned(),
            ground: format!("version {}", to.version),
            targets,
        };
        let noted = serde_json::to_value(&erasure.targets).map_err(|_| unexpected())?;
        let sql = "INSERT INTO gallring (id, kind, ground, begun, targets) VALUES ($1, $2, $3, $4, $5)";
        let args: [Arg; 5] = [
            to.id.into(),
            erasure.kind.as_str().into(),
            erasure.ground.as_str().into(),
            self.clock.now().into(),
            (&noted).into(),
        ];
        tx.execute("note a new key", sql, &args).await?;
        crate::fail::point("nyckel-fore");
        tx.commit().await?;
        crate::fail::point("nyckel-efter");
        Ok(Some(erasure))
    }

    /// Every change in one table. Read beside the transaction, which keeps others from publishing.
    async fn changes(&self, layout: &Arc<Layout>, to: &Rekeying<'_>) -> Result<BTreeSet<Change>> {
        let hashed = layout.table.column.iter().filter(|c| c.identifier == Some(Identifier::Orgnr));
        let hashed: Vec<&str> = hashed.map(|c| c.name.as_str()).collect();
        let mut changes = BTreeSet::new();
        if hashed.is_empty() {
            return Ok(changes);
        }
        let columns = layout.national.iter().map(|slot| slot.name.clone());
        let question = Question {
            table: layout.name().to_owned(),
            columns: Some(columns.chain([KEY.to_owned(), CONTENT.to_owned()]).collect()),
            believed: Believed::Ever,
            ..Question::default()
        };
        let mut rows = self.answer(&question).await?;
        while let Some(batch) = rows.try_next().await? {
            change_rows(layout, &hashed, &batch, to, &mut changes)?;
        }
        Ok(changes)
    }
}

fn change_rows(
    layout: &Layout,
    hashed: &[&str],
    before: &RecordBatch,
    to: &Rekeying<'_>,
    changes: &mut BTreeSet<Change>,
) -> Result<()> {
    let mut columns: BTreeMap<String, ArrayRef> = before
        .schema_ref()
        .fields()
        .iter()
        .zip(before.columns())
        .map(|(field, column)| (field.name().clone(), Arc::clone(column)))
        .collect();
    let mut values = vec![Vec::new(); before.num_rows()];
    for name in hashed {
        let Some(texts) = before.column_by_name(name).and_then(|column| column.as_string_view_opt()) else { continue };
        let mut after = Vec::with_capacity(texts.len());
        for (row, text) in texts.iter().enumerate() {
            let new = text.and_then(|text| (to.rekey)(text)).filter(|new| Some(new.as_str()) != text);
            if let (Some(old), Some(new), Some(values)) = (text, &new, values.get_mut(row)) {
                values.push(((*name).to_owned(), old.to_owned(), new.clone()));
            }
            after.push(new.or_else(|| text.map(str::to_owned)));
        }
        columns.insert((*name).to_owned(), Arc::new(after.into_iter().collect::<StringViewArray>()));
    }
    if values.iter().all(Vec::is_empty) {
        return Ok(());
    }
    let count = before.num_rows();
    let id = new_ids(layout, before, &mut columns, count)?;
    let of = |names: &mut dyn Iterator<Item = &str>, all: &BTreeMap<String, ArrayRef>| -> Vec<ArrayRef> {
        names.filter_map(|name| all.get(name).cloned()).collect()
    };
    let key_columns = of(&mut layout.table.key.iter().map(String::as_str), &columns);
    let keys = key_hashes(&key_columns.iter().collect::<Vec<_>>(), count).map_err(|_| unexpected())?;
    // The content hash is a sum over columns: only what changed is taken out and put in. What was delivered
    // is not always what stands in the row, whose period may have been cut.
    let touched: Vec<&str> = hashed.iter().copied().chain(id.as_deref()).collect();
    let part = |all: &dyn Fn(&str) -> Option<ArrayRef>| -> Result<Vec<i64>> {
        let named = touched.iter().filter_map(|name| Some((*name, all(name)?)));
        let batch = RecordBatch::try_from_iter_with_nullable(named.map(|(name, array)| (name, array, true)));
        content_hashes(&batch.map_err(|_| unexpected())?).map_err(|_| unexpected())
    };
    let old = part(&|name| before.column_by_name(name).cloned())?;
    let new = part(&|name| columns.get(name).cloned())?;
    let (Some(old_keys), Some(contents)) = (
        before.column_by_name(KEY).and_then(|keys| keys.as_fixed_size_binary_opt()),
        before.column_by_name(CONTENT).and_then(|contents| contents.as_primitive_opt::<Int64Type>()),
    ) else {
        return Err(unexpected());
    };
    for (row, values) in values.into_iter().enumerate().filter(|(_, values)| !values.is_empty()) {
        let (Some(Some(key)), Some(old), Some(new)) = (keys.get(row), old.get(row), new.get(row)) else {
            return Err(unexpected());
        };
        let old_key: [u8; 16] = old_keys.value(row).try_into().map_err(|_| unexpected())?;
        let content = contents.value(row);
        let id = id.as_ref().and_then(|name| {
            let ids = columns.get(name)?.as_string_view_opt()?;
            Some((name.clone(), ids.value(row).to_owned()))
        });
        changes.insert(Change {
            key: (old_key, key.to_be_bytes()),
            content: (content, content.wrapping_sub(*old).wrapping_add(*new)),
            values,
            id,
        });
    }
    Ok(())
}

/// Computes ids that were computed, of the new values. Gives the column, where any row's id was.
fn new_ids(
    layout: &Layout,
    before: &RecordBatch,
    columns: &mut BTreeMap<String, ArrayRef>,
    count: usize,
) -> Result<Option<String>> {
    let Some((id, identity)) = layout.table.identity() else { return Ok(None) };
    let rest = layout.table.key.iter().filter(|name| **name != id.name).map(String::as_str);
    let names: Vec<&str> = rest.chain(identity.iter().map(|c| c.name.as_str())).collect();
    let of = |find: &dyn Fn(&str) -> Option<ArrayRef>| -> Result<StringViewArray> {
        let parts: Vec<ArrayRef> = names.iter().filter_map(|name| find(name)).collect();
        identities(&parts.iter().collect::<Vec<_>>(), count).map_err(|_| unexpected())
    };
    let (old, new) = (of(&|name| before.column_by_name(name).cloned())?, of(&|name| columns.get(name).cloned())?);
    let Some(stored) = before.column_by_name(&id.name).and_then(|ids| ids.as_string_view_opt()) else {
        return Ok(None);
    };
    // An id that the source gave stays.
    let ids: StringViewArray = stored
        .iter()
        .zip(old.iter().zip(new.iter()))
        .map(|(stored, (old, new))| if stored == old { new } else { stored })
        .collect();
    columns.insert(id.name.clone(), Arc::new(ids));
    Ok(Some(id.name.clone()))
}

async fn apply(tx: &mut Tx, layout: &Layout, dialect: Dialect, change: &Change) -> Result<()> {
    let (old, new) = (key_literal(dialect, &change.key.0), key_literal(dialect, &change.key.1));
    let mut args: Vec<Arg> = vec![change.content.0.into(), change.content.1.into()];
    let (mut set, mut found) = (format!("_nyckel = {new}, _innehall = $2"), String::new());
    for (column, before, after) in &change.values {
        let column = quoted(column);
        args.push(before.as_str().into());
        let _ = write!(found, " AND {column} = ${}", args.len());
        args.push(after.as_str().into());
        let _ = write!(set, ", {column} = ${}", args.len());
    }
    if let Some((column, id)) = &change.id {
        args.push(id.as_str().into());
        let _ = write!(set, ", {} = ${}", quoted(column), args.len());
    }
    let sql = format!("UPDATE {} SET {set} WHERE _nyckel = {old} AND _innehall = $1{found}", layout.sql_name());
    tx.execute("give rows new keys", &sql, &args).await?;
    if old == new {
        return Ok(());
    }
    for (_, before, after) in &change.values {
        let sql = format!("UPDATE handelse SET key = REPLACE(key, $2, $3) WHERE table_name = $1 AND key_hash = {old}");
        tx.execute(
            "give events new keys",
            &sql,
            &[layout.name().into(), before.as_str().into(), after.as_str().into()],
        )
        .await?;
    }
    for ledger in ["handelse", "inaktuell"] {
        let sql = format!("UPDATE {ledger} SET key_hash = {new} WHERE table_name = $1 AND key_hash = {old}");
        tx.execute("give events new keys", &sql, &[layout.name().into()]).await?;
    }
    Ok(())
}

fn unexpected() -> RegisterError {
    RegisterError::Database { doing: "give rows new keys", cause: Cause("a row is of another form".to_owned()) }
}
