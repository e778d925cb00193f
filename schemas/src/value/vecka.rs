//! Weeks (ISO 8601-1) as the day that they begin on: contracts that run by the week.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::reading::Reading;
use crate::value::typography::trim;

/// Reads a week as its Monday, in days since 1970-01-01: `2026-W05`. Repaired: `2026W05`, `2026-w5`, `2026v05`,
/// `2026 v. 5`, `v 5 2026`, `v. 5, 2026`. Empty: a date that means nothing
/// ([`datum`](super::datum::read)). Fails with `felaktig_vecka`.
pub fn read(text: &str) -> Reading<i32> {
    let trimmed = trim(text);
    if matches!(super::datum::read(trimmed), Reading::Empty) {
        return Reading::Empty;
    }
    let Some((year, week)) = parts(trimmed) else { return Reading::Unreadable(FELAKTIG_VECKA) };
    let Some(monday) = NaiveDate::from_isoywd_opt(year, week, Weekday::Mon) else {
        return Reading::Unreadable(FELAKTIG_VECKA);
    };
    let days = monday.num_days_from_ce() - EPOCH;
    if text == format!("{year:04}-W{week:02}") { Reading::Clean(days) } else { Reading::Repaired(days) }
}

/// The week of a day in canonical form.
pub fn of_day(days: i32) -> Option<String> {
    let week = NaiveDate::from_epoch_days(days)?.iso_week();
    Some(format!("{:04}-W{:02}", week.year(), week.week()))
}

/// Not a week, or one that the year does not have.
const FELAKTIG_VECKA: &str = "felaktig_vecka";

/// Days from the year 1 to 1970-01-01.
const EPOCH: i32 = 719_163;

/// Year and week, in either order; the week's letter before its number.
fn parts(text: &str) -> Option<(i32, u32)> {
    let lower = text.to_lowercase();
    let at = lower.find(['w', 'v'])?;
    let (before, after) = (lower.get(..at)?, lower.get(at + 1..)?);
    let after = after.strip_prefix("ecka").unwrap_or(after);
    let after = after.trim_start_matches(|c: char| c == '.' || c.is_whitespace());
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    let (week, rest) = after.split_at_checked(digits)?;
    let before = before.trim_end_matches(|c: char| c == '-' || c.is_whitespace());
    let rest = rest.trim_start_matches(|c: char| c == ',' || c == '-' || c.is_whitespace());
    let year = match (before.is_empty(), rest.is_empty()) {
        (false, true) => before,
        (true, false) => rest,
        _ => return None,
    };
    let number = |text: &str, length: std::ops::RangeInclusive<usize>| {
        let plain = length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| text.parse::<u32>().ok()).flatten()
    };
    Some((i32::try_from(number(year, 4..=4)?).ok()?, number(week, 1..=2)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::datum::days_from_civil;

    #[test]
    fn weeks_begin_on_their_mondays() {
        let monday = |year, month, day| days_from_civil(year, month, day).expect("a day");
        assert_eq!(read("2026-W05"), Reading::Clean(monday(2026, 1, 26)));
        assert_eq!(read("2026-W01"), Reading::Clean(monday(2025, 12, 29)), "the year before begins it");
        assert_eq!(read("2026-W53"), Reading::Clean(monday(2026, 12, 28)), "2026 has 53 weeks");
        for repaired in ["2026W05", "2026-w5", "2026v05", "2026 v. 5", "v 5 2026", "vecka 5, 2026", " 2026-W05 "] {
            assert_eq!(read(repaired), Reading::Repaired(monday(2026, 1, 26)), "{repaired}");
        }
        for empty in ["", " ", "-", "tills vidare", "9999-12-31"] {
            assert_eq!(read(empty), Reading::Empty, "{empty}");
        }
        for wrong in ["2025-W53", "2026-W00", "v 5", "26v05", "2026-05", "2026-W5x", "2026-01-26", "w", "2026wå"] {
            assert_eq!(read(wrong), Reading::Unreadable(FELAKTIG_VECKA), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_reads_clean_again(text in "\\PC{0,12}|[0-9]{4}-?[WwVv] ?[0-9]{1,2}") {
            if let Some(days) = read(&text).value() {
                let canonical = of_day(days).expect("a week");
                prop_assert_eq!(read(&canonical), Reading::Clean(days));
            }
        }
    }
}
