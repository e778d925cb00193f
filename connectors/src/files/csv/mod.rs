//! Separated values (RFC 4180), columnar: split, checked and turned into Arrow block by block.
//!
//! A quote opens a quoted field only at the field's start; elsewhere it is a character as any other
//! (`5" pipe`). What follows a closing quote must be a delimiter or the line's end: anything else
//! means that the quote was stray, and so does a quoted field without end. Then the row where the
//! quote stands is rejected and reading goes on at the next physical line.

mod header;
mod read;
mod split;

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::say;

use self::split::Splitter;
use super::encoding::Encoding;
use super::text;
use crate::error::{ConnectorError, Result};

/// Options of `csv` and `tsv`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CsvOptions {
    /// Character between fields; `;` unless said (a tab for `tsv`).
    pub delimiter: Option<char>,
    /// Character around fields that hold delimiters or line breaks, doubled within them; `"` unless
    /// said. An empty string: nothing is quoted.
    pub quote: Option<String>,
    /// `true` (default): the first line that is not blank holds the columns' names. `false`: no
    /// header. A number: the header stands on that line and what is above it is skipped.
    #[serde(default)]
    pub header: Header,
    /// Without a header: the columns' names. With one: the names that it must have, in any order;
    /// a file whose header differs is refused with the names that are missing or new.
    pub columns: Option<Vec<String>>,
    /// Texts that mean an absent value, such as `NULL`. An empty cell stays an empty text.
    #[serde(default)]
    pub null: Vec<String>,
    /// Lines that begin with this character are skipped.
    pub comment: Option<char>,
    /// Longest quoted field in bytes; beyond it the quote counts as unclosed. 1 MiB unless said.
    pub max_field_bytes: Option<usize>,
}

/// Whether and where a header stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Header {
    /// There is one on the first line that is not blank, or there is none.
    Flag(bool),
    /// It stands on this line, from 1.
    Line(u32),
}

impl Default for Header {
    fn default() -> Self {
        Self::Flag(true)
    }
}

/// The CSV format, options checked.
pub(crate) struct CsvFormat {
    splitter: Splitter,
    header: Header,
    columns: Option<Vec<String>>,
    null: Vec<String>,
    encoding: Encoding,
}

impl CsvOptions {
    /// Checks the options; `delimiter` is the format's own.
    pub(crate) fn format(self, delimiter: u8, encoding: Encoding) -> Result<CsvFormat> {
        let delimiter = self.delimiter.map_or(Ok(delimiter), |c| ascii(c, "delimiter"))?;
        let quote = match self.quote.as_deref().map(|text| (text, text.chars().next())) {
            None => Some(b'"'),
            Some((_, None)) => None,
            Some((text, Some(c))) if text.chars().count() == 1 => Some(ascii(c, "quote")?),
            Some(_) => {
                return Err(ConnectorError::configuration(say!(
                    "`quote` ska vara ett tecken eller tom",
                    "`quote` must be one character or empty"
                )));
            }
        };
        let comment = self.comment.map(|c| ascii(c, "comment")).transpose()?;
        if quote == Some(delimiter) || comment.is_some_and(|c| c == delimiter || Some(c) == quote) {
            return Err(ConnectorError::configuration(say!(
                "`delimiter`, `quote` och `comment` måste vara olika",
                "`delimiter`, `quote` and `comment` must differ"
            )));
        }
        if self.header == Header::Line(0) {
            return Err(ConnectorError::configuration(say!(
                "`header` räknar rader från 1",
                "`header` counts lines from 1"
            ))
            .hint(say!("skriv numret på raden med rubriker", "write the number of the line that holds the header")));
        }
        if let Some(columns) = &self.columns {
            text::check_names(columns)
                .map_err(|what| ConnectorError::configuration(what.after(&"`columns`".into())))?;
        }
        Ok(CsvFormat {
            splitter: Splitter {
                delimiter,
                quote,
                comment,
                line_end: b'\n',
                max_field_bytes: self.max_field_bytes.unwrap_or(1 << 20),
            },
            header: self.header,
            columns: self.columns,
            null: self.null,
            encoding,
        })
    }
}

fn ascii(c: char, option: &str) -> Result<u8> {
    u8::try_from(c).ok().filter(|b| b.is_ascii() && !matches!(b, b'\n' | b'\r' | 0)).ok_or_else(|| {
        ConnectorError::configuration(say!(
            "`{option}` ska vara ett ASCII-tecken och ingen radbrytning",
            "`{option}` must be one ASCII character and no line break"
        ))
    })
}
