//! A made-up country: organisations and units with earlier names, earlier places and successions, and what
//! is hard about them (the same name in many kommuner, mothers and daughters, twins).
//!
//! Every name is made of syllables that mean nothing; every number begins with 5999, as the sample's do.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use sluss_schemas::identifier::luhn;

use super::super::score::Whose;
use super::super::{Called, Entity, Kind, Placed, Replaced};
use super::luck::Luck;

const FIRST: [&str; 24] = [
    "Tro", "Kva", "Bli", "Ska", "Vro", "Dja", "Fli", "Gno", "Pry", "Sne", "Tve", "Knå", "Bra", "Mju", "Sky", "Glo",
    "Hja", "Dre", "Spi", "Klu", "Små", "Frö", "Stä", "Vyl",
];
const MIDDLE: [&str; 20] = [
    "lvo", "smi", "rta", "nde", "mpa", "kso", "lle", "nga", "rvi", "sku", "tta", "mbe", "ldo", "rni", "fsa", "gle",
    "ppö", "vrå", "stä", "nki",
];
const TOWN: [&str; 8] = ["köping", "stad", "borg", "vik", "ås", "by", "hamn", "sele"];
/// What many have in their names, in many kommuner.
const AREAS: [&str; 16] = [
    "Centrum",
    "Norr",
    "Söder",
    "Öster",
    "Väster",
    "Torget",
    "Parken",
    "Hamnen",
    "Stationen",
    "Berget",
    "Sjöstaden",
    "Gamla stan",
    "Åsen",
    "Lunden",
    "Ängen",
    "Kullen",
];
const PUBLIC: [&str; 8] = [
    "Vårdcentralen",
    "Barnavårdscentralen",
    "Ögonmottagningen",
    "Ortopedkliniken",
    "Kirurgkliniken",
    "Barnmorskemottagningen",
    "Rehabmottagningen",
    "Psykiatrimottagningen",
];
const CARE: [&str; 10] =
    ["Vård", "Ögon", "Hud", "Ortopedi", "Rehab", "Hälsa", "Specialistvård", "Läkarhus", "Kirurgi", "Hjärta"];
const FORM: [&str; 4] = ["AB", "AB", "Aktiebolag", "HB"];

pub(super) struct Place {
    pub(super) kommun: String,
    pub(super) town: String,
    pub(super) county: String,
}

pub(super) struct World {
    pub(super) entities: Vec<Entity>,
    pub(super) replaced: Vec<Replaced>,
    pub(super) places: Vec<Place>,
    pub(super) luck: Luck,
    /// What has taken over from what.
    pub(super) after: HashMap<String, String>,
    /// Names of public units, with their kommun: there is one of each.
    taken: HashSet<(String, Option<String>)>,
    words: HashSet<String>,
    numbers: u64,
    units: usize,
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

impl World {
    /// About this many units, and a third as many organisations.
    pub(super) fn new(seed: u64, units: usize) -> Self {
        let mut world = Self {
            entities: Vec::new(),
            replaced: Vec::new(),
            places: Vec::new(),
            luck: Luck::new(seed),
            after: HashMap::new(),
            units: 0,
            taken: HashSet::new(),
            words: HashSet::new(),
            numbers: seed % 1000,
        };
        for kommun in 0..290 {
            let town = world.word(1) + TOWN[kommun % TOWN.len()];
            let county = format!("{:02}", 1 + kommun % 21);
            world.places.push(Place { kommun: format!("{county}{:02}", 20 + kommun / 21), town, county });
        }
        while world.units < units {
            if world.luck.percent(3) {
                world.region();
            } else {
                world.family();
            }
        }
        world.successions();
        world
    }

    /// A word that means nothing and that no other has.
    pub(super) fn word(&mut self, middles: usize) -> String {
        loop {
            let mut word = self.luck.pick(&FIRST).to_owned();
            for _ in 0..middles + usize::from(self.luck.percent(30)) {
                word.push_str(self.luck.pick(&MIDDLE));
            }
            if self.words.insert(word.clone()) {
                return word;
            }
            if self.words.len() > 2000 {
                // Enough of the short ones.
                word.push_str(self.luck.pick(&MIDDLE));
                word.push_str(self.luck.pick(&MIDDLE));
                if self.words.insert(word.clone()) {
                    return word;
                }
            }
        }
    }

    /// A right number that nobody has.
    pub(super) fn number(&mut self) -> String {
        self.numbers += 1 + u64::try_from(self.luck.below(4)).unwrap();
        let nine = format!("5999{:05}", self.numbers % 100_000);
        let number = (0..10).map(|digit| format!("{nine}{digit}")).find(|number| luhn::holds(number.as_bytes()));
        number.unwrap()
    }

    fn place(&mut self) -> Placed {
        let at = self.luck.below(self.places.len());
        let place = &self.places[at];
        Placed { kommun: Some(place.kommun.clone()), town: Some(place.town.clone()), earlier: false }
    }

