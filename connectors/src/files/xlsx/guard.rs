//! What a file that is called a workbook really is, and whether it is of a size that can be read.

use std::io::{Cursor, Read};

use bytes::Bytes;
use quick_xml::Reader;
use quick_xml::events::Event;
use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;
use sluss_schemas::say;
use zip::ZipArchive;

use super::compound;
use crate::error::{ConnectorError, Result};

/// The largest factor by which deflate can shrink data.
const DEFLATE_MOST: u64 = 1032;
/// Bytes that the reader of the old format needs for a cell, also an empty one.
const CELL_BYTES: u64 = 72;

/// The two kinds of workbook that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Office Open XML (ECMA-376): `.xlsx`, `.xlsm`.
    Xlsx,
    /// The binary format before 2007 (MS-XLS): `.xls`.
    Xls,
}

/// Reads the file into memory, at most `max_bytes` of it.
pub(super) fn fill(mut bytes: impl Read, size: Option<u64>, max_bytes: u64) -> Result<Bytes> {
    if size.is_some_and(|size| size > max_bytes) {
        return Err(too_large(max_bytes));
    }
    let mut out = Vec::with_capacity(size.and_then(|s| usize::try_from(s).ok()).unwrap_or(0));
    bytes.by_ref().take(max_bytes.saturating_add(1)).read_to_end(&mut out).map_err(|e| {
        ConnectorError::source(say!("filen går inte att läsa till slutet", "the file cannot be read to its end"))
            .because(e)
            .retryable()
    })?;
    if u64::try_from(out.len()).unwrap_or(u64::MAX) > max_bytes {
        return Err(too_large(max_bytes));
    }
    Ok(Bytes::from(out))
}

/// Tells what the file is and refuses what cannot be read.
pub(super) fn kind(bytes: &Bytes, max_bytes: u64) -> Result<Kind> {
    let head = bytes.get(..8).unwrap_or(bytes);
    if bytes.is_empty() {
        return Err(ConnectorError::source(say!("filen är tom", "the file is empty")));
    }
    if head.starts_with(b"PK\x03\x04") {
        packed(bytes, max_bytes)?;
        return Ok(Kind::Xlsx);
    }
    if head == b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" {
        return match compound::look(bytes) {
            Some(compound::Kind::Workbook { cells }) if cells.saturating_mul(CELL_BYTES) > max_bytes => {
                Err(too_large(max_bytes))
            }
            Some(compound::Kind::Workbook { .. }) => Ok(Kind::Xls),
            Some(compound::Kind::Encrypted) => Err(encrypted()),
            Some(compound::Kind::Other) => {
                Err(no_workbook(&say!("ett annat slags Officedokument", "another kind of Office document")))
            }
            None => Err(damaged()),
        };
    }
    Err(no_workbook(&guess(bytes)))
}

/// What the file seems to be instead, for the message.
fn guess(bytes: &[u8]) -> Message {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let head = text.get(..text.len().min(512)).unwrap_or_default().to_ascii_lowercase();
    let has = |needle: &[u8]| memchr::memmem::find(&head, needle).is_some();
    if has(b"<!doctype html") || has(b"<html") || has(b"<table") {
        say!("en HTML-sida", "an HTML page")
    } else if has(b"urn:schemas-microsoft-com:office:spreadsheet") {
        say!("en arbetsbok sparad som XML 2003", "a workbook saved as XML 2003")
    } else if head.starts_with(b"<") {
        say!("en XML-fil", "an XML file")
    } else if bytes.starts_with(b"%PDF") {
        say!("en PDF", "a PDF")
    } else if bytes.starts_with(b"PK") {
        say!("en tom eller skadad zip-fil", "an empty or damaged ZIP file")
    } else if matches!(bytes, [0x09, 0x00 | 0x02 | 0x04 | 0x08, ..]) {
        say!("en arbetsbok från före Excel 5", "a workbook from before Excel 5")
    } else if bytes.iter().take(512).all(|b| *b >= b' ' || b.is_ascii_whitespace()) {
        say!("en textfil", "a text file")
    } else {
        say!("något annat", "something else")
    }
}

