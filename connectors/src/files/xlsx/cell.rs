//! What a cell says, as canonical text.

use std::fmt::Write as _;

use calamine::{CellErrorType, ExcelDateTime};
use chrono::{Duration, NaiveDate};

/// Milliseconds in a day.
const DAY_MS: f64 = 86_400_000.0;
/// The first day number after 9999-12-31, beyond which no workbook has dates.
const END_OF_DAYS: f64 = 2_958_466.0;
/// Significant digits that a workbook vouches for; further ones are noise of binary arithmetic.
const DIGITS: usize = 15;

/// How a number is to be shown, taken from the cell's number format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Look {
    /// Anything else.
    #[default]
    Plain,
    /// Only zeros (`00`, `0000`): a code, padded to this many digits.
    Code(usize),
    /// A time of day without a date (`hh:mm`).
    Time,
}

impl Look {
    /// Reads a number format (ECMA-376 part 1, 18.8.31).
    pub(super) fn of(format: &str) -> Self {
        if format.len() > 1 && format.bytes().all(|b| b == b'0') {
            return Self::Code(format.len());
        }
        let mut plain = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            match c {
                ';' => break,
                '\\' | '_' | '*' => drop(chars.next()),
                '"' => drop(chars.by_ref().find(|c| *c == '"')),
                '[' => drop(chars.by_ref().find(|c| *c == ']')),
                _ => plain.push(c.to_ascii_lowercase()),
            }
        }
        // A month is never shown without a day or a year beside a clock time, so `m` means minutes here.
        let clock = plain.contains('h') || plain.contains('s');
        if clock && !plain.contains('d') && !plain.contains('y') { Self::Time } else { Self::Plain }
    }
}

/// Writes a number without exponent or trailing `.0`: whole numbers with all their digits, others
/// with the 15 significant digits that a workbook keeps.
pub(super) fn number(out: &mut String, value: f64, look: Look) {
    let start = out.len();
    if value == 0.0 {
        out.push('0');
    } else if value.fract() == 0.0 {
        let _ = write!(out, "{value:.0}");
    } else {
        let _ = write!(out, "{value}");
        let digits = out.get(start..).unwrap_or_default().bytes().filter(u8::is_ascii_digit).count();
        if digits > DIGITS {
            out.truncate(start);
            let rounded = format!("{value:.*e}", DIGITS - 1).parse::<f64>().unwrap_or(value);
            let _ = write!(out, "{rounded}");
        }
        return;
    }
    if let Look::Code(width) = look {
        pad(out, start, width);
    }
}

/// Writes a whole number.
pub(super) fn integer(out: &mut String, value: i64, look: Look) {
    let start = out.len();
    let _ = write!(out, "{value}");
    if let Look::Code(width) = look {
        pad(out, start, width);
    }
}

/// Puts zeros before the digits from `start` on.
fn pad(out: &mut String, start: usize, width: usize) {
    let digits = out.get(start..).unwrap_or_default();
    if digits.len() < width && digits.bytes().all(|b| b.is_ascii_digit()) {
        let zeros = "0".repeat(width - digits.len());
        out.insert_str(start, &zeros);
    }
}

/// Writes a day number as `2026-01-05`, with a clock time as `2026-01-05T08:00:00`, a time of day
/// as `08:00:00`, a length of time as `24:00:00` (hours may exceed a day).
///
/// A number that is no day (before the epoch, beyond year 9999, the 29 February 1900 that never
/// was, or the 0 of a formula over an empty cell) stays a number: nothing is guessed.
pub(super) fn date(out: &mut String, value: ExcelDateTime, is_1904: bool, look: Look) {
    let days = value.as_f64();
    let text = if value.is_duration() {
        clock(days, true)
    } else if look == Look::Time || (days > 0.0 && days < 1.0) {
        clock(days, false)
    } else {
        day(days, is_1904)
    };
    match text {
        Some(text) => out.push_str(&text),
        None => number(out, days, Look::Plain),
    }
}

/// Whole milliseconds, where the number is one that a workbook can mean.
fn milliseconds(days: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "checked to lie below 10^15")]
    (0.0..END_OF_DAYS).contains(&days).then(|| (days * DAY_MS).round() as i64)
}

fn day(days: f64, is_1904: bool) -> Option<String> {
    let milliseconds = milliseconds(days)?;
    let epoch = if is_1904 {
        NaiveDate::from_ymd_opt(1904, 1, 1)
    } else if days < 1.0 || (60.0..61.0).contains(&days) {
        None
    } else if days < 60.0 {
        NaiveDate::from_ymd_opt(1899, 12, 31)
    } else {
        NaiveDate::from_ymd_opt(1899, 12, 30)
    }?;
    let moment = epoch.and_hms_opt(0, 0, 0)?.checked_add_signed(Duration::milliseconds(milliseconds))?;
    let text = if moment.time() == chrono::NaiveTime::MIN {
        moment.format("%Y-%m-%d")
    } else {
        moment.format("%Y-%m-%dT%H:%M:%S%.f")
    };
    Some(text.to_string())
}

