//! Calendar dates in the forms that Swedish files use, as days since 1970-01-01.
//!
//! Two readers: [`read`] takes every unambiguous form, [`datum_enligt`] exactly one declared form.

use std::fmt;

use crate::reading::Reading;
use crate::value::typography::{is_blank, is_hyphen, trim};

/// Not a date, or one that could be several.
pub const FELAKTIGT: &str = "felaktigt_datum";

/// What else than the unambiguous forms a column may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options<'a> {
    /// The column's declared form, tried first: needed for `05/01/2026`.
    pub format: Option<&'a Format>,
    /// A bare number is a day number of Excel's 1900 calendar.
    pub excel: bool,
    /// Six digits are YYMMDD; 70–99 is the 1900s.
    pub two_digit_year: bool,
}

/// Reads a date in any unambiguous form. Fails with `felaktigt_datum`.
///
/// Clean: `2026-01-05`, `20260105`, and ISO 8601 or LDAP date-times (`2026-01-05T08:00:00`,
/// `20091105000000Z`), of which the date is taken as it is written, in its own zone. Repaired:
/// `5/1 2026`, `5.1.2026`, `2026/1/5`, `5 januari 2026`, `måndag den 5 jan. 2026`. Empty:
/// *tills vidare*, *löpande*, a dash, and what databases write for an open end: `9999-12-31` in any
/// form, `0`. Refused: `05/01/2026` and `260105` without [`Options`],
/// and a month without a day.
pub fn read(text: &str) -> Reading<i32> {
    read_with(text, Options::default())
}

/// 9999-12-31: a database's way to say that there is no end. No contract ends then.
pub const OPEN_END: i32 = 2_932_896;

/// Reads a date in any unambiguous form, and in those that `options` allow.
pub fn read_with(text: &str, options: Options<'_>) -> Reading<i32> {
    match read_day(text, options) {
        Reading::Clean(OPEN_END) | Reading::Repaired(OPEN_END) => Reading::Empty,
        other => other,
    }
}

fn read_day(text: &str, options: Options<'_>) -> Reading<i32> {
    let bytes = text.as_bytes();
    if let Some(format) = options.format
        && let Some(days) = datum_enligt(text, format)
    {
        return Reading::Clean(days);
    }
    if let Some(days) = iso(bytes) {
        return Reading::Clean(days);
    }
    let trimmed = trim(text);
    if means_nothing(trimmed) {
        return Reading::Empty;
    }
    let bytes = trimmed.as_bytes();
    let clean = trimmed.len() == text.len();
    let exact =
        iso(bytes).or_else(|| date_time(trimmed)).or_else(|| options.format.and_then(|f| datum_enligt(trimmed, f)));
    let days = exact
        .or_else(|| options.two_digit_year.then(|| six_digits(bytes)).flatten())
        .or_else(|| options.excel.then(|| excel_serial(trimmed)).flatten());
    match (days, clean) {
        (Some(days), true) => Reading::Clean(days),
        (Some(days), false) => Reading::Repaired(days),
        (None, _) => written(trimmed).map_or(Reading::Unreadable(FELAKTIGT), Reading::Repaired),
    }
}

/// A date form: where year, month and day stand, zero padded, and what stands between them.
///
/// Examples: `YYYY-MM-DD`, `YYYYMMDD`, `DD/MM/YYYY`, `DD.MM.ÅÅÅÅ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    length: usize,
    year: usize,
    month: usize,
    day: usize,
    literals: [(usize, u8); 4],
    literal_count: usize,
}

/// `YYYY-MM-DD` (ISO 8601, extended form).
pub const ISO: Format = Format {
    length: 10,
    year: 0,
    month: 5,
    day: 8,
    literals: [(4, b'-'), (7, b'-'), (0, 0), (0, 0)],
    literal_count: 2,
};

impl Format {
    /// Reads a format: `YYYY` (or `ÅÅÅÅ`), `MM` and `DD` once each, and at most four other ASCII
    /// characters that are neither letters nor digits. None for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.replace("ÅÅÅÅ", "YYYY");
        let place = |part: &str| text.find(part).filter(|first| text.rfind(part) == Some(*first));
        let (year, month, day) = (place("YYYY")?, place("MM")?, place("DD")?);
        let mut format = Self { length: text.len(), year, month, day, literals: [(0, 0); 4], literal_count: 0 };
        for (at, byte) in text.bytes().enumerate() {
            let in_part =
                (year..year + 4).contains(&at) || (month..month + 2).contains(&at) || (day..day + 2).contains(&at);
            if in_part {
                continue;
            }
            if !byte.is_ascii() || byte.is_ascii_alphanumeric() {
                return None;
            }
            *format.literals.get_mut(format.literal_count)? = (at, byte);
            format.literal_count += 1;
        }
        Some(format)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for at in 0..self.length {
            let byte = if (self.year..self.year + 4).contains(&at) {
                b'Y'
            } else if (self.month..self.month + 2).contains(&at) {
                b'M'
            } else if (self.day..self.day + 2).contains(&at) {
                b'D'
            } else {
                self.literals.iter().find(|(place, _)| *place == at).map_or(b' ', |(_, byte)| *byte)
            };
            write!(f, "{}", char::from(byte))?;
        }
        Ok(())
    }
}

