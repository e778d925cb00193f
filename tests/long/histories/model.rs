//! What the register ought to believe: one region's deliveries, played in memory by the words of
//! DESIGN §4 and §5. It knows nothing of how the program goes about it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::source::{Flaw, Row, Table};

/// A table and the key of one of its rows, as text.
pub(super) type Key = (Table, String);
/// A region's publications change this in its key's history.
pub(super) type Event = (Table, &'static str, String);

/// A row's values: what a correction corrects for the whole period, what changes from a day on, and
/// the period itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) corrected: String,
    pub(super) changing: String,
    pub(super) from: NaiveDate,
    pub(super) till: NaiveDate,
}

/// Values that hold for a period.
#[derive(Clone, Debug)]
struct Slice {
    values: (String, String),
    from: NaiveDate,
    till: NaiveDate,
    /// The key's latest, as it was delivered.
    live: bool,
}

/// What is believed of one key.
#[derive(Clone, Debug, Default)]
struct Known {
    /// In the order of their periods.
    slices: Vec<Slice>,
    /// What was last published; none once it has ended.
    current: Option<Content>,
    stale: bool,
    /// Number of the delivery that it was last right in.
    by: usize,
}

impl Known {
    fn deliver(&mut self, row: &Content, day: NaiveDate) -> Option<&'static str> {
        if self.current.as_ref() == Some(row) {
            return None;
        }
        let values = (row.corrected.clone(), row.changing.clone());
        let before = self.current.replace(row.clone());
        let mut start = row.from;
        let mut kind = "new";
        if let Some(last) = self.slices.last().cloned() {
            for slice in &mut self.slices {
                slice.values.0.clone_from(&row.corrected);
                slice.live = false;
            }
            match before {
                // It had ended, and is back: from its own first day, or from the delivery's if that was
                // before the end.
                None => start = if row.from >= last.till { row.from } else { row.from.max(day) },
                Some(before) => {
                    // The delivered period bounds all that is believed of the key.
                    if let Some(slice) = self.slices.last_mut() {
                        slice.till = row.till;
                    }
                    if let Some(slice) = self.slices.first_mut() {
                        slice.from = row.from;
                    }
                    for slice in &mut self.slices {
                        slice.from = slice.from.max(row.from);
                        slice.till = slice.till.min(row.till);
                    }
                    if before.changing == row.changing {
                        kind = "corrected";
                        start = self.slices.last().map_or(row.from, |slice| slice.from);
                    } else {
                        kind = "changed";
                        start = day.max(row.from);
                    }
                }
            }
            if start >= row.till {
                // Over when it came: it concerns the past, and takes the place of what was last then.
                let earlier = self.slices.iter().map(|slice| slice.from).filter(|from| *from < row.till).max();
                start = earlier.map_or(row.from, |from| from.max(row.from));
            }
            for slice in &mut self.slices {
                slice.till = slice.till.min(start);
            }
            self.slices.retain(|slice| slice.from < slice.till);
        }
        self.slices.push(Slice { values, from: start, till: row.till, live: true });
        Some(kind)
    }

    fn end(&mut self, day: NaiveDate) {
        self.current = None;
        for slice in &mut self.slices {
            slice.till = slice.till.min(day);
            slice.live = false;
        }
        self.slices.retain(|slice| slice.from < slice.till);
    }
}

/// A source row as it was judged.
#[derive(Clone, Debug)]
struct Judged {
    key: Option<Key>,
    parent: Option<Key>,
    content: Option<Content>,
    /// All that was written, right or wrong: what tells copies from conflicts.
    written: String,
    rule: Option<&'static str>,
}

/// A row that waits: its table (none where it could not be read), its place in the delivery, a rule
/// that it breaks.
pub(super) type Waiting = (Option<Table>, u64, &'static str);

/// A delivery that was published.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) run: String,
    pub(super) rows: Vec<Row>,
    /// The column of amounts had a type that amounts must have.
    typed: bool,
}

/// What the model says of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    pub(super) held: bool,
    pub(super) rows_in: u64,
    pub(super) rejected: u64,
    pub(super) events: Vec<Event>,
    /// Something is published, if only a mark.
    pub(super) moves: bool,
    waiting: Vec<Waiting>,
}

/// One job's past.
#[derive(Clone, Debug, Default)]
pub(super) struct Job {
    pub(super) published: Vec<Delivery>,
    /// Rows of the latest run that was published.
    last_rows: Option<u64>,
    /// By delivery: which run has its waiting rows, and what they are.
    waiting: BTreeMap<String, (String, Vec<Waiting>)>,
}

/// Largest shares of rejected rows, ended rows and lacking rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits(pub(super) [f64; 3]);

/// One region.
#[derive(Clone, Debug, Default)]
pub(super) struct Region {
    keys: BTreeMap<Key, Known>,
    pub(super) jobs: BTreeMap<&'static str, Job>,
}

