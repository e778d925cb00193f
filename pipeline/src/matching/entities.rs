//! What the register knows of organisations and units, their earlier names and places included, and of what
//! has replaced what.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, StringViewArray};
use arrow::datatypes::{Date32Type, Int64Type};
use chrono::NaiveDate;
use futures::TryStreamExt;
use sluss_schemas::say;

use super::score::Whose;
use super::{Called, Entity, Kind, Placed, Replaced, Successions};
use crate::error::{PipelineError, Result};
use crate::keys::is_pseudonym;
use crate::register::{Batches, Believed, Question, Register};

/// One slice of an entity's history.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "as the register's own columns have it")]
struct Told {
    /// What its source says now.
    live: bool,
    /// It is believed now, of some day.
    believed: bool,
    from: Option<NaiveDate>,
    till: Option<NaiveDate>,
    names: Vec<String>,
    number: Option<String>,
    kommun: Option<String>,
    county: Option<String>,
    person: bool,
    /// Test and fictitious units are nobody.
    real: bool,
}

/// Organisations and units with their history, and all successions.
pub async fn world(register: &dyn Register) -> Result<(Vec<Entity>, Successions)> {
    let places = places(register).await?;
    let none = BTreeMap::new();
    let mut entities = entities(register, Kind::Organisation, &none).await?;
    entities.extend(self::entities(register, Kind::Unit, &places).await?);
    Ok((entities, Successions::new(replaced(register).await?)))
}

async fn entities(
    register: &dyn Register,
    kind: Kind,
    places: &BTreeMap<String, Vec<(Placed, Option<String>)>>,
) -> Result<Vec<Entity>> {
    let own: &[&str] = match kind {
        Kind::Organisation => &["orgnr", "enskild"],
        Kind::Unit => &["hsa_id", "orgnr", "typ"],
    };
    let shared = ["namn", "alias", "lanskod", "kommunkod", "giltig_fran", "giltig_till", "_aktuell", "_seq_till"];
    let mut told: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    let mut batches = ever(register, kind.table(), &[own, &shared].concat()).await?;
    while let Some(batch) = batches.try_next().await? {
        let rows = Rows(&batch);
        for row in 0..batch.num_rows() {
            let key = if kind == Kind::Organisation { "orgnr" } else { "hsa_id" };
            let Some(id) = rows.text(key, row)? else { continue };
            let person = kind == Kind::Organisation && (is_pseudonym(&id) || rows.flag("enskild", row)?);
            let names = [rows.text("namn", row)?, rows.text("alias", row)?];
            let typ = if kind == Kind::Unit { rows.text("typ", row)? } else { None };
            told.entry(id).or_default().push(Told {
                live: rows.flag("_aktuell", row)?,
                believed: rows.open("_seq_till", row)?,
                from: rows.day("giltig_fran", row)?,
                till: rows.day("giltig_till", row)?,
                names: if person { Vec::new() } else { names.into_iter().flatten().collect() },
                number: if kind == Kind::Unit { rows.text("orgnr", row)? } else { None },
                kommun: rows.text("kommunkod", row)?,
                county: rows.text("lanskod", row)?,
                person,
                real: !typ.is_some_and(|typ| matches!(typ.as_str(), "test" | "fiktiv")),
            });
        }
    }
    Ok(told.into_iter().filter_map(|(id, told)| entity(kind, id, &told, places)).collect())
}

fn entity(
    kind: Kind,
    id: String,
    told: &[Told],
    places: &BTreeMap<String, Vec<(Placed, Option<String>)>>,
) -> Option<Entity> {
    let believed = || told.iter().filter(|told| told.believed);
    // What its source says, or the last of what it said.
    let now = believed().find(|told| told.live).or_else(|| believed().max_by_key(|told| told.from))?;
    if !now.real {
        return None;
    }
    let mut names: Vec<Called> =
        now.names.iter().map(|name| Called { name: name.clone(), whose: Whose::Own }).collect();
    let earlier = told.iter().flat_map(|told| &told.names).filter(|name| !now.names.contains(name));
    names.extend(earlier.map(|name| Called { name: name.clone(), whose: Whose::Earlier }));
    let placed = |told: &Told, earlier: bool| {
        told.kommun.clone().map(|kommun| Placed { kommun: Some(kommun), town: None, earlier })
    };
    let mut at: Vec<Placed> = placed(now, false).into_iter().collect();
    at.extend(told.iter().filter(|told| told.kommun != now.kommun).filter_map(|told| placed(told, true)));
    let mut counties: Vec<String> = now.county.clone().into_iter().collect();
    for (place, county) in places.get(&id).into_iter().flatten() {
        at.push(place.clone());
        counties.extend(county.clone().filter(|_| !place.earlier));
    }
    // Where it is now it is not only earlier.
    let here: Vec<Placed> = at.iter().filter(|place| !place.earlier).cloned().collect();
    at.retain(|place| {
        !place.earlier || !here.iter().any(|here| here.kommun == place.kommun && here.town == place.town)
    });
    names.sort();
    names.dedup();
    at.sort();
    at.dedup();
    counties.sort();
    counties.dedup();
    Some(Entity {
        kind,
        number: if kind == Kind::Organisation { Some(id.clone()) } else { now.number.clone() },
        id,
        names,
        places: at,
        counties,
        from: believed().map(|told| told.from).min().flatten(),
        till: now.till,
        person: now.person,
    })
}

