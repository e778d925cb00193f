//! What sources say of performers and units, table by table, as much at a time as a batch holds.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate};
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use xxhash_rust::xxh3::xxh3_64;

use super::entities::Rows;
use super::{Kind, Mention};
use crate::error::Result;
use crate::keys::is_pseudonym;
use crate::register::{Batches, Believed, Question, Register};

/// The tables that mentions are read from.
pub const SOURCES: [&str; 4] = ["uppdrag", "tjanst", "vantetid", "upphandling"];

/// Mentions at a time, where they are not read batch by batch.
const AT_ONCE: usize = 8192;

/// Everything that is mentioned, in the tables' order.
pub async fn mentions(
    register: Arc<dyn Register>,
    today: NaiveDate,
) -> Result<BoxStream<'static, Result<Vec<Mention>>>> {
    let services = services(register.as_ref()).await?;
    let assignments = current(
        register.as_ref(),
        "uppdrag",
        &[
            "lanskod",
            "avtals_id",
            "uppdrags_id",
            "utforare_orgnr",
            "utforare_enhet",
            "utforare_namn",
            "giltig_fran",
            "giltig_till",
        ],
    )
    .await?;
    let assignments = assignments.map(move |batch| {
        let batch = batch?;
        let mut found = Vec::new();
        for row in 0..batch.num_rows() {
            found.extend(of_assignment(&Rows(&batch), row, &services, today)?);
        }
        Ok(found)
    });
    let given = current(
        register.as_ref(),
        "tjanst",
        &["lanskod", "avtals_id", "uppdrags_id", "tjanst_id", "enhet", "giltig_fran", "giltig_till"],
    )
    .await?;
    let given = given.map(move |batch| {
        let batch = batch?;
        let services = (0..batch.num_rows()).map(|row| of_service(&Rows(&batch), row, today));
        services.filter_map(Result::transpose).collect()
    });
    let awards = current(
        register.as_ref(),
        "upphandling",
        &[
            "upphandlings_id",
            "anbudsomrade_id",
            "leverantor",
            "leverantor_namn",
            "leverantor_fysisk_person",
            "lanskod",
            "publicerad",
        ],
    )
    .await?;
    let awards = awards.map(move |batch| {
        let batch = batch?;
        let awards = (0..batch.num_rows()).map(|row| of_award(&Rows(&batch), row, today));
        awards.filter_map(Result::transpose).collect()
    });
    let waiting = waiting(register.as_ref()).await?;
    let waiting = stream::iter(waiting.chunks(AT_ONCE).map(|part| Ok(part.to_vec())).collect::<Vec<_>>());
    Ok(assignments.chain(given).chain(waiting).chain(awards).boxed())
}

async fn current(register: &dyn Register, table: &str, columns: &[&str]) -> Result<Batches> {
    let columns = Some(columns.iter().map(|name| (*name).to_owned()).collect());
    let question = Question { table: table.to_owned(), columns, believed: Believed::Current, ..Question::default() };
    Ok(register.read(&question).await?)
}

/// Within its period the day is today; else its nearest day.
fn day(from: Option<NaiveDate>, till: Option<NaiveDate>, today: NaiveDate) -> NaiveDate {
    match (from, till) {
        (_, Some(till)) if till <= today => till.checked_sub_days(Days::new(1)).unwrap_or(till),
        (Some(from), _) if from > today => from,
        _ => today,
    }
}

/// How many services hang on each assignment, by the hash of its key.
async fn services(register: &dyn Register) -> Result<HashMap<u64, u64>> {
    let mut found: HashMap<u64, u64> = HashMap::new();
    let mut batches = current(register, "tjanst", &["lanskod", "avtals_id", "uppdrags_id"]).await?;
    while let Some(batch) = batches.try_next().await? {
        let rows = Rows(&batch);
        for row in 0..batch.num_rows() {
            let key = joined(&rows, row, &["lanskod", "avtals_id", "uppdrags_id"])?;
            *found.entry(xxh3_64(key.as_bytes())).or_default() += 1;
        }
    }
    Ok(found)
}

fn joined(rows: &Rows<'_>, row: usize, columns: &[&str]) -> Result<String> {
    let parts: Vec<String> =
        columns.iter().map(|name| Ok(rows.text(name, row)?.unwrap_or_default())).collect::<Result<_>>()?;
    Ok(parts.join("/"))
}

