//! Finds the values of a JSON text one after the other, without keeping more than one in memory.
//!
//! It follows brackets and quotes; whether what stands between them is JSON is for the library to
//! say, which reads each value that is wanted.

use std::io::Read;

use sluss_schemas::message::Message;
use sluss_schemas::say;

use crate::error::{ConnectorError, Result};

/// Bytes that are read at a time.
const BLOCK: usize = 64 << 10;
/// Longest single value in bytes.
pub(super) const MAX_VALUE: usize = 64 << 20;
/// Longest value that is looked at when nobody wants it.
const MAX_LOOK: usize = 1 << 20;
/// Arrays and objects within each other at most.
const MAX_DEPTH: usize = 128;

/// A place in the text, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// Line.
    pub(super) line: u64,
    /// Character within the line.
    pub(super) column: u64,
}

impl Position {
    /// A place that is counted from here.
    pub(super) fn then(self, line: usize, column: usize) -> Self {
        let (line, column) = (line as u64, column as u64);
        if line <= 1 {
            Self { line: self.line, column: self.column + column.saturating_sub(1) }
        } else {
            Self { line: self.line + line - 1, column }
        }
    }

    /// The error, with this place.
    pub(super) fn put(self, error: ConnectorError) -> ConnectorError {
        error.at(say!("rad {}, kolumn {}", "line {}, column {}", self.line, self.column))
    }
}

/// The text as it is read.
pub(super) struct Scan<R> {
    inner: R,
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
    /// Lines that have left the buffer, and characters of the one that has left it in part.
    lines: u64,
    characters: u64,
    depth: Vec<u8>,
    /// How often a part of a value has been let go.
    passed: u64,
}

impl<R: Read> Scan<R> {
    /// Starts at the beginning of `inner`, which gives UTF-8.
    pub(super) fn new(inner: R) -> Self {
        Self { inner, buffer: Vec::new(), at: 0, ended: false, lines: 0, characters: 0, depth: Vec::new(), passed: 0 }
    }

    /// Where the next byte stands.
    pub(super) fn position(&self) -> Position {
        self.position_of(self.at)
    }

    /// Where the byte at an index of the buffer stands.
    fn position_of(&self, at: usize) -> Position {
        let before = self.buffer.get(..at).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', before).count() as u64;
        let (line, carried) = match memchr::memrchr(b'\n', before) {
            Some(end) => (before.get(end + 1..).unwrap_or_default(), 0),
            None => (before, self.characters),
        };
        Position { line: self.lines + lines + 1, column: carried + characters(line) + 1 }
    }

