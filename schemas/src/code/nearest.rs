//! The valid code that an unknown one was probably meant to be.
//!
//! Codes are compared after look-alike characters have been made equal (O and 0, I and 1 and l, S
//! and 5, B and 8, å and a, capitals and small letters). Candidates come from an index of every code
//! with one or two characters deleted: two strings within two edits of each other always share such
//! a remainder. The index is built at the first question to a system, and each question is answered
//! once.

use std::sync::{Arc, Mutex, PoisonError};

use xxhash_rust::xxh3::xxh3_64;

use super::system::{CodeId, System};
use super::{Verdict, hash::CodeMap};

/// Longest string that a code is looked for in: anything longer is not a misspelt code.
const LONGEST: usize = 32;
/// Longest code for which two edits are indexed; of longer ones (SNOMED CT) there are too many remainders.
const LONGEST_DEEP: usize = 10;
/// Shortest code in which two edits leave something to go by.
const SHORTEST_DEEP: usize = 5;
/// Systems with more codes than this are indexed for one edit only.
const MOST_DEEP: usize = 100_000;
/// Answers that are kept.
const MOST_ANSWERS: usize = 65_536;
/// What an edit costs beside a look-alike, which costs 1.
const EDIT: u32 = 64;

/// Candidates for one misspelt code: cost and code, cheapest first.
type Candidates = Arc<[(u32, CodeId)]>;

/// What is known of a system's neighbourhoods.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    /// Hash of a remainder, and a code that it remains of; sorted.
    remainders: Vec<(u32, CodeId)>,
    deep: bool,
    answers: Mutex<CodeMap<Candidates>>,
}

/// The single best code that is valid on `day`; none where two are equally near.
pub(super) fn nearest<'a>(system: &'a System, code: &str, day: i32) -> Option<&'a str> {
    let resolved = system.resolved();
    let candidates = candidates(system, code);
    let mut valid = candidates.iter().filter(|(_, id)| resolved.check(*id, day) == Verdict::Valid);
    let (cost, best) = valid.next()?;
    let unique = valid.next().is_none_or(|(next, _)| next > cost);
    unique.then(|| system.code(*best)).flatten()
}

fn candidates(system: &System, code: &str) -> Candidates {
    let folded = fold(code);
    if folded.is_empty() || folded.len() > LONGEST {
        return Arc::default();
    }
    let neighbours = system.neighbours.get_or_init(|| Neighbours::of(system));
    if let Some(known) = neighbours.answers.lock().unwrap_or_else(PoisonError::into_inner).get(code) {
        return Arc::clone(known);
    }
    let found: Candidates = neighbours.find(system, code, &folded).into();
    let mut answers = neighbours.answers.lock().unwrap_or_else(PoisonError::into_inner);
    if answers.len() < MOST_ANSWERS {
        answers.insert(code.into(), Arc::clone(&found));
    }
    found
}

impl Neighbours {
    fn of(system: &System) -> Self {
        let deep = system.len() <= MOST_DEEP;
        let mut remainders = Vec::new();
        for (id, code) in system.codes().iter().enumerate() {
            let Ok(id) = CodeId::try_from(id) else { break };
            let folded = fold(code);
            if folded.len() <= LONGEST {
                each_remainder(&folded, depth(&folded, deep), &mut |hash| remainders.push((hash, id)));
            }
        }
        remainders.sort_unstable();
        remainders.dedup();
        remainders.shrink_to_fit();
        Self { remainders, deep, answers: Mutex::default() }
    }

    fn find(&self, system: &System, code: &str, folded: &[char]) -> Vec<(u32, CodeId)> {
        let mut ids = Vec::new();
        each_remainder(folded, depth(folded, self.deep), &mut |hash| {
            let first = self.remainders.partition_point(|(h, _)| *h < hash);
            let same = self.remainders.iter().skip(first).take_while(|(h, _)| *h == hash);
            ids.extend(same.map(|(_, id)| *id));
        });
        ids.sort_unstable();
        ids.dedup();
        let written: Vec<char> = code.chars().collect();
        let mut near: Vec<(u32, CodeId)> = (ids.into_iter())
            .filter_map(|id| {
                let other: Vec<char> = system.code(id)?.chars().collect();
                let cost = cost(&written, &other);
                let edits = if written.len().min(other.len()) >= SHORTEST_DEEP { 2 } else { 1 };
                (cost < (edits + 1) * EDIT && cost > 0).then_some((cost, id))
            })
            .collect();
        near.sort_unstable();
        near
    }
}

