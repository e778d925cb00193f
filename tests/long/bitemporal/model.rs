//! What the register ought to believe of one key, day by day.
//!
//! Written from the rules, without slices: for each day of valid time the words of the delivery that
//! holds there, and nothing else. A publication makes a new table of days from the old one; all
//! tables are kept, one for each publication, and are the answer to every (valid, recorded) pair.

use std::collections::BTreeSet;

/// A day of valid time. Day 0 stands for every day before the first that anybody names, the last one
/// for every day after.
pub(super) type Day = usize;
/// So many days are told apart.
pub(super) const DAYS: Day = 42;

/// What a delivered row says, but for its period.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Values {
    /// Holds from the delivery's day on.
    pub(super) text: Option<&'static str>,
    /// So does this.
    pub(super) number: Option<i64>,
    /// Marked as correction: holds for the whole period.
    pub(super) corrected: Option<&'static str>,
}

/// A delivered row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Row {
    pub(super) values: Values,
    pub(super) from: Option<Day>,
    pub(super) till: Option<Day>,
}

/// Which ends of its valid time a table has of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) from: bool,
    pub(super) till: bool,
}

impl Row {
    fn period(&self, bounds: Bounds) -> (Day, Day) {
        let from = self.from.filter(|_| bounds.from).unwrap_or(0);
        let till = self.till.filter(|_| bounds.till).unwrap_or(DAYS);
        (from, till)
    }
}

/// What is believed of a day, and which delivery's word that is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    values: Values,
    word: usize,
}

/// The source's last word, while it has not taken it back.
#[derive(Clone, Debug)]
struct Live {
    row: Row,
    /// From when it holds; it may hold for no day at all.
    since: Day,
    till: Day,
    owner: usize,
    word: usize,
}

/// That the key came and could not be believed, so that its predecessor stands.
#[derive(Clone, Copy, Debug)]
struct Stale {
    /// The latest delivery that says so.
    delivery: usize,
}

/// What happened to a key, as its event says.
pub(super) type Kind = &'static str;

/// One key.
#[derive(Clone, Debug, Default)]
pub(super) struct Key {
    days: Vec<Option<Said>>,
    live: Option<Live>,
    stale: Option<Stale>,
    words: usize,
    /// Deliveries that changed what is believed, or brought what had been stale as it was.
    touched: BTreeSet<usize>,
}

/// What one publication says of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Comes {
    /// An accepted row.
    Row(Row),
    /// A row that was rejected or withheld.
    Rejected,
    /// It is not there, in a delivery that holds all there is; or is said to have ended.
    Ended,
    /// It is not there, and that says nothing.
    Nothing,
}

/// The publication.
#[derive(Clone, Copy, Debug)]
pub(super) struct Of {
    pub(super) bounds: Bounds,
    pub(super) owner: usize,
    /// The day from which changes without a date of their own take effect.
    pub(super) effective: Day,
    /// Number of the delivery that it publishes: for a replay, that of the first reading.
    pub(super) delivery: usize,
}

/// What came of it for one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) event: Option<Kind>,
    pub(super) stale: bool,
    pub(super) fresh: bool,
    pub(super) superseded: bool,
}

/// A key as it is believed after a publication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) days: Vec<Option<Values>>,
    /// The period of the source's last word.
    pub(super) live: Option<(Day, Day)>,
    pub(super) stale: bool,
}

impl Key {
    pub(super) fn owner(&self) -> Option<usize> {
        self.live.as_ref().map(|live| live.owner)
    }

    pub(super) fn row(&self) -> Option<&Row> {
        self.live.as_ref().map(|live| &live.row)
    }

    /// None for a key of which nothing is believed.
    pub(super) fn seen(&self) -> Option<Seen> {
        let known = self.live.is_some() || self.days.iter().any(Option::is_some);
        known.then(|| Seen {
            days: self.days.iter().map(|said| said.as_ref().map(|said| said.values.clone())).collect(),
            live: self.live.as_ref().map(|live| (live.since, live.till)),
            stale: self.stale.is_some(),
        })
    }

    /// Whether a delivery after that one has had its say on this key.
    pub(super) fn is_superseded(&self, delivery: usize) -> bool {
        self.touched.iter().any(|later| *later > delivery)
    }

