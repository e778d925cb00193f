//! All words of all names: how rare each is, and which others may be slips of it.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

use super::alike::slip;

/// Words shorter than this are themselves or another.
const SHORTEST: usize = 5;

/// All words of all names.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    ids: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
    names: Vec<u32>,
    weights: Vec<f64>,
    /// Hash of a word, or of one without one of its letters → words.
    slips: HashMap<u64, Vec<u32>>,
    all: u32,
    /// What a word tells that nobody has.
    unknown: f64,
}

impl Vocabulary {
    /// The word's number, which it gets now if it has none.
    pub(super) fn add(&mut self, word: &str) -> u32 {
        if let Some(id) = self.ids.get(word) {
            return *id;
        }
        let id = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.ids.insert(word.into(), id);
        self.texts.push(word.into());
        self.names.push(0);
        id
    }

    /// One more name has the word.
    pub(super) fn count(&mut self, id: u32) {
        if let Some(names) = self.names.get_mut(id as usize) {
            *names += 1;
        }
    }

    /// When all words are in: `all` entities have names.
    pub(super) fn finish(&mut self, all: u32) {
        let weight = |names: u32| (f64::from(all + 1) / (f64::from(names) + 0.5)).ln().max(0.2);
        self.weights = self.names.iter().map(|names| weight(*names)).collect();
        self.unknown = weight(1);
        self.all = all;
        let mut slips: HashMap<u64, Vec<u32>> = HashMap::new();
        for (id, text) in (0_u32..).zip(&self.texts).filter(|(_, text)| text.len() >= SHORTEST) {
            for hash in shortened(text) {
                let list = slips.entry(hash).or_default();
                if list.last() != Some(&id) {
                    list.push(id);
                }
            }
        }
        self.slips = slips;
    }

    pub(super) fn id(&self, word: &str) -> Option<u32> {
        self.ids.get(word).copied()
    }

    pub(super) fn text(&self, id: u32) -> &str {
        self.texts.get(id as usize).map_or("", |text| text)
    }

    /// How many names have it.
    pub(super) fn names(&self, id: u32) -> usize {
        self.names.get(id as usize).copied().unwrap_or_default() as usize
    }

    /// What a word tells.
    pub(super) fn weight(&self, id: Option<u32>) -> f64 {
        id.and_then(|id| self.weights.get(id as usize)).copied().unwrap_or(self.unknown)
    }

    /// How much a name must tell to point one out among all.
    pub(super) fn enough(&self) -> f64 {
        f64::from(self.all + 1).ln().max(1.0)
    }

    /// The words that `word` may be, itself included, each with how much it is.
    pub(super) fn meant(&self, word: &str) -> Vec<(u32, f64)> {
        let mut found: Vec<(u32, f64)> = self.id(word).map(|id| (id, 1.0)).into_iter().collect();
        if word.len() >= SHORTEST {
            let mut near: Vec<u32> =
                shortened(word).filter_map(|hash| self.slips.get(&hash)).flatten().copied().collect();
            near.sort_unstable();
            near.dedup();
            let slips = near.into_iter().map(|id| (id, slip(word, self.text(id))));
            found.extend(slips.filter(|(_, same)| *same > 0.0 && *same < 1.0));
        }
        found
    }
}

/// Hashes of the word and of it without each of its letters.
fn shortened(word: &str) -> impl Iterator<Item = u64> {
    let without = word.char_indices().map(|(at, c)| {
        let mut rest = String::with_capacity(word.len());
        rest.push_str(word.get(..at).unwrap_or_default());
        rest.push_str(word.get(at + c.len_utf8()..).unwrap_or_default());
        xxh3_64(rest.as_bytes())
    });
    std::iter::once(xxh3_64(word.as_bytes())).chain(without)
}
