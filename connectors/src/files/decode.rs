//! A document's bytes as UTF-8, whatever encoding they came in, with the line that is being read.

use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use sluss_schemas::say;

use crate::error::{ConnectorError, Result};

/// Bytes that are read at a time.
const BLOCK: usize = 64 << 10;
/// Bytes in which an XML declaration must end.
const PROLOGUE: usize = 1024;

/// Decodes while it reads, counts lines, and refuses a single piece of markup or text that is
/// longer than `limit`.
pub(super) struct Decoded<R> {
    inner: R,
    raw: Vec<u8>,
    raw_from: usize,
    ended: bool,
    decoder: Decoder,
    out: Vec<u8>,
    out_from: usize,
    out_to: usize,
    finished: bool,
    bad: bool,
    line: u64,
    piece: usize,
    limit: usize,
}

impl<R: Read> Decoded<R> {
    /// An XML document. Its encoding is that of a byte order mark, else what the declaration names,
    /// else UTF-8 (XML 1.0, appendix F). No single piece of it may be longer than `limit`.
    pub(super) fn xml(inner: R, limit: usize) -> Result<Self> {
        Self::new(inner, limit, xml_encoding)
    }

    /// A JSON text. It is in UTF-8 (RFC 8259, section 8.1); a byte order mark is passed over, and
    /// obeyed where it says UTF-16.
    pub(super) fn json(inner: R) -> Result<Self> {
        Self::new(inner, usize::MAX, |head| Ok(Encoding::for_bom(head).unwrap_or((UTF_8, 0))))
    }

    fn new(
        mut inner: R,
        limit: usize,
        encoding: impl FnOnce(&[u8]) -> Result<(&'static Encoding, usize)>,
    ) -> Result<Self> {
        let mut raw = Vec::with_capacity(BLOCK);
        inner.by_ref().take(PROLOGUE as u64).read_to_end(&mut raw).map_err(|e| broken_off().because(e))?;
        let (encoding, mark) = encoding(&raw)?;
        Ok(Self {
            inner,
            raw,
            raw_from: mark,
            ended: false,
            decoder: encoding.new_decoder_without_bom_handling(),
            // Room for what a block can become: three bytes for each of a one-byte encoding.
            out: vec![0; BLOCK * 3 + 16],
            out_from: 0,
            out_to: 0,
            finished: false,
            bad: false,
            line: 1,
            piece: 0,
            limit,
        })
    }

    /// The line that is being read, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// A piece has been read whole: the next may be as long again.
    pub(super) fn next_piece(&mut self) {
        self.piece = 0;
    }

    fn refill(&mut self) -> io::Result<()> {
        (self.out_from, self.out_to) = (0, 0);
        while self.out_to == 0 && !self.finished {
            if self.raw_from >= self.raw.len() && !self.ended {
                self.raw_from = 0;
                self.raw.resize(BLOCK, 0);
                let read = loop {
                    match self.inner.read(&mut self.raw) {
                        Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                        read => break read,
                    }
                };
                let read = read.inspect_err(|_| self.raw.clear())?;
                self.raw.truncate(read);
                self.ended = read == 0;
            }
            let source = self.raw.get(self.raw_from..).unwrap_or_default();
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(source, &mut self.out, self.ended);
            self.raw_from += read;
            self.out_to = written;
            match result {
                DecoderResult::InputEmpty => self.finished = self.ended,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) if written > 0 => {
                    // What comes before the bad bytes is read first, for its lines and rows.
                    self.finished = true;
                    self.bad = true;
                }
                DecoderResult::Malformed(..) => return Err(self.bad_bytes()),
            }
        }
        Ok(())
    }

    fn bad_bytes(&self) -> io::Error {
        let name = self.decoder.encoding().name();
        io::Error::new(io::ErrorKind::InvalidData, format!("bytes that are not {name}"))
    }
}

