//! ICD-10-SE, Socialstyrelsen's classification of diseases: three to five characters, no dot.

use std::borrow::Cow;

use super::code;
use crate::reading::Reading;
use crate::value::typography::is_blank;

/// Reads an ICD-10-SE code in the stored form, `H259`. A dot (`H25.9`), blanks and case are
/// repairs; fails with `kod_felformat`.
pub fn read(text: &str) -> Reading<Cow<'_, str>> {
    if is_icd10(text) {
        return Reading::Clean(Cow::Borrowed(text));
    }
    match code::read(text) {
        Reading::Empty => Reading::Empty,
        Reading::Clean(c) | Reading::Repaired(c) if is_icd10(&c) => Reading::Repaired(c),
        Reading::Clean(c) | Reading::Repaired(c) if c.len() <= 16 => {
            let closed: String = c.chars().filter(|c| !is_blank(*c)).collect();
            let closed = match closed.split_once('.') {
                // The dot stands after the category and nowhere else.
                Some((category, detail)) if category.len() == 3 && !detail.is_empty() => format!("{category}{detail}"),
                _ => closed,
            };
            if is_icd10(&closed) { Reading::Repaired(Cow::Owned(closed)) } else { Reading::Unreadable(code::FELFORMAT) }
        }
        _ => Reading::Unreadable(code::FELFORMAT),
    }
}

/// Reads an ICD-10-SE code in the printed form, `H25.9`: for tables that keep the dot. A missing
/// dot is a repair.
pub fn read_dotted(text: &str) -> Reading<Cow<'_, str>> {
    if let Some((category, detail)) = text.split_once('.')
        && category.len() == 3
        && !detail.is_empty()
        && read(text)
            .value()
            .is_some_and(|c| c.len() + 1 == text.len() && c.get(..3) == Some(category) && c.get(3..) == Some(detail))
    {
        return Reading::Clean(Cow::Borrowed(text));
    }
    match read(text) {
        Reading::Clean(c) | Reading::Repaired(c) if c.len() > 3 => {
            Reading::Repaired(Cow::Owned(display(&c).into_owned()))
        }
        other => other,
    }
}

/// A stored code in print: `H259` → `H25.9`.
pub fn display(code: &str) -> Cow<'_, str> {
    match (code.get(..3), code.get(3..)) {
        (Some(category), Some(detail)) if !detail.is_empty() => Cow::Owned(format!("{category}.{detail}")),
        _ => Cow::Borrowed(code),
    }
}

/// Whether `code` has the stored form: a letter, two digits, then a digit, then a digit or letter.
pub fn is_icd10(code: &str) -> bool {
    match code.as_bytes() {
        [letter, tens, ones, rest @ ..] => {
            letter.is_ascii_uppercase()
                && tens.is_ascii_digit()
                && ones.is_ascii_digit()
                && match rest {
                    [] => true,
                    [fourth] => fourth.is_ascii_digit(),
                    [fourth, fifth] => {
                        fourth.is_ascii_digit() && (fifth.is_ascii_digit() || fifth.is_ascii_uppercase())
                    }
                    _ => false,
                }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn with_and_without_dot() {
        for good in ["A00", "A009", "A083B", "H259", "M1712"] {
            assert!(matches!(read(good), Reading::Clean(Cow::Borrowed(_))), "{good}");
        }
        for (typed, code) in [("H25.9", "H259"), ("h259", "H259"), (" a08.3b ", "A083B"), ("H25 .9", "H259")] {
            assert_eq!(read(typed), Reading::Repaired(code.into()), "{typed}");
        }
        for bad in ["H2.59", "H25.", "H25-", "A02-P", "H25..9", "25.9", "CJE20", "H259.1", "Å259"] {
            assert_eq!(read(bad), Reading::Unreadable(code::FELFORMAT), "{bad}");
        }
        assert_eq!(read_dotted("H25.9"), Reading::Clean("H25.9".into()));
        assert_eq!(read_dotted("h259"), Reading::Repaired("H25.9".into()));
        assert_eq!(read_dotted("H25"), Reading::Clean("H25".into()));
    }

    #[test]
    fn every_real_code_fits() {
        let Some(table) = crate::identifier::real::text("kodlistor/icd10se.tsv") else { return };
        let codes: Vec<&str> = table.lines().skip(1).filter_map(|l| l.split('\t').next()).collect();
        assert!(codes.len() > 33_000);
        assert_eq!(codes.iter().filter(|c| !is_icd10(c)).count(), 0);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = (read(&text), read_dotted(&text), display(&text));
        }
    }
}
