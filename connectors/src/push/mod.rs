//! What senders hand in by themselves: `sluss serve --push` and `sluss submit` give it to the job.
//!
//! What it reads, how it gets there, its cursor and its quirks: `doc.md`, its reference page.

mod options;
mod source;
#[cfg(test)]
mod tests;

pub use options::Options;
pub use source::{Push, delivery};
