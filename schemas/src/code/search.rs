//! Finding codes by what a person types.

use super::System;
use super::system::CodeId;

/// A code that was found, with its newest text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Hit<'a> {
    /// The code.
    pub code: &'a str,
    /// Its newest text, where it has one.
    pub label: Option<&'a str>,
}

/// The best `n`: the code itself, codes that begin so, texts that begin so, texts where every word
/// begins a word, texts that contain every word. Equals stand in code order.
pub(super) fn search<'a>(system: &'a System, text: &str, n: usize) -> Vec<Hit<'a>> {
    let wanted = text.trim().to_lowercase();
    if wanted.is_empty() {
        return Vec::new();
    }
    let words: Vec<&str> = wanted.split_whitespace().collect();
    let mut found: Vec<(u8, Hit<'a>)> = (system.codes().iter().enumerate())
        .filter_map(|(id, code)| {
            let label = CodeId::try_from(id).ok().and_then(|id| system.label_of(id, i32::MAX));
            rank(&code.to_lowercase(), label, &wanted, &words).map(|rank| (rank, Hit { code, label }))
        })
        .collect();
    found.sort_by(|a, b| (a.0, a.1.code).cmp(&(b.0, b.1.code)));
    found.truncate(n);
    found.into_iter().map(|(_, hit)| hit).collect()
}

fn rank(code: &str, label: Option<&str>, wanted: &str, words: &[&str]) -> Option<u8> {
    if code == wanted {
        return Some(0);
    }
    if code.starts_with(wanted) {
        return Some(1);
    }
    let label = label?.to_lowercase();
    if label.starts_with(wanted) {
        return Some(2);
    }
    let begins = |word: &&str| label.split(|c: char| !c.is_alphanumeric()).any(|w| w.starts_with(*word));
    if words.iter().all(begins) {
        return Some(3);
    }
    words.iter().all(|word| label.contains(word)).then_some(4)
}
