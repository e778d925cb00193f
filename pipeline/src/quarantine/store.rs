//! The folder of quarantine objects.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use sluss_schemas::chunk::RowId;

use super::read::Rows;
use super::replay::Replay;
use super::write::QuarantineWriter;
use crate::keys::seal::{self, Kind, SealReader};
use crate::keys::{self, Delivery, Error, Kept, KeyStore, PartialFile, Result};
use crate::landing::{Zone, size};

const SUFFIX: &str = ".rows";

/// What a sweep removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Deliveries whose rejected rows had been kept as long as they may.
    pub expired: Vec<Delivery>,
    /// Temporary files of runs that never finished.
    pub unfinished: u64,
    /// Bytes that these took on disk.
    pub bytes: u64,
}

/// Where quarantine objects lie, and the keys that open them.
#[derive(Clone, Debug)]
pub struct Quarantine {
    root: PathBuf,
    keys: KeyStore,
}

impl Quarantine {
    /// Uses the folder `root`, which need not exist yet.
    pub fn open(root: impl Into<PathBuf>, keys: KeyStore) -> Self {
        Self { root: root.into(), keys }
    }

    /// Begins a run's quarantine, with the key that its landed bytes have. Nothing is written before
    /// the first row, and nothing can be read before [`QuarantineWriter::finish`].
    pub fn begin(&self, delivery: &Delivery, kept: Kept, now: DateTime<Utc>) -> Result<QuarantineWriter> {
        let key = self.keys.create(delivery, kept, now)?;
        Ok(QuarantineWriter::new(self.path(delivery), key))
    }

    /// The rows of a run, in the order in which they were rejected; none where it has no quarantine
    /// (nothing was rejected, or all has been dropped).
    pub fn read(&self, delivery: &Delivery) -> Result<Option<Rows>> {
        let path = self.path(delivery);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::io(&path, "read")(e)),
        };
        let key = self.keys.get(delivery)?;
        let input = SealReader::new(BufReader::with_capacity(1 << 17, file), &key, Kind::Quarantine)?;
        Rows::new(input).map(Some)
    }

    /// The source rows of a run for which `wanted` holds, as a connector would give them: each row
    /// once, however many tables rejected it. Unread rows come with their raw bytes.
    pub fn replay(
        &self,
        delivery: &Delivery,
        wanted: impl Fn(RowId) -> bool + Send + 'static,
    ) -> Result<Option<Replay>> {
        Ok(self.read(delivery)?.map(|rows| Replay::new(rows, Box::new(wanted))))
    }

    /// Drops the rows for which `gone` holds: writes the others anew and destroys the old object, or
    /// all of it where none is left. How many rows are left. Mark them in the ledger first: this can
    /// be repeated.
    ///
    /// The landed bytes of the delivery still hold those rows. What may not be kept at all is erased
    /// with [`Zone::erase`].
    pub fn drop_rows(&self, delivery: &Delivery, gone: impl Fn(RowId) -> bool) -> Result<u64> {
        let Some(rows) = self.read(delivery)? else { return Ok(0) };
        let path = self.path(delivery);
        // Stays open: once the new object has its name, the old one can be reached in no other way.
        let old = File::options().write(true).open(&path).map_err(Error::io(&path, "written"))?;
        let mut writer = QuarantineWriter::new(path.clone(), self.keys.get(delivery)?);
        for row in rows {
            let row = row?;
            if !gone(row.row) {
                writer.keep(&row)?;
            }
        }
        let left = writer.finish()?.rows;
        if left == 0 {
            self.remove(delivery)?;
        } else {
            keys::overwrite(old, &path, seal::HEADER)?;
        }
        Ok(left)
    }

    /// Destroys a run's quarantine object. False where it had none. See [`release`](Self::release).
    pub fn remove(&self, delivery: &Delivery) -> Result<bool> {
        keys::shred(&self.path(delivery), seal::HEADER)
    }

    /// Destroys the delivery's key where neither landed bytes nor rejected rows need it any more.
    /// Whether it did. Not for a run that goes on: it may be about to write.
    pub fn release(&self, delivery: &Delivery, zone: &Zone) -> Result<bool> {
        if self.path(delivery).exists() || !zone.objects(delivery)?.is_empty() {
            return Ok(false);
        }
        self.keys.destroy(delivery)
    }

    /// Removes quarantine objects whose retention has passed at `now` and temporary files of runs
    /// other than `live`, then the keys that nothing needs. Call after [`Zone::sweep`]. With `dry` it
    /// only tells what it would remove.
    pub fn sweep(&self, now: DateTime<Utc>, live: &BTreeSet<String>, zone: &Zone, dry: bool) -> Result<Swept> {
        let mut swept = Swept::default();
        for (_, folder) in keys::files(&self.root)? {
            for (_, path) in if folder.is_dir() { keys::files(&folder)? } else { Vec::new() } {
                if PartialFile::run(&path).is_some_and(|run| !live.contains(run)) {
                    swept.unfinished += 1;
                    swept.bytes += size(&path);
                    if !dry {
                        fs::remove_file(&path).map_err(Error::io(&path, "removed"))?;
                    }
                }
            }
        }
        for delivery in self.keys.deliveries()? {
            if live.contains(delivery.run()) {
                continue;
            }
            // An unreadable key file is for a person to look at, not a reason to delete.
            let Ok(kept) = self.keys.kept(&delivery) else { continue };
            let path = self.path(&delivery);
            if kept.quarantine_until.is_some_and(|until| until <= now) && path.exists() {
                swept.bytes += size(&path);
                if dry || self.remove(&delivery)? {
                    swept.expired.push(delivery.clone());
                }
            }
            if !dry {
                self.release(&delivery, zone)?;
            }
        }
        Ok(swept)
    }

    fn path(&self, delivery: &Delivery) -> PathBuf {
        self.root.join(delivery.owner()).join(format!("{}{SUFFIX}", delivery.run()))
    }
}
