//! Where to go on.

use serde::{Deserialize, Serialize};
use sluss_schemas::chunk::Cursor;
use sluss_schemas::say;

use super::answer::Known;
use super::paging::At;
use crate::error::{ConnectorError, Result};

/// What a cursor holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    /// The mark that this reading asks from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<String>,
    /// The latest mark that has been seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) high: Option<String>,
    /// Within a reading: the next page. None: the reading has come to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<At>,
    /// Within a reading: which of `each`.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) each: usize,
    /// Within a reading: answers so far.
    #[serde(skip_serializing_if = "is_none_yet")]
    pub(crate) answers: u64,
    /// Within a reading: rows so far.
    #[serde(skip_serializing_if = "is_none_yet")]
    pub(crate) rows: u64,
    /// What tells the answer that we have from a newer one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) known: Option<Known>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_none_yet(number: &u64) -> bool {
    *number == 0
}

impl State {
    /// From a cursor that an earlier reading of the connector with this mark gave.
    pub(crate) fn read(cursor: &Cursor, mark: &str) -> Result<Self> {
        let text = cursor.0.strip_prefix(mark).and_then(|rest| rest.strip_prefix("1:"));
        text.and_then(|text| serde_json::from_str(text).ok()).ok_or_else(|| {
            ConnectorError::configuration(say!(
                "markören är inte gjord av kopplingen `{mark}`",
                "the cursor was not made by the connector `{mark}`"
            ))
            .hint(say!(
                "har jobbets koppling bytts? kör det en gång med --full",
                "has the job's connector changed? run it once with --full"
            ))
        })
    }

    /// As a cursor.
    pub(crate) fn cursor(&self, mark: &str) -> Cursor {
        // A struct of texts and numbers can be written.
        Cursor(format!("{mark}1:{}", serde_json::to_string(self).unwrap_or_default()))
    }
}