fn depth(folded: &[char], deep: bool) -> usize {
    if deep && (SHORTEST_DEEP - 2..=LONGEST_DEEP).contains(&folded.len()) { 2 } else { 1 }
}

/// Hashes `text` and what remains of it after up to `depth` deletions.
fn each_remainder(text: &[char], depth: usize, found: &mut dyn FnMut(u32)) {
    let mut bytes = String::with_capacity(text.len() * 2);
    let mut hash_without = |first: Option<usize>, second: Option<usize>| {
        bytes.clear();
        let kept = text.iter().enumerate().filter(|(i, _)| Some(*i) != first && Some(*i) != second);
        bytes.extend(kept.map(|(_, c)| c));
        found(fold_hash(xxh3_64(bytes.as_bytes())));
    };
    hash_without(None, None);
    for first in 0..text.len() {
        hash_without(Some(first), None);
        if depth > 1 {
            for second in first + 1..text.len() {
                hash_without(Some(first), Some(second));
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
fn fold_hash(hash: u64) -> u32 {
    hash as u32
}

fn fold(code: &str) -> Vec<char> {
    code.trim().chars().map(look).collect()
}

/// The character that stands for all that look like it.
fn look(c: char) -> char {
    match c {
        'O' | 'o' | 'Ö' | 'ö' => '0',
        'I' | 'i' | 'L' | 'l' => '1',
        'S' | 's' => '5',
        'B' | 'b' => '8',
        'Å' | 'å' | 'Ä' | 'ä' => 'A',
        c => c.to_ascii_uppercase(),
    }
}

/// What it costs to turn one into the other by insertions, deletions, replacements and swaps of
/// neighbours ([`EDIT`] each; a look-alike 1): optimal string alignment over short strings.
fn cost(from: &[char], to: &[char]) -> u32 {
    let width = to.len() + 1;
    let mut rows: Vec<Vec<u32>> = Vec::with_capacity(from.len() + 1);
    let mut line = Vec::with_capacity(width);
    let mut step = 0;
    for _ in 0..width {
        line.push(step);
        step += EDIT;
    }
    rows.push(line);
    for (i, a) in from.iter().enumerate() {
        let above = rows.get(i).map(Vec::as_slice).unwrap_or_default();
        let mut line = Vec::with_capacity(width);
        line.push(above.first().map_or(EDIT, |c| c + EDIT));
        for (j, b) in to.iter().enumerate() {
            let at = |row: &[u32], k: usize| row.get(k).copied().unwrap_or(u32::MAX / 2);
            let replace = if a == b {
                0
            } else if look(*a) == look(*b) {
                1
            } else {
                EDIT
            };
            let mut best = (at(above, j) + replace).min(at(above, j + 1) + EDIT).min(at(&line, j) + EDIT);
            let swapped = i > 0 && j > 0 && from.get(i - 1) == Some(b) && to.get(j - 1) == Some(a);
            if swapped && let Some(two_above) = rows.get(i - 1) {
                best = best.min(at(two_above, j - 1) + EDIT);
            }
            line.push(best);
        }
        rows.push(line);
    }
    rows.last().and_then(|line| line.last()).copied().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn look_alikes_are_cheaper_than_edits() {
        assert_eq!(cost(&chars("CJEO0"), &chars("CJE00")), 1);
        assert_eq!(cost(&chars("CJE21"), &chars("CJE20")), EDIT);
        assert_eq!(cost(&chars("CEJ20"), &chars("CJE20")), EDIT, "a swap of neighbours is one edit");
        assert_eq!(cost(&chars("H25.1"), &chars("H251")), EDIT);
        assert_eq!(cost(&chars("Å12"), &chars("A12")), 1);
        assert_eq!(cost(&[], &chars("AB")), 2 * EDIT);
    }

    #[test]
    fn strings_within_two_edits_share_a_remainder() {
        let hashes = |text: &str| {
            let mut all = Vec::new();
            each_remainder(&fold(text), 2, &mut |h| all.push(h));
            all
        };
        for (a, b) in [("CJE20", "CJX21"), ("CJE20", "JCE2"), ("CJE20", "CJE2055"), ("12345", "21354")] {
            let there = hashes(b);
            assert!(hashes(a).iter().any(|h| there.contains(h)), "{a} {b}");
        }
    }
}
