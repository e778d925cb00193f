//! Takes the values of columns out of one JSON value, looking at each of its members once.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer as _, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use sluss_schemas::code::alias::Aliases;
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::path::Step;

/// One row's values.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    text: Vec<String>,
    present: Vec<bool>,
    /// What is wrong with the row; it can then not be read.
    pub(super) fault: Option<Message>,
    /// For each place of the extractor, the last object in which its key occurred.
    stamps: Vec<u64>,
    stamp: u64,
}

impl Values {
    /// Room for `columns` values.
    pub(super) fn new(columns: usize) -> Self {
        Self { text: vec![String::new(); columns], present: vec![false; columns], ..Self::default() }
    }

    /// Forgets the row.
    pub(super) fn clear(&mut self) {
        self.present.fill(false);
        self.fault = None;
    }

    /// A column's value.
    pub(super) fn get(&self, column: usize) -> Option<&str> {
        let present = self.present.get(column).copied().unwrap_or(false);
        self.text.get(column).filter(|_| present).map(String::as_str)
    }

    /// All values.
    pub(super) fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        self.text.iter().zip(&self.present).map(|(text, present)| present.then_some(text.as_str()))
    }

    /// Adds a value to a column; a second one after the separator.
    pub(super) fn add(&mut self, column: usize, value: &str, separator: &str) {
        if let (Some(text), Some(present)) = (self.text.get_mut(column), self.present.get_mut(column)) {
            if *present {
                text.push_str(separator);
            } else {
                text.clear();
                *present = true;
            }
            text.push_str(value);
        }
    }

    fn fault(&mut self, what: impl Into<Message>) {
        if self.fault.is_none() {
            self.fault = Some(what.into());
        }
    }
}

/// The paths of all columns, those that begin alike as one.
#[derive(Clone, Debug, Default)]
pub(super) struct Extractor {
    places: Vec<Place>,
    /// An array on the way stands for its elements, and what is not there is absent (as in `FHIRPath`).
    flat: bool,
    /// What sources call the systems that filters name.
    aliases: Option<Arc<Aliases>>,
}

#[derive(Clone, Debug, Default)]
struct Place {
    keys: Vec<(String, usize)>,
    each: Option<usize>,
    nth: Vec<(usize, usize)>,
    /// Member, text, and where the elements that have it lead.
    filters: Vec<(String, String, usize)>,
    columns: Vec<usize>,
}

/// The place of the value itself.
const ROOT: usize = 0;

