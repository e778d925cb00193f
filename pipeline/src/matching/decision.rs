//! What people have decided: it stands before every score until somebody decides otherwise.
//!
//! A decision is kept under the hash of its row's key, so that it tells nothing of a contract that is no
//! longer there, and names an organisation or a unit. A sole trader is never decided on: a key finds it or
//! nothing does.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewArray};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::Mention;
use crate::error::Result;
use crate::merge::key_hashes;

/// What was decided of one that may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is this one.
    Is(String),
    /// It is not this one.
    IsNot(String),
}

/// A decision, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Hash of the key of the row in `koppling`.
    #[serde(skip)]
    pub key: [u8; 16],
    /// Whether it is the target, or is not.
    #[serde(rename = "ar_malet")]
    pub is_target: bool,
    /// Organisation number or HSA-id.
    #[serde(rename = "mal")]
    pub target: String,
    /// The day of the decision.
    #[serde(rename = "beslutad")]
    pub decided: NaiveDate,
    /// Who decided.
    #[serde(rename = "beslutad_av")]
    pub by: String,
    /// When it was recorded.
    #[serde(rename = "reg_fran")]
    pub recorded: Option<DateTime<Utc>>,
    /// When another took its place.
    #[serde(rename = "reg_till")]
    pub superseded: Option<DateTime<Utc>>,
}

/// The decisions that stand.
#[derive(Clone, Debug, Default)]
pub struct Decided(HashMap<[u8; 16], Vec<Judgement>>);

impl Decided {
    /// Of these, those that no other has taken the place of.
    pub fn new(decisions: impl IntoIterator<Item = Decision>) -> Self {
        let mut all: HashMap<_, Vec<_>> = HashMap::new();
        for decision in decisions.into_iter().filter(|decision| decision.superseded.is_none()) {
            let judgement =
                if decision.is_target { Judgement::Is(decision.target) } else { Judgement::IsNot(decision.target) };
            all.entry(decision.key).or_default().push(judgement);
        }
        Self(all)
    }

    pub(super) fn on(&self, mention: &Mention) -> &[Judgement] {
        if self.0.is_empty() {
            return &[];
        }
        let key = key_of(&mention.table, &mention.key, &mention.role).ok();
        key.and_then(|key| self.0.get(&key)).map_or(&[], Vec::as_slice)
    }
}

/// Hash of the key of a row in `koppling`, as the register makes it.
pub fn key_of(table: &str, key: &str, role: &str) -> Result<[u8; 16]> {
    let columns = [table, key, role].map(|text| -> ArrayRef { Arc::new(StringViewArray::from(vec![text])) });
    let hashes = key_hashes(&columns.iter().collect::<Vec<_>>(), 1)?;
    Ok(hashes.into_iter().flatten().next().unwrap_or_default().to_be_bytes())
}
