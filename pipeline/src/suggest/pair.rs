//! Which source column goes to which national column of a table: the surest pairs first, each once.

use sluss_schemas::say;
use sluss_schemas::synonym::{About, Meaning, Name, dictionary};
use sluss_schemas::table::{Table, VALID_FROM, VALID_TO};

use super::conditions::Part;
use super::infer::infer;
use super::profile::{Kind, Profile};
use super::sql::answers;
use super::weigh::{Wanted, Weight};

/// Columns that most tables share tell little about which one a source feeds.
const COMMON: [&str; 4] = ["lanskod", VALID_FROM, VALID_TO, "beskrivning"];

/// A source column as it stands in reach of a table: from where, and how near.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach<'a> {
    pub(super) profile: &'a Profile,
    pub(super) name: &'a Name,
    pub(super) about: &'a Name,
    /// Joins on the way: what stands nearer goes first.
    pub(super) joins: u32,
    /// Points at another table's key: says less by itself.
    pub(super) points: bool,
    /// A table above has it already, for something that is its own.
    pub(super) claimed: bool,
    /// A running number that tables are joined by: at most somebody's id.
    pub(super) technical: bool,
}

/// A source column (its place among those in reach) for a national one.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) column: usize,
    pub(super) reach: usize,
    pub(super) weight: Weight,
}

/// What a table finds in reach.
#[derive(Debug)]
pub(super) struct Paired<'a> {
    pub(super) table: &'a Table,
    /// The surest source column of each national one, in the table's order.
    pub(super) found: Vec<Found>,
    /// National columns whose value the name of another's source tells, the value, and that source.
    pub(super) implied: Vec<(String, &'static str, usize)>,
    /// Conditions that stand in columns and become a row each.
    pub(super) spread: Vec<Part>,
    /// Rows of another table stand among its own.
    pub(super) divided: bool,
}