impl Extractor {
    /// An extractor of columns by their numbers.
    pub(super) fn new<'a>(paths: impl IntoIterator<Item = (usize, &'a [Step])>) -> Self {
        let mut extractor = Self { places: vec![Place::default()], ..Self::default() };
        for (column, steps) in paths {
            let mut at = ROOT;
            for step in steps {
                at = extractor.step(at, step);
            }
            if let Some(place) = extractor.places.get_mut(at) {
                place.columns.push(column);
            }
        }
        extractor
    }

    /// The same paths, where an array on the way stands for its elements.
    pub(super) fn flat(self, flat: bool) -> Self {
        Self { flat, ..self }
    }

    fn step(&mut self, from: usize, step: &Step) -> usize {
        let new = self.places.len();
        let Some(place) = self.places.get_mut(from) else { return from };
        let to = match step {
            Step::Key(key) => {
                let known = place.keys.iter().find(|(k, _)| k == key).map(|(_, to)| *to);
                known.unwrap_or_else(|| {
                    place.keys.push((key.clone(), new));
                    new
                })
            }
            Step::Each => *place.each.get_or_insert(new),
            Step::Nth(n) => {
                let known = place.nth.iter().find(|(m, _)| m == n).map(|(_, to)| *to);
                known.unwrap_or_else(|| {
                    place.nth.push((*n, new));
                    new
                })
            }
            Step::Where(key, text) => {
                self.aliases.get_or_insert_with(|| Arc::new(Aliases::national()));
                let known = place.filters.iter().find(|(k, t, _)| k == key && t == text).map(|(_, _, to)| *to);
                known.unwrap_or_else(|| {
                    place.filters.push((key.clone(), text.clone(), new));
                    new
                })
            }
        };
        if to == new {
            self.places.push(Place::default());
        }
        to
    }

    /// The keys that are wanted of the value itself.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.places.iter().take(1).flat_map(|p| &p.keys).map(|(key, _)| key.as_str())
    }

    /// Takes all columns out of `json`. An error is one of the text; what is merely not as the paths
    /// have it is the row's fault.
    pub(super) fn value(&self, json: &str, separator: &str, values: &mut Values) -> Result<(), serde_json::Error> {
        values.stamps.resize(self.places.len(), 0);
        let looked_through = json.starts_with('{') && self.keys().next().is_some();
        if !looked_through {
            serde_json::from_str::<IgnoredAny>(json)?;
        }
        self.take(ROOT, json, separator, values)
    }

    /// As [`Extractor::value`] for one member of an object that is read elsewhere.
    pub(super) fn member(
        &self,
        key: &str,
        json: &str,
        separator: &str,
        values: &mut Values,
    ) -> Result<(), serde_json::Error> {
        values.stamps.resize(self.places.len(), 0);
        let place = self.places.first().and_then(|p| p.keys.iter().find(|(k, _)| k == key));
        place.map_or(Ok(()), |(_, place)| self.take(*place, json, separator, values))
    }

    fn take(&self, at: usize, json: &str, separator: &str, values: &mut Values) -> Result<(), serde_json::Error> {
        let Some(place) = self.places.get(at) else { return Ok(()) };
        let first = json.as_bytes().first().copied();
        let is_array = first == Some(b'[');
        if self.flat && is_array && !(place.columns.is_empty() && place.keys.is_empty()) {
            elements(json, |_, element| self.here(place, element, separator, values))?;
        } else {
            self.here(place, json, separator, values)?;
        }
        if first == Some(b'n') || place.each.is_none() && place.nth.is_empty() && place.filters.is_empty() {
            return Ok(());
        }
        if is_array {
            elements(json, |index, element| self.element(place, index, element, separator, values))
        } else if self.flat {
            self.element(place, 0, json, separator, values)
        } else {
            values.fault(say!("ett värde som ska vara en lista är det inte", "a value that should be an array is not"));
            Ok(())
        }
    }

    /// The value itself, and what its members lead to.
    fn here(&self, place: &Place, json: &str, separator: &str, values: &mut Values) -> Result<(), serde_json::Error> {
        let first = json.as_bytes().first().copied();
        if !place.columns.is_empty() {
            match scalar(json)? {
                Some(text) => place.columns.iter().for_each(|column| values.add(*column, &text, separator)),
                None => return Ok(()),
            }
        }
        if first == Some(b'n') || place.keys.is_empty() {
            return Ok(());
        }
        if first == Some(b'{') {
            let object = Object { extractor: self, place, separator, values };
            return serde_json::Deserializer::from_str(json).deserialize_map(object);
        }
        if !self.flat {
            let name = place.keys.first().map(|(key, _)| key.as_str()).unwrap_or_default();
            values.fault(say!(
                "det som ska innehålla {name} är inget objekt",
                "what should hold {name} is not an object"
            ));
        }
        Ok(())
    }

    /// One element of an array: to where it leads as each, as the nth, and by what it is.
    fn element(
        &self,
        place: &Place,
        index: usize,
        json: &str,
        separator: &str,
        values: &mut Values,
    ) -> Result<(), serde_json::Error> {
        let nth = place.nth.iter().filter(|(n, _)| *n == index).map(|(_, to)| *to);
        for to in place.each.into_iter().chain(nth) {
            self.take(to, json, separator, values)?;
        }
        for (key, wanted, to) in &place.filters {
            let Some(text) = member(json, key)? else { continue };
            let canonical = || self.aliases.as_ref().and_then(|aliases| aliases.canonical(&text));
            if text == *wanted || canonical() == Some(wanted) {
                self.take(*to, json, separator, values)?;
            }
        }
        Ok(())
    }
}

