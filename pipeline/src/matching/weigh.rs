//! The signs between a mention and one that may be meant; and which names are worth the look.

use super::alike::{Likeness, Word, likeness, slip};
use super::index::{Before, Whereabouts};
use super::name::{words, words_loosely};
use super::number::{is_legal_person, neighbours, prefix};
use super::resolve::{Candidate, Resolver};
use super::score::{County, Name, Number, Place, Signs};
use super::{Entity, Kind, Mention};

impl Resolver<'_> {
    /// The words of what is looked for.
    pub(super) fn named(&self, mention: &Mention) -> Vec<String> {
        let known = |word: &str| self.index.vocabulary.id(word).is_some();
        mention.name.as_deref().map(|name| words_loosely(name, known)).unwrap_or_default()
    }

    /// The names that have most in common with the one that is looked for.
    pub(super) fn alike(&mut self, mention: &Mention, kind: Kind, named: &[String]) -> Vec<u32> {
        let index = self.index;
        let kommun = mention.kommun.as_deref().and_then(|kommun| index.kommun_mark(kommun));
        let county = mention.county.as_deref().and_then(|county| index.county_mark(county));
        let towns = mention.town.as_deref().map(words).unwrap_or_default();
        let towns = towns.iter().chain(named).filter_map(|word| index.vocabulary.id(word));
        let marks: Vec<u32> = kommun.into_iter().chain(towns).chain(county).collect();
        for word in named {
            if !self.meant.contains_key(word) {
                self.meant.insert(word.clone(), index.vocabulary.meant(word));
            }
            for (id, same) in self.meant.get(word).into_iter().flatten() {
                #[expect(clippy::cast_possible_truncation, reason = "a sum that only orders candidates")]
                let worth = (index.vocabulary.weight(Some(*id)) * same) as f32;
                let rare = index.with_word(*id);
                let lists = marks.iter().map(|mark| index.with_word_at(*id, *mark));
                // A place narrows a common word down; the narrowest that finds anything is enough.
                let local = lists.filter(|list| !list.is_empty()).min_by_key(|list| list.len()).unwrap_or_default();
                for name in rare.iter().chain(local) {
                    let Some(common) = self.common.get_mut(*name as usize) else { continue };
                    if index.names.get(*name as usize).is_none_or(|named| named.kind != kind) {
                        continue;
                    }
                    if *common == 0.0 {
                        self.touched.push(*name);
                    }
                    *common += worth;
                }
            }
        }
        let mut found: Vec<(f32, u32)> = self
            .touched
            .iter()
            .map(|name| (self.common.get(*name as usize).copied().unwrap_or_default(), *name))
            .collect();
        for name in self.touched.drain(..) {
            if let Some(common) = self.common.get_mut(name as usize) {
                *common = 0.0;
            }
        }
        let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        let few = self.settings.candidates.max(1);
        if found.len() > few {
            found.select_nth_unstable_by(few - 1, order);
            found.truncate(few);
        }
        found.sort_unstable_by(order);
        found.into_iter().map(|(_, name)| name).collect()
    }

    /// One that may be meant, by one of its names.
    pub(super) fn weigh(&self, mention: &Mention, named: &[String], name: u32) -> Option<Candidate> {
        let found = self.index.names.get(name as usize)?;
        let entity = self.index.entity(found.entity)?;
        let towns = self.index.towns.get(found.entity as usize)?;
        let (likeness, met) = self.compare(named, &found.words, towns);
        let rare = (likeness.told / self.index.vocabulary.enough()).min(1.0);
        let name = Name { share: likeness.share, rare, whose: found.whose };
        Some(self.candidate(found.entity, self.signs(mention, entity, towns, Some(name), met)))
    }

    /// One that may be meant, by the name that fits best, or by none. Of an organisation with very many units
    /// its own names, and a few of theirs.
    pub(super) fn weigh_entity(&self, mention: &Mention, named: &[String], at: u32) -> Candidate {
        let names = if named.is_empty() { &[] } else { self.index.names_of(at) };
        let names = names.iter().take(self.settings.candidates.max(1));
        let by_name = names.filter_map(|name| self.weigh(mention, named, *name));
        let best = by_name.max_by(|a, b| a.points.total_cmp(&b.points));
        best.unwrap_or_else(|| {
            let nowhere = Whereabouts::default();
            let towns = self.index.towns.get(at as usize).unwrap_or(&nowhere);
            let signs = match self.index.entity(at) {
                Some(entity) => self.signs(mention, entity, towns, None, Place::Unknown),
                None => Signs::default(),
            };
            self.candidate(at, signs)
        })
    }

    /// How much two names agree, and what the places in the one that is looked for say.
    fn compare(&self, named: &[String], words: &[u32], towns: &Whereabouts) -> (Likeness, Place) {
        let vocabulary = &self.index.vocabulary;
        let here = |id: Option<u32>| id.is_some_and(|id| towns.now.contains(&id) || towns.earlier.contains(&id));
        let ids: Vec<Option<u32>> = named.iter().map(|word| vocabulary.id(word)).collect();
        let one: Vec<Word<'_>> = named
            .iter()
            .zip(&ids)
            .map(|(text, id)| Word { text, weight: vocabulary.weight(*id), place: here(*id) })
            .collect();
        let other: Vec<Word<'_>> = words
            .iter()
            .map(|id| Word { text: vocabulary.text(*id), weight: vocabulary.weight(Some(*id)), place: here(Some(*id)) })
            .collect();
        let mut likeness = likeness(&one, &other);
        let mut met = Place::Unknown;
        for (word, id) in one.iter().zip(&ids) {
            let Some(id) = id else { continue };
            let Some(there) = self.index.in_town.get(id) else { continue };
            if words.contains(id) {
                continue;
            }
            if towns.now.contains(id) {
                // With its town a common name is as good as a rare one.
                likeness.told += vocabulary.enough() - f64::from(*there + 1).ln();
                met = Place::Same;
            } else if towns.earlier.contains(id) {
                met = if met == Place::Same { met } else { Place::Earlier };
            } else if met == Place::Unknown
                && !towns.now.is_empty()
                && !other.iter().any(|o| slip(o.text, word.text) > 0.0)
            {
                met = Place::Other;
            }
        }
        (likeness, met)
    }

    fn signs(&self, mention: &Mention, entity: &Entity, towns: &Whereabouts, name: Option<Name>, met: Place) -> Signs {
        let (number, number_rare) = self.number(mention, entity);
        let place = self.place(mention, entity, towns, met);
        Signs {
            name,
            number,
            number_rare,
            id_slip: entity.kind == Kind::Unit && mention.id.as_deref().is_some_and(|id| is_slip(id, &entity.id)),
            place,
            county: match &mention.county {
                // Where it was earlier may have been in another.
                Some(_) if place == Place::Earlier => County::Unknown,
                Some(county) if self.before(entity).is_some_and(|before| before.counties.contains(county)) => {
                    if entity.counties.contains(county) { County::Same } else { County::Unknown }
                }
                Some(county) if entity.counties.contains(county) => County::Same,
                Some(_) if !entity.counties.is_empty() => County::Other,
                _ => County::Unknown,
            },
            anywhere: entity.kind == Kind::Organisation,
            not_then: entity.from.is_some_and(|from| mention.day < from)
                || entity.till.is_some_and(|till| till <= mention.day),
        }
    }

    /// What was said of those that it replaced.
    fn before(&self, entity: &Entity) -> Option<&Before> {
        self.index.before.get(&self.index.find(entity.kind, &entity.id)?)
    }

    fn number(&self, mention: &Mention, entity: &Entity) -> (Number, f64) {
        let said = match entity.kind {
            Kind::Organisation => mention.id.as_deref().or(mention.number.as_deref()),
            Kind::Unit => mention.number.as_deref().or_else(|| mention.id.as_deref().and_then(prefix)),
        };
        let (Some(said), Some(number)) = (said, entity.number.as_deref()) else { return (Number::Unknown, 0.0) };
        if said == number {
            // A provider with many units says little of which of them it is.
            let rare = match entity.kind {
                Kind::Organisation => 1.0,
                Kind::Unit => {
                    let units = u32::try_from(self.index.units_of(number).len()).unwrap_or(u32::MAX);
                    (1.0 - f64::from(units.max(1)).ln() / self.index.vocabulary.enough()).max(0.1)
                }
            };
            return (Number::Same, rare);
        }
        if self.before(entity).is_some_and(|before| before.numbers.iter().any(|number| number == said)) {
            return (Number::Same, 0.5);
        }
        if is_legal_person(said) {
            return (Number::Other, 1.0);
        }
        let is_near = neighbours(said).iter().any(|near| near == number);
        (if is_near { Number::Slip } else { Number::Unknown }, 1.0)
    }

    fn place(&self, mention: &Mention, entity: &Entity, towns: &Whereabouts, met: Place) -> Place {
        let mut found = Vec::new();
        if let Some(kommun) = &mention.kommun {
            let at = |earlier: bool| {
                let mut places = entity.places.iter().filter(|place| place.earlier == earlier);
                places.any(|place| place.kommun.as_ref() == Some(kommun))
            };
            if entity.places.iter().any(|place| place.kommun.is_some()) {
                found.push(said(at(false), at(true)));
            }
        }
        if let Some(town) = &mention.town {
            let ids: Vec<u32> = words(town).iter().filter_map(|word| self.index.vocabulary.id(word)).collect();
            let at = |list: &[u32]| !ids.is_empty() && ids.iter().all(|id| list.contains(id));
            if !towns.now.is_empty() || !towns.earlier.is_empty() {
                found.push(said(at(&towns.now), at(&towns.earlier)));
            }
        }
        // What a name says of places is an aside: it speaks for, and against a unit where nothing else does.
        if met != Place::Other || (found.is_empty() && entity.kind == Kind::Unit) {
            found.push(met);
        }
        [Place::Same, Place::Earlier, Place::Other].into_iter().find(|place| found.contains(place)).unwrap_or_default()
    }
}

fn said(now: bool, earlier: bool) -> Place {
    match (now, earlier) {
        (true, _) => Place::Same,
        (_, true) => Place::Earlier,
        _ => Place::Other,
    }
}

/// Whether an HSA-id is another with a digit wrong or two neighbours swapped, whatever the letters' case.
fn is_slip(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_uppercase(), other.to_ascii_uppercase());
    one.len() == other.len() && one != other && strsim::osa_distance(&one, &other) == 1
}
