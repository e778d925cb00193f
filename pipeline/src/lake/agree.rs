//! Whether the lake is what register and ledger say: table by table, file by file, row by row.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::SchemaRef;
use datafusion::prelude::SessionContext;
use deltalake::DeltaTable;
use futures::{StreamExt, TryStreamExt};
use sluss_schemas::say;
use sluss_schemas::table::{Store, Table};
use xxhash_rust::xxh3::xxh3_128;

use super::cleared::{Closed, bond_of};
use super::project::{Manifest, ManifestKind, Projector, transaction};
use super::stage::{partition_name, shaped};
use super::table::{lake_schema, partition_columns};
use crate::error::{PipelineError, Result};
use crate::ledger::Disagreement;
use crate::merge::identities;

impl Projector<'_> {
    /// Every place where the lake is not what has been published. Call while holding the lake's
    /// lock; publications after `base` are left out of account.
    pub async fn disagreements(&self, base: u64) -> Result<Vec<Disagreement>> {
        let mut found = Vec::new();
        let closed = Closed::of(self.register, self.today).await?;
        for table in self.tables {
            self.table_disagreements(table, base, &closed, &mut found).await?;
        }
        Ok(found)
    }

    async fn table_disagreements(
        &self,
        table: &Table,
        base: u64,
        closed: &Closed,
        found: &mut Vec<Disagreement>,
    ) -> Result<()> {
        let manifests = self.register.manifests(&table.name).await?;
        let (pending, projected): (Vec<_>, Vec<_>) = manifests
            .into_iter()
            .filter(|(manifest, _)| manifest.seq <= base)
            .partition(|(_, version)| version.is_none());
        if !pending.is_empty() {
            let count = pending.len();
            found.push(Disagreement::new(
                &table.name,
                format!("{count} publiceringar är inte överförda till lakehouse"),
                format!("{count} publications have not been projected to the lake"),
            ));
            return Ok(());
        }
        let Some(delta) = self.lake.find(table).await? else {
            if !projected.is_empty() {
                found.push(Disagreement::new(&table.name, "tabellen saknas i lakehouse", "the lake lacks the table"));
            }
            return Ok(());
        };
        let (last, done) = (projected.last().map(|(manifest, _)| manifest.seq), transaction(&delta).await?);
        if last != done {
            let say = |seq: Option<u64>| seq.map_or_else(|| "–".to_owned(), |seq| seq.to_string());
            found.push(Disagreement::new(
                &table.name,
                format!("lakehouse har publicering {}, registret {}", say(done), say(last)),
                format!("the lake has publication {}, the register {}", say(done), say(last)),
            ));
        }
        match table.store {
            Store::Register => self.rows_differ(table, &delta, base, closed, found).await,
            Store::Lake => {
                let manifests = projected.into_iter().map(|(manifest, _)| {
                    serde_json::from_value(manifest.actions).map_err(|e| {
                        PipelineError::us(say!(
                            "en ändringslista i huvudboken kan inte läsas",
                            "a manifest in the ledger cannot be read"
                        ))
                        .because(e)
                    })
                });
                self.files_differ(table, &delta, manifests.collect::<Result<_>>()?, found).await
            }
        }
    }

    /// The rows of each owner, in the register and in the lake.
    async fn rows_differ(
        &self,
        table: &Table,
        delta: &DeltaTable,
        base: u64,
        closed: &Closed,
        found: &mut Vec<Disagreement>,
    ) -> Result<()> {
        let (schema, owner) = (lake_schema(table), partition_columns(table).into_iter().next());
        let (mut register, bond) = (Sums::default(), bond_of(table, self.tables));
        let mut rows = self.register.current_rows(&table.name, None, base).await?;
        while let Some(batch) = rows.try_next().await? {
            let batch = closed.open_rows(&bond, &batch)?;
            register.add(&shaped(&batch, &schema, "")?, owner.as_deref())?;
        }
        let lake = sums(delta, &schema, owner.as_deref()).await?;
        let owners: BTreeSet<&String> = register.0.keys().chain(lake.0.keys()).collect();
        for owner in owners {
            let (should, is) = (register.of(owner), lake.of(owner));
            if should != is {
                let whose = if owner.is_empty() { String::new() } else { format!(" ({owner})") };
                found.push(Disagreement::new(
                    &table.name,
                    format!("registret har {} rader{whose}, lakehouse {}, och de är inte desamma", should.0, is.0),
                    format!("the register has {} rows{whose}, the lake {}, and they are not the same", should.0, is.0),
                ));
            }
        }
        Ok(())
    }

    /// The files of each partition: by the manifests one after the other, by the ledger's list, and
    /// in the lake, with their rows.
    async fn files_differ(
        &self,
        table: &Table,
        delta: &DeltaTable,
        manifests: Vec<Manifest>,
        found: &mut Vec<Disagreement>,
    ) -> Result<()> {
        let mut told = Files::new();
        for manifest in manifests {
            let ManifestKind::Files { add, replace } = manifest.kind else {
                let (sv, en) = ("ett manifest är av fel slag", "a manifest is of the wrong kind");
                found.push(Disagreement::new(&table.name, sv, en));
                continue;
            };
            told.retain(|partition, _| !replace.contains(partition));
            for file in add {
                told.entry(partition_name(&file.partition_values)).or_default().insert(file.path);
            }
        }
        let (mut listed, mut rows) = (Files::new(), BTreeMap::new());
        for partition in self.register.lake_partitions(&table.name).await? {
            let files = serde_json::from_value(partition.files).map_err(|e| {
                PipelineError::us(say!(
                    "en partition i huvudboken kan inte läsas",
                    "a partition in the ledger cannot be read"
                ))
                .because(e)
            })?;
            listed.insert(partition.partition.clone(), files);
            rows.insert(partition.partition, partition.rows);
        }
        let (mut active, mut counted) = (Files::new(), BTreeMap::<String, u64>::new());
        let files: Vec<_> = delta.get_active_add_actions_by_partitions(&[]).try_collect().await?;
        for file in files {
            let partition = partition_name(&file.partition_values_map());
            *counted.entry(partition.clone()).or_default() += file.num_records().unwrap_or_default() as u64;
            active.entry(partition).or_default().insert(file.path().into_owned());
        }
        for (files, sv, en) in [(&told, "manifesten", "the manifests"), (&active, "lakehouse", "the lake")] {
            if *files != listed {
                found.push(Disagreement::new(
                    &table.name,
                    format!("{sv} har andra filer än huvudbokens partitioner"),
                    format!("{en} and the ledger's partitions name different files"),
                ));
            }
        }
        if rows != counted {
            let sum = |of: &BTreeMap<String, u64>| of.values().sum::<u64>();
            found.push(Disagreement::new(
                &table.name,
                format!("huvudboken har {} rader, lakehouse {}", sum(&rows), sum(&counted)),
                format!("the ledger has {} rows, the lake {}", sum(&rows), sum(&counted)),
            ));
        }
        Ok(())
    }
}

