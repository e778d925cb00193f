//! Months and weeks as text (ISO 8601-1, 5.2.2.2 and 5.2.4): partition names and keys.

use std::borrow::Cow;

use arrow::array::{Date32Array, StringViewArray};
use chrono::{Datelike, Months, NaiveDate, Weekday};

use super::{felaktig_manad, felaktig_vecka};
use crate::code::day;
use crate::reading::Reading;
use crate::value::typography::trim;

/// Reads a month: `2026-02`. Blanks at the ends and a missing hyphen are repairs; fails with
/// `felaktig_manad`.
pub fn read_month(text: &str) -> Reading<Cow<'_, str>> {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return Reading::Empty;
    }
    if month_start(trimmed).is_some() {
        return as_it_stood(text, trimmed);
    }
    let hyphened = match (trimmed.get(..4), trimmed.get(4..)) {
        (Some(year), Some(month)) if month.len() == 2 => format!("{year}-{month}"),
        _ => return Reading::Unreadable(felaktig_manad::RULE.id),
    };
    match month_start(&hyphened) {
        Some(_) => Reading::Repaired(Cow::Owned(hyphened)),
        None => Reading::Unreadable(felaktig_manad::RULE.id),
    }
}

/// Reads a week: `2026-W47`. Blanks at the ends, a small letter and a missing hyphen are repairs;
/// fails with `felaktig_vecka`.
pub fn read_week(text: &str) -> Reading<Cow<'_, str>> {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return Reading::Empty;
    }
    let parts = trimmed.split_once(['W', 'w']).map(|(year, week)| (year.strip_suffix('-').unwrap_or(year), week));
    let found = parts.and_then(|(year, week)| {
        let first = NaiveDate::from_isoywd_opt(digits(year, 4)?.try_into().ok()?, digits(week, 2)?, Weekday::Mon)?;
        Some((first, format!("{year}-W{week}")))
    });
    match found {
        Some((_, canonical)) if canonical == trimmed => as_it_stood(text, trimmed),
        Some((_, canonical)) => Reading::Repaired(Cow::Owned(canonical)),
        None => Reading::Unreadable(felaktig_vecka::RULE.id),
    }
}

/// The first day of a month in canonical form.
pub fn month_start(month: &str) -> Option<NaiveDate> {
    let (year, month) = month.split_once('-')?;
    let year = digits(year, 4).filter(|y| *y > 0)?;
    NaiveDate::from_ymd_opt(year.try_into().ok()?, digits(month, 2)?, 1)
}

/// The first days of a column of months; null where there is none.
pub(super) fn month_starts(months: &StringViewArray) -> Date32Array {
    months.iter().map(|month| month.and_then(month_start).map(day)).collect()
}

/// The last day of the month that begins on `start` (days since 1970-01-01).
pub(super) fn month_end(start: i32) -> i32 {
    let end = NaiveDate::from_num_days_from_ce_opt(start.saturating_add(EPOCH))
        .and_then(|d| d.checked_add_months(Months::new(1)));
    end.map_or(start, |next| next.num_days_from_ce() - EPOCH - 1)
}

/// Days from the year 1 to 1970-01-01.
const EPOCH: i32 = 719_163;

fn as_it_stood<'a>(text: &str, trimmed: &'a str) -> Reading<Cow<'a, str>> {
    if trimmed.len() == text.len() {
        Reading::Clean(Cow::Borrowed(trimmed))
    } else {
        Reading::Repaired(Cow::Borrowed(trimmed))
    }
}

fn digits(text: &str, length: usize) -> Option<u32> {
    let all = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn months() {
        assert_eq!(read_month("2026-02"), Reading::Clean("2026-02".into()));
        assert_eq!(read_month(" 2026-02 "), Reading::Repaired("2026-02".into()));
        assert_eq!(read_month("202602"), Reading::Repaired("2026-02".into()));
        assert_eq!(read_month(" "), Reading::Empty);
        for wrong in ["2026-13", "2026-00", "26-02", "feb 2026", "2026-02-01", "0000-01", "2026-2", "20260201"] {
            assert_eq!(read_month(wrong), Reading::Unreadable("felaktig_manad"), "{wrong}");
        }
        let start = month_start("2028-02").map(day).expect("a month");
        assert_eq!(month_end(start) - start, 28, "a leap year");
    }

    #[test]
    fn weeks() {
        assert_eq!(read_week("2026-W47"), Reading::Clean("2026-W47".into()));
        assert_eq!(read_week("2026w47"), Reading::Repaired("2026-W47".into()));
        assert_eq!(read_week("2026-W53"), Reading::Clean("2026-W53".into()), "2026 has 53 weeks");
        for wrong in ["2025-W53", "2026-W00", "2026-47", "v 47", "2026-W7", "2026--W47"] {
            assert_eq!(read_week(wrong), Reading::Unreadable("felaktig_vecka"), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_reads_clean_again(text in "\\PC{0,12}|[0-9]{4}-?W?[0-9]{2}") {
            for read in [read_month, read_week] {
                if let Some(value) = read(&text).value() {
                    prop_assert_eq!(read(&value), Reading::Clean(value.clone()));
                }
            }
        }
    }
}
