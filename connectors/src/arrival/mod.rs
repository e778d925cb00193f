//! Files that arrive in a folder: when one is whole, which were read before, and where they go then.
//!
//! What the connectors `inkorg` and `sftp` share. A folder's own protocol is behind [`Folder`].

mod contents;
mod folder;
mod inbox;
mod options;
mod rules;
mod source;

pub(crate) use contents::{Content, Contents};
pub(crate) use folder::{Folder, Listed, Moved, Wanted};
pub(crate) use inbox::Inbox;
pub use options::{ArrivalOptions, Order, Take};
pub(crate) use source::Arrivals;