/// Paths of files by partition.
type Files = BTreeMap<String, BTreeSet<String>>;

/// Rows and the sum of their hashes, by owner: the same whatever their order.
#[derive(Default)]
struct Sums(BTreeMap<String, (u64, u128)>);

impl Sums {
    fn of(&self, owner: &str) -> (u64, u128) {
        self.0.get(owner).copied().unwrap_or_default()
    }

    fn add(&mut self, rows: &RecordBatch, owner: Option<&str>) -> Result<()> {
        let columns: Vec<_> = rows.columns().iter().collect();
        let owners = owner.and_then(|name| rows.column_by_name(name)).and_then(|c| c.as_string_opt::<i32>());
        for (row, hash) in identities(&columns, rows.num_rows())?.iter().enumerate() {
            let owner = owners.filter(|o| !o.is_null(row)).map(|o| o.value(row)).unwrap_or_default();
            let sum = match self.0.get_mut(owner) {
                Some(sum) => sum,
                None => self.0.entry(owner.to_owned()).or_default(),
            };
            sum.0 += 1;
            sum.1 = sum.1.wrapping_add(xxh3_128(hash.unwrap_or_default().as_bytes()));
        }
        Ok(())
    }
}

async fn sums(delta: &DeltaTable, schema: &SchemaRef, owner: Option<&str>) -> Result<Sums> {
    let mut sums = Sums::default();
    let mut rows = SessionContext::new().read_table(delta.table_provider().await?)?.execute_stream().await?;
    while let Some(batch) = rows.next().await {
        sums.add(&shaped(&batch?, schema, "")?, owner)?;
    }
    Ok(sums)
}