impl<R: Read> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.out_from >= self.out_to {
            if self.bad {
                return Err(self.bad_bytes());
            }
            if self.piece > self.limit {
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, "a piece that is too long"));
            }
            self.refill()?;
        }
        Ok(self.out.get(self.out_from..self.out_to).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        let end = self.out_to.min(self.out_from + amount);
        let part = self.out.get(self.out_from..end).unwrap_or_default();
        #[expect(clippy::naive_bytecount, reason = "for a name or a short text a search takes longer to set up")]
        let ends = if part.len() < 64 {
            part.iter().filter(|b| **b == b'\n').count()
        } else {
            memchr::memchr_iter(b'\n', part).count()
        };
        self.line += ends as u64;
        self.piece += part.len();
        self.out_from = end;
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

/// The file could not be read on.
pub(super) fn broken_off() -> ConnectorError {
    ConnectorError::source(say!("filen går inte att läsa till slutet", "the file cannot be read to its end"))
        .retryable()
}

/// The encoding of an XML document by its first bytes, and the length of its byte order mark.
fn xml_encoding(head: &[u8]) -> Result<(&'static Encoding, usize)> {
    if let Some((encoding, length)) = Encoding::for_bom(head) {
        return Ok((encoding, length));
    }
    if head.starts_with(b"<\0") {
        return Ok((UTF_16LE, 0));
    }
    if head.starts_with(b"\0<") {
        return Ok((UTF_16BE, 0));
    }
    let Some(label) = declared(head) else { return Ok((UTF_8, 0)) };
    match Encoding::for_label(label) {
        // A document that names UTF-16 and yet could be read this far as single bytes was encoded anew
        // without its declaration, as programs do that write XML to a string first.
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => Ok((UTF_8, 0)),
        Some(encoding) => Ok((encoding, 0)),
        None => Err(ConnectorError::source(say!(
            "dokumentet anger en okänd teckenkodning",
            "the document names an encoding that is not known"
        ))
        .at(say!("rad 1", "line 1"))),
    }
}

/// What the XML declaration gives as `encoding`.
fn declared(head: &[u8]) -> Option<&[u8]> {
    let declaration = head.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(declaration, b"?>")?;
    let declaration = declaration.get(..end)?;
    let at = memchr::memmem::find(declaration, b"encoding")?;
    let value = declaration.get(at + b"encoding".len()..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    let end = memchr::memchr(*quote, value)?;
    value.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> std::result::Result<String, String> {
        let mut out = String::new();
        let mut decoded = Decoded::xml(bytes, 1 << 20).map_err(|e| e.to_string())?;
        decoded.read_to_string(&mut out).map_err(|e| e.to_string())?;
        Ok(out)
    }

    #[test]
    fn every_declared_encoding_is_decoded() {
        let text = |name: &str| format!("<?xml version=\"1.0\" encoding='{name}'?><a>Nässjö é</a>");
        let latin = |t: &str| encoding_rs::WINDOWS_1252.encode(t).0.into_owned();
        assert_eq!(decode(&latin(&text("ISO-8859-1"))).unwrap(), text("ISO-8859-1"));
        assert_eq!(decode(&latin(&text("windows-1252"))).unwrap(), text("windows-1252"));
        assert_eq!(decode(text("UTF-8").as_bytes()).unwrap(), text("UTF-8"));
        assert_eq!(decode(text("utf-16").as_bytes()).unwrap(), text("utf-16"));
        assert_eq!(decode(format!("\u{feff}{}", text("UTF-8")).as_bytes()).unwrap(), text("UTF-8"));
        for mark in ["", "\u{feff}"] {
            let units: Vec<u16> = format!("{mark}{}", text("UTF-16")).encode_utf16().collect();
            let little: Vec<u8> = units.iter().flat_map(|u| u.to_le_bytes()).collect();
            let big: Vec<u8> = units.iter().flat_map(|u| u.to_be_bytes()).collect();
            assert_eq!(decode(&little).unwrap(), text("UTF-16"));
            assert_eq!(decode(&big).unwrap(), text("UTF-16"));
        }
        assert!(decode(text("klingon").as_bytes()).unwrap_err().contains("encoding that is not known"));
    }

    #[test]
    fn long_documents_come_whole() {
        let text = format!("<?xml version='1.0' encoding='ISO-8859-1'?>{}", "å\n".repeat(200_000));
        let bytes = encoding_rs::WINDOWS_1252.encode(&text).0.into_owned();
        let mut decoded = Decoded::xml(bytes.as_slice(), 1 << 20).unwrap();
        let mut out = String::new();
        decoded.read_to_string(&mut out).unwrap();
        assert_eq!((out == text, decoded.line()), (true, 200_001));
    }

    #[test]
    fn bad_bytes_are_told_after_what_stands_before_them() {
        let mut decoded = Decoded::xml(&b"<a>\n\xFF</a>"[..], 100).unwrap();
        let mut out = Vec::new();
        let error = decoded.read_to_end(&mut out).unwrap_err();
        assert_eq!((out.as_slice(), decoded.line()), (&b"<a>\n"[..], 2));
        assert_eq!(error.to_string(), "bytes that are not UTF-8");
    }

    #[test]
    fn an_endless_piece_is_refused() {
        let bytes = vec![b'a'; 1 << 20];
        let mut decoded = Decoded::xml(bytes.as_slice(), 1000).unwrap();
        assert!(decoded.read_to_end(&mut Vec::new()).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_decoded_without_a_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..3000), name in "UTF-8|UTF-16|gb18030|iso-2022-jp|x") {
            let _ = decode(&bytes);
            let mut document = format!("<?xml version='1.0' encoding='{name}'?>").into_bytes();
            document.extend(bytes);
            let _ = decode(&document);
        }
    }
}
