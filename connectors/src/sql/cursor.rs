//! Where to go on: the highest value of the cursor's column so far, and how many rows came before.

use serde::{Deserialize, Serialize};
use sluss_schemas::chunk::Cursor;
use sluss_schemas::say;

use super::key::{Key, full};
use crate::error::{ConnectorError, Result};

/// Marks the cursor as one of this connector, and its version.
const MARK: &str = "sql1:";

/// A position in a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// The cursor's column.
    pub(super) column: String,
    /// Its highest value.
    pub(super) key: Key,
    /// Rows so far, so that their numbers go on.
    pub(super) rows: u64,
}

impl Position {
    /// From a cursor that an earlier run gave, for a job whose cursor is on `column`.
    pub(super) fn from(cursor: &Cursor, column: Option<&str>) -> Result<Self> {
        let alien = || {
            ConnectorError::configuration(say!(
                "läspositionen kommer inte från kopplingen `sql`",
                "the cursor was not made by the connector `sql`"
            ))
            .hint(full())
        };
        let position: Self =
            cursor.0.strip_prefix(MARK).and_then(|text| serde_json::from_str(text).ok()).ok_or_else(alien)?;
        if column != Some(position.column.as_str()) {
            return Err(ConnectorError::configuration(say!(
                "läspositionen gäller en annan `cursor.column`",
                "the cursor was made with another `cursor.column`"
            ))
            .hint(full()));
        }
        Ok(position)
    }

    /// As a cursor.
    pub(super) fn cursor(&self) -> Result<Cursor> {
        let text = serde_json::to_string(self)
            .map_err(|error| super::fault::ours(&say!("skriva läspositionen", "writing the cursor")).because(error))?;
        Ok(Cursor(format!("{MARK}{text}")))
    }
}
