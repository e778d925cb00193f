//! Brings the lake up to what the database has published: each manifest once, in order.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use deltalake::DeltaTable;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake::kernel::{Action, Add, Remove, Transaction};
use deltalake::protocol::{DeltaOperation, SaveMode};
use futures::TryStreamExt;
use sluss_schemas::say;
use sluss_schemas::table::{Table, Tables};

use super::cleared::{Closed, bond_of};
use super::stage::{Stage, partition_name};
use super::table::{Lake, partition_columns};
use super::trouble::has_raced;
use crate::error::{PipelineError, Result};
use crate::fail;
use crate::register::Register;

/// Name under which the projector's commits stand in a Delta log.
const APP: &str = "sluss";
/// Times that another process may have been first, before that is an error.
const RACES: usize = 5;

/// What one publication means for one lake table. Written in the publishing transaction.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Manifest {
    /// The table.
    pub table: String,
    /// What changes.
    pub kind: ManifestKind,
}

/// How a lake table follows a publication.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ManifestKind {
    /// Staged files take the place of those of the same partitions; `store = "lake"`.
    Files {
        /// Staged files.
        add: Vec<Add>,
        /// Partitions (as [`super::StagedPartition::partition`]) whose earlier files go.
        replace: Vec<String>,
    },
    /// The owner's rows are written anew from the register; `store = "register"`.
    Rows {
        /// The owner, where the table has one.
        owner: Option<String>,
    },
}

/// Commits manifests to Delta.
pub struct Projector<'a> {
    /// The lake.
    pub lake: &'a Lake,
    /// Where manifests and register rows are.
    pub register: &'a Arc<dyn Register>,
    /// The project's tables.
    pub tables: &'a Tables,
    /// The day in Sweden: what is secret until then is open now.
    pub today: NaiveDate,
}

impl Projector<'_> {
    /// Does every pending manifest, oldest first, and then what a change of secrecy asks for. Gives how
    /// many manifests there were.
    pub async fn catch_up(&self) -> Result<usize> {
        for _ in 0..RACES {
            match self.catch_up_once().await {
                // Who held the lake's lock lost it with the database, and was at work all the same: nothing is
                // written twice, and what is left is looked for again.
                Err(error) if has_raced(&error) => tracing::warn!("another process wrote the lake meanwhile"),
                done => return done,
            }
        }
        self.catch_up_once().await
    }

    async fn catch_up_once(&self) -> Result<usize> {
        let closed = Closed::of(self.register, self.today).await?;
        let pending = self.register.pending_manifests().await?;
        let count = pending.len();
        for entry in pending {
            let manifest: Manifest = serde_json::from_value(entry.actions).map_err(|e| {
                PipelineError::us(say!(
                    "ett manifest i liggaren går inte att läsa",
                    "a manifest in the ledger cannot be read"
                ))
                .because(e)
            })?;
            fail::point("projicera-fore");
            let version = self.project(entry.seq, &manifest, &closed).await?;
            fail::point("projicera-efter");
            self.register.mark_projected(entry.seq, &manifest.table, version).await?;
            fail::point("projicerad");
        }
        self.renew(&closed).await?;
        Ok(count)
    }

    /// Commits one manifest unless that has been done; gives the Delta version that holds it.
    async fn project(&self, seq: u64, manifest: &Manifest, closed: &Closed) -> Result<u64> {
        let table = self.tables.get(&manifest.table).ok_or_else(|| {
            PipelineError::configuration(say!(
                "liggaren har ett manifest för {}, som inte är någon tabell i projektet",
                "the ledger has a manifest for {}, which is no table of the project",
                manifest.table
            ))
        })?;
        let mut delta = self.lake.ensure(table).await?;
        delta.update_state().await?;
        fail::point("projicera-last");
        if transaction(&delta).await?.is_some_and(|done| done >= seq) {
            return version_of(&delta);
        }
        let version = match &manifest.kind {
            ManifestKind::Files { add, replace } => {
                let removes = files(&delta, |values| replace.contains(&partition_name(values))).await?;
                fail::point("projicera-stegad");
                commit(&mut delta, Some(seq), add.clone(), removes).await?
            }
            ManifestKind::Rows { owner } => {
                let owner = owner.as_deref();
                let version = commit_rows(self, &mut delta, table, owner, seq, closed, Some(seq)).await?;
                self.mirrored(table, owner, closed).await?;
                version
            }
        };
        fail::point("projicera-gjord");
        Ok(version)
    }

    /// What the register believed of the owner's rows at `seq`, and what of them may leave, as staged files.
    pub(super) async fn rows_of(
        &self,
        delta: &DeltaTable,
        table: &Table,
        owner: Option<&str>,
        seq: u64,
        closed: &Closed,
    ) -> Result<Vec<Add>> {
        let bond = bond_of(table, self.tables);
        let mut stage = Stage::new(delta, table, "")?;
        let mut rows = self.register.current_rows(&table.name, owner, seq).await?;
        while let Some(batch) = rows.try_next().await? {
            stage.write(&closed.open_rows(&bond, &batch)?).await?;
        }
        Ok(stage.finish().await?.into_iter().flat_map(|p| p.files).collect())
    }
}

