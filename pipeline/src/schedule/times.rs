//! The instants at which a schedule falls due: cron on the wall clock in Sweden.
//!
//! The crate `cron` is asked in wall-clock time alone, and each of its answers is made an instant here, since
//! with a time zone of its own it skips a time that the spring change has no place for and gives a doubled
//! one twice. The rules are those of Vixie's cron, which operators know:
//!
//! - A job at *one* time of day runs once each day: in the spring's gap at the first instant after it, in
//!   the autumn's doubled hour the first time only.
//! - A job that runs *again and again* (`*/15`, `6-18`) follows real time: nothing is made up for after the
//!   gap, and the doubled hour has its runs twice.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Europe::Stockholm;
use chrono_tz::Tz;
use cron::{Schedule, TimeUnitSpec};
use sluss_schemas::message::Message;
use sluss_schemas::say;

/// The zone that schedules are written in.
const ZONE: Tz = Stockholm;
/// Further than any change of the clock reaches.
const CHANGE: TimeDelta = TimeDelta::hours(3);
/// Steps in which the end of a gap is looked for.
const STEP: TimeDelta = TimeDelta::minutes(1);

/// When a job runs.
#[derive(Clone)]
pub struct Times {
    schedule: Schedule,
    /// Whether it is one time of day.
    once_a_day: bool,
    text: String,
}

/// What is wrong with a schedule, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// What is wrong.
    pub what: Message,
    /// The next step.
    pub hint: Message,
}

impl FromStr for Times {
    type Err = Misfit;

    /// `0 15 2 * * *`: second, minute, hour, day of the month, month, day of the week. The day of the month
    /// and that of the week must both fit.
    fn from_str(text: &str) -> Result<Self, Misfit> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let &[second, minute, hour, _, _, weekday] = fields.as_slice() else {
            let hint = match fields.len() {
                5 => say!("sätt sekunden först: `0 {text}`", "put the second first: `0 {text}`"),
                _ => say!(
                    "skriv sekund, minut, timme, dag, månad, veckodag: `0 15 2 * * *` är varje dag 02.15",
                    "write second, minute, hour, day, month, day of the week: `0 15 2 * * *` is daily at 02:15"
                ),
            };
            return Err(Misfit {
                what: say!(
                    "tidsschemat har {} fält, det ska ha sex",
                    "the schedule has {} fields, it should have six",
                    fields.len()
                ),
                hint,
            });
        };
        // The crate counts from Sunday, others from Monday or from nought: a name means one day only.
        if weekday.contains(|c: char| c.is_ascii_digit()) {
            return Err(Misfit {
                what: say!(
                    "veckodagen är skriven med siffror: `{weekday}`",
                    "the day of the week is written in figures: `{weekday}`"
                ),
                hint: say!(
                    "skriv dagens namn: MON, TUE, WED, THU, FRI, SAT, SUN eller MON-FRI",
                    "write the day's name: MON, TUE, WED, THU, FRI, SAT, SUN or MON-FRI"
                ),
            });
        }
        let schedule = Schedule::from_str(text).map_err(|_| Misfit {
            what: say!("tidsschemat går inte att läsa: `{text}`", "the schedule cannot be read: `{text}`"),
            hint: say!(
                "skriv sekund, minut, timme, dag, månad, veckodag: `0 15 2 * * *` är varje dag 02.15",
                "write second, minute, hour, day, month, day of the week: `0 15 2 * * *` is daily at 02:15"
            ),
        })?;
        let is_plain = |field: &str| !field.contains(['*', '/']);
        let counts = [schedule.seconds().count(), schedule.minutes().count(), schedule.hours().count()];
        let once_a_day = [second, minute, hour].into_iter().all(is_plain) && counts == [1; 3];
        let times = Self { schedule, once_a_day, text: text.to_owned() };
        // 30 February can be written.
        if times.schedule.after(&DateTime::<Utc>::UNIX_EPOCH).next().is_none() {
            return Err(Misfit {
                what: say!("tidsschemat infaller aldrig: `{text}`", "the schedule never falls due: `{text}`"),
                hint: say!("kontrollera dag och månad", "look at the day and the month"),
            });
        }
        Ok(times)
    }
}

