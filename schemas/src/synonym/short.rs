//! Abbreviations that nobody has listed: what a few letters of a column's name may stand for.
//!
//! Three habits are known, and no list of seen names: the word's beginning (`gilt` for *giltig*), its consonants
//! (`lnk` for *länk*, `kmn` for *kommun*), and its first letters before a word that is written out (`mform` for
//! *mötesform*). Several words may fit: each is kept with how well it does, and what the column holds decides.

use super::{Dictionary, Meaning};

/// Letters of an abbreviation, at least and at most.
const LETTERS: std::ops::RangeInclusive<usize> = 2..=7;
/// Readings that are kept: with more, the letters say nothing.
const MOST: usize = 5;
/// How well a reading must fit to be kept.
const FITS: f64 = 0.5;

/// A word that letters may stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// What the word means.
    pub meaning: Meaning,
    /// How well the letters fit it: 0 to 1.
    pub fit: f64,
}

/// What `token` (folded) may be short for, the best first; nothing where too much fits.
pub(super) fn readings(token: &str, dictionary: &Dictionary) -> Vec<Reading> {
    if !LETTERS.contains(&token.len()) || !token.bytes().all(|b| b.is_ascii_lowercase()) {
        return Vec::new();
    }
    let mut found: Vec<Reading> = Vec::new();
    for (word, meaning) in &dictionary.words {
        let fit = fit(token, word);
        if fit < FITS {
            continue;
        }
        match found.iter_mut().find(|reading| reading.meaning == *meaning) {
            Some(known) => known.fit = known.fit.max(fit),
            None => found.push(Reading { meaning, fit }),
        }
    }
    found.sort_by(|a, b| b.fit.total_cmp(&a.fit).then_with(|| a.meaning.cmp(b.meaning)));
    // What fits much worse than the best is chance.
    let best = found.first().map_or(0.0, |reading| reading.fit);
    found.retain(|reading| reading.fit >= best - 0.2);
    if found.len() > MOST { Vec::new() } else { found }
}

/// How well letters abbreviate a word.
fn fit(token: &str, word: &str) -> f64 {
    if word.len() <= token.len() || !word.is_ascii() || word.as_bytes().first() != token.as_bytes().first() {
        return 0.0;
    }
    if word.starts_with(token) {
        return match token.len() {
            2 => 0.5,
            3 => 0.75,
            _ => 0.9,
        };
    }
    if !is_within(token, word) {
        return 0.0;
    }
    // A word that is written out, with letters of another before it.
    if token.len() >= 5 && (4..token.len()).any(|n| token.get(token.len() - n..).is_some_and(|end| word.ends_with(end)))
    {
        return 0.8;
    }
    let (short, long) = (skeleton(token), skeleton(word));
    let vowels = token.bytes().skip(1).filter(|b| is_vowel(*b)).count();
    if vowels > 0 || short.len() < 2 {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "a share of a few letters")]
    let covered = short.len() as f64 / long.len().max(1) as f64;
    if covered < 0.6 { 0.0 } else { 0.4 + 0.5 * covered }
}

/// Whether the letters stand in the word in their order.
fn is_within(token: &str, word: &str) -> bool {
    let mut letters = word.bytes();
    token.bytes().all(|wanted| letters.any(|letter| letter == wanted))
}

/// The first letter and the consonants after it, doubled ones once.
fn skeleton(word: &str) -> Vec<u8> {
    let mut letters: Vec<u8> =
        word.bytes().enumerate().filter(|(at, b)| *at == 0 || !is_vowel(*b)).map(|(_, b)| b).collect();
    letters.dedup();
    letters
}

fn is_vowel(letter: u8) -> bool {
    b"aeiouy".contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::super::dictionary;
    use super::*;

    fn best(token: &str) -> Option<Meaning> {
        readings(token, dictionary()).first().map(|reading| reading.meaning)
    }

    #[test]
    fn beginnings_and_consonants_stand_for_words() {
        for (token, meaning) in [
            ("gilt", "giltig"),
            ("lnk", "webb"),
            ("kmn", "kommun"),
            ("vlk", "villkor"),
            ("mform", "motesform"),
            ("diag", "diagnos"),
        ] {
            assert_eq!(best(token), Some(meaning), "{token}: {:?}", readings(token, dictionary()));
        }
    }

    #[test]
    fn letters_that_fit_everything_or_nothing_say_nothing() {
        assert_eq!(best("xq"), None);
        assert_eq!(best("s"), None);
        assert_eq!(best("zzz"), None);
        assert_eq!(best(""), None);
        assert_eq!(best("åäö"), None);
    }
}
