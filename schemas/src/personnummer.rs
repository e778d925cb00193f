//! Finds personal numbers and samordningsnummer in running text, file names and cells
//! (folkbokföringslagen 1991:481, 18 §; lagen 2022:1697 om samordningsnummer).
//!
//! A number is found when its date is real (day + 60 for a samordningsnummer), its check digit
//! holds and it stands free: `811218-9876`, `811218+9876`, `8112189876`, `19811218-9876`,
//! `198112189876`, with blanks around the hyphen, a blank for it, or any other dash. Longer digit
//! strings, organisation numbers, HSA-ids, UUIDs, amounts and most telephone numbers do not match.
//!
//! What cannot be told apart is decided for secrecy: ten bare digits that could be a telephone
//! number are taken for a person unless the word before says telephone. Two exceptions need a word
//! that speaks of a person: date and clock time together (`202601051200`, from 2020 on), which file
//! names are full of, and ten bare digits with a mobile or nationwide prefix (`07…`, `010…`).

use std::borrow::Cow;
use std::iter;
use std::ops::Range;

use crate::identifier::luhn;
use crate::value::datum::days_in_month;
use crate::value::typography::{is_blank, is_hyphen};

/// What stands in a masked text instead of a number.
pub const MASK: &str = "[personnummer]";

/// From this year on, a date followed by four digits that are a time of day is a timestamp.
const TIMESTAMPS_FROM: i32 = 2020;

/// The numbers in `text`, as byte ranges in order. Ranges begin and end with a digit.
pub fn find(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = if ten_digits(text.as_bytes()) { 0 } else { text.len() };
    iter::from_fn(move || {
        while let Some(start) = next_digit(text.as_bytes(), at) {
            let end = run_end(text.as_bytes(), start);
            let found = match end - start {
                6 | 8 => separated(text, start, end),
                10 | 12 => bare(text, start, end),
                _ => None,
            };
            at = found.unwrap_or(end);
            if let Some(end) = found {
                return Some(start..end);
            }
        }
        at = text.len();
        None
    })
}

