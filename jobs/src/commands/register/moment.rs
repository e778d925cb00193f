//! A point in recorded time as people write it.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Europe::Stockholm;

/// A day means its last moment in Sweden; a day with a time is Swedish time, unless it names a zone.
pub(crate) fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return end_of_day(day).ok_or_else(unreadable);
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.with_timezone(&Utc));
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%d %H.%M"];
    let local = local.into_iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    // Of an hour that comes twice the later one is meant: all that was recorded in it is.
    let local = local.and_then(|local| local.and_local_timezone(Stockholm).latest());
    local.map(|local| local.with_timezone(&Utc)).ok_or_else(unreadable)
}

/// What the command line says of a time that cannot be read.
fn unreadable() -> String {
    "2026-11-22 | 2026-11-22T14:30 | 2026-11-22T13:30:00Z".to_owned()
}

/// The last moment of a day in Sweden.
fn end_of_day(day: NaiveDate) -> Option<DateTime<Utc>> {
    let next = day.succ_opt()?.and_time(NaiveTime::MIN);
    let midnight = next.and_local_timezone(Stockholm).earliest()?;
    Some(midnight.with_timezone(&Utc) - TimeDelta::microseconds(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_are_read_in_swedish_time() {
        for (text, utc) in [
            ("2026-11-22", "2026-11-22T22:59:59.999999Z"),
            ("2026-07-01", "2026-07-01T21:59:59.999999Z"),
            ("2026-11-22T14:30", "2026-11-22T13:30:00Z"),
            ("2026-11-22 14.30", "2026-11-22T13:30:00Z"),
            ("2026-11-22T14:30:05Z", "2026-11-22T14:30:05Z"),
            ("2026-11-22T14:30:05+02:00", "2026-11-22T12:30:05Z"),
            // The hour that comes twice.
            ("2026-10-25T02:30", "2026-10-25T01:30:00Z"),
        ] {
            assert_eq!(moment(text).unwrap(), utc.parse::<DateTime<Utc>>().unwrap(), "{text}");
        }
        for text in ["", "i går", "2026-13-01", "2026-11-22T25:00", "2026-03-29T02:30"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
