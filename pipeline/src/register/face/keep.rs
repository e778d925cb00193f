//! Keeping the database: its tables and their roles, dead runs, snapshots, the lake's lock.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::register::roles::Capacity;
use crate::register::{LakeLock, Result, Roles, Snapshot, Store};

/// Keeping the database: its tables and their roles, dead runs, snapshots, the lake's lock.
#[async_trait]
pub trait Keep: Send + Sync {
    /// Brings the database up to this version and these tables. Repeating it changes nothing.
    async fn migrate(&self) -> Result<()>;
    /// Whether the database's ledger is of this version.
    async fn is_current(&self) -> Result<bool>;
    /// Ends runs whose process is gone as failed, and removes what runs that are no longer open left
    /// in staging. Gives how many had left something.
    async fn sweep(&self) -> Result<u64>;
    /// Waits until nobody else projects, sweeps or vacuums the lake, in this process or another.
    async fn lock_lake(&self) -> Result<LakeLock>;
    /// The statements that would make these roles, and those that would give them their rights.
    async fn roles_script(&self, roles: &Roles) -> Result<(Vec<String>, Vec<String>)>;
    /// Makes these roles and gives them their rights. Repeating it changes nothing.
    async fn set_roles(&self, roles: &Roles) -> Result<()>;
    /// Whether the login may run jobs: what reads only brings nothing up to date.
    async fn may_publish(&self) -> Result<bool>;
    /// Makes views under `name` that show the register as it was at `recorded`, for whoever reads the
    /// database.
    async fn make_snapshot(&self, name: &str, recorded: DateTime<Utc>) -> Result<Snapshot>;
    /// The snapshots, by name.
    async fn snapshots(&self) -> Result<Vec<Snapshot>>;
    /// Removes a snapshot's views. History is not touched.
    async fn drop_snapshot(&self, name: &str) -> Result<()>;
}

#[async_trait]
impl Keep for Store {
    async fn migrate(&self) -> Result<()> {
        self.bring_up_to_date().await
    }
    async fn is_current(&self) -> Result<bool> {
        let (found, wanted) = self.ledger_version().await?;
        Ok(found == wanted)
    }
    async fn sweep(&self) -> Result<u64> {
        self.end_dead_runs().await?;
        self.sweep_staging().await
    }
    async fn lock_lake(&self) -> Result<LakeLock> {
        self.lock_the_lake().await
    }
    async fn roles_script(&self, roles: &Roles) -> Result<(Vec<String>, Vec<String>)> {
        Store::roles_script(self, roles).await
    }
    async fn set_roles(&self, roles: &Roles) -> Result<()> {
        Store::set_roles(self, roles).await
    }
    async fn may_publish(&self) -> Result<bool> {
        Ok(self.capacity().await? != Capacity::Reader)
    }
    async fn make_snapshot(&self, name: &str, recorded: DateTime<Utc>) -> Result<Snapshot> {
        self.snapshot_at(name, recorded).await
    }
    async fn snapshots(&self) -> Result<Vec<Snapshot>> {
        self.known_snapshots().await
    }
    async fn drop_snapshot(&self, name: &str) -> Result<()> {
        self.remove_snapshot(name).await
    }
}
