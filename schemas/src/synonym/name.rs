//! A column's name, cut into words and these into meanings.

use super::short::{Reading, readings};
use super::{Dictionary, Endings, Meaning};

/// Shortest word that is looked for inside letters that are not known.
const SHORTEST: usize = 4;
/// How alike a word must be to a known one.
const ALIKE: f64 = 0.94;

/// What a column's or a table's name says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Name {
    /// Its meanings, in order, each once.
    pub meanings: Vec<Meaning>,
    /// Letters that say nothing that is known.
    pub unknown: usize,
    /// A word was only like a known one.
    pub guessed: bool,
    /// Abbreviations, each with the words that it may be short for.
    pub maybe: Vec<Short>,
}

/// Letters that may be short for several words.
#[derive(Clone, Debug, PartialEq)]
pub struct Short {
    /// How many letters.
    pub letters: usize,
    /// What they may mean, the best first.
    pub readings: Vec<Reading>,
}

/// Lower case, å and ä as a, ö as o, without other accents.
pub fn fold(text: &str) -> String {
    let folded = |c: char| match c {
        'å' | 'ä' | 'á' | 'à' | 'æ' => 'a',
        'ö' | 'ø' | 'ó' => 'o',
        'é' | 'è' | 'ë' => 'e',
        'ü' => 'u',
        other => other,
    };
    text.chars().flat_map(char::to_lowercase).map(folded).collect()
}

impl Name {
    pub(super) fn read(text: &str, dictionary: &Dictionary, endings: &Endings) -> Self {
        let whole = Self::of(&tokens(text, false), dictionary, endings);
        let humps = Self::of(&tokens(text, true), dictionary, endings);
        let doubt = |name: &Self| (name.unknown, name.maybe.len(), name.guessed);
        if doubt(&humps) < doubt(&whole) { humps } else { whole }
    }

    fn of(tokens: &[String], dictionary: &Dictionary, endings: &Endings) -> Self {
        let mut name = Self::default();
        let mut rest = tokens;
        while let Some((first, after)) = rest.split_first() {
            // Written apart (`fr.o.m.`, `e-post`, `org.nr`) or with a number at the end (`adress1`).
            let joined = (1..=4.min(rest.len())).rev().find_map(|n| {
                let word = rest.get(..n)?.concat();
                let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
                Some((n, dictionary.meaning(&word).or_else(|| dictionary.meaning(bare))?))
            });
            if let Some((words, meaning)) = joined {
                name.add(meaning);
                rest = rest.get(words..).unwrap_or_default();
                continue;
            }
            rest = after;
            if !first.chars().all(|c| c.is_ascii_digit()) {
                name.token(first, dictionary, endings);
            }
        }
        name
    }

    fn add(&mut self, meaning: Meaning) {
        if !self.meanings.contains(&meaning) {
            self.meanings.push(meaning);
        }
    }

    /// Whether a meaning is in the name, or may be.
    pub fn says(&self, meaning: &str) -> bool {
        self.meanings.contains(&meaning) || self.perhaps(meaning).is_some()
    }