/// Whether `text` holds a personal number.
pub fn contains(text: &str) -> bool {
    ten_digits(text.as_bytes()) && find(text).next().is_some()
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

/// `YYMMDD-NNNN` and `YYYYMMDD-NNNN`: gives the end of the number that starts at `start`.
fn separated(text: &str, start: usize, end: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let date = bytes.get(start..end)?;
    let birth = date.get(date.len() - 6..)?;
    if !is_birth_date(birth) || !century_fits(date) {
        return None;
    }
    let (serial, dashed) = after_separator(text, end)?;
    let last = run_end(bytes, serial);
    let number = bytes.get(serial..last).filter(|n| n.len() == 4)?;
    let mut ten = [0; 10];
    ten.get_mut(..6)?.copy_from_slice(birth);
    ten.get_mut(6..)?.copy_from_slice(number);
    let neighbours = dashed || !(digit_beyond_blank(text, start, true) || digit_beyond_blank(text, last, false));
    (luhn::holds(&ten)
        && neighbours
        && !clock_follows(bytes, last)
        && stands_free(text, start, last)
        && !is_timestamp(text, start, date, number))
    .then_some(last)
}

/// `YYMMDDNNNN` and `YYYYMMDDNNNN`.
fn bare(text: &str, start: usize, end: usize) -> Option<usize> {
    let digits = text.as_bytes().get(start..end)?;
    let (date, number) = digits.split_at_checked(digits.len() - 4)?;
    (is_personal_number(digits.get(digits.len() - 10..)?)
        && century_fits(date)
        && stands_free(text, start, end)
        && !is_fraction(text.as_bytes(), start, end)
        && !(digits.len() == 10 && is_telephone(text, start, digits))
        && !is_timestamp(text, start, date, number))
    .then_some(end)
}

/// Eight digits start with a century in which somebody who is in a file was born.
fn century_fits(date: &[u8]) -> bool {
    date.len() == 6 || matches!(date.get(..2), Some(b"18" | b"19" | b"20"))
}

/// The start of the digits after a separator, and whether it has a hyphen or plus sign in it.
fn after_separator(text: &str, end: usize) -> Option<(usize, bool)> {
    let mut at = end;
    let (mut before, mut after, mut dashed) = (0, 0, false);
    for c in text.get(end..)?.chars() {
        match c {
            '0'..='9' => return (dashed || before == 1).then_some((at, dashed)),
            c if (is_hyphen(c) || c == '+') && !dashed => dashed = true,
            c if is_blank(c) && before + after < 6 => {
                // Without a hyphen only a blank within the line joins two numbers.
                let joins = !matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{2028}' | '\u{2029}');
                if dashed {
                    after += 1;
                } else {
                    before += if joins { 1 } else { 2 };
                }
            }
            _ => return None,
        }
        at += c.len_utf8();
    }
    None
}

/// Whether another number stands one blank away: a row of figures, not a number with a gap.
fn digit_beyond_blank(text: &str, at: usize, before: bool) -> bool {
    let mut near: [Option<char>; 2] = [None; 2];
    if before {
        near.iter_mut().zip(text.get(..at).unwrap_or_default().chars().rev()).for_each(|(n, c)| *n = Some(c));
    } else {
        near.iter_mut().zip(text.get(at..).unwrap_or_default().chars()).for_each(|(n, c)| *n = Some(c));
    }
    matches!(near, [Some(blank), Some('0'..='9')] if is_blank(blank))
}

/// `:30` behind the four digits: seconds.
fn clock_follows(bytes: &[u8], end: usize) -> bool {
    matches!(bytes.get(end..end + 2), Some([b':', b'0'..=b'9']))
}

/// No letter and no plus sign before, no letter after, and not a part of a UUID. A label for
/// persons may be glued on: `pnr8112189876`.
fn stands_free(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let free_before = match before.chars().next_back() {
        Some('+') => false,
        Some(c) if c.is_alphabetic() => {
            let word = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            ["pnr", "personnr", "personnummer", "samordningsnummer", "nr"].iter().any(|w| word.eq_ignore_ascii_case(w))
        }
        _ => true,
    };
    free_before
        && !text.get(end..).unwrap_or_default().chars().next().is_some_and(char::is_alphabetic)
        && !in_uuid(text.as_bytes(), start, end)
}

/// Whether the digits are part of `8-4-4-4-12` hexadecimal groups.
fn in_uuid(bytes: &[u8], start: usize, end: usize) -> bool {
    let part = |b: &u8| b.is_ascii_hexdigit() || *b == b'-';
    let left = bytes.get(..start).unwrap_or_default().iter().rev().take(36).take_while(|b| part(b)).count();
    let right = bytes.get(end..).unwrap_or_default().iter().take(36).take_while(|b| part(b)).count();
    let token = bytes.get(start - left..end + right).unwrap_or_default();
    token.len() == 36 && token.iter().enumerate().all(|(i, b)| (*b == b'-') == matches!(i, 8 | 13 | 18 | 23))
}

/// `8112189876,50` and `1.8112189876`: an amount or a measured value.
fn is_fraction(bytes: &[u8], start: usize, end: usize) -> bool {
    let short = |digits: usize| (1..=3).contains(&digits);
    let behind = bytes.get(end..).unwrap_or_default();
    let ahead = bytes.get(..start).unwrap_or_default();
    matches!(behind.first(), Some(b'.' | b','))
        && short(behind.iter().skip(1).take_while(|b| b.is_ascii_digit()).count())
        || matches!(ahead.last(), Some(b'.' | b','))
            && short(ahead.iter().rev().skip(1).take_while(|b| b.is_ascii_digit()).count())
}

/// Ten bare digits that are a telephone number: mobile and nationwide ones (07…, 010…), which are
/// written so more often than anybody's number who was born in 2007 or early in 2001, unless a
/// word speaks of a person; others that begin with a zero if a word speaks of a telephone.
fn is_telephone(text: &str, start: usize, digits: &[u8]) -> bool {
    match digits {
        [b'0', b'7', ..] | [b'0', b'1', b'0', ..] => !says(text, start, &PERSON),
        [b'0', ..] => says(text, start, &TELEPHONE),
        _ => false,
    }
}

/// A recent date with its century, followed by a time of day, without a word on persons.
fn is_timestamp(text: &str, start: usize, date: &[u8], number: &[u8]) -> bool {
    let value = |digits: &[u8]| digits.iter().fold(0, |sum, b| sum * 10 + i32::from(b.wrapping_sub(b'0')));
    date.len() == 8
        && value(date.get(..4).unwrap_or_default()) >= TIMESTAMPS_FROM
        && value(number.get(..2).unwrap_or_default()) < 24
        && value(number.get(2..).unwrap_or_default()) < 60
        && !says(text, start, &PERSON)
}

/// Beginnings of words that announce a telephone number.
const TELEPHONE: [&str; 12] =
    ["tel", "tfn", "tlf", "mobil", "mob", "fax", "vx", "växel", "ring", "sms", "ankn", "nås på"];

/// Beginnings of words that announce a person's number.
const PERSON: [&str; 9] = ["pnr", "p.nr", "personn", "samordn", "person", "patient", "pat", "född", "barn"];

/// Whether one of the words begins within the last 32 characters before `at`, in the same line.
fn says(text: &str, at: usize, words: &[&str]) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let from = before.char_indices().rev().take(32).last().map_or(0, |(i, _)| i);
    let near = before.get(from..).unwrap_or_default();
    let near = near.rsplit(['\n', '\r', ';', '\t']).next().unwrap_or_default().to_lowercase();
    words.iter().any(|word| {
        near.match_indices(word).any(|(i, _)| !near.get(..i).unwrap_or_default().ends_with(char::is_alphabetic))
    })
}

