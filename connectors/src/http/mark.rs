//! How far an incremental reading has come: a time or a number, compared and written as the source does.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Deserialize;

/// How a source writes its marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarkForm {
    /// A time with its zone: `2026-11-22T10:00:00Z`.
    #[default]
    Time,
    /// A time without one, in the source's own: `2026-11-22T11:00:00`. It is sent back as it came.
    LocalTime,
    /// A day: `2026-11-22`.
    Date,
    /// A whole number that rises.
    Number,
}

/// A mark. Marks of one form are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    Number(i64),
    Time(DateTime<Utc>),
}

impl MarkForm {
    /// Reads a mark.
    pub(crate) fn read(self, text: &str) -> Option<Mark> {
        let text = text.trim();
        let local = |text: &str| {
            let text = text.replacen(' ', "T", 1);
            let time = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f").ok();
            time.or_else(|| NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M").ok())
        };
        let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
        match self {
            Self::Number => text.parse().ok().map(Mark::Number),
            Self::Time => DateTime::parse_from_rfc3339(text).ok().map(|time| Mark::Time(time.to_utc())),
            Self::LocalTime => local(text).or_else(|| day(text)).map(|time| Mark::Time(time.and_utc())),
            // A day may come as a time of that day.
            Self::Date => day(text.get(..10).unwrap_or(text)).map(|time| Mark::Time(time.and_utc())),
        }
    }

    /// Writes a mark.
    pub(crate) fn write(self, mark: Mark) -> String {
        match (self, mark) {
            (_, Mark::Number(number)) => number.to_string(),
            (Self::Date, Mark::Time(time)) => time.format("%Y-%m-%d").to_string(),
            (Self::LocalTime, Mark::Time(time)) => time.format("%Y-%m-%dT%H:%M:%S%.f").to_string(),
            (_, Mark::Time(time)) => time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        }
    }
}

impl Mark {
    /// The mark so much earlier: seconds of a time, steps of a number.
    pub(crate) fn earlier(self, by: u32) -> Self {
        match self {
            Self::Number(number) => Self::Number(number.saturating_sub(i64::from(by))),
            Self::Time(time) => {
                let earlier = time.checked_sub_signed(TimeDelta::seconds(i64::from(by)));
                Self::Time(earlier.unwrap_or(time))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_compared_and_written_in_their_form() {
        for (form, text, later, written) in [
            (MarkForm::Time, "2026-11-22T11:00:00.120+01:00", "2026-11-22T10:00:01Z", "2026-11-22T10:00:00.120Z"),
            (MarkForm::LocalTime, "2026-11-22 11:00", "2026-11-22T11:00:00.5", "2026-11-22T11:00:00"),
            (MarkForm::Date, "2026-11-22T23:59:59", "2026-11-23", "2026-11-22"),
            (MarkForm::Number, " 9", "10", "9"),
        ] {
            let mark = form.read(text).unwrap();
            assert!(mark < form.read(later).unwrap(), "{text}");
            assert_eq!(form.write(mark), written);
            assert!(mark.earlier(1) < mark);
        }
        for (form, text) in [
            (MarkForm::Time, "2026-11-22T11:00:00"),
            (MarkForm::Time, "20261122"),
            (MarkForm::Date, "22/11"),
            (MarkForm::Number, "1.5"),
            (MarkForm::Number, ""),
        ] {
            assert_eq!(form.read(text), None, "{text}");
        }
    }
}
