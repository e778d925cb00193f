//! The expression for one national column.

use std::fmt::Write as _;

use sluss_schemas::synonym::fold;
use sluss_schemas::table::{Column, Identifier, Kind as Type, VALID_TO};

use super::Ground;
use super::conditions;
use super::contact;
use super::pair::Paired;
use super::profile::{Kind, Profile};
use super::weigh::Wanted;

/// What stands in a column that has no source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// An expression.
    Sql(String),
    /// Nothing: the run computes it.
    ByTheRun,
}

/// What a column without a source can be made from; none where there is nothing.
pub(super) fn made<'p, 't: 'p>(
    ground: Ground<'_>,
    paired: &Paired<'_>,
    column: &str,
    others: impl Iterator<Item = &'p Paired<'t>>,
) -> Option<Made> {
    let table = paired.table;
    if let (Some(owner), Some(region)) = (&table.owner, ground.owner) {
        if owner == column {
            return Some(Made::Sql(literal(region.lanskod)));
        }
        if column == "bestallare_orgnr" {
            return Some(Made::Sql(literal(region.orgnr)));
        }
    }
    if let Some((_, value, _)) = paired.implied.iter().find(|(name, ..)| name == column) {
        return Some(Made::Sql(literal(value)));
    }
    if column == "beskrivning"
        && let Some((_, value, _)) = paired.implied.iter().find(|(name, ..)| name == "kod")
    {
        return Some(Made::Sql(literal(told(value))));
    }
    if !paired.spread.is_empty() {
        return conditions::spread_column(column).map(Made::Sql).or_else(|| by_the_run(paired, column, others));
    }
    by_the_run(paired, column, others)
}

fn by_the_run<'p, 't: 'p>(
    paired: &Paired<'_>,
    column: &str,
    mut others: impl Iterator<Item = &'p Paired<'t>>,
) -> Option<Made> {
    let table = paired.table;
    match (table.name.as_str(), column) {
        // The kind in the source's own words, where it has no text.
        ("villkor" | "malgrupp", "beskrivning") if paired.divided && paired.taken("kod").is_some() => {
            return Some(Made::ByTheRun);
        }
        ("kontakt", "agare_typ" | "syfte") => return Some(Made::Sql(literal("avtal"))),
        // A source without commissions has one for each contract.
        ("uppdrag", "uppdrags_id") => return Some(Made::Sql(literal("1"))),
        (_, "uppdrags_id") => {
            let parent = others.find(|other| other.table.name == "uppdrag");
            return parent.is_none_or(|p| p.taken(column).is_none()).then(|| Made::Sql(literal("1")));
        }
        ("enhet", "typ") => return Some(Made::Sql(literal("real"))),
        ("plats", "platstyp") => return Some(Made::Sql(literal("besok"))),
        _ => {}
    }
    let own = table.identity().is_some_and(|(id, _)| id.name == column);
    own.then_some(Made::ByTheRun)
}

/// The text of a condition or a target group that a column's name implies.
pub(super) fn told(value: &str) -> &str {
    match value {
        "remisskrav" => "Remiss krävs",
        "volymtak" => "Högsta volym",
        "betalningsforbindelse" => "Betalningsförbindelse krävs",
        "alder" => "Ålder",
        "kon" => "Kön",
        "bmi" => "BMI",
        "asa" => "ASA-klass",
        other => other,
    }
}

/// The expression that reads a source column for a national one. Where the column's name implies a value
/// and it says yes or no, the value stands where it says yes.
pub(super) fn expression(wanted: &Wanted<'_>, profile: &Profile, source: &str, implied: Option<&str>) -> String {
    let column = wanted.column;
    let name = quoted(source);
    if let Some(value) = implied {
        return format!("CASE WHEN ja_nej({name}) THEN {} END", literal(value));
    }
    if let Some(within) = contact::within(&column.name, profile, &name) {
        return within;
    }
    let text = match (profile.is_text(), profile.is_padded()) {
        (true, false) => name.clone(),
        (true, true) => format!("rtrim({name})"),
        (false, _) => format!("CAST({name} AS VARCHAR)"),
    };
    match column.kind {
        Type::Date if profile.share(Kind::Week) > profile.share(Kind::Date) => {
            let monday = format!("vecka({name})");
            if is_last_day(column) { format!("{monday} + INTERVAL '7 day'") } else { monday }
        }
        Type::Date => {
            let date = match profile.date_form() {
                Some(form) => format!("datum({name}, '{form}')"),
                None => format!("datum({name})"),
            };
            if is_last_day(column) { format!("{date} + INTERVAL '1 day'") } else { date }
        }
        Type::Timestamp => format!("tidpunkt({name})"),
        Type::Integer => format!("heltal({name})"),
        Type::Decimal(_, 2) => format!("decimal({name}){}", times(&profile.name)),
        Type::Decimal(_, scale) => format!("decimal({name}, {scale})"),
        Type::Float => format!("decimal({name}, 9)"),
        Type::Boolean => format!("ja_nej({name})"),
        Type::Text if !wanted.words().is_empty() => translated(wanted, profile, &text),
        Type::Text => read(column, profile, &name, text),
    }
}

