//! KVÅ, Socialstyrelsen's classification of care measures: KKÅ (`CJE20`) and KMÅ (`AA012`).

use std::borrow::Cow;

use super::code;
use crate::reading::Reading;
use crate::value::typography::is_blank;

/// Reads a KVÅ code. Blanks (also inside) and case are repairs; fails with `kod_felformat`.
pub fn read(text: &str) -> Reading<Cow<'_, str>> {
    if is_kva(text) {
        return Reading::Clean(Cow::Borrowed(text));
    }
    match code::read(text) {
        Reading::Clean(c) | Reading::Repaired(c) if is_kva(&c) => Reading::Repaired(c),
        Reading::Clean(c) | Reading::Repaired(c) if c.len() <= 16 => {
            let closed: String = c.chars().filter(|c| !is_blank(*c)).collect();
            if is_kva(&closed) { Reading::Repaired(Cow::Owned(closed)) } else { Reading::Unreadable(code::FELFORMAT) }
        }
        Reading::Empty => Reading::Empty,
        _ => Reading::Unreadable(code::FELFORMAT),
    }
}

/// Whether `code` has the form of a KVÅ code: three letters and two digits, or two and three.
pub fn is_kva(code: &str) -> bool {
    let [first, second, third, tail @ ..] = code.as_bytes() else { return false };
    first.is_ascii_uppercase()
        && second.is_ascii_uppercase()
        && (third.is_ascii_uppercase() || third.is_ascii_digit())
        && tail.len() == 2
        && tail.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cataract_codes_and_measures() {
        for good in ["CJC00", "CJE20", "CJE99", "JAB41", "AA012", "NGB59"] {
            assert!(matches!(read(good), Reading::Clean(Cow::Borrowed(_))), "{good}");
        }
        for typed in ["cje20", " CJE20", "CJE20\u{a0}", "CJE 20", "Cje\u{2009}20"] {
            assert_eq!(read(typed), Reading::Repaired("CJE20".into()), "{typed}");
        }
        for bad in ["CJE2", "CJE2O", "C0E20", "CJEE0", "12345", "CJE20 CJE15", "ÅJE20"] {
            assert_eq!(read(bad), Reading::Unreadable(code::FELFORMAT), "{bad}");
        }
        assert_eq!(read(""), Reading::Empty);
    }

    #[test]
    fn every_real_code_fits() {
        let Some(table) = crate::identifier::real::text("kodlistor/kva.tsv") else { return };
        let codes: Vec<&str> = table.lines().skip(1).filter_map(|l| l.split('\t').next()).collect();
        assert_eq!(codes.len(), 10_552);
        assert_eq!(codes.iter().filter(|c| !is_kva(c)).count(), 0);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = read(&text);
        }
    }
}