/// How a run reads its rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct How<'a> {
    pub(super) job: &'static str,
    pub(super) tables: &'a [Table],
    /// The mapping reads the odd form of dates as well.
    pub(super) mended: bool,
    /// The column of amounts has a type that amounts must have.
    pub(super) typed: bool,
    pub(super) day: NaiveDate,
    pub(super) limits: Limits,
}

#[expect(clippy::cast_precision_loss, reason = "a handful of rows")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl Region {
    fn is_live(&self, key: &Key) -> bool {
        self.keys.get(key).is_some_and(|known| known.current.is_some())
    }

    fn is_stale(&self, key: &Key) -> bool {
        self.is_live(key) && self.keys.get(key).is_some_and(|known| known.stale)
    }

    /// A complete delivery of a job, from its source.
    pub(super) fn run(&mut self, how: &How<'_>, run: &str, rows: &[Row]) -> Expected {
        let nth = self.jobs.get(how.job).map_or(0, |job| job.published.len());
        let expected = self.play(how, rows, nth, false);
        let job = self.jobs.entry(how.job).or_default();
        if !expected.held {
            job.published.push(Delivery { run: run.to_owned(), rows: rows.to_vec(), typed: how.typed });
            job.last_rows = Some(expected.rows_in);
            // It was the whole source: what earlier deliveries have waiting waits no longer.
            job.waiting.clear();
        }
        job.waiting.insert(run.to_owned(), (run.to_owned(), expected.waiting.clone()));
        expected
    }

    /// An earlier delivery of a job, with the mapping as it is now.
    pub(super) fn replay(&mut self, how: &How<'_>, nth: usize, run: &str) -> Expected {
        let job = &self.jobs[how.job];
        let delivery = job.published[nth].clone();
        let later = nth + 1 < job.published.len();
        let how = How { typed: delivery.typed, ..*how };
        let expected = self.play(&how, &delivery.rows, nth, later);
        let job = self.jobs.entry(how.job).or_default();
        job.last_rows = Some(expected.rows_in);
        job.waiting.remove(&delivery.run);
        if !later {
            // What is still wrong waits under the replay, once.
            job.waiting.insert(delivery.run, (run.to_owned(), expected.waiting.clone()));
        }
        expected
    }

    fn play(&mut self, how: &How<'_>, rows: &[Row], nth: usize, later: bool) -> Expected {
        let last_rows = self.jobs.get(how.job).and_then(|job| job.last_rows);
        let before = self.clone();
        let expected = self.publish(how, rows, (nth, later), last_rows);
        if expected.held {
            *self = before;
        }
        expected
    }

    /// Plays the delivery of number `nth`. `later`: a later one has been published, which knew better.
    fn publish(
        &mut self,
        how: &How<'_>,
        rows: &[Row],
        (nth, later): (usize, bool),
        last_rows: Option<u64>,
    ) -> Expected {
        let mut expected = Expected { rows_in: rows.len() as u64, ..Expected::default() };
        let unread = |row: &Row| how.typed && row.flaw == Flaw::Amount;
        let any_unread = rows.iter().any(unread);
        for (place, row) in (1..).zip(rows) {
            if unread(row) {
                expected.waiting.push((None, place, "olasbar_rad"));
            }
        }
        let mut ended_share = 0.0_f64;
        let mut verdicts: BTreeMap<Key, bool> = BTreeMap::new();
        let mut ended_now = BTreeSet::new();
        for table in how.tables {
            let of_table = (1..).zip(rows).filter(|(_, row)| row.table == *table && !unread(row));
            let mut judged: Vec<(u64, Judged)> = of_table.map(|(place, row)| (place, judge(row, how))).collect();
            shared_keys(&mut judged);
            for (_, row) in &mut judged {
                let (None, Some(parent)) = (row.rule, &row.parent) else { continue };
                row.rule = match verdicts.get(parent) {
                    Some(true) => None,
                    Some(false) => Some("foralder_avvisad"),
                    None if self.is_live(parent) && !ended_now.contains(parent) => None,
                    None => Some("saknad_foralder"),
                };
            }
            // What this delivery says of each key: there and right, or there and wrong.
            let mut said: BTreeMap<Key, bool> = BTreeMap::new();
            for (place, row) in &judged {
                if let Some(rule) = row.rule {
                    expected.waiting.push((Some(*table), *place, rule));
                }
                if let Some(key) = &row.key {
                    *said.entry(key.clone()).or_default() |= row.rule.is_none();
                }
            }
            let may_end = !any_unread && judged.iter().all(|(_, row)| row.key.is_some());
            let live: Vec<Key> = self.keys.keys().filter(|key| key.0 == *table && self.is_live(key)).cloned().collect();
            for (_, row) in &judged {
                let (None, Some(key), Some(content)) = (row.rule, &row.key, &row.content) else { continue };
                // A later delivery has published this key, or has shown that there is none; unless it
                // brought it and was wrong: then this is the best that is known, and still not the latest.
                if later && (!self.is_stale(key) || self.keys.get(key).is_some_and(|known| known.by > nth)) {
                    continue;
                }
                let known = self.keys.entry(key.clone()).or_default();
                known.by = nth;
                if let Some(kind) = known.deliver(content, how.day) {
                    expected.events.push((*table, kind, key.1.clone()));
                }
                if known.stale && !later {
                    known.stale = false;
                    expected.moves = true;
                }
            }
            let mut ended = 0;
            for key in &live {
                let Some(known) = self.keys.get_mut(key) else { continue };
                match said.get(key) {
                    Some(false) if !later => {
                        expected.moves |= !known.stale;
                        known.stale = true;
                    }
                    None if may_end && !later => {
                        known.end(how.day);
                        known.stale = false;
                        ended += 1;
                        ended_now.insert(key.clone());
                        expected.events.push((*table, "ended", key.1.clone()));
                    }
                    _ => {}
                }
            }
            ended_share = ended_share.max(share(ended, live.len() as u64));
            verdicts.extend(said);
        }
        expected.moves |= !expected.events.is_empty();
        expected.waiting.sort_unstable();
        let places: BTreeSet<u64> = expected.waiting.iter().map(|(_, place, _)| *place).collect();
        expected.rejected = places.len() as u64;
        let [rejected, ended, lacking] = how.limits.0;
        let lacks = last_rows.map_or(0.0, |last| share(last.saturating_sub(expected.rows_in), last));
        expected.held = expected.rows_in == 0
            || share(expected.rejected, expected.rows_in) > rejected
            || lacks > lacking
            || ended_share > ended;
        expected
    }

    /// Everything that is believed, one line for each slice.
    pub(super) fn believed(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for ((table, key), known) in &self.keys {
            for slice in &known.slices {
                let till = if slice.till == NaiveDate::MAX { String::new() } else { slice.till.to_string() };
                lines.push(format!(
                    "{} {key} {}|{} [{},{till}){}",
                    table.name(),
                    slice.values.0,
                    slice.values.1,
                    slice.from,
                    if slice.live { "*" } else { "" }
                ));
            }
        }
        lines.sort_unstable();
        lines
    }

    /// Keys whose latest row was wrong, so that what is believed is its predecessor.
    pub(super) fn stale(&self) -> Vec<String> {
        let stale = self.keys.keys().filter(|key| self.is_stale(key));
        stale.map(|(table, key)| format!("{} {key}", table.name())).collect()
    }

    /// Rows that wait, with the run that has them.
    pub(super) fn waiting(&self) -> Vec<(String, Waiting)> {
        let all = self.jobs.values().flat_map(|job| job.waiting.values());
        let mut all: Vec<_> = all.flat_map(|(run, rows)| rows.iter().map(|row| (run.clone(), *row))).collect();
        all.sort_unstable();
        all
    }
}

