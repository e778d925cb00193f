//! Times without zone, as points in time.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, TimestampMicrosecondArray};
use arrow::datatypes::TimestampMicrosecondType;
use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, TimeZone};
use chrono_tz::Tz;

/// A column of local times in `zone`, in UTC.
pub(super) fn instants(local: &ArrayRef, zone: Tz) -> ArrayRef {
    let Some(local) = local.as_primitive_opt::<TimestampMicrosecondType>() else { return Arc::clone(local) };
    let utc: TimestampMicrosecondArray =
        local.iter().map(|micros| micros.and_then(|micros| instant(micros, zone))).collect();
    Arc::new(utc.with_timezone("UTC"))
}

/// A time that the clock shows twice is the earlier one; one that it skips is as long after the gap's
/// beginning as it would have been.
fn instant(micros: i64, zone: Tz) -> Option<i64> {
    let local = DateTime::from_timestamp_micros(micros)?.naive_utc();
    match zone.from_local_datetime(&local) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Some(time.timestamp_micros()),
        LocalResult::None => skipped(local, zone),
    }
}

fn skipped(local: NaiveDateTime, zone: Tz) -> Option<i64> {
    // The offset before the gap, where no gap is longer than a day.
    let before = zone.from_local_datetime(&local.checked_sub_signed(Duration::days(1))?).earliest()?;
    before.timestamp_micros().checked_add(Duration::days(1).num_microseconds()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(local: &str) -> String {
        let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap();
        let micros = instant(local.and_utc().timestamp_micros(), chrono_tz::Europe::Stockholm).unwrap();
        DateTime::from_timestamp_micros(micros).unwrap().format("%Y-%m-%d %H:%M").to_string()
    }

    #[test]
    fn summer_winter_gap_and_doubled_hour() {
        assert_eq!(utc("2026-01-15 12:00"), "2026-01-15 11:00");
        assert_eq!(utc("2026-07-15 12:00"), "2026-07-15 10:00");
        assert_eq!(utc("2026-03-29 02:30"), "2026-03-29 01:30", "skipped: 03.30 summer time");
        assert_eq!(utc("2026-10-25 02:30"), "2026-10-25 00:30", "shown twice: the earlier");
    }
}
