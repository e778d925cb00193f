//! Rows that the source keeps although they are deleted: a named filter, so that each is counted.

use sluss_schemas::say;
use sluss_schemas::synonym::Name;

use super::Filter;
use super::profile::{Kind, Profile};
use super::sql::{answers, quoted};

/// Whether a column says that its row is deleted.
pub(super) fn is_deleted(name: &Name, profile: &Profile) -> bool {
    name.says("borttagen") && profile.distinct > 0 && condition(profile, "").is_some()
}

/// The condition that is true of deleted rows.
fn condition(profile: &Profile, source: &str) -> Option<String> {
    let name = quoted(source);
    if profile.distinct <= 3 && (answers(profile) || profile.share(Kind::Boolean) >= 0.5) {
        Some(format!("ja_nej({name})"))
    } else if profile.share(Kind::Date).max(profile.share(Kind::Instant)) >= 0.8 {
        let text = profile.is_text();
        Some(if text { format!("trim({name}) <> ''") } else { format!("{name} IS NOT NULL") })
    } else {
        None
    }
}

/// The filter that a column makes; `of` is its table, where several have one.
pub(super) fn filter(profile: &Profile, source: &str, of: Option<&str>) -> Option<Filter> {
    let condition = condition(profile, source)?;
    let (filled, rows, column) = (profile.filled, profile.rows, &profile.name);
    let name = match of {
        Some(of) => format!(
            "borttagna_{}",
            of.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect::<String>().to_lowercase()
        ),
        None => "borttagna".to_owned(),
    };
    Some(Filter {
        name,
        condition,
        evidence: say!(
            "namnet {column}; {filled} av {rows} ifyllda. Läs igenom: raderna den är sann för lämnas utanför",
            "the name {column}; {filled} of {rows} filled. Read it through: rows that it is true of are left out"
        ),
    })
}
