//! `.gz` and `.zip`, decompressed as a stream.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::Crc;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use sluss_schemas::say;
use zip::{CompressionMethod, ZipArchive};

use super::locate::{glob, is_hidden};
use super::storage::ReadSeek;
use crate::error::{ConnectorError, Result};
use crate::suggest;

/// How a file is packed, by its name's ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// Not at all.
    None,
    /// One compressed file.
    Gzip,
    /// Members, each compressed.
    Zip,
}

impl Packing {
    /// By the ending, in any case.
    pub(super) fn of(name: &str) -> Self {
        match name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
            Some("gz") => Self::Gzip,
            Some("zip") => Self::Zip,
            _ => Self::None,
        }
    }
}

/// Decompresses a gzip stream, also one of several parts; a broken one ends in an error.
pub(super) fn gunzip(packed: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(Explained(MultiGzDecoder::new(BufReader::with_capacity(64 * 1024, packed))))
}

/// A member of an archive, as its directory describes it.
pub(super) struct Member {
    /// Name with its folders.
    pub(super) name: String,
    /// Bytes when decompressed.
    pub(super) size: u64,
    start: u64,
    packed_size: u64,
    deflated: bool,
    crc: u32,
}

/// The members to read, in the order of their names, and the archive to read them from.
pub(super) fn members(archive: Box<dyn ReadSeek>, pattern: Option<&str>) -> Result<(Shared, Vec<Member>)> {
    let matcher = pattern.map(glob).transpose()?;
    let mut archive = ZipArchive::new(archive).map_err(broken)?;
    let (mut members, mut others) = (Vec::new(), Vec::new());
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(broken)?;
        let name = entry.name().map_err(broken)?.replace('\\', "/");
        if entry.is_dir() || is_hidden(&name) {
            continue;
        }
        // A pattern without a folder means the member's own name, wherever it lies.
        let own = name.rsplit('/').next().unwrap_or(&name);
        if matcher.as_ref().is_some_and(|m| !m.is_match(&name) && !m.is_match(own)) {
            others.push(name);
            continue;
        }
        if entry.encrypted() {
            return Err(ConnectorError::source(say!(
                "arkivet är skyddat med lösenord",
                "the archive is protected by a password"
            ))
            .at(name)
            .hint(say!(
                "be avsändaren om ett arkiv utan lösenord, över en skyddad kanal",
                "ask the sender for an archive without one, over a protected channel"
            )));
        }
        let deflated = match entry.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            _ => {
                return Err(ConnectorError::source(say!(
                    "arkivet är packat på ett sätt som inte kan läsas",
                    "the archive is packed by a method that is not read"
                ))
                .at(name)
                .hint(say!(
                    "be avsändaren om ett vanligt zip-arkiv (deflate)",
                    "ask the sender for an ordinary zip archive (deflate)"
                )));
            }
        };
        let start = entry.data_start().ok_or_else(|| broken("no data"))?;
        let (size, packed_size, crc) = (entry.size(), entry.compressed_size(), entry.crc32());
        members.push(Member { name, size, start, packed_size, deflated, crc });
    }
    if members.is_empty() {
        let error =
            ConnectorError::source(say!("arkivet innehåller ingen fil att läsa", "the archive holds no file to read"));
        let Some(pattern) = pattern else { return Err(error) };
        return Err(match suggest::nearest(pattern, others.iter().map(String::as_str)) {
            Some(near) => error.hint(say!(
                "ingen fil i arkivet passar `{pattern}`; menade ni `{near}`?",
                "no member matches `{pattern}`; did you mean `{near}`?"
            )),
            None => error.hint(say!(
                "ingen fil i arkivet passar `{pattern}`; kontrollera `member`",
                "no member matches `{pattern}`; check `member`"
            )),
        });
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((Shared(Arc::new(Mutex::new(archive.into_inner()))), members))
}

/// An archive that its members are read from, one at a time.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Box<dyn ReadSeek>>>);

impl Shared {
    /// Reads a member from its beginning; its checksum is checked at its end.
    pub(super) fn open(&self, member: &Member) -> Box<dyn Read + Send> {
        let packed = Stretch { archive: self.clone(), at: member.start, end: member.start + member.packed_size };
        let packed = BufReader::with_capacity(64 * 1024, packed);
        let data: Box<dyn Read + Send> =
            if member.deflated { Box::new(DeflateDecoder::new(packed)) } else { Box::new(packed) };
        Box::new(Explained(Checked { data, crc: Crc::new(), expected: member.crc }))
    }
}

/// A stretch of the archive's bytes.
struct Stretch {
    archive: Shared,
    at: u64,
    end: u64,
}

impl Read for Stretch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX).min(buffer.len());
        let mut archive = self.archive.0.lock().unwrap_or_else(PoisonError::into_inner);
        archive.seek(SeekFrom::Start(self.at))?;
        let n = archive.read(buffer.get_mut(..left).unwrap_or_default())?;
        self.at += n as u64;
        Ok(n)
    }
}

/// Checks the checksum when the data have ended.
struct Checked {
    data: Box<dyn Read + Send>,
    crc: Crc,
    expected: u32,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.data.read(buffer)?;
        self.crc.update(buffer.get(..n).unwrap_or_default());
        if n == 0 && !buffer.is_empty() && self.crc.sum() != self.expected {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "checksum"));
        }
        Ok(n)
    }
}

/// Says of a packing error what it is; other errors pass through.
struct Explained<R>(R);

impl<R: Read> Read for Explained<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
                io::Error::other(broken(error))
            }
            _ => error,
        })
    }
}

fn broken(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ConnectorError {
    ConnectorError::source(say!("arkivet är skadat eller avklippt", "the archive is damaged or cut short"))
        .hint(say!(
            "hämta det igen, eller be avsändaren om ett nytt",
            "fetch it again, or ask the sender for a new one"
        ))
        .because(cause)
        .retryable()
}
