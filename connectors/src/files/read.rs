//! What has been read before: by the files' versions, or by their contents.

use sluss_schemas::chunk::Cursor;

use super::cursor::Read;
use super::storage::{Found, Place};
use crate::arrival::{Content, Contents, Listed};
use crate::error::Result;

/// What has been read to its end.
pub(super) enum AlreadyRead {
    /// Versions of files that stay where they are.
    Versions(Read),
    /// Contents of files that come and go.
    Contents(Contents),
}

impl AlreadyRead {
    /// Versions, from the cursor that an earlier run gave.
    pub(super) fn versions(after: Option<&Cursor>) -> Result<Self> {
        after.map(Read::from).transpose().map(Option::unwrap_or_default).map(Self::Versions)
    }

    /// Forgets what is no longer there, so that the cursor does not grow for ever.
    pub(super) fn keep(&mut self, found: &[Found]) {
        match self {
            Self::Versions(read) => read.keep(found),
            Self::Contents(contents) => {
                let listed: Vec<Listed> = found.iter().filter_map(Found::listed).cloned().collect();
                contents.keep(&listed);
            }
        }
    }

    /// Whether the file has been read. `content` reads it once, which only happens where its size is one
    /// that has been read. Tells the content where it is known.
    pub(super) fn has(&mut self, file: &Found, content: impl FnOnce() -> Result<Content>) -> Result<Before> {
        let contents = match self {
            Self::Versions(read) => return Ok(if read.has(file) { Before::Version } else { Before::Never }),
            Self::Contents(contents) => contents,
        };
        let Some(listed) = file.listed() else { return Ok(Before::Never) };
        if let Some(content) = contents.read_as(listed) {
            return Ok(Before::Content(content));
        }
        if !contents.has_size(file.size) {
            return Ok(Before::Never);
        }
        let content = content()?;
        if !contents.has(content) {
            return Ok(Before::Never);
        }
        contents.add(listed, content);
        Ok(Before::Content(content))
    }

    /// The file has been read to its end.
    pub(super) fn add(&mut self, file: &Found, content: Option<Content>) {
        match (self, content, file.listed()) {
            (Self::Versions(read), ..) => read.add(file),
            (Self::Contents(contents), Some(content), Some(listed)) => contents.add(listed, content),
            (Self::Contents(_), ..) => {}
        }
    }

    /// Whether contents are to be told apart.
    pub(super) fn by_content(&self) -> bool {
        matches!(self, Self::Contents(_))
    }

    /// As a cursor.
    pub(super) fn cursor(&self) -> Cursor {
        match self {
            Self::Versions(read) => read.cursor(),
            Self::Contents(contents) => contents.cursor(),
        }
    }
}

/// Whether a file was read before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// It was not.
    Never,
    /// This version of it was.
    Version,
    /// Its content was.
    Content(Content),
}

impl Found {
    /// The file in the folder that is watched.
    fn listed(&self) -> Option<&Listed> {
        match &self.place {
            Place::Inbox(listed) => Some(listed),
            Place::Local(_) | Place::Object(_) | Place::Given => None,
        }
    }
}
