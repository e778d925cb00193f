//! What sources do to names, places and numbers, planted one by one and together.

use super::super::score::Whose;
use super::super::{Entity, Kind, Mention};
use super::luck::Luck;
use super::world::{World, day};

/// A kind of distortion, and what a mention of it looks like.
pub(super) const KINDS: [&str; 17] = [
    "samma nyckel",
    "nyckel i gemener",
    "ersatt, nyckel",
    "ersatt, namn",
    "exakt namn",
    "exakt namn, utan ort",
    "felstavat",
    "förkortat",
    "tidigare namn",
    "flyttad",
    "fel siffra",
    "fel siffra, felstavat",
    "tidigare namn, flyttad",
    "felstavat, förkortat, flyttad",
    "samma namn på annan ort",
    "saknas i registret",
    "samma namn, annat nummer",
];

/// A mention and what it truly means; none where the register does not have it.
pub(super) struct Case {
    pub(super) kind: &'static str,
    pub(super) mention: Mention,
    pub(super) truth: Option<String>,
}

/// So many mentions of each kind, as far as the world has what they need.
pub(super) fn cases(world: &mut World, of_each: usize) -> Vec<Case> {
    cases_of(world, of_each, |_| true)
}

/// Of these kinds only.
pub(super) fn cases_of(world: &mut World, of_each: usize, wanted: impl Fn(&str) -> bool) -> Vec<Case> {
    let mut all = Vec::new();
    for kind in KINDS.into_iter().filter(|kind| wanted(kind)) {
        let (mut made, mut tried) = (0, 0);
        while made < of_each && tried < of_each * 200 {
            tried += 1;
            let wants = if world.luck.percent(50) { Kind::Unit } else { Kind::Organisation };
            if let Some((mention, truth)) = one(world, kind, wants) {
                let key = format!("{}/{made}", KINDS.iter().position(|k| *k == kind).unwrap());
                all.push(Case { kind, mention: Mention { key, ..mention }, truth });
                made += 1;
            }
        }
    }
    all
}

fn one(world: &mut World, kind: &str, wants: Kind) -> Option<(Mention, Option<String>)> {
    let at = world.luck.below(world.entities.len());
    if world.entities[at].kind != wants {
        return None;
    }
    let entity = world.entities[at].clone();
    let after = |id: &str| world.after.get(id).cloned();
    // Some by way of a third.
    let mut gone = after(&entity.id);
    while let Some(next) = gone.as_deref().and_then(after) {
        gone = Some(next);
    }
    let is_gone = gone.is_some();
    let mut luck = Luck::new(u64::try_from(world.luck.below(1 << 40)).unwrap());
    let place = &entity.places[0];
    let base = Mention {
        table: "prov".to_owned(),
        role: "utforare".to_owned(),
        wants: Some(wants),
        name: Some(entity.names[0].name.clone()),
        kommun: place.kommun.clone(),
        town: place.town.clone(),
        county: Some(world.county(place)),
        day: day("2025-06-01"),
        weight: 1,
        ..Mention::default()
    };
    // Seven in ten say where; of the others the county is known, as a contract's region is.
    let placed = luck.percent(70);
    let base = if placed { base } else { Mention { kommun: None, town: None, ..base } };
    // A unit's provider is known in every second case.
    let number = entity.number.clone().filter(|_| wants == Kind::Unit && luck.percent(50));
    let base = Mention { number, ..base };
    let name = entity.names[0].name.clone();
    let earlier = entity.names.iter().find(|called| called.whose == Whose::Earlier).map(|called| called.name.clone());
    let moved = entity.places.iter().find(|place| place.earlier).cloned();
    let there = |mention: Mention, moved: &super::super::Placed, world: &World| Mention {
        kommun: moved.kommun.clone(),
        town: moved.town.clone(),
        county: Some(world.county(moved)),
        ..mention
    };
    let truth = Some(entity.id.clone());
    // What has been replaced is mentioned in the kinds that are about that.
    if is_gone != kind.starts_with("ersatt") {
        return None;
    }
    match kind {
        "samma nyckel" => Some((Mention { id: truth.clone(), ..base }, truth)),
        "nyckel i gemener" if wants == Kind::Unit => {
            let id = Some(entity.id.to_lowercase());
            Some((Mention { id, ..base }, truth))
        }
        "ersatt, nyckel" => Some((Mention { id: truth, ..base }, gone)),
        "ersatt, namn" => Some((base, gone)),
        "exakt namn" if placed => Some((base, truth)),
        "exakt namn, utan ort" if !placed => Some((base, truth)),
        "felstavat" => Some((Mention { name: Some(misspell(&name, &mut luck)), ..base }, truth)),
        "förkortat" => Some((Mention { name: Some(shorten(&name, &mut luck)?), ..base }, truth)),
        "tidigare namn" => Some((Mention { name: Some(earlier?), ..base }, truth)),
        "flyttad" => Some((there(base, &moved?, world), truth)),
        "fel siffra" => Some((wrong_digit(base, &entity, &mut luck), truth)),
        "fel siffra, felstavat" => {
            let base = Mention { name: Some(misspell(&name, &mut luck)), ..base };
            Some((wrong_digit(base, &entity, &mut luck), truth))
        }
        "tidigare namn, flyttad" => {
            let base = Mention { name: Some(earlier?), ..base };
            Some((there(base, &moved?, world), truth))
        }
        "felstavat, förkortat, flyttad" => {
            let name = misspell(&shorten(&name, &mut luck)?, &mut luck);
            Some((there(Mention { name: Some(name), ..base }, &moved?, world), truth))
        }
        "samma namn på annan ort" if placed => {
            let same = |other: &&Entity| other.kind == wants && other.id != entity.id && other.names[0].name == name;
            world.entities.iter().find(same).map(|_| (base, truth))
        }
        "saknas i registret" => Some((absent(world, base, &name, &mut luck), None)),
        "samma namn, annat nummer" if wants == Kind::Organisation => {
            let number = world.number();
            let taken = world.entities.iter().any(|other| other.id == number);
            (!taken).then_some((Mention { id: Some(number), number: None, ..base }, None))
        }
        _ => None,
    }
}