const fn is_digit(byte: u8) -> bool {
    byte.wrapping_sub(b'0') < 10
}

/// Whether there are digits enough for a number: most cells end here. Counts whole vectors.
fn ten_digits(bytes: &[u8]) -> bool {
    if bytes.len() < 10 {
        return false;
    }
    let mut seen = 0_u32;
    for chunk in bytes.chunks(128) {
        seen += u32::from(chunk.iter().fold(0_u8, |n, b| n + u8::from(is_digit(*b))));
        if seen >= 10 {
            return true;
        }
    }
    false
}

/// The place of the next digit at or after `from`.
fn next_digit(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    for chunk in bytes.get(from..)?.chunks(32) {
        if chunk.iter().fold(false, |any, b| any | is_digit(*b)) {
            return chunk.iter().position(|b| is_digit(*b)).map(|i| at + i);
        }
        at += chunk.len();
    }
    None
}

/// The end of the run of digits that starts at `start`.
fn run_end(bytes: &[u8], start: usize) -> usize {
    start + bytes.get(start..).unwrap_or_default().iter().take_while(|b| is_digit(**b)).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identifier::real;

    /// Numbers made up from a seed: birth years 1905–2026, every fifth a samordningsnummer.
    struct MadeUp(u64);

    impl MadeUp {
        fn below(&mut self, n: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % n
        }

        /// Century and ten digits.
        fn number(&mut self) -> (u64, String) {
            let (year, month) = (1905 + self.below(122), 1 + self.below(12));
            let days = days_in_month(i32::try_from(year).unwrap(), i32::try_from(month).unwrap());
            let day = 1 + self.below(u64::try_from(days).unwrap());
            let day = if self.below(5) == 0 { day + 60 } else { day };
            let nine = format!("{:02}{month:02}{day:02}{:03}", year % 100, 1 + self.below(998));
            let check = (0..10).find(|d| luhn::holds(format!("{nine}{d}").as_bytes())).unwrap();
            (year / 100, format!("{nine}{check}"))
        }
    }

    fn notations(century: u64, ten: &str) -> Vec<String> {
        let (date, number) = ten.split_at(6);
        let mut all = vec![ten.to_owned(), format!("{century}{ten}")];
        for separator in
            ["-", "+", " - ", "- ", " -", "\u{2013}", "\u{2010}", "\u{2011}", "\u{2212}", " \u{2013} ", " ", "\u{a0}"]
        {
            all.push(format!("{date}{separator}{number}"));
            all.push(format!("{century}{date}{separator}{number}"));
        }
        all
    }

    #[test]
    fn published_test_numbers_in_every_notation() {
        for (century, ten) in [(19, "8112189876"), (19, "7010632391")] {
            for form in notations(century, ten) {
                for text in [
                    form.clone(),
                    format!("Pnr: {form}."),
                    format!("(född {form})"),
                    format!("journal_{form}.pdf"),
                    format!("åäö {form}\nnästa"),
                ] {
                    let start = text.find(&form).unwrap();
                    assert!(find(&text).eq(iter::once(start..start + form.len())), "{text}");
                }
            }
        }
        assert_eq!(
            mask("Avser 811218-9876 och 19701063-2391, år 2026."),
            "Avser [personnummer] och [personnummer], år 2026."
        );
        assert!(matches!(mask("inget här 2026"), Cow::Borrowed(_)));
        let born_2007 = (0..1000).map(|n| format!("0701050{n:03}")).find(|n| is_personal_number(n.as_bytes())).unwrap();
        assert!(!contains(&born_2007) && contains(&format!("pnr {born_2007}")) && contains(&format!("20{born_2007}")));
        assert!(contains("8112189876,7010632391") && find("8112189876,7010632391").count() == 2);
        assert!(contains("personnummer8112189876"));
    }

    #[test]
    fn at_least_99_percent_of_made_up_numbers_are_found() {
        let mut made_up = MadeUp(1);
        let (mut all, mut found) = (0_u32, 0_u32);
        for _ in 0..5_000 {
            let (century, ten) = made_up.number();
            for form in notations(century, &ten) {
                for text in [form.clone(), format!("Samtal med {form} om avtalet"), format!("avtal_{form}.pdf")] {
                    all += 1;
                    found += u32::from(contains(&text));
                }
            }
        }
        println!("found {found} of {all}");
        assert!(found * 1000 >= all * 994, "{found} of {all}");
    }

    /// One random text of each kind that a file is full of and that is nobody's number.
    fn lookalikes(r: &mut MadeUp) -> [(&'static str, String); 10] {
        let mut digits =
            |n: usize| -> String { (0..n).map(|_| char::from(b'0' + u8::try_from(r.below(10)).unwrap())).collect() };
        let phone = digits(7);
        let (p1, p2) = phone.split_at(3);
        let (p2a, p2b) = p2.split_at(2);
        let org = format!("2{}{}", digits(1), 2 + digits(1).parse::<u8>().unwrap() % 8) + &digits(7);
        let stamp = format!("2026{:02}{:02}", 1 + r.below(12), 1 + r.below(28));
        let (hour, minute) = (r.below(24), r.below(60));
        let hex: Vec<String> = [8, 4, 4, 4, 12]
            .map(|n| (0..n).map(|_| char::from_digit(u32::try_from(r.below(16)).unwrap(), 16).unwrap()).collect())
            .into();
        let uuid = hex.join("-");
        let zone = ["08", "031", "070", "010", "0498"][usize::try_from(r.below(5)).unwrap()];
        [
            ("telephone", format!("{zone}-{p1} {p2a} {p2b}")),
            ("mobile, bare", format!("07{phone}{}", r.below(10))),
            ("telephone, labelled", format!("tfn {zone}{phone}")),
            ("telephone, international", format!("+46{}{phone}", zone.trim_start_matches('0'))),
            ("organisation number", org.split_at(6).0.to_owned() + "-" + org.split_at(6).1),
            ("HSA-id", format!("SE{org}-E00000000{p1}{p2}")),
            ("timestamp", format!("fil_{stamp}{hour:02}{minute:02}.csv")),
            ("timestamp with seconds", format!("{stamp}{hour:02}{minute:02}{:02}", r.below(60))),
            ("UUID", uuid),
            ("diary number", format!("HSN {}-{p1}{}", 2000 + r.below(27), r.below(10))),
        ]
    }

    #[test]
    fn lookalikes_are_not_taken_for_persons() {
        let mut random = MadeUp(7);
        let mut alarms = std::collections::BTreeMap::new();
        for _ in 0..20_000 {
            for (kind, text) in lookalikes(&mut random) {
                *alarms.entry(kind).or_insert(0) += i32::from(contains(&text));
            }
        }
        println!("alarms in 20 000 of each: {alarms:?}");
        assert!(alarms.values().all(|n| *n <= 20), "{alarms:?}");
    }

    #[test]
    fn what_only_looks_like_one() {
        for text in [
            "2321000016",
            "232100-0016",
            "162321000016",
            "SE2321000131-E000000007303",
            "SE8112189876-1001",
            "TSTNMT2321000156-ALFA",
            "031-342 68 01",
            "070-123 45 67",
            "+46701234567",
            "0046701234567",
            "Tel 0701234560",
            "0701234564",
            "mobil: 0701030005",
            "20260105120000",
            "2026-01-05T12:00:00.8112189876Z",
            "20260105 1205",
            "20260105-1204",
            "202601051200",
            "export_202601051203.csv",
            "811218-9877",
            "811318-9876",
            "811232-9876",
            "8112189876543",
            "a8112189876",
            "8112189876b",
            "0x8112189876",
            "550e8400-e29b-41d4-a716-198112189876",
            "19811218-9876-4abc-a716-446655440000",
            "8112189876,50",
            "1.8112189876",
            "12 811218 9876",
            "811218 9876 12",
            "811218\t9876",
            "811218  9876",
            "811218--9876",
            "811218_9876",
            "HSN 2019-0123",
            "1432012-008",
            "12,2,5,811218.9876",
            "6402006, Y: 1270642",
            "73211009",
            "",
            "0000000000",
            "000000-0000",
            "171981121898",
            "188112189876x",
            "811218-9876:30",
        ] {
            assert!(!contains(text), "{text}");
        }
    }

    #[test]
    fn a_timestamp_becomes_a_person_only_by_a_word() {
        let stamp = (0..60)
            .map(|m| format!("2021010512{m:02}"))
            .find(|s| is_personal_number(s.as_bytes().get(2..).unwrap()))
            .unwrap();
        assert!(!contains(&stamp) && !contains(&format!("leverans_{stamp}.csv")));
        assert!(contains(&format!("patient {stamp}")) && contains(&format!("barnets pnr {stamp}")));
    }

    /// Every file of real text, cut into the cells that its format has.
    fn cells(text: &str) -> impl Iterator<Item = &str> {
        text.split(['\n', '\r', '\t', ';', '<', '>', '"', '|']).map(str::trim).filter(|c| !c.is_empty())
    }

    fn files(folder: &std::path::Path, out: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                files(&path, out);
            } else if path
                .extension()
                .is_some_and(|e| ["xml", "json", "tsv", "csv", "txt", "md", "ANS", "xsd", "gc"].iter().any(|x| e == *x))
            {
                let bytes = std::fs::read(&path).unwrap();
                out.push(
                    String::from_utf8(bytes)
                        .unwrap_or_else(|e| e.into_bytes().iter().map(|b| char::from(*b)).collect()),
                );
            }
        }
    }

    #[test]
    fn false_alarms_in_real_text_are_rare() {
        let Some(folder) = real::folder("") else { return };
        let mut texts = Vec::new();
        files(&folder, &mut texts);
        let (mut all, mut with_digits, mut alarms) = (0_usize, 0_usize, Vec::new());
        for cell in texts.iter().flat_map(|t| cells(t)) {
            all += 1;
            with_digits += usize::from(ten_digits(cell.as_bytes()));
            if contains(cell) {
                alarms.push(cell.len());
            }
        }
        println!("{} alarms in {all} cells, {with_digits} of them with ten digits", alarms.len());
        assert!(alarms.len() * 1000 <= with_digits, "{} of {with_digits}", alarms.len());
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*", near in "[0-9 +–-]{0,40}[åa🙂]?[0-9-]{0,14}") {
            for text in [&text, &near] {
                let masked = mask(text);
                prop_assert!(find(text).all(|r| text.get(r).is_some()));
                prop_assert!(contains(text) != matches!(masked, Cow::Borrowed(_)));
            }
        }
    }

    #[test]
    fn a_megabyte_is_no_trouble() {
        for unit in ["å", "1", "811218-", "8112189876 ", "🙂9", " "] {
            let text = unit.repeat(1_000_000 / unit.len());
            assert_eq!(contains(&text), unit == "8112189876 ");
        }
    }
}
