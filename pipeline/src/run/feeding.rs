//! Runs of one process that feed the same table for the same owner wait for each other.

use std::collections::HashMap;
use std::sync::Arc;

/// A table and an owner.
type TableOfOwner = (String, String);
/// Held while a run feeds it.
type Lock = Arc<tokio::sync::Mutex<()>>;

/// One lock for each table and owner that a run feeds.
#[derive(Default)]
pub(super) struct Feeding {
    locks: std::sync::Mutex<HashMap<TableOfOwner, Lock>>,
}

impl Feeding {
    /// Waits until no other run feeds any of `tables` for `owner`. Locks are taken in the order of
    /// their names, so that two runs never wait for each other.
    pub(super) async fn enter(&self, owner: &str, tables: &[String]) -> Vec<tokio::sync::OwnedMutexGuard<()>> {
        let mut names = tables.to_vec();
        names.sort();
        names.dedup();
        let mut held = Vec::with_capacity(names.len());
        for table in names {
            let lock = {
                let mut locks = self.locks.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                Arc::clone(locks.entry((table, owner.to_owned())).or_default())
            };
            held.push(lock.lock_owned().await);
        }
        held
    }
}
