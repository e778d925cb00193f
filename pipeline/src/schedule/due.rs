//! What is to be planned of one job between two instants: each time that fell due, and its fate.

use chrono::{DateTime, TimeDelta, Utc};
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::{Calendar, Misfire, Times};

/// A time at which a job fell due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The time.
    pub at: DateTime<Utc>,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a time that fell due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is run.
    Run,
    /// It was missed, and is run all the same.
    CatchUp,
    /// It is not run, and this is why.
    Skip(Message),
}

/// The times of a job after `after` and up to `now`, in order. Every one of them comes back, also those
/// that are not run: what was skipped is told with its reason.
pub fn due(
    times: &Times,
    misfire: Misfire,
    calendar: Option<&Calendar>,
    grace: TimeDelta,
    after: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<Due> {
    let all = times.between(after, now);
    let is_exception = |at: DateTime<Utc>| calendar.is_some_and(|calendar| calendar.has(at));
    let is_missed = |at: DateTime<Utc>| now - at > grace;
    // The one that stands for all that were missed: the latest there is, missed or not.
    let latest = all.iter().copied().rfind(|at| !is_exception(*at));
    let fate = |at: DateTime<Utc>| {
        if is_exception(at) {
            return Fate::Skip(say!("dagen är undantagen i kalendern", "the day is an exception of the calendar"));
        }
        if !is_missed(at) {
            return Fate::Run;
        }
        match misfire {
            Misfire::All => Fate::CatchUp,
            Misfire::Once if latest == Some(at) => Fate::CatchUp,
            Misfire::Once => {
                Fate::Skip(say!("missad: en senare körning gäller för den", "missed: a later run stands for it"))
            }
            Misfire::Skip => Fate::Skip(say!("missad: tas inte igen", "missed: not made up for")),
        }
    };
    all.iter().map(|at| Due { at: *at, fate: fate(*at) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fates(misfire: Misfire, now: &str) -> Vec<&'static str> {
        let times: Times = "0 0 2 * * *".parse().unwrap();
        let calendar: std::collections::BTreeMap<String, Calendar> = toml::from_str(r#"x = ["2026-11-03"]"#).unwrap();
        let after = "2026-11-01T12:00:00Z".parse().unwrap();
        let found = due(&times, misfire, calendar.get("x"), TimeDelta::minutes(5), after, now.parse().unwrap());
        let name = |due: &Due| match due.fate {
            Fate::Run => "run",
            Fate::CatchUp => "catch up",
            Fate::Skip(_) => "skip",
        };
        found.iter().map(name).collect()
    }

    #[test]
    fn missed_times_follow_the_policy_and_exceptions_are_never_run() {
        let late = "2026-11-05T09:00:00Z";
        assert_eq!(fates(Misfire::Skip, late), ["skip", "skip", "skip", "skip"]);
        assert_eq!(fates(Misfire::Once, late), ["skip", "skip", "skip", "catch up"]);
        assert_eq!(fates(Misfire::All, late), ["catch up", "skip", "catch up", "catch up"]);
        // 02.00 in Sweden is 01:00 UTC in winter: found four minutes later it is on time.
        let in_time = "2026-11-05T01:04:00Z";
        assert_eq!(fates(Misfire::Skip, in_time), ["skip", "skip", "skip", "run"]);
        assert_eq!(fates(Misfire::Once, in_time), ["skip", "skip", "skip", "run"]);
    }
}
