//! Sweeping: what has been kept as long as it may, and what dead runs left behind.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::Serialize;

use super::engine::Engine;
use crate::error::Result;
use crate::lake::{Broom, TableSwept};
use crate::ledger::{RunFilter, RunState};

/// Clocks of machines and object stores differ: what is younger than this is left alone.
const MARGIN: TimeDelta = TimeDelta::hours(1);

/// What a sweep removes.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Swept {
    /// It only looked: nothing has been removed.
    pub dry: bool,
    /// Deliveries whose original bytes have been kept as long as they may.
    pub expired: u64,
    /// Their files, files of runs that failed, and files without a key.
    pub originals: u64,
    /// Files that dead runs never finished, in landing zone and quarantine.
    pub unfinished: u64,
    /// Deliveries whose quarantine has been kept as long as it may.
    pub quarantines: u64,
    /// Folders of plain files that killed replays left open.
    pub opened: u64,
    /// Bytes in landing zone and quarantine.
    pub landing_bytes: u64,
    /// Lake tables of which something goes.
    pub lake: Vec<TableSwept>,
}

impl Engine {
    /// Removes what may not be kept any longer and what nobody will finish; with `dry` only tells
    /// what that is. Can be broken off and repeated, and run beside others that publish.
    pub async fn sweep(&self, dry: bool) -> Result<Swept> {
        // What is published and not projected is somebody's: it comes into the lake first.
        if !dry {
            self.catch_up().await?;
        }
        let _alone = self.register.lock_lake().await?;
        self.register.sweep().await?;
        let now = self.clock.now();
        // Who begins after this stages after this.
        let alive = self.register.runs(&RunFilter { state: Some(RunState::Running), ..RunFilter::default() }).await?;
        let oldest = alive.iter().map(|run| run.started).min().unwrap_or(now).min(now);
        let live: BTreeSet<String> = alive.into_iter().map(|run| run.id).collect();

        let opened = self.close_left_open(dry)?;
        let withheld = self.finish_withheld(dry).await? + self.sweep_failed(dry).await?;
        let landed = self.zone.sweep(now, &live, dry)?;
        let quarantine = self.quarantine.sweep(now, &live, &self.zone, dry)?;
        let lake = self.projector().sweep(Broom { staged_before: oldest - MARGIN, now, dry }).await?;
        Ok(Swept {
            dry,
            expired: landed.expired.len() as u64,
            originals: landed.objects + withheld,
            unfinished: landed.unfinished + quarantine.unfinished,
            quarantines: quarantine.expired.len() as u64,
            opened,
            landing_bytes: landed.bytes + quarantine.bytes,
            lake,
        })
    }
}