/// Reads a date in exactly one form; an empty cell and the words for no date are empty. Nothing is
/// repaired: blanks around a date are an error. Fails with `felaktigt_datum`.
pub fn read_as(text: &str, format: Format) -> Reading<i32> {
    match datum_enligt(text, &format) {
        Some(OPEN_END) => Reading::Empty,
        Some(days) => Reading::Clean(days),
        None if means_nothing(trim(text)) => Reading::Empty,
        None => Reading::Unreadable(FELAKTIGT),
    }
}

/// The date that `text` is in exactly one form: full width, no blanks, a real calendar date.
pub fn datum_enligt(text: &str, format: &Format) -> Option<i32> {
    let bytes = text.as_bytes();
    if bytes.len() != format.length {
        return None;
    }
    for (at, byte) in format.literals.iter().take(format.literal_count) {
        if bytes.get(*at) != Some(byte) {
            return None;
        }
    }
    days_from_civil(four(bytes, format.year)?, two(bytes, format.month)?, two(bytes, format.day)?)
}

/// Days since 1970-01-01 of a date of the Gregorian calendar, year 1–9999; none where there is no
/// such date.
pub const fn days_from_civil(year: i32, month: i32, day: i32) -> Option<i32> {
    if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    // Years that begin in March put the leap day last; 153 days make five such months.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let month = (month + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}

/// How many days the month has; 0 where there is no such month.
pub const fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 0,
    }
}

/// Nothing, dashes, and words that stand in date columns and mean that there is no date.
fn means_nothing(text: &str) -> bool {
    const WORDS: [&str; 10] =
        ["tills vidare", "tillsvidare", "tills v", "t.v.", "t.v", "tv", "löpande", "ingen", "saknas", "0"];
    if text.len() > 16 {
        return false;
    }
    if text.chars().all(is_hyphen) {
        return true;
    }
    let lower = text.to_lowercase().replace(is_blank, " ");
    let lower = lower.trim_end_matches('.');
    WORDS.iter().any(|w| *w == lower || w.trim_end_matches('.') == lower)
}

/// `2026-01-05` and `20260105`.
fn iso(bytes: &[u8]) -> Option<i32> {
    match bytes.len() {
        10 if bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-') => {
            days_from_civil(four(bytes, 0)?, two(bytes, 5)?, two(bytes, 8)?)
        }
        8 => days_from_civil(four(bytes, 0)?, two(bytes, 4)?, two(bytes, 6)?),
        _ => None,
    }
}

/// The date of a date-time whose time of day is real.
fn date_time(text: &str) -> Option<i32> {
    let days = super::tidpunkt::parts(text).map(|p| p.days);
    // 24:00 belongs to the date that it is written on.
    days.filter(|_| text.len() > 10)
}

/// `260105`.
fn six_digits(bytes: &[u8]) -> Option<i32> {
    if bytes.len() != 6 {
        return None;
    }
    let year = two(bytes, 0)?;
    days_from_civil(if year >= 70 { 1900 + year } else { 2000 + year }, two(bytes, 2)?, two(bytes, 4)?)
}

/// A day number of Excel's 1900 calendar, which counts a 29 February 1900 that never was (number
/// 60 is refused). A fraction is a time of day and is left out.
fn excel_serial(text: &str) -> Option<i32> {
    let whole = match text.split_once(['.', ',']) {
        Some((whole, fraction)) if !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit()) => whole,
        Some(_) => return None,
        None => text,
    };
    if !(1..=7).contains(&whole.len()) || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match whole.parse::<i32>().ok()? {
        serial @ 1..=59 => Some(serial - 25_568),
        serial @ 61..=2_958_465 => Some(serial - 25_569),
        _ => None,
    }
}

