//! What of the register leaves for the lake: cleared columns (see [`super::table`]) of rows whose contract
//! is open. When a contract's status changes, by a decision or by time passing, its rows come or go.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringViewArray};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::DataType;
use chrono::{NaiveDate, TimeDelta};
use deltalake::DeltaTable;
use futures::TryStreamExt;
use sluss_schemas::secrecy::{Bond, Status, contract_name};
use sluss_schemas::table::{Store, Table, Tables};
use xxhash_rust::xxh3::xxh3_128;

use super::project::{Projector, commit_rows, transaction};
use super::table::Lake;
use crate::error::Result;
use crate::register::{Mirrored, Question, Register};

/// The contracts of which nothing leaves, on a day, and those that are open.
#[derive(Clone, Debug, Default)]
pub struct Closed {
    open: HashSet<String>,
    names: HashSet<String>,
    by_region: BTreeMap<String, BTreeSet<String>>,
}

impl Closed {
    /// As the register has them.
    pub async fn of(register: &Arc<dyn Register>, today: NaiveDate) -> Result<Self> {
        let mut closed = Self::default();
        for standing in register.secrecy(today, false).await? {
            let name = contract_name(&standing.lanskod, &standing.avtals_id);
            if standing.status == Status::Open {
                closed.open.insert(name);
                continue;
            }
            closed.names.insert(name.clone());
            closed.by_region.entry(standing.lanskod).or_default().insert(name);
        }
        Ok(closed)
    }

    /// The rows that may leave, of a table that hangs on contracts like this.
    pub fn open_rows(&self, bond: &Bond, rows: &RecordBatch) -> Result<RecordBatch> {
        let kept = match bond {
            Bond::None => return Ok(rows.clone()),
            Bond::Key { .. } => contracts_of(bond, rows, &|name| self.names.contains(name))?,
            Bond::Named(_) => {
                let hidden = |name: &str| !self.shows(name);
                names_of(bond, rows, &hidden)?
            }
        };
        if !kept.contains(&true) {
            return Ok(rows.clone());
        }
        Ok(filter_record_batch(rows, &kept.into_iter().map(|kept| Some(!kept)).collect::<BooleanArray>())?)
    }

    /// Whether what has this name is of an open contract and can be of no other. A contract that the
    /// register does not have is none: its rejected row may have said that it is secret.
    fn shows(&self, name: &str) -> bool {
        is_of(name, &|name| self.open.contains(name)) && !is_of(name, &|name| self.names.contains(name))
    }
}

/// A digest of names; empty where there are none.
fn digest<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let mut text = String::new();
    for name in names {
        text.push_str(name);
        text.push('\n');
    }
    if text.is_empty() { text } else { format!("{:032x}", xxh3_128(text.as_bytes())) }
}