/// One that the register does not have: a sister of a company that it has, the same name in a kommun where
/// there is none, or a new word.
fn absent(world: &mut World, base: Mention, name: &str, luck: &mut Luck) -> Mention {
    match luck.below(3) {
        0 => {
            let word = world.word(1);
            let rest: Vec<&str> = name.split(' ').skip(1).collect();
            Mention { name: Some(format!("{word} {}", rest.join(" "))), number: None, ..base }
        }
        1 => {
            let first = name.split(' ').next().unwrap_or_default();
            Mention { name: Some(format!("{first} Tandteknik AB")), number: None, ..base }
        }
        _ => {
            let at = luck.below(world.places.len());
            let place = &world.places[at];
            let here = |entity: &Entity| {
                entity.names[0].name == name && entity.places.iter().any(|p| p.kommun.as_ref() == Some(&place.kommun))
            };
            if world.entities.iter().any(here) {
                return Mention { name: Some("Finns inte någonstans AB".to_owned()), number: None, ..base };
            }
            let (kommun, town) = (Some(place.kommun.clone()), Some(place.town.clone()));
            Mention { kommun, town, county: Some(place.county.clone()), number: None, ..base }
        }
    }
}

/// One letter lost, doubled, changed or swapped with its neighbour, in a longer word; in one of three two.
fn misspell(name: &str, luck: &mut Luck) -> String {
    let mut words: Vec<String> = name.split(' ').map(str::to_owned).collect();
    for _ in 0..if luck.percent(33) { 2 } else { 1 } {
        let long: Vec<usize> = (0..words.len()).filter(|at| words[*at].chars().count() >= 5).collect();
        if long.is_empty() {
            break;
        }
        let at = luck.pick(&long);
        let mut letters: Vec<char> = words[at].chars().collect();
        let place = 1 + luck.below(letters.len() - 2);
        match luck.below(4) {
            0 => drop(letters.remove(place)),
            1 => letters.insert(place, letters[place]),
            2 => letters[place] = luck.pick(&['a', 'e', 'i', 'o', 'r', 'n', 't', 's']),
            _ => letters.swap(place, place - 1),
        }
        words[at] = letters.into_iter().collect();
    }
    words.join(" ")
}

/// As people shorten: abbreviations that the program knows, and some that it does not.
fn shorten(name: &str, luck: &mut Luck) -> Option<String> {
    let mut out: Vec<String> = Vec::new();
    for word in name.split(' ') {
        let word = word.trim_end_matches(',');
        match (word, luck.below(3)) {
            ("AB" | "Aktiebolag" | "HB", _) => {}
            ("Vårdcentralen", 0) => out.push("VC".to_owned()),
            ("Vårdcentralen", 1) => out.push("Vårdc.".to_owned()),
            ("Barnavårdscentralen", _) => out.push("BVC".to_owned()),
            ("Barnmorskemottagningen", 0) => out.push("MVC".to_owned()),
            ("Ögonmottagningen", _) => out.push("Ögonmott".to_owned()),
            ("Ortopedkliniken", _) => out.push("Ort.klin.".to_owned()),
            ("Kirurgkliniken", _) => out.push("Kir klin".to_owned()),
            ("Rehabmottagningen", _) => out.push("Rehabiliteringsmottagn".to_owned()),
            ("Psykiatrimottagningen", _) => out.push("Psyk mott".to_owned()),
            ("Specialistvård", _) => out.push("Spec.vård".to_owned()),
            ("Norr", _) => out.push("N".to_owned()),
            (word, _) => out.push(word.to_owned()),
        }
    }
    if luck.percent(30) && out.len() > 1 {
        out.rotate_left(1);
    }
    let short = out.join(" ");
    (short != name).then_some(short)
}

/// One digit of the organisation number, or of a unit's HSA-id, is another, or two stand the wrong way.
fn wrong_digit(base: Mention, entity: &Entity, luck: &mut Luck) -> Mention {
    let mut digits: Vec<char> = entity.id.chars().collect();
    let places: Vec<usize> = (4..digits.len()).filter(|at| digits[*at].is_ascii_digit()).collect();
    let at = luck.pick(&places);
    let next = at + 1;
    if luck.percent(25) && next < digits.len() && digits[next].is_ascii_digit() && digits[next] != digits[at] {
        digits.swap(at, next);
    } else {
        let digit = digits[at].to_digit(10).unwrap();
        digits[at] = char::from_digit((digit + 1 + u32::try_from(luck.below(9)).unwrap()) % 10, 10).unwrap();
    }
    Mention { id: Some(digits.into_iter().collect()), number: None, ..base }
}