/// What a date in words is made of, in order of appearance.
#[derive(Default)]
struct Parts {
    /// Numbers and how many digits they were written with.
    numbers: [(i32, usize); 3],
    count: usize,
    /// A month's name and how many numbers stood before it.
    month: Option<(i32, usize)>,
    /// What stands after the first and after the second number; blanks only where nothing else.
    separators: [char; 2],
}

impl Parts {
    /// Takes `text` apart; none where it holds anything that a date does not.
    fn of(text: &str) -> Option<Self> {
        let mut parts = Self { separators: [' '; 2], ..Self::default() };
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let length = if c.is_ascii_digit() {
                parts.number(rest)?
            } else if c.is_alphabetic() {
                parts.word(rest)?
            } else {
                parts.separator(c)?;
                c.len_utf8()
            };
            rest = rest.get(length..)?;
        }
        Some(parts)
    }

    fn number(&mut self, rest: &str) -> Option<usize> {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = rest.get(..digits).filter(|_| digits <= 4)?.parse().ok()?;
        *self.numbers.get_mut(self.count)? = (number, digits);
        self.count += 1;
        Some(digits)
    }

    fn word(&mut self, rest: &str) -> Option<usize> {
        let letters = rest.chars().take_while(|c| c.is_alphabetic()).map(char::len_utf8).sum();
        let word = rest.get(..letters)?.to_lowercase();
        match month(&word) {
            Some(month) if self.month.is_none() && self.count <= 1 => self.month = Some((month, self.count)),
            None if self.month.is_none() && is_filler(&word) => {}
            _ => return None,
        }
        Some(letters)
    }

    fn separator(&mut self, c: char) -> Option<()> {
        let kind = match c {
            c if is_blank(c) => return Some(()),
            c if is_hyphen(c) => '-',
            '/' | '.' | ',' | ':' => c,
            _ => return None,
        };
        if self.count == 0 && self.month.is_none() && kind != '.' {
            return None;
        }
        if let Some(place) = self.count.checked_sub(1).and_then(|i| self.separators.get_mut(i)).filter(|s| **s == ' ') {
            *place = kind;
        }
        Some(())
    }
}

/// Forms of people: numbers and month names in Swedish order (day, month, year), or year first.
fn written(text: &str) -> Option<i32> {
    let parts = Some(text).filter(|t| t.len() <= 48).and_then(Parts::of)?;
    let [(a, wide_a), (b, wide_b), (c, wide_c)] = parts.numbers;
    let [first, second] = parts.separators;
    match (parts.month, parts.count) {
        // 5 januari 2026, 05-Jan-2026; January 5, 2026
        (Some((month, _)), 2) if wide_a <= 2 && wide_b == 4 => days_from_civil(b, month, a),
        // 2026 januari 5
        (Some((month, 1)), 2) if wide_a == 4 && wide_b <= 2 => days_from_civil(a, month, b),
        // 2026/1/5, 2026.01.05, 2026-1-5
        (None, 3) if wide_a == 4 && wide_b <= 2 && wide_c <= 2 && first == second => days_from_civil(a, b, c),
        // 5/1 2026 and 5/1-2026, where the second separator shows that the form is Swedish;
        // 5.1.2026, since points are only used with the day first
        (None, 3) if wide_a <= 2 && wide_b <= 2 && wide_c == 4 => match (first, second) {
            ('/', ' ' | '-' | ',') | ('.', '.') => days_from_civil(c, b, a),
            _ => None,
        },
        _ => None,
    }
}

/// Words around a date that add nothing to it.
fn is_filler(word: &str) -> bool {
    const WORDS: [&str; 10] = ["den", "e", "a", "kl", "måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag"];
    const SHORT: [&str; 7] = ["mån", "tis", "ons", "tors", "fre", "lör", "sön"];
    word == "söndag" || WORDS.contains(&word) || SHORT.contains(&word)
}

/// A month's name, Swedish or English, whole or cut to three letters or more.
fn month(word: &str) -> Option<i32> {
    const NAMES: [(&str, i32); 18] = [
        ("januari", 1),
        ("january", 1),
        ("februari", 2),
        ("february", 2),
        ("mars", 3),
        ("march", 3),
        ("april", 4),
        ("maj", 5),
        ("may", 5),
        ("juni", 6),
        ("june", 6),
        ("juli", 7),
        ("july", 7),
        ("augusti", 8),
        ("september", 9),
        ("oktober", 10),
        ("november", 11),
        ("december", 12),
    ];
    if word.len() < 3 {
        return None;
    }
    match word {
        "oct" | "october" => Some(10),
        "august" => Some(8),
        _ => NAMES.iter().find(|(name, _)| name.starts_with(word)).map(|(_, m)| *m),
    }
}

