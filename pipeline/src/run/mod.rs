//! A run: one job's delivery from extraction to publication.
//!
//! ```text
//! chunks ─▶ extract ─▶ map (one plan per table) ─▶ validate ─▶ settle ─▶ stage ─▶ publish ─▶ project
//!            │ unread, filtered    │ notes          │ rejected   │ duplicates, parents, guards
//!            └──────────────┴───────── quarantine ──┴────────────┘
//! ```
//!
//! Extraction and the tables' mappings work side by side over bounded channels; what needs the
//! whole delivery is settled when the source has ended. Only [`publish`] writes what others see.

mod account;
mod anchors;
mod catch_up;
mod decide;
mod engine;
mod extract;
mod feeding;
mod guard;
mod known;
mod lineage;
mod open;
mod order;
mod outcome;
mod partitions;
mod persons;
mod pseudonyms;
mod publish;
mod quarantined;
mod receipted;
mod settle;
mod sources;
mod superseded;
mod sweep;
mod table;
mod traced;
mod usual;
mod weigh;
mod window;
mod withheld;

mod check;
mod preview;
mod replay;

pub use anchors::Anchors;
pub use check::{SourceColumn, source_type};
pub use engine::{Engine, Intent, RunOptions, new_run};
pub use guard::Held;
pub use lineage::Lineage;
pub use open::{EngineParts, PSEUDONYM_KEY, RECEIPT_KEY, make_keys, signer};
pub use outcome::{FileOutcome, Outcome, RunState, TableOutcome};
pub use preview::{Preview, PreviewFinding, PreviewRow, PreviewTable, Verdict};
pub(crate) use receipted::swedish_day;
pub use replay::LandedFiles;
pub use sweep::Swept;
pub use traced::{Progress, Silent};
