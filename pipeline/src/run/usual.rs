//! What is usual for a job, from its own history: a delivery far outside of it is held, not believed.
//!
//! Median and median absolute deviation (MAD) of the job's latest published runs: a single odd one moves neither.
//! A history that never varies has a MAD of 0, and would find a change of one row remarkable; therefore each
//! measure has a floor, so wide that ordinary life (a contract more, a yearly step of a fifth) stays within, and
//! so narrow that halving and doubling do not. What a person has believed against a guard begins a new history.

use crate::job::{Limits, Mode};
use crate::merge::KeyCounts;

use super::guard::{Held, percent, share};
use super::outcome::Outcome;

/// The MAD of a normal distribution, as a part of its standard deviation.
const NORMAL: f64 = 1.4826;
/// Share of the usual number of rows by which a delivery may always differ.
const ROWS: f64 = 0.35;
/// Shares that may always be added to the usual one: of rows rejected, repaired, ended.
const REJECTED: f64 = 0.02;
const REPAIRED: f64 = 0.10;
const ENDED: f64 = 0.10;
/// What chance alone does to counts, in standard deviations: within it nothing is remarkable.
const CHANCE: f64 = 4.0;
/// Where little is expected a few rows more are never remarkable: chance is lopsided there.
const FEW: f64 = 2.0;

/// What is weighed of one delivery.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Weighed {
    rows: u64,
    rejected: u64,
    /// By table.
    tables: Vec<TableWeighed>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct TableWeighed {
    table: String,
    accepted: u64,
    repaired: u64,
    before: u64,
    ended: u64,
}

impl Weighed {
    /// What counts of a run that has an outcome.
    pub(super) fn of(outcome: &Outcome) -> Self {
        let table = |t: &super::outcome::TableOutcome| {
            let KeyCounts { changed, unchanged, ended, stale, .. } = t.changes;
            TableWeighed {
                table: t.table.clone(),
                accepted: t.accepted,
                repaired: t.repaired,
                before: changed + unchanged + ended + stale,
                ended,
            }
        };
        Self {
            rows: outcome.balance.rows_in,
            rejected: outcome.balance.rejected,
            tables: outcome.tables.iter().map(table).collect(),
        }
    }

    /// Leaves out of account what ended since its region refuses it.
    pub(super) fn forgive(&mut self, table: &str, ended: u64) {
        for weighed in self.tables.iter_mut().filter(|weighed| weighed.table == table) {
            weighed.ended = weighed.ended.saturating_sub(ended);
        }
    }

    fn table(&self, name: &str) -> Option<&TableWeighed> {
        self.tables.iter().find(|table| table.table == name)
    }
}

/// The history that counts, from a job's published runs, the latest first: deliveries with something in them, back to
/// the last one that a person believed against a guard.
pub(super) fn history(runs: impl IntoIterator<Item = Outcome>) -> Vec<Weighed> {
    let mut out = Vec::new();
    for outcome in runs {
        if outcome.balance.rows_in > 0 {
            out.push(Weighed::of(&outcome));
        }
        if !outcome.held.is_empty() {
            break;
        }
    }
    out
}

