//! Connector `rest`: JSON over HTTP, declared in the job.
//!
//! What it reads, how it gets there, its cursor and its quirks: `doc.md`, its reference page.

mod bind;
mod options;
mod plan;
mod source;
#[cfg(test)]
mod tests;
mod walk;

pub use options::{Incremental, Options, Parent};
pub use source::Rest;
