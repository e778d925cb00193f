//! What has been read to its end, without telling the names.

use std::collections::BTreeSet;
use std::fmt::Write;

use sluss_schemas::chunk::Cursor;
use sluss_schemas::say;

use super::storage::Found;
use crate::error::{ConnectorError, Result};

/// Fingerprints of the files that have been read: of name, size and time of change (or tag), so
/// that a file which is replaced is read again. Names stay out of it: they may hold what they should not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Read(BTreeSet<[u8; 12]>);

/// Marks the cursor as one of this connector, and its version.
const MARK: &str = "files1:";

impl Read {
    /// From a cursor that an earlier run gave.
    pub(super) fn from(cursor: &Cursor) -> Result<Self> {
        let alien = || {
            ConnectorError::configuration(say!(
                "läspositionen kommer inte från kopplingen `files`",
                "the cursor was not made by the connector `files`"
            ))
            .hint(say!(
                "har jobbet fått en annan koppling? kör det en gång med --full",
                "has the job's connector changed? run it once with --full"
            ))
        };
        let text = cursor.0.strip_prefix(MARK).ok_or_else(alien)?;
        let mut read = BTreeSet::new();
        for hex in text.as_bytes().chunks(24) {
            let mut print = [0; 12];
            let hex = std::str::from_utf8(hex).ok().filter(|hex| hex.len() == 24).ok_or_else(alien)?;
            for (i, byte) in print.iter_mut().enumerate() {
                let pair = hex.get(2 * i..2 * i + 2).ok_or_else(alien)?;
                *byte = u8::from_str_radix(pair, 16).map_err(|_| alien())?;
            }
            read.insert(print);
        }
        Ok(Self(read))
    }

    /// Whether this version of the file has been read.
    pub(super) fn has(&self, found: &Found) -> bool {
        self.0.contains(&print(found))
    }

    /// The file has been read to its end.
    pub(super) fn add(&mut self, found: &Found) {
        self.0.insert(print(found));
    }

    /// Forgets files that are no longer there, so that the cursor does not grow for ever.
    pub(super) fn keep(&mut self, files: &[Found]) {
        let there: BTreeSet<_> = files.iter().map(print).collect();
        self.0.retain(|print| there.contains(print));
    }

    /// As a cursor.
    pub(super) fn cursor(&self) -> Cursor {
        let mut text = String::with_capacity(MARK.len() + self.0.len() * 24);
        text.push_str(MARK);
        for byte in self.0.iter().flatten() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Cursor(text)
    }
}

fn print(found: &Found) -> [u8; 12] {
    let mut hasher = blake3::Hasher::new();
    for part in [found.name.as_bytes(), &found.size.to_le_bytes(), found.stamp.as_bytes()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut print = [0; 12];
    hasher.finalize_xof().fill(&mut print);
    print
}