    /// The abbreviation that may be short for a meaning, and how well it fits.
    pub(super) fn perhaps(&self, meaning: &str) -> Option<(usize, f64)> {
        let found = self.maybe.iter().enumerate().filter_map(|(at, one)| {
            let reading = one.readings.iter().find(|reading| reading.meaning == meaning)?;
            // One of several is less sure.
            Some((at, if one.readings.len() > 1 { reading.fit * 0.9 } else { reading.fit }))
        });
        found.max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Takes each abbreviation at its best reading.
    #[must_use]
    pub fn at_best(mut self) -> Self {
        for one in std::mem::take(&mut self.maybe) {
            match one.readings.first() {
                Some(reading) => {
                    self.guessed = true;
                    self.add(reading.meaning);
                }
                None => self.unknown += one.letters,
            }
        }
        self
    }

    fn token(&mut self, token: &str, dictionary: &Dictionary, endings: &Endings) {
        if let Some(meanings) = compound(token, dictionary, endings) {
            for meaning in meanings {
                self.add(meaning);
            }
            return;
        }
        if token.len() >= 5
            && let Some(meaning) = alike(token, dictionary)
        {
            self.add(meaning);
            self.guessed = true;
            return;
        }
        let readings = readings(token, dictionary);
        if !readings.is_empty() {
            self.maybe.push(Short { letters: token.len(), readings });
            return;
        }
        // The longest known word in it, at an end.
        let ends = token.char_indices().map(|(at, _)| at).filter(|at| *at > 0);
        let parts = ends.filter_map(|at| token.split_at_checked(at).map(|(a, b)| [(a, b.len()), (b, a.len())]));
        let known = parts.flatten().filter(|(word, _)| word.len() >= SHORTEST);
        let best =
            known.filter_map(|(word, left)| Some((left, compound(word, dictionary, endings)?))).min_by_key(|b| b.0);
        match best {
            Some((left, meanings)) => {
                for meaning in meanings {
                    self.add(meaning);
                }
                self.unknown += left;
            }
            None => self.unknown += token.chars().count(),
        }
    }
}

/// Words between signs; where `humps`, also between a small and a capital letter.
fn tokens(text: &str, humps: bool) -> Vec<String> {
    let mut tokens = vec![String::new()];
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let hump = c.is_uppercase() && (before.is_lowercase() || chars.peek().is_some_and(|next| next.is_lowercase()));
        if (humps && hump) || !c.is_alphanumeric() {
            tokens.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(last) = tokens.last_mut()
        {
            last.push_str(&fold(&c.to_string()));
        }
        before = c;
    }
    tokens.retain(|token| !token.is_empty());
    tokens
}

/// The meanings of known words that make up all of `token`, with the letters that Swedish puts between and
/// after them; as few words as will do.
fn compound(token: &str, dictionary: &Dictionary, endings: &Endings) -> Option<Vec<Meaning>> {
    let mut best: Vec<Option<(f64, Vec<Meaning>)>> = vec![None; token.len() + 1];
    *best.first_mut()? = Some((0.0, Vec::new()));
    for from in 0..token.len() {
        let Some((cost, meanings)) = best.get(from).cloned().flatten() else { continue };
        for to in from + 2..=token.len() {
            let Some(meaning) = token.get(from..to).and_then(|word| dictionary.meaning(word)) else { continue };
            // Short words stand in many by chance.
            let cost = cost + if to - from < 4 { 2.0 } else { 1.0 };
            let mut meanings = meanings.clone();
            meanings.push(meaning);
            offer(&mut best, to, cost, &meanings);
            let after = token.get(to..).unwrap_or_default();
            for link in &endings.fog {
                if after.starts_with(link.as_str()) {
                    offer(&mut best, to + link.len(), cost + 0.2, &meanings);
                }
            }
            for ending in &endings.efter {
                if after.starts_with(ending.as_str()) {
                    offer(&mut best, to + ending.len(), cost + 0.3, &meanings);
                }
            }
        }
    }
    best.pop().flatten().map(|(_, meanings)| meanings)
}

fn offer(best: &mut [Option<(f64, Vec<Meaning>)>], at: usize, cost: f64, meanings: &[Meaning]) {
    if let Some(place) = best.get_mut(at)
        && place.as_ref().is_none_or(|(known, _)| cost < *known)
    {
        *place = Some((cost, meanings.to_vec()));
    }
}

fn alike(token: &str, dictionary: &Dictionary) -> Option<Meaning> {
    let long = dictionary.words.iter().filter(|(word, _)| word.len() >= 5);
    let scored = long.map(|(word, meaning)| (strsim::jaro_winkler(word, token), *word, *meaning));
    let best = scored.filter(|(likeness, ..)| *likeness >= ALIKE);
    best.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1))).map(|(.., meaning)| meaning)
}
