//! Other spellings of digits, hyphens and blanks, brought to one: full-width and other scripts' digits,
//! invisible characters inside a number, percent codes (file names from the web) and HTML entities.

use std::ops::Range;

use super::scan;

/// A text without them, and where each of its bytes came from.
pub(super) struct Folded {
    pub(super) text: String,
    from: Vec<(usize, usize)>,
}

impl Folded {
    /// The range of the original text that a range of the folded one came from.
    pub(super) fn range(&self, start: usize, end: usize) -> Range<usize> {
        let first = self.from.get(start).map_or(0, |(start, _)| *start);
        let last = end.checked_sub(1).and_then(|last| self.from.get(last)).map_or(first, |(_, end)| *end);
        first..last
    }
}

/// `text` folded, where there is something to fold.
pub(super) fn fold(text: &str) -> Option<Folded> {
    // The usual other characters (en dashes, no-break blanks, quotes) are read as they are.
    let mut first = scan::next_foreign(text.as_bytes(), 0)?;
    while spelled(text, first).is_none() {
        first = scan::next_foreign(text.as_bytes(), first + 1)?;
    }
    let mut out = Folded { text: String::with_capacity(text.len()), from: Vec::with_capacity(text.len()) };
    out.text.push_str(text.get(..first)?);
    out.from.extend((0..first).map(|i| (i, i + 1)));
    let mut at = first;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let (meant, end) = spelled(text, at).unwrap_or((Some(c), at + c.len_utf8()));
        if let Some(meant) = meant {
            out.text.push(meant);
            out.from.extend(std::iter::repeat_n((at, end), meant.len_utf8()));
        }
        at = end;
    }
    Some(out)
}

/// What is spelled another way at `at`: the character that is meant, if any, and where the spelling ends.
fn spelled(text: &str, at: usize) -> Option<(Option<char>, usize)> {
    let rest = text.get(at..)?;
    let c = rest.chars().next()?;
    let end = at + c.len_utf8();
    let meant = match c {
        '\u{ff10}'..='\u{ff19}' => Some(digit(u32::from(c) - 0xff10)),
        '\u{660}'..='\u{669}' => Some(digit(u32::from(c) - 0x660)),
        '\u{6f0}'..='\u{6f9}' => Some(digit(u32::from(c) - 0x6f0)),
        '\u{1d7ce}'..='\u{1d7ff}' => Some(digit((u32::from(c) - 0x1d7ce) % 10)),
        '\u{ff0b}' => Some('+'),
        '\u{ff0e}' => Some('.'),
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => None,
        '%' => return percent(rest).map(|meant| (Some(meant), at + 3)),
        '&' => return entity(rest).map(|(meant, length)| (Some(meant), at + length)),
        _ => return None,
    };
    Some((meant, end))
}

fn digit(value: u32) -> char {
    char::from_digit(value, 10).unwrap_or('0')
}

fn percent(rest: &str) -> Option<char> {
    match rest.get(1..3)? {
        "20" => Some(' '),
        "2B" | "2b" => Some('+'),
        "2D" | "2d" => Some('-'),
        "2E" | "2e" => Some('.'),
        "5F" | "5f" => Some('_'),
        _ => None,
    }
}

/// The character that an entity stands for, and its length.
fn entity(rest: &str) -> Option<(char, usize)> {
    let name = rest.get(1..)?.split(';').next().filter(|name| name.len() <= 8 && name.len() + 1 < rest.len())?;
    let number = name.strip_prefix('#').and_then(|n| match n.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => n.parse().ok(),
    });
    let meant = match (name, number.and_then(char::from_u32)) {
        ("nbsp" | "ensp" | "emsp" | "thinsp", _) => ' ',
        ("ndash" | "mdash" | "minus" | "hyphen" | "dash", _) => '-',
        ("plus", _) => '+',
        (_, Some(c)) => c,
        _ => return None,
    };
    Some((meant, name.len() + 2))
}
