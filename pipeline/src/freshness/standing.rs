//! How an owner stands with a table: the one judgement that status, metrics and alerts share.

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Stockholm;
use serde::{Serialize, Serializer};
use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;
use sluss_schemas::say;

use super::deadline::{Deadline, Month};

/// How it stands, the least serious first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It came when it should.
    Fresh,
    /// It has not come when it should.
    Late,
    /// Nothing has ever come.
    Silent,
    /// The latest delivery is held: a person must judge it.
    Held,
    /// The latest attempt went wrong.
    Failing,
}

impl State {
    /// All of them, in their order.
    pub const ALL: [Self; 5] = [Self::Fresh, Self::Late, Self::Silent, Self::Held, Self::Failing];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Late => "late",
            Self::Silent => "silent",
            Self::Held => "held",
            Self::Failing => "failing",
        }
    }

    /// The word for it.
    pub const fn word(self) -> (&'static str, &'static str) {
        match self {
            Self::Fresh => ("färsk", "fresh"),
            Self::Late => ("FÖRSENAD", "LATE"),
            Self::Silent => ("tyst", "silent"),
            Self::Held => ("HÅLLS", "HELD"),
            Self::Failing => ("FEL", "FAILING"),
        }
    }
}

/// How the latest attempt ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attempt {
    /// There was none that ended.
    #[default]
    Never,
    /// It was published.
    Done,
    /// It is held.
    Held,
    /// It failed.
    Failed,
}

/// What is known of one table of one owner.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known {
    /// How the latest attempt ended: of several jobs, the worst.
    pub attempt: Attempt,
    /// When it last came: of several jobs, the one that waits longest.
    pub last: Option<DateTime<Utc>>,
    /// The newest month, where the table is kept by months.
    pub newest: Option<Month>,
    /// What is asked for.
    pub deadline: Option<Deadline>,
}

/// How one owner stands with one table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// The owner.
    pub owner: String,
    /// The table.
    pub table: String,
    /// How it stands.
    pub state: State,
    /// Whether its time has passed, whatever else is the matter with it.
    pub late: bool,
    /// When it last came.
    pub last: Option<DateTime<Utc>>,
    /// When the next delivery is due, or was.
    pub due: Option<DateTime<Utc>>,
    /// Why it stands so.
    #[serde(serialize_with = "both")]
    pub why: Message,
}

fn both<S: Serializer>(why: &Message, to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Both<'a> {
        sv: &'a str,
        en: &'a str,
    }
    Both { sv: why.told(Language::Swedish), en: why.told(Language::English) }.serialize(to)
}

impl Standing {
    /// Judges what is known at `now`.
    pub fn of(owner: &str, table: &str, known: &Known, now: DateTime<Utc>) -> Self {
        let due = known.deadline.and_then(|deadline| deadline.due(known.last, known.newest));
        let never = known.last.is_none() && known.newest.is_none();
        // What has never come is late where somebody waits for it.
        let late = match (known.deadline, due) {
            (Some(_), Some(due)) => now >= due,
            (Some(_), None) => never,
            (None, _) => false,
        };
        let state = match known.attempt {
            Attempt::Failed => State::Failing,
            Attempt::Held => State::Held,
            Attempt::Never | Attempt::Done if never => State::Silent,
            Attempt::Never | Attempt::Done if late => State::Late,
            Attempt::Never | Attempt::Done => State::Fresh,
        };
        let why = why(state, late, known, due);
        Self { owner: owner.to_owned(), table: table.to_owned(), state, late, last: known.last, due, why }
    }
}

fn why(state: State, late: bool, known: &Known, due: Option<DateTime<Utc>>) -> Message {
    let time = |at: DateTime<Utc>| at.with_timezone(&Stockholm).format("%Y-%m-%d %H.%M").to_string();
    let came = match known.last {
        Some(last) => say!("kom senast {}", "came last {}", time(last)),
        None => say!("har aldrig kommit", "has never come"),
    };
    let missing = match (known.deadline, known.newest.and_then(Month::next), due) {
        (Some(Deadline::Day(_)), Some(month), Some(due)) if late => {
            say!("{} skulle ha kommit före {}", "{} was due before {}", month.name(), time(due))
        }
        (_, _, Some(due)) if late => say!("skulle ha kommit före {}", "was due before {}", time(due)),
        (_, _, Some(due)) => say!("väntas före {}", "is due before {}", time(due)),
        (Some(_), ..) => say!("väntas", "is waited for"),
        (None, ..) => say!("ingen tid är satt", "no time is set"),
    };
    let head = match state {
        State::Held => say!("senaste leveransen hålls", "the latest delivery is held"),
        State::Failing => say!("senaste körningen gick fel", "the latest run failed"),
        State::Silent | State::Late | State::Fresh => return Message::join([&came, &missing], ", "),
    };
    Message::join([&head, &came, &missing], ", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn every_state_has_its_reason() {
        let now = at("2026-11-22T08:00:00Z");
        let day = Some(Deadline::Within(TimeDelta::hours(24)));
        let judge = |attempt, last: Option<&str>, deadline| {
            let known = Known { attempt, last: last.map(at), newest: None, deadline };
            let found = Standing::of("22", "avtal", &known, now);
            (found.state, found.late, found.why.told(Language::Swedish).to_owned())
        };
        let (fresh, old) = (Some("2026-11-22T01:15:00Z"), Some("2026-11-20T01:15:00Z"));
        assert_eq!(
            judge(Attempt::Done, fresh, day),
            (State::Fresh, false, "kom senast 2026-11-22 02.15, väntas före 2026-11-23 02.15".into())
        );
        assert_eq!(
            judge(Attempt::Done, old, day),
            (State::Late, true, "kom senast 2026-11-20 02.15, skulle ha kommit före 2026-11-21 02.15".into())
        );
        assert_eq!(judge(Attempt::Never, None, day), (State::Silent, true, "har aldrig kommit, väntas".into()));
        assert_eq!(judge(Attempt::Never, None, None).0, State::Silent);
        assert!(!judge(Attempt::Never, None, None).1, "nobody waits for it");
        // Held and failing say so first, and are late all the same.
        assert_eq!((judge(Attempt::Held, old, day).0, judge(Attempt::Held, old, day).1), (State::Held, true));
        assert!(judge(Attempt::Failed, fresh, day).2.starts_with("senaste körningen gick fel, kom senast"));
        assert_eq!(
            judge(Attempt::Done, old, None),
            (State::Fresh, false, "kom senast 2026-11-20 02.15, ingen tid är satt".into())
        );
    }

    #[test]
    fn a_month_that_is_missing_is_named() {
        let known = Known {
            attempt: Attempt::Done,
            last: Some(at("2026-11-21T08:00:00Z")),
            newest: Month::read("2026-09"),
            deadline: Some(Deadline::Day(20)),
        };
        let on = |now| Standing::of("22", "genomford", &known, at(now));
        assert_eq!(on("2026-11-20T22:59:59Z").state, State::Fresh);
        let late = on("2026-11-20T23:00:00Z");
        assert_eq!((late.state, late.due), (State::Late, Some(at("2026-11-20T23:00:00Z"))));
        assert!(
            late.why.told(Language::Swedish).contains("2026-10 skulle ha kommit före 2026-11-21 00.00"),
            "{}",
            late.why
        );
    }
}
