//! A simulated year: the nation's jobs with both changes of the clock, misfires, outages, pauses, and job files
//! that change in between. Every run happens as its policy says, by an independent reckoning of the times
//! ([`expected`], whose schedules another crate reads).
//!
//! `SLUSS_LONG=1` plays the whole year; without it two stretches around the changes of the clock, a tenth of it.
//! `SLUSS_SEED=…` repeats a printed seed.

mod country;
mod expected;
mod play;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rand::Rng;

use self::country::Country;
use crate::kills::told;

/// Midnight in winter time.
fn day(year: i32, month: u32, day: u32) -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(year, month, day).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc() - TimeDelta::hours(1)
}

#[test]
fn every_run_of_a_year_happens_as_its_policy_says() {
    let seed = told("SLUSS_SEED").unwrap_or_else(|| rand::rng().random());
    println!("SLUSS_SEED={seed}");
    let stretches = match told("SLUSS_LONG") {
        Some(_) => vec![(day(2026, 9, 1), day(2027, 9, 1))],
        None => vec![(day(2026, 10, 14), day(2026, 11, 1)), (day(2027, 3, 14), day(2027, 4, 1))],
    };
    for (from, to) in stretches {
        let country = Country::new(seed, from, to);
        let played = play::play(&country);
        let expected = expected::of(&country);
        let mut runs = 0;
        for job in country.jobs() {
            let happened = played.of(&job.name);
            let wanted = expected.get(&job.name).cloned().unwrap_or_default();
            for (due, fate) in &wanted {
                assert_eq!(happened.get(due), Some(fate), "{} at {due}, SLUSS_SEED={seed}", job.name);
            }
            let unwanted: Vec<_> = happened.keys().filter(|due| !wanted.contains_key(due)).collect();
            assert!(unwanted.is_empty(), "{} ran at {unwanted:?}, SLUSS_SEED={seed}", job.name);
            runs += wanted.values().filter(|fate| fate.ran()).count();
        }
        played.each_published_once();
        played.in_order(&country);
        println!(
            "{} to {}: {} jobs, {runs} runs as expected",
            from.date_naive(),
            to.date_naive(),
            country.jobs().len()
        );
        assert!(runs > 300, "hardly anything ran");
    }
}
