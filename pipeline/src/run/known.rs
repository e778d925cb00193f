//! What a run must know of the register before it begins: code systems, crosswalks, keys pointed at.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, StringViewArray};
use arrow::datatypes::Date32Type;
use chrono::{Duration, NaiveDate};
use futures::TryStreamExt;
use sluss_schemas::code::{CodeIndex, CodeRow, Crosswalk, Degree, MappingRow, MemberRow};
use sluss_schemas::say;
use sluss_schemas::table::{Store, Table, Tables};
use tokio::sync::Mutex;

use crate::error::{PipelineError, Result};
use crate::keys::Pseudonymiser;
use crate::map::Lookups;
use crate::merge::KeyHash;
use crate::register::Register;
use crate::validate::KnownKeys;

/// What runs of one process share of the register, each part as of the last publication that
/// touched its tables.
#[derive(Default)]
pub(super) struct Known {
    codes: Mutex<Option<AsOf<CodeIndex>>>,
    keys: Mutex<HashMap<String, AsOf<HashSet<KeyHash>>>>,
}

/// What was read, and the publication that it holds for.
struct AsOf<T> {
    seq: u64,
    read: Arc<T>,
}

/// The tables that code systems are in.
const CODE_TABLES: [&str; 3] = ["kod", "vardomrade", "kodmappning"];

impl Known {
    /// The code systems as they are now. Runs that ask at the same time wait for one reading.
    pub(super) async fn codes(&self, register: &Arc<dyn Register>) -> Result<Arc<CodeIndex>> {
        let mut codes = self.codes.lock().await;
        let seq = register.last_change(&CODE_TABLES).await?;
        if let Some(known) = codes.as_ref().filter(|known| known.seq == seq) {
            return Ok(Arc::clone(&known.read));
        }
        let mut index = CodeIndex::default();
        for name in CODE_TABLES {
            let mut rows = register.scan(name, None, None).await?;
            while let Some(batch) = rows.try_next().await? {
                add(&mut index, name, &batch)?;
            }
        }
        let index = Arc::new(index.finish());
        *codes = Some(AsOf { seq, read: Arc::clone(&index) });
        Ok(index)
    }

    /// Hashes of a table's current keys, of every owner.
    async fn keys(&self, register: &Arc<dyn Register>, table: &str) -> Result<Arc<HashSet<KeyHash>>> {
        let mut known = self.keys.lock().await;
        let seq = register.last_change(&[table]).await?;
        if let Some(known) = known.get(table).filter(|known| known.seq == seq) {
            return Ok(Arc::clone(&known.read));
        }
        let keys = Arc::new(keys_of(register, table, None).await?);
        known.insert(table.to_owned(), AsOf { seq, read: Arc::clone(&keys) });
        Ok(keys)
    }

    /// The keys that the columns of `table` may point at, for tables that this delivery does not feed.
    pub(super) async fn references(
        &self,
        table: &Table,
        feeds: &[String],
        register: &Arc<dyn Register>,
        tables: &Tables,
    ) -> Result<Vec<KnownKeys>> {
        let mut known = Vec::new();
        for (position, column) in table.column.iter().enumerate() {
            let Some(reference) = &column.references else { continue };
            let Some(target) = tables.get(&reference.table) else { continue };
            if feeds.contains(&reference.table) || target.store != Store::Register {
                continue;
            }
            let own = [column.name.clone()];
            let names = if reference.columns.is_empty() { &own[..] } else { reference.columns.as_slice() };
            let columns = names.iter().filter_map(|name| table.position(name)).collect();
            let column = u16::try_from(position).map_err(|_| {
                PipelineError::us(say!("en tabell med för många kolumner", "a table with too many columns"))
            })?;
            let keys = self.keys(register, &reference.table).await?;
            known.push(KnownKeys { column, columns, keys, missing: reference.missing });
        }
        Ok(known)
    }
}

