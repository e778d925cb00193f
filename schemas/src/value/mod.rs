//! Values: one file per kind, from the text of a cell to a typed value.
//!
//! Every reader gives a [`Reading`](crate::reading::Reading): nothing is guessed silently. A value
//! that reads clean allocates nothing.

pub mod datum;
pub mod decimal;
pub mod ja_nej;
pub mod klockslag;
pub mod tidpunkt;
pub mod typography;