/// The text of an object's member.
fn member<'j>(json: &'j str, key: &str) -> Result<Option<Cow<'j, str>>, serde_json::Error> {
    struct Member<'k>(&'k str);
    impl<'de> Visitor<'de> for Member<'_> {
        type Value = Option<&'de RawValue>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            while let Some((key, value)) = map.next_entry::<Key<'_>, &RawValue>()? {
                if key.0 == self.0 {
                    found = Some(value);
                }
            }
            Ok(found)
        }
    }
    if !json.starts_with('{') {
        return Ok(None);
    }
    let found = serde_json::Deserializer::from_str(json).deserialize_map(Member(key))?;
    found.map_or(Ok(None), |value| scalar(value.get()))
}

/// Gives the elements of an array one after the other.
fn elements(
    json: &str,
    take: impl FnMut(usize, &str) -> Result<(), serde_json::Error>,
) -> Result<(), serde_json::Error> {
    serde_json::Deserializer::from_str(json).deserialize_seq(Elements(take))
}

/// A value as text: strings without quotes and escapes, everything else as it stands, null as none.
pub(super) fn scalar(json: &str) -> Result<Option<Cow<'_, str>>, serde_json::Error> {
    match json.as_bytes().first() {
        Some(b'"') => {
            let inner = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
            if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
                return Ok(Some(Cow::Borrowed(inner)));
            }
            serde_json::from_str::<String>(json).map(|text| Some(Cow::Owned(text)))
        }
        Some(b'n') => Ok(None),
        _ => Ok(Some(Cow::Borrowed(json))),
    }
}

struct Object<'x> {
    extractor: &'x Extractor,
    place: &'x Place,
    separator: &'x str,
    values: &'x mut Values,
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.values.stamp += 1;
        let stamp = self.values.stamp;
        let mut next = 0;
        while let Some(found) = map.next_key_seed(Find { keys: &self.place.keys, from: next })? {
            let Some((number, place)) = found else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            next = number + 1;
            let json = map.next_value::<&RawValue>()?.get();
            match self.values.stamps.get_mut(place) {
                Some(last) if *last == stamp => {
                    let name = self.place.keys.get(number).map(|(key, _)| key.as_str()).unwrap_or_default();
                    self.values.fault(say!("{name} förekommer två gånger", "{name} occurs twice"));
                }
                Some(last) => *last = stamp,
                None => {}
            }
            self.extractor.take(place, json, self.separator, self.values).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

struct Elements<F>(F);

impl<'de, F: FnMut(usize, &str) -> Result<(), serde_json::Error>> Visitor<'de> for Elements<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let mut index = 0;
        while let Some(element) = seq.next_element::<&RawValue>()? {
            (self.0)(index, element.get()).map_err(A::Error::custom)?;
            index += 1;
        }
        Ok(())
    }
}

/// Finds a key among those wanted. They mostly come in that order: the search goes on from the last.
struct Find<'x> {
    keys: &'x [(String, usize)],
    from: usize,
}

impl<'de> DeserializeSeed<'de> for Find<'_> {
    type Value = Option<(usize, usize)>;
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Find<'_> {
    type Value = Option<(usize, usize)>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        let (before, after) = self.keys.split_at(self.from.min(self.keys.len()));
        let mut all = (self.from..).zip(after).chain((0..).zip(before));
        Ok(all.find(|(_, (k, _))| k == key).map(|(number, (_, place))| (number, *place)))
    }
}

/// Notes the keys of an object whose values are scalars.
pub(super) fn scalar_keys(json: &str, mut note: impl FnMut(&str)) -> Result<(), serde_json::Error> {
    struct Keys<'x>(&'x mut dyn FnMut(&str));
    impl<'de> Visitor<'de> for Keys<'_> {
        type Value = ();
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some((key, value)) = map.next_entry::<Key<'_>, &RawValue>()? {
                if !matches!(value.get().as_bytes().first(), Some(b'{' | b'[')) {
                    (self.0)(&key.0);
                }
            }
            Ok(())
        }
    }
    if json.starts_with('{') {
        serde_json::Deserializer::from_str(json).deserialize_map(Keys(&mut note))?;
    }
    Ok(())
}

/// A key, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
