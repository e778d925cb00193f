//! Mapping: a job's SQL over its source, lazy and streaming, with the national functions.
//!
//! Every mapped row carries the hidden source row ([`sluss_schemas::chunk::ROW_ID`]); a plan that
//! loses it is refused. What a national function repaired or could not read is *noted* beside the
//! stream, by source row and national column, so that functions compose as plain typed SQL.

mod explain;
mod filter;
mod functions;
mod lineage;
mod notes;
mod page;
mod prepare;
mod rewrite;
mod source;

pub(crate) use explain::{nearest, planners_words};
pub use filter::{FilterCounts, Filters};
pub use functions::{FunctionDoc, Lookups, docs as function_docs};
pub use lineage::lineage;
pub use notes::{Note, Notes};
pub use page::page as functions_page;
pub use prepare::{Mapping, prepare};
pub use source::Feed;
