//! What project and job files say of runs beside their times: `[serve]`, `[when]` and `[backfill]`.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Calendars, Span};

/// `[when]` of a job file: how the job's runs are begun and given up.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// What becomes of times that were missed, because nothing ran then or the job was paused.
    pub misfire: Misfire,
    /// Each run begins up to so much later than its time, so that not all ask the same source at once. The
    /// same time gets the same delay whoever asks.
    pub jitter: Option<Span>,
    /// A run that takes longer is broken off and counts as failed.
    pub timeout: Span,
    /// How often a run that failed is tried again, where its error says that this may help.
    pub retries: u32,
    /// The pause before the first new try. It doubles from try to try, up to an hour.
    pub backoff: Span,
    /// Jobs that are to have run first, beside those that feed what this one builds on: whole names, or
    /// `national/hsa/*`.
    pub after: Vec<String>,
    /// The pool of `[serve.pools]` that the job's runs count in, when they ask a source that takes few at
    /// a time.
    pub pool: Option<String>,
    /// The calendar of `[serve.calendars]` on whose days the job does not run.
    pub calendar: Option<String>,
    /// How often it is looked whether something has arrived, for sources that deliveries come to
    /// (`inkorg`, `sftp`). What has arrived is run, whatever the schedule says.
    pub arrival: Option<Span>,
}

impl Default for When {
    fn default() -> Self {
        Self {
            misfire: Misfire::Once,
            jitter: None,
            timeout: Span::seconds(2 * 60 * 60),
            retries: 3,
            backoff: Span::seconds(60),
            after: Vec::new(),
            pool: None,
            calendar: None,
            arrival: None,
        }
    }
}

/// What becomes of missed times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Misfire {
    /// None of them is made up for.
    Skip,
    /// The latest stands for all of them.
    #[default]
    Once,
    /// Each is made up for, in order.
    All,
}

/// `[backfill]` of a job file: how a past period is asked for. A source that gives everything at each
/// time needs none.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backfill {
    /// How much is asked for at a time.
    #[serde(default)]
    pub step: Step,
    /// Laid over `[source.options]`: `{fran}` and `{till}` are the first day of the window and the day
    /// after its last, `{manad}` is the month (`2026-03`).
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub options: toml::Table,
}

/// The length of a backfill's windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// A day.
    Day,
    /// A calendar month.
    #[default]
    Month,
    /// A calendar year.
    Year,
}

impl Step {
    /// The windows `[first, after)` that cover the days from `from` to `to`, both included.
    pub fn windows(self, from: NaiveDate, to: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
        let mut windows = Vec::new();
        let mut first = from;
        while first <= to {
            let next = match self {
                Self::Day => first.checked_add_days(Days::new(1)),
                Self::Month => first.with_day(1).and_then(|day| day.checked_add_months(Months::new(1))),
                Self::Year => NaiveDate::from_ymd_opt(first.year() + 1, 1, 1),
            };
            let Some(next) = next else { break };
            let after = to.succ_opt().map_or(next, |after| after.min(next));
            windows.push((first, after));
            first = next;
        }
        windows
    }
}

/// `[serve]` of `sluss.toml`: how `sluss serve` runs the jobs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Serve {
    /// Runs at a time in one process.
    pub parallel: usize,
    /// Runs at a time in all processes together, by pool.
    pub pools: BTreeMap<String, u32>,
    /// How long a process that says nothing keeps its jobs, where several share the work.
    pub lease: Span,
    /// How long runs may go on when the program is told to stop; then they are handed back.
    pub stop: Span,
    /// A time that is found so much later counts as missed.
    pub grace: Span,
    /// How long a run waits at most for those that it builds on.
    pub wait: Span,
    /// How often job files are looked at for changes.
    pub reload: Span,
    /// Address that `/healthz`, `/readyz` and `/metrics` answer on; with `--push` they answer where deliveries
    /// are taken, too.
    pub listen: Option<String>,
    /// Days on which jobs that name the calendar do not run.
    pub calendars: Calendars,
}

impl Default for Serve {
    fn default() -> Self {
        Self {
            parallel: 4,
            pools: BTreeMap::new(),
            lease: Span::seconds(60),
            stop: Span::seconds(60),
            grace: Span::seconds(5 * 60),
            wait: Span::seconds(6 * 60 * 60),
            reload: Span::seconds(10),
            listen: None,
            calendars: Calendars::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_the_period_and_no_more() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let months = Step::Month.windows(day("2026-01-15"), day("2026-03-02"));
        assert_eq!(
            months,
            [
                (day("2026-01-15"), day("2026-02-01")),
                (day("2026-02-01"), day("2026-03-01")),
                (day("2026-03-01"), day("2026-03-03"))
            ]
        );
        assert_eq!(Step::Day.windows(day("2026-02-28"), day("2026-03-01")).len(), 2);
        assert_eq!(Step::Year.windows(day("2024-06-01"), day("2026-01-01")).len(), 3);
        assert!(Step::Day.windows(day("2026-02-28"), day("2026-02-27")).is_empty());
    }
}