/// Which rows name something of a contract that `wanted` wants by its whole name.
fn names_of(bond: &Bond, rows: &RecordBatch, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<bool>> {
    let mut hits = vec![false; rows.num_rows()];
    let Bond::Named(links) = bond else { return Ok(hits) };
    for link in links {
        let (Some(names), Some(kinds)) = (texts(rows, &link.column)?, texts(rows, &link.kind)?) else { continue };
        for (row, hit) in hits.iter_mut().enumerate() {
            let is_link = !kinds.is_null(row) && link.kinds.iter().any(|kind| kind == kinds.value(row));
            *hit |= is_link && (names.is_null(row) || wanted(names.value(row)));
        }
    }
    Ok(hits)
}

/// Which rows hang on a contract that `wanted` knows by its name.
pub(crate) fn contracts_of(bond: &Bond, rows: &RecordBatch, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<bool>> {
    let mut hits = vec![false; rows.num_rows()];
    match bond {
        Bond::None => {}
        Bond::Key { lanskod, avtals_id } => {
            let (Some(regions), Some(ids)) = (texts(rows, lanskod)?, texts(rows, avtals_id)?) else { return Ok(hits) };
            for (row, hit) in hits.iter_mut().enumerate() {
                *hit = !regions.is_null(row)
                    && !ids.is_null(row)
                    && wanted(&contract_name(regions.value(row), ids.value(row)));
            }
        }
        Bond::Named(_) => hits = names_of(bond, rows, &|name| is_of(name, wanted))?,
    }
    Ok(hits)
}

/// Whether a name, or what it begins with up to a slash, is wanted: an id may hold slashes itself.
fn is_of(name: &str, wanted: &dyn Fn(&str) -> bool) -> bool {
    let ends = name.match_indices('/').map(|(at, _)| at).skip(1).chain([name.len()]);
    ends.into_iter().any(|end| name.get(..end).is_some_and(wanted))
}

fn texts(rows: &RecordBatch, column: &str) -> Result<Option<StringViewArray>> {
    let Some(column) = rows.column_by_name(column) else { return Ok(None) };
    let column: ArrayRef = cast(column, &DataType::Utf8View)?;
    Ok(column.as_string_view_opt().cloned())
}

/// How `table` hangs on contracts.
pub(crate) fn bond_of(table: &Table, tables: &Tables) -> Bond {
    let table = tables.get(&table.name).unwrap_or(table);
    let own = [table];
    Bond::of(table, &|name| tables.get(name).or_else(|| own.iter().copied().find(|t| t.name == name)))
}

impl Projector<'_> {
    /// Whether rows are in the lake whose contract has closed since, or are not whose contract has opened.
    pub async fn is_behind(&self, closed: &Closed) -> Result<bool> {
        Ok(!self.changed(closed).await?.is_empty())
    }

    /// Tables and owners of which other contracts are kept back now than when they were last written.
    async fn changed(&self, closed: &Closed) -> Result<Vec<Mirrored>> {
        let mut before: BTreeMap<(String, String), String> = BTreeMap::new();
        for mirrored in self.register.mirrored_secrecy().await? {
            before.insert((mirrored.table, mirrored.owner), mirrored.digest);
        }
        let mut changed = Vec::new();
        for table in self.tables.iter().filter(|table| table.store == Store::Register) {
            let bond = bond_of(table, self.tables);
            if bond.is_none() {
                continue;
            }
            let mut owners: BTreeSet<String> =
                before.keys().filter(|(name, _)| *name == table.name).map(|(_, owner)| owner.clone()).collect();
            match table.owner {
                Some(_) => owners.extend(closed.by_region.keys().cloned()),
                None => owners.extend([String::new()]),
            }
            for owner in owners {
                let digest = self.digest(table, &bond, &owner, closed).await?;
                let known = before.get(&(table.name.clone(), owner.clone()));
                if known.map_or("", String::as_str) != digest {
                    changed.push(Mirrored { table: table.name.clone(), owner, digest });
                }
            }
        }
        Ok(changed)
    }

    /// A digest of what is kept back of `owner`'s rows, or of all; empty where nothing is.
    async fn digest(&self, table: &Table, bond: &Bond, owner: &str, closed: &Closed) -> Result<String> {
        let links = match bond {
            Bond::None => return Ok(String::new()),
            Bond::Key { .. } => return Ok(digest(closed.by_region.get(owner).into_iter().flatten())),
            Bond::Named(links) => links,
        };
        let mut hidden = BTreeSet::new();
        for link in links {
            for kind in &link.kinds {
                let mut rows = self
                    .register
                    .read(&Question {
                        table: table.name.clone(),
                        columns: Some(vec![link.column.clone()]),
                        equal: vec![(link.kind.clone(), kind.clone())],
                        ..Question::default()
                    })
                    .await?;
                while let Some(batch) = rows.try_next().await? {
                    let names = texts(&batch, &link.column)?;
                    let names = names.iter().flat_map(|names| names.iter().flatten());
                    hidden.extend(names.filter(|name| !closed.shows(name)).map(str::to_owned));
                }
            }
        }
        Ok(digest(hidden.iter()))
    }

    /// Writes anew what has changed since the lake was last written. Call while holding the lake's lock,
    /// when no manifest is pending. Gives how many tables of owners that were.
    pub(super) async fn renew(&self, closed: &Closed) -> Result<usize> {
        let changed = self.changed(closed).await?;
        for mirrored in &changed {
            let Some(table) = self.tables.get(&mirrored.table) else { continue };
            let delta = match self.lake.find(table).await? {
                Some(delta) => Some((transaction(&delta).await?, delta)),
                None => None,
            };
            let Some((Some(seq), mut delta)) = delta else {
                // Nothing has been published there: what comes first is written without them.
                self.register.note_mirrored_secrecy(mirrored, None).await?;
                continue;
            };
            let owner = Some(mirrored.owner.as_str()).filter(|owner| !owner.is_empty());
            let version = commit_rows(self, &mut delta, table, owner, seq, closed, None).await?;
            forget(self.lake, table).await?;
            self.register.note_mirrored_secrecy(mirrored, Some(version)).await?;
        }
        Ok(changed.len())
    }

    /// Notes that a table of an owner has been written with these contracts kept back. Where they are
    /// others than before, files of earlier versions go at once.
    pub(super) async fn mirrored(&self, table: &Table, owner: Option<&str>, closed: &Closed) -> Result<()> {
        let bond = bond_of(table, self.tables);
        if bond.is_none() {
            return Ok(());
        }
        let owner = owner.unwrap_or_default().to_owned();
        let mirrored =
            Mirrored { digest: self.digest(table, &bond, &owner, closed).await?, table: table.name.clone(), owner };
        let all = self.register.mirrored_secrecy().await?;
        let known = all.iter().find(|known| known.table == mirrored.table && known.owner == mirrored.owner);
        if known.map_or("", |known| known.digest.as_str()) == mirrored.digest {
            return Ok(());
        }
        forget(self.lake, table).await?;
        Ok(self.register.note_mirrored_secrecy(&mirrored, None).await?)
    }
}

/// Removes every file that the table no longer reads: a contract that closes must not lie in earlier
/// versions for the week that Delta keeps them. Who reads one of those reads again.
async fn forget(lake: &Lake, table: &Table) -> Result<()> {
    let Some(delta): Option<DeltaTable> = lake.find(table).await? else { return Ok(()) };
    delta.vacuum().with_retention_period(TimeDelta::zero()).with_enforce_retention_duration(false).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_of_a_contract_also_with_more_parts_and_with_slashes_in_its_id() {
        let wanted = |name: &str| name == "22/HSN 2020/12";
        assert!(is_of("22/HSN 2020/12", &wanted));
        assert!(is_of("22/HSN 2020/12/U1", &wanted));
        assert!(!is_of("22/HSN 2020/123", &wanted));
        assert!(!is_of("22", &wanted));
    }
}
