//! The shared language of Sluss: national tables, rules and messages, code systems, identifiers,
//! and the types that cross from connectors to the pipeline.
//!
//! Nothing here does I/O and nothing is async: what is in this crate can be read, tested and
//! reasoned about alone. The other crates import it; it imports none of them.

pub mod chunk;
pub mod clock;
pub mod code;
pub mod finding;
pub mod identifier;
pub mod landing;
pub mod message;
pub mod misfit;
pub mod personnummer;
pub mod reading;
pub mod region;
pub mod rule;
pub mod secrecy;
pub mod secret;
pub mod synonym;
pub mod table;
pub mod value;
