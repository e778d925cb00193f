//! Removing from the lake what nobody will read: files that runs staged and never published, and
//! files that later publications replaced, when readers of earlier versions have had their time.

use std::collections::{BTreeMap, HashSet};
use std::path::Path as FilePath;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use deltalake::DeltaTable;
use deltalake::operations::vacuum::Clock;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use serde::Serialize;
use sluss_schemas::say;
use sluss_schemas::table::Table;

use super::project::{Manifest, ManifestKind, Projector};
use super::trouble::failed;
use crate::error::{PipelineError, Result};

/// What is removed of one lake table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TableSwept {
    /// The table.
    pub table: String,
    /// Files that were staged and that no publication names.
    pub staged: u64,
    /// Files that a publication replaced longer ago than Delta keeps them (a week).
    pub replaced: u64,
    /// Bytes that all these take.
    pub bytes: u64,
}

/// Which files may go.
#[derive(Clone, Copy, Debug)]
pub struct Broom {
    /// Files that were staged after this may belong to a run that is alive.
    pub staged_before: DateTime<Utc>,
    /// The time.
    pub now: DateTime<Utc>,
    /// Only look.
    pub dry: bool,
}

impl Projector<'_> {
    /// Sweeps every lake table. Call while holding the lake's lock. Tables of which nothing goes are
    /// not told.
    pub async fn sweep(&self, broom: Broom) -> Result<Vec<TableSwept>> {
        let mut all = Vec::new();
        for table in self.tables {
            let Some(delta) = self.lake.find(table).await? else { continue };
            let swept = self.sweep_table(table, delta, broom).await?;
            if swept.staged + swept.replaced > 0 {
                all.push(swept);
            }
        }
        Ok(all)
    }

    async fn sweep_table(&self, table: &Table, delta: DeltaTable, broom: Broom) -> Result<TableSwept> {
        let mut swept = TableSwept { table: table.name.clone(), ..TableSwept::default() };
        let store = delta.object_store();
        let known = self.known(table, &delta).await?;
        let (mut files, mut sizes) = (Vec::new(), BTreeMap::new());
        let mut listed = store.list(None);
        while let Some(file) = listed.try_next().await.map_err(failed)? {
            sizes.insert(file.location.to_string(), file.size);
            let is_data =
                !file.location.as_ref().starts_with("_delta_log") && file.location.as_ref().ends_with(".parquet");
            if is_data && file.last_modified < broom.staged_before && !known.contains(&file.location) {
                swept.bytes += file.size;
                files.push(file.location);
            }
        }
        drop(listed);
        swept.staged = files.len() as u64;
        if !broom.dry {
            for file in &files {
                remove(store.as_ref(), file).await?;
            }
        }
        if let Ok(folder) = delta.table_url().to_file_path() {
            unfinished(&folder, broom, &mut swept)?;
        }
        let vacuum = delta.vacuum().with_clock(Arc::new(At(broom.now))).with_dry_run(broom.dry);
        let (_, replaced) = vacuum.await?;
        swept.replaced = replaced.files_deleted.len() as u64;
        swept.bytes += replaced.files_deleted.iter().filter_map(|path| sizes.get(path)).sum::<u64>();
        Ok(swept)
    }

    /// Files that the table reads, those that it no longer reads, and those that it is about to.
    async fn known(&self, table: &Table, delta: &DeltaTable) -> Result<HashSet<Path>> {
        let active = delta.get_active_add_actions_by_partitions(&[]);
        let mut known: HashSet<Path> = active.map_ok(|file| file.object_store_path()).try_collect().await?;
        let (state, log) = (delta.snapshot()?, delta.log_store());
        let gone = state.all_tombstones(log.as_ref());
        known.extend(gone.map_ok(|file| path(&file.path())).try_collect::<Vec<_>>().await?);
        for (entry, version) in self.register.manifests(&table.name).await? {
            if version.is_some() {
                continue;
            }
            let manifest: Manifest = serde_json::from_value(entry.actions).map_err(|e| {
                PipelineError::us(say!(
                    "en ändringslista i huvudboken kan inte läsas",
                    "a manifest in the ledger cannot be read"
                ))
                .because(e)
            })?;
            if let ManifestKind::Files { add, .. } = manifest.kind {
                known.extend(add.iter().map(|file| path(&file.path)));
            }
        }
        Ok(known)
    }
}

/// A path as a Delta log writes it.
pub(super) fn path(written: &str) -> Path {
    Path::parse(written).unwrap_or_else(|_| Path::from(written))
}

async fn remove(store: &dyn ObjectStore, file: &Path) -> Result<()> {
    match store.delete(file).await {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

/// On disk a file that is being written has `#` and a number after its name. Where its process was
/// killed it stays, and no listing of the store shows it.
fn unfinished(folder: &FilePath, broom: Broom, swept: &mut TableSwept) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        if meta.is_dir() {
            unfinished(&entry.path(), broom, swept)?;
            continue;
        }
        let name = entry.file_name();
        let Some((_, number)) = name.to_str().and_then(|name| name.rsplit_once('#')) else { continue };
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && DateTime::<Utc>::from(meta.modified()?) < broom.staged_before {
            swept.staged += 1;
            swept.bytes += meta.len();
            if !broom.dry {
                std::fs::remove_file(entry.path())?;
            }
        }
    }
    Ok(())
}

/// A clock that stands.
#[derive(Debug)]
struct At(DateTime<Utc>);

impl Clock for At {
    fn current_timestamp_millis(&self) -> i64 {
        self.0.timestamp_millis()
    }
}
