//! A rule's messages, with the column's name and the suggestion put in.

use super::RuleDoc;

/// A language that messages are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Swedish, for regions.
    #[default]
    Swedish,
    /// English.
    English,
}

impl RuleDoc {
    /// What is wrong, in one sentence.
    pub fn what(&self, language: Language, column: Option<&str>) -> String {
        let (text, unnamed) = match language {
            Language::Swedish => (self.sv, "kolumnen"),
            Language::English => (self.en, "the column"),
        };
        named(text, column, unnamed)
    }

    /// What to do. A sentence that offers the suggestion is left out where there is none.
    pub fn mend(&self, language: Language, column: Option<&str>, suggestion: Option<&str>) -> String {
        let (text, unnamed) = match language {
            Language::Swedish => (self.mend_sv, "kolumnen"),
            Language::English => (self.mend_en, "the column"),
        };
        let text = named(text, column, unnamed);
        match suggestion {
            Some(suggestion) => text.replace("{forslag}", suggestion),
            None => without_suggestion(&text),
        }
    }

    /// First line of the reference page: the rule in one line.
    pub fn title(&self) -> &'static str {
        self.doc.lines().next().unwrap_or_default()
    }
}

/// The text with the column's name; where there is none, *the column* alone and not twice.
fn named(text: &str, column: Option<&str>, unnamed: &str) -> String {
    match column {
        Some(column) => text.replace("{kolumn}", column),
        None => ["olumnen {kolumn}", "he column {kolumn}"]
            .into_iter()
            .fold(text.to_owned(), |text, twice| text.replace(twice, twice.trim_end_matches(" {kolumn}")))
            .replace("{kolumn}", unnamed),
    }
}

/// Sentences end with `.` or `?` and a blank; those that hold the placeholder go.
fn without_suggestion(text: &str) -> String {
    let sentences = text.split_inclusive(". ").flat_map(|s| s.split_inclusive("? "));
    sentences.filter(|s| !s.contains("{forslag}")).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::{ALL, find};
    use super::*;

    #[test]
    fn an_unnamed_column_is_said_once() {
        for rule in ALL {
            let said = [rule.what(Language::Swedish, None), rule.what(Language::English, None)];
            for text in said.map(|text| text.to_lowercase()) {
                assert!(
                    !text.contains("kolumnen kolumnen") && !text.contains("column the column"),
                    "{}: {text}",
                    rule.id
                );
            }
        }
    }

    #[test]
    fn the_suggestion_comes_and_goes() {
        let rule = find("orgnr_luhn").expect("a rule");
        let mend = |s| rule.mend(Language::Swedish, None, s);
        assert_eq!(mend(Some("2321000180")), "Menade ni 2321000180? Rätta numret i er källa.");
        assert_eq!(mend(None), "Rätta numret i er källa.");
        let rule = find("tomt_obligatoriskt").expect("a rule");
        assert_eq!(rule.what(Language::Swedish, Some("titel")), "Kolumnen titel måste ha ett värde, men är tom.");
    }

    #[test]
    fn every_rule_speaks_plainly() {
        for rule in ALL {
            for text in [rule.why_sv, rule.example_sv] {
                assert!(!text.contains('!') && text.ends_with('.'), "{}: {text}", rule.id);
            }
            for text in [rule.sv, rule.mend_sv, rule.en, rule.mend_en] {
                assert!(!text.contains('!') && text.ends_with(['.', '?']), "{}: {text}", rule.id);
                let placeholders = text.matches('{').count();
                let known = text.matches("{kolumn}").count() + text.matches("{forslag}").count();
                assert_eq!(placeholders, known, "{}: {text}", rule.id);
            }
            for language in [Language::Swedish, Language::English] {
                assert!(!rule.mend(language, None, None).is_empty(), "{} always says what to do", rule.id);
            }
        }
    }

    #[test]
    fn every_rule_is_documented_under_the_same_headings() {
        for rule in ALL {
            let headings: Vec<&str> = rule.doc.lines().filter(|l| l.starts_with('#')).collect();
            assert_eq!(headings, ["## What it checks", "## Why", "## Example"], "{}", rule.id);
            assert!(rule.title().ends_with('.'), "{}", rule.id);
        }
    }
}
