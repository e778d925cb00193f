//! `[freshness]` in `sluss.toml`: until when each table must have come, with exceptions for regions.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Europe::Stockholm;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use sluss_schemas::region;
use sluss_schemas::say;
use sluss_schemas::table::Tables;

use crate::error::{PipelineError, Result};
use crate::run::swedish_day;

/// Longest time that a deadline may be: more is a slip of the pen.
const LONGEST: TimeDelta = TimeDelta::days(3650);

/// `[freshness]`: national table → until when it must have come.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Freshness(BTreeMap<String, Rule>);

/// One table's deadline: `"36h"`, `{ day = 20 }`, or `false` for none; `regions` says what holds for some of them
/// instead: `{ within = "36h", regions = { "09" = "8d" } }`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Rule {
    usual: Option<Deadline>,
    regions: BTreeMap<String, Option<Deadline>>,
}

/// Until when something must have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// So long after it came last.
    Within(TimeDelta),
    /// A month's figures by the end of this day of the month after it.
    Day(u32),
}

/// As the file has it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "invalid value: expected \"36h\", { day = 20 } or false")]
enum Written {
    /// `false`: no deadline.
    Off(bool),
    /// So long after the last delivery: `"36h"`, `"8d"`.
    Within(String),
    /// With a day of the month, or exceptions.
    Full(Full),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Full {
    /// So long after the last delivery: `"36h"`, `"8d"`.
    within: Option<String>,
    /// The month before must be there by the end of this day of each month.
    day: Option<u32>,
    /// Länskod → what holds there instead.
    #[serde(default)]
    regions: BTreeMap<String, Written>,
}

impl JsonSchema for Rule {
    fn schema_name() -> Cow<'static, str> {
        "Deadline".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Written::json_schema(generator)
    }
}

impl TryFrom<Written> for Rule {
    type Error = String;

    fn try_from(written: Written) -> std::result::Result<Self, String> {
        let regions = match &written {
            Written::Full(full) => full.regions.clone(),
            Written::Off(_) | Written::Within(_) => BTreeMap::new(),
        };
        let each = regions.into_iter().map(|(code, written)| Ok((code, deadline(written)?)));
        Ok(Self { usual: deadline(written)?, regions: each.collect::<std::result::Result<_, String>>()? })
    }
}

fn deadline(written: Written) -> std::result::Result<Option<Deadline>, String> {
    let within = |text: &str| {
        let time = humantime::parse_duration(text).ok().and_then(|time| TimeDelta::from_std(time).ok());
        let time = time.filter(|time| *time > TimeDelta::zero() && *time <= LONGEST);
        time.map(|time| Some(Deadline::Within(time))).ok_or("invalid value: expected a time: 36h, 8d")
    };
    let found = match written {
        Written::Within(text) | Written::Full(Full { within: Some(text), day: None, .. }) => within(&text),
        Written::Full(Full { within: None, day: Some(day @ 1..=31), .. }) => Ok(Some(Deadline::Day(day))),
        Written::Off(false) | Written::Full(Full { within: None, day: None, .. }) => Ok(None),
        Written::Off(true) | Written::Full(_) => Err("invalid value: expected \"36h\", { day = 20 } or false"),
    };
    found.map_err(str::to_owned)
}

impl Freshness {
    /// The deadline of an owner's rows of a table; none where nothing is asked for.
    pub fn of(&self, table: &str, owner: &str) -> Option<Deadline> {
        let rule = self.0.get(table)?;
        rule.regions.get(owner).copied().unwrap_or(rule.usual)
    }

    /// The tables that have a deadline.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Refuses tables and regions that there are none of.
    ///
    /// # Errors
    ///
    /// The first name that is none.
    pub fn check(&self, tables: &Tables) -> Result<()> {
        for (name, rule) in &self.0 {
            let place = format!("[freshness] {name}");
            if tables.get(name).is_none() {
                let error =
                    PipelineError::configuration(say!("det finns ingen tabell `{name}`", "there is no table `{name}`"));
                return Err(match tables.nearest(name) {
                    Some(near) => error.at(place).hint(say!("menade ni `{near}`?", "did you mean `{near}`?")),
                    None => error.at(place).hint("sluss docs tabeller"),
                });
            }
            if let Some(code) = rule.regions.keys().find(|code| region::by_lanskod(code).is_none()) {
                let error = PipelineError::configuration(say!("`{code}` är ingen länskod", "`{code}` is no länskod"));
                return Err(error.at(place).hint(say!("två siffror, som \"22\"", "two digits, as in \"22\"")));
            }
        }
        Ok(())
    }
}

/// A month, by its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(NaiveDate);

impl Month {
    /// `2026-10`, also `2026-10-01`.
    pub fn read(text: &str) -> Option<Self> {
        let month = text.get(..7)?;
        NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok().map(Self)
    }

