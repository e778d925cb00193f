//! Finds personal numbers and samordningsnummer in running text, file names and cells
//! (folkbokföringslagen 1991:481, 18 §; lagen 2022:1697 om samordningsnummer).
//!
//! A number is found when its date is real (day + 60 for a samordningsnummer), its check digit
//! holds and what stands around it does not make it something else:
//!
//! - `811218-9876`, `811218+9876`, `8112189876`, `19811218-9876`, `198112189876`, with blanks around
//!   the hyphen, a blank for it, or any other dash; `19811218.9876`, `1981-12-18-9876`, `81.12.18-9876`;
//! - broken over two lines, hyphenated or not, and letter-spaced as PDFs have it;
//! - glued to words (`pat811218-9876ringde`), and as the first digits of an HSA-id or a VAT number;
//! - in full-width and other scripts' digits, with invisible characters in it, percent-encoded, and
//!   with HTML entities for its hyphen.
//!
//! Longer digit strings, organisation numbers, UUIDs, amounts and most telephone numbers do not match.
//!
//! What cannot be told apart is decided for secrecy: ten bare digits that could be a telephone number or
//! an invoice's are taken for a person's unless the word before, or the column's [`Heading`], says so.
//! These need a word that speaks of a person: date and clock time together (`202601051200`, from 2020
//! on), which file names are full of; ten bare digits with a mobile or nationwide prefix (`07…`, `010…`);
//! and six digits, a point and four, which is what coordinates look like. A cell that stands in a column is
//! judged better than a text that stands alone: see [`Column`].

mod around;
mod broken;
mod column;
mod fold;
mod scan;
mod shape;

#[cfg(test)]
mod figures;
#[cfg(test)]
mod made_up;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::iter;
use std::ops::Range;

pub use column::{Column, Form, Heading, joined};

use crate::identifier::luhn;
use crate::value::datum::days_in_month;
use around::Setting;

/// What stands in a masked text instead of a number.
pub const MASK: &str = "[personnummer]";

/// The numbers in `text`, as byte ranges in order. Ranges begin and end with a digit.
pub fn find(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    find_under(text, Heading::default())
}

/// As [`find`], for a text that stands under a heading.
fn find_under(text: &str, heading: Heading) -> impl Iterator<Item = Range<usize>> + '_ {
    let worth = scan::ten_digits(text.as_bytes());
    let folded = if worth { fold::fold(text) } else { None };
    let lines = worth && scan::has_lines(text.as_bytes());
    let mut at = if worth { 0 } else { usize::MAX };
    iter::from_fn(move || {
        let plain = folded.as_ref().map_or(text, |folded| folded.text.as_str());
        let (start, end) = next(Setting { text: plain, heading, lines }, at)?;
        at = end;
        Some(folded.as_ref().map_or(start..end, |folded| folded.range(start, end)))
    })
}

/// The next number at or after `at`.
fn next(around: Setting<'_>, mut at: usize) -> Option<(usize, usize)> {
    let bytes = around.text.as_bytes();
    while let Some(start) = scan::next_digit(bytes, at) {
        let end = scan::run_end(bytes, start);
        if let Some(end) = shape::at(around, start, end) {
            return Some((start, end));
        }
        at = end;
    }
    None
}

/// Whether `text` holds a personal number.
pub fn contains(text: &str) -> bool {
    contains_under(text, Heading::default())
}

/// As [`contains`], for a text that stands under a heading.
fn contains_under(text: &str, heading: Heading) -> bool {
    scan::ten_digits(text.as_bytes()) && find_under(text, heading).next().is_some()
}

/// `text` with [`MASK`] in place of every number; borrowed where there is none.
pub fn mask(text: &str) -> Cow<'_, str> {
    let mut masked = String::new();
    let mut kept = 0;
    for range in find(text) {
        masked.push_str(text.get(kept..range.start).unwrap_or_default());
        masked.push_str(MASK);
        kept = range.end;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(masked)
}

/// Whether `ten` digits stand in `text` one after the other, whatever is between them: how one known number
/// is looked for. Nothing written is too odd for it; that other figures happen to make it up is rarer than
/// one in a thousand million places.
pub fn holds(text: &str, ten: &str) -> bool {
    let folded = fold::fold(text);
    let digits = folded.as_ref().map_or(text, |folded| folded.text.as_str()).bytes().filter(u8::is_ascii_digit);
    let mut last = std::collections::VecDeque::with_capacity(ten.len());
    for digit in digits {
        if last.len() == ten.len() {
            last.pop_front();
        }
        last.push_back(digit);
        if last.iter().copied().eq(ten.bytes()) {
            return true;
        }
    }
    false
}

/// Whether ten digits (YYMMDDNNNN) are a personal number or samordningsnummer.
pub fn is_personal_number(ten: &[u8]) -> bool {
    ten.len() == 10 && ten.get(..6).is_some_and(is_birth_date) && luhn::holds(ten)
}

/// Whether six digits (YYMMDD) can be a birth date, or a samordningsnummer's (day + 60).
pub fn is_birth_date(date: &[u8]) -> bool {
    let [y1, y2, m1, m2, d1, d2] = date else { return false };
    if !date.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let pair = |tens: &u8, ones: &u8| i32::from(tens - b'0') * 10 + i32::from(ones - b'0');
    let (year, month, day) = (pair(y1, y2), pair(m1, m2), pair(d1, d2));
    let day = if day > 60 { day - 60 } else { day };
    // 29 February 00 was in 2000, not in 1900: every century that the two digits can mean counts.
    day >= 1 && day <= days_in_month(1900 + year, month).max(days_in_month(2000 + year, month))
}
