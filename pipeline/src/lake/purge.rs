//! Taking values out of the lake for good: the table is written anew without them, and every earlier
//! file, log entry and checkpoint goes, since their statistics hold values.
//!
//! Order matters for a process that is killed: the new version is committed, then its checkpoint written,
//! and only then is anything older removed. Whoever reads the table at any moment finds a whole one.
//! Readers of earlier versions do not: that is what erasing means.

use std::collections::HashSet;

use deltalake::DeltaTable;
use deltalake::protocol::checkpoints::create_checkpoint;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use serde_json::Value;
use sluss_schemas::table::{Store, Table};

use super::cleared::Closed;
use super::project::{Manifest, ManifestKind, Projector, commit, files, transaction};
use super::stage::partition_name;
use super::sweep::path;
use super::trouble::failed;
use crate::error::Result;

/// What a table lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Purged {
    /// The version that readers find now.
    pub version: u64,
    /// Data files that are gone.
    pub files: u64,
    /// Entries and checkpoints of the log that are gone.
    pub log: u64,
}

impl Projector<'_> {
    /// Writes a table anew as the register has it, or without these partitions where its rows are in the
    /// lake only, and removes everything older. Call while holding the lake's lock, after
    /// [`catch_up`](Self::catch_up) and after the register has lost the rows. Can be repeated.
    pub async fn purge(&self, table: &Table, partitions: &[String]) -> Result<Option<Purged>> {
        let Some(mut delta) = self.lake.find(table).await? else { return Ok(None) };
        delta.update_state().await?;
        let Some(seq) = transaction(&delta).await? else { return Ok(None) };
        let (adds, removes) = match table.store {
            Store::Register => {
                let closed = Closed::of(self.register, self.today).await?;
                (self.rows_of(&delta, table, None, seq, &closed).await?, files(&delta, |_| true).await?)
            }
            Store::Lake => (Vec::new(), files(&delta, |values| partitions.contains(&partition_name(values))).await?),
        };
        commit(&mut delta, Some(seq), adds, removes).await?;
        crate::fail::point("gallrad-skriven");
        delta.update_state().await?;
        let version = super::project::version_of(&delta)?;
        create_checkpoint(&delta, None).await?;
        crate::fail::point("gallrad-punkt");
        let mut purged = Purged { version, ..Purged::default() };
        self.drop_older(table, &delta, &mut purged).await?;
        Ok(Some(purged))
    }

    /// Removes what the version does not need: log entries and checkpoints before it, and every data file
    /// that it does not name and no publication is about to.
    async fn drop_older(&self, table: &Table, delta: &DeltaTable, purged: &mut Purged) -> Result<()> {
        let store = delta.object_store();
        let active = delta.get_active_add_actions_by_partitions(&[]);
        let mut wanted: HashSet<Path> = active.map_ok(|file| file.object_store_path()).try_collect().await?;
        for (entry, version) in self.register.manifests(&table.name).await? {
            if version.is_some() {
                continue;
            }
            if let Ok(Manifest { kind: ManifestKind::Files { add, .. }, .. }) = serde_json::from_value(entry.actions) {
                wanted.extend(add.iter().map(|file| path(&file.path)));
            }
        }
        let listed: Vec<_> = store.list(None).try_collect().await.map_err(failed)?;
        for file in listed {
            let name = file.location.as_ref();
            let in_log = name.starts_with("_delta_log/");
            let goes = if in_log {
                log_version(name).is_some_and(|of| of < purged.version)
            } else {
                name.ends_with(".parquet") && !wanted.contains(&file.location)
            };
            if !goes {
                continue;
            }
            match store.delete(&file.location).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(failed(error)),
            }
            *if in_log { &mut purged.log } else { &mut purged.files } += 1;
        }
        Ok(())
    }
}

/// The version that a file of the log belongs to: twenty digits at the beginning of its name.
fn log_version(name: &str) -> Option<u64> {
    let name = name.rsplit('/').next()?;
    name.get(..20).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}

/// Takes the files of these partitions out of a manifest in the ledger. Whether it had any.
pub(crate) fn without_partitions(actions: &mut Value, partitions: &[String]) -> bool {
    let Ok(mut manifest) = serde_json::from_value::<Manifest>(actions.clone()) else { return false };
    let ManifestKind::Files { add, .. } = &mut manifest.kind else { return false };
    let before = add.len();
    add.retain(|file| !partitions.contains(&partition_name(&file.partition_values)));
    if add.len() == before {
        return false;
    }
    serde_json::to_value(&manifest).map(|changed| *actions = changed).is_ok()
}
