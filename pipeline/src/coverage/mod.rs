//! Coverage: how much of each region's reality the register has, how well coded it is, how fresh.
//!
//! Counts only: nothing here is a row of anybody's. A row that was withheld shows in its delivery's
//! count and nowhere else.

mod count;
mod deliveries;
mod rows;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sluss_schemas::region;
use sluss_schemas::table::{Column, Store, Table, Tables};

pub use rows::{rows, schema};

use crate::error::Result;
use crate::register::Register;

/// How far back the change is counted from.
const TREND: TimeDelta = TimeDelta::days(30);

/// `[coverage]`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Expectations {
    /// National table → länskod → rows that the region is expected to have.
    pub expected: BTreeMap<String, BTreeMap<String, u64>>,
}

/// One region's share of one national table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coverage {
    /// The region.
    pub lanskod: &'static str,
    /// The national table.
    pub table: String,
    /// Rows that it is expected to have, where somebody has said it.
    pub expected: Option<u64>,
    /// Rows that are published and have not ended.
    pub registered: u64,
    /// The same 30 days ago; none where the register is younger.
    pub before: Option<u64>,
    /// Of the registered, those with a code of care; none where the table has no column for one.
    pub coded: Option<u64>,
    /// Rows accepted in the latest delivery of each of the region's jobs.
    pub accepted: u64,
    /// Rows rejected in them.
    pub rejected: u64,
    /// Source rows withheld in them.
    pub withheld: u64,
    /// When the latest of them was published.
    pub latest: Option<DateTime<Utc>>,
    /// How the latest attempt went.
    pub standing: Standing,
}

/// How the latest attempt to deliver went, the worst of a region's jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Nobody has tried.
    #[default]
    Silent,
    /// It was published.
    Done,
    /// It is held for a person to judge.
    Held,
    /// It went wrong.
    Failed,
}

impl Coverage {
    /// The share of what is expected, from 0; over 1 where there is more.
    pub fn share(&self) -> Option<f64> {
        self.expected.filter(|n| *n > 0).map(|expected| part(self.registered, expected))
    }

    /// The share with a code.
    pub fn coded_share(&self) -> Option<f64> {
        self.coded.filter(|_| self.registered > 0).map(|coded| part(coded, self.registered))
    }

    /// The share of the latest deliveries' rows that was rejected.
    pub fn rejected_share(&self) -> Option<f64> {
        let all = self.accepted + self.rejected;
        (all > 0).then(|| part(self.rejected, all))
    }

    /// How many more there are than 30 days ago.
    pub fn change(&self) -> Option<i64> {
        self.before.map(|before| self.registered.cast_signed() - before.cast_signed())
    }
}

/// Every region's coverage of every table that regions own, also where there is nothing: tables in
/// their own order, regions by their codes.
///
/// `today` is the day in Sweden.
pub async fn coverage(
    register: &Arc<dyn Register>,
    tables: &Tables,
    expectations: &Expectations,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<Vec<Coverage>> {
    let deliveries = deliveries::latest(register).await?;
    let earlier = count::publication_at(register, now - TREND).await?;
    let mut out = Vec::new();
    for table in tables.iter().filter(|table| table.owner.is_some()) {
        let current = count::registered(register, table, None, today).await?;
        let before = match earlier {
            Some(seq) if table.store == Store::Register => {
                Some(count::registered(register, table, Some(seq), today - TREND).await?)
            }
            _ => None,
        };
        let is_coded = care_codes(table).next().is_some();
        let expected = expectations.expected.get(&table.name);
        for region in &region::REGIONS {
            let counted = current.get(region.lanskod).copied().unwrap_or_default();
            let delivered = deliveries.get(region.lanskod, &table.name);
            out.push(Coverage {
                lanskod: region.lanskod,
                table: table.name.clone(),
                expected: expected.and_then(|regions| regions.get(region.lanskod)).copied(),
                registered: counted.rows,
                before: before.as_ref().map(|b| b.get(region.lanskod).map_or(0, |counted| counted.rows)),
                coded: (is_coded && table.store == Store::Register).then_some(counted.coded),
                accepted: delivered.accepted,
                rejected: delivered.rejected,
                withheld: delivered.withheld,
                latest: delivered.latest,
                standing: delivered.standing,
            });
        }
    }
    Ok(out)
}

/// Columns that say what care it is: with codes that are judged on the row's own day. A list that knows no
/// days (procurement, kinds of activity) is no measure of how well coded a row is.
fn care_codes(table: &Table) -> impl Iterator<Item = &Column> {
    table.column.iter().filter(|column| column.code.as_ref().is_some_and(|code| code.on.is_some()))
}

#[expect(clippy::cast_precision_loss, reason = "shares of row counts need no more than 53 bits")]
fn part(some: u64, all: u64) -> f64 {
    some as f64 / all as f64
}
