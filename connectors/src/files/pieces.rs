//! A file that lies elsewhere as one that can be read in any order: pieces of it, fetched ahead.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use bytes::Bytes;
use futures::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::error::Result;

/// Fetches a stretch of the file, whole.
pub(crate) type Fetch = Box<dyn Fn(Range<u64>) -> BoxFuture<'static, Result<Bytes>> + Send>;

/// A file that lies elsewhere, read on a thread that may wait. While one piece is read the next is under
/// way: no more than two are in memory.
pub(crate) struct Pieces {
    runtime: Handle,
    fetch: Fetch,
    size: u64,
    length: u64,
    at: u64,
    /// Where the piece starts, and its bytes.
    piece: (u64, Bytes),
    next: Option<(u64, Task)>,
}

/// A piece under way, given up when it is dropped.
struct Task(JoinHandle<Result<Bytes>>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Pieces {
    /// A file of `size` bytes, fetched `length` at a time. Called on a thread of a runtime.
    pub(crate) fn new(size: u64, length: u64, fetch: Fetch) -> Self {
        Self { runtime: Handle::current(), fetch, size, length, at: 0, piece: (0, Bytes::new()), next: None }
    }

    fn request(&self, start: u64) -> Option<(u64, Task)> {
        let end = self.size.min(start.saturating_add(self.length));
        (start < end).then(|| (start, Task(self.runtime.spawn((self.fetch)(start..end)))))
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        let (start, bytes) = &self.piece;
        if self.at < *start || self.at >= start + bytes.len() as u64 {
            let under_way = self.next.take().filter(|(start, _)| *start == self.at);
            let Some((start, mut task)) = under_way.or_else(|| self.request(self.at)) else { return Ok(0) };
            let bytes = self.runtime.block_on(&mut task.0).map_err(io::Error::other)?.map_err(io::Error::other)?;
            if bytes.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.next = self.request(start + bytes.len() as u64);
            self.piece = (start, bytes);
        }
        let (start, bytes) = &self.piece;
        let from = usize::try_from(self.at - start).unwrap_or(usize::MAX);
        let rest = bytes.get(from..).unwrap_or_default();
        let n = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..n), rest.get(..n)) {
            to.copy_from_slice(from);
        }
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Pieces {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
