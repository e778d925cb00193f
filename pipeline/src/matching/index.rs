//! Everything that can be meant, so laid out that a few candidates are found without looking at the rest.
//!
//! Keys lie in maps. Names lie under their words: a rare word, or a slip of one, points at few names; a common
//! one only together with a kommun, a town or a county. So what is compared grows with the answer, not with
//! the nation.

use std::collections::{HashMap, HashSet};

use super::name::words;
use super::score::Whose;
use super::vocabulary::Vocabulary;
use super::{Called, Entity, Kind, Placed, Successions};

/// A name under its words.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) entity: u32,
    pub(super) kind: Kind,
    pub(super) whose: Whose,
    pub(super) words: Box<[u32]>,
}

/// Where an entity is and was, as words.
#[derive(Debug, Default)]
pub(super) struct Whereabouts {
    pub(super) now: Box<[u32]>,
    pub(super) earlier: Box<[u32]>,
}

/// What was said of those that it replaced: it neither is so now nor speaks against it.
#[derive(Debug, Default)]
pub(super) struct Before {
    pub(super) numbers: Vec<String>,
    pub(super) counties: Vec<String>,
}

/// Everything that can be meant.
#[derive(Debug, Default)]
pub struct Index {
    pub(super) entities: Vec<Entity>,
    pub(super) successions: Successions,
    pub(super) vocabulary: Vocabulary,
    pub(super) names: Vec<Named>,
    pub(super) towns: Vec<Whereabouts>,
    /// How many entities are in a town, by its word.
    pub(super) in_town: HashMap<u32, u32>,
    pub(super) before: HashMap<u32, Before>,
    by_id: HashMap<(Kind, String), u32>,
    by_folded_id: HashMap<String, Vec<u32>>,
    units_of: HashMap<String, Vec<u32>>,
    names_of: Vec<Vec<u32>>,
    by_word: Vec<Vec<u32>>,
    /// A common word and a mark of place → names.
    local: HashMap<(u32, u32), Vec<u32>>,
}

/// An organisation that is in more kommuner than this is everywhere.
const EVERYWHERE: usize = 20;

/// An entity, with names, places and counties that come to it from others.
type Inherited = (u32, Vec<Called>, Vec<Placed>, Vec<String>);

impl Index {
    /// Of these entities and successions, in whatever order. `common`: from how many names on a word is too
    /// common to point anybody out.
    pub fn new(mut entities: Vec<Entity>, successions: Successions, common: usize) -> Self {
        entities.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        entities.dedup_by(|a, b| a.kind == b.kind && a.id == b.id);
        let mut index = Self { entities, successions, ..Self::default() };
        index.keys();
        index.inherit();
        index.lay_out(common);
        index
    }

    /// The entity with this key, as it is written.
    pub(super) fn find(&self, kind: Kind, id: &str) -> Option<u32> {
        self.by_id.get(&(kind, id.to_owned())).copied()
    }

    /// The one unit whose id differs from this in its letters' case only.
    pub(super) fn find_folded(&self, id: &str) -> Option<u32> {
        match self.by_folded_id.get(&id.to_ascii_uppercase()).map(Vec::as_slice) {
            Some([one]) => Some(*one),
            _ => None,
        }
    }

    pub(super) fn entity(&self, at: u32) -> Option<&Entity> {
        self.entities.get(at as usize)
    }

    /// How many units a provider has.
    pub(super) fn units_of(&self, number: &str) -> &[u32] {
        self.units_of.get(number).map_or(&[], Vec::as_slice)
    }

    pub(super) fn names_of(&self, at: u32) -> &[u32] {
        self.names_of.get(at as usize).map_or(&[], Vec::as_slice)
    }

    /// The names that have a word.
    pub(super) fn with_word(&self, word: u32) -> &[u32] {
        self.by_word.get(word as usize).map_or(&[], Vec::as_slice)
    }

    /// The names that have a common word, of entities with a mark of place.
    pub(super) fn with_word_at(&self, word: u32, mark: u32) -> &[u32] {
        self.local.get(&(word, mark)).map_or(&[], Vec::as_slice)
    }

    /// The mark of a kommun.
    pub(super) fn kommun_mark(&self, kommun: &str) -> Option<u32> {
        self.vocabulary.id(&format!("#{kommun}"))
    }

    /// The mark of a county.
    pub(super) fn county_mark(&self, county: &str) -> Option<u32> {
        self.vocabulary.id(&format!("§{county}"))
    }

    /// How many entities there are.
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    fn keys(&mut self) {
        for (at, entity) in (0_u32..).zip(&self.entities) {
            self.by_id.insert((entity.kind, entity.id.clone()), at);
            if entity.kind == Kind::Unit {
                self.by_folded_id.entry(entity.id.to_ascii_uppercase()).or_default().push(at);
                if let Some(number) = &entity.number {
                    self.units_of.entry(number.clone()).or_default().push(at);
                }
            }
        }
    }

