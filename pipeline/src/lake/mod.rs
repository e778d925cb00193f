//! The lake: Delta tables of cleared columns, on disk or in an object store.
//!
//! The lake is a projection: the database decides what is published, the lake follows. Files are
//! staged outside every Delta log first ([`Stage`]); a projector commits each manifest once
//! ([`project`]); queries see only what has been committed.

mod agree;
mod cleared;
mod derive;
mod project;
mod purge;
mod query;
mod rows;
mod stage;
mod sweep;
mod table;
mod trouble;

pub use cleared::Closed;
pub(crate) use cleared::{bond_of, contracts_of};
pub use derive::Derivation;
pub use project::{Manifest, ManifestKind, Projector};
pub use purge::Purged;
pub(crate) use purge::without_partitions;
pub use query::{Answer, Sees, ask, session, tables_read};
pub use stage::{Stage, StagedPartition};
pub use sweep::{Broom, TableSwept};
pub use table::Lake;
pub(crate) use trouble::{failed, is_of_store};
