//! Conditions and target groups: in rows of their own (a kind, a text, limits), or spread over a service's
//! columns (lowest age, highest age, sex, referral), which become a row each.

use std::fmt::Write as _;

use sluss_schemas::say;
use sluss_schemas::synonym::dictionary;
use sluss_schemas::table::Table;

use super::pair::{Found, Paired, Reach};
use super::profile::Kind;
use super::sql::{answers, literal, quoted, told};
use super::weigh::Weight;

/// The two tables that rows of conditions are divided between.
pub(super) const BOTH: [&str; 2] = ["villkor", "malgrupp"];
/// What the drafted SQL calls the condition of a row.
pub(super) const EACH: &str = "vart";

/// The other of the two.
pub(super) fn sibling(table: &str) -> Option<&'static str> {
    match table {
        "villkor" => Some("malgrupp"),
        "malgrupp" => Some("villkor"),
        _ => None,
    }
}

/// A condition that stands in columns of its own: their places in reach.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Part {
    /// The national kind.
    pub(super) code: &'static str,
    pub(super) least: Option<usize>,
    pub(super) most: Option<usize>,
    pub(super) value: Option<usize>,
    pub(super) answer: Option<usize>,
}

impl Part {
    /// The columns that it is read from.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        [self.answer, self.least, self.most, self.value].into_iter().flatten()
    }
}

/// The conditions that columns of the row itself tell; none where one column tells one, which needs no spreading.
pub(super) fn spread(table: &Table, reach: &[Reach<'_>]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    if !BOTH.contains(&table.name.as_str()) {
        return parts;
    }
    for (at, one) in reach.iter().enumerate().filter(|(_, one)| one.joins == 0 && one.profile.filled > 0) {
        let Some(code) = dictionary().implied(&table.name, "kod", one.name) else { continue };
        let at_place = parts.iter().position(|part| part.code == code).unwrap_or(parts.len());
        if at_place == parts.len() {
            parts.push(Part { code, ..Part::default() });
        }
        let Some(part) = parts.get_mut(at_place) else { continue };
        let says = |meanings: &[&'static str]| meanings.iter().any(|meaning| one.name.says(meaning));
        let numbers = one.profile.share(Kind::Decimal) >= 0.8;
        let place = if answers(one.profile) && ["remisskrav", "betalningsforbindelse"].contains(&code) {
            &mut part.answer
        } else if code == "kon" {
            &mut part.value
        } else if numbers && says(&["min", "start"]) {
            &mut part.least
        } else if numbers {
            &mut part.most
        } else {
            continue;
        };
        place.get_or_insert(at);
    }
    parts.retain(|part| part.places().next().is_some());
    let columns = parts.iter().flat_map(Part::places).count();
    if columns > 1 { parts } else { Vec::new() }
}

/// Where a part has its source column, if it has one.
type PartColumn = fn(&Part) -> Option<usize>;

/// The pairs that the spreading makes, for the account of what was found.
pub(super) fn spread_over(paired: &mut Paired<'_>, reach: &[Reach<'_>], parts: Vec<Part>) {
    let table = paired.table;
    let roles: [(&str, PartColumn); 4] = [
        ("kod", |part| part.answer),
        ("varde_min", |part| part.least),
        ("varde_max", |part| part.most),
        ("varde_kod", |part| part.value),
    ];
    let own = ["kod", "beskrivning", "varde_min", "varde_max", "varde_kod", "matt"];
    let places: Vec<usize> = own.iter().filter_map(|name| table.position(name)).collect();
    let used: Vec<usize> = parts.iter().flat_map(Part::places).collect();
    paired.found.retain(|found| !places.contains(&found.column) && !used.contains(&found.reach));
    for (name, place) in roles {
        let (Some(column), Some(at)) = (table.position(name), parts.iter().find_map(place)) else { continue };
        let Some(one) = reach.get(at) else { continue };
        let (meanings, filled, rows) = (one.name.meanings.join(", "), one.profile.filled, one.profile.rows);
        let evidence = say!(
            "namnet ({meanings}); {filled} av {rows} ifyllda; en rad av varje kolumn",
            "the name ({meanings}); {filled} of {rows} filled; a row of each column"
        );
        paired.found.push(Found { column, reach: at, weight: Weight { confidence: 0.8, evidence } });
    }
    paired.found.sort_by_key(|found| found.column);
    paired.spread = parts;
}

/// The expression of a column that the spreading makes.
pub(super) fn spread_column(column: &str) -> Option<String> {
    let field = |name: &str| format!("{EACH}['{name}']");
    Some(match column {
        "kod" => field("kod"),
        "beskrivning" => field("text"),
        "varde_min" => format!("decimal({})", field("minst")),
        "varde_max" => format!("decimal({})", field("hogst")),
        "varde_kod" => field("varde"),
        _ => return None,
    })
}

/// `FROM` and `WHERE` of a table that is spread: the source's rows, once for each condition.
pub(super) fn spread_from(parts: &[Part], name: impl Fn(usize) -> String) -> String {
    let mut out = String::from("FROM (\n    SELECT *, unnest(make_array(");
    for (at, part) in parts.iter().enumerate() {
        let text = |place: Option<usize>| match place {
            Some(place) => format!("CAST({} AS VARCHAR)", quoted(&name(place))),
            None => "CAST(NULL AS VARCHAR)".to_owned(),
        };
        let filled: Vec<String> = [part.least, part.most, part.value]
            .into_iter()
            .flatten()
            .map(|place| format!("trim({}) <> ''", text(Some(place))))
            .chain(part.answer.map(|place| format!("ja_nej({})", quoted(&name(place)))))
            .collect();
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "{}\n        named_struct('kod', CASE WHEN {} THEN {} END, 'text', {},\n            'minst', {}, 'hogst', {},\n            'varde', {})",
            if at == 0 { "" } else { "," },
            filled.join(" OR "),
            literal(part.code),
            literal(told(part.code)),
            text(part.least),
            text(part.most),
            if part.code == "kon" { sex(&text(part.value)) } else { text(part.value) },
        );
    }
    let _ = write!(out, "\n    )) AS {EACH} FROM source\n)\nWHERE {EACH}['kod'] IS NOT NULL");
    out
}

/// The words for the sexes, whatever the source writes.
fn sex(text: &str) -> String {
    format!(
        "CASE WHEN lower(trim({text})) IN ('m', 'man', 'män', 'male') THEN 'man' WHEN lower(trim({text})) IN ('k', 'kvinna', 'kvinnor', 'f', 'female') THEN 'kvinna' ELSE {text} END"
    )
}

/// Which of a source's rows are the table's, where rows of both kinds stand together: by the words of the
/// dictionary for kinds of target groups.
pub(super) fn divided(table: &str, source: &str) -> String {
    let values = dictionary().values("malgrupp", "kod");
    let words = values.iter().filter(|(value, _)| *value != "annat").flat_map(|(value, words)| {
        std::iter::once((*value).to_owned()).chain(words.iter().map(|word| (*word).to_owned()))
    });
    let mut words: Vec<String> = words.collect();
    words.sort();
    words.dedup();
    let words = words.iter().map(|word| literal(word)).collect::<Vec<_>>().join(", ");
    let not = if table == "villkor" { "NOT " } else { "" };
    format!("WHERE lower(trim(CAST({} AS VARCHAR))) {not}IN ({words})", quoted(source))
}
