//! Connector `kodverk`: a code list in any form that authorities publish.
//!
//! # What it reads
//! One code list per job: delimited text (TSV, CSV), fixed width, Excel (.xls, .xlsx), FHIR
//! `CodeSystem`, `ValueSet` and `ConceptMap` (also in a `Bundle`), a SNOMED CT RF2 snapshot or delta,
//! Genericode 1.0. Every form gives the same columns: those of `kod`, `kodmappning` or
//! `vardomrade`, all text as the list has it, and the row's place.
//!
//! # Access
//! Files below the project's folder. Nothing is fetched.
//!
//! # Cursor
//! None: a code list is read whole, and what did not change publishes nothing.
//!
//! # Quirks
//! - A list that states no dates gets `valid_from` (the version's start) as `giltig_fran`.
//! - Codes stay as they stand, with blanks and dots: the table's normalisation mends and counts them.
//! - A FHIR resource in summary mode has no codes; it is read as a version with none, and said so.
//! - A searchset whose `total` is not its number of entries is a part of the answer, and said so.
//! - An RF2 delta is a version of its own that adds to the one that the job names
//!   (`20260131+20260228`) and rules nothing that it does not list.
//! - A last day (*t.o.m.*) becomes the first day after, as everywhere in the register.
//! - RF2: what a snapshot calls active is valid from the version's start, since `effectiveTime` is
//!   only the row's latest change; what it calls inactive ended on its `effectiveTime`: its row says
//!   from that day on that it is not in use, and nothing of when it began.
//! - Excel keeps 15 digits of a number: a longer code that was typed as a number cannot be read.
//!
//! # Example
//! ```toml
//! [source]
//! connector = "kodverk"
//! [source.options]
//! path       = "kodverk/kva-2026.tsv"
//! system     = "kva"
//! version    = "2026"
//! valid_from = "2026-01-01"
//! columns    = { kod = "Kod", text = "Titel" }
//! ```

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
