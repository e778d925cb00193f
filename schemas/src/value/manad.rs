//! The month of a day, as `ÅÅÅÅ-MM`.

use chrono::{Datelike, NaiveDate};

/// The month of a day counted from 1970-01-01, as seven ASCII characters; none outside the years 0–9999.
pub fn of_day(days: i32) -> Option<[u8; 7]> {
    let date = NaiveDate::from_epoch_days(days)?;
    let year = u32::try_from(date.year()).ok().filter(|year| *year <= 9999)?;
    let digit = |number: u32, power: u32| b'0' + u8::try_from(number / power % 10).unwrap_or_default();
    Some([
        digit(year, 1000),
        digit(year, 100),
        digit(year, 10),
        digit(year, 1),
        b'-',
        digit(date.month(), 10),
        digit(date.month(), 1),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_months() {
        for (days, month) in [(0, "1970-01"), (-1, "1969-12"), (20_757, "2026-10"), (20_758, "2026-11")] {
            assert_eq!(of_day(days).as_ref().map(|m| &m[..]), Some(month.as_bytes()));
        }
        assert_eq!(of_day(i32::MAX), None);
    }
}