/// Writes the owner's rows anew from the register as it was at `seq`. With `publication` the commit stands
/// in the log as that publication's.
pub(super) async fn commit_rows(
    projector: &Projector<'_>,
    delta: &mut DeltaTable,
    table: &Table,
    owner: Option<&str>,
    seq: u64,
    closed: &Closed,
    publication: Option<u64>,
) -> Result<u64> {
    let adds = projector.rows_of(delta, table, owner, seq, closed).await?;
    let column = partition_columns(table).into_iter().next();
    let removes = files(delta, |values| match (&column, owner) {
        (Some(column), Some(owner)) => values.get(column).and_then(Option::as_deref) == Some(owner),
        _ => true,
    })
    .await?;
    fail::point("projicera-stegad");
    commit(delta, publication, adds, removes).await
}

/// The last publication that the table holds.
pub(super) async fn transaction(delta: &DeltaTable) -> Result<Option<u64>> {
    let done = delta.snapshot()?.transaction_version(delta.log_store().as_ref(), APP).await?;
    Ok(done.and_then(|done| u64::try_from(done).ok()))
}

pub(super) fn version_of(delta: &DeltaTable) -> Result<u64> {
    delta
        .version()
        .ok_or_else(|| PipelineError::us(say!("en Deltatabell utan version", "a Delta table without a version")))
}

/// Delta counts application versions in signed numbers.
fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// Removes for the table's files that `is_replaced`.
pub(super) async fn files(
    delta: &DeltaTable,
    is_replaced: impl Fn(&HashMap<String, Option<String>>) -> bool,
) -> Result<Vec<Remove>> {
    let views: Vec<_> = delta.get_active_add_actions_by_partitions(&[]).try_collect().await?;
    Ok(views
        .iter()
        .filter(|view| is_replaced(&view.partition_values_map()))
        .map(|view| view.remove_action(true))
        .collect())
}

pub(super) async fn commit(
    delta: &mut DeltaTable,
    seq: Option<u64>,
    adds: Vec<Add>,
    removes: Vec<Remove>,
) -> Result<u64> {
    let actions: Vec<Action> =
        removes.into_iter().map(Action::Remove).chain(adds.into_iter().map(Action::Add)).collect();
    let mut properties = CommitProperties::default();
    if let Some(seq) = seq {
        properties = properties.with_application_transaction(Transaction::new(APP, signed(seq)));
    }
    let operation = DeltaOperation::Write { mode: SaveMode::Overwrite, partition_by: None, predicate: None };
    let committed = CommitBuilder::from(properties)
        .with_actions(actions)
        .build(Some(delta.snapshot()?), delta.log_store(), operation)
        .await?;
    Ok(committed.version())
}
