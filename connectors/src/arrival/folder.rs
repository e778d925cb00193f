//! A folder that is watched, behind its own protocol.

use std::collections::BTreeSet;
use std::fmt;

use async_trait::async_trait;

use crate::error::Result;
use crate::files::storage::ReadSeek;

/// A file as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Listed {
    /// Path from the folder that is watched, with `/` between its parts.
    pub(crate) name: String,
    /// Bytes.
    pub(crate) size: u64,
    /// When it was last written: nanoseconds since 1970, as exactly as the folder tells.
    pub(crate) modified: u64,
}

/// What came of moving a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    /// It lies there now.
    Yes,
    /// Another file has that name.
    Taken,
    /// It is no longer where it was.
    Gone,
}

/// Whether a path from the folder is asked for.
pub(crate) type Wanted<'w> = dyn Fn(&str) -> bool + Sync + 'w;

/// A folder that is watched.
#[async_trait]
pub(crate) trait Folder: Send + Sync + fmt::Debug {
    /// What a person calls the folder; a file's name follows after `/`. Never a secret.
    fn shown(&self) -> &str;

    /// All files whose path `wanted` says yes to, but hidden ones. With `deep` also in folders below.
    async fn list(&self, deep: bool, wanted: &Wanted<'_>) -> Result<Vec<Listed>>;

    /// Those that somebody has open for writing, where that can be seen.
    async fn being_written(&self) -> BTreeSet<String> {
        BTreeSet::new()
    }

    /// Opens a file. Called on a blocking thread of a runtime.
    fn open(&self, file: &Listed) -> Result<Box<dyn ReadSeek>>;

    /// Whether the file is still as it was listed. Called on a blocking thread of a runtime.
    fn is_unchanged(&self, file: &Listed) -> Result<bool>;

    /// Moves a file, and makes the folder that it goes to. Never puts it in another's place.
    async fn rename(&self, from: &str, to: &str) -> Result<Moved>;

    /// Writes a small text file, in place of one that has the name.
    async fn write(&self, name: &str, text: &str) -> Result<()>;
}
