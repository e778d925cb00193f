//! Global location numbers (GS1 General Specifications, 7.9): 13 digits, weights 1 and 3.

use std::borrow::Cow;

use super::code::as_it_stood;
use crate::reading::Reading;
use crate::value::typography::{all_digits, is_blank, is_hyphen, trim};

/// Not 13 digits.
pub const FELFORMAT: &str = "gln_felformat";
/// The check digit is wrong.
pub const KONTROLLSIFFRA: &str = "gln_kontrollsiffra";

/// Reads a global location number. Blanks and hyphens are repairs; fails with `gln_felformat` or
/// `gln_kontrollsiffra`.
pub fn read(text: &str) -> Reading<Cow<'_, str>> {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return Reading::Empty;
    }
    let reading = if trimmed.len() == 13 {
        as_it_stood(text, trimmed)
    } else if trimmed.len() <= 64 {
        Reading::Repaired(Cow::Owned(trimmed.chars().filter(|c| !is_blank(*c) && !is_hyphen(*c)).collect()))
    } else {
        return Reading::Unreadable(FELFORMAT);
    };
    match &reading {
        Reading::Clean(gln) | Reading::Repaired(gln) if gln.len() == 13 && all_digits(gln.as_bytes()) => {
            if check_digit_holds(gln.as_bytes()) {
                reading
            } else {
                Reading::Unreadable(KONTROLLSIFFRA)
            }
        }
        _ => Reading::Unreadable(FELFORMAT),
    }
}

/// Whether `digits` (ASCII) end in their GS1 check digit.
pub fn check_digit_holds(digits: &[u8]) -> bool {
    let weighted =
        digits.iter().rev().zip([1_u32, 3].into_iter().cycle()).map(|(b, w)| u32::from(b.wrapping_sub(b'0')) * w);
    all_digits(digits) && weighted.sum::<u32>().is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn check_digit_and_form() {
        // GS1's own examples.
        for good in ["9506000140445", "7300009000001", "4012345000009"] {
            assert_eq!(check_digit_holds(good.as_bytes()), matches!(read(good), Reading::Clean(_)), "{good}");
        }
        assert!(matches!(read("9506000140445"), Reading::Clean(Cow::Borrowed(_))));
        assert_eq!(read("950 6000 14044 5"), Reading::Repaired("9506000140445".into()));
        assert_eq!(read(" 9506000140445"), Reading::Repaired("9506000140445".into()));
        assert_eq!(read("9506000140446"), Reading::Unreadable(KONTROLLSIFFRA));
        for bad in ["950600014044", "95060001404450", "950600014044X", "åååååå1", "-"] {
            assert_eq!(read(bad), Reading::Unreadable(FELFORMAT), "{bad}");
        }
        assert_eq!(read(" "), Reading::Empty);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = (read(&text), check_digit_holds(text.as_bytes()));
        }
    }
}
