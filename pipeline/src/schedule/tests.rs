//! Another crate's reading of the same schedules is the judge: `croner` 4 knows the changes of the clock.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe::Stockholm;
use croner::parser::{CronParser, Seconds};
use proptest::prelude::*;

use super::Times;

/// What `croner` gives of the same schedule, in UTC.
fn croner(text: &str, after: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let parser = CronParser::builder().seconds(Seconds::Required).dom_and_dow(true).build();
    let cron = parser.parse(text).unwrap();
    let mut found = Vec::new();
    let mut at = after.with_timezone(&Stockholm);
    while let Ok(next) = cron.find_next_occurrence(&at, false) {
        if next > to {
            break;
        }
        found.push(next.to_utc());
        at = next;
    }
    found
}

fn field(values: std::ops::Range<u32>) -> impl Strategy<Value = String> {
    let single = values.clone();
    let (low, high) = (values.start, values.end);
    prop_oneof![
        6 => single.prop_map(|value| value.to_string()),
        1 => Just("*".to_owned()),
        1 => (2..8u32).prop_map(|step| format!("*/{step}")),
        1 => (low..high, low..high).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
        1 => (low..high, low..high).prop_filter("two", |(a, b)| a != b).prop_map(|(a, b)| format!("{a},{b}")),
    ]
}

fn schedule() -> impl Strategy<Value = String> {
    let weekday = prop_oneof![4 => Just("*"), 1 => Just("SUN"), 1 => Just("MON-FRI"), 1 => Just("SAT,SUN")];
    let day = prop_oneof![6 => Just("*".to_owned()), 1 => (1..29u32).prop_map(|d| d.to_string())];
    (field(0..60), field(0..5), day, weekday)
        .prop_map(|(minute, hour, day, weekday)| format!("0 {minute} {hour} {day} * {weekday}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Around every change of the clock in the years to come, and on days beside it.
    #[test]
    fn schedules_mean_what_another_crate_reads_in_them(
        text in schedule(),
        year in 2024..2036i32,
        month in prop::sample::select(vec![3u32, 10, 7]),
        hours in 0..96i64,
    ) {
        let times: Times = text.parse().unwrap();
        // The clock changes on the last Sunday of March and of October.
        let last = chrono::NaiveDate::from_ymd_opt(year, month, 31).unwrap();
        let sunday = last - TimeDelta::days(i64::from(chrono::Datelike::weekday(&last).num_days_from_sunday()));
        let after = sunday.and_hms_opt(0, 0, 0).unwrap().and_utc() - TimeDelta::days(2) + TimeDelta::minutes(hours * 37);
        let to = after + TimeDelta::days(4);
        prop_assert_eq!(times.between(after, to), croner(&text, after, to), "{} after {}", text, after);
        prop_assert_eq!(times.next(after).filter(|next| *next <= to), times.between(after, to).first().copied());
    }

    /// Whatever the cuts between two plans, nothing is planned twice and nothing is left out.
    #[test]
    fn times_are_the_same_however_the_period_is_cut(text in schedule(), cuts in prop::collection::vec(0..14_400i64, 0..12)) {
        let times: Times = text.parse().unwrap();
        let start: DateTime<Utc> = "2026-10-20T00:00:00Z".parse().unwrap();
        let end = start + TimeDelta::minutes(14_400);
        let mut cuts: Vec<_> = cuts.into_iter().map(|minutes| start + TimeDelta::minutes(minutes)).collect();
        cuts.extend([start, end]);
        cuts.sort_unstable();
        let pieces: Vec<_> = cuts.windows(2).flat_map(|cut| times.between(cut[0], cut[1])).collect();
        prop_assert_eq!(pieces, times.between(start, end));
    }
}
