//! Connector `kodverk`: a code list in any form that authorities publish.
//!
//! What it reads, how it gets there, its cursor and its quirks: `doc.md`, its reference page.

mod columns;
mod decode;
mod delimited;
mod detect;
mod fhir;
mod fixed;
mod genericode;
mod intake;
mod lines;
mod notice;
mod options;
mod out;
mod rf2;
mod shape;
mod sheet;
mod source;

pub use notice::{Notice, NoticeKind, Notices};
pub use options::{ColumnRef, Encoding, FixedField, Form, Options};
pub use shape::Gives;
pub use source::{Kodverk, KodverkSource};

#[cfg(test)]
mod tests;
