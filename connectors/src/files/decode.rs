//! Bytes to UTF-8, as a stream; and what a file's first bytes give away.

use std::io::{self, Read};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::{ConnectorError, Result};

/// Declared character encoding of a text file. Never guessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Encoding {
    /// UTF-8, with or without byte order mark.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// ISO-8859-1, exactly: bytes 80–9F are control characters.
    #[serde(rename = "iso-8859-1")]
    Latin1,
    /// Windows-1252: as ISO-8859-1 with printable characters in 80–9F.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

impl Encoding {
    /// Rewrites `bytes` as UTF-8 at the end of `text`. UTF-8 itself is copied, unchecked.
    fn append(self, bytes: &[u8], text: &mut Vec<u8>) {
        match self {
            Self::Utf8 => text.extend_from_slice(bytes),
            Self::Latin1 => {
                let old = text.len();
                text.resize(old + bytes.len() * 2, 0);
                let new = text.get_mut(old..).map_or(0, |to| encoding_rs::mem::convert_latin1_to_utf8(bytes, to));
                text.truncate(old + new);
            }
            // Single bytes, all defined: no state between calls and no error.
            Self::Windows1252 => {
                text.extend_from_slice(encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.as_bytes());
            }
        }
    }

    /// The original bytes of decoded text.
    pub(crate) fn original(self, text: &[u8]) -> Vec<u8> {
        let decoded = match self {
            Self::Utf8 => return text.to_vec(),
            Self::Latin1 | Self::Windows1252 => String::from_utf8_lossy(text),
        };
        match self {
            Self::Windows1252 => encoding_rs::WINDOWS_1252.encode(&decoded).0.into_owned(),
            _ => encoding_rs::mem::encode_latin1_lossy(&decoded).into_owned(),
        }
    }
}

/// A window of decoded text that slides over a file: what is before the window is done with.
pub(crate) struct Window {
    source: Box<dyn Read + Send>,
    encoding: Encoding,
    /// Memory that is reused for every block; the text is `start..end` of it.
    memory: Vec<u8>,
    start: usize,
    end: usize,
    scratch: Vec<u8>,
    done: bool,
}

/// Bytes read at a time: large enough to amortise calls, small enough for the second-level cache.
const BLOCK: usize = 256 * 1024;

impl Window {
    /// Begins at the start of `source`; a UTF-8 byte order mark is skipped.
    pub(crate) fn new(source: Box<dyn Read + Send>, encoding: Encoding) -> io::Result<Self> {
        let mut window =
            Self { source, encoding, memory: Vec::new(), start: 0, end: 0, scratch: Vec::new(), done: false };
        window.more()?;
        if encoding == Encoding::Utf8 && window.text().starts_with(b"\xEF\xBB\xBF") {
            window.consume(3);
        }
        Ok(window)
    }

    /// The text in the window.
    pub(crate) fn text(&self) -> &[u8] {
        self.memory.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether the window reaches the file's end.
    pub(crate) fn done(&self) -> bool {
        self.done
    }

    /// Drops the first `n` bytes of text.
    pub(crate) fn consume(&mut self, n: usize) {
        self.start = self.end.min(self.start + n);
    }

    /// Reads on: at least a block, and as much again as is in the window, so that a record that
    /// spans many blocks is scanned a bounded number of times.
    pub(crate) fn more(&mut self) -> io::Result<()> {
        self.memory.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let wanted = BLOCK.max(self.end);
        self.make_room(self.end + wanted);
        let mut filled = self.end;
        while let Some(free) = self.memory.get_mut(filled..self.end + wanted).filter(|free| !free.is_empty()) {
            match self.source.read(free) {
                Ok(0) => {
                    self.done = true;
                    break;
                }
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        // ASCII is the same in every encoding here: most blocks need no second look.
        let fresh = self.memory.get(self.end..filled).unwrap_or_default();
        if self.encoding != Encoding::Utf8 && !fresh.is_ascii() {
            self.scratch.clear();
            self.encoding.append(fresh, &mut self.scratch);
            filled = self.end + self.scratch.len();
            self.make_room(filled);
            if let Some(place) = self.memory.get_mut(self.end..filled) {
                place.copy_from_slice(&self.scratch);
            }
        }
        self.end = filled;
        Ok(())
    }

    fn make_room(&mut self, bytes: usize) {
        if self.memory.len() < bytes {
            self.memory.resize(bytes, 0);
        }
    }
}

/// Refuses files that are something else than text with rows, by their first bytes.
pub(crate) fn refuse_non_text(head: &[u8]) -> Result<()> {
    if is_html(head) {
        return Err(html());
    }
    let what = match head {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
            return Err(ConnectorError::source("the file is in UTF-16, which is not read")
                .hint("save it as UTF-8 (in Excel: \"CSV UTF-8\")"));
        }
        [b'P', b'K', 3, 4, ..] => "a zip archive or an Excel workbook (xlsx)",
        [0xD0, 0xCF, 0x11, 0xE0, ..] => "an Excel workbook (xls)",
        [b'%', b'P', b'D', b'F', ..] => "a PDF",
        [0x1F, 0x8B, ..] => "a gzip archive",
        _ => return Ok(()),
    };
    Err(ConnectorError::source(format!("the file is not text but {what}"))
        .hint("declare the format that the file has, or give it its right file name extension"))
}

/// Whether a file is a web page: what a server answers when it has no file.
pub(crate) fn is_html(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    [&b"<!doctype html"[..], b"<html"]
        .iter()
        .any(|mark| head.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark)))
}

/// The error for a web page in a file's place.
pub(crate) fn html() -> ConnectorError {
    ConnectorError::source("the file is a web page (HTML), probably an error message from the server that should have given the file")
        .hint("open the file, read what the server answered, and fetch it again")
        .retryable()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], encoding: Encoding) -> Vec<u8> {
        let mut window = Window::new(Box::new(std::io::Cursor::new(bytes.to_vec())), encoding).unwrap();
        while !window.done() {
            window.more().unwrap();
        }
        window.text().to_vec()
    }

    #[test]
    fn every_single_byte_survives_there_and_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        for encoding in [Encoding::Latin1, Encoding::Windows1252] {
            let text = all(&bytes, encoding);
            assert!(std::str::from_utf8(&text).is_ok());
            assert_eq!(encoding.original(&text), bytes);
        }
        assert_eq!(all(b"\x80", Encoding::Windows1252), "€".as_bytes());
        assert_eq!(all(b"\x80", Encoding::Latin1), "\u{80}".as_bytes());
    }

    #[test]
    fn byte_order_mark_is_not_text() {
        assert_eq!(all(b"\xEF\xBB\xBFa", Encoding::Utf8), b"a");
        assert_eq!(all(b"", Encoding::Utf8), b"");
    }

    #[test]
    fn long_input_comes_whole() {
        let bytes: Vec<u8> = (0..3 * BLOCK).map(|i| if i % 7 == 0 { 0xE5 } else { b'a' }).collect();
        assert_eq!(all(&bytes, Encoding::Latin1).len(), bytes.len() + bytes.len().div_ceil(7));
    }

    #[test]
    fn web_pages_and_binaries_are_refused() {
        for head in [&b"<!DOCTYPE html><html>"[..], b"\xEF\xBB\xBF \n<HTML>", b"PK\x03\x04", b"%PDF-1.7", b"\xFF\xFEa\0"] {
            assert!(refuse_non_text(head).is_err());
        }
        assert!(refuse_non_text(b"a;b\n").is_ok());
        assert!(refuse_non_text(b"<").is_ok());
    }
}
