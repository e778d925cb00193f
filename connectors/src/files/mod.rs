//! files
#![allow(dead_code, reason = "what calls the formats comes with the driver")]

mod cells;
mod format;
pub mod xlsx;
