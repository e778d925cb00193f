//! Numbers that nobody has been given on purpose: made from a seed when a test runs, written nowhere.

use crate::identifier::luhn;
use crate::value::datum::days_in_month;

/// Numbers made up from a seed: birth years 1905–2026, every fifth a samordningsnummer.
pub(super) struct MadeUp(pub(super) u64);

impl MadeUp {
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    pub(super) fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    pub(super) fn digits(&mut self, n: usize) -> String {
        (0..n).map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap())).collect()
    }

    /// Century and ten digits.
    pub(super) fn number(&mut self) -> (u64, String) {
        let (year, month) = (1905 + self.below(122), 1 + self.below(12));
        let days = days_in_month(i32::try_from(year).unwrap(), i32::try_from(month).unwrap());
        let day = 1 + self.below(u64::try_from(days).unwrap());
        let day = if self.below(5) == 0 { day + 60 } else { day };
        let nine = format!("{:02}{month:02}{day:02}{:03}", year % 100, 1 + self.below(998));
        let check = (0..10).find(|d| luhn::holds(format!("{nine}{d}").as_bytes())).unwrap();
        (year / 100, format!("{nine}{check}"))
    }

    /// `digits` with a Luhn digit behind, as bills have it.
    pub(super) fn with_check(&mut self, digits: usize) -> String {
        let body = self.digits(digits - 1);
        let check = (0..10).find(|d| luhn::holds(format!("{body}{d}").as_bytes())).unwrap();
        format!("{body}{check}")
    }
}
