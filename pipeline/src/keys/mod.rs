//! Keys and sealed bytes: what lies in the landing zone and in quarantine can be read only with a
//! delivery's own key, and is gone for good once that key is destroyed.
//!
//! Three layers, each wrapped by the one above:
//!
//! 1. **Master keys** ([`KeySet`]): 32 bytes by name and version, taken from the secrets and never
//!    written by Sluss. They may live in a vault, a mounted folder or, for the embedded default, a
//!    file that [`init`] makes outside the lake.
//! 2. **Data keys** ([`KeyStore`]): one random key for each owner and delivery, wrapped by the
//!    current master key and kept as `<owner>/<run>.key`. Destroying that small file is how a
//!    delivery is erased, whatever copies of its objects exist elsewhere. Backups of the key folder
//!    must therefore not outlive the retention of what they open.
//! 3. **Object keys** ([`seal`]): derived from the data key and a random salt in each object's
//!    header, so that no two objects share a key and frame counters may start at zero in each.
//!
//! [`Pseudonymiser`] uses a key set of its own for the keyed hashes of sole traders' numbers.

pub mod delivery;
pub mod error;
mod file;
mod init;
mod set;
mod store;
pub(crate) mod text;

pub mod pseudonym;
pub mod seal;

pub use delivery::Delivery;
pub use error::{Error, Result};
pub(crate) use file::{PartialFile, files, overwrite, refuse_shared, shred};
pub use init::{MadeKey, add_version, init};
pub use pseudonym::{Pseudonymiser, Purpose, is_pseudonym};
pub use set::KeySet;
pub use store::{DataKey, Kept, KeyStore, Rotation};
