//! Days on which nothing is to run: named lists of days and periods in `sluss.toml`.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Stockholm;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

/// `[serve.calendars]`: the exceptions by name.
pub type Calendars = BTreeMap<String, Calendar>;

/// Days and periods, both ends included: `["2026-12-24..2026-12-26", "2027-01-01"]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, JsonSchema)]
#[schemars(with = "Vec<String>")]
pub struct Calendar(Vec<(NaiveDate, NaiveDate)>);

impl Calendar {
    /// Whether the day that this instant lies in, in Sweden, is an exception.
    pub fn has(&self, at: DateTime<Utc>) -> bool {
        let day = at.with_timezone(&Stockholm).date_naive();
        self.0.iter().any(|(first, last)| *first <= day && day <= *last)
    }
}

impl<'de> Deserialize<'de> for Calendar {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let periods = Vec::<String>::deserialize(from)?.into_iter().map(|text| {
            let (first, last) = text.split_once("..").unwrap_or((&text, &text));
            let read = |day: &str| day.trim().parse::<NaiveDate>().ok();
            match (read(first), read(last)) {
                (Some(first), Some(last)) if first <= last => Ok((first, last)),
                _ => Err(serde::de::Error::custom(format!(
                    "`{text}` is neither a day nor a period: write `2026-12-24` or `2026-12-24..2026-12-26`"
                ))),
            }
        });
        periods.collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_period_are_in_it_by_the_swedish_day() {
        let calendar: BTreeMap<String, Calendar> =
            toml::from_str(r#"jul = ["2026-12-24..2026-12-26", "2027-01-01"]"#).unwrap();
        let has = |at: &str| calendar["jul"].has(at.parse().unwrap());
        assert!(!has("2026-12-23T22:59:00Z"));
        assert!(has("2026-12-23T23:00:00Z"));
        assert!(has("2026-12-26T22:59:00Z"));
        assert!(!has("2026-12-26T23:00:00Z"));
        assert!(has("2027-01-01T12:00:00Z"));
        assert!(toml::from_str::<BTreeMap<String, Calendar>>(r#"jul = ["2026-12-26..2026-12-24"]"#).is_err());
    }
}
