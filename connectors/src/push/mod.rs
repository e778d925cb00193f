//! What senders hand in by themselves: `sluss serve --push` and `sluss submit` give it to the job.
//!
//! # What it reads
//!
//! One delivery: a file in any form that `files` reads, as it came. Its rows reach the mapping as
//! those of a file would.
//!
//! # Access
//!
//! None: the source comes to us. Who may hand in, and for which region, stands under `[push]` in
//! `sluss.toml`.
//!
//! # Cursor
//!
//! None. A delivery is read once, and whole.
//!
//! # Quirks
//!
//! - Without a delivery there is nothing to read: `sluss run` passes such a job by. `sample` names a
//!   file for `check`, `discover` and `preview` to look at until the first delivery has come.
//! - The form is the job's: a delivery of another content type is refused before it is read.
//! - Rows in a national table's own columns need no job at all.
//!
//! # Example
//!
//! ```toml
//! [source]
//! connector = "push"
//! [source.options]
//! format = "csv"
//! csv    = { delimiter = "," }
//! sample = "exempel.csv"
//! ```

mod options;
mod source;
#[cfg(test)]
mod tests;

pub use options::Options;
pub use source::{Push, delivery};
