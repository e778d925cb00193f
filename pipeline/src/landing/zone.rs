//! The folder of landed objects.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::content::ContentId;
use super::incoming::Incoming;
use super::object::ObjectReader;
use crate::keys::{self, Delivery, Error, Kept, KeyStore, Result, seal};

/// Where landed objects lie, and the keys that open them.
#[derive(Clone, Debug)]
pub struct Zone {
    root: PathBuf,
    keys: KeyStore,
}

/// One object, as its name tells.
pub(super) struct Entry {
    pub(super) delivery: Delivery,
    pub(super) content: ContentId,
    pub(super) path: PathBuf,
}

impl Zone {
    /// Uses the folder `root`, which need not exist yet.
    pub fn open(root: impl Into<PathBuf>, keys: KeyStore) -> Self {
        Self { root: root.into(), keys }
    }

    /// Begins a delivery, or goes on with one: makes its key where it has none. Give what comes back
    /// to the connector.
    pub fn begin(&self, delivery: &Delivery, kept: Kept, now: DateTime<Utc>) -> Result<Incoming> {
        let key = self.keys.create(delivery, kept, now)?;
        Ok(Incoming::new(self.root.join(delivery.owner()), key))
    }

    /// Opens an object of a delivery to read its plain bytes.
    pub fn read(&self, delivery: &Delivery, content: ContentId) -> Result<ObjectReader> {
        let key = self.keys.get(delivery)?;
        ObjectReader::open(&object_path(&self.root.join(delivery.owner()), content, delivery.run()), &key, content)
    }

    /// Addresses of a delivery's objects, in order.
    pub fn objects(&self, delivery: &Delivery) -> Result<Vec<ContentId>> {
        let mut out = Vec::new();
        self.walk_owner(delivery.owner(), &mut |entry| {
            if entry.delivery == *delivery {
                out.push(entry.content);
            }
            Ok(())
        })?;
        Ok(out)
    }

    /// The owner's deliveries in which a file with this content came, in the order of their runs' ids.
    pub fn copies(&self, owner: &str, content: ContentId) -> Result<Vec<Delivery>> {
        // The run's name is of no consequence here: it only lets the owner's name be checked.
        let owner = Delivery::new(owner, "any")?.owner().to_owned();
        let folder = self.root.join(&owner).join(first_byte(content));
        let address = content.to_string();
        let run = |name: &str| name.strip_prefix(&address)?.strip_prefix('.').map(str::to_owned);
        let runs = keys::files(&folder)?.into_iter().filter_map(|(name, _)| run(&name));
        Ok(runs.filter_map(|run| Delivery::new(&owner, &run).ok()).collect())
    }

    /// Erases a delivery: destroys its key first, from which moment neither its landed bytes nor its
    /// quarantine can be read, wherever copies of them are; then removes its landed objects. How many
    /// they were. Call [`crate::quarantine::Quarantine::remove`] for the other object.
    pub fn erase(&self, delivery: &Delivery) -> Result<u64> {
        self.keys.destroy(delivery)?;
        self.remove(delivery)
    }

    /// Removes a delivery's landed objects and leaves its key, which its quarantine may need.
    pub fn remove(&self, delivery: &Delivery) -> Result<u64> {
        let mut removed = 0;
        self.walk_owner(delivery.owner(), &mut |entry| {
            if entry.delivery == *delivery {
                removed += u64::from(keys::shred(&entry.path, seal::HEADER)?);
            }
            Ok(())
        })?;
        Ok(removed)
    }

    /// The keys that it uses.
    pub fn keys(&self) -> &KeyStore {
        &self.keys
    }

    /// Owners that have a folder, in order.
    pub(super) fn owners(&self) -> Result<Vec<(String, PathBuf)>> {
        let all = keys::files(&self.root)?;
        Ok(all.into_iter().filter(|(name, path)| Delivery::new(name, "any").is_ok() && path.is_dir()).collect())
    }

    pub(super) fn walk_owner(&self, owner: &str, each: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
        for (_, folder) in keys::files(&self.root.join(owner))? {
            if !folder.is_dir() {
                continue;
            }
            for (name, path) in keys::files(&folder)? {
                let Some((address, run)) = name.split_once('.') else { continue };
                if let (Ok(content), Ok(delivery)) = (address.parse(), Delivery::new(owner, run)) {
                    each(Entry { delivery, content, path })?;
                }
            }
        }
        Ok(())
    }
}

fn first_byte(content: ContentId) -> String {
    format!("{:02x}", content.0[0])
}

/// Where an object lies below its owner's folder.
pub(super) fn object_path(owner: &Path, content: ContentId, run: &str) -> PathBuf {
    owner.join(first_byte(content)).join(format!("{content}.{run}"))
}

/// The size of a file, 0 where it cannot be told.
pub(crate) fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |m| m.len())
}

/// No such object: erased, or never there.
pub(super) fn missing(delivery: &Delivery) -> Error {
    Error::Erased { delivery: delivery.to_string() }
}