    /// The next byte that is no blank; none at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>> {
        loop {
            while let Some(byte) = self.buffer.get(self.at) {
                if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                    return Ok(Some(*byte));
                }
                self.at += 1;
            }
            if !self.more(self.at)? {
                return Ok(None);
            }
        }
    }

    /// Takes the next byte if it is the given one.
    pub(super) fn take(&mut self, byte: u8) -> Result<bool> {
        let here = self.peek()? == Some(byte);
        self.at += usize::from(here);
        Ok(here)
    }

    #[cfg(test)]
    /// Takes the next value: its place and its bytes.
    pub(super) fn value(&mut self) -> Result<(Position, &[u8])> {
        self.peek()?;
        let length = self.measure(true)?;
        let position = self.position();
        let start = self.at;
        self.at += length;
        Ok((position, self.buffer.get(start..self.at).unwrap_or_default()))
    }

    /// As [`Scan::value`], without its place, which costs a look back.
    pub(super) fn value_only(&mut self) -> Result<&[u8]> {
        self.peek()?;
        let length = self.measure(true)?;
        let start = self.at;
        self.at += length;
        Ok(self.buffer.get(start..self.at).unwrap_or_default())
    }

    /// The place of the value that was taken last, of `length` bytes.
    pub(super) fn position_before(&self, length: usize) -> Position {
        self.position_of(self.at.saturating_sub(length))
    }

    /// Passes over the next value, however long, and gives its bytes where they are few enough to
    /// look at. Of a longer one, only brackets and quotes have been looked at.
    pub(super) fn skip(&mut self) -> Result<Option<&[u8]>> {
        self.peek()?;
        let before = self.passed;
        let length = self.measure(false)?;
        let start = self.at;
        self.at += length;
        Ok(if self.passed == before { self.buffer.get(start..self.at) } else { None })
    }

    /// Takes a line without its end; none at the end of the text. The line may be `MAX_VALUE` long.
    pub(super) fn line(&mut self) -> Result<Option<&[u8]>> {
        let mut seen = 0;
        let (length, end) = loop {
            let rest = self.buffer.get(self.at + seen..).unwrap_or_default();
            if let Some(found) = memchr::memchr(b'\n', rest) {
                break (seen + found, 1);
            }
            seen += rest.len();
            if seen > MAX_VALUE {
                return Err(too_long());
            }
            if !self.more(self.at)? {
                if seen == 0 {
                    return Ok(None);
                }
                break (seen, 0);
            }
        };
        let start = self.at;
        self.at += length + end;
        Ok(Some(self.buffer.get(start..start + length).unwrap_or_default()))
    }

    /// Length of the value at the next byte. When it is not kept, what has been looked at may leave
    /// the buffer, and only the rest is counted.
    fn measure(&mut self, keep: bool) -> Result<usize> {
        self.depth.clear();
        let mut length = 0;
        let mut quoted = false;
        loop {
            let Some(&byte) = self.buffer.get(self.at + length) else {
                if !keep && length >= MAX_LOOK {
                    self.at += length;
                    length = 0;
                    self.passed += 1;
                }
                if length > MAX_VALUE {
                    return Err(self.position().put(too_long()));
                }
                if !self.more(self.at)? {
                    let scalar = self.depth.is_empty() && !quoted && length > 0;
                    return if scalar {
                        Ok(length)
                    } else {
                        Err(self.broken(say!("texten slutar mitt i ett värde", "the text ends within a value"), length))
                    };
                }
                continue;
            };
            if quoted {
                let rest = self.buffer.get(self.at + length..).unwrap_or_default();
                match memchr::memchr2(b'"', b'\\', rest) {
                    Some(found) if rest.get(found) == Some(&b'"') => {
                        length += found + 1;
                        quoted = false;
                        if self.depth.is_empty() {
                            return Ok(length);
                        }
                    }
                    // The escaped byte is passed over with the backslash, once it has been read.
                    Some(found) if found + 1 < rest.len() => length += found + 2,
                    Some(found) => {
                        length += found;
                        if self.buffer.len() - self.at > MAX_VALUE && keep {
                            return Err(self.position().put(too_long()));
                        }
                        if !self.more(self.at)? {
                            return Err(self.broken(
                                say!("texten slutar mitt i ett värde", "the text ends within a value"),
                                length,
                            ));
                        }
                    }
                    None => length += rest.len(),
                }
                continue;
            }
            match byte {
                b'"' if length == 0 || !self.depth.is_empty() => {
                    quoted = true;
                    length += 1;
                }
                b'{' | b'[' if length == 0 || !self.depth.is_empty() => {
                    if self.depth.len() >= MAX_DEPTH {
                        let error = say!(
                            "det finns fler än {MAX_DEPTH} listor och objekt inuti varandra",
                            "there are more than {MAX_DEPTH} arrays and objects within each other"
                        );
                        return Err(self.position_of(self.at + length).put(ConnectorError::source(error)));
                    }
                    self.depth.push(byte + 2);
                    length += 1;
                }
                b'}' | b']' if !self.depth.is_empty() => {
                    if self.depth.pop() != Some(byte) {
                        return Err(self.broken(say!("parenteserna passar inte ihop", "brackets do not match"), length));
                    }
                    length += 1;
                    if self.depth.is_empty() {
                        return Ok(length);
                    }
                }
                b',' | b':' | b'}' | b']' | b'{' | b'[' | b'"' | b' ' | b'\t' | b'\n' | b'\r'
                    if self.depth.is_empty() =>
                {
                    return if length > 0 {
                        Ok(length)
                    } else {
                        Err(self.broken(say!("ett värde saknas", "a value is missing"), 0))
                    };
                }
                _ => length += 1,
            }
        }
    }

    /// Reads on, after letting go what stands before `keep_from`. False at the end.
    fn more(&mut self, keep_from: usize) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if keep_from > 0 && (keep_from >= BLOCK || keep_from == self.buffer.len()) {
            let Position { line, column } = self.position_of(keep_from);
            (self.lines, self.characters) = (line - 1, column - 1);
            self.buffer.drain(..keep_from);
            self.at -= keep_from;
        }
        let held = self.buffer.len();
        self.buffer.resize(held + BLOCK, 0);
        let read = loop {
            match self.inner.read(self.buffer.get_mut(held..).unwrap_or_default()) {
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.buffer.truncate(held + *read.as_ref().unwrap_or(&0));
        match read {
            Ok(read) => {
                self.ended = read == 0;
                Ok(read > 0)
            }
            Err(e) if e.kind() == std::io::ErrorKind::InvalidData => {
                self.ended = true;
                Err(self.position_of(self.buffer.len()).put(malformed(say!("den har {e}", "it has {e}"))))
            }
            Err(e) => Err(crate::files::decode::broken_off().because(e)),
        }
    }

    fn broken(&self, why: impl Into<Message>, after: usize) -> ConnectorError {
        self.position_of(self.at + after).put(malformed(why))
    }
}

