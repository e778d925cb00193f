//! The receipt: what became of a delivery, for the region that sent it.
//!
//! A [`Receipt`] is facts only: counts, addresses, rule ids. The ledger keeps it as JSON. What a
//! rule means is put into words when the receipt is shown, as [`text`] for the terminal and e-mail,
//! [`json`] for programs, [`xlsx`] for the one who mends the rows. Cell values stand in none of them
//! but in the workbook, where the region's own rejected rows are asked for. What leaves is signed
//! ([`Signer`]), so that a region can show what it was told.

mod english;
mod facts;
mod json;
mod layout;
mod number;
mod signature;
mod swedish;
mod text;
mod words;
mod xlsx;

pub use facts::{
    Example, FileCount, Owner, Published, PublishedTable, Receipt, RuleCount, SourceRows, State, TableCount, Text,
};
pub use json::json;
pub use signature::{SIGNATURE, SIGNATURE_BYTES, Signer};
pub use text::text;
pub use xlsx::{OwnRows, WorkbookError, xlsx};

#[cfg(test)]
mod tests;
