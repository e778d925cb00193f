//! Backups: everything that an installation has written, as it was at one moment, in one folder; and back.
//!
//! ```text
//! the lake's lock ─▶ database ─▶ lake ─▶ lock let go ─▶ originals, quarantine ─▶ keys ─▶ list ─▶ label
//! ```
//!
//! Runs go on meanwhile. What makes the copy whole is the order, which follows from the commit protocol:
//!
//! 1. **The database first.** All that a publication names (staged files, landed bytes, keys) was there before
//!    its transaction. What is copied after the database holds at least what the copied database names.
//! 2. **The lake under its lock.** The lake may lag behind the database and never lead it: a Delta log that had
//!    publication 8 beside a database that ends at 7 would take the next publication 8 for done. While the lock is
//!    held nothing is projected, swept or purged, so that the log is at or before the database, and every file
//!    that a pending manifest names is still there.
//! 3. **Keys last.** What is erased while the copy is made then lacks its key in the copy.
//! 4. **The label last of all**, with a digest of the list of all files: a copy without it was broken off.
//!
//! Not in it, and to be kept elsewhere: the secrets (master key, pseudonym key, signing key), without which
//! landed bytes stay closed; the list of erasures, which a backup must not bring back in an older form; the
//! audit log's heads, which are to lie where the database's keepers do not write.

mod database;
mod files;
mod label;
mod restore;
mod save;

pub use label::Label;
pub use restore::{Place, restore};

/// The lake's copy within the folder.
const LAKE: &str = "lake";
/// The landing zone's.
const LANDING: &str = "landning";
/// The project's own files.
const PROJECT: &str = "projekt";
/// Folders of the landing zone in the order in which they are copied: keys last.
const ZONES: [&str; 3] = ["original", "karantan", "nycklar"];