fn clock(days: f64, length: bool) -> Option<String> {
    let milliseconds = milliseconds(days)?;
    let (hours, rest) = (milliseconds / 3_600_000, milliseconds % 3_600_000);
    // A time of day hides whole days, but 24:00, a full day and nothing more, is a real closing time.
    let hours = if length || milliseconds == 86_400_000 { hours } else { hours % 24 };
    let mut text = format!("{hours:02}:{:02}:{:02}", rest / 60_000, rest / 1000 % 60);
    if rest % 1000 != 0 {
        let _ = write!(text, ".{:03}", rest % 1000);
    }
    Some(text)
}

/// ISO 8601 text of a date cell, without a midnight.
pub(super) fn iso(out: &mut String, text: &str) {
    match text.split_once('T') {
        Some((day, time)) if !time.is_empty() && time.chars().all(|c| "0:.Z".contains(c)) => out.push_str(day),
        _ => out.push_str(text),
    }
}

/// The error as the sheet shows it.
pub(super) fn error(kind: &CellErrorType) -> &'static str {
    match kind {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#GETTING_DATA",
    }
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    fn shown(value: f64) -> String {
        let mut out = String::new();
        number(&mut out, value, Look::Plain);
        out
    }

    fn dated(value: f64, is_1904: bool, format: &str) -> String {
        let mut out = String::new();
        let kind = if format.starts_with("[h]") { ExcelDateTimeType::TimeDelta } else { ExcelDateTimeType::DateTime };
        date(&mut out, ExcelDateTime::new(value, kind, is_1904), is_1904, Look::of(format));
        out
    }

    #[test]
    fn numbers_have_neither_exponent_nor_trailing_zero() {
        for (value, text) in [
            (2_321_000_180.0, "2321000180"),
            (198_001_019_876.0, "198001019876"),
            (1.0, "1"),
            (-0.0, "0"),
            (-7.5, "-7.5"),
            (0.1 + 0.2, "0.3"),
            (1_234.499_999_999_999_8, "1234.5"),
            (0.000_000_12, "0.00000012"),
            (1e21, "1000000000000000000000"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (0.25, "0.25"),
        ] {
            assert_eq!(shown(value), text);
        }
    }

    #[test]
    fn a_format_of_zeros_is_a_code() {
        let mut out = "text before ".to_owned();
        number(&mut out, 1.0, Look::of("00"));
        integer(&mut out, 7, Look::of("000"));
        assert_eq!(out, "text before 01007");
        assert_eq!(Look::of("0"), Look::Plain);
        assert_eq!(Look::of("0.00"), Look::Plain);
    }

    #[test]
    fn days_become_dates_in_both_date_systems() {
        assert_eq!(dated(46_027.0, false, "yyyy-mm-dd"), "2026-01-05");
        assert_eq!(dated(44_565.0, true, "yyyy-mm-dd"), "2026-01-05");
        assert_eq!(dated(46_027.333_333_333_336, false, "yyyy-mm-dd hh:mm"), "2026-01-05T08:00:00");
        assert_eq!(dated(46_027.999_999_999, false, "yyyy-mm-dd"), "2026-01-06");
        assert_eq!(dated(1.0, false, "m/d/yy"), "1900-01-01");
        assert_eq!(dated(59.0, false, "m/d/yy"), "1900-02-28");
        assert_eq!(dated(61.0, false, "m/d/yy"), "1900-03-01");
    }

    #[test]
    fn numbers_that_are_no_day_stay_numbers() {
        assert_eq!(dated(0.0, false, "yyyy-mm-dd"), "0");
        assert_eq!(dated(60.0, false, "yyyy-mm-dd"), "60");
        assert_eq!(dated(-3.0, false, "yyyy-mm-dd"), "-3");
        assert_eq!(dated(99_999_999.0, false, "yyyy-mm-dd"), "99999999");
        assert_eq!(dated(f64::MAX, false, "yyyy-mm-dd").len(), 309);
    }

    #[test]
    fn times_and_lengths_of_time() {
        assert_eq!(dated(1.0 / 3.0, false, "hh:mm"), "08:00:00");
        assert_eq!(dated(0.0, false, "hh:mm"), "00:00:00");
        assert_eq!(dated(1.0, false, "hh:mm"), "24:00:00");
        assert_eq!(dated(1.5625, false, "[h]:mm"), "37:30:00");
    }

    #[test]
    fn iso_text_loses_only_midnight() {
        for (given, expected) in
            [("2026-01-05T00:00:00.000", "2026-01-05"), ("2026-01-05T08:00:00", "2026-01-05T08:00:00")]
        {
            let mut out = String::new();
            iso(&mut out, given);
            assert_eq!(out, expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn every_number_is_shown_without_a_panic(bits: u64, format in ".{0,12}") {
            let value = f64::from_bits(bits);
            if value.is_finite() {
                let text = shown(value);
                proptest::prop_assert!(!text.contains('e') && !text.ends_with(".0"));
                let close = (text.parse::<f64>().unwrap() - value).abs() <= value.abs() * 1e-14;
                proptest::prop_assert!(close);
            }
            dated(value, bits & 1 == 1, &format);
        }

        #[test]
        fn whole_numbers_keep_every_digit(value in -9_007_199_254_740_992_i64..9_007_199_254_740_992) {
            #[expect(clippy::cast_precision_loss, reason = "within 2^53")]
            let float = value as f64;
            proptest::prop_assert_eq!(shown(float), value.to_string());
        }
    }
}
