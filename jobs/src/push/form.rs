//! How a delivery is written: by its content type, by a file's name, and as a connector's options.

use std::io::Read;

use serde_json::{Value, json};
use sluss_connectors::files::{Encoding, FormatName};

/// A format, and for text files the encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) format: FormatName,
    encoding: Encoding,
}

/// Media types and endings of names, the one that is ours first.
const FORMATS: &[(FormatName, &[&str], &[&str])] = &[
    (FormatName::Json, &["application/json"], &["json"]),
    (
        FormatName::Ndjson,
        &["application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"],
        &["ndjson", "jsonl"],
    ),
    (FormatName::Csv, &["text/csv", "application/csv"], &["csv"]),
    (FormatName::Xlsx, &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"], &["xlsx", "xlsm"]),
    (FormatName::Arrow, &["application/vnd.apache.arrow.stream"], &["arrows", "arrow"]),
    (FormatName::Tsv, &["text/tab-separated-values"], &["tsv"]),
    (FormatName::Xml, &["application/xml", "text/xml"], &["xml"]),
    (FormatName::Xls, &["application/vnd.ms-excel"], &["xls"]),
    (FormatName::Fixed, &["text/plain"], &["txt"]),
];

/// The formats in which a table's own columns can come.
const OWN: &[FormatName] =
    &[FormatName::Json, FormatName::Ndjson, FormatName::Csv, FormatName::Xlsx, FormatName::Arrow];

/// Names of encodings: as a content type says them, and as a landed file's name does.
const ENCODINGS: &[(Encoding, &[&str], &str)] = &[
    (Encoding::Utf8, &["utf-8", "utf8", "us-ascii"], ""),
    (Encoding::Latin1, &["iso-8859-1", "latin1"], "iso-8859-1."),
    (Encoding::Windows1252, &["windows-1252", "cp1252"], "windows-1252."),
];

impl Form {
    /// By a content type; none for one that nothing here reads.
    pub(crate) fn of_content_type(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default().to_ascii_lowercase();
        let format =
            FORMATS.iter().find(|(_, types, _)| types.contains(&media.as_str())).map(|(format, ..)| *format)?;
        let charset = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_ascii_lowercase())
        });
        let encoding = match charset {
            None => Encoding::Utf8,
            Some(name) => ENCODINGS.iter().find(|(_, names, _)| names.contains(&name.as_str()))?.0,
        };
        // JSON, workbooks and streams say themselves how they are written: nothing else is believed.
        if encoding != Encoding::Utf8 && !is_text(format) {
            return None;
        }
        Some(Self { format, encoding })
    }

    /// By a file's name: `avtal.csv`, `leverans.iso-8859-1.csv`; a `.gz` at the end is no part of it.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let (stem, ending) = name.rsplit_once('.')?;
        let format = FORMATS.iter().find(|(_, _, endings)| endings.contains(&ending)).map(|(format, ..)| *format)?;
        let encoding = ENCODINGS.iter().skip(1).find(|(.., mark)| stem.ends_with(mark.trim_end_matches('.')));
        let encoding = encoding.map_or(Encoding::Utf8, |(encoding, ..)| *encoding);
        Some(Self { format, encoding })
    }

    /// What a delivery of this form is called when it lands.
    pub(crate) fn name(self, stem: &str) -> String {
        let mark = ENCODINGS.iter().find(|(encoding, ..)| *encoding == self.encoding).map_or("", |(.., mark)| *mark);
        let ending =
            FORMATS.iter().find(|(format, ..)| *format == self.format).and_then(|(_, _, endings)| endings.first());
        format!("{stem}.{mark}{}", ending.unwrap_or(&"bin"))
    }

    /// Its content type.
    pub(crate) fn content_type(self) -> String {
        let media = media(self.format);
        let charset =
            ENCODINGS.iter().find(|(encoding, ..)| *encoding == self.encoding).and_then(|(_, names, _)| names.first());
        match charset {
            Some(charset) if is_text(self.format) => format!("{media}; charset={charset}"),
            _ => media.to_owned(),
        }
    }

    /// Whether a table's own columns can come in it.
    pub(crate) fn carries_own_columns(self) -> bool {
        OWN.contains(&self.format)
    }

    /// The connector's options for a table's own columns. The heading of a CSV file tells its delimiter:
    /// national names hold neither.
    pub(crate) fn options(self, content: &mut dyn Read) -> Value {
        match self.format {
            FormatName::Csv => {
                let delimiter = delimiter(content);
                json!({ "format": "csv", "encoding": encoding_name(self.encoding), "csv": { "delimiter": delimiter } })
            }
            format => json!({ "format": format_name(format) }),
        }
    }
}

