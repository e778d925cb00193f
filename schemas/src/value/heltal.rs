//! Whole numbers.

use super::decimal;
use crate::reading::Reading;

/// Reads a whole number, in the notations of [`decimal::read`]; `12,0` is 12. Fails with
/// `felaktigt_tal`.
pub fn read(text: &str) -> Reading<i64> {
    // The fast path: at most 18 digits cannot overflow.
    let bytes = text.as_bytes();
    if (1..=18).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit) {
        return Reading::Clean(bytes.iter().fold(0, |n, b| n * 10 + i64::from(b - b'0')));
    }
    let narrow = |value: i128| i64::try_from(value).ok();
    match decimal::read_within(text, 19, 0) {
        Reading::Clean(value) => narrow(value).map_or(Reading::Unreadable(decimal::FELAKTIGT), Reading::Clean),
        Reading::Repaired(value) => narrow(value).map_or(Reading::Unreadable(decimal::FELAKTIGT), Reading::Repaired),
        Reading::Empty => Reading::Empty,
        Reading::Unreadable(rule) => Reading::Unreadable(rule),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_numbers() {
        assert_eq!(read("0"), Reading::Clean(0));
        assert_eq!(read("-17"), Reading::Clean(-17));
        assert_eq!(read("12,0"), Reading::Clean(12));
        assert_eq!(read("9223372036854775807"), Reading::Clean(i64::MAX));
        assert_eq!(read("-9223372036854775808"), Reading::Clean(i64::MIN));
        assert_eq!(read("1 200 000"), Reading::Repaired(1_200_000));
        assert_eq!(read(" 7 "), Reading::Repaired(7));
        assert_eq!(read(""), Reading::Empty);
        for bad in ["9223372036854775808", "1,5", "1.000", "tolv", "0x10", "1e3", "å"] {
            assert_eq!(read(bad), Reading::Unreadable("felaktigt_tal"), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = read(&text);
        }

        #[test]
        fn round_trip(value: i64) {
            prop_assert_eq!(read(&value.to_string()), Reading::Clean(value));
        }
    }
}