/// A row on its own.
fn judge(row: &Row, how: &How<'_>) -> Judged {
    let from = match row.flaw {
        Flaw::NoSuchDay => None,
        Flaw::OddForm if !how.mended => None,
        _ => Some(row.from),
    };
    let rule = match row.flaw {
        Flaw::Keyless => Some("tomt_obligatoriskt"),
        Flaw::Amount => Some("felaktigt_tal"),
        Flaw::WrongValue => Some("utanfor_varden"),
        _ if from.is_none() => Some("felaktigt_datum"),
        _ => None,
    };
    let misspelt = from.is_none() || matches!(row.flaw, Flaw::Amount | Flaw::WrongValue);
    let key = |ids: &[String]| ids.join("/");
    let content = from.map(|from| Content {
        corrected: row.corrected(),
        changing: row.changing(),
        from,
        till: row.till.unwrap_or(NaiveDate::MAX),
    });
    Judged {
        key: (row.flaw != Flaw::Keyless).then(|| (row.table, key(row.ids()))),
        parent: row.table.parent().filter(|_| row.flaw != Flaw::Keyless).map(|table| (table, key(row.parent_ids()))),
        written: format!(
            "{} {} {:?} {:?} {:?}",
            row.corrected(),
            row.changing(),
            from,
            row.till,
            misspelt.then_some(row.flaw)
        ),
        content,
        rule,
    }
}

/// Rows that share a key: the first of equal ones stays, of unequal ones none.
fn shared_keys(judged: &mut [(u64, Judged)]) {
    let mut groups: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (at, (_, row)) in judged.iter().enumerate() {
        if let Some(key) = &row.key {
            groups.entry(key.clone()).or_default().push(at);
        }
    }
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let first = judged[group[0]].1.clone();
        let all_equal = group.iter().all(|at| judged[*at].1.written == first.written);
        for (nth, at) in group.into_iter().enumerate() {
            let rule = &mut judged[at].1.rule;
            if !all_equal {
                *rule = Some("dubblett_konflikt");
            } else if nth > 0 {
                *rule = Some("dubblett_exakt");
            }
        }
    }
}
