//! Physical lines of a text file with their numbers.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};

use sluss_schemas::say;

use super::decode::BOM;
use super::intake::failure;
use crate::error::{ConnectorError, Result};

/// Longest line: beyond it the file is not a list.
const LONGEST: u64 = 16 << 20;

/// A line: its number from 1, and its bytes with the line end.
pub(super) struct Line {
    pub number: u64,
    pub bytes: Vec<u8>,
}

/// Lines of a file, read one at a time; some may be given back.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    back: VecDeque<Line>,
    number: u64,
    name: String,
    /// Whether the file began with a UTF-8 byte order mark.
    pub bom: bool,
}

impl<R: Read> Lines<R> {
    /// Begins at the file's first line, after its byte order mark.
    pub(super) fn new(reader: R, name: &str) -> Result<Self> {
        let mut reader = BufReader::with_capacity(1 << 17, reader);
        let mut head = Vec::new();
        // A first read may give less than asked; three bytes are needed to tell the mark.
        reader.by_ref().take(3).read_to_end(&mut head).map_err(|e| failure(e, name))?;
        if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
            return Err(ConnectorError::source(say!("filen är i UTF-16", "the file is in UTF-16"))
                .at(name)
                .hint(say!("spara den som UTF-8", "save it as UTF-8")));
        }
        let bom = head == BOM;
        let mut lines = Self { reader, back: VecDeque::new(), number: 0, name: name.to_owned(), bom };
        if !bom && !head.is_empty() {
            lines.first(head)?;
        }
        Ok(lines)
    }

    /// Takes up the first line, of which `head` has been read.
    fn first(&mut self, mut head: Vec<u8>) -> Result<()> {
        if !head.contains(&b'\n') {
            self.fill(&mut head)?;
        }
        let mut rest = head.as_slice();
        while !rest.is_empty() {
            let end = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |i| i + 1);
            let (line, after) = rest.split_at(end);
            let mut bytes = line.to_vec();
            if after.is_empty() && bytes.last() != Some(&b'\n') {
                self.fill(&mut bytes)?;
            }
            self.number += 1;
            self.back.push_back(Line { number: self.number, bytes });
            rest = after;
        }
        Ok(())
    }

    /// Reads up to the end of the line.
    fn fill(&mut self, bytes: &mut Vec<u8>) -> Result<()> {
        let place = |number: u64| format!("{} line {}", self.name, number + 1);
        self.reader.by_ref().take(LONGEST).read_until(b'\n', bytes).map_err(|e| failure(e, &self.name))?;
        if bytes.len() as u64 >= LONGEST {
            return Err(ConnectorError::source(say!("en rad är längre än 16 MiB", "a line longer than 16 MiB"))
                .at(place(self.number)));
        }
        Ok(())
    }

    /// The next line.
    pub(super) fn next(&mut self) -> Result<Option<Line>> {
        if let Some(line) = self.back.pop_front() {
            return Ok(Some(line));
        }
        let mut bytes = Vec::new();
        self.fill(&mut bytes)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        Ok(Some(Line { number: self.number, bytes }))
    }

    /// Gives lines back, to be read again in the same order.
    pub(super) fn give_back(&mut self, lines: Vec<Line>) {
        for line in lines.into_iter().rev() {
            self.back.push_front(line);
        }
    }

    /// The file, for what is left to do with it.
    pub(super) fn into_inner(self) -> R {
        self.reader.into_inner()
    }
}

/// A line's bytes without its end.
pub(super) fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Refuses a web page that someone saved as a list.
pub(super) fn refuse_html(first: &[u8], name: &str) -> Result<()> {
    let start: Vec<u8> = first.trim_ascii_start().iter().take(16).map(u8::to_ascii_lowercase).collect();
    if start.starts_with(b"<!doctype html") || start.starts_with(b"<html") {
        return Err(ConnectorError::source(say!(
            "filen är en webbsida, ingen kodlista",
            "the file is a web page, not a code list"
        ))
        .at(name)
        .hint(say!(
            "hämta den igen: sidan är troligen ett felmeddelande",
            "fetch it again: the page is probably an error message"
        )));
    }
    Ok(())
}
