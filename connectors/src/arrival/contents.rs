//! What has been read, known again by its content.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sluss_schemas::chunk::Cursor;
use sluss_schemas::say;

use super::folder::Listed;
use super::options::Take;
use crate::error::{ConnectorError, Result};

/// What tells one content from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Content([u8; 16]);

impl From<&blake3::Hasher> for Content {
    fn from(hasher: &blake3::Hasher) -> Self {
        let mut content = [0; 16];
        hasher.finalize_xof().fill(&mut content);
        Self(content)
    }
}

impl Content {
    /// The beginning of it, for a file's name.
    pub(super) fn short(self) -> String {
        let [a, b, c, d, ..] = self.0;
        format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
    }
}

/// One reading: the file as it was listed, its size, its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record {
    version: [u8; 12],
    size: [u8; 4],
    content: Content,
}

/// Bytes of a record.
const RECORD: usize = 32;

/// Contents that are remembered after their files have gone.
const REMEMBERED: usize = 4096;

/// Marks the cursor as one of files that arrive, and its version.
const MARK: &str = "arrived1:";

/// The contents that have been read, the latest last. Neither names nor cells stand in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    records: VecDeque<Record>,
    /// Those at the front whose files have gone; they are forgotten first.
    gone: usize,
    only_last: bool,
}

impl Contents {
    /// From a cursor that an earlier run gave, or from nothing.
    ///
    /// Where each file is a whole delivery only the last one counts: what came before may come again.
    pub(crate) fn new(cursor: Option<&Cursor>, take: Take) -> Result<Self> {
        let mut contents = Self { only_last: take == Take::Latest, ..Self::default() };
        let Some(cursor) = cursor else { return Ok(contents) };
        let alien = || {
            ConnectorError::configuration(say!(
                "läspositionen kommer inte från en koppling för filer som anländer",
                "the cursor was not made by a connector for files that arrive"
            ))
            .hint(say!(
                "har jobbet fått en annan koppling? kör det en gång med --full",
                "has the job's connector changed? run it once with --full"
            ))
        };
        let text = cursor.0.strip_prefix(MARK).ok_or_else(alien)?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| alien())?;
        let (records, rest) = bytes.as_chunks::<RECORD>();
        if !rest.is_empty() {
            return Err(alien());
        }
        for record in records {
            let (version, rest) = record.split_first_chunk().ok_or_else(alien)?;
            let (size, rest) = rest.split_first_chunk().ok_or_else(alien)?;
            let content = rest.first_chunk().ok_or_else(alien)?;
            contents.push(Record { version: *version, size: *size, content: Content(*content) });
        }
        Ok(contents)
    }

    /// Readings whose files have gone are forgotten before those whose files are still there.
    pub(crate) fn keep(&mut self, listing: &[Listed]) {
        let there: std::collections::BTreeSet<_> = listing.iter().map(version).collect();
        let (gone, here): (Vec<_>, Vec<_>) =
            self.records.drain(..).partition(|record| !there.contains(&record.version));
        self.gone = gone.len();
        self.records = gone.into_iter().chain(here).collect();
    }

    /// The content of the file, where it was read as it is listed now.
    pub(crate) fn read_as(&self, file: &Listed) -> Option<Content> {
        let version = version(file);
        self.records.iter().find(|record| record.version == version).map(|record| record.content)
    }

    /// Whether a file of this size has been read: only then its content can be known.
    pub(crate) fn has_size(&self, size: u64) -> bool {
        self.records.iter().any(|record| record.size == low(size))
    }

    /// Whether the content has been read.
    pub(crate) fn has(&self, content: Content) -> bool {
        self.records.iter().any(|record| record.content == content)
    }

    /// The file has been read to its end.
    pub(crate) fn add(&mut self, file: &Listed, content: Content) {
        self.push(Record { version: version(file), size: low(file.size), content });
    }

    fn push(&mut self, record: Record) {
        if self.only_last {
            self.records.clear();
            self.gone = 0;
        }
        if self.records.len() >= REMEMBERED && self.gone > 0 {
            self.records.pop_front();
            self.gone -= 1;
        }
        self.records.push_back(record);
    }

    /// As a cursor.
    pub(crate) fn cursor(&self) -> Cursor {
        let mut bytes = Vec::with_capacity(self.records.len() * RECORD);
        for record in &self.records {
            bytes.extend(record.version);
            bytes.extend(record.size);
            bytes.extend(record.content.0);
        }
        Cursor(format!("{MARK}{}", STANDARD_NO_PAD.encode(bytes)))
    }
}

/// The size's lower half: enough to tell that contents differ.
fn low(size: u64) -> [u8; 4] {
    let [a, b, c, d, ..] = size.to_le_bytes();
    [a, b, c, d]
}

fn version(file: &Listed) -> [u8; 12] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&file.size.to_le_bytes());
    hasher.update(&file.modified.to_le_bytes());
    hasher.update(file.name.as_bytes());
    let mut version = [0; 12];
    hasher.finalize_xof().fill(&mut version);
    version
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(nth: usize) -> Listed {
        Listed { name: format!("{nth}.csv"), size: nth as u64, modified: 7 }
    }

    fn content(nth: usize) -> Content {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&nth.to_le_bytes());
        Content::from(&hasher)
    }

    #[test]
    fn a_cursor_remembers_contents_and_neither_grows_nor_forgets_what_is_there() {
        let mut contents = Contents::new(None, Take::All).unwrap();
        let there: Vec<_> = (0..10).map(file).collect();
        for nth in 0..REMEMBERED {
            contents.add(&file(nth), content(nth));
        }
        contents.keep(&there);
        for nth in REMEMBERED..REMEMBERED + 100 {
            contents.add(&file(nth), content(nth));
        }
        let again = Contents::new(Some(&contents.cursor()), Take::All).unwrap();
        assert_eq!(again.records.len(), REMEMBERED);
        assert!(there.iter().all(|file| again.read_as(file).is_some()), "files that are there are forgotten");
        assert!(!again.has(content(10)) && again.has(content(REMEMBERED - 1)) && again.has(content(REMEMBERED)));
        assert!(again.has_size(REMEMBERED as u64) && !again.has_size(50));
        assert!(!contents.cursor().0.contains(".csv"));
    }

    #[test]
    fn where_each_file_is_a_whole_only_the_last_counts() {
        let mut contents = Contents::new(None, Take::Latest).unwrap();
        contents.add(&file(1), content(1));
        contents.add(&file(2), content(2));
        assert!(!contents.has(content(1)) && contents.has(content(2)));
        let again = Contents::new(Some(&contents.cursor()), Take::Latest).unwrap();
        assert!(!again.has(content(1)) && again.has(content(2)));
    }

    #[test]
    fn another_connectors_cursor_is_refused() {
        for text in ["files1:00", "arrived1:AA", "arrived1:???", ""] {
            assert!(Contents::new(Some(&Cursor(text.into())), Take::All).is_err(), "{text}");
        }
        assert_eq!(Contents::new(Some(&Cursor(MARK.into())), Take::All).unwrap(), Contents::default());
    }
}
