//! Floating-point numbers, for coordinates, shares and means; amounts are [`decimal`](super::decimal)s.

use super::decimal::FELAKTIGT;
use crate::reading::Reading;
use crate::value::typography::{Short, is_hyphen, trim};

/// Reads a floating-point number with a decimal comma or point, optionally with an exponent.
/// Blanks at the ends and typographic minus signs are repairs; fails with `felaktigt_tal`.
pub fn read(text: &str) -> Reading<f64> {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return Reading::Empty;
    }
    let mut number = Short::<40>::new();
    let mut clean = trimmed.len() == text.len();
    for c in trimmed.chars() {
        let c = match c {
            ',' => '.',
            c if is_hyphen(c) => {
                clean &= c == '-';
                '-'
            }
            '0'..='9' | '.' | 'e' | 'E' | '+' => c,
            _ => return Reading::Unreadable(FELAKTIGT),
        };
        if !number.push(c) {
            return Reading::Unreadable(FELAKTIGT);
        }
    }
    match number.text().parse::<f64>() {
        Ok(value) if value.is_finite() && clean => Reading::Clean(value),
        Ok(value) if value.is_finite() => Reading::Repaired(value),
        _ => Reading::Unreadable(FELAKTIGT),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn commas_points_and_exponents() {
        assert_eq!(read("57,684327"), Reading::Clean(57.684_327));
        assert_eq!(read("0.843"), Reading::Clean(0.843));
        assert_eq!(read("1,2E+05"), Reading::Clean(120_000.0));
        assert_eq!(read("\u{2212}1.5"), Reading::Repaired(-1.5));
        assert_eq!(read(" 2 "), Reading::Repaired(2.0));
        assert_eq!(read(""), Reading::Empty);
        for bad in ["NaN", "inf", "1e999", "1,2,3", "84,3 %", "å", "1 234", "e"] {
            assert_eq!(read(bad), Reading::Unreadable(FELAKTIGT), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = read(&text);
        }
    }
}