fn optional(array: &StringViewArray, row: usize) -> Option<&str> {
    (!array.is_null(row)).then(|| array.value(row))
}

fn add(index: &mut CodeIndex, table: &str, batch: &RecordBatch) -> Result<()> {
    let text = |name: &str| -> Result<&StringViewArray> {
        batch.column_by_name(name).and_then(|c| c.as_string_view_opt()).ok_or_else(|| {
            PipelineError::us(say!("{table} har ingen textkolumn {name}", "{table} has no text column {name}"))
        })
    };
    let day = |name: &str, row: usize| -> Option<NaiveDate> {
        let dates = batch.column_by_name(name)?.as_primitive_opt::<Date32Type>()?;
        if dates.is_null(row) {
            return None;
        }
        NaiveDate::from_ymd_opt(1970, 1, 1)?.checked_add_signed(Duration::days(i64::from(dates.value(row))))
    };
    for row in 0..batch.num_rows() {
        match table {
            "kod" => index.add(&CodeRow {
                system: text("system")?.value(row),
                version: text("version")?.value(row),
                code: text("kod")?.value(row),
                label: optional(text("text")?, row),
                inactive: batch
                    .column_by_name("aktiv")
                    .and_then(|c| c.as_boolean_opt())
                    .is_some_and(|a| !a.is_null(row) && !a.value(row)),
                from: day("giltig_fran", row),
                to: day("giltig_till", row),
                successor: optional(text("ersatt_av")?, row),
            }),
            "vardomrade" => index.add_member(&MemberRow {
                set: text("omrade")?.value(row),
                system: text("system")?.value(row),
                code: text("kod")?.value(row),
                from: day("giltig_fran", row),
                to: day("giltig_till", row),
            }),
            _ => index.add_mapping(&MappingRow {
                from_system: text("fran_system")?.value(row),
                from: text("fran_kod")?.value(row),
                to_system: text("till_system")?.value(row),
                to: text("till_kod")?.value(row),
                degree: optional(text("grad")?, row).and_then(Degree::read).unwrap_or_default(),
            }),
        }
    }
    Ok(())
}

/// Hashes of a table's current keys.
pub(super) async fn keys_of(
    register: &Arc<dyn Register>,
    table: &str,
    owner: Option<&str>,
) -> Result<HashSet<KeyHash>> {
    let mut keys = HashSet::new();
    let mut current = register.current_keys(table, owner).await?;
    while let Some(batch) = current.try_next().await? {
        keys.extend(batch.keys.iter().map(|k| u128::from_be_bytes(*k)));
    }
    Ok(keys)
}

/// Crosswalks from the register and keyed hashes from the installation's keys.
pub(super) struct RunLookups {
    pub(super) codes: Arc<CodeIndex>,
    pub(super) orgnr: Pseudonymiser,
    pub(super) contact: Pseudonymiser,
    pub(super) other: Pseudonymiser,
}

impl Lookups for RunLookups {
    /// `name` is the source's own code system, or `from/to` where it leads to several.
    fn crosswalk(&self, name: &str, word: &str) -> Option<String> {
        let crosswalk = self.named(name)?;
        let target = crosswalk.one(word).or_else(|| crosswalk.one(word.trim()))?;
        Some(target.code.to_string())
    }

    fn has_crosswalk(&self, name: &str) -> bool {
        self.named(name).is_some()
    }

    fn pseudonym(&self, purpose: &str, text: &str) -> String {
        match purpose {
            "orgnr" => self.orgnr.hash(text),
            "vardkontakt_id" => self.contact.hash(text),
            other => self.other.hash(&format!("{other}\u{1f}{text}")),
        }
    }
}

impl RunLookups {
    fn named(&self, name: &str) -> Option<&Crosswalk> {
        match name.split_once('/') {
            Some((from, to)) => self.codes.crosswalk(from, to),
            None => self.codes.crosswalks().find(|(from, _, _)| *from == name).map(|(_, _, crosswalk)| crosswalk),
        }
    }
}
