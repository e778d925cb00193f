//! Exact decimal numbers, as Swedish spreadsheets and systems write them.

use crate::reading::Reading;
use crate::value::typography::{is_blank, is_hyphen, trim};

/// Not a number, or one that does not fit the column without loss.
pub const FELAKTIGT: &str = "felaktigt_tal";

/// Reads a decimal number as an integer of `scale` decimals: `1 234,50` at scale 2 is `123450`.
///
/// Digits with an optional minus sign and one decimal comma or point are clean. Groups of three
/// (blank, point, comma, apostrophe), typographic and trailing minus signs, parentheses, `kr`,
/// `SEK`, `:-`, `tkr` and `mkr` are repairs. Nothing is rounded: a number with more decimals or
/// digits than fit is refused, as is one point or comma before three last digits (`1.000`) where
/// they could be decimals as well as thousands. Fails with `felaktigt_tal`.
pub fn read(text: &str, scale: u8) -> Reading<i128> {
    i8::try_from(scale).map_or(Reading::Unreadable(FELAKTIGT), |scale| read_within(text, 38, scale))
}

/// As [`read`], for a column of `precision` digits in all (at most 38), `scale` of them decimals.
pub fn read_within(text: &str, precision: u8, scale: i8) -> Reading<i128> {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return Reading::Empty;
    }
    let Some(limit) = 10_i128.checked_pow(u32::from(precision)) else { return Reading::Unreadable(FELAKTIGT) };
    let fits = |v: &i128| v.unsigned_abs() < limit.unsigned_abs();
    if let Some(value) = plain(trimmed.as_bytes(), scale).filter(fits) {
        return if trimmed.len() == text.len() { Reading::Clean(value) } else { Reading::Repaired(value) };
    }
    match written(trimmed, scale).filter(fits) {
        Some(value) => Reading::Repaired(value),
        None => Reading::Unreadable(FELAKTIGT),
    }
}

/// `-1234,50`: the fast path.
fn plain(bytes: &[u8], scale: i8) -> Option<i128> {
    let (negative, bytes) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, bytes),
    };
    let point = bytes.iter().position(|b| matches!(b, b',' | b'.'));
    let (whole, decimals) = match point {
        Some(at) => (bytes.get(..at)?, bytes.get(at + 1..)?),
        None => (bytes, &b""[..]),
    };
    if point.is_some() && (decimals.is_empty() || (scale < 3 && looks_like_thousands(whole, decimals))) {
        return None;
    }
    exact(negative, whole, decimals, scale)
}

/// `1.000` and `1,000`: one group of three after one to three digits that do not start with zero.
fn looks_like_thousands(whole: &[u8], decimals: &[u8]) -> bool {
    decimals.len() == 3 && (1..=3).contains(&whole.len()) && whole.first() != Some(&b'0')
}

/// Sign, whole digits and decimals at `scale`; none on anything but digits, overflow or loss.
fn exact(negative: bool, whole: &[u8], decimals: &[u8], scale: i8) -> Option<i128> {
    if whole.is_empty() && decimals.is_empty() {
        return None;
    }
    let decimals =
        decimals.iter().rposition(|b| *b != b'0').map_or(&b""[..], |last| decimals.get(..=last).unwrap_or_default());
    let missing = i64::from(scale) - i64::try_from(decimals.len()).ok()?;
    let mut value = 0_i128;
    for byte in whole.iter().chain(decimals) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(i128::from(digit))?;
    }
    let value = if missing >= 0 {
        value.checked_mul(10_i128.checked_pow(u32::try_from(missing).ok()?)?)?
    } else {
        // Only a negative scale can leave zeros that may go: 12 000 at scale -3.
        let unit = 10_i128.checked_pow(u32::try_from(-missing).ok()?)?;
        (value % unit == 0).then_some(value / unit)?
    };
    Some(if negative { -value } else { value })
}

