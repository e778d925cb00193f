//! files
#![allow(dead_code, reason = "what calls the formats comes with the driver")]

mod cells;
mod columns;
mod format;
pub mod xlsx;
pub mod xml;
