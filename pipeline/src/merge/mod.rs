//! Merge: what a delivery means against what the register has.

mod diff;
mod hash;

pub use diff::{Change, Diff, KeyCounts};
pub use hash::{KeyHash, content_hashes, identities, key_hashes};
