//! The form of a file, by its name and first bytes.

use std::io::Read;
use std::path::Path;

use sluss_schemas::say;

use super::intake::{failure, open};
use super::options::Form;
use crate::error::{ConnectorError, Result};

/// Bytes that are enough to tell.
const HEAD: u64 = 4096;

/// Tells the form of the file called `name`.
pub(super) fn form(base: &Path, name: &str) -> Result<Form> {
    let mut head = Vec::new();
    open(base, name)?.take(HEAD).read_to_end(&mut head).map_err(|e| failure(e, name))?;
    by_content(&head, name).ok_or_else(|| {
        ConnectorError::configuration(say!(
            "filens form framgår varken av namnet eller de första tecknen",
            "the file's form is not known by its name or first bytes"
        ))
        .at(name)
        .hint(say!("ange vilken den är: `form = \"tsv\"`", "say which it is: `form = \"tsv\"`"))
    })
}

fn by_content(head: &[u8], name: &str) -> Option<Form> {
    if head.starts_with(b"\xD0\xCF\x11\xE0") {
        return Some(Form::Xls);
    }
    if head.starts_with(b"PK\x03\x04") {
        return Some(Form::Xlsx);
    }
    let text = head.strip_prefix(super::decode::BOM).unwrap_or(head).trim_ascii_start();
    if text.starts_with(b"{") {
        return Some(Form::Fhir);
    }
    let has = |part: &[u8]| memchr::memmem::find(text, part).is_some();
    if text.starts_with(b"<") && has(b"genericode") {
        return Some(Form::Genericode);
    }
    let file = name.rsplit('/').next().unwrap_or(name);
    if file.contains("sct2_") || file.contains("der2_") || has(b"id\teffectiveTime\tactive\t") {
        return Some(Form::Rf2);
    }
    let extension = file.rsplit_once('.').map_or("", |(_, e)| e).to_ascii_lowercase();
    match extension.as_str() {
        "tsv" | "tab" => Some(Form::Tsv),
        "csv" => Some(Form::Csv),
        "json" => Some(Form::Fhir),
        "gc" => Some(Form::Genericode),
        _ => {
            let line = text.split(|b| *b == b'\n').next().unwrap_or_default();
            if line.contains(&b'\t') {
                Some(Form::Tsv)
            } else if line.contains(&b';') || line.contains(&b',') {
                Some(Form::Csv)
            } else {
                None
            }
        }
    }
}