/// The units' visiting addresses: place, and county.
async fn places(register: &dyn Register) -> Result<BTreeMap<String, Vec<(Placed, Option<String>)>>> {
    let columns = ["enhet", "platstyp", "kommunkod", "postort", "lanskod", "_aktuell", "_seq_till"];
    let mut found: BTreeMap<String, Vec<(Placed, Option<String>)>> = BTreeMap::new();
    let mut batches = ever(register, "plats", &columns).await?;
    while let Some(batch) = batches.try_next().await? {
        let rows = Rows(&batch);
        for row in 0..batch.num_rows() {
            let Some(unit) = rows.text("enhet", row)? else { continue };
            if rows.text("platstyp", row)?.as_deref() != Some("besok") {
                continue;
            }
            let earlier = !(rows.flag("_aktuell", row)? && rows.open("_seq_till", row)?);
            let place = Placed { kommun: rows.text("kommunkod", row)?, town: rows.text("postort", row)?, earlier };
            found.entry(unit).or_default().push((place, rows.text("lanskod", row)?));
        }
    }
    Ok(found)
}

/// The successions that are believed now. `fran` replaces or follows `till`.
async fn replaced(register: &dyn Register) -> Result<Vec<Replaced>> {
    let columns = ["objekt", "fran", "typ", "till", "giltig_fran", "giltig_till"].map(str::to_owned);
    let mut found = Vec::new();
    let mut batches = register.scan("relation", Some(&columns), None).await?;
    while let Some(batch) = batches.try_next().await? {
        let rows = Rows(&batch);
        for row in 0..batch.num_rows() {
            let kind = match rows.text("objekt", row)?.as_deref() {
                Some("enhet") => Kind::Unit,
                Some("organisation") => Kind::Organisation,
                _ => continue,
            };
            let follows = matches!(rows.text("typ", row)?.as_deref(), Some("ersatter" | "efterfoljer"));
            let (Some(new), Some(old)) = (rows.text("fran", row)?, rows.text("till", row)?) else { continue };
            if follows {
                let (from, till) = (rows.day("giltig_fran", row)?, rows.day("giltig_till", row)?);
                found.push(Replaced { kind, old, new, from, till });
            }
        }
    }
    Ok(found)
}

async fn ever(register: &dyn Register, table: &str, columns: &[&str]) -> Result<Batches> {
    let columns = Some(columns.iter().map(|name| (*name).to_owned()).collect());
    let question = Question { table: table.to_owned(), columns, believed: Believed::Ever, ..Question::default() };
    Ok(register.read(&question).await?)
}

/// Cells of a batch by their columns' names.
pub(super) struct Rows<'b>(pub(super) &'b RecordBatch);

impl Rows<'_> {
    fn column(&self, name: &str) -> Result<&dyn Array> {
        let missing =
            || PipelineError::us(say!("kolumnen {name} saknas i svaret", "the answer lacks the column {name}"));
        Ok(self.0.column_by_name(name).ok_or_else(missing)?.as_ref())
    }

    pub(super) fn text(&self, name: &str, row: usize) -> Result<Option<String>> {
        let texts: Option<&StringViewArray> = self.column(name)?.as_string_view_opt();
        let texts = texts.filter(|texts| !texts.is_null(row));
        Ok(texts.map(|texts| texts.value(row).to_owned()))
    }

    pub(super) fn flag(&self, name: &str, row: usize) -> Result<bool> {
        let flags: Option<&BooleanArray> = self.column(name)?.as_boolean_opt();
        Ok(flags.is_some_and(|flags| flags.is_valid(row) && flags.value(row)))
    }

    pub(super) fn day(&self, name: &str, row: usize) -> Result<Option<NaiveDate>> {
        let days = self.column(name)?.as_primitive_opt::<Date32Type>();
        Ok(days.filter(|days| days.is_valid(row)).and_then(|days| days.value_as_date(row)))
    }

    fn open(&self, name: &str, row: usize) -> Result<bool> {
        Ok(self.column(name)?.as_primitive_opt::<Int64Type>().is_some_and(|numbers| numbers.is_null(row)))
    }
}
