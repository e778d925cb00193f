//! Swedish post codes: five digits, 100 00–989 99.

use std::borrow::Cow;

use super::code::as_it_stood;
use crate::reading::Reading;
use crate::value::typography::{Short, all_digits, is_blank, is_hyphen, trim};

/// Not a Swedish post code.
pub const FELAKTIGT: &str = "felaktigt_postnummer";

/// Reads a post code as five digits: `41345`. The printed form (`413 45`) and a country prefix
/// (`SE-413 45`, `S-41345`) are repairs; fails with `felaktigt_postnummer`.
pub fn read(text: &str) -> Reading<Cow<'_, str>> {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return Reading::Empty;
    }
    if is_postnummer(trimmed) {
        return as_it_stood(text, trimmed);
    }
    let mut digits = Short::<5>::new();
    let number = trimmed.trim_start_matches(['S', 's', 'E', 'e']);
    let country = trimmed.get(..trimmed.len() - number.len()).unwrap_or_default();
    let good = (country.is_empty() || country.eq_ignore_ascii_case("S") || country.eq_ignore_ascii_case("SE"))
        && number.chars().all(|c| is_blank(c) || is_hyphen(c) || digits.push(c));
    if good && is_postnummer(digits.text()) {
        Reading::Repaired(Cow::Owned(digits.text().to_owned()))
    } else {
        Reading::Unreadable(FELAKTIGT)
    }
}

/// Whether `code` is five digits of the Swedish series.
pub fn is_postnummer(code: &str) -> bool {
    code.len() == 5 && all_digits(code.as_bytes()) && ("10000"..="98999").contains(&code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identifier::real;

    #[test]
    fn printed_and_stored_forms() {
        assert!(matches!(read("41345"), Reading::Clean(Cow::Borrowed("41345"))));
        for typed in ["413 45", " 41345", "413\u{a0}45", "SE-41345", "SE-413 45", "S-413 45", "se 41345", "S 413 45"] {
            assert_eq!(read(typed), Reading::Repaired("41345".into()), "{typed}");
        }
        for bad in
            ["4134", "413456", "01345", "99999", "4134A", "NO-41345", "Göteborg", "413 45 Göteborg", "ES-41345", "-"]
        {
            assert_eq!(read(bad), Reading::Unreadable(FELAKTIGT), "{bad}");
        }
        assert_eq!(read(""), Reading::Empty);
    }

    #[test]
    fn every_real_code_reads_clean() {
        let Some(table) = real::text("postnummer/postnummer.csv") else { return };
        let codes: Vec<&str> =
            table.lines().filter_map(|l| l.split(';').next()).filter(|c| all_digits(c.as_bytes())).collect();
        assert!(codes.len() > 10_000, "{}", codes.len());
        assert_eq!(codes.iter().filter(|c| !matches!(read(c), Reading::Clean(_))).count(), 0);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = read(&text);
        }
    }
}
