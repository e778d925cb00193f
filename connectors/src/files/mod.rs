//! files
#![allow(dead_code, reason = "what calls the formats comes with the driver")]

mod cells;
mod columns;
mod decode;
mod format;
pub mod json;
pub mod xlsx;
pub mod xml;
