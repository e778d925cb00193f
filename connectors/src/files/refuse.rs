//! What a file's first bytes give away: files that are something else than text with rows.

use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;
use sluss_schemas::say;

use crate::error::{ConnectorError, Result};

/// Refuses files that are something else than text with rows, by their first bytes.
pub(super) fn non_text(head: &[u8]) -> Result<()> {
    if is_html(head) {
        return Err(html());
    }
    let what = match head {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
            return Err(ConnectorError::source(say!(
                "filen är i UTF-16, som inte läses",
                "the file is in UTF-16, which is not read"
            ))
            .hint(say!("spara den som UTF-8 (i Excel: ”CSV UTF-8”)", "save it as UTF-8 (in Excel: \"CSV UTF-8\")")));
        }
        [b'P', b'K', 3, 4, ..] => {
            say!("ett zip-arkiv eller en Excelbok (xlsx)", "a zip archive or an Excel workbook (xlsx)")
        }
        [0xD0, 0xCF, 0x11, 0xE0, ..] => say!("en Excelbok (xls)", "an Excel workbook (xls)"),
        [b'%', b'P', b'D', b'F', ..] => say!("en PDF", "a PDF"),
        [0x1F, 0x8B, ..] => say!("ett gzip-arkiv", "a gzip archive"),
        _ => return Ok(()),
    };
    Err(ConnectorError::source(Message::new(
        format!("filen är inte text utan {}", what.told(Language::Swedish)),
        format!("the file is not text but {what}"),
    ))
    .hint(say!(
        "ange det format som filen har, eller ge filen rätt ändelse",
        "declare the format that the file has, or give it its right file name extension"
    )))
}

/// Whether a file is a web page: what a server answers when it has no file.
pub(crate) fn is_html(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    [&b"<!doctype html"[..], b"<html"]
        .iter()
        .any(|mark| head.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark)))
}

/// The error for a web page in a file's place.
pub(super) fn html() -> ConnectorError {
    ConnectorError::source(say!(
        "filen är en webbsida (HTML), troligen ett felmeddelande från servern som skulle ha gett filen",
        "the file is a web page (HTML), probably an error message from the server that should have given the file"
    ))
    .hint(say!(
        "öppna filen, läs vad servern svarade och hämta den igen",
        "open the file, read what the server answered, and fetch it again"
    ))
    .retryable()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_pages_and_binaries_are_refused() {
        for head in
            [&b"<!DOCTYPE html><html>"[..], b"\xEF\xBB\xBF \n<HTML>", b"PK\x03\x04", b"%PDF-1.7", b"\xFF\xFEa\0"]
        {
            assert!(non_text(head).is_err());
        }
        assert!(non_text(b"a;b\n").is_ok());
        assert!(non_text(b"<").is_ok());
    }
}
