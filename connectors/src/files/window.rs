//! A file's text as a window that slides over it, decoded on the way.

use std::io::{self, Read};

use super::encoding::Encoding;

/// A window of decoded text that slides over a file: what is before the window is done with.
pub(super) struct Window {
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
    pub(super) fn new(source: Box<dyn Read + Send>, encoding: Encoding) -> io::Result<Self> {
        let mut window =
            Self { source, encoding, memory: Vec::new(), start: 0, end: 0, scratch: Vec::new(), done: false };
        window.more()?;
        if encoding == Encoding::Utf8 && window.text().starts_with(b"\xEF\xBB\xBF") {
            window.consume(3);
        }
        Ok(window)
    }

    /// The text in the window.
    pub(super) fn text(&self) -> &[u8] {
        self.memory.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether the window reaches the file's end.
    pub(super) fn done(&self) -> bool {
        self.done
    }

    /// Drops the first `n` bytes of text.
    pub(super) fn consume(&mut self, n: usize) {
        self.start = self.end.min(self.start + n);
    }

    /// Reads on: at least a block, and as much again as is in the window, so that a record that
    /// spans many blocks is scanned a bounded number of times.
    pub(super) fn more(&mut self) -> io::Result<()> {
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
}