/// Anything that a person would still read as one number.
fn written(text: &str, scale: i8) -> Option<i128> {
    let (amount, power) = without_unit(text);
    let (negative, amount) = without_sign(trim(amount))?;
    let number = Digits::of(amount)?;
    let decimals_at = number.decimals_at(scale)?;
    let (whole, decimals) = number.digits()?.split_at_checked(decimals_at)?;
    exact(negative, whole, decimals, scale.checked_add(power)?)
}

/// The digits of a number and the separators between them.
struct Digits {
    read: [u8; 48],
    length: usize,
    /// Kind of each separator, and the number of digits before it.
    separators: [(char, usize); 16],
    count: usize,
}

impl Digits {
    fn of(text: &str) -> Option<Self> {
        let mut all = Self { read: [0; 48], length: 0, separators: [(' ', 0); 16], count: 0 };
        for c in text.chars() {
            let kind = match c {
                '0'..='9' => {
                    *all.read.get_mut(all.length)? = u8::try_from(c).ok()?;
                    all.length += 1;
                    continue;
                }
                ',' | '.' => c,
                '\'' | '\u{2019}' => '\'',
                c if is_blank(c) => ' ',
                _ => return None,
            };
            *all.separators.get_mut(all.count)? = (kind, all.length);
            all.count += 1;
        }
        Some(all)
    }

    fn digits(&self) -> Option<&[u8]> {
        self.read.get(..self.length)
    }

    /// How many of the digits are whole; none where the groups are not of three digits, or where
    /// the last separator could be either.
    fn decimals_at(&self, scale: i8) -> Option<usize> {
        let separators = self.separators.get(..self.count)?;
        let Some((last, at)) = separators.last().copied() else { return Some(self.length) };
        let is_decimal = matches!(last, ',' | '.') && separators.iter().filter(|(kind, _)| *kind == last).count() == 1;
        let (groups, whole) =
            if is_decimal { (separators.get(..self.count - 1)?, at) } else { (separators, self.length) };
        if is_decimal && at == self.length {
            return None;
        }
        if is_decimal && groups.is_empty() && scale < 3 {
            let (whole, decimals) = self.digits()?.split_at_checked(at)?;
            if looks_like_thousands(whole, decimals) {
                return None;
            }
        }
        let mut before = None;
        for (kind, at) in groups.iter().copied().chain((!groups.is_empty()).then_some((last, whole))) {
            let good = match before {
                None => (1..=3).contains(&at),
                Some((_, start)) => at - start == 3,
            };
            // The separator after the last group may differ; those between groups may not.
            let same = before.is_none_or(|(first, _)| first == kind || at == whole);
            if !good || !same {
                return None;
            }
            before = Some((before.map_or(kind, |(first, _)| first), at));
        }
        Some(whole)
    }
}

/// Currency off; the power of ten that the unit stands for.
fn without_unit(text: &str) -> (&str, i8) {
    const UNITS: [(&str, i8); 8] =
        [(":-", 0), ("kronor", 0), ("mnkr", 6), ("mkr", 6), ("tkr", 3), ("kr.", 0), ("kr", 0), ("sek", 0)];
    for (unit, power) in UNITS {
        if let Some(split) = text.len().checked_sub(unit.len())
            && text.get(split..).is_some_and(|tail| tail.eq_ignore_ascii_case(unit))
        {
            return (text.get(..split).unwrap_or_default(), power);
        }
    }
    (text.strip_prefix("SEK").unwrap_or(text), 0)
}

