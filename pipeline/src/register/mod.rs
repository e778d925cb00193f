//! The register: national rows with their whole history, in SQLite or PostgreSQL.
//!
//! History is bitemporal. *Valid time* `[giltig_fran, giltig_till)` is what a row says of the
//! world; *recorded time* `[reg_fran, reg_till)` is when the register believed it. A correction
//! never rewrites: it closes what was believed and adds what is believed now. The layout of the
//! tables is described in [`sluss_schemas::table::ddl`], what a change does to history in `sql/`.
//!
//! A run *stages* its new and changed rows and the keys that ended, then *publishes* all of it in
//! one transaction. Both databases behave alike; one test suite says so.
//!
//! ```text
//! begin_run → stage, stage_keys … → publish → (lake) pending_manifests → mark_projected
//!          ↘ end_run (held, failed)
//! ```

mod changes;
mod columns;
mod copy;
pub(crate) mod database;
mod erase;
mod error;
mod face;
mod layout;
mod locks;
mod matches;
mod migrate;
mod opened;
pub(crate) mod postgres;
mod publish;
mod read;
mod rekey;
mod roles;
mod secrecy;
mod snapshot;
pub(crate) mod sql;
mod sqlite;
mod stage;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use sluss_schemas::clock::Clock;
use sluss_schemas::table::Table;
use sluss_schemas::table::ddl::Dialect;
use tokio::sync::Mutex;

pub use changes::{Altered, Difference, differences, timeline};
pub use erase::{ErasedDelivery, ErasedRows, Erasure, Targets};
pub use error::{Actor, RegisterError, Result};
pub use face::{Ask, Erase, Keep, Matches, Publish, Register, Secrecy};
pub use layout::{CONTENT, KEY, STALE};
pub use locks::LakeLock;
pub use publish::{NewManifest, NewPartition, PartitionContent, Publication, Published, TableChange, TableOutcome};
pub use read::{Batches, Believed, DeliveredBy, KeyBatch, Question};
pub use rekey::Rekeying;
pub use roles::Roles;
pub use secrecy::{Mirrored, Standing};
pub use snapshot::Snapshot;
pub use stage::KeyKind;

use database::Database;
use layout::Layout;
use locks::Alive;
pub(crate) use roles::Capacity;
pub(crate) use sql::hex;
use sqlite::SqlitePools;

/// Opens the register that `url` names (`sqlite://path` or `postgres://…`) for these national
/// tables, brings it up to date, ends dead runs and removes what they left in staging.
pub async fn open(url: &str, tables: &[Table], clock: Arc<dyn Clock>) -> Result<Arc<dyn Register>> {
    let store = Store::open(url, tables, clock).await?;
    match store.capacity().await? {
        Capacity::Keeper => store.migrate().await?,
        Capacity::Pipeline | Capacity::Reader => store.check_up_to_date().await?,
    }
    if store.capacity().await? != Capacity::Reader {
        store.sweep().await?;
    }
    Ok(Arc::new(store))
}

/// The register in either database.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) database: Arc<Database>,
    pub(crate) layouts: Arc<BTreeMap<String, Arc<Layout>>>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Held while publishing.
    pub(crate) publishing: Arc<Mutex<()>>,
    pub(crate) alive: Arc<Alive>,
    /// On whose behalf the program acts.
    pub(crate) who: Arc<OnceLock<String>>,
}

impl Store {
    pub(crate) async fn open(url: &str, tables: &[Table], clock: Arc<dyn Clock>) -> Result<Self> {
        let mut layouts = BTreeMap::new();
        for table in tables {
            if let Some(layout) = Layout::of(table)?
                && layouts.insert(table.name.clone(), Arc::new(layout)).is_some()
            {
                return Err(RegisterError::table(&table.name, "is declared twice"));
            }
        }
        let database = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Database::Sqlite(SqlitePools::open(url).await?),
            Some("postgres" | "postgresql") => Database::Postgres(postgres::open(url).await?),
            _ => return Err(RegisterError::Address("neither sqlite: nor postgres:")),
        };
        Ok(Self {
            database: Arc::new(database),
            layouts: Arc::new(layouts),
            clock,
            publishing: Arc::default(),
            alive: Arc::default(),
            who: Arc::default(),
        })
    }

    /// On whose behalf the program acts, as the audit log has it.
    pub(crate) fn who(&self) -> &str {
        self.who.get().map_or("sluss", String::as_str)
    }

    /// What locks the rows of a SELECT. SQLite's writing transactions hold the only lock.
    pub(crate) fn row_lock(&self) -> &'static str {
        if self.database.dialect() == Dialect::Postgres { " FOR UPDATE" } else { "" }
    }
}
