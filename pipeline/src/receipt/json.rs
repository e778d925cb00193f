//! The receipt for programs: the facts, and each rule's texts.

use serde::Serialize;
use sluss_schemas::rule::Language;

use super::facts::{Receipt, RuleCount};
use super::text::{message, verdict};

/// Version of the JSON form: changes when a field goes or changes its meaning, not when one comes.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Whole<'a> {
    version: u32,
    verdict: String,
    #[serde(flatten)]
    receipt: &'a Receipt,
    /// The rules of the receipt, in its order.
    texts: Vec<Texts<'a>>,
}

#[derive(Serialize)]
struct Texts<'a> {
    rule: &'a str,
    what: String,
    mend: String,
}

/// The receipt as JSON, with the fields of [`Receipt`], `version`, `verdict` (the last line of the
/// text) and `texts` (for each rule that was broken, what is wrong and what to do). Reading it as a
/// [`Receipt`] gives the receipt back.
pub fn json(receipt: &Receipt, language: Language) -> serde_json::Result<String> {
    let mut rules: Vec<&RuleCount> = Vec::new();
    for rule in &receipt.rules {
        if !rules.iter().any(|known| known.rule == rule.rule) {
            rules.push(rule);
        }
    }
    let texts = rules.into_iter().map(|rule| {
        let (what, mend) = message(&rule.rule, None, language);
        Texts { rule: &rule.rule, what, mend }
    });
    let whole = Whole { version: VERSION, verdict: verdict(receipt, language), receipt, texts: texts.collect() };
    serde_json::to_string_pretty(&whole)
}
