//! A cell on its way from the database to a column.

use crate::files::Encoding;

/// A cell's value, as a driver reads it.
#[derive(Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// A number in units of the column's last decimal.
    Decimal(i128),
    /// A floating-point number.
    Float(f64),
    /// Yes or no.
    Bool(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970, with or without zone.
    Micros(i64),
    /// Text in the database's encoding.
    Text(&'a [u8]),
    /// Text.
    Written(String),
}

/// Why a cell cannot be read: facts for the message, never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Not of the column's type.
    Type(&'static str),
    /// Bytes that are no characters, from this one on.
    Characters(usize),
    /// A zero byte, here.
    Zero(usize),
}

impl Wrong {
    /// The rule that the row breaks.
    pub(super) fn rule(self) -> &'static str {
        match self {
            Self::Type(_) => "olasbar_rad",
            Self::Characters(_) | Self::Zero(_) => "ogiltiga_tecken",
        }
    }

    /// A rule by its id.
    pub(super) fn rule_called(id: &str) -> &'static str {
        let characters = Self::Zero(0).rule();
        if id == characters { characters } else { Self::Type("").rule() }
    }

    /// The facts, in Swedish.
    pub(super) fn detail(self, column: &str) -> String {
        match self {
            Self::Type(wanted) => format!("kolumnen {column}: värdet är inte {wanted}"),
            Self::Characters(at) => format!("kolumnen {column}: byte {}", at + 1),
            Self::Zero(at) => format!("kolumnen {column}: nolltecken, byte {}", at + 1),
        }
    }
}

/// Text in `encoding` as UTF-8. A zero byte is refused, as everywhere.
pub(super) fn text(bytes: &[u8], encoding: Encoding) -> Result<std::borrow::Cow<'_, str>, Wrong> {
    if let Some(at) = memchr::memchr(0, bytes) {
        return Err(Wrong::Zero(at));
    }
    if encoding == Encoding::Utf8 {
        return simdutf8::compat::from_utf8(bytes)
            .map(Into::into)
            .map_err(|error| Wrong::Characters(error.valid_up_to()));
    }
    let mut out = Vec::with_capacity(bytes.len() * 2);
    encoding.append(bytes, &mut out);
    String::from_utf8(out).map(Into::into).map_err(|error| Wrong::Characters(error.utf8_error().valid_up_to()))
}

/// A number written with digits, in units of the `scale`th decimal. Exact, or refused.
pub(super) fn decimal(text: &str, precision: u8, scale: i8) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && part.is_empty() {
        return None;
    }
    let scale = usize::try_from(scale).ok()?;
    let spare = part.get(scale.min(part.len())..)?;
    if spare.bytes().any(|digit| digit != b'0') {
        return None;
    }
    let kept = part.get(..scale.min(part.len()))?;
    let zeros = std::iter::repeat_n(b'0', scale - kept.len());
    let mut value: i128 = 0;
    for digit in whole.bytes().chain(kept.bytes()).chain(zeros) {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        value = value.checked_mul(10)?.checked_add(i128::from(digit))?;
    }
    let limit = 10_i128.checked_pow(u32::from(precision))?;
    (value < limit).then_some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_or_refused() {
        assert_eq!(decimal("12.5", 10, 2), Some(1250));
        assert_eq!(decimal("-0.01", 10, 2), Some(-1));
        assert_eq!(decimal("7", 10, 2), Some(700));
        assert_eq!(decimal("1.230", 10, 2), Some(123));
        assert_eq!(decimal("1.234", 10, 2), None);
        assert_eq!(decimal("12345678901", 10, 0), None);
        assert_eq!(decimal("99999999999999999999999999999999999999", 38, 0), Some(10_i128.pow(38) - 1));
        for wrong in ["", "-", ".", "1e5", "1,5", " 1", "ett"] {
            assert_eq!(decimal(wrong, 10, 2), None, "{wrong}");
        }
    }

    #[test]
    fn text_is_decoded_or_refused() {
        assert_eq!(text("Nässjö".as_bytes(), Encoding::Utf8).unwrap(), "Nässjö");
        assert_eq!(text(b"N\xE4ssj\xF6", Encoding::Windows1252).unwrap(), "Nässjö");
        assert_eq!(text(b"N\xE4ssj\xF6", Encoding::Utf8), Err(Wrong::Characters(1)));
        assert_eq!(text(b"a\0b", Encoding::Utf8), Err(Wrong::Zero(1)));
    }
}