/// Where a delivery lies outside of what is usual.
pub(super) fn unusual(limits: &Limits, mode: Mode, now: &Weighed, past: &[Weighed]) -> Vec<Held> {
    let enough = usize::try_from(limits.history_least.max(1)).unwrap_or(usize::MAX);
    if limits.unusual <= 0.0 || past.len() < enough {
        return Vec::new();
    }
    let (k, runs) = (limits.unusual, past.len());
    let mut held = Vec::new();
    if mode == Mode::Snapshot {
        let usual = Usual::of(past.iter().map(|past| figure(past.rows)));
        let floor = (usual.median * ROWS).max(CHANCE * usual.median.sqrt());
        if (figure(now.rows) - usual.median).abs() > usual.width(k, floor) {
            let median = whole(usual.median);
            held.push(Held {
                guard: "ovanligt_antal".into(),
                sv: format!(
                    "Leveransen har {} rader; de senaste {runs} leveranserna har haft omkring {median}.",
                    now.rows
                ),
                en: format!("the delivery has {} rows, the last {runs} had about {median}", now.rows),
            });
        }
    }
    let rejected = Measure {
        guard: "ovanlig_andel_avvisade",
        sv: "av raderna avvisades",
        en: "of the rows were rejected",
        floor: REJECTED,
    };
    held.extend(rejected.judge(k, None, (now.rejected, now.rows), past.iter().map(|p| (p.rejected, p.rows))));
    for table in &now.tables {
        let name = table.table.as_str();
        let repaired = Measure {
            guard: "ovanlig_andel_rattade",
            sv: "av raderna rättades",
            en: "of the rows were repaired",
            floor: REPAIRED,
        };
        let before = || past.iter().filter_map(|past| past.table(name));
        let counts = (table.repaired, table.accepted);
        held.extend(repaired.judge(k, Some(name), counts, before().map(|t| (t.repaired, t.accepted))));
        let ended = Measure {
            guard: "ovanlig_andel_avslutade",
            sv: "av de gällande raderna saknas",
            en: "of the current rows are absent",
            floor: ENDED,
        };
        let counts = (table.ended, table.before);
        held.extend(ended.judge(k, Some(name), counts, before().map(|t| (t.ended, t.before))));
    }
    held
}

/// A share that is only remarkable when it is large.
struct Measure {
    guard: &'static str,
    sv: &'static str,
    en: &'static str,
    floor: f64,
}

impl Measure {
    fn judge(
        &self,
        k: f64,
        table: Option<&str>,
        (some, all): (u64, u64),
        past: impl Iterator<Item = (u64, u64)>,
    ) -> Option<Held> {
        let shares: Vec<f64> = past.filter(|(_, all)| *all > 0).map(|(some, all)| share(some, all)).collect();
        if all == 0 || shares.is_empty() {
            return None;
        }
        let usual = Usual::of(shares.into_iter());
        // Of ten rows one is a tenth, and no wonder.
        let likely = usual.median.max(1.0 / figure(all));
        let chance = CHANCE * (likely * (1.0 - likely).max(0.0) / figure(all)).sqrt() + FEW / figure(all);
        let now = share(some, all);
        if now - usual.median <= usual.width(k, self.floor.max(chance)) {
            return None;
        }
        let (now, median) = (percent(now), percent(usual.median));
        let (sv, en) = (self.sv, self.en);
        let (i, of) = table.map_or((String::new(), String::new()), |t| (format!(" i {t}"), format!(" of {t}")));
        Some(Held {
            guard: self.guard.into(),
            sv: format!("{now} {sv}{i}. Vanligen är det omkring {median}."),
            en: format!("{now} {en}{of}, usually about {median}"),
        })
    }
}

/// The middle of a history, and how far it spreads.
struct Usual {
    median: f64,
    spread: f64,
}

impl Usual {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        let median = median(&mut values);
        let mut away: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
        Self { median, spread: NORMAL * self::median(&mut away) }
    }

    /// How far from the middle nothing is remarkable.
    fn width(&self, k: f64, floor: f64) -> f64 {
        (k * self.spread).max(floor)
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle), values.get(middle.wrapping_sub(1))) {
        (Some(upper), Some(lower)) if values.len().is_multiple_of(2) => f64::midpoint(*lower, *upper),
        (Some(upper), _) => *upper,
        _ => 0.0,
    }
}

#[expect(clippy::cast_precision_loss, reason = "row counts need no more than 53 bits")]
fn figure(rows: u64) -> f64 {
    rows as f64
}

fn whole(rows: f64) -> String {
    format!("{rows:.0}")
}

#[cfg(test)]
#[path = "usual_tests.rs"]
mod tests;