/// Sign off: `-5`, `−5`, `5-`, `(5)`, `+5`.
fn without_sign(text: &str) -> Option<(bool, &str)> {
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        return Some((true, trim(inner)));
    }
    let rest = text.trim_start_matches(is_hyphen);
    if rest.len() < text.len() {
        return (text.chars().filter(|c| is_hyphen(*c)).count() == 1).then(|| (true, trim(rest)));
    }
    let rest = text.trim_end_matches(is_hyphen);
    if rest.len() < text.len() {
        return (text.chars().filter(|c| is_hyphen(*c)).count() == 1).then(|| (true, trim(rest)));
    }
    Some((false, trim(text.strip_prefix('+').unwrap_or(text))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn two(text: &str) -> Reading<i128> {
        read_within(text, 12, 2)
    }

    #[test]
    fn plain_numbers_are_clean() {
        for (text, value) in [
            ("1234", 123_400),
            ("1234,5", 123_450),
            ("1234.50", 123_450),
            ("-0,01", -1),
            ("0", 0),
            ("1,500", 150),
            ("007", 700),
            ("12,500000", 1250),
        ] {
            if text == "1,500" {
                assert_eq!(two(text), Reading::Unreadable(FELAKTIGT), "{text}");
            } else {
                assert_eq!(two(text), Reading::Clean(value), "{text}");
            }
        }
        assert_eq!(read("1,500", 3), Reading::Clean(1500));
        assert_eq!(read("0.125", 3), Reading::Clean(125));
        assert_eq!(two(""), Reading::Empty);
    }

    #[test]
    fn swedish_notations_are_repaired() {
        for (text, value) in [
            ("1 234,50", 123_450),
            ("1\u{a0}234,50", 123_450),
            ("1\u{2009}234\u{202f}567", 123_456_700),
            ("1.234,50", 123_450),
            ("1,234.50", 123_450),
            ("1.234.567", 123_456_700),
            ("1'234.50", 123_450),
            ("\u{2212}12,5", -1250),
            ("\u{2013} 12,5", -1250),
            ("12,5-", -1250),
            ("(12,5)", -1250),
            ("+12,5", 1250),
            ("1 234,50 kr", 123_450),
            ("1234 kr", 123_400),
            ("SEK 1 234", 123_400),
            ("500:-", 50_000),
            ("12 tkr", 1_200_000),
            ("1,5 mkr", 150_000_000),
            ("0,5 Mnkr", 50_000_000),
            (",5", 50),
            (" 12 ", 1200),
        ] {
            let reading = two(text);
            assert!(
                matches!(reading, Reading::Repaired(v) if v == value)
                    || reading == Reading::Clean(value) && text == ",5",
                "{text}: {reading:?}"
            );
        }
    }

    #[test]
    fn what_would_be_a_guess_or_a_loss_is_refused() {
        for text in [
            "1.000",
            "1,000",
            "1,234",
            "12,345",
            "1,2,3",
            "1.23.456",
            "12 34",
            "1 2345",
            "1234 567",
            "1,23.456",
            "12a",
            "1e5",
            "1,2E+05",
            "--5",
            "5%",
            "kr",
            "-",
            ",",
            ".",
            "1,",
            "12,345 kr",
            "0,001",
            "12345678901",
            "１２",
            "1 000 000 000 000",
            "5/1",
            "NaN",
            "1 234 567 89",
            "1..5",
            "1 .5",
        ] {
            assert_eq!(two(text), Reading::Unreadable(FELAKTIGT), "{text}");
        }
        assert_eq!(read(&"9".repeat(50), 0), Reading::Unreadable(FELAKTIGT));
        assert_eq!(read_within("5", 200, 0), Reading::Unreadable(FELAKTIGT));
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*", precision: u8, scale: i8) {
            let _ = (read(&text, precision), read_within(&text, precision, scale));
        }

        #[test]
        fn round_trip(value in -9_999_999_999_i64..9_999_999_999, comma: bool) {
            let (sign, v) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
            let text = format!("{sign}{}{}{:02}", v / 100, if comma { ',' } else { '.' }, v % 100);
            prop_assert_eq!(two(&text), Reading::Clean(i128::from(value)));
        }

        #[test]
        fn grouped_round_trip(value in 100_000_i64..9_999_999_999) {
            let (mut whole, mut parts) = (value / 100, Vec::new());
            while whole >= 1000 {
                parts.push(format!("{:03}", whole % 1000));
                whole /= 1000;
            }
            parts.push(whole.to_string());
            parts.reverse();
            for (group, point) in [(" ", ","), ("\u{a0}", ","), (".", ","), (",", "."), ("'", ".")] {
                let text = format!("{}{point}{:02}", parts.join(group), value % 100);
                prop_assert_eq!(two(&text), Reading::Repaired(i128::from(value)), "{}", text);
            }
        }
    }
}
