//! Splits text into records and fields without looking at what they mean.

use memchr::{memchr, memchr_iter, memchr2};

use crate::files::text::Span;

/// What stands at a position in the text. `end` is where reading goes on; `lines` is how many
/// physical lines lie before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A record; its fields have been added.
    Record { end: usize, lines: u64 },
    /// An empty line or a comment.
    Nothing { end: usize },
    /// A quote that opened on the last of these lines is stray or never closed.
    StrayQuote { end: usize, lines: u64 },
    /// The record goes on after the text that there is.
    Incomplete,
}

/// How records and fields are delimited.
#[derive(Clone, Debug)]
pub(super) struct Splitter {
    pub(super) delimiter: u8,
    pub(super) quote: Option<u8>,
    pub(super) comment: Option<u8>,
    /// `\n`, or `\r` in files that have nothing else.
    pub(super) line_end: u8,
    pub(super) max_field_bytes: usize,
}

/// Where a quoted field ends.
enum Quoted {
    /// Closed; what stands at `next` decides what follows.
    Closed {
        end: usize,
        next: After,
        doubled: bool,
    },
    Stray,
    Incomplete,
}

/// What follows a field.
enum After {
    Field(usize),
    Line(usize),
}

impl Splitter {
    /// Reads the record at `start`, adding its fields to `fields`. `done`: no text follows.
    ///
    /// `start` must lie before the text's end.
    #[inline]
    pub(super) fn record(&self, text: &[u8], start: usize, done: bool, fields: &mut Vec<Span>) -> Found {
        let first = text.get(start).copied();
        let blank =
            first == Some(self.line_end) || first == Some(b'\r') || (self.comment.is_some() && first == self.comment);
        if blank && let Some(found) = self.nothing(text, start, done) {
            return found;
        }
        let before = fields.len();
        let mut breaks = 0;
        let mut at = start;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            if self.quote.is_some() && rest.first().copied() == self.quote {
                match self.quoted(text, at + 1, done) {
                    Quoted::Closed { end, next, doubled } => {
                        fields.push(Span::new(at + 1, end, doubled));
                        // Line breaks within a field are rare: count them only where a field is quoted.
                        breaks += self.lines(text.get(at + 1..end).unwrap_or_default());
                        match next {
                            After::Field(next) => at = next,
                            After::Line(end) => return Found::Record { end, lines: breaks + 1 },
                        }
                    }
                    Quoted::Stray => {
                        fields.truncate(before);
                        return match memchr(self.line_end, rest) {
                            Some(offset) => Found::StrayQuote { end: at + offset + 1, lines: breaks + 1 },
                            None if done => Found::StrayQuote { end: text.len(), lines: breaks + 1 },
                            None => Found::Incomplete,
                        };
                    }
                    Quoted::Incomplete => {
                        fields.truncate(before);
                        return Found::Incomplete;
                    }
                }
                continue;
            }
            match memchr2(self.delimiter, self.line_end, rest) {
                Some(offset) if rest.get(offset).copied() == Some(self.delimiter) => {
                    fields.push(Span::new(at, at + offset, false));
                    at += offset + 1;
                }
                Some(offset) => {
                    fields.push(Span::new(at, at + without_cr(rest, offset), false));
                    return Found::Record { end: at + offset + 1, lines: breaks + 1 };
                }
                None if done => {
                    fields.push(Span::new(at, at + without_cr(rest, rest.len()), false));
                    return Found::Record { end: text.len(), lines: breaks + 1 };
                }
                None => {
                    fields.truncate(before);
                    return Found::Incomplete;
                }
            }
        }
    }

    /// An empty line or a comment at `start`, if there is one.
    fn nothing(&self, text: &[u8], start: usize, done: bool) -> Option<Found> {
        let rest = text.get(start..).unwrap_or_default();
        match rest {
            [first, ..] if *first == self.line_end => Some(Found::Nothing { end: start + 1 }),
            [b'\r', b'\n', ..] => Some(Found::Nothing { end: start + 2 }),
            [b'\r'] if done => Some(Found::Nothing { end: start + 1 }),
            [b'\r'] => Some(Found::Incomplete),
            [first, ..] if Some(*first) == self.comment => match memchr(self.line_end, rest) {
                Some(offset) => Some(Found::Nothing { end: start + offset + 1 }),
                None if done => Some(Found::Nothing { end: text.len() }),
                None => Some(Found::Incomplete),
            },
            _ => None,
        }
    }

    /// The end of the quoted field whose content starts at `start`.
    fn quoted(&self, text: &[u8], start: usize, done: bool) -> Quoted {
        let quote = self.quote.unwrap_or_default();
        let limit = start.saturating_add(self.max_field_bytes).min(text.len());
        let mut at = start;
        let mut doubled = false;
        loop {
            let Some(offset) = memchr(quote, text.get(at..limit).unwrap_or_default()) else {
                // Beyond the limit, or at the file's end: it is not going to be closed.
                return if done || limit < text.len() { Quoted::Stray } else { Quoted::Incomplete };
            };
            let end = at + offset;
            let next = match text.get(end + 1..).unwrap_or_default() {
                [next, ..] if *next == quote => {
                    doubled = true;
                    at = end + 2;
                    continue;
                }
                [next, ..] if *next == self.delimiter => After::Field(end + 2),
                [next, ..] if *next == self.line_end => After::Line(end + 2),
                [b'\r', b'\n', ..] => After::Line(end + 3),
                [] | [b'\r'] if done => After::Line(text.len()),
                [] | [b'\r'] => return Quoted::Incomplete,
                _ => return Quoted::Stray,
            };
            return Quoted::Closed { end, next, doubled };
        }
    }

    /// Physical line ends in `text`.
    pub(super) fn lines(&self, text: &[u8]) -> u64 {
        memchr_iter(self.line_end, text).count() as u64
    }
}

