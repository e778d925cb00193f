//! From a source to a stream of Arrow batches with a cursor.
//!
//! A connector is a folder here and one line in [`registry`]. It knows protocols and formats,
//! never a region, never DataFusion.

mod caught;
#[cfg(any(test, feature = "compliance"))]
pub mod compliance;
pub mod connect;
mod distinguished_name;
pub mod error;
pub mod fhir;
pub mod files;
pub mod hsa_fil;
pub mod http;
pub mod kodverk;
pub mod ldap;
mod options;
pub mod page;
#[cfg(test)]
mod proxy;
pub mod registry;
pub mod rest;
pub mod rivta;
mod secret;
pub mod sql;
mod suggest;
mod tls;