/// Checks the parts of a packed workbook: the real sizes, since those that it states may be untrue.
fn packed(bytes: &Bytes, max_bytes: u64) -> Result<()> {
    let mut archive = ZipArchive::new(Cursor::new(bytes.clone())).map_err(|e| damaged().because(e))?;
    let mut stated = 0_u64;
    let mut names = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(|e| damaged().because(e))?;
        if part.encrypted() {
            return Err(encrypted());
        }
        stated = stated.saturating_add(part.size());
        let name = part.name().map(|n| n.to_ascii_lowercase()).unwrap_or_default();
        names.push((name, part.compressed_size()));
    }
    if stated > max_bytes {
        return Err(too_large(max_bytes));
    }
    let has = |end: &str| names.iter().any(|(name, _)| name.ends_with(end));
    if has("workbook.bin") {
        return Err(no_workbook(&say!("en binär arbetsbok (.xlsb)", "a binary workbook (.xlsb)")));
    }
    if names.iter().any(|(name, _)| name == "mimetype") && has("content.xml") {
        return Err(no_workbook(&say!("en OpenDocument-fil (.ods)", "an OpenDocument file (.ods)")));
    }
    if !has("_rels/.rels") {
        return Err(no_workbook(&say!("en zip-fil", "a ZIP file")));
    }
    let mut left = max_bytes;
    let possible = names.iter().fold(0_u64, |sum, (_, size)| sum.saturating_add(size.saturating_mul(DEFLATE_MOST)));
    for (index, (name, _)) in names.iter().enumerate() {
        let strings = name.ends_with("sharedstrings.xml");
        if possible <= max_bytes && !strings {
            continue;
        }
        let mut part = archive.by_index(index).map_err(|e| damaged().because(e))?;
        let mut counted = part.by_ref().take(left.saturating_add(1));
        if strings {
            check_strings(&mut counted, max_bytes)?;
        }
        std::io::copy(&mut counted, &mut std::io::sink()).map_err(|e| damaged().because(e))?;
        let used = left.saturating_add(1) - counted.limit();
        left = left.checked_sub(used).ok_or_else(|| too_large(max_bytes))?;
    }
    Ok(())
}

/// The table of texts says how many there are, and its reader makes room for them: no more than can be.
fn check_strings(part: impl Read, max_bytes: u64) -> Result<()> {
    let mut reader = Reader::from_reader(std::io::BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(e) | Event::Empty(e)) if e.local_name().as_ref() == b"sst" => {
                let count = e.try_get_attribute("uniqueCount").ok().flatten();
                let count = count.and_then(|a| std::str::from_utf8(&a.value).ok().and_then(|v| v.parse::<u64>().ok()));
                // The shortest entry, `<si/>`, has five bytes; one in memory has at least 24.
                let possible = count.is_none_or(|count| count.saturating_mul(24) <= max_bytes);
                return if possible { Ok(()) } else { Err(damaged()) };
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(e) => return Err(damaged().because(e)),
        }
    }
}

/// The file is over the limit, or says it is.
fn too_large(max_bytes: u64) -> ConnectorError {
    ConnectorError::source(say!(
        "arbetsboken är större än {max_bytes} byte uppackad",
        "the workbook is larger than {max_bytes} bytes when unpacked"
    ))
    .hint(say!(
        "dela arbetsboken, eller höj max_bytes i jobbfilen om storleken är rätt",
        "split the workbook, or raise max_bytes in the job file if the size is right"
    ))
}

/// The workbook cannot be opened without its password.
pub(super) fn encrypted() -> ConnectorError {
    ConnectorError::source(say!("arbetsboken är skyddad med lösenord", "the workbook is protected by a password")).hint(
        say!(
            "be avsändaren spara den utan lösenord och skicka den på ett säkert sätt",
            "ask the sender to save it without a password and to send it by a safe way"
        ),
    )
}

/// The workbook cannot be read as one.
pub(super) fn damaged() -> ConnectorError {
    ConnectorError::source(say!("arbetsboken är skadad eller ofullständig", "the workbook is damaged or incomplete"))
        .hint(say!(
            "be avsändaren öppna den, spara den igen som .xlsx och skicka den på nytt",
            "ask the sender to open it, save it again as .xlsx and send it anew"
        ))
}

fn no_workbook(what: &Message) -> ConnectorError {
    ConnectorError::source(Message::new(
        format!("filen är ingen Excelbok utan {}", what.told(Language::Swedish)),
        format!("the file is not an Excel workbook but {what}"),
    ))
    .hint(say!(
        "be avsändaren spara den som .xlsx, eller välj ett annat format i jobbfilen",
        "ask the sender to save it as .xlsx, or choose another format in the job file"
    ))
}
