//! The check digit of Swedish numbers: Luhn (ISO/IEC 7812-1, annex B).

/// Sum of digits of `2 × digit`.
const DOUBLED: [u8; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];

/// Whether `digits` (ASCII) end in their Luhn check digit. False for anything but digits.
pub fn holds(digits: &[u8]) -> bool {
    let mut sum = 0_usize;
    for (place, byte) in digits.iter().rev().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        let Some(doubled) = DOUBLED.get(usize::from(digit)) else { return false };
        sum += usize::from(if place % 2 == 1 { *doubled } else { digit });
    }
    !digits.is_empty() && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_published_numbers() {
        // Regions' organisation numbers, and a test number that Skatteverket publishes.
        for good in ["2321000016", "2321000255", "2120000803", "8112189876", "79927398713"] {
            assert!(holds(good.as_bytes()), "{good}");
        }
        for bad in ["2331000180", "2220000449", "9950334511", "", "23210A0016"] {
            assert!(!holds(bad.as_bytes()), "{bad}");
        }
    }
}
