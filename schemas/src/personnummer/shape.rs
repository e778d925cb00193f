//! The shapes of a number: digits with and without hyphen, and dates written out.

use super::around::Setting;
use super::{broken, is_birth_date, is_personal_number, scan};
use crate::identifier::luhn;
use crate::value::typography::{is_blank, is_hyphen};

/// What stands between the date and the last four digits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    /// A hyphen, any dash or a plus sign, blanks around it or not.
    Dash,
    /// A dash with blanks on both sides.
    LooseDash,
    /// One blank within the line.
    Blank,
    /// `.`, `_` or `/`.
    Point,
}

/// A number that starts with the run of digits `start..end`: where it ends.
pub(super) fn at(around: Setting<'_>, start: usize, end: usize) -> Option<usize> {
    let found = match end - start {
        6 | 8 => separated(around, start, end),
        10 | 12 => bare(around, start, end),
        2 | 4 => written_out(around, start, end),
        _ => None,
    };
    found.or_else(|| if end - start < 12 { broken::at(around, start, end) } else { None })
}

/// `YYMMDD-NNNN` and `YYYYMMDD-NNNN`.
fn separated(around: Setting<'_>, start: usize, end: usize) -> Option<usize> {
    let bytes = around.text.as_bytes();
    let date = bytes.get(start..end)?;
    let birth = date.get(date.len() - 6..)?;
    if !is_birth_date(birth) || !century_fits(date) {
        return None;
    }
    let (serial, separator) = after_separator(around.text, end)?;
    let last = scan::run_end(bytes, serial);
    let number = bytes.get(serial..last).filter(|n| n.len() == 4)?;
    let century = date.len() == 8;
    let year = if century { number_of(date.get(..4)?) } else { number_of(date.get(..2)?) };
    let holds = check(birth, number)
        && !around.clock_follows(last)
        && match separator {
            Separator::Dash | Separator::LooseDash => around.stands_free(start, last),
            Separator::Blank => !around.digit_beyond_blank(start, last) && around.stands_bare(start, last, !century),
            Separator::Point => {
                around.stands_bare(start, last, true)
                    && !around.goes_on(last)
                    && !is_listed(bytes, start)
                    && (century
                        || around.says_person(start)
                        || bytes.get(end) == Some(&b'.') && around.in_prose(start, last))
            }
        };
    let stamped = if century {
        around.is_timestamp(start, year, number, (separator == Separator::Point).then_some(2010))
    } else {
        around.is_short_timestamp(start, last, year, number)
    };
    (holds && !stamped).then_some(last)
}

/// `YYMMDDNNNN` and `YYYYMMDDNNNN`.
fn bare(around: Setting<'_>, start: usize, end: usize) -> Option<usize> {
    let digits = around.text.as_bytes().get(start..end)?;
    // An HSA-id begins with an organisation number, a VAT number is one with 01 behind.
    if around.is_swedish_id(start) {
        let ten = digits.get(..10)?;
        return (is_personal_number(ten) && (digits.len() == 10 || digits.ends_with(b"01"))).then_some(end);
    }
    let (date, number) = digits.split_at_checked(digits.len() - 4)?;
    let short = digits.len() == 10;
    (is_personal_number(digits.get(digits.len() - 10..)?)
        && century_fits(date)
        && around.stands_bare(start, end, short)
        && !around.is_fraction(start, end)
        && !(short && (around.is_telephone(start, digits) || around.says_thing(start)))
        && (short || !around.is_timestamp(start, number_of(date.get(..4)?), number, None)))
    .then_some(end)
}