/// `len` less a carriage return that ends it.
#[inline]
fn without_cr(text: &[u8], len: usize) -> usize {
    match len.checked_sub(1) {
        Some(last) if text.get(last) == Some(&b'\r') => last,
        _ => len,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn splitter() -> Splitter {
        Splitter { delimiter: b';', quote: Some(b'"'), comment: Some(b'#'), line_end: b'\n', max_field_bytes: 64 }
    }

    /// Everything in `text`: fields of records joined by `|`, `!` for a stray quote, `-` for nothing.
    fn all(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        let (mut at, mut fields) = (0, Vec::new());
        while at < text.len() {
            fields.clear();
            at = match splitter().record(text.as_bytes(), at, true, &mut fields) {
                Found::Record { end, lines } => {
                    let list: Vec<_> = fields.iter().map(|f| text.get(f.range()).unwrap()).collect();
                    out.push(format!("{lines}:{}", list.join("|")));
                    end
                }
                Found::Nothing { end } => {
                    out.push("-".into());
                    end
                }
                Found::StrayQuote { end, lines } => {
                    out.push(format!("{lines}:!{}", text.get(at..end).unwrap().trim_end()));
                    end
                }
                Found::Incomplete => panic!("incomplete at the end"),
            };
        }
        out
    }

    #[test]
    fn plain_records() {
        assert_eq!(all("a;b\nc;\n;\n"), ["1:a|b", "1:c|", "1:|"]);
        assert_eq!(all("a;b\r\nc;d"), ["1:a|b", "1:c|d"]);
        assert_eq!(all("a;b\r\n\r\n\n#x;\nc;d\r"), ["1:a|b", "-", "-", "-", "1:c|d"]);
    }

    #[test]
    fn quotes_open_at_a_field_start_only() {
        assert_eq!(all("5\" pipe;x\"y\"\n"), ["1:5\" pipe|x\"y\""]);
        assert_eq!(all("\"a;b\";\"c\"\"d\"\n"), ["1:a;b|c\"\"d"]);
        assert_eq!(all("\"a\r\nb\";c\r\nd;e"), ["2:a\r\nb|c", "1:d|e"]);
        assert_eq!(all("\"\";\"\""), ["1:|"]);
    }

    #[test]
    fn a_stray_quote_costs_one_line() {
        assert_eq!(all("a;\"b\nc;d\ne;\"f\"\n"), ["1:!a;\"b", "1:c|d", "1:e|f"]);
        assert_eq!(all("a;\"b\" c\nd;e\n"), ["1:!a;\"b\" c", "1:d|e"]);
        assert_eq!(all("\"x\ny\";\"b\nc;d\n"), ["2:!\"x\ny\";\"b", "1:c|d"]);
        let long = format!("a;\"b\n{}", "c;d\n".repeat(40));
        assert_eq!(all(&long).len(), 41);
    }

    #[test]
    fn a_lone_carriage_return_is_a_character() {
        assert_eq!(all("a\rb;c\n\rd;e\n"), ["1:a\rb|c", "1:\rd|e"]);
    }

    #[test]
    fn a_record_waits_for_its_end() {
        for cut in ["a;b", "a;\"b", "a;\"b\"", "a;\"b\"\r", "a;\"b\"c", "\r", "#"] {
            let found = splitter().record(cut.as_bytes(), 0, false, &mut Vec::new());
            assert_eq!(found, Found::Incomplete, "{cut:?}");
        }
    }
}
