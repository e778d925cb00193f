//! From a source to a stream of Arrow batches with a cursor.
//!
//! A connector is a folder here and one line in [`registry`]. It knows protocols and formats,
//! never a region, never DataFusion.

#[cfg(any(test, feature = "compliance"))]
pub mod compliance;
pub mod connect;
pub mod error;
pub mod fhir;
pub mod files;
pub mod http;
pub mod kodverk;
mod options;
pub mod registry;
pub mod rest;
mod suggest;
