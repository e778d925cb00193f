//! How the supplier is reached, from a contract's own columns: telephone numbers and addresses of functions.
//! A person's name is never drafted.

use sluss_schemas::say;
use sluss_schemas::table::Table;

use super::pair::{Found, Paired, Reach, pair};
use super::profile::{Kind, Profile};
use super::weigh::{Weight, percent};

/// The columns that are drafted.
const COLUMNS: [&str; 2] = ["telefon", "epost"];
/// Share of the filled cells that must hold one.
const MOSTLY: f64 = 0.5;

/// What contacts a contract's columns tell; none where they tell none.
pub(super) fn contact<'a>(table: &'a Table, reach: &[Reach<'_>]) -> Option<Paired<'a>> {
    // The orderer's, the units' and persons' own numbers are others'.
    let of_others = |one: &Reach<'_>| {
        let others = ["bestallare", "enhet", "plats", "person"];
        one.joins > 1
            || others.iter().any(|other| one.about.meanings.contains(other) || one.name.meanings.contains(other))
    };
    let mut paired = pair(table, reach, &[]);
    paired.found.retain(|found| {
        let wanted = table.column.get(found.column).is_some_and(|column| COLUMNS.contains(&column.name.as_str()));
        wanted && found.weight.confidence >= super::THRESHOLD && !reach.get(found.reach).is_none_or(of_others)
    });
    for (name, kind) in [("telefon", Kind::HoldsTelephone), ("epost", Kind::HoldsEmail)] {
        let Some(column) = table.position(name).filter(|_| paired.taken(name).is_none()) else { continue };
        let holds = reach
            .iter()
            .enumerate()
            .find(|(_, one)| one.joins == 0 && one.name.says("kontakt") && one.profile.share(kind) >= MOSTLY);
        let Some((reach, one)) = holds else { continue };
        let share = percent(one.profile.share(kind));
        let evidence = say!(
            "namnet (kontakt); {share} har en sådan uppgift inuti texten",
            "the name (kontakt); {share} have one within the text"
        );
        paired.found.push(Found { column, reach, weight: Weight { confidence: 0.7, evidence } });
    }
    paired.found.sort_by_key(|found| found.column);
    (!paired.found.is_empty()).then_some(paired)
}

/// The expression that takes a number or an address out of a text with more in it; none where it stands alone.
pub(super) fn within(column: &str, profile: &Profile, name: &str) -> Option<String> {
    let held = |alone: Kind, within: Kind| profile.share(alone) < MOSTLY && profile.share(within) >= MOSTLY;
    match column {
        "epost" if held(Kind::Email, Kind::HoldsEmail) => {
            Some(format!("regexp_match({name}, '[^ ,;<>()]+@[^ ,;<>()]+')[1]"))
        }
        "telefon" if held(Kind::Telephone, Kind::HoldsTelephone) => {
            Some(format!("trim(regexp_match({name}, '[+0][0-9][0-9 ()/-]{{5,}}')[1])"))
        }
        _ => None,
    }
}