/// The media type that is ours for a format.
pub(crate) fn media(format: FormatName) -> &'static str {
    let found = FORMATS.iter().find(|(known, ..)| *known == format).and_then(|(_, types, _)| types.first());
    found.copied().unwrap_or("application/octet-stream")
}

/// The media types in which a table's own columns can come.
pub(crate) fn own_media() -> impl Iterator<Item = &'static str> {
    OWN.iter().map(|format| media(*format))
}

fn is_text(format: FormatName) -> bool {
    matches!(format, FormatName::Csv | FormatName::Tsv | FormatName::Fixed)
}

fn format_name(format: FormatName) -> &'static str {
    match format {
        FormatName::Csv => "csv",
        FormatName::Tsv => "tsv",
        FormatName::Fixed => "fixed",
        FormatName::Xlsx => "xlsx",
        FormatName::Xls => "xls",
        FormatName::Json => "json",
        FormatName::Ndjson => "ndjson",
        FormatName::Xml => "xml",
        FormatName::Arrow => "arrow",
    }
}

fn encoding_name(encoding: Encoding) -> &'static str {
    ENCODINGS
        .iter()
        .find(|(known, ..)| *known == encoding)
        .and_then(|(_, names, _)| names.first())
        .copied()
        .unwrap_or("utf-8")
}

/// The character between the headings: the first of `;` and `,` and tab.
fn delimiter(content: &mut dyn Read) -> char {
    const HEADING: u64 = 64 << 10;
    let mut head = Vec::new();
    // What cannot be read is told when it is read in earnest.
    let _ = content.take(HEADING).read_to_end(&mut head);
    let heading = head.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let found = heading.iter().find(|byte| matches!(byte, b';' | b',' | b'\t'));
    found.map_or(';', |byte| char::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_type_says_format_and_encoding() {
        let form = |text| Form::of_content_type(text).map(|f| (f.format, f.encoding));
        assert_eq!(form("application/json"), Some((FormatName::Json, Encoding::Utf8)));
        assert_eq!(form("Text/CSV; header=present; charset=\"ISO-8859-1\""), Some((FormatName::Csv, Encoding::Latin1)));
        assert_eq!(form("application/json; charset=iso-8859-1"), None);
        assert_eq!(form("text/csv; charset=utf-16"), None);
        assert_eq!(form("application/pdf"), None);
    }

    #[test]
    fn a_landed_name_tells_the_form_again() {
        for text in
            ["application/json", "text/csv; charset=iso-8859-1", "text/csv", "application/vnd.apache.arrow.stream"]
        {
            let form = Form::of_content_type(text).unwrap();
            assert_eq!(Form::of_name(&form.name("leverans")), Some(form), "{text}");
            assert_eq!(Form::of_content_type(&form.content_type()), Some(form), "{text}");
        }
        assert_eq!(Form::of_name("avtal.CSV.gz").map(|f| f.format), Some(FormatName::Csv));
        assert_eq!(Form::of_name("avtal.pdf"), None);
    }

    #[test]
    fn the_heading_tells_the_delimiter() {
        let found = |text: &str| delimiter(&mut text.as_bytes());
        assert_eq!(found("\na;b\n1,5;2\n"), ';');
        assert_eq!(found("a,b\n1;2\n"), ',');
        assert_eq!(found("a\tb"), '\t');
        assert_eq!(found("a"), ';');
    }
}