fn of_assignment(rows: &Rows<'_>, row: usize, services: &HashMap<u64, u64>, today: NaiveDate) -> Result<Vec<Mention>> {
    let key = joined(rows, row, &["lanskod", "avtals_id", "uppdrags_id"])?;
    let number = rows.text("utforare_orgnr", row)?;
    // A person's name is not compared with anybody's.
    let person = number.as_deref().is_some_and(is_pseudonym);
    let name = if person { None } else { rows.text("utforare_namn", row)? };
    let region = rows.text("lanskod", row)?;
    let base = Mention {
        table: "uppdrag".to_owned(),
        weight: 1 + services.get(&xxh3_64(key.as_bytes())).copied().unwrap_or_default(),
        key,
        county: region.clone(),
        region,
        day: day(rows.day("giltig_fran", row)?, rows.day("giltig_till", row)?, today),
        ..Mention::default()
    };
    let mut found = Vec::new();
    if number.is_some() || name.is_some() {
        found.push(Mention {
            role: "utforare".to_owned(),
            wants: Some(Kind::Organisation),
            id: number.clone(),
            name: name.clone(),
            ..base.clone()
        });
    }
    let unit = rows.text("utforare_enhet", row)?;
    if unit.is_some() || name.is_some() {
        let guess = unit.is_none();
        let number = number.filter(|_| !person);
        let wants = Some(Kind::Unit);
        found.push(Mention { role: "utforare_enhet".to_owned(), wants, id: unit, number, name, guess, ..base });
    }
    Ok(found)
}

fn of_service(rows: &Rows<'_>, row: usize, today: NaiveDate) -> Result<Option<Mention>> {
    let Some(unit) = rows.text("enhet", row)? else { return Ok(None) };
    let region = rows.text("lanskod", row)?;
    Ok(Some(Mention {
        table: "tjanst".to_owned(),
        key: joined(rows, row, &["lanskod", "avtals_id", "uppdrags_id", "tjanst_id"])?,
        role: "enhet".to_owned(),
        county: region.clone(),
        region,
        wants: Some(Kind::Unit),
        id: Some(unit),
        day: day(rows.day("giltig_fran", row)?, rows.day("giltig_till", row)?, today),
        weight: 1,
        ..Mention::default()
    }))
}

fn of_award(rows: &Rows<'_>, row: usize, today: NaiveDate) -> Result<Option<Mention>> {
    if rows.flag("leverantor_fysisk_person", row)? {
        return Ok(None);
    }
    let region = rows.text("lanskod", row)?;
    Ok(Some(Mention {
        table: "upphandling".to_owned(),
        key: joined(rows, row, &["upphandlings_id", "anbudsomrade_id", "leverantor"])?,
        role: "leverantor".to_owned(),
        county: region.clone(),
        region,
        wants: Some(Kind::Organisation),
        name: rows.text("leverantor_namn", row)?,
        day: rows.day("publicerad", row)?.unwrap_or(today),
        weight: 1,
        ..Mention::default()
    }))
}

/// The units of the waiting-time statistics, region by region: as of the last month that they report.
async fn waiting(register: &dyn Register) -> Result<Vec<Mention>> {
    let mut units: BTreeMap<(String, String), (u64, String)> = BTreeMap::new();
    let mut batches = current(register, "vantetid", &["lanskod", "enhet", "manad"]).await?;
    while let Some(batch) = batches.try_next().await? {
        let rows = Rows(&batch);
        for row in 0..batch.num_rows() {
            let (Some(region), Some(unit)) = (rows.text("lanskod", row)?, rows.text("enhet", row)?) else { continue };
            let (count, month) = units.entry((region, unit)).or_default();
            *count += 1;
            *month = rows.text("manad", row)?.unwrap_or_default().max(std::mem::take(month));
        }
    }
    let mention = |((region, unit), (count, month)): ((String, String), (u64, String))| Mention {
        table: "vantetid".to_owned(),
        key: format!("{region}/{unit}"),
        role: "enhet".to_owned(),
        county: Some(region.clone()),
        region: Some(region),
        wants: Some(Kind::Unit),
        id: Some(unit),
        day: last_day(&month).unwrap_or_default(),
        weight: count,
        ..Mention::default()
    };
    Ok(units.into_iter().map(mention).collect())
}

/// The last day of a month, `2026-10`.
fn last_day(month: &str) -> Option<NaiveDate> {
    let first = NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok()?;
    let (year, next) = if first.month() == 12 { (first.year() + 1, 1) } else { (first.year(), first.month() + 1) };
    NaiveDate::from_ymd_opt(year, next, 1)?.pred_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_mention_speaks_of_its_own_time() {
        let today = on("2026-11-22");
        assert_eq!(day(None, None, today), today);
        assert_eq!(day(Some(on("2027-01-01")), None, today), on("2027-01-01"));
        assert_eq!(day(Some(on("2020-01-01")), Some(on("2024-01-01")), today), on("2023-12-31"));
        assert_eq!(last_day("2024-02"), Some(on("2024-02-29")));
        assert_eq!(last_day("2025-12"), Some(on("2025-12-31")));
        assert_eq!(last_day("okänd"), None);
    }
}
