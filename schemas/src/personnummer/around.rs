//! What stands around digits, and what it makes of them.

use super::column::Heading;
use crate::value::typography::is_blank;

/// A text and the heading that it stands under.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) text: &'a str,
    pub(super) heading: Heading,
    /// The text has several lines.
    pub(super) lines: bool,
}

/// From this year on, a date followed by four digits that are a time of day is a timestamp.
const TIMESTAMPS_FROM: i32 = 2020;

/// Beginnings of words that announce a telephone number.
pub(super) const TELEPHONE: [&str; 14] =
    ["tel", "tfn", "tlf", "mobil", "mob", "fax", "vx", "växel", "vaxel", "ring", "sms", "ankn", "nås på", "phone"];

/// Beginnings of words that announce a person's number.
pub(super) const PERSON: [&str; 12] =
    ["pnr", "p.nr", "p-nr", "persnr", "personn", "samordn", "person", "patient", "pat", "född", "fodd", "barn"];

/// Beginnings of words that announce the number of a bill, an account or a thing.
pub(super) const THING: [&str; 18] = [
    "faktur", "ocr", "bankgiro", "bg", "plusgiro", "postgiro", "pg", "gtin", "ean", "gln", "iban", "konto", "order",
    "artikel", "art.nr", "isbn", "invoice", "serienr",
];

/// Words before six digits, a point and four that make them a measured value.
const MEASURED: [&str; 14] = [
    "nord", "ost", "öst", "north", "east", "lat", "lon", "koord", "sweref", "rt90", "belopp", "summa", "värde", "pris",
];

