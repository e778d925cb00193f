//! A folder on an SFTP server.
//!
//! # What it reads
//!
//! Files that have arrived in a folder on a server since the last run that published, in every form that
//! the connector `files` reads. When a file is whole, which files are read in what order, and what
//! becomes of them is told in `arrival`, as for the connector `inkorg`.
//!
//! # Access
//!
//! User and key, password, or both, by reference. The server's own key must be known: its fingerprint
//! stands in the job, and a server that shows another is told nothing. A connection that breaks is made
//! again and the file read on from where it stopped, if it is still the same; every file lands as it was
//! sent. With `arrival.done` and `arrival.failed` the user must be allowed to move files.
//!
//! # Cursor
//!
//! What the contents of the files were that have been read, by their fingerprints; the latest 4,096, and
//! those that are still in the folder. A file that comes again under another name gives no rows.
//!
//! # Quirks
//!
//! - Servers tell times to the second: a file that is written again within one, with the same size, is
//!   the same. Let the sender use a marker, or write under another name and rename.
//! - A server does not tell who has a file open. Without a marker a sender that pauses for longer than
//!   `arrival.stable_seconds` has finished.
//! - Files whose names are not UTF-8 are left alone, with a warning.
//! - Wrong credentials and wrong keys are never tried twice.
//!
//! # Example
//!
//! ```toml
//! [source]
//! connector = "sftp"
//! [source.options]
//! host     = "filer.region.example"
//! user     = "sluss"
//! key      = { secret = "region_sftp_key" }
//! host_key = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
//! folder   = "ut/avtal"
//! pattern  = "*.csv"
//! format   = "csv"
//! [source.options.arrival]
//! marker = ".ok"
//! done   = "hamtat"
//! failed = "fel"
//! ```

mod fault;
mod file;
mod folder;
mod link;
mod login;
mod options;
mod session;
#[cfg(test)]
mod tests;

pub use options::{HostKeys, SftpOptions};

use std::sync::Arc;

use self::folder::RemoteFolder;
use self::link::Link;
use crate::arrival::{Arrivals, Inbox};
use crate::connect::{Connect, Io, Source};
use crate::error::Result;

/// The connector `sftp`.
pub struct Sftp;

impl Connect for Sftp {
    const NAME: &'static str = "sftp";
    type Options = SftpOptions;

    fn open(options: SftpOptions, io: &Io) -> Result<Box<dyn Source>> {
        let link = Arc::new(Link::new(&options, io)?);
        let folder = RemoteFolder::new(&options.folder, link)?;
        let inbox = Inbox::new(Box::new(folder), options.pattern.as_deref(), options.arrival.clone())?;
        Ok(Box::new(Arrivals::new(inbox, &options.form(), io)?))
    }
}