/// Pairs a table's columns with those in reach. `fixed` has gone before: national column, place in reach.
pub(super) fn pair<'a>(table: &'a Table, reach: &[Reach<'_>], fixed: &[(String, usize)]) -> Paired<'a> {
    let dictionary = dictionary();
    let national: Vec<Meaning> = dictionary.about(&table.name);
    let mut all = Vec::new();
    for (column, wanted) in table.column.iter().enumerate() {
        let wanted = Wanted::new(dictionary, table, wanted);
        for (at, one) in reach.iter().enumerate() {
            let about = About { source: one.about, national: &national };
            let weighed = wanted.weigh(dictionary, one.profile, one.name, about);
            let implied = implies(&table.name, &wanted.column.name, one);
            let surest = [weighed, implied].into_iter().flatten().max_by(|a, b| a.confidence.total_cmp(&b.confidence));
            let Some(mut weight) = surest else { continue };
            weight.confidence *= 0.93_f64.powi(i32::try_from(one.joins).unwrap_or(i32::MAX));
            if one.points {
                weight.confidence *= 0.9;
            }
            if one.claimed {
                weight.confidence *= 0.6;
            }
            let no_id = one.technical && !wanted.column.name.ends_with("_id");
            if no_id || forbidden(one) || weight.confidence < super::WORTHLESS {
                continue;
            }
            if fixed.iter().any(|(name, place)| *name == wanted.column.name && *place == at) {
                weight.confidence = weight.confidence.max(0.95);
            }
            all.push(Found { column, reach: at, weight });
        }
    }
    all.sort_by(|a, b| {
        let order = b.weight.confidence.total_cmp(&a.weight.confidence);
        order.then_with(|| (a.column, a.reach).cmp(&(b.column, b.reach)))
    });
    let is_fixed = |found: &Found| {
        let name = table.column.get(found.column).map(|c| c.name.as_str()).unwrap_or_default();
        fixed.iter().any(|(known, place)| known == name && *place == found.reach)
    };
    all.sort_by_key(|found| !is_fixed(found));
    let mut taken: Vec<Found> = Vec::new();
    for found in all {
        if !taken.iter().any(|known| known.column == found.column || known.reach == found.reach) {
            taken.push(found);
        }
    }
    taken.sort_by_key(|found| found.column);
    let mut paired = Paired { table, found: taken, implied: Vec::new(), spread: Vec::new(), divided: false };
    infer(&mut paired, reach);
    independent(&mut paired, reach);
    let implied = table.column.iter().filter_map(|column| {
        let mut sure = paired.found.iter().filter(|found| found.weight.confidence >= super::THRESHOLD);
        sure.find_map(|found| {
            let name = reach.get(found.reach)?.name;
            Some((column.name.clone(), dictionary.implied(&table.name, &column.name, name)?, found.reach))
        })
    });
    paired.implied = implied.collect();
    paired
}

/// What a column's name implies: a column that says yes or no is the condition, one with numbers its limit.
fn implies(table: &str, column: &str, one: &Reach<'_>) -> Option<Weight> {
    dictionary().implied(table, "kod", one.name).filter(|_| one.joins == 0)?;
    let least = one.name.meanings.iter().any(|m| ["min", "start"].contains(m));
    let numbers = one.profile.share(Kind::Decimal) >= 0.8 && !answers(one.profile);
    let fits = match column {
        "kod" => answers(one.profile),
        "varde_min" => numbers && least,
        "varde_max" => numbers && !least,
        _ => false,
    };
    let (filled, rows) = (one.profile.filled, one.profile.rows);
    let meanings = one.name.meanings.join(", ");
    fits.then(|| Weight {
        confidence: 0.8,
        evidence: say!(
            "namnet ({meanings}); {filled} av {rows} ifyllda",
            "the name ({meanings}); {filled} of {rows} filled"
        ),
    })
}

/// Where the source has several rows for one of the table's, a column that differs among them is not the
/// table's own: it is taken away.
fn independent(paired: &mut Paired<'_>, reach: &[Reach<'_>]) {
    let table = paired.table;
    let at = |found: &Found| reach.get(found.reach);
    let keys: Vec<Found> = table.key.iter().filter_map(|key| paired.taken(key).cloned()).collect();
    let profiles: Vec<&Profile> = keys.iter().filter_map(|key| Some(at(key)?.profile)).collect();
    let repeated = !profiles.is_empty() && profiles.iter().all(|p| (p.distinct as u64) < p.filled);
    // The last part of a key that is not there is made for each row.
    let whole = table.key.last().is_some_and(|own| paired.taken(own).is_some() || own == "uppdrags_id");
    if repeated && whole && keys.iter().all(|key| at(key).is_some_and(|one| one.joins == 0)) {
        paired.found.retain(|found| {
            let is_key = keys.iter().any(|key| key.column == found.column);
            is_key || at(found).is_some_and(|one| one.joins > 0 || one.profile.depends_on(&profiles))
        });
    }
}

/// Personal numbers are never mapped; sole traders' stand among organisation numbers.
fn forbidden(one: &Reach<'_>) -> bool {
    one.name.meanings.contains(&"personnummer")
        || !is_telephone(one.name, one.profile)
            && (one.profile.part(one.profile.persons) >= 0.5 || one.profile.part(one.profile.with_person) >= 0.5)
}

/// Whether a column holds telephone numbers and is called so: ten digits may be a person's number too.
pub(super) fn is_telephone(name: &Name, profile: &Profile) -> bool {
    name.says("telefon") && profile.share(Kind::Telephone) >= 0.5
}

impl Paired<'_> {
    /// The source column that is taken for a national one.
    pub(super) fn taken(&self, column: &str) -> Option<&Found> {
        let place = self.table.position(column)?;
        self.found.iter().find(|found| found.column == place && found.weight.confidence >= super::THRESHOLD)
    }

    /// What tells this table from others: the sum of the confidence of columns that few tables have.
    pub(super) fn score(&self) -> f64 {
        let parent = self.table.parent.as_ref().map(|p| p.columns.as_slice()).unwrap_or_default();
        let telling =
            self.found.iter().filter(|found| found.weight.confidence >= super::THRESHOLD).filter_map(|found| {
                let column = self.table.column.get(found.column)?;
                let named = column.name == "beskrivning" && !parent.is_empty() && found.weight.confidence >= 0.75;
                let common = (COMMON.contains(&column.name.as_str()) && !named) || parent.contains(&column.name);
                Some(found.weight.confidence * if common { 0.1 } else { 1.0 })
            });
        telling.sum()
    }
}
