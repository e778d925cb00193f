//! Validation: every national row ends as accepted, accepted after repair, or rejected with all its reasons.
//!
//! Row rules are judged as batches stream by ([`Validator`]); what needs the whole delivery
//! (duplicates, references within it, guards) waits in [`Waiting`] until the source has ended.

mod buffer;
mod duplicates;
mod tally;
mod validator;

pub use buffer::{Batches, MEMORY_BUDGET, Waiting};
pub use duplicates::{Duplicates, Policy, Shared};
pub use tally::{RuleCount, Tally};
pub use validator::{Judged, KnownKeys, Validator};

/// Hidden column: a row's key hash, 16 bytes.
pub const KEY: &str = "_nyckel";
/// Hidden column: a row's content hash.
pub const CONTENT: &str = "_innehall";
/// Hidden column: the row's order of arrival within its table.
pub const ORDER: &str = "_ordning";
