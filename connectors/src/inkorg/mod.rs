//! A folder that others put files into.
//!
//! What it reads, how it gets there, its cursor and its quirks: `doc.md`, its reference page.

mod local;
mod options;
#[cfg(test)]
mod tests;
mod writers;

pub use options::InkorgOptions;

use self::local::LocalFolder;
use crate::arrival::{Arrivals, Inbox};
use crate::connect::{Connect, Io, Source};
use crate::error::Result;

/// The connector `inkorg`.
pub struct Inkorg;

impl Connect for Inkorg {
    const NAME: &'static str = "inkorg";
    const DOC: &'static str = include_str!("doc.md");
    type Options = InkorgOptions;

    fn open(options: InkorgOptions, io: &Io) -> Result<Box<dyn Source>> {
        let folder = LocalFolder::new(&options.folder, io)?;
        let inbox = Inbox::new(Box::new(folder), options.pattern.as_deref(), options.arrival.clone())?;
        Ok(Box::new(Arrivals::new(inbox, &options.form(), io)?))
    }
}