    pub(super) fn publish(&mut self, comes: &Comes, of: Of) -> Outcome {
        if self.is_superseded(of.delivery) {
            return Outcome { superseded: matches!(comes, Comes::Row(_)), ..Outcome::default() };
        }
        let mut outcome = Outcome::default();
        // A later delivery brought the key, if wrong: it is there, and not as it ought to be.
        let later_stale = self.stale.is_some_and(|stale| stale.delivery > of.delivery);
        let own = self.owner() == Some(of.owner);
        match comes {
            Comes::Row(row) => {
                outcome.event = self.deliver(row, of);
                outcome.fresh = !later_stale && self.stale.take().is_some();
            }
            Comes::Ended if own && !later_stale => {
                self.end(of.effective);
                outcome.fresh = self.stale.take().is_some();
                outcome.event = Some("ended");
            }
            Comes::Rejected if own => {
                outcome.stale = self.stale.is_none();
                let said = self.stale.map_or(0, |stale| stale.delivery);
                self.stale = Some(Stale { delivery: said.max(of.delivery) });
            }
            _ => {}
        }
        if outcome.event.is_some() || outcome.fresh {
            self.touched.insert(of.delivery);
        }
        outcome
    }

    fn end(&mut self, effective: Day) {
        self.live = None;
        self.days.iter_mut().skip(effective).for_each(|day| *day = None);
    }

    fn deliver(&mut self, row: &Row, of: Of) -> Option<Kind> {
        let Of { bounds, effective, .. } = of;
        self.days.resize(DAYS, None);
        if self.row() == Some(row) {
            return None;
        }
        let (from, till) = row.period(bounds);
        let before = self.live.take();
        let first_day = self.days.iter().position(Option::is_some);
        let end = self.days.iter().rposition(Option::is_some).map_or(0, |day| day + 1);
        let (since, kind) = match &before {
            // Nothing is known of it: what is delivered is all there is.
            None if first_day.is_none() => {
                let unknown = bounds.from || till <= effective;
                (if unknown { from } else { effective }, "new")
            }
            // It had ended, and is back.
            None if bounds.from && from >= end => (from, "new"),
            None => (effective.max(from), "new"),
            Some(live) => {
                let first = first_day.map_or(live.since, |day| day.min(live.since));
                let changing = |v: &Values| (v.text, v.number);
                if changing(&live.row.values) != changing(&row.values) {
                    (effective.max(from), "changed")
                } else if bounds.from && live.since == first {
                    // Its one word, and so its first day is the period's.
                    (from, "corrected")
                } else {
                    (live.since.max(from), "corrected")
                }
            }
        };
        let nothing_known = before.is_none() && first_day.is_none();
        let since = if since < till || nothing_known { since } else { self.over(before.as_ref(), bounds, from, till) };
        let word = |values: &Values, word| Some(Said { values: values.clone(), word });
        let old = std::mem::take(&mut self.days);
        let first = before.as_ref().map(|live| first_day.map_or(live.since, |day| day.min(live.since)));
        for (day, said) in old.iter().enumerate() {
            let mut now = match &before {
                _ if (since..till).contains(&day) => word(&row.values, self.words),
                _ if day >= since => None,
                None => said.clone(),
                // The delivered period bounds all that is believed.
                Some(_) if !(from..till).contains(&day) => None,
                Some(_) if said.is_some() => said.clone(),
                Some(live) => {
                    if day >= live.since {
                        // What was delivered last held until now.
                        word(&live.row.values, live.word)
                    } else if bounds.from && first.is_some_and(|first| day < first) {
                        // The period begins earlier than was known.
                        let first = first_day.filter(|first| *first <= live.since).and_then(|first| old[first].clone());
                        first.or_else(|| word(&live.row.values, live.word))
                    } else {
                        None
                    }
                }
            };
            if let Some(said) = &mut now {
                said.values.corrected = row.values.corrected;
            }
            self.days.push(now);
        }
        self.live = Some(Live { row: row.clone(), since, till, owner: of.owner, word: self.words });
        self.words += 1;
        Some(kind)
    }

    /// From when a row holds whose period is over when it comes: it concerns the past, and takes the
    /// place of the last word within its period.
    fn over(&self, before: Option<&Live>, bounds: Bounds, from: Day, till: Day) -> Day {
        let word = |day: Day| self.days[day].as_ref().map(|said| said.word);
        let begins = (0..DAYS).filter(|day| word(*day).is_some() && (*day == 0 || word(*day - 1) != word(*day)));
        let mut begins: Vec<Day> = begins.chain(before.map(|live| live.since)).collect();
        begins.sort_unstable();
        let first = begins.first().copied();
        let last = begins.into_iter().rfind(|day| *day < till);
        // The first word of a key that goes on begins where its period does.
        let last = last.filter(|last| !(bounds.from && before.is_some() && first == Some(*last)));
        last.unwrap_or(from).max(from)
    }
}
