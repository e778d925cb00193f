//! The engine of Sluss: extract → map → validate → merge → publish.
//!
//! The database (register and ledger together) is the only judge of what is published; the Delta
//! lake is a projection that can be rebuilt. A job's way through here is [`run`]; the folders are
//! its stations, in order: [`job`], [`landing`], [`map`], [`validate`], [`merge`], [`register`],
//! [`lake`], with [`quarantine`] beside the way.

pub mod backup;
pub mod coverage;
pub mod erasure;
pub mod error;
pub mod fail;
pub mod freshness;
pub mod job;
pub mod keys;
pub mod lake;
pub mod landing;
pub mod ledger;
pub mod map;
pub mod matching;
pub mod merge;
pub mod quarantine;
pub mod receipt;
pub mod register;
pub mod run;
pub mod schedule;
pub mod secrets;
pub mod suggest;
pub mod validate;