impl Setting<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    fn before(&self, at: usize) -> &str {
        self.text.get(..at).unwrap_or_default()
    }

    fn after(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or_default()
    }

    /// Whether a word before, or the heading, speaks of a person.
    pub(super) fn says_person(&self, at: usize) -> bool {
        self.heading.person || self.says(at, &PERSON)
    }

    /// Whether a telephone is spoken of.
    pub(super) fn says_telephone(&self, at: usize) -> bool {
        self.heading.telephone || self.says(at, &TELEPHONE)
    }

    /// Whether a bill, an account or a thing is spoken of, and no person.
    pub(super) fn says_thing(&self, at: usize) -> bool {
        (self.heading.thing || self.says(at, &THING)) && !self.says_person(at)
    }

    /// Whether one of the words begins within the last 32 characters before `at`, in the same line.
    fn says(&self, at: usize, words: &[&str]) -> bool {
        let before = self.before(at);
        let from = before.char_indices().rev().take(32).last().map_or(0, |(i, _)| i);
        let near = before.get(from..).unwrap_or_default();
        let near = near.rsplit(['\n', '\r', ';', '\t']).next().unwrap_or_default().to_lowercase();
        begins(&near, words)
    }

    /// Whether digits stand in a sentence: a word right before them in the same line, and no digit after.
    pub(super) fn in_prose(&self, start: usize, end: usize) -> bool {
        let before = self.before(start).trim_end_matches([' ', '\u{a0}', ':', '(', ',', '.']);
        let word: usize = before.chars().rev().take_while(|c| c.is_alphabetic()).count();
        let behind = self.after(end).trim_start_matches([' ', '\u{a0}', '\n', '\r']);
        word >= 2 && !behind.starts_with(|c: char| c.is_ascii_digit()) && !self.says(start, &MEASURED)
    }

    /// Whether another number stands one blank away: a row of figures, not a number with a gap.
    pub(super) fn digit_beyond_blank(&self, start: usize, end: usize) -> bool {
        let mut before = self.before(start).chars().rev();
        let mut after = self.after(end).chars();
        let figure = |near: [Option<char>; 2]| matches!(near, [Some(blank), Some('0'..='9')] if is_blank(blank));
        figure([before.next(), before.next()]) || figure([after.next(), after.next()])
    }

    /// `:30` behind the four digits: seconds.
    pub(super) fn clock_follows(&self, end: usize) -> bool {
        matches!(self.bytes().get(end..end + 2), Some([b':', b'0'..=b'9']))
    }

    /// `-12` or `.5` behind: what goes on is no personal number but a longer one, or a second date.
    pub(super) fn goes_on(&self, end: usize) -> bool {
        matches!(self.bytes().get(end..end + 2), Some([b'-' | b'.' | b'/' | b':', b'0'..=b'9']))
    }

    /// No plus sign before, and not a part of a UUID: what a number with its hyphen asks for. Words may be
    /// glued to it.
    pub(super) fn stands_free(&self, start: usize, end: usize) -> bool {
        !self.before(start).ends_with('+') && !self.in_uuid(start, end)
    }

    /// As [`stands_free`](Self::stands_free), for bare digits: glued to nothing but a word, which a single
    /// letter is not, and for ten digits (`short`) capitals are not: ids are made so.
    pub(super) fn stands_bare(&self, start: usize, end: usize, short: bool) -> bool {
        let mut before = self.before(start).chars().rev();
        let mut after = self.after(end).chars();
        self.stands_free(start, end) && is_glue(&mut before, short) && is_glue(&mut after, short)
            || self.labelled(start) && !after.next().is_some_and(char::is_alphabetic)
    }

    /// A label for persons glued on: `PNR8112189876`.
    fn labelled(&self, start: usize) -> bool {
        let word = self.before(start).rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        ["pnr", "personnr", "personnummer", "samordningsnummer", "nr", "pat"]
            .iter()
            .any(|w| word.eq_ignore_ascii_case(w))
    }

    /// `SE` before: the first digits of an HSA-id or a VAT number.
    pub(super) fn is_swedish_id(&self, start: usize) -> bool {
        let mut before = self.before(start).chars().rev();
        matches!((before.next(), before.next()), (Some('E' | 'e'), Some('S' | 's')))
            && !before.next().is_some_and(char::is_alphanumeric)
    }

    /// Whether the digits are part of `8-4-4-4-12` hexadecimal groups.
    fn in_uuid(&self, start: usize, end: usize) -> bool {
        let bytes = self.bytes();
        let part = |b: &u8| b.is_ascii_hexdigit() || *b == b'-';
        let left = bytes.get(..start).unwrap_or_default().iter().rev().take(36).take_while(|b| part(b)).count();
        let right = bytes.get(end..).unwrap_or_default().iter().take(36).take_while(|b| part(b)).count();
        let token = bytes.get(start - left..end + right).unwrap_or_default();
        token.len() == 36 && token.iter().enumerate().all(|(i, b)| (*b == b'-') == matches!(i, 8 | 13 | 18 | 23))
    }

    /// `8112189876,50` and `1.8112189876`: an amount or a measured value.
    pub(super) fn is_fraction(&self, start: usize, end: usize) -> bool {
        let short = |digits: usize| (1..=3).contains(&digits);
        let behind = self.bytes().get(end..).unwrap_or_default();
        let ahead = self.bytes().get(..start).unwrap_or_default();
        matches!(behind.first(), Some(b'.' | b','))
            && short(behind.iter().skip(1).take_while(|b| b.is_ascii_digit()).count())
            || matches!(ahead.last(), Some(b'.' | b','))
                && short(ahead.iter().rev().skip(1).take_while(|b| b.is_ascii_digit()).count())
    }

    /// Ten bare digits that are a telephone number: mobile and nationwide ones (07…, 010…), which are
    /// written so more often than anybody's number who was born in 2007 or early in 2001, unless a
    /// word speaks of a person; others that begin with a zero if a word speaks of a telephone.
    pub(super) fn is_telephone(&self, start: usize, digits: &[u8]) -> bool {
        match digits {
            [b'0', b'7', ..] | [b'0', b'1', b'0', ..] => !self.says_person(start),
            [b'0', ..] => self.says_telephone(start),
            _ => false,
        }
    }

    /// A recent date with its century, followed by a time of day, without a word on persons. `from` is
    /// the year from which that is believed.
    pub(super) fn is_timestamp(&self, start: usize, year: i32, number: &[u8], from: Option<i32>) -> bool {
        year >= from.unwrap_or(TIMESTAMPS_FROM) && is_time_of_day(number) && !self.says_person(start)
    }

    /// `avtal_260105-1204.csv`: six digits and a time in a file's name.
    pub(super) fn is_short_timestamp(&self, start: usize, end: usize, year: i32, number: &[u8]) -> bool {
        let in_name = |c: Option<char>| matches!(c, Some('_' | '-' | '.'));
        let named = in_name(self.before(start).chars().next_back()) || self.after(end).starts_with(['_', '.']);
        let extension = self.after(end).strip_prefix('.').is_some_and(|e| e.starts_with(char::is_alphabetic));
        (20..34).contains(&year)
            && is_time_of_day(number)
            && (extension || named && self.after(end).starts_with('_'))
            && !self.says_person(start)
    }
}

/// Whether one of the words begins in `near`, which is in lower case, as a word.
pub(super) fn begins(near: &str, words: &[&str]) -> bool {
    words.iter().any(|word| {
        near.match_indices(word).any(|(i, _)| !near.get(..i).unwrap_or_default().ends_with(char::is_alphabetic))
    })
}

/// Whether four digits can be hours and minutes.
fn is_time_of_day(number: &[u8]) -> bool {
    let value = |digits: Option<&[u8]>| {
        digits.unwrap_or_default().iter().fold(0, |sum, b| sum * 10 + i32::from(b.wrapping_sub(b'0')))
    };
    value(number.get(..2)) < 24 && value(number.get(2..)) < 60
}

/// Whether what is glued to digits, read away from them, is nothing or a word.
fn is_glue(away: &mut dyn Iterator<Item = char>, short: bool) -> bool {
    let (mut letters, mut lower, mut hexadecimal) = (0, false, true);
    for c in away {
        if !c.is_alphabetic() {
            // A digit beyond the letters: a code, not a word.
            return letters == 0 || !c.is_ascii_digit() && letters >= 2 && !hexadecimal && (lower || !short);
        }
        letters += 1;
        lower |= c.is_lowercase();
        hexadecimal &= c.is_ascii_hexdigit();
        if letters > 24 {
            break;
        }
    }
    letters == 0 || letters >= 2 && !hexadecimal && (lower || !short)
}
