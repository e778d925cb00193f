//! Numbers that a line ends in, and numbers with a blank after each digit.

use super::around::Setting;
use super::is_personal_number;
use super::shape::century_fits;
use crate::value::typography::{is_blank, is_hyphen};

/// Digits that were gathered, and what stood between them.
#[derive(Default)]
struct Gathered {
    digits: [u8; 12],
    count: usize,
    end: usize,
    /// Digits before the hyphen, and whether a line ends right after it.
    dash: Option<(usize, bool)>,
    /// Digits before the end of the line.
    line: Option<usize>,
    /// Every digit stands alone.
    spaced: bool,
}

impl Gathered {
    /// Whether nothing can be missing: a line that ends here ends after the number.
    fn is_whole(&self) -> bool {
        match self.dash {
            Some((at @ (6 | 8), _)) => self.count >= at + 4,
            _ => self.count == 12 || self.count == 10 && self.digits.get(..10).is_some_and(is_personal_number),
        }
    }
}

/// A number that starts at `start` and is broken: where it ends.
pub(super) fn at(around: Setting<'_>, start: usize, end: usize) -> Option<usize> {
    let single = end - start == 1;
    let bytes = around.text.as_bytes();
    let near = if single { bytes.get(end) == Some(&b' ') } else { around.lines && line_ends_near(bytes, end) };
    if !near {
        return None;
    }
    let found = gather(around.text, start, single)?;
    let ten = found.digits.get(found.count.checked_sub(10)?..found.count)?;
    let date = found.digits.get(..found.count - 4)?;
    if !is_personal_number(ten) || !century_fits(date) || !around.stands_free(start, found.end) {
        return None;
    }
    if around.goes_on(found.end) || around.digit_beyond_blank(start, found.end) {
        return None;
    }
    let serial = found.count - 4;
    let fits = match (found.spaced, found.dash, found.line) {
        (true, Some((at, _)), None) => at == serial,
        (false, Some((at, ends)), Some(line)) => at == serial || ends && at == line,
        // The line ends where the hyphen would be: then a date stands over a number, in any table.
        (false, None, Some(line)) => {
            found.count == 12 && line != serial || around.says_person(start) || around.in_prose(start, found.end)
        }
        _ => false,
    };
    fits.then_some(found.end)
}

/// Whether a line ends soon after `end`, before anything but digits, blanks and hyphens.
fn line_ends_near(bytes: &[u8], end: usize) -> bool {
    let near = bytes.get(end..).unwrap_or_default().iter().take(16);
    let mut near = near.take_while(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'+' | b'\n' | b'\r' | 0x80..));
    near.any(|b| matches!(b, b'\n' | b'\r'))
}

fn gather(text: &str, start: usize, spaced: bool) -> Option<Gathered> {
    let mut out = Gathered { spaced, ..Gathered::default() };
    let (mut blanks, mut indented) = (0, false);
    for (i, c) in text.get(start..)?.char_indices() {
        match c {
            '0'..='9' => {
                // Letter-spaced digits have one blank between them, or the hyphen.
                if spaced && out.count > 0 && blanks != 1 && out.dash.is_none_or(|(at, _)| at != out.count) {
                    break;
                }
                *out.digits.get_mut(out.count)? = u8::try_from(c).ok()?;
                out.count += 1;
                out.end = start + i + 1;
                (blanks, indented) = (0, false);
            }
            '\n' | '\r' if spaced || out.is_whole() || out.line.is_some_and(|at| at != out.count) => break,
            '\n' | '\r' => {
                out.line = Some(out.count);
                indented = true;
                if let Some((at, ends)) = &mut out.dash {
                    *ends |= *at == out.count;
                }
            }
            c if (is_hyphen(c) || c == '+') && out.dash.is_none() => out.dash = Some((out.count, false)),
            c if is_blank(c) && (indented || blanks < 2) => {
                blanks += 1;
                // Within a line only the hyphen has blanks around it.
                if !spaced && !indented && out.dash.is_none_or(|(at, _)| at != out.count) {
                    let rest = text.get(start + i..).unwrap_or_default().trim_start_matches([' ', '\u{a0}', '\t']);
                    if !rest.starts_with(['\n', '\r']) && !rest.starts_with(|c| is_hyphen(c) || c == '+') {
                        break;
                    }
                }
            }
            _ => break,
        }
    }
    matches!(out.count, 10 | 12).then_some(out)
}
