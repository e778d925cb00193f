//! From a source to a stream of Arrow batches with a cursor.
//!
//! A connector is a folder here and one line in [`registry`]. It knows protocols and formats,
//! never a region, never DataFusion.

pub mod arrival;
mod caught;
#[cfg(any(test, feature = "compliance"))]
pub mod compliance;
pub mod connect;
mod distinguished_name;
pub mod eforms;
pub mod error;
pub mod fhir;
pub mod files;
pub mod hsa_fil;
pub mod http;
pub mod inkorg;
pub mod kodverk;
pub mod ldap;
mod options;
pub mod page;
pub mod push;
pub mod registry;
pub mod rest;
pub mod rivta;
mod secret;
pub mod sftp;
pub mod sql;
mod suggest;
#[cfg(test)]
mod testing;
mod tls;
