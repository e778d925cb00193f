//! Connector `fhir`: a FHIR server's resources, or Bundles in files (R4 and R5, JSON).
//!
//! What it reads, how it gets there, its cursor and its quirks: `doc.md`, its reference page.

mod bundle;
mod codes;
mod export;
mod options;
mod outcome;
mod plan;
mod resource;
mod source;
#[cfg(test)]
mod tests;
mod walk;

pub use options::{Expand, Export, Increments, Options};
pub use resource::Resource;
pub use source::Fhir;