    /// Names and places of what was replaced are earlier ones of what replaced it; names and places of units
    /// are their organisation's too.
    fn inherit(&mut self) {
        let mut more: Vec<Inherited> = Vec::new();
        let mut before: Vec<(u32, Before)> = Vec::new();
        for (at, entity) in (0_u32..).zip(&self.entities) {
            let (mut names, mut places, mut counties) = (Vec::new(), Vec::new(), Vec::new());
            let mut known = Before::default();
            for old in self.successions.before(entity.kind, &entity.id) {
                let Some(old) = self.find(entity.kind, &old).and_then(|old| self.entity(old)) else { continue };
                if old.person {
                    continue;
                }
                names.extend(old.names.iter().map(|n| Called { name: n.name.clone(), whose: Whose::Earlier }));
                places.extend(old.places.iter().map(|p| Placed { earlier: true, ..p.clone() }));
                known.numbers.extend(old.number.clone());
                known.counties.extend(old.counties.iter().cloned());
            }
            if !known.numbers.is_empty() || !known.counties.is_empty() {
                before.push((at, known));
            }
            if entity.kind == Kind::Organisation && !entity.person {
                for unit in self.units_of(&entity.id).iter().filter_map(|unit| self.entity(*unit)) {
                    let own = unit.names.iter().filter(|name| name.whose == Whose::Own);
                    names.extend(own.map(|n| Called { name: n.name.clone(), whose: Whose::Units }));
                    places.extend(unit.places.iter().cloned());
                    counties.extend(unit.counties.iter().cloned());
                }
            }
            if !names.is_empty() || !places.is_empty() || !counties.is_empty() {
                more.push((at, names, places, counties));
            }
        }
        self.before.extend(before);
        for (at, names, places, counties) in more {
            let Some(entity) = self.entities.get_mut(at as usize) else { continue };
            entity.names.extend(names);
            entity.places.extend(places);
            entity.counties.extend(counties);
            entity.counties.sort();
            entity.counties.dedup();
            entity.places.sort();
            entity.places.dedup();
            if entity.places.len() > EVERYWHERE {
                entity.places.clear();
            }
        }
    }

    fn lay_out(&mut self, common: usize) {
        let mut named = 0;
        for at in 0..u32::try_from(self.entities.len()).unwrap_or(u32::MAX) {
            let Some(entity) = self.entities.get_mut(at as usize) else { break };
            if entity.person {
                entity.names.clear();
            }
            // Its own name first: another that has the same words says nothing more.
            entity.names.sort_by(|a, b| (a.whose, &a.name).cmp(&(b.whose, &b.name)));
            let mut seen = HashSet::new();
            let (mut own, mut listed) = (Vec::new(), Vec::new());
            for called in &entity.names {
                let ids: Vec<u32> = words(&called.name).iter().map(|word| self.vocabulary.add(word)).collect();
                let mut set = ids.clone();
                set.sort_unstable();
                if ids.is_empty() || !seen.insert(set) {
                    continue;
                }
                own.extend(&ids);
                listed.push(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
                self.names.push(Named { entity: at, kind: entity.kind, whose: called.whose, words: ids.into() });
            }
            own.sort_unstable();
            own.dedup();
            for word in own {
                self.vocabulary.count(word);
            }
            named += u32::from(!listed.is_empty());
            self.names_of.push(listed);
            let mut town = |earlier: bool| -> Box<[u32]> {
                let places = entity.places.iter().filter(|place| place.earlier == earlier);
                let towns = places.filter_map(|place| place.town.as_deref()).flat_map(words);
                let mut ids: Vec<u32> = towns.map(|word| self.vocabulary.add(&word)).collect();
                ids.sort_unstable();
                ids.dedup();
                ids.into()
            };
            let towns = Whereabouts { now: town(false), earlier: town(true) };
            for word in &towns.now {
                *self.in_town.entry(*word).or_default() += 1;
            }
            self.towns.push(towns);
            for place in &entity.places {
                if let Some(kommun) = &place.kommun {
                    self.vocabulary.add(&format!("#{kommun}"));
                }
            }
            for county in &entity.counties {
                self.vocabulary.add(&format!("§{county}"));
            }
        }
        self.vocabulary.finish(named);
        self.post(common);
    }

    fn post(&mut self, common: usize) {
        let mut by_word: Vec<Vec<u32>> = Vec::new();
        let mut local: HashMap<(u32, u32), Vec<u32>> = HashMap::new();
        for (at, named) in (0_u32..).zip(&self.names) {
            let mut words = named.words.to_vec();
            words.sort_unstable();
            words.dedup();
            for word in words {
                if self.vocabulary.names(word) <= common {
                    let place = word as usize;
                    if by_word.len() <= place {
                        by_word.resize_with(place + 1, Vec::new);
                    }
                    if let Some(list) = by_word.get_mut(place) {
                        list.push(at);
                    }
                    continue;
                }
                let Some(entity) = self.entity(named.entity) else { continue };
                let kommuner = entity.places.iter().filter_map(|place| place.kommun.as_deref());
                let marks = kommuner.filter_map(|kommun| self.kommun_mark(kommun));
                let towns = self.towns.get(named.entity as usize).map(|towns| towns.now.iter().chain(&towns.earlier));
                let counties = entity.counties.iter().filter_map(|county| self.county_mark(county));
                let mut marks: Vec<u32> = marks.chain(towns.into_iter().flatten().copied()).chain(counties).collect();
                marks.sort_unstable();
                marks.dedup();
                for mark in marks {
                    local.entry((word, mark)).or_default().push(at);
                }
            }
        }
        self.by_word = by_word;
        self.local = local;
    }
}
