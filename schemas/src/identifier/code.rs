//! Codes of any system: blanks off, upper case.

use std::borrow::Cow;

use crate::reading::Reading;
use crate::value::typography::trim;

/// Not a code of the form that its system has.
pub const FELFORMAT: &str = "kod_felformat";

/// Reads a code: trimmed (also of no-break spaces) and in upper case; either is a repair.
pub fn read(text: &str) -> Reading<Cow<'_, str>> {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        Reading::Empty
    } else if trimmed.is_ascii() {
        if trimmed.bytes().any(|b| b.is_ascii_lowercase()) {
            Reading::Repaired(Cow::Owned(trimmed.to_ascii_uppercase()))
        } else {
            as_it_stood(text, trimmed)
        }
    } else if trimmed.chars().any(char::is_lowercase) {
        Reading::Repaired(Cow::Owned(trimmed.to_uppercase()))
    } else {
        as_it_stood(text, trimmed)
    }
}

/// `trimmed` as the canonical form of `text`: clean where nothing had to be trimmed.
pub(crate) fn as_it_stood<'a>(text: &str, trimmed: &'a str) -> Reading<Cow<'a, str>> {
    if trimmed.len() == text.len() {
        Reading::Clean(Cow::Borrowed(trimmed))
    } else {
        Reading::Repaired(Cow::Borrowed(trimmed))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn trims_and_folds() {
        assert!(matches!(read("51101"), Reading::Clean(Cow::Borrowed("51101"))));
        assert!(matches!(read("511  "), Reading::Repaired(Cow::Borrowed("511"))));
        assert_eq!(read("\u{a0}xs915").value().as_deref(), Some("XS915"));
        assert_eq!(read("öv").value().as_deref(), Some("ÖV"));
        assert_eq!(read("\u{a0} "), Reading::Empty);
    }

    proptest! {
        #[test]
        fn never_panics_and_settles(text in "\\PC*") {
            if let Some(once) = read(&text).value() {
                let twice = read(&once).value();
                prop_assert!(twice.is_some());
            }
        }
    }
}
