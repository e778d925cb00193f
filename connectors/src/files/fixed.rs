//! Fields at fixed positions: where a line's characters, not delimiters, say what is what.

use memchr::memchr;
use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::chunk::RowId;
use sluss_schemas::say;

use super::encoding::Encoding;
use super::format::{Emit, Format, Input};
use super::refuse;
use super::text::{self, Rows, Span};
use super::window::Window;
use crate::connect::Field;
use crate::error::{ConnectorError, Result};

/// Options of `fixed`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedOptions {
    /// The fields, in the order of the columns that they become. They may leave gaps.
    pub fields: Vec<FixedField>,
    /// Which blanks around a field are padding.
    #[serde(default)]
    pub trim: Trim,
    /// Lines above the first row that are skipped.
    #[serde(default)]
    pub skip_lines: u32,
    /// Length of every line in characters. Unless said, a line must reach the last field's start:
    /// senders often leave out the blanks at its end.
    pub length: Option<usize>,
    /// Fields beyond the end of a line are empty; otherwise such a line is rejected.
    #[serde(default)]
    pub short_lines: bool,
    /// Texts, after trimming, that mean an absent value.
    #[serde(default)]
    pub null: Vec<String>,
}

/// A field's place.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedField {
    /// The column's name.
    pub name: String,
    /// Its first character's position in the line, from 1.
    pub start: usize,
    /// How many characters it has; without it, it reaches to the line's end.
    pub width: Option<usize>,
}

/// Which blanks are padding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Trim {
    /// On both sides.
    #[default]
    Both,
    /// Before the text.
    Start,
    /// After the text.
    End,
    /// None: the field as it stands.
    None,
}

/// The fixed-width format, options checked.
pub(crate) struct FixedFormat {
    options: FixedOptions,
    names: Vec<String>,
    /// Characters that a line must have.
    shortest: usize,
    encoding: Encoding,
}

/// Longest line: beyond it the file is no table.
const MAX_LINE: usize = 32 << 20;

impl FixedOptions {
    /// Checks the options.
    pub(crate) fn format(self, encoding: Encoding) -> Result<FixedFormat> {
        let names: Vec<String> = self.fields.iter().map(|field| field.name.clone()).collect();
        text::check_names(&names)
            .map_err(|what| ConnectorError::configuration(what.after(&"`fixed.fields`".into())))?;
        for field in &self.fields {
            let name = &field.name;
            let wrong = if field.start == 0 {
                say!("dess `start` räknas från 1", "its `start` counts from 1")
            } else if field.width == Some(0) {
                say!("dess `width` är 0", "its `width` is 0")
            } else if self.length.is_some_and(|length| field.start - 1 + field.width.unwrap_or(1) > length) {
                say!("det når förbi `length`", "it reaches beyond `length`")
            } else {
                continue;
            };
            return Err(ConnectorError::configuration(
                wrong.after(&say!("fältet `{name}` går inte att läsa", "the field `{name}` cannot be read")),
            ));
        }
        let last = self.fields.iter().map(|field| field.start).max().unwrap_or_default();
        let shortest = if self.short_lines { 0 } else { last };
        Ok(FixedFormat { options: self, names, shortest, encoding })
    }
}

impl Format for FixedFormat {
    fn read(&self, input: Input, chunk_rows: usize, emit: &mut dyn Emit) -> Result<()> {
        let origin = emit.origin(&input.name, input.member.as_deref());
        let mut window = Window::new(input.bytes, self.encoding).map_err(text::unreadable)?;
        refuse::non_text(window.text())?;
        let line_end = text::line_end(window.text());
        let mut rows = Rows::new(origin, &self.names, &self.options.null, chunk_rows);
        let (mut spans, mut ids, mut number) = (Vec::new(), Vec::new(), 0);
        loop {
            spans.clear();
            ids.clear();
            let (text, done) = (window.text(), window.done());
            let mut at = 0;
            while at < text.len() && ids.len() < rows.room() {
                let rest = text.get(at..).unwrap_or_default();
                let (line, next) = match memchr(line_end, rest) {
                    Some(offset) => (rest.get(..offset).unwrap_or_default(), at + offset + 1),
                    None if done => (rest, text.len()),
                    None => break,
                };
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                number += 1;
                if !line.is_empty() && number > u64::from(self.options.skip_lines) {
                    match self.line(line, at, &mut spans) {
                        Ok(()) => ids.push(RowId::new(rows.origin(), number).0),
                        Err((rule, detail)) => rows.reject(number, rule, detail, self.encoding.original(line)),
                    }
                }
                at = next;
            }
            // Lines that are no text have been rejected: what becomes of them here is not looked at.
            let whole = text.get(..at).unwrap_or_default();
            match text::clean(whole) {
                Some(whole) => rows.add(whole, None, &spans, &ids)?,
                None => rows.add(&text::blanked(whole), None, &spans, &ids)?,
            }
            window.consume(at);
            if rows.is_full() {
                rows.emit(emit)?;
                continue;
            }
            if window.done() {
                return rows.finish(emit);
            }
            if window.text().len() > MAX_LINE {
                return Err(ConnectorError::source(say!(
                    "en rad är längre än {} MiB",
                    "a line is longer than {} MiB",
                    MAX_LINE >> 20
                ))
                .at(say!("rad {}", "line {}", number + 1))
                .hint(say!("kontrollera att filen är text", "check that the file is text")));
            }
            window.more().map_err(text::unreadable)?;
        }
    }

    fn columns(&self, _input: Input) -> Result<Vec<Field>> {
        Ok(text::fields(&self.names))
    }
}

impl FixedFormat {
    /// Finds the fields of the line at `at`, or the rule that it breaks and why.
    fn line(&self, line: &[u8], at: usize, spans: &mut Vec<Span>) -> std::result::Result<(), (&'static str, String)> {
        let text = text::characters(line).map_err(|detail| ("ogiltiga_tecken", detail))?;
        // In ASCII a character's position is its byte's; elsewhere the positions are looked up.
        let positions: Option<Vec<usize>> = (!text.is_ascii()).then(|| text.char_indices().map(|(i, _)| i).collect());
        let length = positions.as_ref().map_or(text.len(), Vec::len);
        if let Some(wanted) = self.options.length.filter(|wanted| *wanted != length) {
            return Err(("fel_antal_kolumner", format!("{length} tecken, {wanted} väntade")));
        }
        if length < self.shortest {
            return Err(("fel_antal_kolumner", format!("{length} tecken, minst {} väntade", self.shortest)));
        }
        let byte = |position: usize| match &positions {
            None => position.min(text.len()),
            Some(positions) => positions.get(position).copied().unwrap_or(text.len()),
        };
        for field in &self.options.fields {
            let first = field.start.saturating_sub(1);
            let (start, end) = (byte(first), byte(first.saturating_add(field.width.unwrap_or(length))));
            let cell = text.get(start..end).unwrap_or_default();
            let (start, end) = match self.options.trim {
                Trim::None => (start, end),
                Trim::Start => (end - cell.trim_start().len(), end),
                Trim::End => (start, start + cell.trim_end().len()),
                Trim::Both => {
                    let start = end - cell.trim_start().len();
                    (start, start + cell.trim().len())
                }
            };
            spans.push(Span::new(at + start, at + end, false));
        }
        Ok(())
    }
}