/// Four ASCII digits at `at`.
pub(super) fn four(bytes: &[u8], at: usize) -> Option<i32> {
    Some(two(bytes, at)? * 100 + two(bytes, at + 2)?)
}

/// Two ASCII digits at `at`.
pub(super) fn two(bytes: &[u8], at: usize) -> Option<i32> {
    let [tens, ones] = bytes.get(at..at + 2)? else { return None };
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| i32::from(tens) * 10 + i32::from(ones))
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};
    use proptest::prelude::*;

    use super::*;

    const DAY: i32 = 20_458; // 2026-01-05

    #[test]
    fn the_calendar_agrees_with_chrono() {
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
        let mut day = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();
        while day.year() < 9999 {
            let (m, d) = (i32::try_from(day.month()).unwrap(), i32::try_from(day.day()).unwrap());
            assert_eq!(days_from_civil(day.year(), m, d).map(i64::from), Some((day - epoch).num_days()), "{day}");
            day += chrono::TimeDelta::days(if day.year() > 1890 && day.year() < 2110 { 1 } else { 17 });
        }
        assert_eq!(days_from_civil(1900, 2, 29), None);
        assert_eq!(days_from_civil(0, 1, 1), None);
    }

    #[test]
    fn clean_forms() {
        for text in [
            "2026-01-05",
            "20260105",
            "2026-01-05T08:00:00",
            "2026-01-05 08:00",
            "2026-01-05T08:00:00Z",
            "2026-01-05T08:00:00.000+01:00",
            "20260105000000Z",
            "20260105080000",
            "2026-01-05T24:00",
        ] {
            assert_eq!(read(text), Reading::Clean(DAY), "{text}");
        }
        assert_eq!(read("20091105000000Z"), Reading::Clean(14_553));
        for open in ["9999-12-31", "99991231", "31/12 9999", "9999-12-31T00:00:00", "0"] {
            assert_eq!(read(open), Reading::Empty, "{open}");
        }
        assert_eq!(read_as("9999-12-31", ISO), Reading::Empty);
        assert_eq!(read("9999-12-30"), Reading::Clean(OPEN_END - 1));
    }

    #[test]
    fn forms_of_people_are_repaired() {
        for text in [
            " 2026-01-05",
            "2026\u{2013}01\u{2011}05",
            "2026/01/05",
            "2026-1-5",
            "2026.01.05",
            "5/1 2026",
            "5/1-2026",
            "05/01 2026",
            "5.1.2026",
            "05.01.2026",
            "5 januari 2026",
            "5 jan 2026",
            "5 jan. 2026",
            "5 Januari, 2026",
            "den 5 januari 2026",
            "Måndag den 5 januari 2026",
            "mån 5 jan 2026",
            "5:e januari 2026",
            "05-Jan-2026",
            "January 5, 2026",
            "2026 jan 5",
            "5 JANUARI 2026",
        ] {
            assert_eq!(read(text), Reading::Repaired(DAY), "{text}");
        }
        assert_eq!(read("1 maj 2026"), Reading::Repaired(DAY + 116));
        assert_eq!(read("1 okt 2026"), read("1 October 2026"));
        assert_eq!(read("1 sept 2026"), read("2026-9-1"));
    }

    #[test]
    fn words_for_no_date() {
        for text in [
            "",
            " ",
            "tills vidare",
            "Tills vidare",
            "tillsvidare",
            "TILLS\u{a0}VIDARE",
            "löpande",
            "Löpande",
            "LÖPANDE",
            "t.v.",
            "tv",
            "-",
            "–",
            "--",
        ] {
            assert_eq!(read(text), Reading::Empty, "{text:?}");
        }
    }

    #[test]
    fn a_guess_is_refused() {
        for text in [
            "05/01/2026",
            "5/1/2026",
            "25/01/2026",
            "05-01-2026",
            "260105",
            "46027",
            "jan 2026",
            "2026",
            "2026-01",
            "2026-02-30",
            "30/2 2026",
            "2026-01-05T25:00:00",
            "2026-13-01",
            "okänt",
            "N/A",
            "00000000",
            "0000-00-00",
            "31 juni 2026",
            "5 ja 2026",
            "2026-01-05x",
            "5 januari",
            "2026-01-05 - 2026-02-05",
            "2026-01-05T",
            "5 jan feb 2026",
            "1e5",
            "2026-01/05",
        ] {
            assert_eq!(read(text), Reading::Unreadable(FELAKTIGT), "{text}");
        }
    }

    #[test]
    fn what_the_column_declares() {
        let dmy = Format::parse("DD/MM/YYYY").unwrap();
        let options = Options { format: Some(&dmy), ..Options::default() };
        assert_eq!(read_with("05/01/2026", options), Reading::Clean(DAY));
        assert_eq!(read_with(" 05/01/2026", options), Reading::Repaired(DAY));
        let excel = Options { excel: true, ..Options::default() };
        for (text, days) in [("46027", DAY), ("46027.0", DAY), ("46027,354", DAY), ("1", -25_567), ("61", -25_508)] {
            assert_eq!(read_with(text, excel), Reading::Clean(days), "{text}");
        }
        assert_eq!(read_with("60", excel), Reading::Unreadable(FELAKTIGT));
        let short = Options { two_digit_year: true, ..Options::default() };
        assert_eq!(read_with("260105", short), Reading::Clean(DAY));
        assert_eq!(read_with("700101", short), Reading::Clean(0));
    }

    #[test]
    fn exact_formats_are_exact() {
        let iso = Format::parse("YYYY-MM-DD").unwrap();
        assert_eq!(iso, ISO);
        assert_eq!(Format::parse("ÅÅÅÅ-MM-DD"), Some(ISO));
        assert_eq!(read_as("2026-01-05", ISO), Reading::Clean(DAY));
        assert_eq!(read_as("tills vidare", ISO), Reading::Empty);
        assert_eq!(read_as("", ISO), Reading::Empty);
        assert_eq!(read_as(" 2026-01-05", ISO), Reading::Unreadable(FELAKTIGT));
        let compact = Format::parse("YYYYMMDD").unwrap();
        let dmy = Format::parse("DD/MM/YYYY").unwrap();
        assert_eq!(datum_enligt("2026-01-05", &iso), Some(DAY));
        assert_eq!(datum_enligt("20260105", &compact), Some(DAY));
        assert_eq!(datum_enligt("05/01/2026", &dmy), Some(DAY));
        assert_eq!(datum_enligt("29/02/2028", &dmy), days_from_civil(2028, 2, 29));
        for (format, bad) in [
            (
                iso,
                &[
                    "2026-02-30",
                    "2026-13-01",
                    "2026-1-5",
                    "20260105",
                    " 2026-01-05",
                    "2026-01-05T00:00:00",
                    "2025-02-29",
                    "2O26-01-05",
                    "",
                ][..],
            ),
            (
                compact,
                &[
                    "20260230",
                    "20261301",
                    "20260010",
                    "okänt",
                    "260105",
                    "2026-01-05",
                    "2026015",
                    "00000000",
                    "N/A",
                    "20260431",
                    "20250229",
                ],
            ),
            (
                dmy,
                &[
                    "30/02/2026",
                    "32/01/2026",
                    "05/13/2026",
                    "5/1/2026",
                    "2026-01-05",
                    "05-01-2026",
                    "00/00/0000",
                    "31/04/2026",
                    "29/02/2025",
                    "٠5/01/2026",
                ],
            ),
        ] {
            for text in bad {
                assert_eq!(datum_enligt(text, &format), None, "{text}");
            }
        }
        for format in ["YYYY-MM-DD", "DD.MM.YYYY", "MM/DD/YYYY", "YYYYMMDD"] {
            assert_eq!(Format::parse(format).unwrap().to_string(), format);
        }
        for bad in ["", "YYYY-MM", "YY-MM-DD", "YYYY-MM-DD DD", "YYYYxMMxDD", "YYYY MM DD åå", "Y-M-D"] {
            assert_eq!(Format::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let all = Options { format: Some(&ISO), excel: true, two_digit_year: true };
            let _ = (read(&text), read_with(&text, all), datum_enligt(&text, &ISO), Format::parse(&text), read_as(&text, ISO));
        }

        #[test]
        fn near_dates_never_panic(text in "[0-9]{1,4}[-/. ][0-9a-zåäö]{1,4}[-/. ][0-9]{1,4}.{0,4}") {
            let _ = read(&text);
        }

        #[test]
        fn round_trip(days in -700_000..2_932_896_i32) {
            let day = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::TimeDelta::days(i64::from(days));
            prop_assert_eq!(read(&day.format("%Y-%m-%d").to_string()), Reading::Clean(days));
            prop_assert_eq!(read(&day.format("%Y%m%d").to_string()), Reading::Clean(days));
            prop_assert_eq!(read(&day.format("%-d/%-m %Y").to_string()), Reading::Repaired(days));
        }
    }
}
