//! A folder that others put files into.
//!
//! # What it reads
//!
//! Files that have arrived in a folder since the last run that published, in every form that the
//! connector `files` reads. A file is read when it is whole: when its sender has put a marker beside it
//! (`arrival.marker`), or when two looks with some seconds between them find it unchanged. Files that
//! are named as programs name what they still write (`.part`, `.tmp`, `.filepart` …), that somebody has
//! open for writing where the system tells, and hidden files are left alone.
//!
//! # Access
//!
//! A folder relative to the job's. With `arrival.done` a file that has been published moves there, and
//! with `arrival.failed` one that cannot be read, with a text beside it that tells why. Only `sluss run`
//! moves anything, and only after what it moves is published; every file lands as it was sent.
//!
//! # Cursor
//!
//! What the contents of the files were that have been read, by their fingerprints; the latest 4,096, and
//! those that are still in the folder. A file that comes again under another name gives no rows. Where
//! each file is a whole (`take = "latest"`) only the last content counts.
//!
//! # Quirks
//!
//! - That nothing has arrived is no fault: the run publishes nothing, ends nothing, and succeeds.
//! - A run that was killed after it had published reads nothing twice: the next one knows the contents
//!   and only moves the files.
//! - With `mode = "snapshot"` all that has arrived is one whole delivery; where each file is one, say
//!   `take = "latest"`.
//! - A marker that is older than its file was written for an earlier one of the same name.
//! - A file without rows and headings is left where it is.
//! - A file that is changed while it is read fails the run; the next one reads it.
//!
//! # Example
//!
//! ```toml
//! [source]
//! connector = "inkorg"
//! [source.options]
//! folder  = "inkorg"
//! pattern = "avtal-*.csv"
//! format  = "csv"
//! [source.options.arrival]
//! marker = ".klar"
//! take   = "latest"
//! done   = "klart"
//! failed = "fel"
//! ```

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
    type Options = InkorgOptions;

    fn open(options: InkorgOptions, io: &Io) -> Result<Box<dyn Source>> {
        let folder = LocalFolder::new(&options.folder, io)?;
        let inbox = Inbox::new(Box::new(folder), options.pattern.as_deref(), options.arrival.clone())?;
        Ok(Box::new(Arrivals::new(inbox, &options.form(), io)?))
    }
}
