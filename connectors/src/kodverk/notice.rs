//! What a person should know of a code list that is neither an error nor a row that cannot be read.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

/// Kinds of notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// The resource has no codes (summary mode, or content elsewhere): a version with none.
    NoCodes,
    /// The list says another number than it holds.
    CountDiffers,
    /// A resource of another kind than the job asks for.
    OtherKind,
    /// The same system and version came before in this file.
    Repeated,
    /// The resource names its codes by a rule or by reference: it lists none to read.
    NotListed,
    /// Source codes that the map says lead to nothing.
    Unmatched,
    /// SNOMED CT identifiers whose check digit fails.
    Verhoeff,
    /// Inactive rows.
    Inactive,
    /// The byte order mark says another encoding than the job.
    Encoding,
}

/// One notice. Never holds a cell's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// Where: a file, a resource with its version.
    pub place: String,
    /// Facts: counts.
    pub detail: String,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.detail, self.place)
    }
}

/// The notices of a source, shared with whoever shows them. Each is logged too.
#[derive(Clone, Debug, Default)]
pub struct Notices(Arc<Mutex<Vec<Notice>>>);

impl Notices {
    pub(super) fn add(&self, kind: NoticeKind, place: impl Into<String>, detail: impl Into<String>) {
        let notice = Notice { kind, place: place.into(), detail: detail.into() };
        tracing::warn!(kind = ?notice.kind, place = %notice.place, "{}", notice.detail);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
    }

    /// All notices so far, in the order in which they came.
    pub fn list(&self) -> Vec<Notice> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Number of notices of a kind.
    pub fn count(&self, kind: NoticeKind) -> usize {
        self.list().iter().filter(|n| n.kind == kind).count()
    }
}
