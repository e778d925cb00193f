//! Suggestions are dear, and one wrong value often fills a column: each is looked for once.

use std::collections::HashMap;

/// Distinct wrong values of one batch that suggestions are looked for. A column with more than these
/// is wrong as a whole, and a suggestion for each value would help nobody.
const MOST: usize = 256;

/// What was found for the wrong values of one column in one batch.
#[derive(Default)]
pub(super) struct Suggestions {
    found: HashMap<(String, &'static str), Option<String>>,
}

impl Suggestions {
    /// The suggestion for `value`, which breaks `rule`; `find` looks for it the first time.
    pub(super) fn get(
        &mut self,
        value: &str,
        rule: &'static str,
        find: impl FnOnce() -> Option<String>,
    ) -> Option<String> {
        let wrong = (value.to_owned(), rule);
        if let Some(known) = self.found.get(&wrong) {
            return known.clone();
        }
        if self.found.len() >= MOST {
            return None;
        }
        let suggestion = find();
        self.found.insert(wrong, suggestion.clone());
        suggestion
    }
}