    /// The latest month that has ended when a delivery comes at `instant`.
    pub(super) fn before(instant: DateTime<Utc>) -> Option<Self> {
        swedish_day(instant).with_day(1)?.checked_sub_months(Months::new(1)).map(Self)
    }

    pub(super) fn next(self) -> Option<Self> {
        self.0.checked_add_months(Months::new(1)).map(Self)
    }

    /// `2026-10`.
    pub(super) fn name(self) -> String {
        self.0.format("%Y-%m").to_string()
    }

    /// The end of that day of the month after this one, or of its last day where it has no such day.
    fn due(self, day: u32) -> Option<DateTime<Utc>> {
        let month = self.next()?;
        let last = month.next()?.0.pred_opt()?;
        let day = month.0.with_day(day).unwrap_or(last);
        end_of(day)
    }
}

/// The first instant after a day in Sweden.
fn end_of(day: NaiveDate) -> Option<DateTime<Utc>> {
    let midnight = day.succ_opt()?.and_hms_opt(0, 0, 0)?;
    // The clocks change at two and three o'clock: midnight is always there, and once.
    Stockholm.from_local_datetime(&midnight).earliest().map(|at| at.with_timezone(&Utc))
}

impl Deadline {
    /// When the next delivery is due, after what came last: at `last`, with figures up to and with `newest`
    /// where the table is kept by months. None where nothing has come.
    pub fn due(self, last: Option<DateTime<Utc>>, newest: Option<Month>) -> Option<DateTime<Utc>> {
        match self {
            Self::Within(time) => last.map(|last| last + time),
            Self::Day(day) => newest.or_else(|| Month::before(last?))?.next()?.due(day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> std::result::Result<Freshness, String> {
        toml::from_str(text).map_err(|e| e.message().to_owned())
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn deadlines_are_read_as_people_write_them() {
        let all = read(
            "avtal = \"36h\"\ngenomford = { day = 20 }\nkontakt = false\n\
             [tjanst]\nwithin = \"2d\"\nregions = { \"09\" = \"8d\", \"14\" = false, \"01\" = { day = 5 } }\n",
        )
        .unwrap();
        assert_eq!(all.of("avtal", "22"), Some(Deadline::Within(TimeDelta::hours(36))));
        assert_eq!(all.of("genomford", "22"), Some(Deadline::Day(20)));
        assert_eq!((all.of("kontakt", "22"), all.of("plats", "22")), (None, None));
        let of = |code| all.of("tjanst", code);
        assert_eq!(of("22"), Some(Deadline::Within(TimeDelta::days(2))));
        assert_eq!((of("09"), of("14")), (Some(Deadline::Within(TimeDelta::days(8))), None));
        assert_eq!(of("01"), Some(Deadline::Day(5)));
        all.check(&Tables::national()).unwrap();
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for wrong in ["avtal = \"36 bananer\"", "avtal = { day = 32 }", "avtal = true", "avtal = 3", "avtal = \"0s\""] {
            assert!(read(wrong).unwrap_err().contains("expected"), "{wrong}");
        }
        assert!(read("avtal = { within = \"1d\", day = 3 }").is_err());
        let unknown = read("avtl = \"36h\"").unwrap().check(&Tables::national()).unwrap_err();
        assert!(unknown.hint.unwrap().contains("avtal"));
        let unknown = read("avtal = { within = \"1d\", regions = { \"2\" = false } }").unwrap();
        assert!(unknown.check(&Tables::national()).unwrap_err().to_string().contains("länskod"));
    }

    #[test]
    fn a_month_is_due_by_the_end_of_its_day_in_sweden() {
        let day = Deadline::Day(20);
        let october = Month::read("2026-10");
        // November is due when the 20th of December ends: 23.00 in UTC.
        assert_eq!(day.due(None, october), Some(at("2026-12-20T23:00:00Z")));
        // In summer it ends an hour earlier.
        assert_eq!(day.due(None, Month::read("2026-05-01")), Some(at("2026-07-20T22:00:00Z")));
        // A month without that day: its last one.
        assert_eq!(Deadline::Day(31).due(None, Month::read("2026-12")), Some(at("2027-02-28T23:00:00Z")));
        // Without months, what came in December is November's.
        assert_eq!(day.due(Some(at("2026-12-19T10:00:00Z")), None), Some(at("2027-01-20T23:00:00Z")));
        // In Sweden it was December already.
        assert_eq!(day.due(Some(at("2026-11-30T23:30:00Z")), None), Some(at("2027-01-20T23:00:00Z")));
        assert_eq!((day.due(None, None), Month::read("okänd")), (None, None));
        let hours = Deadline::Within(TimeDelta::hours(36));
        assert_eq!(hours.due(Some(at("2026-11-01T00:00:00Z")), october), Some(at("2026-11-02T12:00:00Z")));
        assert_eq!(hours.due(None, october), None);
    }
}