/// `1981-12-18-9876` and `81.12.18-9876`: the same sign within the date.
fn written_out(around: Setting<'_>, start: usize, end: usize) -> Option<usize> {
    let bytes = around.text.as_bytes();
    let sign = *bytes.get(end).filter(|b| matches!(b, b'-' | b'.' | b'/' | b' '))?;
    let part = |at: usize| -> Option<&[u8]> {
        let (before, digits) = bytes.get(at..at + 3)?.split_first()?;
        (*before == sign && digits.iter().all(u8::is_ascii_digit)).then_some(digits)
    };
    let written = end + 6;
    // A clock with colons follows most dates that are written so.
    if bytes.get(written + 3) == Some(&b':') {
        return None;
    }
    let (month, day) = (part(end)?, part(end + 3)?);
    let year = bytes.get(start..end)?;
    let mut birth = [0; 6];
    for (to, from) in birth.iter_mut().zip(year.get(year.len() - 2..)?.iter().chain(month).chain(day)) {
        *to = *from;
    }
    if scan::run_end(bytes, written) != written || !is_birth_date(&birth) || !century_fits(year) {
        return None;
    }
    let (serial, separator) = after_separator(around.text, written)?;
    let last = scan::run_end(bytes, serial);
    let number = bytes.get(serial..last).filter(|n| n.len() == 4)?;
    let century = year.len() == 4;
    let fits = match separator {
        Separator::Dash => true,
        // `1998-01-01 - 2003` is a period.
        Separator::LooseDash => around.says_person(start) || !matches!(number, [b'1', b'9', ..] | [b'2', b'0', ..]),
        Separator::Blank => century && sign != b' ',
        Separator::Point => false,
    };
    let from = (separator == Separator::Blank).then_some(0);
    (fits
        && check(&birth, number)
        && around.stands_free(start, last)
        && !is_listed(bytes, start)
        && !around.goes_on(last)
        && !around.digit_beyond_blank(start, last)
        && !(century && around.is_timestamp(start, number_of(year), number, from)))
    .then_some(last)
}

/// Whether another number and a sign stand before: `10.81.12.18-9876`, `12,5,811218.9876`.
fn is_listed(bytes: &[u8], start: usize) -> bool {
    let before = |back: usize| start.checked_sub(back).and_then(|at| bytes.get(at));
    matches!((before(2), before(1)), (Some(b'0'..=b'9'), Some(b'-' | b'.' | b'/' | b',')))
}

/// Whether the check digit holds.
pub(super) fn check(birth: &[u8], number: &[u8]) -> bool {
    let mut ten = [0; 10];
    let (date, last) = ten.split_at_mut(6);
    if birth.len() != 6 || number.len() != 4 {
        return false;
    }
    date.copy_from_slice(birth);
    last.copy_from_slice(number);
    luhn::holds(&ten)
}

/// Digits before the six start with a century in which somebody who is in a file was born, or with the 16
/// of organisation numbers.
pub(super) fn century_fits(date: &[u8]) -> bool {
    matches!(date.len(), 2 | 6) || matches!(date.get(..2), Some(b"16" | b"18" | b"19" | b"20"))
}

pub(super) fn number_of(digits: &[u8]) -> i32 {
    digits.iter().fold(0, |sum, b| sum * 10 + i32::from(b.wrapping_sub(b'0')))
}

/// The start of the digits after a separator, and which it is.
fn after_separator(text: &str, end: usize) -> Option<(usize, Separator)> {
    let mut at = end;
    let (mut before, mut after, mut dashed, mut most) = (0, 0, false, 6);
    for c in text.get(end..)?.chars() {
        match c {
            '0'..='9' if dashed && before > 0 && after > 0 => return Some((at, Separator::LooseDash)),
            '0'..='9' if dashed => return Some((at, Separator::Dash)),
            '0'..='9' => return (before == 1).then_some((at, Separator::Blank)),
            '.' | '_' | '/' if at == end => {
                return matches!(text.as_bytes().get(at + 1), Some(b'0'..=b'9')).then_some((at + 1, Separator::Point));
            }
            c if (is_hyphen(c) || c == '+') && !dashed => dashed = true,
            c if is_blank(c) && before + after < most => {
                // Without a hyphen only a blank within the line joins two numbers. With one, the next line
                // may be indented.
                let breaks = matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{2028}' | '\u{2029}');
                if dashed {
                    after += 1;
                    most = if breaks { 60 } else { most };
                } else {
                    before += if breaks { 2 } else { 1 };
                }
            }
            _ => return None,
        }
        at += c.len_utf8();
    }
    None
}
