//! When jobs are to run: times on the wall clock, exceptions, what becomes of missed times.
//!
//! Nothing here does I/O or reads a clock: [`times`] says when a schedule falls due, [`policy`] what a job
//! file says of its runs, [`calendar`] which days are exceptions, [`due`] what is to be planned between two
//! instants, and [`graph`] which jobs build on which. The ledger keeps what came of it
//! ([`crate::ledger::Occasion`]).

pub mod calendar;
pub mod due;
pub mod graph;
pub mod policy;
mod span;
pub mod times;

#[cfg(test)]
mod tests;

pub use calendar::{Calendar, Calendars};
pub use due::{Due, Fate, due};
pub use graph::Graph;
pub use policy::{Backfill, Misfire, Serve, Step, When};
pub use span::Span;
pub use times::Times;
