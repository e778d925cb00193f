//! Removing what may not be kept any longer, and what nobody will finish.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use chrono::{DateTime, Utc};

use super::zone::{Zone, size};
use crate::keys::{self, Delivery, Error, PartialFile, Result, seal};

/// What a sweep removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Deliveries whose landed bytes had been kept as long as they may.
    pub expired: Vec<Delivery>,
    /// Objects removed: of those deliveries, and strays whose key is gone.
    pub objects: u64,
    /// Temporary files of runs that never finished.
    pub unfinished: u64,
    /// Bytes that all these took on disk.
    pub bytes: u64,
}

impl Zone {
    /// Removes the landed objects whose retention has passed at `now`, objects that an interrupted
    /// erasure left without a key, and temporary files of runs other than `live` (the ids of those
    /// that go on at this moment, on any machine). Can be broken off and repeated. With `dry` it
    /// only tells what it would remove.
    ///
    /// The key of an expired delivery is left: its quarantine may have a longer retention. See
    /// [`crate::quarantine::Quarantine::sweep`], which destroys it when nothing needs it.
    pub fn sweep(&self, now: DateTime<Utc>, live: &BTreeSet<String>, dry: bool) -> Result<Swept> {
        let mut swept = Swept::default();
        for (owner, folder) in self.owners()? {
            for (_, path) in keys::files(&folder)? {
                if PartialFile::run(&path).is_some_and(|run| !live.contains(run)) {
                    swept.bytes += size(&path);
                    if !dry {
                        fs::remove_file(&path).map_err(Error::io(&path, "removed"))?;
                    }
                    swept.unfinished += 1;
                }
            }
            let mut verdicts = BTreeMap::new();
            self.walk_owner(&owner, &mut |entry| {
                let verdict = verdicts.entry(entry.delivery).or_insert_with_key(|delivery| self.verdict(delivery, now));
                if *verdict != Verdict::Keep {
                    swept.bytes += size(&entry.path);
                    swept.objects += u64::from(dry || keys::shred(&entry.path, seal::HEADER)?);
                }
                Ok(())
            })?;
            swept.expired.extend(verdicts.into_iter().filter(|(_, v)| *v == Verdict::Expired).map(|(d, _)| d));
        }
        Ok(swept)
    }

    fn verdict(&self, delivery: &Delivery, now: DateTime<Utc>) -> Verdict {
        match self.keys().kept(delivery) {
            Ok(kept) if kept.landing_until.is_some_and(|until| until <= now) => Verdict::Expired,
            // A run that begins makes its key first: an object without one is a stray.
            Err(Error::Erased { .. }) => Verdict::Stray,
            // An unreadable key file is for a person to look at, not a reason to delete.
            Ok(_) | Err(_) => Verdict::Keep,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Keep,
    Expired,
    Stray,
}
