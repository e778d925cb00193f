//! The register's face to the rest of the pipeline, by concern: who needs one of them names that one.

mod ask;
mod erase;
mod keep;
mod matching;
mod publish;
mod secrecy;

pub use ask::Ask;
pub use erase::Erase;
pub use keep::Keep;
pub use matching::Matches;
pub use publish::Publish;
pub use secrecy::Secrecy;

use crate::ledger::{Ledger, Timetable};

/// The register and its ledger: all of it.
pub trait Register: Ledger + Timetable + Keep + Ask + Publish + Secrecy + Matches + Erase {}

impl<T: Ledger + Timetable + Keep + Ask + Publish + Secrecy + Matches + Erase> Register for T {}
