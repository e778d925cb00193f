//! What is told by what the rest leaves: two days of which the first is never the later, and the one text of a
//! row that must have one.
//!
//! Used only where no name and no content has told the column, and never above [`SURE`].

use sluss_schemas::message::Message;
use sluss_schemas::say;
use sluss_schemas::synonym::{Meaning, dictionary};
use sluss_schemas::table::{Table, VALID_FROM, VALID_TO};

use super::pair::{Found, Paired, Reach};
use super::profile::Kind;
use super::weigh::Weight;

/// How sure such a pair is.
const SURE: f64 = 0.6;
/// Share of the rows in which one day must not be after the other.
const IN_ORDER: f64 = 0.95;

/// Columns that a row must be described by.
const TEXTS: [(&str, &str); 4] =
    [("avtal", "titel"), ("tjanst", "beskrivning"), ("villkor", "beskrivning"), ("malgrupp", "beskrivning")];

/// Adds what can be inferred.
pub(super) fn infer(paired: &mut Paired<'_>, reach: &[Reach<'_>]) {
    days(paired, reach);
    if let Some((_, column)) = TEXTS.iter().find(|(table, _)| *table == paired.table.name) {
        text(paired, reach, column);
    }
}

/// The first and the last day.
fn days(paired: &mut Paired<'_>, reach: &[Reach<'_>]) {
    const OTHER: [Meaning; 8] =
        ["andrad", "skapad", "tecknat", "beslut", "option", "sekretess", "uppsagning", "borttagen"];
    let table = paired.table;
    let (Some(from), Some(till)) = (table.position(VALID_FROM), table.position(VALID_TO)) else { return };
    if paired.taken(VALID_FROM).is_some() {
        return;
    }
    let is_day = |one: &Reach<'_>| one.profile.share(Kind::Date).max(one.profile.share(Kind::Week)) >= 0.8;
    let free: Vec<usize> = reach
        .iter()
        .enumerate()
        .filter(|(at, one)| one.joins == 0 && !one.points && is_day(one) && !is_used(paired, *at))
        .filter(|(_, one)| !OTHER.iter().any(|other| one.name.meanings.contains(other)))
        .map(|(at, _)| at)
        .collect();
    let in_order = |a: usize, b: usize| match (reach.get(a), reach.get(b)) {
        (Some(a), Some(b)) => a.profile.filled >= b.profile.filled && a.profile.not_after(b.profile) >= IN_ORDER,
        _ => false,
    };
    let evidence = || {
        say!(
            "två datum i samma rad, och det här är aldrig det senare av dem",
            "two dates in a row, and this is never the later of them"
        )
    };
    if let Some(last) = paired.taken(VALID_TO).map(|found| found.reach) {
        if let Some(first) = free.iter().copied().find(|at| in_order(*at, last)) {
            put(paired, from, first, evidence());
        }
        return;
    }
    let pairs = free.iter().enumerate().flat_map(|(at, a)| free.iter().skip(at + 1).map(move |b| (*a, *b)));
    if let Some((first, last)) = pairs.into_iter().find(|(a, b)| in_order(*a, *b)) {
        put(paired, from, first, evidence());
        put(
            paired,
            till,
            last,
            say!("två datum i samma rad, och det här är det senare", "two dates in a row, the later"),
        );
    }
}

/// The one text that tells what a row is about.
fn text(paired: &mut Paired<'_>, reach: &[Reach<'_>], wanted: &str) {
    let table = paired.table;
    let Some(place) = table.position(wanted) else { return };
    if paired.taken(wanted).is_some() || !is_of(table, reach) {
        return;
    }
    // A contract that has a single text has it for its title.
    let only = (wanted == "titel").then(|| paired.taken("beskrivning").cloned()).flatten();
    if let Some(found) = only.filter(|found| reach.get(found.reach).is_some_and(|one| one.joins == 0)) {
        put(paired, place, found.reach, say!("den enda texten i raden", "the only text of the row"));
        return;
    }
    let told = reach.iter().enumerate().filter(|(at, one)| {
        let (profile, kinds) = (one.profile, [Kind::Email, Kind::HoldsEmail, Kind::Web, Kind::Telephone, Kind::Date]);
        let speaks = profile.is_text() && profile.spaced() >= 0.4 && (6.0..=250.0).contains(&profile.length());
        let formal = kinds.iter().any(|kind| profile.share(*kind) >= 0.3);
        // A column that is called something else is that.
        let free = one.name.meanings.iter().all(|meaning| is_text(meaning, table)) && one.joins == 0 && !one.claimed;
        speaks && !formal && free && profile.part(profile.filled) > 0.0 && !is_used(paired, *at)
    });
    let best = told.max_by(|a, b| a.1.profile.filled.cmp(&b.1.profile.filled).then_with(|| b.0.cmp(&a.0)));
    if let Some((at, _)) = best {
        put(
            paired,
            place,
            at,
            say!("text med flera ord, och ingen annan passar", "text of several words, and no other fits"),
        );
    }
}

/// Whether a name may be of any text: it says text, or what the table is about.
fn is_text(meaning: Meaning, table: &Table) -> bool {
    const TEXT: [Meaning; 7] = ["text", "beskrivning", "titel", "uppgift", "namn", "rad", "vard"];
    TEXT.contains(&meaning) || dictionary().about(&table.name).contains(&meaning)
}

/// Whether the rows are the table's own.
fn is_of(table: &Table, reach: &[Reach<'_>]) -> bool {
    let about = dictionary().about(&table.name);
    let own = reach.iter().find(|one| one.joins == 0).map(|one| one.about);
    own.is_some_and(|own| own.meanings.iter().any(|meaning| about.contains(meaning)))
}

fn is_used(paired: &Paired<'_>, at: usize) -> bool {
    paired.found.iter().any(|found| found.reach == at && found.weight.confidence >= super::THRESHOLD)
}

fn put(paired: &mut Paired<'_>, column: usize, reach: usize, evidence: Message) {
    paired.found.retain(|found| found.column != column && found.reach != reach);
    paired.found.push(Found { column, reach, weight: Weight { confidence: SURE, evidence } });
    paired.found.sort_by_key(|found| found.column);
}
