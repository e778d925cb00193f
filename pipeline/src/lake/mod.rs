//! The lake: Delta tables of cleared columns, on disk or in an object store.
//!
//! The lake is a projection: the database decides what is published, the lake follows. Files are
//! staged outside every Delta log first ([`Stage`]); a projector commits each manifest once
//! ([`project`]); queries see only what has been committed.

mod agree;
mod project;
mod query;
mod stage;
mod sweep;
mod table;

pub use project::{Manifest, ManifestKind, Projector};
pub use query::{Answer, ask, session};
pub use stage::{Stage, StagedPartition};
pub use sweep::{Broom, TableSwept};
pub use table::Lake;
