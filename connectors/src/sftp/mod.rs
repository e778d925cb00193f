//! A folder on an SFTP server.
//!
//! What it reads, how it gets there, its cursor and its quirks: `doc.md`, its reference page.

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
    const DOC: &'static str = include_str!("doc.md");
    type Options = SftpOptions;

    fn open(options: SftpOptions, io: &Io) -> Result<Box<dyn Source>> {
        let link = Arc::new(Link::new(&options, io)?);
        let folder = RemoteFolder::new(&options.folder, link)?;
        let inbox = Inbox::new(Box::new(folder), options.pattern.as_deref(), options.arrival.clone())?;
        Ok(Box::new(Arrivals::new(inbox, &options.form(), io)?))
    }
}