    pub(super) fn county(&self, place: &Placed) -> String {
        let found = self.places.iter().find(|known| Some(&known.kommun) == place.kommun.as_ref());
        found.unwrap().county.clone()
    }

    pub(super) fn entity(&mut self, kind: Kind, id: String, number: &str, name: String, place: Placed) -> usize {
        let counties = vec![self.county(&place)];
        let mut names = vec![Called { name, whose: Whose::Own }];
        let mut places = vec![place];
        if self.luck.percent(12) {
            // Of those that were renamed every second had another word, the others another kind of care.
            let other = if self.luck.percent(50) {
                let word = self.word(1);
                format!("{word} {}", self.luck.pick(&CARE))
            } else {
                let own = names[0].name.clone();
                format!("{} {}", own.split(' ').next().unwrap(), self.luck.pick(&CARE))
            };
            if other != names[0].name {
                names.push(Called { name: other, whose: Whose::Earlier });
            }
        }
        if self.luck.percent(10) {
            let earlier = Placed { earlier: true, ..self.place() };
            if earlier.kommun != places[0].kommun {
                places.push(earlier);
            }
        }
        self.units += usize::from(kind == Kind::Unit);
        self.entities.push(Entity {
            kind,
            id,
            number: Some(number.to_owned()),
            names,
            places,
            counties,
            from: None,
            till: None,
            person: false,
        });
        self.entities.len() - 1
    }

    fn unit_id(&mut self, number: &str) -> String {
        format!("SE{number}-E{:012}", 1000 + self.entities.len() * 7 + self.luck.below(7))
    }

    /// A public provider: many units whose names are the same in other kommuner.
    fn region(&mut self) {
        let (number, word, seat) = (self.number(), self.word(1), self.place());
        self.entity(Kind::Organisation, number.clone(), &number, format!("Region {word}"), seat);
        for _ in 0..60 {
            let place = self.place();
            let what = self.luck.pick(&PUBLIC);
            let where_ = match self.luck.below(10) {
                0..=5 => self.word(1),
                6..=8 => self.luck.pick(&AREAS).to_owned(),
                _ => place.town.clone().unwrap(),
            };
            let name = format!("{what} {where_}");
            if !self.taken.insert((name.clone(), place.kommun.clone())) {
                continue;
            }
            let id = self.unit_id(&number);
            self.entity(Kind::Unit, id, &number, name, place);
        }
    }

    /// A company and its units; one in six has sisters or a mother, one in thirty a twin with the same name.
    fn family(&mut self) {
        let (word, care) = (self.word(1), self.luck.pick(&CARE));
        let mut names = vec![format!("{word} {care} {}", self.luck.pick(&FORM))];
        match self.luck.below(30) {
            0..=4 => {
                for more in ["Holding", "Norr", "Sverige"].iter().take(1 + self.luck.below(3)) {
                    names.push(format!("{word} {care} {more} AB"));
                }
            }
            5 => names.push(names[0].clone()),
            _ => {}
        }
        for name in names {
            let (number, seat) = (self.number(), self.place());
            self.entity(Kind::Organisation, number.clone(), &number, name.clone(), seat.clone());
            let holding = name.contains("Holding");
            for unit in 0..if holding { 0 } else { 1 + self.luck.below(4) } {
                let place = if unit == 0 { seat.clone() } else { self.place() };
                let bare: Vec<&str> = name.split(' ').filter(|word| !FORM.contains(word)).collect();
                let town = place.town.clone().unwrap();
                let name = match self.luck.below(3) {
                    0 => format!("{} {town}", bare.join(" ")),
                    1 => format!("{} {}, {town}", bare.join(" "), self.luck.pick(&AREAS)),
                    _ => format!("{}mottagningen {} {town}", care, bare[0]),
                };
                let id = self.unit_id(&number);
                self.entity(Kind::Unit, id, &number, name, place);
            }
        }
    }

    /// One in twenty was taken over by another of its kind, some by way of a third.
    fn successions(&mut self) {
        for kind in [Kind::Organisation, Kind::Unit] {
            let ids: Vec<usize> = (0..self.entities.len()).filter(|at| self.entities[*at].kind == kind).collect();
            let mut gone: HashSet<usize> = HashSet::new();
            for at in &ids {
                if !self.luck.percent(5) {
                    continue;
                }
                let into = self.luck.pick(&ids);
                if into <= *at || gone.contains(&into) {
                    continue;
                }
                gone.insert(*at);
                let (old, new) = (self.entities[*at].id.clone(), self.entities[into].id.clone());
                self.after.insert(old.clone(), new.clone());
                self.replaced.push(Replaced { kind, old, new, from: Some(day("2024-01-01")), till: None });
                self.entities[*at].till = Some(day("2024-01-01"));
            }
        }
    }
}
