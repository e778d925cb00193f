//! Retention: how long each zone and table keeps what it has, and the erasure of what is older.

use chrono::{Datelike, NaiveDate, TimeDelta};
use serde::Serialize;
use sluss_schemas::table::Store;

use super::{Erasure, Removed, Targets};
use crate::error::Result;
use crate::ledger::{QuarantineFilter, QuarantineState};
use crate::run::{Engine, Swept, new_run};

/// Where something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Zone {
    /// Original bytes.
    Landing,
    /// Rejected rows.
    Quarantine,
    /// What runs' logs said.
    Log,
    /// Rows of the register, and the lake that shows them.
    Register,
    /// Rows that are in the lake only.
    Lake,
}

/// How long a zone or a table keeps what it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Where.
    pub zone: Zone,
    /// The national table.
    pub table: Option<String>,
    /// Days; none: for ever, or until somebody has dealt with it.
    pub days: Option<u32>,
    /// Keys, partitions or deliveries that are older now.
    pub older: u64,
}

/// What a retention found and, unless it only looked, removed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Expired {
    /// It only looked.
    pub dry: bool,
    /// Zone by zone, table by table.
    pub kept: Vec<Kept>,
    /// Keys of contracts that their region refuses to register, whose history is still there.
    pub refused: u64,
    /// What the sweep of landing zone, quarantine and lake found.
    pub swept: Swept,
    /// What was removed of tables.
    pub removed: Removed,
}

impl Engine {
    /// Finds what has been kept as long as it may in every zone, and with `now` removes it.
    pub async fn retain(&self, now: bool) -> Result<Expired> {
        if now {
            self.finish_erasures().await?;
        }
        let swept = self.sweep(!now).await?;
        let file = &self.project.file;
        let mut kept = vec![
            Kept { zone: Zone::Landing, table: None, days: Some(file.landing.retention_days), older: swept.expired },
            Kept {
                zone: Zone::Quarantine,
                table: None,
                days: file.retention.quarantine_days,
                older: swept.quarantines,
            },
        ];
        let days = file.retention.log_days;
        let until = self.clock.now() - TimeDelta::days(i64::from(days));
        let older = if now {
            self.register.drop_old_log_lines(until).await?
        } else {
            self.register.old_log_lines(until).await?
        };
        kept.push(Kept { zone: Zone::Log, table: None, days: Some(days), older });
        let mut targets = Targets::default();
        for table in &self.project.tables {
            let days = file.retention_of(table);
            let mut older = 0;
            if let Some(days) = days {
                let day = self.today() - TimeDelta::days(i64::from(days));
                match table.store {
                    Store::Register => {
                        let recorded = self.clock.now() - TimeDelta::days(i64::from(days));
                        let keys = self.register.ended_keys(&table.name, day, recorded).await?;
                        older = keys.len() as u64;
                        if !keys.is_empty() {
                            targets.rows.insert(table.name.clone(), keys);
                        }
                    }
                    Store::Lake => {
                        let all = self.register.lake_partitions(&table.name).await?;
                        let old = all.into_iter().map(|partition| partition.partition);
                        let old: Vec<String> =
                            old.filter(|name| month_ended(name).is_some_and(|end| end <= day)).collect();
                        older = old.len() as u64;
                        if !old.is_empty() {
                            targets.partitions.insert(table.name.clone(), old);
                        }
                    }
                }
            }
            let zone = if table.store == Store::Lake { Zone::Lake } else { Zone::Register };
            kept.push(Kept { zone, table: Some(table.name.clone()), days, older });
        }
        let mut removed = Removed::default();
        if now && !targets.is_empty() {
            let kind = "retention".to_owned();
            let erasure = Erasure { id: new_run(), kind, ground: "retention_days".to_owned(), targets };
            removed = self.erase(&erasure).await?;
        }
        let refused = Targets { rows: self.register.refused_keys().await?, ..Targets::default() };
        let refused_keys = refused.rows.values().map(|keys| keys.len() as u64).sum();
        if now && !refused.is_empty() {
            let kind = "retention".to_owned();
            let erasure = Erasure { id: new_run(), kind, ground: "registreras_ej".to_owned(), targets: refused };
            removed.add(&self.erase(&erasure).await?);
        }
        if now {
            self.drop_index().await?;
        }
        Ok(Expired { dry: !now, kept, refused: refused_keys, swept, removed })
    }

    /// Rejected rows whose object is gone wait for nobody.
    async fn drop_index(&self) -> Result<()> {
        let open = QuarantineFilter { state: Some(QuarantineState::Open), ..QuarantineFilter::default() };
        // A line for each run, not for each row: however much waits, little is held.
        for run in self.register.waiting_runs().await? {
            let Some(about) = self.register.run(&run).await? else { continue };
            let delivery = crate::keys::Delivery::new(&about.owner, &run)?;
            if self.quarantine.read(&delivery).is_ok_and(|rows| rows.is_some()) {
                continue;
            }
            let filter = QuarantineFilter { run: Some(run), ..open.clone() };
            self.register.mark_quarantine(&filter, QuarantineState::Dropped).await?;
        }
        Ok(())
    }
}

/// The first day after the month of a partition (`…manad=2024-01`).
fn month_ended(partition: &str) -> Option<NaiveDate> {
    let month = partition.split('/').find_map(|part| part.strip_prefix("manad="))?;
    let first = NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok()?;
    match first.month() {
        12 => NaiveDate::from_ymd_opt(first.year() + 1, 1, 1),
        month => NaiveDate::from_ymd_opt(first.year(), month + 1, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_months_rows_end_with_it() {
        let day = |y, m| NaiveDate::from_ymd_opt(y, m, 1);
        assert_eq!(month_ended("lanskod=22/manad=2024-01"), day(2024, 2));
        assert_eq!(month_ended("manad=2024-12"), day(2025, 1));
        assert_eq!(month_ended("lanskod=22"), None);
        assert_eq!(month_ended("manad=okänd"), None);
    }
}
