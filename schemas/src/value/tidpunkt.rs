//! Points in time, as microseconds since 1970-01-01T00:00Z.

use super::datum::{days_from_civil, four, two};
use super::klockslag::FELAKTIG;
use crate::reading::Reading;
use crate::value::typography::trim;

/// A point in time as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tidpunkt {
    /// Microseconds since 1970-01-01T00:00Z if `zoned`; otherwise of the wall clock, as if it
    /// showed UTC. The zone of the wall is the caller's to know (Europe/Stockholm, mostly).
    pub micros: i64,
    /// Whether the text told its zone.
    pub zoned: bool,
}

/// Reads a point in time: ISO 8601 (`2026-01-05T08:00:00+01:00`, a blank for the `T`, seconds and
/// fraction optional) and LDAP's generalized time (`20091105000000Z`). A date alone is its midnight.
/// Blanks at the ends are a repair; fails with `felaktig_tid`.
///
/// Gives microseconds since 1970-01-01T00:00Z. Text without a zone is the wall clock's time, taken
/// as if the clock showed UTC: where that matters, ask [`read_zoned`] whether there was a zone.
pub fn read(text: &str) -> Reading<i64> {
    read_zoned(text).map(|at| at.micros)
}

/// As [`read`], and tells whether the text had a zone.
pub fn read_zoned(text: &str) -> Reading<Tidpunkt> {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return Reading::Empty;
    }
    match parts(trimmed) {
        Some(p) => {
            let local = i64::from(p.days) * 86_400_000_000 + p.micros_of_day;
            let micros = local - i64::from(p.offset_minutes.unwrap_or(0)) * 60_000_000;
            let at = Tidpunkt { micros, zoned: p.offset_minutes.is_some() };
            if trimmed.len() == text.len() { Reading::Clean(at) } else { Reading::Repaired(at) }
        }
        None => Reading::Unreadable(FELAKTIG),
    }
}

/// Date, time of day and zone as they are written.
pub(super) struct Parts {
    pub(super) days: i32,
    pub(super) micros_of_day: i64,
    pub(super) offset_minutes: Option<i32>,
}

pub(super) fn parts(text: &str) -> Option<Parts> {
    let bytes = text.as_bytes();
    let extended = bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
    let (days, rest) = if extended {
        (days_from_civil(four(bytes, 0)?, two(bytes, 5)?, two(bytes, 8)?)?, bytes.get(10..)?)
    } else {
        (days_from_civil(four(bytes, 0)?, two(bytes, 4)?, two(bytes, 6)?)?, bytes.get(8..)?)
    };
    let rest = match rest {
        [] => return Some(Parts { days, micros_of_day: 0, offset_minutes: None }),
        [b'T' | b't' | b' ', rest @ ..] => rest,
        // Compact generalized time has nothing between date and time.
        rest if !extended => rest,
        _ => return None,
    };
    let (hour, rest) = (two(rest, 0)?, rest.get(2..)?);
    let (minute, rest) = field(rest)?;
    let (second, rest) = match rest {
        [b':' | b'0'..=b'9', ..] => field(rest)?,
        _ => (0, rest),
    };
    let (micros, rest) = fraction(rest)?;
    let offset_minutes = zone(rest)?;
    // ISO 8601 knows 24:00 as the end of the day; a leap second is the next minute's first.
    let real = hour < 24 && minute < 60 && second <= 60 || (hour, minute, second, micros) == (24, 0, 0, 0);
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    real.then_some(Parts { days, micros_of_day: seconds * 1_000_000 + micros, offset_minutes })
}

/// Two digits with an optional colon before them.
fn field(bytes: &[u8]) -> Option<(i32, &[u8])> {
    let bytes = bytes.strip_prefix(b":").unwrap_or(bytes);
    Some((two(bytes, 0)?, bytes.get(2..)?))
}

/// `.123456789`: microseconds; finer digits are cut.
fn fraction(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let ([b'.' | b',', rest @ ..],) = (bytes,) else { return Some((0, bytes)) };
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let (fraction, rest) = rest.split_at_checked(digits).filter(|_| (1..=12).contains(&digits))?;
    let micros = fraction.iter().chain([b'0'; 6].iter()).take(6).fold(0, |sum, b| sum * 10 + i64::from(b - b'0'));
    Some((micros, rest))
}

/// Minutes east of Greenwich: outer none for anything but a zone, inner none for no zone.
#[expect(clippy::option_option, reason = "no zone and a bad zone are different answers")]
fn zone(bytes: &[u8]) -> Option<Option<i32>> {
    let (sign, rest) = match bytes {
        [] => return Some(None),
        [b'Z' | b'z'] => return Some(Some(0)),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = (two(rest, 0)?, rest.get(2..)?);
    let (minutes, rest) = if rest.is_empty() { (0, rest) } else { field(rest)? };
    (rest.is_empty() && hours <= 14 && minutes < 60).then_some(Some(sign * (hours * 60 + minutes)))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, SecondsFormat};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn zoned_and_wall_time() {
        let at = |text: &str| read_zoned(text).value().unwrap();
        assert_eq!(at("1970-01-01T00:00:00Z"), Tidpunkt { micros: 0, zoned: true });
        assert_eq!(at("1970-01-01T01:00+01:00"), Tidpunkt { micros: 0, zoned: true });
        assert_eq!(at("1970-01-01 00:00:01.5"), Tidpunkt { micros: 1_500_000, zoned: false });
        assert_eq!(at("1970-01-02"), Tidpunkt { micros: 86_400_000_000, zoned: false });
        assert_eq!(at("1970-01-01T24:00"), at("1970-01-02T00:00"));
        assert_eq!(at("20091105000000Z").micros, 14_553 * 86_400_000_000);
        assert_eq!(at("20091105010000+0100"), at("2009-11-05T00:00:00Z"));
        assert!(matches!(read(" 2026-01-05T08:00 "), Reading::Repaired(_)));
        assert_eq!(read(""), Reading::Empty);
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "2026-01-05T",
            "2026-01-05T25:00",
            "2026-01-05T08:60",
            "2026-01-05T24:01",
            "2026-01-05T08:00+15:00",
            "2026-01-05T08",
            "08:00",
            "2026-01-05T08:00:00.",
            "igår",
            "2026-01-05X08:00",
            "2026-01-05T08:00:00ZZ",
        ] {
            assert_eq!(read(text), Reading::Unreadable(FELAKTIG), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*", near in "[0-9T:Z+. -]{0,32}") {
            let _ = (read(&text), read(&near));
        }

        #[test]
        fn agrees_with_chrono(micros in -10_000_000_000_000_000_i64..100_000_000_000_000_000) {
            let text = DateTime::from_timestamp_micros(micros).unwrap().to_rfc3339_opts(SecondsFormat::Micros, true);
            prop_assert_eq!(read(&text), Reading::Clean(micros));
        }
    }
}
