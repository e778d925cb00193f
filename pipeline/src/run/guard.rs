//! Guards: a delivery that cannot be right is held, not believed.

use crate::job::{Limits, Mode};

use super::account::Balance;

/// Why a delivery is held: text to the region, and to an operator.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Held {
    /// Id of the guard: `tom_leverans`, `krympt_leverans`, `andel_avvisade`, `andel_avslutade`, and those of
    /// the job's own history: `ovanligt_antal`, `ovanlig_andel_avvisade`, `ovanlig_andel_rattade`,
    /// `ovanlig_andel_avslutade`.
    pub guard: String,
    /// What happened, in Swedish. Whether anything is published is not said here: a person may believe it.
    pub sv: String,
    /// What happened, in English.
    pub en: String,
}

/// Judges the delivery as a whole against the job's limits and the previous delivery's row count.
pub(super) fn delivery(limits: &Limits, mode: Mode, balance: &Balance, previous_rows: Option<u64>) -> Option<Held> {
    if balance.rows_in < limits.min_rows {
        return Some(Held {
            guard: "tom_leverans".into(),
            sv: format!("Leveransen har {} rader; jobbet kräver minst {}.", balance.rows_in, limits.min_rows),
            en: format!("the delivery has {} rows, the job needs at least {}", balance.rows_in, limits.min_rows),
        });
    }
    let share = share(balance.rejected, balance.rows_in);
    if share > limits.max_rejected_share {
        return Some(Held {
            guard: "andel_avvisade".into(),
            sv: format!(
                "{} av {} rader avvisades ({}). Gränsen är {}.",
                balance.rejected,
                balance.rows_in,
                percent(share),
                percent(limits.max_rejected_share)
            ),
            en: format!("{} of {} rows were rejected, above the limit", balance.rejected, balance.rows_in),
        });
    }
    if let Some(previous) = previous_rows
        && mode == Mode::Snapshot
    {
        let lacking = self::share(previous.saturating_sub(balance.rows_in), previous);
        if lacking > limits.max_shrunken_share {
            return Some(Held {
                guard: "krympt_leverans".into(),
                sv: format!(
                    "Leveransen har {} rader mot {} förra gången ({} färre). Gränsen är {}.",
                    balance.rows_in,
                    previous,
                    percent(lacking),
                    percent(limits.max_shrunken_share)
                ),
                en: format!("the delivery has {} rows against {previous} last time", balance.rows_in),
            });
        }
    }
    None
}

/// Judges what one table would lose.
pub(super) fn ended(limits: &Limits, table: &str, before: u64, ended: u64) -> Option<Held> {
    let share = share(ended, before);
    (share > limits.max_ended_share).then(|| Held {
        guard: "andel_avslutade".into(),
        sv: format!(
            "{} av {} gällande rader i {table} saknas i leveransen ({}). Gränsen är {}.",
            ended,
            before,
            percent(share),
            percent(limits.max_ended_share)
        ),
        en: format!("{ended} of {before} current rows of {table} are absent, above the limit"),
    })
}

#[expect(clippy::cast_precision_loss, reason = "shares of row counts need no more than 53 bits")]
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// `84,3 %`, with a no-break space.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}\u{a0}%", share * 100.0).replace('.', ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balance(rows_in: u64, rejected: u64) -> Balance {
        Balance { rows_in, rejected, accepted: rows_in - rejected, ..Balance::default() }
    }

    #[test]
    fn nothing_a_fraction_and_a_bad_file_are_held() {
        let limits = Limits::default();
        let held = |b, previous| delivery(&limits, Mode::Snapshot, &b, previous).map(|h| h.guard);
        assert_eq!(held(balance(0, 0), None).as_deref(), Some("tom_leverans"));
        assert_eq!(held(balance(100, 6), None).as_deref(), Some("andel_avvisade"));
        assert_eq!(held(balance(100, 5), Some(100)), None);
        assert_eq!(held(balance(49, 0), Some(100)).as_deref(), Some("krympt_leverans"));
        assert_eq!(delivery(&limits, Mode::Incremental, &balance(49, 0), Some(100)), None);
        assert!(ended(&limits, "avtal", 100, 21).is_some());
        assert!(ended(&limits, "avtal", 200, 21).is_none());
    }
}