impl Times {
    /// The instants after `after` and up to `to`, in order, each once.
    pub fn between(&self, after: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let mut out = Vec::new();
        if to <= after {
            return out;
        }
        let last = wall(to) + CHANGE;
        for wall in self.walls(wall(after) - CHANGE).take_while(|wall| *wall <= last) {
            out.extend(self.instants(wall).into_iter().flatten().filter(|at| after < *at && *at <= to));
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The first instant after `after`; none where the schedule has come to its end.
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut first: Option<DateTime<Utc>> = None;
        for time in self.walls(wall(after) - CHANGE) {
            if first.is_some_and(|first| wall(first) + CHANGE < time) {
                break;
            }
            let later = self.instants(time).into_iter().flatten().filter(|at| *at > after).min();
            first = match (first, later) {
                (Some(first), Some(later)) => Some(first.min(later)),
                (first, later) => first.or(later),
            };
        }
        first
    }

    /// The schedule as it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Wall-clock times after `after`: the crate is told that they are UTC, which has no gaps.
    fn walls(&self, after: NaiveDateTime) -> impl Iterator<Item = NaiveDateTime> {
        self.schedule.after_owned(after.and_utc()).map(|time| time.naive_utc())
    }

    /// What a wall-clock time is in the world.
    fn instants(&self, wall: NaiveDateTime) -> [Option<DateTime<Utc>>; 2] {
        match ZONE.from_local_datetime(&wall) {
            MappedLocalTime::Single(at) => [Some(at.to_utc()), None],
            MappedLocalTime::Ambiguous(first, _) if self.once_a_day => [Some(first.to_utc()), None],
            MappedLocalTime::Ambiguous(first, second) => [Some(first.to_utc()), Some(second.to_utc())],
            MappedLocalTime::None if self.once_a_day => [after_the_gap(wall), None],
            MappedLocalTime::None => [None, None],
        }
    }
}

/// The wall clock in Sweden.
fn wall(at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&ZONE).naive_local()
}

/// The first instant that has a place on the wall clock again.
fn after_the_gap(wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    let minute = wall.with_second(0)?.with_nanosecond(0)?;
    (1..=i32::try_from(CHANGE.num_minutes()).unwrap_or(i32::MAX))
        .find_map(|steps| ZONE.from_local_datetime(&(minute + STEP * steps)).earliest())
        .map(|at| at.to_utc())
}

impl PartialEq for Times {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Times").field(&self.text).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(text: &str) -> Times {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn between(text: &str, after: &str, to: &str) -> Vec<String> {
        let found = times(text).between(at(after), at(to));
        found.iter().map(|at| at.with_timezone(&ZONE).format("%d %H:%M%:z").to_string()).collect()
    }

    #[test]
    fn a_daily_time_falls_due_once_on_both_changes_of_the_clock() {
        let spring = between("0 30 2 * * *", "2027-03-27T12:00:00Z", "2027-03-29T12:00:00Z");
        assert_eq!(spring, ["28 03:00+02:00", "29 02:30+02:00"]);
        let autumn = between("0 30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z");
        assert_eq!(autumn, ["25 02:30+02:00", "26 02:30+01:00"]);
    }

    #[test]
    fn what_runs_again_and_again_follows_real_time() {
        let spring = between("0 */30 * * * *", "2027-03-28T00:29:00Z", "2027-03-28T01:31:00Z");
        assert_eq!(spring, ["28 01:30+01:00", "28 03:00+02:00", "28 03:30+02:00"]);
        let autumn = between("0 */30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z");
        assert_eq!(autumn, ["25 02:00+02:00", "25 02:30+02:00", "25 02:00+01:00", "25 02:30+01:00"]);
    }

    #[test]
    fn a_gap_that_several_times_fall_into_is_one_time() {
        let found = between("0 30 2 * * *", "2027-03-28T00:59:59Z", "2027-03-28T01:00:00Z");
        assert_eq!(found, ["28 03:00+02:00"]);
        assert_eq!(times("0 0 3 * * *").next(at("2027-03-28T00:00:00Z")), Some(at("2027-03-28T01:00:00Z")));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_what_to_write() {
        let refused = |text: &str| Times::from_str(text).unwrap_err();
        assert!(refused("15 2 * * *").hint.contains("`0 15 2 * * *`"));
        assert!(refused("0 0 5 * * 1").hint.contains("MON"));
        assert!(refused("0 0 5 30 2 *").what.contains("never"));
        assert!(refused("0 61 5 * * *").what.contains("cannot be read"));
        assert!(refused("").what.contains("0 fields"));
        assert_eq!(times("0 0 5 * * MON-FRI").text(), "0 0 5 * * MON-FRI");
    }

    #[test]
    fn the_twentieth_comes_once_a_month() {
        let found = between("0 0 6 20 * *", "2026-12-31T23:00:00Z", "2027-12-31T23:00:00Z");
        assert_eq!(found.len(), 12);
        assert!(found.iter().all(|time| time.starts_with("20 06:00")));
    }
}