/// Amounts in thousands or millions, by the column's name.
fn times(name: &str) -> &'static str {
    let folded = fold(name);
    let says = |unit: &str| folded.split(|c: char| !c.is_alphanumeric()).any(|part| part.ends_with(unit));
    if says("tkr") {
        " * 1000"
    } else if says("mkr") || says("msek") {
        " * 1000000"
    } else {
        ""
    }
}

/// Whether a date is the first day after, which sources seldom have.
pub(super) fn is_last_day(column: &Column) -> bool {
    column.kind == Type::Date && (column.name == VALID_TO || column.name.ends_with("_till"))
}

fn read(column: &Column, profile: &Profile, name: &str, text: String) -> String {
    if matches!(column.identifier, Some(Identifier::Lanskod)) {
        return format!("lanskod({name})");
    }
    let Some(code) = &column.code else { return text };
    let (whole, first) = profile.codes(&code.system);
    if let Some((from, share)) = profile.crosswalk(&code.system)
        && share > whole.max(first).max(0.3)
    {
        return format!("kod({}, {text})", literal(from));
    }
    let formed = match code.system.as_str() {
        "kva" => profile.share(Kind::KvaFirst) > profile.share(Kind::Kva) + 0.2,
        "icd10se" => profile.share(Kind::IcdFirst) > profile.share(Kind::Icd) + 0.2,
        _ => false,
    };
    let labelled = formed || first > whole + 0.2 || (code.system == "cpv" && profile.length() > 12.0);
    let text = if labelled { format!("split_part({text}, ' ', 1)") } else { text };
    match code.system.as_str() {
        "kva" => format!("kva({text})"),
        "icd10se" => format!("icd10({text})"),
        _ => text,
    }
}

/// The source's words for a column's few values. Every word of the dictionary for a value that occurs is
/// listed, so that the draft does not tell which of them stands in the source.
fn translated(wanted: &Wanted<'_>, profile: &Profile, text: &str) -> String {
    let own: Vec<&str> = wanted.words().iter().map(|(value, _)| value.as_str()).collect();
    if profile.filled > 0 && profile.as_written(&own) >= 1.0 {
        return text.to_owned();
    }
    let mut out = String::from("CASE");
    let mut any = false;
    for (value, words) in wanted.words() {
        let list: Vec<&str> = words.iter().map(String::as_str).collect();
        if profile.words(&list) > 0.0 {
            let list: Vec<String> = list.into_iter().map(literal).collect();
            let (list, value) = (list.join(", "), literal(value));
            // Writing to a string cannot fail.
            let _ = write!(out, "\n        WHEN lower(trim({text})) IN ({list}) THEN {value}");
            any = true;
        }
    }
    if any { format!("{out}\n        ELSE {text}\n    END") } else { text.to_owned() }
}

/// The rows of the source that have what the table is about, where its rows are others' too.
pub(super) fn condition(paired: &Paired<'_>, profile: &Profile, source: &str) -> Option<String> {
    let child = ["villkor", "malgrupp"].contains(&paired.table.name.as_str());
    let name = quoted(source);
    child.then(|| {
        if answers(profile) && !paired.implied.is_empty() {
            format!("WHERE ja_nej({name})")
        } else if paired.divided {
            conditions::divided(&paired.table.name, source)
        } else if profile.is_text() {
            format!("WHERE trim({name}) <> ''")
        } else {
            format!("WHERE {name} IS NOT NULL")
        }
    })
}

/// Whether a column says yes or no.
pub(super) fn answers(profile: &Profile) -> bool {
    profile.distinct <= 4 && profile.share(Kind::Boolean) >= 0.8
}

/// A name as SQL takes it whatever it is.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
