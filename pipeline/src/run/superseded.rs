//! A replay reads an older delivery again: what a later delivery has published since is left alone.

use std::collections::HashSet;

use sluss_schemas::say;

use super::settle::{Settling, Standing};
use crate::error::{PipelineError, Result};
use crate::lake::{Manifest, ManifestKind};
use crate::merge::KeyHash;

impl Settling<'_> {
    /// Which of `keys` a later delivery than the replayed one has published or ended.
    pub(super) async fn superseded_keys(&self, table: &str, keys: &[KeyHash]) -> Result<HashSet<KeyHash>> {
        if self.standing == Standing::Latest || keys.is_empty() {
            return Ok(HashSet::new());
        }
        let bytes: Vec<[u8; 16]> = keys.iter().map(|key| key.to_be_bytes()).collect();
        let later = self.register.superseded_keys(self.run, table, &bytes).await?;
        Ok(later.into_iter().map(KeyHash::from_be_bytes).collect())
    }

    /// The partitions of a lake table that a later delivery has published or ended.
    pub(super) async fn superseded_partitions(&self, table: &str) -> Result<HashSet<String>> {
        if self.standing == Standing::Latest {
            return Ok(HashSet::new());
        }
        let later = self.register.later_publications(self.run).await?;
        let mut partitions = HashSet::new();
        for (entry, _) in self.register.manifests(table).await? {
            if !later.contains(&entry.seq) {
                continue;
            }
            let manifest: Manifest = serde_json::from_value(entry.actions).map_err(|e| {
                PipelineError::us(say!(
                    "en ändringslista i huvudboken kan inte läsas",
                    "a manifest in the ledger cannot be read"
                ))
                .because(e)
            })?;
            if let ManifestKind::Files { replace, .. } = manifest.kind {
                partitions.extend(replace);
            }
        }
        Ok(partitions)
    }
}
