//! Erasing for good: what a retention ends, and what one person has the right to have erased.
//!
//! An erasure is written down with its targets ([`Targets`]: hashes of keys, partitions, deliveries; never
//! a value) in the transaction that takes the rows out of the register, and then carried through the other
//! places, each step of which can be repeated:
//!
//! 1. **The list** beside the project gets it first, where it concerns a person: a restored backup has
//!    the rows again, and the list says which go once more ([`Engine::erase_again`]).
//! 2. **Register and ledger** lose the rows with their history, what the events say of which key, and
//!    the index of rejected rows.
//! 3. **Landing zone and quarantine**: the delivery's data key is destroyed first, so that no copy of its
//!    objects can be read; then the objects go.
//! 4. **The lake** is written anew without the rows; older files, log entries and checkpoints go
//!    ([`crate::lake`]).
//! 5. **The database's pages** are written anew.
//!
//! A process that is killed on the way leaves the erasure unfinished in the ledger; the next erasure or
//! retention carries it through.

mod list;
mod person;
mod retention;
mod search;

use serde::Serialize;

use crate::error::Result;
use crate::fail;
use crate::keys::Delivery;
use crate::lake::Purged;
pub use crate::register::{ErasedDelivery, ErasedRows, Erasure, Targets};
use crate::run::Engine;

pub use person::{Extract, FoundObject, FoundRow, Person};
pub use retention::{Expired, Kept, Zone};

/// What an erasure removed, in counts.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Removed {
    /// In the register and the ledger.
    #[serde(flatten)]
    pub register: ErasedRows,
    /// Deliveries whose key is destroyed.
    pub deliveries: u64,
    /// Their files in the landing zone.
    pub originals: u64,
    /// Receipts in which a number was masked.
    pub receipts: u64,
    /// Files of the lake.
    pub lake_files: u64,
    /// Entries and checkpoints of the lake's logs.
    pub lake_log: u64,
    /// The database has a log that holds removed rows until it is recycled (PostgreSQL).
    pub database_log: bool,
    /// Rows of tables that are in the lake only, which hold the number still.
    pub left_in_lake: u64,
}

impl Removed {
    /// Together with another erasure.
    fn add(&mut self, other: &Self) {
        self.register.rows += other.register.rows;
        self.register.events += other.register.events;
        self.register.rejected += other.register.rejected;
        self.register.partitions += other.register.partitions;
        self.deliveries += other.deliveries;
        self.originals += other.originals;
        self.receipts += other.receipts;
        self.lake_files += other.lake_files;
        self.lake_log += other.lake_log;
        self.database_log |= other.database_log;
        self.left_in_lake += other.left_in_lake;
    }
}

impl Engine {
    /// Erases what `erasure` names, everywhere. Can be repeated, and taken up after a crash.
    pub async fn erase(&self, erasure: &Erasure) -> Result<Removed> {
        // What is published and not projected must not come into the lake afterwards.
        fail::point("gallrad-fore");
        self.catch_up().await?;
        let _alone = self.register.lock_lake().await?;
        let mut removed = Removed { register: self.register.erase(erasure).await?, ..Removed::default() };
        fail::point("gallrad-register");
        for delivery in &erasure.targets.deliveries {
            let delivery = Delivery::new(&delivery.owner, &delivery.run)?;
            removed.deliveries += 1;
            removed.originals += self.zone.erase(&delivery)?;
            self.quarantine.remove(&delivery)?;
        }
        fail::point("gallrad-landning");
        let tables: Vec<String> = erasure.targets.tables().map(str::to_owned).collect();
        for name in &tables {
            let table = self.table(name)?;
            let partitions = erasure.targets.partitions.get(name).map(Vec::as_slice).unwrap_or_default();
            if let Some(Purged { version, files, log }) = self.projector().purge(&table, partitions).await? {
                removed.lake_files += files;
                removed.lake_log += log;
                self.register.repin(name, version).await?;
            }
        }
        fail::point("gallrad-lakehouse");
        let own: Vec<String> = erasure.targets.rows.keys().cloned().collect();
        removed.database_log = self.register.scrub(&own).await?;
        let counts = serde_json::to_value(&removed).unwrap_or_default();
        self.register.finish_erasure(erasure, &counts).await?;
        Ok(removed)
    }

    /// Carries through what was begun and cut off. Gives how many erasures that were.
    pub async fn finish_erasures(&self) -> Result<usize> {
        let unfinished = self.register.unfinished_erasures().await?;
        for erasure in &unfinished {
            self.erase(erasure).await?;
        }
        Ok(unfinished.len())
    }
}