/// Characters in UTF-8 bytes.
fn characters(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|b| **b & 0xC0 != 0x80).count() as u64
}

/// The text breaks a rule of JSON.
pub(super) fn malformed(why: impl Into<Message>) -> ConnectorError {
    ConnectorError::source(why.into().after(&say!("JSON-filen är felaktig", "the JSON is malformed"))).hint(say!(
        "be avsändaren pröva filen med ett JSON-verktyg och skicka den på nytt",
        "ask the sender to check the file with a JSON tool and to send it anew"
    ))
}

fn too_long() -> ConnectorError {
    ConnectorError::source(say!(
        "ett enda värde är längre än {MAX_VALUE} byte",
        "a single value is longer than {MAX_VALUE} bytes"
    ))
    .hint(say!(
        "kontrollera att rows leder till raderna och inte till det som omger dem",
        "check that rows leads to the rows and not to what holds them"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let n = self.1.min(out.len()).min(self.0.len());
            let (now, rest) = self.0.split_at(n);
            out[..n].copy_from_slice(now);
            self.0 = rest;
            Ok(n)
        }
    }

    #[test]
    fn values_are_found_however_they_come() {
        let text = br#" {"a": [1, "}\"]\\", {}]} "x\u0041" 1.50 true [ ] "#;
        for step in [1, 2, 3, 7, 1000] {
            let mut scan = Scan::new(Drip(text, step));
            for expected in [r#"{"a": [1, "}\"]\\", {}]}"#, r#""x\u0041""#, "1.50", "true", "[ ]"] {
                assert_eq!(scan.value().unwrap().1, expected.as_bytes());
            }
            assert_eq!(scan.peek().unwrap(), None);
            let mut scan = Scan::new(Drip(text, step));
            for _ in 0..3 {
                scan.skip().unwrap();
            }
            assert_eq!(scan.value().unwrap().1, b"true");
        }
    }

    #[test]
    fn places_are_counted_in_lines_and_characters() {
        for step in [1, 5, 1000] {
            let mut scan = Scan::new(Drip("[\n  \"åäö\", x\n".as_bytes(), step));
            assert!(scan.take(b'[').unwrap());
            scan.skip().unwrap();
            assert!(scan.take(b',').unwrap());
            scan.peek().unwrap();
            assert_eq!(scan.position(), Position { line: 2, column: 10 });
        }
    }

    #[test]
    fn what_breaks_off_is_told() {
        for (text, told) in [
            ("{\"a\": 1", "the text ends within a value"),
            ("\"a\\", "the text ends within a value"),
            ("[1}", "brackets do not match"),
            ("", "the text ends within a value"),
            (",", "a value is missing"),
        ] {
            let error = Scan::new(text.as_bytes()).value().unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
        assert!(Scan::new("[".repeat(200).as_bytes()).value().unwrap_err().to_string().contains("within each other"));
    }

    #[test]
    fn lines_are_taken_one_by_one() {
        let mut scan = Scan::new(Drip(b"a\r\n\nbc", 2));
        let mut lines = Vec::new();
        while let Some(line) = scan.line().unwrap() {
            lines.push(line.to_vec());
        }
        assert_eq!(lines, [b"a\r".to_vec(), b"".to_vec(), b"bc".to_vec()]);
    }
}
